//! S3PutObjectAcl, and grants.

use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{Map, Result};

use super::value;
use crate::control::errors::InvalidRequest;

/// Sets the access control list of every object.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_S3SetObjectAclOperation.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct S3PutObjectAcl {
    access_control_policy: Option<S3AccessControlPolicy>,
}

/// A canned list, or one of grants.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct S3AccessControlPolicy {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access_control_list: Option<S3AccessControlList>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    canned_access_control_list: Option<String>,
}

/// Grants, and the owner of the objects.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct S3AccessControlList {
    owner: S3ObjectOwner,
    #[serde(default)]
    grants: Vec<S3Grant>,
}

/// The owner.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct S3ObjectOwner {
    #[serde(rename = "ID", default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

/// A grant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct S3Grant {
    grantee: Option<S3Grantee>,
    permission: Option<String>,
}

/// Who is granted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct S3Grantee {
    type_identifier: Option<String>,
    identifier: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
}

impl S3Grant {
    /// Its kind of grantee, the grantee, and what is granted.
    ///
    /// # Errors
    /// `InvalidRequest`
    fn parts(&self) -> Result<(&str, &str, &str)> {
        let grantee = self.grantee.as_ref();
        let kind = grantee.and_then(|grantee| grantee.type_identifier.as_deref());
        let identifier = grantee.and_then(|grantee| grantee.identifier.as_deref());
        match (kind, identifier, self.permission.as_deref()) {
            (Some(kind), Some(identifier), Some(permission)) => Ok((kind, identifier, permission)),
            // UNVERIFIED: the wording.
            _ => Err(InvalidRequest::because("Access control grants must have a grantee and a permission")),
        }
    }
}

/// Grants as the headers of S3 have them, by the names of their members.
///
/// # Errors
/// `InvalidRequest`
pub(super) fn grant_headers(grants: &[S3Grant]) -> Result<Vec<(&'static str, String)>> {
    let mut headers: Vec<(&'static str, String)> = Vec::new();
    for grant in grants {
        let (kind, identifier, permission) = grant.parts()?;
        let name = match permission {
            "FULL_CONTROL" => "GrantFullControl",
            "READ" => "GrantRead",
            "READ_ACP" => "GrantReadACP",
            "WRITE_ACP" => "GrantWriteACP",
            // UNVERIFIED: the wording; objects cannot be written to by a grant of their own.
            _ => return Err(InvalidRequest::because("WRITE is not a permission of objects")),
        };
        let grantee = format!("{kind}=\"{identifier}\"");
        match headers.iter_mut().find(|(other, _)| *other == name) {
            Some((_, grantees)) => *grantees = format!("{grantees}, {grantee}"),
            None => headers.push((name, grantee)),
        }
    }
    Ok(headers)
}

impl S3PutObjectAcl {
    /// A canned list or grants, but not both.
    ///
    /// # Errors
    /// `InvalidRequest`
    // UNVERIFIED: the wording.
    pub(super) fn check(&self) -> Result<()> {
        let policy = self.access_control_policy.as_ref();
        let canned = policy.and_then(|policy| policy.canned_access_control_list.as_ref());
        let list = policy.and_then(|policy| policy.access_control_list.as_ref());
        match (canned, list) {
            (Some(_), None) => Ok(()),
            (None, Some(list)) => list.grants.iter().try_for_each(|grant| grant.parts().map(drop)),
            _ => Err(InvalidRequest::because("Exactly one of a canned ACL and an access control list is required")),
        }
    }

    /// Says it in the input of PutObjectAcl.
    pub(super) fn add_to(&self, input: &mut Map) -> Result<()> {
        let Some(policy) = &self.access_control_policy else { return Ok(()) };
        if let Some(canned) = &policy.canned_access_control_list {
            input.insert("ACL", canned.clone());
        }
        let Some(list) = &policy.access_control_list else { return Ok(()) };
        let mut grants = Vec::with_capacity(list.grants.len());
        for grant in &list.grants {
            let (kind, identifier, permission) = grant.parts()?;
            let grantee = match kind {
                "id" => json!({ "Type": "CanonicalUser", "ID": identifier }),
                "uri" => json!({ "Type": "Group", "URI": identifier }),
                _ => json!({ "Type": "AmazonCustomerByEmail", "EmailAddress": identifier }),
            };
            grants.push(json!({ "Grantee": grantee, "Permission": permission }));
        }
        let owner = json!({ "ID": list.owner.id });
        input.insert("AccessControlPolicy", value(&json!({ "Owner": owner, "Grants": grants }))?);
        Ok(())
    }
}
