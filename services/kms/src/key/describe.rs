//! `DescribeKey`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Result};

use super::metadata::KeyMetadata;
use crate::access::Demand;
use crate::{key_id, quota};

/// Shows a key. <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeKey {
    key_id: String,
}

/// The key.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeKeyResponse {
    key_metadata: KeyMetadata,
}

impl Operation for DescribeKey {
    const NAME: &'static str = "DescribeKey";
    type Output = DescribeKeyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find(cx, &self.key_id).await?;
        Demand::of("DescribeKey", &target).access(cx).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms DescribeKey", 2000))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeKeyResponse> {
        let key = key_id::find(cx, &self.key_id).await?.key()?;
        Ok(DescribeKeyResponse { key_metadata: KeyMetadata::of(&key, cx.now()) })
    }
}
