//! Reading parameters.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Place, Result, Timestamp};

use super::{Version, access};
use crate::errors::ParameterNotFound;
use crate::name::{self, Address, Selector};
use crate::public;

/// A parameter as callers see it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Shown {
    name: String,
    #[serde(rename = "Type")]
    kind: String,
    value: String,
    version: u64,
    selector: Option<String>,
    last_modified_date: Timestamp,
    #[serde(rename = "ARN")]
    arn: String,
    data_type: String,
}

impl Shown {
    /// A version of a parameter, decrypted with the caller's rights if that is asked for.
    ///
    /// # Errors
    /// `InvalidKeyId`, `AccessDeniedException`
    pub(crate) async fn of(
        cx: &mut Cx,
        place: Place,
        name: &str,
        version: &Version,
        selector: Option<&Selector>,
        decrypt: bool,
    ) -> Result<Self> {
        let arn = name::arn(place, name);
        let value = if decrypt { version.value.open(cx, place, &arn).await? } else { version.value.shown() };
        Ok(Self {
            name: name.to_owned(),
            kind: version.kind.as_str().to_owned(),
            value,
            version: version.number,
            selector: selector.map(|selector| match selector {
                Selector::Version(number) => format!(":{number}"),
                Selector::Label(label) => format!(":{label}"),
            }),
            last_modified_date: version.modified,
            arn: arn.into(),
            data_type: version.data_type.clone(),
        })
    }

    /// A parameter that AWS has for everybody.
    pub(crate) fn public(cx: &Cx, name: &str, value: String) -> Self {
        Self {
            name: name.to_owned(),
            kind: "String".to_owned(),
            value,
            version: 1,
            selector: None,
            last_modified_date: Timestamp::from_secs(0),
            arn: public::arn(cx, name),
            data_type: "text".to_owned(),
        }
    }
}

/// Reads a parameter, or one of its versions.
///
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetParameter {
    name: String,
    #[serde(default)]
    with_decryption: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetParameterResult {
    parameter: Shown,
}

/// The access to what a caller named.
async fn access_to(cx: &mut Cx, text: &str, action: &'static str) -> Result<Access> {
    let (name, _) = name::split(text);
    if public::is_public(name) {
        return Ok(Access::to(action).on(public::arn(cx, name)));
    }
    access(cx, &Address::read(cx, name)?, action).await
}

/// What a caller named, if it is there.
async fn read(cx: &mut Cx, text: &str, decrypt: bool) -> Result<Shown> {
    let (name, selector) = name::split(text);
    if public::is_public(name) {
        let value = public::value(cx, name)?;
        return value.map(|value| Shown::public(cx, name, value)).ok_or_else(|| ParameterNotFound.into());
    }
    let address = Address::read(cx, name)?;
    let parameter = address.parameter(cx).await?;
    let version = parameter.version(cx, address.place, selector.as_ref()).await?;
    Shown::of(cx, address.place, &parameter.name, &version, selector.as_ref(), decrypt).await
}

impl Operation for GetParameter {
    const NAME: &'static str = "GetParameter";
    type Output = GetParameterResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access_to(cx, &self.name, "ssm:GetParameter").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetParameterResult> {
        Ok(GetParameterResult { parameter: read(cx, &self.name, self.with_decryption).await? })
    }
}

/// Reads up to ten parameters; those that are not there are told.
///
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetParameters {
    names: Vec<String>,
    #[serde(default)]
    with_decryption: bool,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetParametersResult {
    parameters: Vec<Shown>,
    invalid_parameters: Vec<String>,
}

impl Operation for GetParameters {
    const NAME: &'static str = "GetParameters";
    type Output = GetParametersResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let mut all: Option<Access> = None;
        for name in &self.names {
            let access = access_to(cx, name, "ssm:GetParameters").await?;
            all = Some(match all {
                Some(all) => all.and(access),
                None => access,
            });
        }
        Ok(all.unwrap_or_else(|| Access::to("ssm:GetParameters")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetParametersResult> {
        let mut result = GetParametersResult::default();
        for name in &self.names {
            match read(cx, name, self.with_decryption).await {
                Ok(shown) => result.parameters.push(shown),
                Err(error) if error.is("ParameterNotFound") || error.is("ParameterVersionNotFound") => {
                    result.invalid_parameters.push(name.clone());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(result)
    }
}
