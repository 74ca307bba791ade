//! Which services an entity may use, and when it used them last:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html>.
//!
//! A report is made when it is asked for, from what the chain of every call has noted, and stays as it is.

mod generate;
mod show;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Key, Resource, Result, Scope, Timestamp};

use crate::entity::Kind;
use crate::errors::NoSuchEntityException;

pub(crate) use generate::GenerateServiceLastAccessedDetails;
pub(crate) use show::{GetServiceLastAccessedDetails, GetServiceLastAccessedDetailsWithEntities};

/// What a report tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Granularity {
    ServiceLevel,
    ActionLevel,
}

/// A report.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Report {
    id: String,
    granularity: Granularity,
    made: Timestamp,
    services: Vec<Service>,
    /// Who may use the policies that it is of.
    users: Vec<Accessor>,
}

impl Resource for Report {
    const KIND: &'static str = "iam/last-accessed-report";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        (&self.id).into_key()
    }
}

/// A service that may be used.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Service {
    namespace: String,
    /// Uses of it, of each accessor and action the last.
    uses: Vec<Access>,
}

/// A use of a service.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Access {
    /// Which of the report's users.
    by: usize,
    action: String,
    region: String,
    at: Timestamp,
}

/// A user or role that may use the services.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Accessor {
    kind: Kind,
    id: String,
    name: String,
    path: String,
    arn: String,
}

impl Service {
    /// The last use of all.
    fn last(&self) -> Option<&Access> {
        self.uses.iter().max_by_key(|used| used.at)
    }
}

async fn report(cx: &mut Cx, id: &str) -> Result<Report> {
    let missing = || NoSuchEntityException::because(format!("Job {id} cannot be found."));
    cx.get::<Report>(cx.here(), id).await?.ok_or_else(missing)
}
