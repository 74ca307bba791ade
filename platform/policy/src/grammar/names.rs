//! The form of actions, resources and condition keys.

use super::{LEGACY, Reader, Text};
use crate::diagnostics::DiagnosticCode;
use crate::document::DocumentKind;
use crate::json::Member;

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

/// IAM's answer to an action or a condition key without its service.
const NO_VENDOR: &str = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";

impl Reader<'_> {
    /// `*`, or `vendor:name` with wildcards in the name.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>
    pub(super) fn check_action(&mut self, action: &Text) {
        if self.kind == DocumentKind::Trust {
            if !action.value.to_ascii_lowercase().starts_with("sts:") {
                let message = "AssumeRole policy may only specify STS AssumeRole actions.";
                self.report(DiagnosticCode::InvalidAction, message, action.value.clone(), action.span.clone());
            }
            return;
        }
        if action.value == "*" {
            return;
        }
        let message = match action.value.split_once(':') {
            None => NO_VENDOR.to_owned(),
            Some((_, name)) if name.contains(':') => "Actions/Condition can contain only one colon.".to_owned(),
            Some((vendor, _)) if !is_vendor(vendor) && vendor != "*" => format!("Vendor {vendor} is not valid"),
            Some((_, "")) => LEGACY.to_owned(),
            Some(_) => return,
        };
        self.report(DiagnosticCode::InvalidAction, message, action.value.clone(), action.span.clone());
    }

    /// `*`, or an ARN with wildcards after its service.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
    pub(super) fn check_resource(&mut self, resource: &Text) {
        let arn = resource.value.as_str();
        if arn == "*" {
            return;
        }
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let (code, message) = match parts.as_slice() {
            ["arn", partition, ..] if !is_partition(partition) => {
                let message = format!("Partition \"{partition}\" is not valid for resource \"{arn}\".");
                (DiagnosticCode::InvalidPartition, message)
            }
            ["arn", _, vendor, ..] if vendor.contains(['*', '?']) && parts.len() > 3 => {
                let message = "Resource vendor must be fully qualified and cannot contain regexes.";
                (DiagnosticCode::InvalidResource, message.to_owned())
            }
            ["arn", _, "iam", region, ..] if !region.is_empty() && !region.contains('*') => {
                let message = format!("IAM resource {arn} cannot contain region information.");
                (DiagnosticCode::InvalidResource, message)
            }
            ["arn", _, _, _, _, _] => return,
            // A wildcard at the end stands for the fields that are missing.
            ["arn", ..] if arn.ends_with('*') => return,
            ["arn", ..] => (DiagnosticCode::InvalidResource, LEGACY.to_owned()),
            _ => (DiagnosticCode::InvalidResource, format!("Resource {arn} must be in ARN format or \"*\".")),
        };
        self.report(code, message, arn, resource.span.clone());
    }

    /// `vendor:name`; the name may hold anything (`aws:RequestTag/a:b`, `accounts.google.com:aud`).
    pub(super) fn check_condition_key(&mut self, key: &Member) {
        if !key.key.contains(':') {
            self.report(DiagnosticCode::InvalidConditionKey, NO_VENDOR, key.key.clone(), key.key_span.clone());
        }
    }
}

fn is_vendor(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_partition(text: &str) -> bool {
    PARTITIONS.contains(&text) || text.contains('*')
}
