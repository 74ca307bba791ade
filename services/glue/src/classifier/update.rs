//! UpdateClassifier.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::request::{CsvRequest, GrokRequest, JsonRequest, Request, XmlRequest};

/// Changes what is given of a classifier.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateClassifier.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateClassifier {
    grok_classifier: Option<GrokRequest>,
    #[serde(rename = "XMLClassifier")]
    xml_classifier: Option<XmlRequest>,
    json_classifier: Option<JsonRequest>,
    csv_classifier: Option<CsvRequest>,
}

impl UpdateClassifier {
    fn request(&self) -> Result<Request> {
        let (grok, xml) = (self.grok_classifier.as_ref(), self.xml_classifier.as_ref());
        Request::of(grok, xml, self.json_classifier.as_ref(), self.csv_classifier.as_ref())
    }
}

impl Operation for UpdateClassifier {
    const NAME: &'static str = "UpdateClassifier";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("glue:UpdateClassifier"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let request = self.request()?;
        let mut classifier = super::get_one(cx, request.name()).await?;
        request.change(&mut classifier.rule)?;
        classifier.rule.check()?;
        classifier.version += 1;
        classifier.updated = cx.now();
        cx.put(cx.here(), &classifier).await?;
        Ok(Empty {})
    }
}
