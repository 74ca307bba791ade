//! Labels of versions.
//!
//! Reference: <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-labels.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{access, event};
use crate::errors::ParameterVersionLabelLimitExceeded;
use crate::name::{Address, Selector};

/// Most labels of a version.
const MOST: usize = 10;

/// Labels a version; a label that another version has moves.
///
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_LabelParameterVersion.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LabelParameterVersion {
    name: String,
    parameter_version: Option<u64>,
    labels: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LabelParameterVersionResult {
    invalid_labels: Vec<String>,
    parameter_version: u64,
}

impl Operation for LabelParameterVersion {
    const NAME: &'static str = "LabelParameterVersion";
    type Output = LabelParameterVersionResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, &Address::here(cx, &self.name), "ssm:LabelParameterVersion").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<LabelParameterVersionResult> {
        let address = Address::here(cx, &self.name);
        let mut parameter = address.parameter(cx).await?;
        let selector = self.parameter_version.map(Selector::Version);
        let version = parameter.version(cx, address.place, selector.as_ref()).await?;
        let (labels, invalid_labels): (Vec<String>, Vec<String>) =
            self.labels.iter().cloned().partition(|label| is_label(label));
        for label in labels {
            parameter.labels.insert(label, version.number);
        }
        if parameter.labels_of(version.number).len() > MOST {
            return Err(ParameterVersionLabelLimitExceeded.into());
        }
        cx.put(address.place, &parameter).await?;
        event::changed(cx, address.place, &parameter.name, &version, "LabelParameterVersion").await?;
        Ok(LabelParameterVersionResult { invalid_labels, parameter_version: version.number })
    }
}

/// Whether a text can be a label.
fn is_label(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    let lower = text.to_ascii_lowercase();
    let reserved = lower.starts_with("aws") || lower.starts_with("ssm");
    plain && !reserved && !text.starts_with(|first: char| first.is_ascii_digit())
}

/// Takes labels from a version.
///
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_UnlabelParameterVersion.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UnlabelParameterVersion {
    name: String,
    parameter_version: u64,
    labels: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UnlabelParameterVersionResult {
    removed_labels: Vec<String>,
    invalid_labels: Vec<String>,
}

impl Operation for UnlabelParameterVersion {
    const NAME: &'static str = "UnlabelParameterVersion";
    type Output = UnlabelParameterVersionResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, &Address::here(cx, &self.name), "ssm:UnlabelParameterVersion").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<UnlabelParameterVersionResult> {
        let address = Address::here(cx, &self.name);
        let mut parameter = address.parameter(cx).await?;
        let selector = Selector::Version(self.parameter_version);
        let version = parameter.version(cx, address.place, Some(&selector)).await?;
        let (removed_labels, invalid_labels): (Vec<String>, Vec<String>) =
            self.labels.iter().cloned().partition(|label| parameter.labels.get(label) == Some(&version.number));
        parameter.labels.retain(|label, _| !removed_labels.contains(label));
        cx.put(address.place, &parameter).await?;
        Ok(UnlabelParameterVersionResult { removed_labels, invalid_labels })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_begin_with_no_digit_and_no_reserved_word() {
        assert!(is_label("prod") && is_label("v1.2-x_y"));
        for label in ["1st", "aws-x", "SSM", "a b", "a/b"] {
            assert!(!is_label(label), "{label}");
        }
    }
}
