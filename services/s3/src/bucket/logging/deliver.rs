//! Lines become files in the target bucket.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Call, Cx, Error, Job, Page, Result, Schedule};

use super::Logging;
use super::file::{File, Format};
use super::line::Line;
use crate::acl::{Grantee, Permission};
use crate::bucket::Bucket;

/// Lines that one run puts into files.
const BATCH: usize = 1000;

/// The principal that delivers logs.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html>
const LOGGING: &str = "logging.s3.amazonaws.com";

/// Puts the lines of a bucket into files.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Deliver {
    bucket: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PutObject<'a> {
    bucket: &'a str,
    key: String,
    content_length: usize,
    content_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    grant_full_control: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grant_read: Option<String>,
}

impl Deliver {
    pub(super) fn of(bucket: &str) -> Self {
        Self { bucket: bucket.to_owned() }
    }
}

impl Job for Deliver {
    const NAME: &'static str = "s3/access-log";
    const PRINCIPAL: &'static str = LOGGING;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let lines = cx.list::<Line>(place, (&self.bucket,), Page::of(BATCH, None)).await?;
        if lines.is_empty() {
            return Ok(());
        }
        let bucket = cx.get::<Bucket>(place, (&self.bucket,)).await?.filter(|bucket| bucket.place() == place);
        let logging = bucket.as_ref().and_then(|bucket| bucket.logging.as_ref());
        let done: Vec<Line> = match (&bucket, logging) {
            (Some(bucket), Some(logging)) => {
                cx.stage(async |cx| {
                    logging.write(cx, bucket, &lines).await?;
                    Ok(lines)
                })
                .await?
            }
            // It does not log any more.
            _ => lines,
        };
        let more = done.len() == BATCH;
        for line in &done {
            cx.discard::<Line>(place, welkin_kernel::Resource::key(line))?;
        }
        if more {
            cx.enqueue(self, Schedule::now()).await?;
        }
        Ok(())
    }
}

impl Logging {
    /// Writes the files of some lines. What the target bucket does not take is lost, as in AWS.
    async fn write(&self, cx: &mut Cx, source: &Bucket, lines: &[Line]) -> Result<()> {
        let format = self.format.unwrap_or(Format::Simple);
        for file in format.files(source, &self.prefix, lines, cx.now()) {
            match self.put(cx, source, file).await {
                Ok(()) => {}
                Err(error) if error.answer().is_some() => {
                    tracing::warn!(bucket = source.name, target = self.target, %error, "an access log is not delivered");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn put(&self, cx: &mut Cx, source: &Bucket, file: File) -> Result<()> {
        let unique = cx.chance().text(16, b"0123456789ABCDEF");
        let input = PutObject {
            bucket: &self.target,
            key: [file.stem.as_str(), &unique].concat(),
            content_length: file.text.len(),
            content_type: "text/plain",
            grant_full_control: self.granted(Permission::FullControl),
            grant_read: self.granted(Permission::Read),
        };
        let arn = source.arn().parse().map_err(|_| Error::internal("a bucket has an ARN"))?;
        let call = Call::to("s3", "PutObject").input(&input).body(Bytes::from(file.text)).at(source.place());
        cx.call(call.as_service(LOGGING, source.owner, Some(arn))).await?;
        Ok(())
    }

    /// Those who are granted a permission on the files, as the header of a writer has them. Of an object there is
    /// nothing to write.
    fn granted(&self, permission: Permission) -> Option<String> {
        let grants = self.grants.iter().filter(|grant| grant.permission == permission);
        let grantees: Vec<String> = grants
            .map(|grant| match grant.grantee {
                Grantee::User(user) => format!("id=\"{}\"", user.id()),
                Grantee::Group(group) => format!("uri=\"{}\"", group.uri()),
            })
            .collect();
        (!grantees.is_empty()).then(|| grantees.join(", "))
    }
}
