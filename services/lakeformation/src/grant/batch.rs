//! Granting and revoking many things at once.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, LakePermission, Operation, Result};

use super::change::{Wish, grant, revoke};
use crate::errors::{ErrorDetail, invalid};
use crate::principal::DataLakePrincipal;
use crate::resource::Resource;

/// Entries of a batch at most.
///
/// Source: <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_BatchGrantPermissions.html>
const MOST: usize = 20;

/// An entry as the API has it.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_BatchPermissionsRequestEntry.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Entry {
    id: String,
    principal: Option<DataLakePrincipal>,
    resource: Option<Resource>,
    permissions: Option<BTreeSet<LakePermission>>,
    permissions_with_grant_option: Option<BTreeSet<LakePermission>>,
    #[serde(skip_serializing)]
    condition: Option<serde::de::IgnoredAny>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EntryFailure {
    request_entry: Entry,
    error: ErrorDetail,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Failures {
    failures: Vec<EntryFailure>,
}

impl Entry {
    fn wish(&self) -> Wish {
        Wish {
            principal: self.principal.clone(),
            resource: self.resource.clone(),
            permissions: self.permissions.clone(),
            permissions_with_grant_option: self.permissions_with_grant_option.clone(),
            condition: self.condition,
        }
    }
}

/// Refuses batches that are too large, or whose entries cannot be told apart.
fn check(entries: &[Entry]) -> Result<()> {
    let ids: BTreeSet<&String> = entries.iter().map(|entry| &entry.id).collect();
    // UNVERIFIED: the wordings.
    if entries.len() > MOST {
        return Err(invalid(format!("A batch has at most {MOST} entries.")));
    }
    match ids.len() == entries.len() {
        true => Ok(()),
        false => Err(invalid("Entries of a batch must have ids of their own.")),
    }
}

/// Grants, entry by entry; those that are refused are told.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_BatchGrantPermissions.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchGrantPermissions {
    catalog_id: Option<String>,
    entries: Vec<Entry>,
}

impl Operation for BatchGrantPermissions {
    const NAME: &'static str = "BatchGrantPermissions";
    type Output = Failures;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:BatchGrantPermissions"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Failures> {
        check(&self.entries)?;
        let mut failures = Vec::new();
        for entry in &self.entries {
            if let Err(error) = grant(cx, self.catalog_id.as_deref(), &entry.wish()).await {
                failures.push(EntryFailure { request_entry: entry.clone(), error: ErrorDetail::of(error)? });
            }
        }
        Ok(Failures { failures })
    }
}

/// Revokes, entry by entry; those that are refused are told.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_BatchRevokePermissions.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchRevokePermissions {
    catalog_id: Option<String>,
    entries: Vec<Entry>,
}

impl Operation for BatchRevokePermissions {
    const NAME: &'static str = "BatchRevokePermissions";
    type Output = Failures;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:BatchRevokePermissions"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Failures> {
        check(&self.entries)?;
        let mut failures = Vec::new();
        for entry in &self.entries {
            if let Err(error) = revoke(cx, self.catalog_id.as_deref(), &entry.wish()).await {
                failures.push(EntryFailure { request_entry: entry.clone(), error: ErrorDetail::of(error)? });
            }
        }
        Ok(Failures { failures })
    }
}
