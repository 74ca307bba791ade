//! AWS Lake Formation: who may see and read which databases, tables, columns and rows of the Data Catalog.
//!
//! API reference: <https://docs.aws.amazon.com/lake-formation/latest/APIReference/Welcome.html>. What is granted is kept
//! here; Glue and Athena go by it through the port [`DataLake`](welkin_kernel::DataLake), and Lake Formation learns of
//! databases and tables through [`TableCatalog`](welkin_kernel::TableCatalog).

mod credentials;
mod errors;
mod filter;
mod grant;
mod location;
mod opt_in;
mod page;
mod principal;
mod resource;
mod rights;
mod settings;
mod tag;

use welkin_kernel::Service;

/// The service: its operations and errors.
pub fn service() -> Service {
    let service = Service::new("lakeformation").errors(errors::ERRORS).lake(rights::Lake);
    tags(filters(grants(locations(service))))
}

fn locations(service: Service) -> Service {
    service
        .operation::<settings::PutDataLakeSettings>()
        .operation::<settings::GetDataLakeSettings>()
        .operation::<settings::GetDataLakePrincipal>()
        .operation::<location::RegisterResource>()
        .operation::<location::UpdateResource>()
        .operation::<location::DeregisterResource>()
        .operation::<location::DescribeResource>()
        .operation::<location::ListResources>()
        .operation::<credentials::GetTemporaryGlueTableCredentials>()
}

fn grants(service: Service) -> Service {
    service
        .operation::<grant::change::GrantPermissions>()
        .operation::<grant::change::RevokePermissions>()
        .operation::<grant::batch::BatchGrantPermissions>()
        .operation::<grant::batch::BatchRevokePermissions>()
        .operation::<grant::list::ListPermissions>()
        .operation::<grant::list::GetEffectivePermissionsForPath>()
        .operation::<opt_in::CreateLakeFormationOptIn>()
        .operation::<opt_in::DeleteLakeFormationOptIn>()
        .operation::<opt_in::ListLakeFormationOptIns>()
}

fn filters(service: Service) -> Service {
    service
        .operation::<filter::CreateDataCellsFilter>()
        .operation::<filter::UpdateDataCellsFilter>()
        .operation::<filter::GetDataCellsFilter>()
        .operation::<filter::DeleteDataCellsFilter>()
        .operation::<filter::ListDataCellsFilter>()
}

fn tags(service: Service) -> Service {
    service
        .operation::<tag::CreateLFTag>()
        .operation::<tag::GetLFTag>()
        .operation::<tag::ListLFTags>()
        .operation::<tag::UpdateLFTag>()
        .operation::<tag::DeleteLFTag>()
        .operation::<tag::assign::AddLFTagsToResource>()
        .operation::<tag::assign::RemoveLFTagsFromResource>()
        .operation::<tag::assign::GetResourceLFTags>()
        .operation::<tag::search::SearchDatabasesByLFTags>()
        .operation::<tag::search::SearchTablesByLFTags>()
        .operation::<tag::named::CreateLFTagExpression>()
        .operation::<tag::named::UpdateLFTagExpression>()
        .operation::<tag::named::GetLFTagExpression>()
        .operation::<tag::named::DeleteLFTagExpression>()
        .operation::<tag::named::ListLFTagExpressions>()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_operation_member_and_error_is_one_that_the_model_knows() {
        let registry = welkin_kernel::Registry::new([super::service()]);
        assert_eq!(registry.faults(), Vec::<String>::new());
    }
}
