//! Roles that are linked to a service: made, trusted and emptied by it alone.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html>

mod catalog;
mod create;
mod delete;

pub(crate) use create::CreateServiceLinkedRole;
pub(crate) use delete::{DeleteServiceLinkedRole, Deletion, GetServiceLinkedRoleDeletionStatus};

/// The path of the roles of a service.
fn path(service: &str) -> String {
    format!("/aws-service-role/{service}/")
}
