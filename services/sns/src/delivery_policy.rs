//! How deliveries to HTTP endpoints are tried again.
//!
//! Reference: <https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html>

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use welkin_kernel::{Error, Result};

use crate::errors::invalid;

/// How often, and after which pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Retries {
    min_delay_target: u32,
    max_delay_target: u32,
    num_retries: u32,
    num_max_delay_retries: u32,
    num_no_delay_retries: u32,
    num_min_delay_retries: u32,
    backoff_function: Backoff,
}

/// How pauses grow from the least to the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Backoff {
    Arithmetic,
    Exponential,
    Geometric,
    Linear,
}

/// The delivery policy of a topic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TopicDelivery {
    retries: Option<Retries>,
    /// Whether policies of subscriptions do not count.
    disables_overrides: Option<bool>,
    throttle: Option<u32>,
    content_type: Option<ContentType>,
}

/// The delivery policy of a subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SubscriptionDelivery {
    retries: Option<Retries>,
    throttle: Option<u32>,
    content_type: Option<ContentType>,
}

/// What requests say that they carry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ContentType(String);

/// What counts for a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Effective {
    pub(crate) retries: Retries,
    pub(crate) content_type: String,
    /// Most deliveries in a second.
    pub(crate) throttle: Option<u32>,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            min_delay_target: 20,
            max_delay_target: 20,
            num_retries: 3,
            num_max_delay_retries: 0,
            num_no_delay_retries: 0,
            num_min_delay_retries: 0,
            backoff_function: Backoff::Linear,
        }
    }
}

/// Longest time of all retries together, in seconds.
const LONGEST: u64 = 3600;

/// Most retries.
const MOST: u32 = 100;

const PLAIN_TEXT: &str = "text/plain; charset=UTF-8";

/// What a request may say that it carries.
const CONTENT_TYPES: [&str; 12] = [
    "application/atom+xml",
    "application/json",
    "application/octet-stream",
    "application/soap+xml",
    "application/x-www-form-urlencoded",
    "application/xhtml+xml",
    "application/xml",
    "text/css",
    "text/csv",
    "text/html",
    "text/plain",
    "text/xml",
];

impl Retries {
    /// The pause before the retry of this number, counted from 0; `None` after the last one.
    ///
    /// The phases are those of the reference: without delay, with the least, growing, with the greatest.
    pub(crate) fn pause(&self, retry: u32) -> Option<Duration> {
        if retry >= self.num_retries {
            return None;
        }
        let (least, greatest) = (f64::from(self.min_delay_target), f64::from(self.max_delay_target));
        let after_immediate = retry.checked_sub(self.num_no_delay_retries);
        let Some(retry) = after_immediate else { return Some(Duration::ZERO) };
        let Some(step) = retry.checked_sub(self.num_min_delay_retries) else {
            return Some(Duration::from_secs(self.min_delay_target.into()));
        };
        let steps = self.growing();
        let seconds =
            if step >= steps { greatest } else { self.backoff_function.between(least, greatest, step, steps) };
        Some(Duration::from_secs_f64(seconds))
    }

    /// Retries whose pauses grow.
    fn growing(&self) -> u32 {
        let fixed = self.num_no_delay_retries + self.num_min_delay_retries + self.num_max_delay_retries;
        self.num_retries.saturating_sub(fixed)
    }

    fn check(self, name: &str) -> Result<Self> {
        let refuse = |what: String| Err(refused(format_args!("{name}{what}")));
        let counts = [
            ("numRetries", self.num_retries),
            ("numNoDelayRetries", self.num_no_delay_retries),
            ("numMinDelayRetries", self.num_min_delay_retries),
            ("numMaxDelayRetries", self.num_max_delay_retries),
        ];
        if let Some((count, _)) = counts.into_iter().find(|(_, count)| *count > MOST) {
            return refuse(format!(".{count} must be less than or equal to {MOST}"));
        }
        if self.min_delay_target == 0 {
            return refuse(".minDelayTarget must be greater than or equal to 1".to_owned());
        }
        if self.max_delay_target > 3600 {
            return refuse(".maxDelayTarget must be less than or equal to 3600".to_owned());
        }
        if self.min_delay_target > self.max_delay_target {
            return refuse(".maxDelayTarget must be greater than or equal to minDelayTarget".to_owned());
        }
        let fixed = self.num_no_delay_retries + self.num_min_delay_retries + self.num_max_delay_retries;
        if fixed > self.num_retries {
            return refuse(
                ".numRetries must be greater than or equal to total of numMinDelayRetries, numNoDelayRetries and \
                 numMaxDelayRetries"
                    .to_owned(),
            );
        }
        let total: Duration = (0..self.num_retries).filter_map(|retry| self.pause(retry)).sum();
        if total > Duration::from_secs(LONGEST) {
            return refuse(format!(": Total policy retry time cannot be greater than {LONGEST} seconds"));
        }
        Ok(self)
    }
}

impl Backoff {
    /// The pause at `step` of `steps` on the way from the least to the greatest.
    // UNVERIFIED: the curves, which the reference only draws. At the last step the pause is the greatest.
    fn between(self, least: f64, greatest: f64, step: u32, steps: u32) -> f64 {
        let way = if steps <= 1 { 1.0 } else { f64::from(step) / f64::from(steps - 1) };
        let part = match self {
            Self::Linear => way,
            Self::Arithmetic => way * (f64::from(step) + 1.0) / f64::from(steps.max(1)),
            Self::Geometric => way.powi(2),
            Self::Exponential => return least * (greatest / least).powf(way),
        };
        least + (greatest - least) * part
    }
}

/// A policy that cannot be, in the words of SNS.
fn refused(what: impl std::fmt::Display) -> Error {
    invalid(format_args!("DeliveryPolicy: {what}"))
}

/// Retries as callers write them; members that are missing are as by default.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenRetries {
    min_delay_target: Option<u32>,
    max_delay_target: Option<u32>,
    num_retries: Option<u32>,
    num_max_delay_retries: Option<u32>,
    num_no_delay_retries: Option<u32>,
    num_min_delay_retries: Option<u32>,
    backoff_function: Option<Backoff>,
}

impl WrittenRetries {
    fn read(self, name: &str) -> Result<Retries> {
        let default = Retries::default();
        let min_delay_target = self.min_delay_target.unwrap_or(default.min_delay_target);
        Retries {
            min_delay_target,
            max_delay_target: self.max_delay_target.unwrap_or(default.max_delay_target),
            num_retries: self.num_retries.unwrap_or(default.num_retries),
            num_max_delay_retries: self.num_max_delay_retries.unwrap_or_default(),
            num_no_delay_retries: self.num_no_delay_retries.unwrap_or_default(),
            num_min_delay_retries: self.num_min_delay_retries.unwrap_or_default(),
            backoff_function: self.backoff_function.unwrap_or(default.backoff_function),
        }
        .check(name)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenThrottle {
    max_receives_per_second: Option<u32>,
}

impl WrittenThrottle {
    fn read(self, name: &str) -> Result<Option<u32>> {
        match self.max_receives_per_second {
            Some(0) => Err(refused(format_args!("{name}.maxReceivesPerSecond must be greater than or equal to 1"))),
            most => Ok(most),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenRequest {
    header_content_type: Option<String>,
}

impl WrittenRequest {
    fn read(self, name: &str) -> Result<Option<ContentType>> {
        let Some(text) = self.header_content_type else { return Ok(None) };
        let bare = text.split(';').next().unwrap_or_default().trim();
        if !CONTENT_TYPES.contains(&bare) || !text.is_ascii() {
            return Err(refused(format_args!("{name}.headerContentType is not a supported content type")));
        }
        Ok(Some(ContentType(text)))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTopicPolicy {
    http: WrittenHttp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenHttp {
    default_healthy_retry_policy: Option<WrittenRetries>,
    disable_subscription_overrides: Option<bool>,
    default_throttle_policy: Option<WrittenThrottle>,
    default_request_policy: Option<WrittenRequest>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenSubscriptionPolicy {
    healthy_retry_policy: Option<WrittenRetries>,
    throttle_policy: Option<WrittenThrottle>,
    request_policy: Option<WrittenRequest>,
}

fn read<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T> {
    // UNVERIFIED: what follows the colon.
    serde_json::from_str(text).map_err(|error| refused(format_args!("the JSON is not a delivery policy: {error}")))
}

impl TopicDelivery {
    /// # Errors
    /// `InvalidParameter`
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let WrittenTopicPolicy { http } = read(text)?;
        let retries = http.default_healthy_retry_policy;
        Ok(Self {
            retries: retries.map(|it| it.read("http.defaultHealthyRetryPolicy")).transpose()?,
            disables_overrides: http.disable_subscription_overrides,
            throttle: http.default_throttle_policy.map_or(Ok(None), |it| it.read("http.defaultThrottlePolicy"))?,
            content_type: http.default_request_policy.map_or(Ok(None), |it| it.read("http.defaultRequestPolicy"))?,
        })
    }

    pub(crate) fn to_text(&self) -> String {
        let mut http = json!({ "disableSubscriptionOverrides": self.disables_overrides.unwrap_or_default() });
        if let Some(retries) = self.retries {
            http["defaultHealthyRetryPolicy"] = json!(retries);
        }
        if let Some(throttle) = self.throttle {
            http["defaultThrottlePolicy"] = json!({ "maxReceivesPerSecond": throttle });
        }
        if let Some(content_type) = &self.content_type {
            http["defaultRequestPolicy"] = json!({ "headerContentType": content_type });
        }
        json!({ "http": http }).to_string()
    }
}

impl SubscriptionDelivery {
    /// # Errors
    /// `InvalidParameter`
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let written: WrittenSubscriptionPolicy = read(text)?;
        Ok(Self {
            retries: written.healthy_retry_policy.map(|it| it.read("healthyRetryPolicy")).transpose()?,
            throttle: written.throttle_policy.map_or(Ok(None), |it| it.read("throttlePolicy"))?,
            content_type: written.request_policy.map_or(Ok(None), |it| it.read("requestPolicy"))?,
        })
    }

    pub(crate) fn to_text(&self) -> String {
        let throttle = self.throttle.map(|most| json!({ "maxReceivesPerSecond": most }));
        let request = self.content_type.as_ref().map(|it| json!({ "headerContentType": it }));
        json!({ "healthyRetryPolicy": self.retries, "throttlePolicy": throttle, "requestPolicy": request }).to_string()
    }
}

/// The policy of a topic as it counts, as JSON.
pub(crate) fn of_topic(own: Option<&TopicDelivery>) -> String {
    let own = own.cloned().unwrap_or_default();
    let content_type = own.content_type.map_or_else(|| PLAIN_TEXT.to_owned(), |it| it.0);
    let mut http = json!({
        "defaultHealthyRetryPolicy": own.retries.unwrap_or_default(),
        "disableSubscriptionOverrides": own.disables_overrides.unwrap_or_default(),
        "defaultRequestPolicy": { "headerContentType": content_type },
    });
    if let Some(throttle) = own.throttle {
        http["defaultThrottlePolicy"] = json!({ "maxReceivesPerSecond": throttle });
    }
    json!({ "http": http }).to_string()
}

impl Effective {
    /// What counts for a subscription: its own policy, then that of its topic, then the default.
    pub(crate) fn of(topic: Option<&TopicDelivery>, own: Option<&SubscriptionDelivery>) -> Self {
        let topic = topic.cloned().unwrap_or_default();
        let own = own.filter(|_| topic.disables_overrides != Some(true)).cloned().unwrap_or_default();
        let content_type = own.content_type.or(topic.content_type);
        Self {
            retries: own.retries.or(topic.retries).unwrap_or_default(),
            throttle: own.throttle.or(topic.throttle),
            content_type: content_type.map_or_else(|| PLAIN_TEXT.to_owned(), |it| it.0),
        }
    }

    /// As JSON.
    pub(crate) fn to_text(&self) -> String {
        let throttle = self.throttle.map_or(Value::Null, |most| json!({ "maxReceivesPerSecond": most }));
        json!({
            "healthyRetryPolicy": self.retries,
            "sicklyRetryPolicy": null,
            "throttlePolicy": throttle,
            "requestPolicy": { "headerContentType": self.content_type },
            "guaranteed": false,
        })
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn retries(json: &Value) -> Result<Retries> {
        let policy = json!({ "http": { "defaultHealthyRetryPolicy": json } }).to_string();
        TopicDelivery::parse(&policy).map(|policy| policy.retries.unwrap())
    }

    fn pauses(retries: Retries) -> Vec<f64> {
        (0..).map_while(|retry| retries.pause(retry)).map(|pause| pause.as_secs_f64()).collect()
    }

    #[test]
    fn by_default_there_are_three_retries_twenty_seconds_apart() {
        assert_eq!(pauses(Retries::default()), [20.0; 3]);
    }

    #[test]
    fn retries_pass_through_four_phases() {
        let policy = json!({
            "minDelayTarget": 1, "maxDelayTarget": 60, "numRetries": 10, "numNoDelayRetries": 2,
            "numMinDelayRetries": 1, "numMaxDelayRetries": 3, "backoffFunction": "exponential",
        });
        let pauses = pauses(retries(&policy).unwrap());
        assert_eq!((pauses.len(), &pauses[..4], &pauses[6..]), (10, &[0.0, 0.0, 1.0, 1.0][..], &[60.0; 4][..]));
        assert!(pauses.is_sorted(), "{pauses:?}");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (policy, why) in [
            (json!({ "minDelayTarget": 0 }), "minDelayTarget"),
            (json!({ "minDelayTarget": 30 }), "maxDelayTarget"),
            (json!({ "maxDelayTarget": 3601 }), "maxDelayTarget"),
            (json!({ "numRetries": 101 }), "numRetries"),
            (json!({ "numMinDelayRetries": 4 }), "greater than or equal to total"),
            (json!({ "minDelayTarget": 3599, "maxDelayTarget": 3600 }), "Total policy retry time"),
            (json!({ "backoffFunction": "cubic" }), "cubic"),
            (json!({ "retries": 1 }), "retries"),
        ] {
            let error = retries(&policy).unwrap_err();
            assert!(error.is("InvalidParameterException") && error.to_string().contains(why), "{policy}: {error}");
        }
        assert!(SubscriptionDelivery::parse(r#"{"requestPolicy":{"headerContentType":"image/png"}}"#).is_err());
    }

    #[test]
    fn a_subscription_has_its_own_policy_unless_the_topic_forbids_it() {
        let own = SubscriptionDelivery::parse(r#"{"healthyRetryPolicy":{"numRetries":7}}"#).unwrap();
        let topic = |disabled: bool| {
            TopicDelivery::parse(
                &json!({ "http": {
                "defaultHealthyRetryPolicy": { "numRetries": 5 }, "disableSubscriptionOverrides": disabled,
            } })
                .to_string(),
            )
            .unwrap()
        };
        let count = |topic: &TopicDelivery| Effective::of(Some(topic), Some(&own)).retries.num_retries;
        assert_eq!((count(&topic(false)), count(&topic(true))), (7, 5));
        assert_eq!(Effective::of(None, None).content_type, PLAIN_TEXT);
    }
}
