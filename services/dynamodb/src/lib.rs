//! Amazon DynamoDB: tables and their items.
//!
//! API reference: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/Welcome.html>.
//! How the items lie in the store is told at the top of [`item`].

mod attribute;
mod capacity;
mod errors;
mod item;
mod reach;
mod table;

use welkin_kernel::Service;

/// The service: its operations, jobs and errors.
pub fn service() -> Service {
    Service::new("dynamodb")
        .errors(errors::ERRORS)
        .operation::<table::create::CreateTable>()
        .operation::<table::delete::DeleteTable>()
        .operation::<table::find::DescribeTable>()
        .operation::<table::find::ListTables>()
        .operation::<item::get::GetItem>()
        .operation::<item::write::PutItem>()
        .operation::<item::write::UpdateItem>()
        .operation::<item::write::DeleteItem>()
        .operation::<item::query::Query>()
        .operation::<item::scan::Scan>()
        .job::<table::create::Activate>()
        .job::<table::delete::Clear>()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_operation_member_and_error_is_one_that_the_model_knows() {
        let registry = welkin_kernel::Registry::new([super::service()]);
        assert_eq!(registry.faults(), Vec::<String>::new());
    }
}
