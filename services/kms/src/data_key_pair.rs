//! `GenerateDataKeyPair` and `GenerateDataKeyPairWithoutPlaintext`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Result};

use crate::access::Demand;
use crate::algorithm::EncryptionAlgorithm;
use crate::asymmetric::Pair;
use crate::dry_run::dry_run;
use crate::encrypt::{check_symmetric, under};
use crate::encryption_context::EncryptionContext;
use crate::key::Key;
use crate::key::create::draw_pair;
use crate::key::spec::KeySpec;
use crate::names::names;
use crate::recipient::{Recipient, refuse_recipient};
use crate::{grant, key_id, quota};

names! {
    /// What a data key pair is made of.
    pub(crate) enum DataKeyPairSpec {
        Rsa2048 = "RSA_2048",
        Rsa3072 = "RSA_3072",
        Rsa4096 = "RSA_4096",
        P256 = "ECC_NIST_P256",
        P384 = "ECC_NIST_P384",
        P521 = "ECC_NIST_P521",
        P256K1 = "ECC_SECG_P256K1",
        Sm2 = "SM2",
        Ed25519 = "ECC_NIST_EDWARDS25519",
        MlKem512 = "ML_KEM_512",
        MlKem768 = "ML_KEM_768",
        MlKem1024 = "ML_KEM_1024",
    }
}

/// Makes a key pair for use outside of KMS, its private key plain and encrypted.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPair.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateDataKeyPair {
    #[serde(default)]
    encryption_context: EncryptionContext,
    key_id: String,
    key_pair_spec: DataKeyPairSpec,
    #[serde(default)]
    grant_tokens: Vec<String>,
    recipient: Option<Recipient>,
    dry_run: Option<bool>,
}

/// The data key pair.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateDataKeyPairResponse {
    private_key_ciphertext_blob: Bytes,
    private_key_plaintext: Bytes,
    public_key: Bytes,
    key_id: String,
    key_pair_spec: DataKeyPairSpec,
    key_material_id: String,
}

/// Makes a key pair for use outside of KMS, its private key encrypted only.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPairWithoutPlaintext.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateDataKeyPairWithoutPlaintext {
    #[serde(default)]
    encryption_context: EncryptionContext,
    key_id: String,
    key_pair_spec: DataKeyPairSpec,
    #[serde(default)]
    grant_tokens: Vec<String>,
    dry_run: Option<bool>,
}

/// The data key pair.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateDataKeyPairWithoutPlaintextResponse {
    private_key_ciphertext_blob: Bytes,
    public_key: Bytes,
    key_id: String,
    key_pair_spec: DataKeyPairSpec,
    key_material_id: String,
}

/// A call for a data key pair.
#[derive(Clone, Copy)]
struct Wish<'a> {
    operation: &'static str,
    key_id: &'a str,
    spec: DataKeyPairSpec,
    context: &'a EncryptionContext,
    grant_tokens: &'a [String],
    dry_run: Option<bool>,
}

/// What came of it.
struct Made {
    key: Key,
    pair: Pair,
    /// The private key, encrypted.
    ciphertext: Bytes,
}

impl Wish<'_> {
    async fn access(self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find(cx, self.key_id).await?;
        let access = Demand::of(self.operation, &target).context(self.context).access(cx).await?;
        Ok(access
            .key("kms:DataKeyPairSpec", self.spec.name())
            .key("kms:EncryptionAlgorithm", EncryptionAlgorithm::SymmetricDefault.name()))
    }

    async fn make(self, cx: &mut Cx) -> Result<Made> {
        let spec = KeySpec::named(self.spec.name())?;
        let key = key_id::find(cx, self.key_id).await?.key()?;
        check_symmetric(cx, &key, self.operation)?;
        grant::check_tokens(cx, self.grant_tokens)?;
        self.context.check()?;
        dry_run(self.dry_run)?;
        let pair = draw_pair(cx, spec).await?;
        let ciphertext = under(cx, &key, self.context, &pair.private).await?;
        Ok(Made { key, pair, ciphertext })
    }
}

impl GenerateDataKeyPair {
    fn wish(&self) -> Wish<'_> {
        Wish {
            operation: Self::NAME,
            key_id: &self.key_id,
            spec: self.key_pair_spec,
            context: &self.encryption_context,
            grant_tokens: &self.grant_tokens,
            dry_run: self.dry_run,
        }
    }
}

impl GenerateDataKeyPairWithoutPlaintext {
    fn wish(&self) -> Wish<'_> {
        Wish {
            operation: Self::NAME,
            key_id: &self.key_id,
            spec: self.key_pair_spec,
            context: &self.encryption_context,
            grant_tokens: &self.grant_tokens,
            dry_run: self.dry_run,
        }
    }
}

impl Operation for GenerateDataKeyPair {
    const NAME: &'static str = "GenerateDataKeyPair";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = GenerateDataKeyPairResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.wish().access(cx).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::data_key_pair(self.key_pair_spec))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GenerateDataKeyPairResponse> {
        refuse_recipient(self.recipient.as_ref())?;
        let Made { key, pair, ciphertext } = self.wish().make(cx).await?;
        Ok(GenerateDataKeyPairResponse {
            private_key_ciphertext_blob: ciphertext,
            private_key_plaintext: Bytes::copy_from_slice(&pair.private),
            public_key: pair.public.into(),
            key_id: key.arn().into(),
            key_pair_spec: self.key_pair_spec,
            key_material_id: key.current_material()?.to_owned(),
        })
    }
}

impl Operation for GenerateDataKeyPairWithoutPlaintext {
    const NAME: &'static str = "GenerateDataKeyPairWithoutPlaintext";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = GenerateDataKeyPairWithoutPlaintextResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.wish().access(cx).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::data_key_pair(self.key_pair_spec))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GenerateDataKeyPairWithoutPlaintextResponse> {
        let Made { key, pair, ciphertext } = self.wish().make(cx).await?;
        Ok(GenerateDataKeyPairWithoutPlaintextResponse {
            private_key_ciphertext_blob: ciphertext,
            public_key: pair.public.into(),
            key_id: key.arn().into(),
            key_pair_spec: self.key_pair_spec,
            key_material_id: key.current_material()?.to_owned(),
        })
    }
}
