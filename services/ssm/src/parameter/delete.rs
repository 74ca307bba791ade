//! Deleting parameters.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Place, Result};

use super::{Parameter, Past, access, event};
use crate::errors::ParameterNotFound;
use crate::name::Address;

/// Deletes a parameter with all its versions.
///
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameter.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteParameter {
    name: String,
}

impl Operation for DeleteParameter {
    const NAME: &'static str = "DeleteParameter";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, &Address::here(cx, &self.name), "ssm:DeleteParameter").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::here(cx, &self.name);
        let parameter = address.find(cx).await?.ok_or(ParameterNotFound)?;
        remove(cx, address.place, &parameter).await?;
        Ok(Empty {})
    }
}

/// Removes a parameter with all its versions.
///
/// # Errors
/// When the store fails.
pub(super) async fn remove(cx: &mut Cx, place: Place, parameter: &Parameter) -> Result<()> {
    cx.discard::<Parameter>(place, parameter.name.as_str())?;
    cx.delete_all::<Past>(place, parameter.name.as_str())?;
    event::changed(cx, place, &parameter.name, &parameter.latest, "Delete").await
}

/// Deletes up to ten parameters; those that are not there are told.
///
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameters.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteParameters {
    names: Vec<String>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteParametersResult {
    deleted_parameters: Vec<String>,
    invalid_parameters: Vec<String>,
}

impl Operation for DeleteParameters {
    const NAME: &'static str = "DeleteParameters";
    type Output = DeleteParametersResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let mut all: Option<Access> = None;
        for name in &self.names {
            let access = access(cx, &Address::here(cx, name), "ssm:DeleteParameters").await?;
            all = Some(match all {
                Some(all) => all.and(access),
                None => access,
            });
        }
        Ok(all.unwrap_or_else(|| Access::to("ssm:DeleteParameters")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DeleteParametersResult> {
        let mut result = DeleteParametersResult::default();
        for name in &self.names {
            let address = Address::here(cx, name);
            match address.find(cx).await? {
                Some(parameter) => {
                    remove(cx, address.place, &parameter).await?;
                    result.deleted_parameters.push(name.clone());
                }
                None => result.invalid_parameters.push(name.clone()),
            }
        }
        Ok(result)
    }
}
