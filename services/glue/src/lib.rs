//! AWS Glue: the Data Catalog, the crawlers that fill it, and the Schema Registry.
//!
//! API reference: <https://docs.aws.amazon.com/glue/latest/webapi/WebAPI_Welcome.html>. Each account has one catalog in a
//! Region; databases hold tables and functions, tables hold partitions, versions, indexes and statistics. What a database
//! or table holds is kept under an id that is its own, so that nothing of it can be reached once it is deleted.

mod catalog;
mod classifier;
mod connection;
mod crawler;
mod database;
mod descriptor;
mod encryption;
mod errors;
mod event;
mod function;
mod import;
mod index;
mod lake;
mod link;
mod orphan;
mod page;
mod partition;
mod policy;
mod registry;
mod statistics;
mod table;
mod tags;

use welkin_kernel::Service;

/// As whom the service works.
const PRINCIPAL: &str = "glue.amazonaws.com";

/// The service: its operations, jobs and errors.
pub fn service() -> Service {
    let service = Service::new("glue")
        .errors(errors::ERRORS)
        .tables(lake::Tables)
        .job::<orphan::Clear>()
        .job::<index::Backfill>()
        .job::<crawler::run::Run>()
        .job::<crawler::schedule::Tick>();
    crawlers(registries(catalogs(functions(partitions(tables(service))))))
}

fn registries(service: Service) -> Service {
    use registry::{change, clear, create, get, schema, version};
    service
        .job::<clear::Clear>()
        .job::<version::judge::Judge>()
        .operation::<create::CreateRegistry>()
        .operation::<get::GetRegistry>()
        .operation::<get::ListRegistries>()
        .operation::<change::UpdateRegistry>()
        .operation::<change::DeleteRegistry>()
        .operation::<schema::create::CreateSchema>()
        .operation::<schema::get::GetSchema>()
        .operation::<schema::get::ListSchemas>()
        .operation::<schema::update::UpdateSchema>()
        .operation::<schema::delete::DeleteSchema>()
        .operation::<version::register::RegisterSchemaVersion>()
        .operation::<version::find::GetSchemaVersion>()
        .operation::<version::find::GetSchemaByDefinition>()
        .operation::<version::list::ListSchemaVersions>()
        .operation::<version::delete::DeleteSchemaVersions>()
        .operation::<version::diff::GetSchemaVersionsDiff>()
        .operation::<version::check::CheckSchemaVersionValidity>()
        .operation::<version::metadata::PutSchemaVersionMetadata>()
        .operation::<version::metadata::RemoveSchemaVersionMetadata>()
        .operation::<version::metadata::QuerySchemaVersionMetadata>()
}

fn tables(service: Service) -> Service {
    service
        .operation::<database::create::CreateDatabase>()
        .operation::<database::get::GetDatabase>()
        .operation::<database::get::GetDatabases>()
        .operation::<database::update::UpdateDatabase>()
        .operation::<database::delete::DeleteDatabase>()
        .operation::<table::create::CreateTable>()
        .operation::<table::get::GetTable>()
        .operation::<table::unfiltered::GetUnfilteredTableMetadata>()
        .operation::<table::list::GetTables>()
        .operation::<table::search::SearchTables>()
        .operation::<table::update::UpdateTable>()
        .operation::<table::delete::DeleteTable>()
        .operation::<table::delete::BatchDeleteTable>()
        .operation::<table::version::GetTableVersion>()
        .operation::<table::version::GetTableVersions>()
        .operation::<table::version::DeleteTableVersion>()
        .operation::<table::version::BatchDeleteTableVersion>()
}

fn partitions(service: Service) -> Service {
    service
        .operation::<partition::create::CreatePartition>()
        .operation::<partition::create::BatchCreatePartition>()
        .operation::<partition::get::GetPartition>()
        .operation::<partition::get::BatchGetPartition>()
        .operation::<partition::list::GetPartitions>()
        .operation::<partition::update::UpdatePartition>()
        .operation::<partition::update::BatchUpdatePartition>()
        .operation::<partition::delete::DeletePartition>()
        .operation::<partition::delete::BatchDeletePartition>()
        .operation::<index::CreatePartitionIndex>()
        .operation::<index::GetPartitionIndexes>()
        .operation::<index::DeletePartitionIndex>()
        .operation::<statistics::table::UpdateColumnStatisticsForTable>()
        .operation::<statistics::table::GetColumnStatisticsForTable>()
        .operation::<statistics::table::DeleteColumnStatisticsForTable>()
        .operation::<statistics::partition::UpdateColumnStatisticsForPartition>()
        .operation::<statistics::partition::GetColumnStatisticsForPartition>()
        .operation::<statistics::partition::DeleteColumnStatisticsForPartition>()
}

fn functions(service: Service) -> Service {
    service
        .operation::<function::CreateUserDefinedFunction>()
        .operation::<function::GetUserDefinedFunction>()
        .operation::<function::GetUserDefinedFunctions>()
        .operation::<function::UpdateUserDefinedFunction>()
        .operation::<function::DeleteUserDefinedFunction>()
        .operation::<connection::create::CreateConnection>()
        .operation::<connection::get::GetConnection>()
        .operation::<connection::get::GetConnections>()
        .operation::<connection::update::UpdateConnection>()
        .operation::<connection::delete::DeleteConnection>()
        .operation::<connection::delete::BatchDeleteConnection>()
}

fn catalogs(service: Service) -> Service {
    service
        .operation::<encryption::PutDataCatalogEncryptionSettings>()
        .operation::<encryption::GetDataCatalogEncryptionSettings>()
        .operation::<policy::PutResourcePolicy>()
        .operation::<policy::GetResourcePolicy>()
        .operation::<policy::DeleteResourcePolicy>()
        .operation::<policy::GetResourcePolicies>()
        .operation::<import::ImportCatalogToGlue>()
        .operation::<import::GetCatalogImportStatus>()
        .operation::<tags::TagResource>()
        .operation::<tags::UntagResource>()
        .operation::<tags::GetTags>()
}

fn crawlers(service: Service) -> Service {
    service
        .operation::<classifier::create::CreateClassifier>()
        .operation::<classifier::get::GetClassifier>()
        .operation::<classifier::get::GetClassifiers>()
        .operation::<classifier::update::UpdateClassifier>()
        .operation::<classifier::delete::DeleteClassifier>()
        .operation::<crawler::create::CreateCrawler>()
        .operation::<crawler::get::GetCrawler>()
        .operation::<crawler::get::GetCrawlers>()
        .operation::<crawler::get::BatchGetCrawlers>()
        .operation::<crawler::list::ListCrawlers>()
        .operation::<crawler::update::UpdateCrawler>()
        .operation::<crawler::delete::DeleteCrawler>()
        .operation::<crawler::start::StartCrawler>()
        .operation::<crawler::stop::StopCrawler>()
        .operation::<crawler::schedule::UpdateCrawlerSchedule>()
        .operation::<crawler::schedule::StartCrawlerSchedule>()
        .operation::<crawler::schedule::StopCrawlerSchedule>()
        .operation::<crawler::metrics::GetCrawlerMetrics>()
        .operation::<crawler::history::ListCrawls>()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_operation_member_and_error_is_one_that_the_model_knows() {
        let registry = welkin_kernel::Registry::new([super::service()]);
        assert_eq!(registry.faults(), Vec::<String>::new());
    }
}
