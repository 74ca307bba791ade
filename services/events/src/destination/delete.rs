//! Deleting an API destination.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::Destination;

/// Deletes an API destination.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteApiDestination.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteApiDestination {
    name: String,
}

impl Operation for DeleteApiDestination {
    const NAME: &'static str = "DeleteApiDestination";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "events:DeleteApiDestination", &self.name))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let here = cx.here();
        Destination::named(cx, &self.name).await?;
        cx.delete::<Destination>(here, &self.name).await?;
        Ok(Empty {})
    }
}
