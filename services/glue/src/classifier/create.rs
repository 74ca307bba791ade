//! CreateClassifier.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::Classifier;
use super::request::{CsvRequest, GrokRequest, JsonRequest, Request, XmlRequest};
use crate::errors::AlreadyExistsException;

/// Makes a classifier.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CreateClassifier.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateClassifier {
    grok_classifier: Option<GrokRequest>,
    #[serde(rename = "XMLClassifier")]
    xml_classifier: Option<XmlRequest>,
    json_classifier: Option<JsonRequest>,
    csv_classifier: Option<CsvRequest>,
}

impl CreateClassifier {
    fn request(&self) -> Result<Request> {
        let (grok, xml) = (self.grok_classifier.as_ref(), self.xml_classifier.as_ref());
        Request::of(grok, xml, self.json_classifier.as_ref(), self.csv_classifier.as_ref())
    }
}

impl Operation for CreateClassifier {
    const NAME: &'static str = "CreateClassifier";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("glue:CreateClassifier"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (place, now, request) = (cx.here(), cx.now(), self.request()?);
        let (name, rule) = (request.name().to_owned(), request.rule());
        rule.check()?;
        if cx.exists::<Classifier>(place, name.as_str()).await? {
            // UNVERIFIED: the wording.
            return Err(AlreadyExistsException::because(format!("Classifier {name} already exists.")));
        }
        cx.put(place, &Classifier { name, created: now, updated: now, version: 1, rule }).await?;
        Ok(Empty {})
    }
}
