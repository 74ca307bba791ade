//! Keys that sign digests: a pair for each Region, made when it is first needed, and a new one every 20 days.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, IntoKey, Place, Region, Resource, Result, Scope, Timestamp};

/// How long after a key the next one is made, and how long a key is valid.
///
/// Source: the sample response of `ListPublicKeys`, in which keys of 30 days begin 20 days apart:
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html>
// UNVERIFIED: that this is the rule. The reference only says that keys may overlap.
const USED: Duration = Duration::from_secs(20 * 24 * 60 * 60);
const VALID: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A key pair as it is stored, for all accounts. It is kept for good, so that old digests can be validated.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct StoredKey {
    region: Region,
    from: Timestamp,
    /// PKCS #8, sealed.
    private: Vec<u8>,
    /// PKCS #1, in DER.
    pub(super) public: Vec<u8>,
    pub(super) fingerprint: String,
}

impl Resource for StoredKey {
    const KIND: &'static str = "cloudtrail/signing-key";
    const SCOPE: Scope = Scope::Global;

    fn key(&self) -> welkin_kernel::Key {
        (self.region, self.from).into_key()
    }
}

/// A key that can sign.
#[derive(Clone)]
pub(crate) struct SigningKey {
    pair: Arc<KeyPair>,
    fingerprint: String,
}

impl StoredKey {
    pub(super) fn validity(&self) -> (Timestamp, Timestamp) {
        (self.from, self.from.plus(VALID))
    }

    fn seal(cx: &Cx, region: Region, from: Timestamp, pair: &KeyPair) -> Result<Self> {
        let private: Pkcs8V1Der<'_> = pair.as_der().map_err(Error::internal)?;
        let private = cx.sealer().seal(cx.chance(), &context(region), private.as_ref())?;
        let public = pair.public_key().as_ref().to_vec();
        Ok(Self { region, from, private, fingerprint: fingerprint(&public), public })
    }

    fn open(&self, cx: &Cx) -> Result<KeyPair> {
        let closed = || Error::internal("the root key does not open the key that signs digests");
        let private = cx.sealer().open(&context(self.region), &self.private).ok_or_else(closed)?;
        KeyPair::from_pkcs8(&private).map_err(Error::internal)
    }
}

fn context(region: Region) -> String {
    format!("cloudtrail signing key {region}")
}

/// The MD5 of the public key's DER, in hexadecimal: the keys of the page above have these fingerprints.
fn fingerprint(public: &[u8]) -> String {
    hex::encode(Md5::digest(public))
}

impl SigningKey {
    /// The key of the Region for a digest that ends at `time`; makes it if it is not there.
    ///
    /// # Errors
    /// Those of the store; and the request to run again when one was made, to be passed on with `?`.
    pub(crate) async fn of(cx: &mut Cx, region: Region, time: Timestamp) -> Result<Self> {
        let nowhere = cx.here();
        let after = Timestamp::from_micros(time.micros().saturating_add(1));
        let last = cx.between::<StoredKey>(nowhere, (region,), (region, after), 1, true).await?;
        let stored = last.into_iter().find(|key| time < key.from.plus(USED));
        let pair = match &stored {
            Some(stored) => Arc::new(stored.open(cx)?),
            None => {
                cx.stage(async |_| KeyPair::generate(KeySize::Rsa2048).map(Arc::new).map_err(Error::internal)).await?
            }
        };
        if stored.is_none() {
            let made = StoredKey::seal(cx, region, time, &pair)?;
            cx.put(nowhere, &made).await?;
        }
        Ok(Self { fingerprint: fingerprint(pair.public_key().as_ref()), pair })
    }

    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Signs a text.
    ///
    /// # Errors
    /// A fault of Welkin's.
    pub(crate) fn sign(&self, text: &[u8]) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).map_err(Error::internal)?;
        Ok(signature)
    }
}

/// Keys of the Region that are valid at some time between `start` and `end`.
pub(super) async fn valid(cx: &mut Cx, start: Timestamp, end: Timestamp) -> Result<Vec<StoredKey>> {
    let (place, region): (Place, Region) = (cx.here(), cx.region());
    let after = Timestamp::from_micros(end.micros().saturating_add(1));
    let mut keys = cx.between::<StoredKey>(place, (region, start.minus(VALID)), (region, after), 0, true).await?;
    keys.retain(|key| key.validity().1 >= start);
    Ok(keys)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use base64::Engine as _;

    use super::*;

    #[test]
    fn a_fingerprint_is_that_of_the_guides_sample() {
        let key = "MIIBCgKCAQEAn11L2YZ9h7onug2ILi1MWyHiMRsTQjfWE+pHVRLk1QjfWhirG+lpOa8NrwQ/r7Ah5bNL6HepznOU9XTDSfmm\
                   nP97mqyc7z/upfZdS/AHhYcGaz7n6Wc/RRBU6VmiPCrAUojuSk6/GjvA8iOPFsYDuBtviXarvuLPlrT9kAd4Lb+rFfR5peEg\
                   BEkhlzc5HuWO7S0y+KunqxX6jQBnXGMtxmPBPP0FylgWGNdFtks/4YSKcgqwH0YDcawP9GGGDAeCIqPWIXDLG1jOjRRzWfCm\
                   D0iJUkz8vTsn4hq/5ZxRFE7UBAUiVcGbdnDdvVfhF9C3dQiDq3k7adQIziLT0cShgQIDAQAB";
        let der = base64::engine::general_purpose::STANDARD.decode(key).unwrap();
        assert_eq!(fingerprint(&der), "8eba5db5bea9b640d1c96a77256fe7f2");
    }
}
