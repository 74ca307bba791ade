//! `ImportKeyMaterial`.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Error, Fraction, Limit, Operation, Result, Timestamp};

use super::parameters::ImportParameters;
use super::{ExpirationModel, expiry, settle};
use crate::access::Demand;
use crate::asymmetric;
use crate::errors::{
    IncorrectKeyMaterialException, InvalidCiphertextException, KMSInvalidStateException, UnsupportedOperationException,
    ValidationException,
};
use crate::key::spec::KeySpec;
use crate::key::{Key, Origin};
use crate::material::{self, Imported, Material};
use crate::names::names;
use crate::secret::Secret;
use crate::{key_id, multi_region, quota};

names! {
    /// Whether the key has the material already.
    pub(crate) enum ImportType {
        New = "NEW_KEY_MATERIAL",
        Existing = "EXISTING_KEY_MATERIAL",
    }
}

/// Gives a key its material.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImportKeyMaterial {
    key_id: String,
    import_token: Bytes,
    encrypted_key_material: Bytes,
    valid_to: Option<Timestamp>,
    expiration_model: Option<ExpirationModel>,
    import_type: Option<ImportType>,
    key_material_description: Option<String>,
    key_material_id: Option<String>,
}

/// ARN of the key and id of the material.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImportKeyMaterialResponse {
    key_id: String,
    key_material_id: Option<String>,
}

/// The latest that material can expire.
///
/// Source: the reference above, `ValidTo`.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl ImportKeyMaterial {
    fn expiration_model(&self) -> ExpirationModel {
        self.expiration_model.unwrap_or(ExpirationModel::Expires)
    }

    /// When the material is to expire.
    // UNVERIFIED: the wording, but for the first.
    fn expires(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        match (self.expiration_model(), self.valid_to) {
            (ExpirationModel::Expires, None) => Err(ValidationException::because(
                "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES",
            )),
            (ExpirationModel::Never, Some(_)) => Err(ValidationException::because(
                "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE",
            )),
            (ExpirationModel::Expires, Some(at)) if at <= now || at > now.plus(LONGEST) => {
                Err(ValidationException::because("The validTo date must be in the future, and within 365 days"))
            }
            (_, at) => Ok(at),
        }
    }

    /// Refuses what only symmetric encryption keys have, for another.
    // UNVERIFIED: the code and wording.
    fn check_members(&self, key: &Key) -> Result<()> {
        let said =
            self.import_type.is_some() || self.key_material_description.is_some() || self.key_material_id.is_some();
        if said && key.spec != KeySpec::SymmetricDefault {
            return Err(ValidationException::because(
                "ImportType, KeyMaterialDescription and KeyMaterialId are valid only for symmetric encryption KMS keys.",
            ));
        }
        if self.import_type == Some(ImportType::New) && self.key_material_id.is_some() {
            return Err(ValidationException::because(
                "KeyMaterialId cannot be specified with ImportType NEW_KEY_MATERIAL.",
            ));
        }
        Ok(())
    }

    /// The row of the material: one that the key knows, or a new one that it is bound to or that waits for a rotation.
    async fn row(&self, cx: &mut Cx, key: &mut Key, plain: &Secret) -> Result<Material> {
        let id = material::id_of(&key.id, plain);
        let known = material::all(cx, key).await?;
        let new = match self.import_type {
            Some(said) => said == ImportType::New,
            None => known.is_empty(),
        };
        let found = known.iter().find(|material| material.id == id);
        if !new {
            let right = self.key_material_id.as_ref().is_none_or(|named| *named == id);
            return found.cloned().filter(|_| right).ok_or_else(|| IncorrectKeyMaterialException.into());
        }
        if found.is_some() {
            // UNVERIFIED: the wording.
            let message = "The key material is already associated with the KMS key.";
            return Err(IncorrectKeyMaterialException::because(message));
        }
        if key.is_replica() {
            // UNVERIFIED: the code and wording.
            return Err(UnsupportedOperationException::because(format!(
                "{} is a replica key: new key material is imported into the primary key first.",
                key.arn()
            )));
        }
        if let Some(waiting) = known.iter().find(|material| material.is_pending()) {
            // UNVERIFIED: the code and wording.
            return Err(KMSInvalidStateException::because(format!(
                "{} has key material {} that is pending rotation.",
                key.arn(),
                waiting.id
            )));
        }
        let pending = !known.is_empty();
        let imported = Some(Imported { pending, ..Imported::default() });
        for mut other in multi_region::others(cx, key).await? {
            cx.put(other.place, &Material::empty(cx, &key.id, &id, imported.clone())).await?;
            if !pending {
                other.material = Some(id.clone());
                cx.put(other.place, &other).await?;
            }
        }
        if !pending {
            key.material = Some(id.clone());
        }
        Ok(Material::empty(cx, &key.id, &id, imported))
    }
}

/// The material in its canonical form, with the public key if it is a pair.
///
/// # Errors
/// `IncorrectKeyMaterialException`: it is none of the key's spec.
fn read(key: &Key, plain: Secret) -> Result<(Secret, Option<Bytes>)> {
    // UNVERIFIED: the wording.
    let wrong = || {
        IncorrectKeyMaterialException::because(format!(
            "The key material is not valid for key spec {}.",
            key.spec.name()
        ))
    };
    match key.spec.secret_len() {
        Some(length) if plain.len() == length => Ok((plain, None)),
        Some(_) => Err(wrong()),
        None => {
            let pair = asymmetric::read(key.spec, &plain).map_err(|_| wrong())?;
            Ok((pair.private, Some(pair.public.into())))
        }
    }
}

impl Operation for ImportKeyMaterial {
    const NAME: &'static str = "ImportKeyMaterial";
    type Output = ImportKeyMaterialResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        let access = Demand::of(Self::NAME, &target).by_the_owner().access(cx).await?;
        let access = access.key("kms:ExpirationModel", self.expiration_model().name());
        Ok(match self.valid_to {
            Some(at) => access.key("kms:ValidTo", at.whole_secs().to_iso8601(Fraction::AsNeeded)),
            None => access,
        })
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms ImportKeyMaterial", 15))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ImportKeyMaterialResponse> {
        let mut key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        key.has_origin(Origin::External)?;
        key.not_pending_deletion()?;
        key.settled(cx.now())?;
        self.check_members(&key)?;
        let valid_to = self.expires(cx.now())?;
        let parameters = ImportParameters::of_token(cx, &key, &self.import_token).await?;
        let private = parameters.private(cx, key.place)?;
        let unwrapped = parameters.algorithm.unwrap(&private, &self.encrypted_key_material)?;
        let (plain, public) = read(&key, unwrapped.ok_or(InvalidCiphertextException)?)?;

        let mut row = self.row(cx, &mut key, &plain).await?;
        row.fill(cx, key.place, &plain)?;
        let imported = row.imported.as_mut().ok_or_else(|| Error::internal("imported material is marked as such"))?;
        imported.valid_to = valid_to;
        if self.key_material_description.is_some() {
            imported.description.clone_from(&self.key_material_description);
        }
        cx.put(key.place, &row).await?;
        if public.is_some() {
            key.public = public;
        }
        settle(cx, &mut key).await?;
        expiry::schedule(cx, &key, &row).await?;
        Ok(ImportKeyMaterialResponse {
            key_id: key.arn().into(),
            key_material_id: Some(row.id).filter(|_| key.spec == KeySpec::SymmetricDefault),
        })
    }
}
