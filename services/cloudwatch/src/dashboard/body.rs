//! What a dashboard is made of.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>.

use serde_json::{Map, Value as Json};
use welkin_kernel::Result;

use super::{DashboardValidationMessage, refused};

/// Widgets on a dashboard, and metrics in a widget.
const MOST_WIDGETS: usize = 500;
const MOST_METRICS: usize = 500;

/// Types of widgets.
const TYPES: [&str; 6] = ["metric", "text", "log", "alarm", "explorer", "custom"];

/// Holds a body against the rules; what is odd about it, but not wrong, is answered.
///
/// # Errors
/// `InvalidParameterInput` with what is wrong.
pub(super) fn check(text: &str) -> Result<Vec<DashboardValidationMessage>> {
    let body: Option<Json> = serde_json::from_str(text).ok();
    let Some(Json::Object(body)) = body else {
        return Err(refused(&[message("", "The field DashboardBody must be a valid JSON object")]));
    };
    let mut faults = Faults::default();
    match body.get("widgets") {
        None => faults.add("", "Should have required property 'widgets'"),
        Some(Json::Array(widgets)) if widgets.len() > MOST_WIDGETS => {
            faults.add("/widgets", format!("Should NOT have more than {MOST_WIDGETS} items"));
        }
        Some(Json::Array(widgets)) => {
            for (at, widget) in widgets.iter().enumerate() {
                faults.widget(&format!("/widgets/{at}"), widget);
            }
        }
        Some(_) => faults.add("/widgets", "Should be array"),
    }
    if body.contains_key("end") && !body.contains_key("start") {
        faults.odd.push(message("/end", "The end is ignored without a start"));
    }
    if faults.wrong.is_empty() { Ok(faults.odd) } else { Err(refused(&faults.wrong)) }
}

fn message(path: &str, text: impl Into<String>) -> DashboardValidationMessage {
    DashboardValidationMessage { data_path: path.to_owned(), message: text.into() }
}

#[derive(Default)]
struct Faults {
    wrong: Vec<DashboardValidationMessage>,
    odd: Vec<DashboardValidationMessage>,
}

impl Faults {
    fn add(&mut self, path: &str, text: impl Into<String>) {
        self.wrong.push(message(path, text));
    }

    fn widget(&mut self, path: &str, widget: &Json) {
        let Json::Object(widget) = widget else { return self.add(path, "Should be object") };
        for name in ["x", "y", "width", "height"] {
            match widget.get(name) {
                None => {}
                Some(Json::Number(number)) if number.as_u64().is_some() => {
                    let number = number.as_u64().unwrap_or(0);
                    match name {
                        "width" if !(1..=24).contains(&number) => self.add(&format!("{path}/width"), "Should be <= 24"),
                        "x" if number > 23 => self.add(&format!("{path}/x"), "Should be <= 23"),
                        "height" if number == 0 => self.add(&format!("{path}/height"), "Should be >= 1"),
                        _ => {}
                    }
                }
                Some(_) => self.add(&format!("{path}/{name}"), "Should be integer"),
            }
        }
        let kind = match widget.get("type") {
            None => return self.add(path, "Should have required property 'type'"),
            Some(Json::String(kind)) if TYPES.contains(&kind.as_str()) => kind.as_str(),
            Some(_) => return self.add(&format!("{path}/type"), "Should be equal to one of the allowed values"),
        };
        let at = format!("{path}/properties");
        match widget.get("properties") {
            None => self.add(path, "Should have required property 'properties'"),
            Some(Json::Object(properties)) => self.properties(kind, &at, properties),
            Some(_) => self.add(&at, "Should be object"),
        }
    }

    fn properties(&mut self, kind: &str, path: &str, properties: &Map<String, Json>) {
        let has = |name: &str| properties.contains_key(name);
        let required: &[&str] = match kind {
            "text" => &["markdown"],
            "log" => &["query", "region"],
            "alarm" => &["alarms"],
            "custom" => &["endpoint"],
            _ => &[],
        };
        for name in required.iter().filter(|name| !has(name)) {
            self.add(path, format!("Should have required property '{name}'"));
        }
        if kind == "metric" {
            self.metric(path, properties);
        }
    }

    fn metric(&mut self, path: &str, properties: &Map<String, Json>) {
        let annotated = properties.contains_key("annotations");
        match properties.get("metrics") {
            None if !annotated => {
                self.add(path, "Should have required property 'metrics'");
                let text = "The metric widget should have specified a region and a data source or an alarm annotation";
                self.add(path, text);
                self.add(path, "Should have required property 'annotations'");
            }
            None => {}
            Some(Json::Array(metrics)) => {
                if metrics.len() > MOST_METRICS {
                    self.add(&format!("{path}/metrics"), format!("Should NOT have more than {MOST_METRICS} items"));
                }
                if !properties.contains_key("region") && !annotated {
                    self.add(path, "Should have required property 'region'");
                }
                for (at, metric) in metrics.iter().enumerate() {
                    self.one_metric(&format!("{path}/metrics/{at}"), metric);
                }
            }
            Some(_) => self.add(&format!("{path}/metrics"), "Should be array"),
        }
        let period = properties.get("period");
        if period.is_some_and(|it| it.as_u64().is_none_or(|period| period == 0)) {
            self.add(&format!("{path}/period"), "Should be integer");
        }
    }

    /// A metric is a list of texts, with an object at its end where it is more than named.
    fn one_metric(&mut self, path: &str, metric: &Json) {
        let rule = "Field \"metrics\" has to be an array of array of strings, with an optional metricRenderer object as last element";
        let Json::Array(parts) = metric else {
            self.add(path, "Should be array");
            return self.add(path, rule);
        };
        let (last, first) = match parts.split_last() {
            Some((last, first)) => (last, first),
            None => return self.add(path, "Should NOT have fewer than 1 items"),
        };
        if !first.iter().all(Json::is_string) || !(last.is_string() || last.is_object()) {
            self.add(path, rule);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_held_against_their_structure() {
        let metric = r#"{"type":"metric","x":0,"y":0,"width":12,"height":6,"properties":{"metrics":[["AWS/SQS","NumberOfMessagesSent","QueueName","q",{"stat":"Sum"}]],"region":"us-east-1","period":60}}"#;
        let text = r##"{"type":"text","properties":{"markdown":"# Hi"}}"##;
        assert!(check(&format!(r#"{{"widgets":[{metric},{text}]}}"#)).is_ok());
        assert!(check(r#"{"widgets":[]}"#).is_ok());
        for wrong in [
            "",
            "[]",
            "{}",
            r#"{"widgets":{}}"#,
            r#"{"widgets":[{"type":"nope","properties":{}}]}"#,
            r#"{"widgets":[{"type":"text","properties":{}}]}"#,
            r#"{"widgets":[{"type":"metric","properties":{}}]}"#,
            r#"{"widgets":[{"type":"metric","properties":{"region":"r","metrics":["a"]}}]}"#,
            r#"{"widgets":[{"type":"text","width":25,"properties":{"markdown":""}}]}"#,
        ] {
            assert!(check(wrong).is_err_and(|error| error.is("DashboardInvalidInputError")), "{wrong}");
        }
    }
}
