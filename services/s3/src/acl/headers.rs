//! Grants in headers: `x-amz-grant-read: id="…", uri="…"`.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html>

use welkin_kernel::{Error, Result};

use super::{Grant, Grantee, Group, Permission, User};
use crate::errors::{MethodNotAllowed, invalid_argument};

/// The headers, and what each grants.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Headers<'a> {
    pub(crate) full_control: Option<&'a str>,
    pub(crate) read: Option<&'a str>,
    pub(crate) read_acp: Option<&'a str>,
    pub(crate) write: Option<&'a str>,
    pub(crate) write_acp: Option<&'a str>,
}

impl<'a> Headers<'a> {
    fn all(&self) -> [(&'static str, Permission, Option<&'a str>); 5] {
        [
            ("x-amz-grant-full-control", Permission::FullControl, self.full_control),
            ("x-amz-grant-read", Permission::Read, self.read),
            ("x-amz-grant-read-acp", Permission::ReadAcp, self.read_acp),
            ("x-amz-grant-write", Permission::Write, self.write),
            ("x-amz-grant-write-acp", Permission::WriteAcp, self.write_acp),
        ]
    }

    /// The headers that there are, by their names.
    pub(crate) fn given(&self) -> impl Iterator<Item = (&'static str, &'a str)> {
        self.all().into_iter().filter_map(|(name, _, value)| Some((name, value?)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.given().next().is_none()
    }

    /// The grants.
    ///
    /// # Errors
    /// `InvalidArgument`; `MethodNotAllowed` for grantees by their email address
    pub(crate) fn grants(&self) -> Result<Vec<Grant>> {
        let mut grants = Vec::new();
        for (name, permission, value) in self.all() {
            for part in value.into_iter().flat_map(|value| value.split(',')) {
                grants.push(Grant { grantee: grantee(name, part)?, permission });
            }
        }
        Ok(grants)
    }
}

/// One of the grantees of a header: `type=value`, the value perhaps in quotes.
fn grantee(header: &str, part: &str) -> Result<Grantee> {
    let (kind, value) = part.split_once('=').ok_or_else(|| {
        // UNVERIFIED: the message.
        invalid_argument("Argument format not recognized", header, part.trim())
    })?;
    let value = value.trim();
    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    match kind.trim() {
        kind if kind.eq_ignore_ascii_case("id") => by_id(value),
        kind if kind.eq_ignore_ascii_case("uri") => by_uri(value),
        kind if kind.eq_ignore_ascii_case("emailAddress") => Err(by_email()),
        _ => Err(invalid_argument("Argument format not recognized", header, part.trim())),
    }
}

/// The grantee with a canonical user id.
pub(crate) fn by_id(id: &str) -> Result<Grantee> {
    let user = User::by_id(id).ok_or_else(|| invalid_argument("Invalid id", "CanonicalUser/ID", id))?;
    Ok(Grantee::User(user))
}

/// The group of a URI.
pub(crate) fn by_uri(uri: &str) -> Result<Grantee> {
    let group = Group::by_uri(uri).ok_or_else(|| invalid_argument("Invalid group uri", "Group/URI", uri))?;
    Ok(Grantee::Group(group))
}

/// Grantees by email address are refused since October 2025.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html>
pub(crate) fn by_email() -> Error {
    MethodNotAllowed.into()
}
