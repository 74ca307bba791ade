//! Which services an organization's entity may use by its control policies, and when its accounts used them last:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-view-data-orgs.html>.

mod generate;
mod show;

use serde::{Deserialize, Serialize};
use welkin_kernel::{IntoKey, Key, Resource, Scope, Timestamp};

pub(crate) use generate::GenerateOrganizationsAccessReport;
pub(crate) use show::GetOrganizationsAccessReport;

/// A report.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Report {
    id: String,
    made: Timestamp,
    services: Vec<Service>,
}

impl Resource for Report {
    const KIND: &'static str = "iam/organization-report";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        (&self.id).into_key()
    }
}

/// A service that control policies permit.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Service {
    namespace: String,
    last: Option<Last>,
    /// How many accounts have used it.
    accounts: usize,
}

/// The last use of a service.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Last {
    at: Timestamp,
    region: String,
    /// Path of the account in the organization.
    path: String,
}
