//! `GetChannel`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::{Channel, Ingestion, Shown};

/// Shows a channel, and how the last events came through it.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetChannel.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetChannel {
    channel: String,
}

/// The channel.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetChannelResponse {
    #[serde(flatten)]
    shown: Shown,
    ingestion_status: Option<IngestionStatus>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IngestionStatus {
    latest_ingestion_success_time: Option<Timestamp>,
    #[serde(rename = "LatestIngestionSuccessEventID")]
    latest_ingestion_success_event_id: Option<String>,
    latest_ingestion_error_code: Option<String>,
    latest_ingestion_attempt_time: Option<Timestamp>,
    #[serde(rename = "LatestIngestionAttemptEventID")]
    latest_ingestion_attempt_event_id: Option<String>,
}

impl IngestionStatus {
    fn of(ingestion: Ingestion) -> Self {
        let (success_time, success_event) = ingestion.succeeded.unzip();
        let (attempt_time, attempt_event) = ingestion.attempted.unzip();
        Self {
            latest_ingestion_success_time: success_time,
            latest_ingestion_success_event_id: success_event,
            latest_ingestion_error_code: ingestion.error,
            latest_ingestion_attempt_time: attempt_time,
            latest_ingestion_attempt_event_id: attempt_event,
        }
    }
}

impl Operation for GetChannel {
    const NAME: &'static str = "GetChannel";
    type Output = GetChannelResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Channel::access(cx, "cloudtrail:GetChannel", &self.channel).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetChannelResponse> {
        let channel = Channel::own(cx, &self.channel).await?;
        let here = cx.here();
        let ingestion = cx.get::<Ingestion>(here, &channel.id).await?;
        let shown = Shown::of(channel, here.account);
        Ok(GetChannelResponse { shown, ingestion_status: ingestion.map(IngestionStatus::of) })
    }
}
