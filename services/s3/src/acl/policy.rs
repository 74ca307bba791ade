//! What lists grant, written as policies, so that the one authorisation decides over them too.

use serde_json::{Value, json};

use super::{Acl, Grant, Grantee, Group, Permission, User};

/// What a list hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    Bucket,
    Object,
}

impl Acl {
    /// The policy that grants what the list does; `None` if it grants nothing but to the account that is the owner,
    /// whose own policies decide. `ignore_public` leaves out what is public.
    ///
    /// Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#acl-access-policy-permission-mapping>
    pub(crate) fn policy(&self, on: On, owner: User, ignore_public: bool) -> Option<String> {
        let counts = |grant: &&Grant| {
            let own = owner.account().is_some() && grant.grantee == Grantee::User(owner);
            !(own || ignore_public && grant.is_public())
        };
        let counted = self.0.iter().filter(counts).enumerate();
        let statements: Vec<Value> = counted.filter_map(|(n, grant)| statement(grant, on, n)).collect();
        let policy = json!({ "Version": "2012-10-17", "Statement": statements });
        (!statements.is_empty()).then(|| policy.to_string())
    }
}

/// A policy by which one may do something.
pub(crate) fn granting(user: User, actions: &[&str]) -> String {
    let grantee = principal(Grantee::User(user));
    let statement = json!({ "Effect": "Allow", "Principal": grantee, "Action": actions, "Resource": "*" });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

fn statement(grant: &Grant, on: On, number: usize) -> Option<Value> {
    let actions = actions(grant.permission, on);
    if actions.is_empty() {
        return None;
    }
    let mut statement = json!({
        "Sid": format!("{}{number}", grant.permission.name().replace('_', "")),
        "Effect": "Allow",
        "Principal": principal(grant.grantee),
        "Action": actions,
        "Resource": "*",
    });
    if grant.grantee == Grantee::Group(Group::AuthenticatedUsers) {
        // Neither those without a signature nor services have an account.
        statement["Condition"] = json!({ "Null": { "aws:PrincipalAccount": "false" } });
    }
    Some(statement)
}

fn principal(grantee: Grantee) -> Value {
    match grantee {
        Grantee::User(User::Ec2) => json!({ "Service": "ec2.amazonaws.com" }),
        Grantee::User(user) => json!({ "CanonicalUser": user.id() }),
        Grantee::Group(Group::AllUsers | Group::AuthenticatedUsers) => json!("*"),
        Grantee::Group(Group::LogDelivery) => json!({ "Service": "logging.s3.amazonaws.com" }),
    }
}

/// The actions of a permission.
fn actions(permission: Permission, on: On) -> Vec<&'static str> {
    use Permission::{FullControl, Read, ReadAcp, Write, WriteAcp};
    match (permission, on) {
        (Read, On::Bucket) => vec!["s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"],
        (Read, On::Object) => vec!["s3:GetObject", "s3:GetObjectVersion"],
        // Whoever writes an object may delete it, and give it a list of its own: it is the object's owner. Of other
        // objects the list does not speak: see `object::access::to_write`.
        // UNVERIFIED: that it may give it a list at once, without `s3:PutObjectAcl` from the bucket's owner.
        (Write, On::Bucket) => vec!["s3:PutObject", "s3:PutObjectAcl", "s3:DeleteObject"],
        (Write, On::Object) => Vec::new(),
        (ReadAcp, On::Bucket) => vec!["s3:GetBucketAcl"],
        (ReadAcp, On::Object) => vec!["s3:GetObjectAcl", "s3:GetObjectVersionAcl"],
        (WriteAcp, On::Bucket) => vec!["s3:PutBucketAcl"],
        (WriteAcp, On::Object) => vec!["s3:PutObjectAcl", "s3:PutObjectVersionAcl"],
        (FullControl, on) => {
            [Read, Write, ReadAcp, WriteAcp].into_iter().flat_map(|permission| actions(permission, on)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::acl::canned::Canned;
    use welkin_kernel::AccountId;
    use welkin_kernel::policy::{Document, DocumentKind};

    const OWNER: User = User::Account(AccountId::DEFAULT);

    fn policy(canned: &str, on: On, ignore_public: bool) -> Option<String> {
        Canned::by_name(canned).unwrap().of_bucket(OWNER).policy(on, OWNER, ignore_public)
    }

    #[test]
    fn a_list_is_a_policy_of_the_language() {
        for (canned, on) in [
            ("public-read-write", On::Bucket),
            ("public-read", On::Object),
            ("authenticated-read", On::Object),
            ("log-delivery-write", On::Bucket),
            ("aws-exec-read", On::Object),
        ] {
            let policy = policy(canned, on, false).unwrap();
            assert!(Document::parse(&policy, DocumentKind::AccessControlList).is_ok(), "{policy}");
        }
    }

    #[test]
    fn a_list_that_grants_others_nothing_is_none() {
        assert_eq!(policy("private", On::Bucket, false), None);
        assert_eq!(policy("public-read", On::Object, true), None);
        assert_eq!(policy("authenticated-read", On::Object, true), None);
        assert!(policy("log-delivery-write", On::Bucket, true).is_some(), "it is not public");
        assert!(!policy("public-read-write", On::Object, false).unwrap().contains("PutObject\""), "nothing is written");
    }

    #[test]
    fn who_has_no_account_has_the_list_alone() {
        let own = Acl::private(User::Anonymous).policy(On::Object, User::Anonymous, true).unwrap();
        assert!(own.contains("s3:GetObject\"") && own.contains(&User::Anonymous.id()), "{own}");
    }
}
