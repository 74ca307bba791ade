//! What a target gets: the event, a part of it, a text of its own, or a text with parts of the event in it.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html>

mod path;
mod template;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use welkin_kernel::{Fraction, Result};

use crate::errors::{invalid, invalid_parameter};
use crate::event::Event;
use crate::rule::RuleAddress;
use crate::target::Target;
pub(crate) use path::Path;
use template::Template;

/// A text with parts of the event in it, as the API has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InputTransformer {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) input_paths_map: BTreeMap<String, String>,
    pub(crate) input_template: String,
}

/// Names of variables begin so that are there without a path.
const RESERVED: &str = "aws.events.";

/// Variables that are there without a path.
const PREDEFINED: [&str; 5] = [
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event.ingestion-time",
    "aws.events.event",
    "aws.events.event.json",
];

/// Why a target does not get its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotJson;

/// Holds what a target is to get against the rules.
///
/// # Errors
/// `ValidationException`
// UNVERIFIED: the wordings, where the reference has none.
pub(crate) fn check(target: &Target) -> Result<()> {
    let id = &target.id;
    if let Some(input) = &target.input
        && serde_json::from_str::<Value>(input).is_err()
    {
        return Err(invalid(format_args!("JSON syntax error in input for target {id}.")));
    }
    if let Some(path) = &target.input_path
        && Path::parse(path).is_none()
    {
        return Err(invalid(format_args!("Invalid InputPath for target {id}.")));
    }
    let Some(transformer) = &target.input_transformer else { return Ok(()) };
    for (name, path) in &transformer.input_paths_map {
        if name.to_ascii_lowercase().starts_with("aws.") {
            return Err(invalid_parameter("InputPathsMap", format_args!("The name {name} is reserved.")));
        }
        if Path::parse(path).is_none() {
            return Err(invalid(format_args!("Invalid InputPathsMap for target {id}: {path} is not a JSON path.")));
        }
    }
    let template = Template::parse(&transformer.input_template);
    if let Some(unknown) =
        template.variables().find(|name| !PREDEFINED.contains(name) && !transformer.input_paths_map.contains_key(*name))
    {
        return Err(invalid(format_args!("InputTemplate for target {id} contains invalid placeholder {unknown}.")));
    }
    if template.is_json() { Ok(()) } else { Err(invalid(format_args!("Invalid InputTemplate for target {id}."))) }
}

/// What a target gets of an event that a rule wanted.
///
/// # Errors
/// The template with the event's values in it is not JSON, as it was to be.
pub(crate) fn body(target: &Target, rule: &RuleAddress, event: &Event) -> Result<String, NotJson> {
    if let Some(input) = &target.input {
        return Ok(input.clone());
    }
    let document = event.document();
    if let Some(path) = target.input_path.as_deref().and_then(Path::parse) {
        // UNVERIFIED: that what is not there is null.
        return Ok(path.find(&document).unwrap_or(Value::Null).to_string());
    }
    let Some(transformer) = &target.input_transformer else { return Ok(document.to_string()) };
    let value = |name: &str| match transformer.input_paths_map.get(name) {
        Some(path) => Path::parse(path).and_then(|path| path.find(&document)),
        None if name.starts_with(RESERVED) => Some(predefined(name, rule, event, &document)),
        None => None,
    };
    let template = Template::parse(&transformer.input_template);
    let filled = template.fill(value);
    let is_object = transformer.input_template.trim_start().starts_with(['{', '[']);
    if is_object && serde_json::from_str::<serde::de::IgnoredAny>(&filled).is_err() {
        return Err(NotJson);
    }
    Ok(filled)
}

fn predefined(name: &str, rule: &RuleAddress, event: &Event, document: &Value) -> Value {
    match name {
        "aws.events.rule-arn" => Value::from(String::from(rule.arn())),
        "aws.events.rule-name" => Value::from(rule.name.as_str()),
        "aws.events.event.ingestion-time" => Value::from(event.ingested.whole_secs().to_iso8601(Fraction::AsNeeded)),
        "aws.events.event" => Value::Object(event.envelope()),
        _ => document.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::BusAddress;
    use crate::event::tests::example;
    use welkin_kernel::{Place, Region};

    fn target(paths: &[(&str, &str)], template: &str) -> Target {
        let paths = paths.iter().map(|(name, path)| ((*name).to_owned(), (*path).to_owned()));
        let transformer = InputTransformer { input_paths_map: paths.collect(), input_template: template.to_owned() };
        Target {
            id: "1".to_owned(),
            arn: "arn:aws:sqs:us-east-1:123456789012:q".to_owned(),
            role_arn: None,
            input: None,
            input_path: None,
            input_transformer: Some(transformer),
            sqs_parameters: None,
            kinesis_parameters: None,
            http_parameters: None,
            dead_letter_config: None,
            retry_policy: None,
        }
    }

    fn rule() -> RuleAddress {
        let place = Place::new(example().account, Region::US_EAST_1);
        RuleAddress { bus: BusAddress { place, name: "default".to_owned() }, name: "example".to_owned() }
    }

    const PATHS: [(&str, &str); 4] = [
        ("timestamp", "$.time"),
        ("instance", "$.detail.instance-id"),
        ("state", "$.detail.state"),
        ("resource", "$.resources[0]"),
    ];

    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html#eb-transform-input-examples>
    #[test]
    fn examples_of_the_documentation_come_out_as_they_do_there() {
        for (template, expected) in [
            (r#""instance <instance> is in <state>""#, r#""instance i-0123456789 is in RUNNING""#),
            (r#""instance \"<instance>\" is in <state>""#, r#""instance \"i-0123456789\" is in RUNNING""#),
            (r#"{"instance":<instance>,"state":<state>}"#, r#"{"instance":"i-0123456789","state":"RUNNING"}"#),
            (
                r#"{"instance" : <instance>, "state": "<state>", "instanceStatus": "instance \"<instance>\" is in <state>"}"#,
                r#"{"instance" : "i-0123456789", "state": "RUNNING", "instanceStatus": "instance \"i-0123456789\" is in RUNNING"}"#,
            ),
            (
                r#"{"instance": <instance>, "state": [9, <state>, true]}"#,
                r#"{"instance": "i-0123456789", "state": [9, "RUNNING", true]}"#,
            ),
            (
                r#"{"rule": <aws.events.rule-arn>, "name": "<aws.events.rule-name>", "at": <aws.events.event.ingestion-time>}"#,
                r#"{"rule": "arn:aws:events:us-east-1:123456789012:rule/example", "name": "example", "at": "2015-11-11T21:29:55Z"}"#,
            ),
            ("\"<state>\"\n\"at <timestamp>\"", "\"RUNNING\"\n\"at 2015-11-11T21:29:54Z\""),
        ] {
            let target = target(&PATHS, template);
            assert!(check(&target).is_ok(), "{template}: {:?}", check(&target));
            assert_eq!(body(&target, &rule(), &example()).as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn objects_are_values_of_keys_and_lose_their_quotes_in_texts() {
        let paths = [("detail", "$.detail"), ("none", "$.detail.none")];
        let filled = |template: &str| body(&target(&paths, template), &rule(), &example());
        assert_eq!(
            filled(r#"{"detail":<detail>}"#).as_deref(),
            Ok(r#"{"detail":{"instance-id":"i-0123456789","state":"RUNNING"}}"#)
        );
        assert_eq!(
            filled(r#""Detail is <detail>""#).as_deref(),
            Ok(r#""Detail is {instance-id:i-0123456789,state:RUNNING}""#)
        );
        assert_eq!(filled(r#""<none>!""#).as_deref(), Ok(r#""!""#));
        let whole = filled(r#"{"event":<aws.events.event.json>,"envelope":<aws.events.event>}"#).expect("JSON");
        let whole: Value = serde_json::from_str(&whole).expect("JSON");
        assert_eq!(whole["event"], example().document());
        assert!(whole["envelope"].get("detail").is_none() && whole["envelope"]["source"] == "aws.ec2");
        // Values are not escaped: what breaks the JSON is not sent.
        let event = Event { detail: r#"{"text":"say \"hi\""}"#.to_owned(), ..example() };
        let target = target(&[("text", "$.detail.text")], r#"{"a":"<text>"}"#);
        assert_eq!(body(&target, &rule(), &event), Err(NotJson));
    }

    #[test]
    fn inputs_that_cannot_be_are_refused() {
        let plain = Target { input_transformer: None, ..target(&[], "0") };
        for (target, why) in [
            (Target { input: Some("{".to_owned()), ..plain.clone() }, "JSON syntax error"),
            (Target { input_path: Some("detail".to_owned()), ..plain.clone() }, "Invalid InputPath"),
            (target(&[("a", "detail")], r#""<a>""#), "Invalid InputPathsMap"),
            (target(&[("aws.a", "$.detail")], r#""<aws.a>""#), "reserved"),
            (target(&[], r#""<b>""#), "invalid placeholder b"),
            (target(&[("a", "$.id")], "id <a>"), "Invalid InputTemplate"),
            (target(&[("a", "$.id")], r#"{"a":<a>"#), "Invalid InputTemplate"),
        ] {
            let error = check(&target).expect_err(why);
            assert!(error.is("ValidationException") && error.to_string().contains(why), "{error}");
        }
        let constant = Target { input: Some(r#"{"a":1}"#.to_owned()), ..plain.clone() };
        assert_eq!(body(&constant, &rule(), &example()).as_deref(), Ok(r#"{"a":1}"#));
        let part = Target { input_path: Some("$.detail.state".to_owned()), ..plain };
        assert_eq!(body(&part, &rule(), &example()).as_deref(), Ok(r#""RUNNING""#));
    }
}
