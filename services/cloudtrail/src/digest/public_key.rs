//! `ListPublicKeys`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::key::{self, StoredKey};
use crate::errors::{InvalidTimeRangeException, InvalidTokenException};

/// Lists the public keys by which digests of this Region are validated.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPublicKeys {
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    next_token: Option<String>,
}

/// The keys, the newest first: too few for a second page.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPublicKeysResponse {
    public_key_list: Vec<PublicKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PublicKey {
    value: bytes::Bytes,
    validity_start_time: Timestamp,
    validity_end_time: Timestamp,
    fingerprint: String,
}

impl PublicKey {
    fn of(key: StoredKey) -> Self {
        let (from, to) = key.validity();
        Self {
            value: key.public.into(),
            validity_start_time: from,
            validity_end_time: to,
            fingerprint: key.fingerprint,
        }
    }
}

impl Operation for ListPublicKeys {
    const NAME: &'static str = "ListPublicKeys";
    type Output = ListPublicKeysResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("cloudtrail:ListPublicKeys"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListPublicKeysResponse> {
        if self.next_token.is_some() {
            // No listing gives one: it is "reserved for future use".
            return Err(InvalidTokenException.into());
        }
        let (start, end) = (self.start_time.unwrap_or(cx.now()), self.end_time.unwrap_or(cx.now()));
        if start > end {
            return Err(InvalidTimeRangeException.into());
        }
        let keys = key::valid(cx, start, end).await?;
        Ok(ListPublicKeysResponse { public_key_list: keys.into_iter().map(PublicKey::of).collect() })
    }
}
