//! What crawlers tell EventBridge.
//!
//! <https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html>; the details are those of
//! the examples in EventBridge's user guide, without links to logs, which runs do not write.

use serde_json::json;
use welkin_kernel::{Cx, Result, Timestamp};

use super::crawl::{Crawl, Ending};

const SOURCE: &str = "aws.glue";
const STATE_CHANGE: &str = "Glue Crawler State Change";

/// As the examples write times: `2017-11-11T01:25:00Z`.
fn text(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.secs()).map(|at| at.to_string()).unwrap_or_default()
}

/// A run has begun.
// UNVERIFIED: what the details of this one are.
pub(super) async fn started(cx: &mut Cx, crawler: &str) -> Result<()> {
    let detail = json!({
        "accountId": cx.account().to_string(),
        "crawlerName": crawler,
        "startTime": text(cx.now()),
        "state": "Started",
        "message": "Crawler Started",
    });
    cx.publish(SOURCE, STATE_CHANGE, detail).await
}

/// A run has ended. Of one that was stopped nothing is told.
pub(super) async fn ended(cx: &mut Cx, crawl: &Crawl) -> Result<()> {
    let written = crawl.written;
    let detail = match crawl.ending {
        Some(Ending::Succeeded) => json!({
            "tablesCreated": written.tables_created.to_string(),
            "warningMessage": "N/A",
            "partitionsUpdated": written.partitions_updated.to_string(),
            "tablesUpdated": written.tables_updated.to_string(),
            "message": "Crawler Succeeded",
            "partitionsDeleted": written.partitions_deleted.to_string(),
            "accountId": cx.account().to_string(),
            "runningTime (sec)": cx.now().since(crawl.started).as_secs().to_string(),
            "tablesDeleted": written.tables_deleted.to_string(),
            "crawlerName": crawl.crawler,
            "completionDate": text(cx.now()),
            "state": "Succeeded",
            "partitionsCreated": written.partitions_created.to_string(),
        }),
        Some(Ending::Failed) => json!({
            "crawlerName": crawl.crawler,
            "errorMessage": crawl.error,
            "accountId": cx.account().to_string(),
            "state": "Failed",
            "message": "Crawler Failed",
        }),
        _ => return Ok(()),
    };
    cx.publish(SOURCE, STATE_CHANGE, detail).await
}

/// A run that the schedule was to start did not begin.
pub(super) async fn not_invoked(cx: &mut Cx, crawler: &str, error: &str) -> Result<()> {
    let detail = json!({
        "customerId": cx.account().to_string(),
        "crawlerName": crawler,
        "errorMessage": error,
    });
    cx.publish(SOURCE, "Glue Scheduled Crawler Invocation Failure", detail).await
}
