//! `PutEventSelectors` and `GetEventSelectors`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::Selectors;
use super::advanced::AdvancedEventSelector;
use super::basic::EventSelector;
use crate::trail::Trail;

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

/// The selectors, of one of the two kinds.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EventSelectorsResponse {
    #[serde(rename = "TrailARN")]
    arn: String,
    event_selectors: Option<Vec<EventSelector>>,
    advanced_event_selectors: Option<Vec<AdvancedEventSelector>>,
}

impl EventSelectorsResponse {
    fn of(trail: Trail) -> Self {
        let arn = trail.arn().into();
        match trail.selectors {
            Selectors::Basic(basic) => Self { arn, event_selectors: Some(basic), advanced_event_selectors: None },
            Selectors::Advanced(advanced) => {
                Self { arn, event_selectors: None, advanced_event_selectors: Some(advanced) }
            }
        }
    }
}

impl Operation for PutEventSelectors {
    const NAME: &'static str = "PutEventSelectors";
    type Output = EventSelectorsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Trail::access(cx, "cloudtrail:PutEventSelectors", &self.trail_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<EventSelectorsResponse> {
        let mut trail = Trail::find_to_change(cx, &self.trail_name).await?;
        trail.selectors = Selectors::of(&self.event_selectors, &self.advanced_event_selectors)?;
        trail.save(cx).await?;
        Ok(EventSelectorsResponse::of(trail))
    }
}

impl Operation for GetEventSelectors {
    const NAME: &'static str = "GetEventSelectors";
    type Output = EventSelectorsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Trail::access(cx, "cloudtrail:GetEventSelectors", &self.trail_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<EventSelectorsResponse> {
        Ok(EventSelectorsResponse::of(Trail::find(cx, &self.trail_name).await?))
    }
}
