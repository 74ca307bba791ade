//! `DeleteWorkGroup`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{PRIMARY, WorkGroup, access};
use crate::errors::argument;
use crate::execution::history;
use crate::{named_query, prepared_statement};

/// Deletes a workgroup.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_DeleteWorkGroup.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteWorkGroup {
    work_group: String,
    #[serde(default)]
    recursive_delete_option: bool,
}

impl Operation for DeleteWorkGroup {
    const NAME: &'static str = "DeleteWorkGroup";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:DeleteWorkGroup", Some(&self.work_group)).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (place, name) = (cx.here(), self.work_group.as_str());
        if name == PRIMARY {
            // "The primary workgroup cannot be deleted." UNVERIFIED: the wording.
            return Err(argument("The primary workgroup cannot be deleted"));
        }
        WorkGroup::find(cx, name).await?;
        let is_empty = named_query::is_none_of(cx, name).await?
            && prepared_statement::is_none_of(cx, name).await?
            && history::is_none_of(cx, name).await?;
        if !is_empty && !self.recursive_delete_option {
            return Err(argument(format!("WorkGroup {name} is not empty")));
        }
        named_query::delete_all_of(cx, name).await?;
        prepared_statement::delete_all_of(cx, name)?;
        history::delete_all_of(cx, name).await?;
        cx.delete::<WorkGroup>(place, name).await?;
        Ok(Empty {})
    }
}
