//! Amazon Athena: queries on what the Glue Data Catalog describes, as the caller who started them.
//!
//! API reference: <https://docs.aws.amazon.com/athena/latest/APIReference/Welcome.html>.
//!
//! A query is a row ([`execution`]) and a job ([`run`]) that carries it on. What it does in other services it does by
//! their operations, as its caller: reading the catalog and objects, and writing results.

mod capacity;
mod catalog;
mod engine_version;
mod errors;
mod execution;
mod named_query;
mod page;
mod prepared_statement;
mod run;
mod tag;
mod workgroup;

use welkin_kernel::Service;

pub use run::{run_queries_by, set_memory};

/// The service: its operations, jobs and errors.
pub fn service() -> Service {
    let service = Service::new("athena")
        .errors(errors::ERRORS)
        .operation::<execution::start::StartQueryExecution>()
        .operation::<execution::stop::StopQueryExecution>()
        .operation::<execution::get::GetQueryExecution>()
        .operation::<execution::get::BatchGetQueryExecution>()
        .operation::<execution::get::ListQueryExecutions>()
        .operation::<execution::results::GetQueryResults>()
        .operation::<execution::statistics::GetQueryRuntimeStatistics>()
        .operation::<engine_version::ListEngineVersions>()
        .operation::<workgroup::create::CreateWorkGroup>()
        .operation::<workgroup::get::GetWorkGroup>()
        .operation::<workgroup::get::ListWorkGroups>()
        .operation::<workgroup::update::UpdateWorkGroup>()
        .operation::<workgroup::delete::DeleteWorkGroup>()
        .operation::<tag::TagResource>()
        .operation::<tag::UntagResource>()
        .operation::<tag::ListTagsForResource>()
        .job::<run::Run>()
        .job::<execution::history::Forget>();
    saved_statements(catalogs(reservations(service)))
}

fn saved_statements(service: Service) -> Service {
    service
        .operation::<named_query::CreateNamedQuery>()
        .operation::<named_query::GetNamedQuery>()
        .operation::<named_query::BatchGetNamedQuery>()
        .operation::<named_query::ListNamedQueries>()
        .operation::<named_query::UpdateNamedQuery>()
        .operation::<named_query::DeleteNamedQuery>()
        .operation::<prepared_statement::CreatePreparedStatement>()
        .operation::<prepared_statement::GetPreparedStatement>()
        .operation::<prepared_statement::BatchGetPreparedStatement>()
        .operation::<prepared_statement::ListPreparedStatements>()
        .operation::<prepared_statement::UpdatePreparedStatement>()
        .operation::<prepared_statement::DeletePreparedStatement>()
}

fn catalogs(service: Service) -> Service {
    service
        .operation::<catalog::manage::CreateDataCatalog>()
        .operation::<catalog::manage::GetDataCatalog>()
        .operation::<catalog::manage::ListDataCatalogs>()
        .operation::<catalog::manage::UpdateDataCatalog>()
        .operation::<catalog::manage::DeleteDataCatalog>()
        .operation::<catalog::metadata::GetDatabase>()
        .operation::<catalog::metadata::ListDatabases>()
        .operation::<catalog::metadata::GetTableMetadata>()
        .operation::<catalog::metadata::ListTableMetadata>()
}

fn reservations(service: Service) -> Service {
    service
        .operation::<capacity::CreateCapacityReservation>()
        .operation::<capacity::GetCapacityReservation>()
        .operation::<capacity::ListCapacityReservations>()
        .operation::<capacity::UpdateCapacityReservation>()
        .operation::<capacity::CancelCapacityReservation>()
        .operation::<capacity::DeleteCapacityReservation>()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_operation_member_and_error_is_one_that_the_model_knows() {
        let registry = welkin_kernel::Registry::new([super::service()]);
        assert_eq!(registry.faults(), Vec::<String>::new());
    }
}
