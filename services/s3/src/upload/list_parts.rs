//! ListParts.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Event, Operation, Result, Timestamp};

use super::list::Initiator;
use super::{Part, Upload};
use crate::bucket::{Bucket, Owner, lifecycle};
use crate::checksum::Carries;
use crate::errors::invalid_argument;
use crate::object::list::most;
use crate::object::quoted;

/// Lists the parts of an upload.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListParts {
    bucket: String,
    key: String,
    upload_id: String,
    max_parts: Option<i64>,
    part_number_marker: Option<i64>,
}

/// Answer of [`ListParts`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPartsOutput {
    bucket: String,
    key: String,
    upload_id: String,
    part_number_marker: u32,
    next_part_number_marker: u32,
    max_parts: usize,
    is_truncated: bool,
    parts: Vec<ListedPart>,
    initiator: Initiator,
    owner: Owner,
    storage_class: String,
    checksum_algorithm: Option<String>,
    checksum_type: Option<String>,
    abort_date: Option<Timestamp>,
    abort_rule_id: Option<String>,
}

shape! {
    /// A part of the list.
    #[derive(Debug, Default, Serialize, Deserialize)]
    pub(crate) struct ListedPart {
        part_number: u32,
        last_modified: Timestamp,
        e_tag: String,
        size: u64,
        +checksums,
    }
}
gives!(ListedPart: checksums);

impl Operation for ListParts {
    const NAME: &str = "ListParts";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = ListPartsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        super::to_manage(cx, "s3:ListMultipartUploadParts", &self.bucket, &self.key, &self.upload_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListPartsOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        let upload = Upload::find(cx, &bucket, &self.key, &self.upload_id).await?;
        let most = most(self.max_parts, "max-parts")?;
        let marker = self.part_number_marker.unwrap_or(0);
        let Some(marker) = u32::try_from(marker).ok().filter(|marker| *marker <= i32::MAX.cast_unsigned()) else {
            let message = "Argument part-number-marker must be an integer between 0 and 2147483647";
            return Err(invalid_argument(message, "part-number-marker", marker.to_string()));
        };
        let (from, to) = ((&bucket.name, &upload.id, marker + 1), (&bucket.name, &upload.id, u32::MAX));
        let mut parts = cx.between::<Part>(bucket.place(), from, to, most + 1, false).await?;
        let more = most > 0 && parts.len() > most;
        parts.truncate(most);
        let (abort_date, abort_rule_id) =
            lifecycle::abortion(cx, &bucket, &upload.key, upload.initiated).await?.unzip();
        Ok(ListPartsOutput {
            part_number_marker: marker,
            next_part_number_marker: parts.last().map_or(0, |part| part.number),
            max_parts: most,
            is_truncated: more,
            parts: parts.into_iter().map(|part| ListedPart::of(part, &upload)).collect(),
            initiator: Initiator::of(&upload),
            owner: Owner::named(upload.settings.owner(&bucket)),
            checksum_algorithm: upload.chosen.then(|| upload.algorithm.name().to_owned()),
            checksum_type: upload.chosen.then(|| upload.kind.name().to_owned()),
            bucket: bucket.name,
            key: upload.key,
            upload_id: upload.id,
            storage_class: upload.settings.storage_class,
            abort_date,
            abort_rule_id,
        })
    }
}

impl ListedPart {
    fn of(part: Part, upload: &Upload) -> Self {
        let mut listed = Self {
            part_number: part.number,
            last_modified: part.modified,
            e_tag: quoted(&part.etag),
            size: part.size(),
            ..Self::default()
        };
        if upload.chosen {
            listed.carry(upload.algorithm, &part.checksum);
        }
        listed
    }
}
