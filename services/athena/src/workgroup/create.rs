//! `CreateWorkGroup`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{Configuration, MOST, WorkGroup, arn};
use crate::errors::argument;
use crate::tag::{self, Tag};

/// Makes a workgroup.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_CreateWorkGroup.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateWorkGroup {
    name: String,
    #[serde(default)]
    configuration: Configuration,
    description: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

impl Operation for CreateWorkGroup {
    const NAME: &'static str = "CreateWorkGroup";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = Access::to("athena:CreateWorkGroup").on(arn(cx, &self.name));
        Ok(access.request_tags(&tag::map(&self.tags)?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let place = cx.here();
        let all = WorkGroup::all(cx).await?;
        if all.iter().any(|group| group.name == self.name) {
            return Err(argument("WorkGroup is already created"));
        }
        if all.len() >= MOST {
            // UNVERIFIED: the wording.
            return Err(argument("The maximum number of workgroups is reached"));
        }
        let group = WorkGroup {
            name: self.name.clone(),
            description: self.description.clone(),
            disabled: false,
            configuration: self.configuration.checked()?,
            created: Some(cx.now()),
            tags: tag::map(&self.tags)?,
        };
        cx.put(place, &group).await?;
        Ok(Empty {})
    }
}
