//! Insight selectors: which Insights a trail gets.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::InsightType;
use crate::errors::{
    InsightNotEnabledException, InvalidInsightSelectorsException, InvalidParameterCombinationException,
    InvalidParameterException, NotImplemented,
};
use crate::trail::Trail;

/// What a trail gets, and since when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Insights {
    pub(crate) selectors: Vec<InsightSelector>,
    /// When it got any after it had none.
    pub(crate) since: Timestamp,
}

impl Insights {
    pub(crate) fn types(&self) -> impl Iterator<Item = InsightType> {
        self.selectors.iter().map(|selector| selector.insight_type)
    }
}

/// A type, and the events that are analysed for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InsightSelector {
    pub(super) insight_type: InsightType,
    #[serde(default = "management")]
    event_categories: Vec<Category>,
}

fn management() -> Vec<Category> {
    vec![Category::Management]
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Category {
    Management,
    Data,
}

/// Turns Insights of a trail on, or off with an empty list.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutInsightSelectors.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutInsightSelectors {
    trail_name: Option<String>,
    insight_selectors: Vec<InsightSelector>,
    event_data_store: Option<String>,
    insights_destination: Option<String>,
}

/// Shows which Insights a trail gets.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetInsightSelectors.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetInsightSelectors {
    trail_name: Option<String>,
    event_data_store: Option<String>,
}

/// The selectors.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InsightSelectorsResponse {
    #[serde(rename = "TrailARN")]
    arn: String,
    insight_selectors: Vec<InsightSelector>,
}

/// The trail that a request names: not an event data store beside it, and not one alone.
// UNVERIFIED: the wordings.
fn trail_name<'a>(trail: Option<&'a str>, event_data_store: Option<&str>) -> Result<&'a str> {
    match (trail, event_data_store) {
        (Some(_), Some(_)) => Err(InvalidParameterCombinationException::because(
            "TrailName cannot be used together with EventDataStore or InsightsDestination.",
        )),
        (Some(trail), None) => Ok(trail),
        (None, Some(_)) => {
            Err(NotImplemented::because("Welkin does not implement Insights of event data stores of CloudTrail yet."))
        }
        (None, None) => Err(InvalidParameterException::because("TrailName or EventDataStore is required.")),
    }
}

impl PutInsightSelectors {
    fn trail_name(&self) -> Result<&str> {
        trail_name(
            self.trail_name.as_deref(),
            self.event_data_store.as_deref().or(self.insights_destination.as_deref()),
        )
    }

    /// The selectors, if the trail logs what they need.
    // UNVERIFIED: the wordings.
    fn check(&self, trail: &Trail) -> Result<Vec<InsightSelector>> {
        let refuse = |message: &str| Err(InvalidInsightSelectorsException::because(message));
        for (at, selector) in self.insight_selectors.iter().enumerate() {
            if selector.event_categories.contains(&Category::Data) {
                return Err(NotImplemented::because(
                    "Welkin does not implement Insights of Data events of CloudTrail yet.",
                ));
            }
            if selector.event_categories.is_empty() {
                return refuse("EventCategories must not be empty.");
            }
            if self.insight_selectors.iter().take(at).any(|other| other.insight_type == selector.insight_type) {
                return refuse("Each insight type can be given once.");
            }
            let (reads, writes) = trail.selectors.management();
            match selector.insight_type {
                InsightType::CallRate if !writes => {
                    return refuse("ApiCallRateInsight needs a trail that logs write management events.");
                }
                InsightType::ErrorRate if !reads && !writes => {
                    return refuse("ApiErrorRateInsight needs a trail that logs management events.");
                }
                _ => {}
            }
        }
        Ok(self.insight_selectors.clone())
    }
}

impl Operation for PutInsightSelectors {
    const NAME: &'static str = "PutInsightSelectors";
    type Output = InsightSelectorsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Trail::access(cx, "cloudtrail:PutInsightSelectors", self.trail_name()?).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<InsightSelectorsResponse> {
        let mut trail = Trail::find_to_change(cx, self.trail_name()?).await?;
        let selectors = self.check(&trail)?;
        if trail.insights.selectors.is_empty() {
            trail.insights.since = cx.now();
        }
        trail.insights.selectors = selectors;
        trail.save(cx).await?;
        Ok(InsightSelectorsResponse { arn: trail.arn().into(), insight_selectors: trail.insights.selectors })
    }
}

impl Operation for GetInsightSelectors {
    const NAME: &'static str = "GetInsightSelectors";
    type Output = InsightSelectorsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let name = trail_name(self.trail_name.as_deref(), self.event_data_store.as_deref())?;
        Trail::access(cx, "cloudtrail:GetInsightSelectors", name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<InsightSelectorsResponse> {
        let name = trail_name(self.trail_name.as_deref(), self.event_data_store.as_deref())?;
        let trail = Trail::find(cx, name).await?;
        let arn = String::from(trail.arn());
        if trail.insights.selectors.is_empty() {
            // UNVERIFIED: the wording.
            return Err(InsightNotEnabledException::because(format!("Trail {arn} does not have Insights enabled.")));
        }
        Ok(InsightSelectorsResponse { arn, insight_selectors: trail.insights.selectors })
    }
}
