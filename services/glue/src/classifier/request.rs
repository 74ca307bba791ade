//! Classifiers as callers describe them: new ones, and changes of those that are there.

use serde::Deserialize;
use welkin_kernel::Result;

use super::{Csv, Rule};
use crate::errors::invalid;

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CreateGrokClassifierRequest.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GrokRequest {
    name: String,
    classification: Option<String>,
    grok_pattern: Option<String>,
    custom_patterns: Option<String>,
}

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CreateXMLClassifierRequest.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct XmlRequest {
    name: String,
    classification: Option<String>,
    row_tag: Option<String>,
}

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CreateJsonClassifierRequest.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct JsonRequest {
    name: String,
    json_path: Option<String>,
}

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CreateCsvClassifierRequest.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CsvRequest {
    name: String,
    delimiter: Option<String>,
    quote_symbol: Option<String>,
    contains_header: Option<String>,
    header: Option<Vec<String>>,
    disable_value_trimming: Option<bool>,
    allow_single_column: Option<bool>,
    custom_datatype_configured: Option<bool>,
    custom_datatypes: Option<Vec<String>>,
    serde: Option<String>,
}

/// The one classifier that a call is about.
#[derive(Clone, Debug)]
pub(crate) enum Request {
    Grok(GrokRequest),
    Xml(XmlRequest),
    Json(JsonRequest),
    Csv(CsvRequest),
}

impl Request {
    /// The one that is given.
    ///
    /// # Errors
    /// `InvalidInputException`: there is none, or several.
    // UNVERIFIED: the wording.
    pub(super) fn of(
        grok: Option<&GrokRequest>,
        xml: Option<&XmlRequest>,
        json: Option<&JsonRequest>,
        csv: Option<&CsvRequest>,
    ) -> Result<Self> {
        let all = [
            grok.cloned().map(Self::Grok),
            xml.cloned().map(Self::Xml),
            json.cloned().map(Self::Json),
            csv.cloned().map(Self::Csv),
        ];
        let mut given = all.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(one), None) => Ok(one),
            _ => Err(invalid("Exactly one classifier must be specified.")),
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Grok(it) => &it.name,
            Self::Xml(it) => &it.name,
            Self::Json(it) => &it.name,
            Self::Csv(it) => &it.name,
        }
    }

    /// The rule of a new classifier.
    pub(super) fn rule(&self) -> Rule {
        let mut rule = match self {
            Self::Grok(_) => Rule::Grok { classification: String::new(), pattern: String::new(), custom: None },
            Self::Xml(_) => Rule::Xml { classification: String::new(), row_tag: None },
            Self::Json(_) => Rule::Json { path: String::new() },
            Self::Csv(_) => Rule::Csv(Csv::default()),
        };
        // INVARIANT: it has just been made of the same kind.
        let _ = self.change(&mut rule);
        rule
    }

    /// Changes what is given of a rule.
    ///
    /// # Errors
    /// `InvalidInputException`: the classifier is of another kind.
    // UNVERIFIED: the wording.
    pub(super) fn change(&self, rule: &mut Rule) -> Result<()> {
        match (self, rule) {
            (Self::Grok(it), Rule::Grok { classification, pattern, custom }) => {
                set(classification, &it.classification);
                set(pattern, &it.grok_pattern);
                replace(custom, &it.custom_patterns);
            }
            (Self::Xml(it), Rule::Xml { classification, row_tag }) => {
                set(classification, &it.classification);
                replace(row_tag, &it.row_tag);
            }
            (Self::Json(it), Rule::Json { path }) => set(path, &it.json_path),
            (Self::Csv(it), Rule::Csv(csv)) => it.change(csv),
            _ => return Err(invalid(format!("Classifier {} is of another type.", self.name()))),
        }
        Ok(())
    }
}

impl CsvRequest {
    fn change(&self, csv: &mut Csv) {
        replace(&mut csv.delimiter, &self.delimiter);
        replace(&mut csv.quote, &self.quote_symbol);
        replace(&mut csv.contains_header, &self.contains_header);
        replace(&mut csv.header, &self.header);
        replace(&mut csv.disable_value_trimming, &self.disable_value_trimming);
        replace(&mut csv.allow_single_column, &self.allow_single_column);
        replace(&mut csv.custom_datatype_configured, &self.custom_datatype_configured);
        replace(&mut csv.custom_datatypes, &self.custom_datatypes);
        replace(&mut csv.serde, &self.serde);
    }
}

fn set(value: &mut String, given: &Option<String>) {
    if let Some(given) = given {
        value.clone_from(given);
    }
}

fn replace<T: Clone>(value: &mut Option<T>, given: &Option<T>) {
    if given.is_some() {
        value.clone_from(given);
    }
}
