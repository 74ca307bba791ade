//! Event patterns: which events a rule wants.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html>

use serde::{Deserialize, Serialize};
use serde_json::Value;
use welkin_kernel::{Access, Cx, Error, Operation, Result};
use welkin_patterns::{Dialect, Fault, Pattern};

use crate::errors::{InvalidEventPatternException, invalid_parameter};

/// Most combinations that the `$or` of a pattern make.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-complex-example-or>
const MOST_CHOICES: u64 = 1_000;

/// Most points for wildcards.
// UNVERIFIED: the measure. The guide says only that a rule can be too complex; it is SNS's measure.
const MOST_WILDCARD_POINTS: u64 = 100;

fn refused(reason: impl std::fmt::Display) -> Error {
    InvalidEventPatternException::because(format!("Event pattern is not valid. Reason: {reason}"))
}

/// Reads an event pattern.
///
/// # Errors
/// `InvalidEventPatternException`
// UNVERIFIED: AWS tells where the fault is after the reason, as its JSON reader counts; that is left out.
pub(crate) fn parse(text: &str) -> Result<Pattern> {
    let pattern = Pattern::parse_in(text, Dialect::EventPattern).map_err(|fault| match fault {
        Fault::NotJson(why) => refused(format_args!("Filter is not valid JSON: {why}")),
        fault @ Fault::NotAPattern(_) => refused(fault),
    })?;
    let complexity = pattern.complexity();
    // UNVERIFIED: the wording.
    if complexity.choices > MOST_CHOICES {
        return Err(refused(format_args!("Rule has more than {MOST_CHOICES} combinations of $or")));
    }
    if complexity.wildcards > MOST_WILDCARD_POINTS {
        return Err(refused(
            "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a \
             wildcard character",
        ));
    }
    Ok(pattern)
}

/// Reads an event pattern that was checked when it was stored.
///
/// # Errors
/// A fault of Welkin's.
pub(crate) fn stored(text: &str) -> Result<Pattern> {
    parse(text).map_err(|error| Error::internal(format_args!("a stored event pattern: {error}")))
}

/// Tells whether an event matches a pattern.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TestEventPattern {
    event_pattern: String,
    event: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TestEventPatternResponse {
    result: bool,
}

/// Fields that an event must have to be tested.
///
/// Source: the reference of the operation.
const MANDATORY: [&str; 7] = ["id", "account", "source", "time", "region", "resources", "detail-type"];

impl Operation for TestEventPattern {
    const NAME: &'static str = "TestEventPattern";
    type Output = TestEventPatternResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("events:TestEventPattern"))
    }

    async fn run(&self, _: &mut Cx) -> Result<TestEventPatternResponse> {
        let pattern = parse(&self.event_pattern)?;
        let event: Value = serde_json::from_str(&self.event)
            .map_err(|_| invalid_parameter("Event", "the event is not valid JSON."))?;
        // UNVERIFIED: the wording.
        if let Some(missing) = MANDATORY.iter().find(|name| event.get(name).is_none()) {
            return Err(invalid_parameter("Event", format_args!("{missing} is a required field.")));
        }
        Ok(TestEventPatternResponse { result: pattern.matches(&event) })
    }
}
