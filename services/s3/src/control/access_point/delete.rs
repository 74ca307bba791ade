//! DeleteAccessPoint.

use serde::Deserialize;
use welkin_kernel::{Access, AccountId, Cx, Empty, Operation, Result};

use super::{AccessPoint, Address, Alias, Attached};

/// Removes an access point; the bucket stays as it is.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteAccessPoint.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteAccessPoint {
    account_id: AccountId,
    name: String,
}

impl Operation for DeleteAccessPoint {
    const NAME: &str = "DeleteAccessPoint";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Address::here(cx, self.account_id, &self.name).access(cx, "s3:DeleteAccessPoint").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::here(cx, self.account_id, &self.name);
        let point = address.open(cx).await?;
        let here = cx.here();
        cx.discard::<Alias>(here, (&point.alias,))?;
        let attached = (&point.bucket, address.account, address.region, address.name.as_bytes());
        cx.discard::<Attached>(here, attached)?;
        cx.discard::<AccessPoint>(address.place(), (address.name.as_bytes(),))?;
        Ok(Empty {})
    }
}
