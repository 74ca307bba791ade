//! Event selectors: which events a trail delivers.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html>
//!
//! Welkin delivers management events. Selectors of data events and advanced ones are refused by name.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, CallRecord, Cx, Operation, Result};

use crate::errors::{InvalidEventSelectorsException, NotImplemented};
use crate::trail::Trail;

/// The selectors of a trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Selectors(Vec<EventSelector>);

/// One selector: events that fit it are delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EventSelector {
    #[serde(default)]
    read_write_type: ReadWriteType,
    #[serde(default = "yes")]
    include_management_events: bool,
    #[serde(default)]
    data_resources: Vec<DataResource>,
    #[serde(default)]
    exclude_management_event_sources: Vec<String>,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum ReadWriteType {
    ReadOnly,
    WriteOnly,
    #[default]
    All,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DataResource {
    #[serde(rename = "Type")]
    kind: Option<String>,
    #[serde(default)]
    values: Vec<String>,
}

/// Selectors of a trail at most: the page above.
const MOST: usize = 5;

/// Sources that may be excluded: PutEventSelectors, ExcludeManagementEventSources.
const EXCLUDABLE: &[&str] = &["kms.amazonaws.com", "rdsdata.amazonaws.com"];

impl Default for Selectors {
    /// All management events.
    fn default() -> Self {
        Self(vec![EventSelector {
            read_write_type: ReadWriteType::All,
            include_management_events: true,
            data_resources: Vec::new(),
            exclude_management_event_sources: Vec::new(),
        }])
    }
}

impl Selectors {
    /// Whether they select management events that read, and ones that write.
    pub(crate) fn management(&self) -> (bool, bool) {
        let any = |kind| {
            self.0
                .iter()
                .any(|it| it.include_management_events && [ReadWriteType::All, kind].contains(&it.read_write_type))
        };
        (any(ReadWriteType::ReadOnly), any(ReadWriteType::WriteOnly))
    }

    /// Whether one of them selects the record.
    pub(crate) fn select(&self, record: &CallRecord) -> bool {
        self.0.iter().any(|selector| selector.selects(&record.source, record.read_only))
    }

    fn check(selectors: &[EventSelector]) -> Result<Self> {
        // UNVERIFIED: the wordings.
        let refuse = |message: String| Err(InvalidEventSelectorsException::because(message));
        if selectors.is_empty() || selectors.len() > MOST {
            return refuse(format!("A trail has between 1 and {MOST} event selectors."));
        }
        for selector in selectors {
            if let Some(resource) = selector.data_resources.first() {
                let kind = resource.kind.as_deref().unwrap_or("no type");
                let message = format!("Welkin does not deliver data events ({kind}) to CloudTrail trails yet.");
                return Err(NotImplemented::because(message));
            }
            let excluded = &selector.exclude_management_event_sources;
            if let Some(source) = excluded.iter().find(|source| !EXCLUDABLE.contains(&source.as_str())) {
                return refuse(format!("Events of {source} cannot be excluded."));
            }
            if !selector.include_management_events && !excluded.is_empty() {
                return refuse("Management events that are not included cannot be excluded.".to_owned());
            }
        }
        Ok(Self(selectors.to_vec()))
    }
}

impl EventSelector {
    fn selects(&self, source: &str, read_only: bool) -> bool {
        let kind = match self.read_write_type {
            ReadWriteType::All => true,
            ReadWriteType::ReadOnly => read_only,
            ReadWriteType::WriteOnly => !read_only,
        };
        let excluded = self.exclude_management_event_sources.iter().any(|excluded| excluded == source);
        self.include_management_events && kind && !excluded
    }
}

/// An advanced selector: refused by name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AdvancedEventSelector {}

/// Says which events a trail delivers.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutEventSelectors {
    trail_name: String,
    #[serde(default)]
    event_selectors: Vec<EventSelector>,
    #[serde(default)]
    advanced_event_selectors: Vec<AdvancedEventSelector>,
}

/// Tells which events a trail delivers.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetEventSelectors {
    trail_name: String,
}

/// The selectors.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EventSelectorsResponse {
    #[serde(rename = "TrailARN")]
    arn: String,
    event_selectors: Vec<EventSelector>,
}

impl Operation for PutEventSelectors {
    const NAME: &'static str = "PutEventSelectors";
    type Output = EventSelectorsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Trail::access(cx, "cloudtrail:PutEventSelectors", &self.trail_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<EventSelectorsResponse> {
        if !self.advanced_event_selectors.is_empty() {
            let message = "Welkin does not implement AdvancedEventSelectors of CloudTrail trails yet.";
            return Err(NotImplemented::because(message));
        }
        let mut trail = Trail::find_at_home(cx, &self.trail_name).await?;
        trail.selectors = Selectors::check(&self.event_selectors)?;
        trail.save(cx).await?;
        Ok(EventSelectorsResponse { arn: trail.arn(cx.account()).into(), event_selectors: trail.selectors.0 })
    }
}

impl Operation for GetEventSelectors {
    const NAME: &'static str = "GetEventSelectors";
    type Output = EventSelectorsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Trail::access(cx, "cloudtrail:GetEventSelectors", &self.trail_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<EventSelectorsResponse> {
        let trail = Trail::find(cx, &self.trail_name).await?;
        Ok(EventSelectorsResponse { arn: trail.arn(cx.account()).into(), event_selectors: trail.selectors.0 })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn selector(json: &str) -> EventSelector {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_selector_tells_reads_from_writes_and_leaves_sources_out() {
        for (json, source, read_only, expected) in [
            ("{}", "kms.amazonaws.com", true, true),
            (r#"{"ReadWriteType":"ReadOnly"}"#, "kms.amazonaws.com", false, false),
            (r#"{"ReadWriteType":"WriteOnly"}"#, "kms.amazonaws.com", false, true),
            (r#"{"IncludeManagementEvents":false}"#, "iam.amazonaws.com", true, false),
            (r#"{"ExcludeManagementEventSources":["kms.amazonaws.com"]}"#, "kms.amazonaws.com", true, false),
            (r#"{"ExcludeManagementEventSources":["kms.amazonaws.com"]}"#, "iam.amazonaws.com", true, true),
        ] {
            assert_eq!(selector(json).selects(source, read_only), expected, "{json} {source} {read_only}");
        }
    }

    #[test]
    fn what_cannot_be_delivered_is_refused_by_name() {
        let data = selector(r#"{"DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3"]}]}"#);
        let refused = Selectors::check(&[data]).unwrap_err();
        assert!(refused.is("NotImplemented") && refused.to_string().contains("AWS::S3::Object"));
        let other = selector(r#"{"ExcludeManagementEventSources":["iam.amazonaws.com"]}"#);
        assert!(Selectors::check(&[other]).is_err_and(|e| e.is("InvalidEventSelectorsException")));
        assert!(Selectors::check(&[]).is_err_and(|e| e.is("InvalidEventSelectorsException")));
    }
}
