//! Permissions of grants, and the session policies that they become.

use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::Partition;

use super::scope::Scope;

/// What a grant permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Permission {
    Read,
    Write,
    #[serde(rename = "READWRITE")]
    ReadWrite,
}

/// What reading and writing take, as the guide has it for the roles of locations.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-location-register.html>
const READING: [&str; 5] =
    ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectAcl", "s3:GetObjectVersionAcl", "s3:ListMultipartUploadParts"];
const WRITING: [&str; 6] = [
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:PutObjectVersionAcl",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:AbortMultipartUpload",
];

impl Permission {
    /// As the API has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Read => "READ",
            Self::Write => "WRITE",
            Self::ReadWrite => "READWRITE",
        }
    }

    fn reads(self) -> bool {
        self != Self::Write
    }

    fn writes(self) -> bool {
        self != Self::Read
    }

    /// Whether what is asked for is permitted.
    pub(super) fn covers(self, asked: Self) -> bool {
        (self.reads() || !asked.reads()) && (self.writes() || !asked.writes())
    }

    /// The session policy that permits it, and no more, in a scope.
    // UNVERIFIED: the policies that AWS makes; that they permit what the guide says is what is meant.
    pub(super) fn policy(self, scope: &Scope, partition: Partition) -> Option<String> {
        let (bucket, objects) = scope.arns(partition)?;
        let mut actions: Vec<&str> = Vec::new();
        let mut keys = vec!["kms:Decrypt"];
        if self.reads() {
            actions.extend(READING);
        }
        if self.writes() {
            actions.extend(WRITING);
            keys.push("kms:GenerateDataKey");
        }
        let mut statements = vec![
            json!({ "Effect": "Allow", "Action": actions, "Resource": objects }),
            json!({ "Effect": "Allow", "Action": keys, "Resource": "*" }),
        ];
        if self.reads() && !scope.is_object {
            let listed = json!({ "StringLike": { "s3:prefix": [format!("{}*", scope.prefix)] } });
            let listing = json!({ "Effect": "Allow", "Action": "s3:ListBucket", "Resource": bucket });
            statements.push(match scope.prefix.is_empty() {
                true => listing,
                false => {
                    json!({ "Effect": "Allow", "Action": "s3:ListBucket", "Resource": bucket, "Condition": listed })
                }
            });
        }
        Some(json!({ "Version": "2012-10-17", "Statement": statements }).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::Permission::*;

    #[test]
    fn who_may_read_and_write_may_do_either() {
        for (granted, asked, covered) in [
            (Read, Read, true),
            (Read, Write, false),
            (Read, ReadWrite, false),
            (Write, Write, true),
            (Write, Read, false),
            (ReadWrite, Read, true),
            (ReadWrite, Write, true),
            (ReadWrite, ReadWrite, true),
        ] {
            assert_eq!(granted.covers(asked), covered, "{granted:?} {asked:?}");
        }
    }
}
