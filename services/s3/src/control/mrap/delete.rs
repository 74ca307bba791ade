//! DeleteMultiRegionAccessPoint.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, Operation, Result};

use super::create::Accepted;
use super::request::{Asked, Request};
use super::{Mrap, Status, managing};

/// Deletes a Multi-Region Access Point; its buckets stay as they are.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteMultiRegionAccessPoint.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteMultiRegionAccessPoint {
    account_id: AccountId,
    client_token: String,
    details: DeleteDetails,
}

/// Which one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteDetails {
    pub(super) name: String,
}

impl Operation for DeleteMultiRegionAccessPoint {
    const NAME: &str = "DeleteMultiRegionAccessPoint";
    type Output = Accepted;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        managing(cx, "s3:DeleteMultiRegionAccessPoint", self.account_id, &self.details.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Accepted> {
        let asked = Asked::Delete(self.details.clone());
        if let Some(arn) = Request::earlier(cx, self.account_id, &self.client_token, &asked).await? {
            return Ok(Accepted { request_token_arn: arn });
        }
        let mut mrap = Mrap::open(cx, self.account_id, &self.details.name).await?;
        mrap.status = Status::Deleting;
        mrap.save(cx).await?;
        let request_token_arn = Request::accept(cx, self.account_id, &self.client_token, asked).await?;
        Ok(Accepted { request_token_arn })
    }
}
