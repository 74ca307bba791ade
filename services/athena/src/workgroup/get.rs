//! `GetWorkGroup`, `ListWorkGroups`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::{Configuration, WorkGroup, access};
use crate::engine_version::EngineVersion;
use crate::page;

/// Tells of a workgroup.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetWorkGroup.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetWorkGroup {
    work_group: String,
}

/// The workgroup.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetWorkGroupOutput {
    work_group: Shown,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Shown {
    name: String,
    state: String,
    configuration: Configuration,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creation_time: Option<Timestamp>,
}

fn state(group: &WorkGroup) -> String {
    if group.disabled { "DISABLED" } else { "ENABLED" }.into()
}

impl Operation for GetWorkGroup {
    const NAME: &'static str = "GetWorkGroup";
    type Output = GetWorkGroupOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:GetWorkGroup", Some(&self.work_group)).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetWorkGroupOutput> {
        let group = WorkGroup::find(cx, &self.work_group).await?;
        let state = state(&group);
        Ok(GetWorkGroupOutput {
            work_group: Shown {
                name: group.name,
                state,
                configuration: group.configuration,
                description: group.description,
                creation_time: group.created,
            },
        })
    }
}

/// Lists the workgroups of the account in the Region.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_ListWorkGroups.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListWorkGroups {
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// A page of them.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListWorkGroupsOutput {
    work_groups: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    name: String,
    state: String,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    creation_time: Option<Timestamp>,
    engine_version: EngineVersion,
}

impl Operation for ListWorkGroups {
    const NAME: &'static str = "ListWorkGroups";
    type Output = ListWorkGroupsOutput;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("athena:ListWorkGroups"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListWorkGroupsOutput> {
        let all = WorkGroup::all(cx).await?;
        let (all, next_token) = page::cut(all, self.max_results, self.next_token.as_deref(), |group| &group.name)?;
        let summary = |group: WorkGroup| Summary {
            state: state(&group),
            engine_version: group.configuration.engine(),
            name: group.name,
            description: group.description.unwrap_or_default(),
            creation_time: group.created,
        };
        Ok(ListWorkGroupsOutput { work_groups: all.into_iter().map(summary).collect(), next_token })
    }
}
