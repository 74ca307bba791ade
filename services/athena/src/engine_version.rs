//! Versions of the engine.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use crate::errors::argument;

/// The version that queries run on.
///
/// Source: <https://docs.aws.amazon.com/athena/latest/ug/engine-versions.html>
pub(crate) const CURRENT: &str = "Athena engine version 3";

/// What is chosen by who does not choose.
const AUTO: &str = "AUTO";

/// A choice, and what it comes to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EngineVersion {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    selected_engine_version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    effective_engine_version: Option<String>,
}

impl Default for EngineVersion {
    fn default() -> Self {
        Self { selected_engine_version: Some(AUTO.into()), effective_engine_version: Some(CURRENT.into()) }
    }
}

impl EngineVersion {
    /// The choice, if there is such a version.
    ///
    /// # Errors
    /// `InvalidRequestException`
    // UNVERIFIED: the wording.
    pub(crate) fn checked(&self) -> Result<Self> {
        match self.selected_engine_version.as_deref() {
            None | Some(AUTO | CURRENT) => Ok(Self {
                selected_engine_version: self.selected_engine_version.clone().or_else(|| Some(AUTO.into())),
                effective_engine_version: Some(CURRENT.into()),
            }),
            Some(other) => Err(argument(format!("Engine version {other} is not supported"))),
        }
    }
}

/// Lists the versions of the engine.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_ListEngineVersions.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListEngineVersions {}

/// The versions.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListEngineVersionsOutput {
    engine_versions: Vec<EngineVersion>,
}

impl Operation for ListEngineVersions {
    const NAME: &'static str = "ListEngineVersions";
    type Output = ListEngineVersionsOutput;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("athena:ListEngineVersions"))
    }

    async fn run(&self, _: &mut Cx) -> Result<ListEngineVersionsOutput> {
        let of = |name: &str| EngineVersion {
            selected_engine_version: Some(name.into()),
            effective_engine_version: Some(CURRENT.into()),
        };
        Ok(ListEngineVersionsOutput { engine_versions: vec![of(AUTO), of(CURRENT)] })
    }
}
