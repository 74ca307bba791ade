//! S3ComputeObjectChecksum.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{Call, Cx, Place, Principal, Result, Value};

use super::on;
use crate::checksum::{self, Hasher};
use crate::control::batch::task::{Outcome, Task};
use crate::errors::not_implemented;

/// Computes a checksum of every object.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_S3ComputeObjectChecksumOperation.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::control::batch) struct S3ComputeObjectChecksum {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checksum_algorithm: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checksum_type: Option<String>,
}

/// The output of GetObject, as far as it is used.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "ETag")]
    etag: String,
}

impl S3ComputeObjectChecksum {
    fn algorithm(&self) -> &str {
        self.checksum_algorithm.as_deref().unwrap_or("CRC64NVME")
    }

    /// # Errors
    /// `NotImplemented` for algorithms that Welkin lacks, and for checksums of parts
    pub(super) fn check(&self) -> Result<()> {
        checksum::named(self.algorithm())?;
        match self.checksum_type.as_deref() {
            Some("COMPOSITE") => Err(not_implemented("COMPOSITE as ChecksumType of S3ComputeObjectChecksum jobs")),
            _ => Ok(()),
        }
    }

    /// Reads the object and tells its checksum, as the completion report has it.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-compute-checksums.html>
    pub(in crate::control::batch) async fn compute(
        &self,
        cx: &mut Cx,
        task: &Task,
        principal: &Principal,
        place: Place,
    ) -> Result<Outcome> {
        let algorithm = checksum::named(self.algorithm())?;
        let call = Call::to("s3", "GetObject").input(&Value::Map(on(task)));
        let call = call.at(place).as_principal(principal.clone());
        cx.stage(async |cx| {
            let mut answered = match cx.call(call).await {
                Ok(answered) => answered,
                Err(error) => return Outcome::refused(error),
            };
            let mut hasher = Hasher::new(algorithm);
            if let Some(mut body) = answered.body.take() {
                while let Some(bytes) = Cx::next_chunk(&mut body, &mut HeaderMap::new()).await? {
                    hasher.update(&bytes);
                }
            }
            let head: Head = answered.output()?;
            let digest = hasher.finish();
            let told = json!({
                "checksum_base64": BASE64.encode(&digest),
                "etag": head.etag.trim_matches('"'),
                "checksumAlgorithm": algorithm.name(),
                "checksumType": "FULL_OBJECT",
                "checksum_hex": hex::encode_upper(&digest),
            });
            Ok(Outcome::done(told.to_string()))
        })
        .await
    }
}
