//! Custom classifiers: how crawlers are to recognise data which the built-in classifiers do not.
//!
//! <https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html>

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod json_path;
pub(crate) mod request;
pub(crate) mod update;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Key, Resource, Result, Scope, Timestamp};
use welkin_sql::GrokPattern;

use crate::errors::{invalid, not_found};
use json_path::JsonPath;

/// A classifier as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Classifier {
    pub(crate) name: String,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) version: u64,
    pub(crate) rule: Rule,
}

impl Resource for Classifier {
    const KIND: &'static str = "glue/classifier";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

/// What a classifier goes by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Rule {
    Grok { classification: String, pattern: String, custom: Option<String> },
    Xml { classification: String, row_tag: Option<String> },
    Json { path: String },
    Csv(Csv),
}

/// How files of separated values are written.
///
/// <https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html#custom-classifier-csv>
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Csv {
    pub(crate) delimiter: Option<String>,
    pub(crate) quote: Option<String>,
    pub(crate) contains_header: Option<String>,
    pub(crate) header: Option<Vec<String>>,
    pub(crate) disable_value_trimming: Option<bool>,
    pub(crate) allow_single_column: Option<bool>,
    pub(crate) custom_datatype_configured: Option<bool>,
    pub(crate) custom_datatypes: Option<Vec<String>>,
    pub(crate) serde: Option<String>,
}

/// Types that columns of separated values may be told to have.
///
/// <https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-classifiers.html>
pub(crate) const DATATYPES: [(&str, &str); 11] = [
    ("BINARY", "binary"),
    ("BOOLEAN", "boolean"),
    ("DATE", "date"),
    ("DECIMAL", "decimal"),
    ("DOUBLE", "double"),
    ("FLOAT", "float"),
    ("INT", "int"),
    ("LONG", "bigint"),
    ("SHORT", "smallint"),
    ("STRING", "string"),
    ("TIMESTAMP", "timestamp"),
];

impl Rule {
    /// Holds a rule against what the model does not know.
    ///
    /// # Errors
    /// `InvalidInputException`
    // UNVERIFIED: what is refused when a classifier is made rather than when it is used, and the wordings.
    fn check(&self) -> Result<()> {
        match self {
            Self::Grok { classification, pattern, custom } => {
                check_classification(classification)?;
                let read = GrokPattern::new(pattern, custom.as_deref().unwrap_or_default());
                read.map(drop).map_err(|error| invalid(format!("Invalid grok pattern: {}", error.message)))
            }
            Self::Xml { classification, .. } => check_classification(classification),
            Self::Json { path } => match JsonPath::parse(path) {
                Some(_) => Ok(()),
                None => Err(invalid(format!("Invalid JSON path: {path}"))),
            },
            Self::Csv(csv) => csv.check(),
        }
    }
}

fn check_classification(classification: &str) -> Result<()> {
    if classification.is_empty() { Err(invalid("Classification cannot be empty.")) } else { Ok(()) }
}

impl Csv {
    fn check(&self) -> Result<()> {
        let delimiter = self.delimiter.as_deref().unwrap_or(",");
        if self.quote.as_deref() == Some(delimiter) {
            // "Must be different from the column delimiter."
            return Err(invalid("The quote symbol must be different from the column delimiter."));
        }
        let header = self.header.as_deref().unwrap_or_default();
        let mut names: Vec<String> = header.iter().map(|name| name.to_lowercase()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(invalid("Header has the same column twice."));
        }
        let types = self.custom_datatypes.as_deref().unwrap_or_default();
        match types.iter().find(|name| DATATYPES.iter().all(|(known, _)| !known.eq_ignore_ascii_case(name))) {
            Some(unknown) => Err(invalid(format!("Invalid custom datatype: {unknown}"))),
            None => Ok(()),
        }
    }
}

/// The classifier of a name.
///
/// # Errors
/// `EntityNotFoundException`
// UNVERIFIED: the wording.
pub(crate) async fn get_one(cx: &mut Cx, name: &str) -> Result<Classifier> {
    let found = cx.get::<Classifier>(cx.here(), name).await?;
    found.ok_or_else(|| not_found(format!("Classifier {name} not found.")))
}
