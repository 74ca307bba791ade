//! GetClassifier and GetClassifiers.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Operation, Page, Result, Timestamp};

use super::{Classifier, Rule};
use crate::page;

/// A classifier as the API shows it: one of its members is there.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_Classifier.html>
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ShownClassifier {
    grok_classifier: Option<GrokClassifier>,
    #[serde(rename = "XMLClassifier")]
    xml_classifier: Option<XmlClassifier>,
    json_classifier: Option<JsonClassifier>,
    csv_classifier: Option<CsvClassifier>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GrokClassifier {
    name: String,
    creation_time: Timestamp,
    last_updated: Timestamp,
    version: u64,
    classification: String,
    grok_pattern: String,
    custom_patterns: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct XmlClassifier {
    name: String,
    creation_time: Timestamp,
    last_updated: Timestamp,
    version: u64,
    classification: String,
    row_tag: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct JsonClassifier {
    name: String,
    creation_time: Timestamp,
    last_updated: Timestamp,
    version: u64,
    json_path: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CsvClassifier {
    name: String,
    creation_time: Timestamp,
    last_updated: Timestamp,
    version: u64,
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

impl From<Classifier> for ShownClassifier {
    fn from(classifier: Classifier) -> Self {
        let Classifier { name, created, updated, version, rule } = classifier;
        let (creation_time, last_updated) = (created.whole_secs(), updated.whole_secs());
        let mut shown = Self::default();
        match rule {
            Rule::Grok { classification, pattern: grok_pattern, custom: custom_patterns } => {
                shown.grok_classifier = Some(GrokClassifier {
                    name,
                    creation_time,
                    last_updated,
                    version,
                    classification,
                    grok_pattern,
                    custom_patterns,
                });
            }
            Rule::Xml { classification, row_tag } => {
                let xml = XmlClassifier { name, creation_time, last_updated, version, classification, row_tag };
                shown.xml_classifier = Some(xml);
            }
            Rule::Json { path: json_path } => {
                let json = JsonClassifier { name, creation_time, last_updated, version, json_path };
                shown.json_classifier = Some(json);
            }
            Rule::Csv(csv) => {
                shown.csv_classifier = Some(CsvClassifier {
                    name,
                    creation_time,
                    last_updated,
                    version,
                    delimiter: csv.delimiter,
                    quote_symbol: csv.quote,
                    contains_header: csv.contains_header,
                    header: csv.header,
                    disable_value_trimming: csv.disable_value_trimming,
                    allow_single_column: csv.allow_single_column,
                    custom_datatype_configured: csv.custom_datatype_configured,
                    custom_datatypes: csv.custom_datatypes,
                    serde: csv.serde,
                });
            }
        }
        shown
    }
}

/// Shows a classifier.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetClassifier.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetClassifier {
    name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetClassifierResponse {
    classifier: ShownClassifier,
}

impl Operation for GetClassifier {
    const NAME: &'static str = "GetClassifier";
    type Output = GetClassifierResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("glue:GetClassifier"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetClassifierResponse> {
        Ok(GetClassifierResponse { classifier: super::get_one(cx, &self.name).await?.into() })
    }
}

/// Shows all classifiers.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetClassifiers.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetClassifiers {
    max_results: Option<u32>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetClassifiersResponse {
    classifiers: Vec<ShownClassifier>,
    next_token: Option<String>,
}

impl Operation for GetClassifiers {
    const NAME: &'static str = "GetClassifiers";
    type Output = GetClassifiersResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("glue:GetClassifiers"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetClassifiersResponse> {
        let size = page::size(self.max_results, page::SIZE);
        let after = page::read_token::<String>(self.next_token.as_deref())?.map(|name| name.as_str().into_key());
        let mut found = cx.list::<Classifier>(cx.here(), (), Page::of(size + 1, after.as_ref())).await?;
        let more = found.len() > size;
        found.truncate(size);
        let last = found.last().filter(|_| more).map(|last| page::token(&last.name)).transpose()?;
        Ok(GetClassifiersResponse { classifiers: found.into_iter().map(Into::into).collect(), next_token: last })
    }
}
