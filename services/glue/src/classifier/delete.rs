//! DeleteClassifier.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::Classifier;

/// Deletes a classifier. Crawlers that name it go on without it.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteClassifier.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteClassifier {
    name: String,
}

impl Operation for DeleteClassifier {
    const NAME: &'static str = "DeleteClassifier";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("glue:DeleteClassifier"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        super::get_one(cx, &self.name).await?;
        cx.discard::<Classifier>(cx.here(), self.name.as_str())?;
        Ok(Empty {})
    }
}
