//! Deleting an application, with its endpoints.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Job, Operation, Page, Resource, Result, Schedule};

use super::endpoint::Endpoint;
use super::{Application, ApplicationArn};

/// Deletes an application. One that does not exist is as good as deleted.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_DeletePlatformApplication.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeletePlatformApplication {
    platform_application_arn: ApplicationArn,
}

impl Operation for DeletePlatformApplication {
    const NAME: &'static str = "DeletePlatformApplication";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:DeletePlatformApplication"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (here, (platform, name)) = (cx.here(), self.platform_application_arn.parse(cx)?);
        if let Some(application) = cx.delete::<Application>(here, (platform.as_str(), name)).await? {
            cx.enqueue(&ClearEndpoints { application: application.id }, Schedule::now()).await?;
        }
        Ok(Empty {})
    }
}

/// Removes the endpoints of an application that is deleted, some in each run. Nobody can reach them any more.
#[derive(Serialize, Deserialize)]
pub(crate) struct ClearEndpoints {
    application: u64,
}

/// Endpoints that one run removes at most.
const BATCH: usize = 200;

impl Job for ClearEndpoints {
    const NAME: &'static str = "sns/clear-endpoints";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let some = cx.list::<Endpoint>(here, self.application, Page::of(BATCH, None)).await?;
        for endpoint in &some {
            cx.delete::<Endpoint>(here, endpoint.key()).await?;
        }
        if some.len() == BATCH {
            cx.enqueue(self, Schedule::now()).await?;
        }
        Ok(())
    }
}
