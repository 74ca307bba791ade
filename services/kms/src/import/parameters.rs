//! `GetParametersForImport`: what material is wrapped with.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, Cx, Error, IntoKey, Job, Limit, Operation, Place, Resource, Result, Schedule, Scope, Timestamp,
};

use super::wrapping::{WrappingAlgorithm, WrappingKeySpec};
use crate::access::Demand;
use crate::errors::{ExpiredImportTokenException, InvalidImportTokenException};
use crate::key::create::draw_pair;
use crate::key::spec::KeySpec;
use crate::key::{Key, Origin};
use crate::secret::Secret;
use crate::{expunge, key_id, quota};

/// Gives a public key to wrap material with, and a token by which it is known again.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetParametersForImport {
    key_id: String,
    wrapping_algorithm: WrappingAlgorithm,
    wrapping_key_spec: WrappingKeySpec,
}

/// The public key and the token.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetParametersForImportResponse {
    key_id: String,
    import_token: Bytes,
    public_key: Bytes,
    parameters_valid_to: Timestamp,
}

/// How long a public key and its token can be used.
///
/// Source: the reference above: 24 hours.
const VALIDITY: Duration = Duration::from_secs(24 * 60 * 60);

/// A private key by which material is unwrapped, until it expires.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ImportParameters {
    key_id: String,
    id: String,
    pub(crate) algorithm: WrappingAlgorithm,
    sealed: Bytes,
}

impl Resource for ImportParameters {
    const KIND: &'static str = "kms/import-parameters";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> welkin_kernel::Key {
        (&self.key_id, &self.id).into_key()
    }
}

fn seal_context(place: Place, key_id: &str, id: &str) -> String {
    format!("kms import {} {} {key_id} {id}", place.account, place.region)
}

/// What a token says.
#[derive(Serialize, Deserialize)]
struct Token {
    place: Place,
    key_id: String,
    id: String,
    valid_to: Timestamp,
}

const TOKEN: &str = "kms import token";

impl Token {
    fn write(&self, cx: &Cx) -> Result<Bytes> {
        let json = serde_json::to_vec(self).map_err(Error::internal)?;
        Ok(cx.sealer().seal(cx.chance(), TOKEN, &json)?.into())
    }

    fn read(cx: &Cx, token: &[u8]) -> Option<Self> {
        serde_json::from_slice(&cx.sealer().open(TOKEN, token)?).ok()
    }
}

impl ImportParameters {
    /// What a token stands for, if it was made for this key.
    ///
    /// # Errors
    /// `InvalidImportTokenException`, `ExpiredImportTokenException`.
    pub(crate) async fn of_token(cx: &mut Cx, key: &Key, token: &[u8]) -> Result<Self> {
        let token = Token::read(cx, token).ok_or(InvalidImportTokenException)?;
        if token.place != key.place || token.key_id != key.id {
            return Err(InvalidImportTokenException.into());
        }
        if token.valid_to <= cx.now() {
            return Err(ExpiredImportTokenException.into());
        }
        let found = cx.get::<Self>(key.place, (&key.id, &token.id)).await?;
        found.ok_or_else(|| InvalidImportTokenException.into())
    }

    /// The private key.
    ///
    /// # Errors
    /// A fault of Welkin's: the root key is another one.
    pub(crate) fn private(&self, cx: &Cx, place: Place) -> Result<Secret> {
        let opened = cx.sealer().open(&seal_context(place, &self.key_id, &self.id), &self.sealed);
        opened.map(Secret::new).ok_or_else(|| Error::internal("a wrapping key was sealed by another root key"))
    }
}

impl Operation for GetParametersForImport {
    const NAME: &'static str = "GetParametersForImport";
    type Output = GetParametersForImportResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        let access = Demand::of(Self::NAME, &target).by_the_owner().access(cx).await?;
        Ok(access
            .key("kms:WrappingAlgorithm", self.wrapping_algorithm.name())
            .key("kms:WrappingKeySpec", self.wrapping_key_spec.name()))
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::import_parameters())
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetParametersForImportResponse> {
        let key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        key.has_origin(Origin::External)?;
        key.not_pending_deletion()?;
        key.settled(cx.now())?;
        self.wrapping_algorithm.check(self.wrapping_key_spec, key.spec)?;
        let pair = draw_pair(cx, KeySpec::named(self.wrapping_key_spec.name())?).await?;
        let valid_to = cx.after(VALIDITY).whole_secs();
        let id = cx.chance().hex(32);
        let sealed = cx.sealer().seal(cx.chance(), &seal_context(key.place, &key.id, &id), &pair.private)?.into();
        let parameters =
            ImportParameters { key_id: key.id.clone(), id: id.clone(), algorithm: self.wrapping_algorithm, sealed };
        cx.put(key.place, &parameters).await?;
        let forget = ForgetImportParameters { key_id: key.id.clone(), id: id.clone() };
        cx.enqueue_at(key.place, &forget, Schedule::at(valid_to)).await?;
        let token = Token { place: key.place, key_id: key.id.clone(), id, valid_to };
        Ok(GetParametersForImportResponse {
            key_id: key.arn().into(),
            import_token: token.write(cx)?,
            public_key: pair.public.into(),
            parameters_valid_to: valid_to,
        })
    }
}

/// Destroys a private key by which material was unwrapped.
#[derive(Serialize, Deserialize)]
pub(crate) struct ForgetImportParameters {
    key_id: String,
    id: String,
}

impl Job for ForgetImportParameters {
    const NAME: &'static str = "kms/forget-import-parameters";
    const PRINCIPAL: &'static str = "kms.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        cx.discard::<ImportParameters>(here, (&self.key_id, &self.id))?;
        expunge::soon(cx).await
    }
}

/// Destroys all of a key.
pub(crate) fn forget_all(cx: &mut Cx, place: Place, key_id: &str) -> Result<()> {
    cx.delete_all::<ImportParameters>(place, (key_id,))
}
