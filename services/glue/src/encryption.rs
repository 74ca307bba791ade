//! How a catalog encrypts: the passwords of connections by a key of KMS.
//!
//! What is stored is sealed by Welkin's root key in any case; a catalog whose metadata are encrypted by KMS is refused by
//! name.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Call, Cx, Empty, IntoKey, Key, Operation, Place, Resource, Result, Scope};

use crate::catalog::{Catalog, Subject};
use crate::errors::{GlueEncryptionException, invalid, not_implemented};

/// The settings of a catalog as they are stored.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Stored {
    settings: Settings,
}

impl Resource for Stored {
    const KIND: &'static str = "glue/encryption-settings";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        CATALOG.into_key()
    }
}

const CATALOG: &str = "catalog";

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_DataCatalogEncryptionSettings.html>
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Settings {
    encryption_at_rest: Option<AtRest>,
    connection_password_encryption: Option<OfPasswords>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AtRest {
    catalog_encryption_mode: String,
    sse_aws_kms_key_id: Option<String>,
    catalog_encryption_service_role: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OfPasswords {
    return_connection_password_encrypted: bool,
    aws_kms_key_id: Option<String>,
}

async fn settings(cx: &mut Cx, place: Place) -> Result<Settings> {
    Ok(cx.get::<Stored>(place, CATALOG).await?.unwrap_or_default().settings)
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Encrypt<'a> {
    key_id: &'a str,
    plaintext: Bytes,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Encrypted {
    ciphertext_blob: Bytes,
}

/// A password as its connection has it in a catalog that encrypts passwords; `None` in one that does not. "The caller
/// of `CreateConnection` and `UpdateConnection` needs at least `kms:Encrypt` permission on the specified KMS key":
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_ConnectionPasswordEncryption.html>
///
/// # Errors
/// `GlueEncryptionException`
pub(crate) async fn password(cx: &mut Cx, place: Place, plain: &str) -> Result<Option<String>> {
    let passwords = settings(cx, place).await?.connection_password_encryption;
    let Some(passwords) = passwords.filter(|passwords| passwords.return_connection_password_encrypted) else {
        return Ok(None);
    };
    let Some(key_id) = &passwords.aws_kms_key_id else { return Ok(None) };
    let input = Encrypt { key_id, plaintext: Bytes::copy_from_slice(plain.as_bytes()) };
    match cx.call(Call::to("kms", "Encrypt").input(&input).at(place)).await {
        Ok(answered) => Ok(Some(STANDARD.encode(answered.output::<Encrypted>()?.ciphertext_blob))),
        // UNVERIFIED: the wording.
        Err(error) => match error.answer() {
            Some(answer) => Err(GlueEncryptionException::because(answer.message.clone())),
            None => Err(error),
        },
    }
}

/// Sets how the catalog encrypts.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_PutDataCatalogEncryptionSettings.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutDataCatalogEncryptionSettings {
    catalog_id: Option<String>,
    data_catalog_encryption_settings: Settings,
}

impl Operation for PutDataCatalogEncryptionSettings {
    const NAME: &'static str = "PutDataCatalogEncryptionSettings";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        catalog.access(cx, Self::NAME, Subject::Catalog).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let wish = &self.data_catalog_encryption_settings;
        if wish.encryption_at_rest.as_ref().is_some_and(|at_rest| at_rest.catalog_encryption_mode != "DISABLED") {
            return Err(not_implemented("metadata encrypted by KMS (EncryptionAtRest)"));
        }
        let passwords = wish.connection_password_encryption.as_ref();
        if passwords.is_some_and(|one| one.return_connection_password_encrypted && one.aws_kms_key_id.is_none()) {
            // UNVERIFIED: the wording.
            return Err(invalid("AwsKmsKeyId is required to encrypt connection passwords."));
        }
        // UNVERIFIED: that a part which is not named stays as it is.
        let mut settings = settings(cx, catalog.place).await?;
        settings.encryption_at_rest = wish.encryption_at_rest.clone().or(settings.encryption_at_rest);
        settings.connection_password_encryption =
            wish.connection_password_encryption.clone().or(settings.connection_password_encryption);
        cx.put(catalog.place, &Stored { settings }).await?;
        Ok(Empty {})
    }
}

/// Shows how the catalog encrypts.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetDataCatalogEncryptionSettings.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetDataCatalogEncryptionSettings {
    catalog_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetDataCatalogEncryptionSettingsResponse {
    data_catalog_encryption_settings: Settings,
}

impl Operation for GetDataCatalogEncryptionSettings {
    const NAME: &'static str = "GetDataCatalogEncryptionSettings";
    type Output = GetDataCatalogEncryptionSettingsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        catalog.access(cx, Self::NAME, Subject::Catalog).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetDataCatalogEncryptionSettingsResponse> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let settings = settings(cx, catalog.place).await?;
        let none = || AtRest {
            catalog_encryption_mode: "DISABLED".to_owned(),
            sse_aws_kms_key_id: None,
            catalog_encryption_service_role: None,
        };
        let open = || OfPasswords { return_connection_password_encrypted: false, aws_kms_key_id: None };
        Ok(GetDataCatalogEncryptionSettingsResponse {
            data_catalog_encryption_settings: Settings {
                encryption_at_rest: Some(settings.encryption_at_rest.unwrap_or_else(none)),
                connection_password_encryption: Some(settings.connection_password_encryption.unwrap_or_else(open)),
            },
        })
    }
}
