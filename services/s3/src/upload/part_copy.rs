//! UploadPartCopy.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Event, Operation, Result, Timestamp};

use super::{Upload, part_number};
use crate::bucket::Bucket;
use crate::checksum::Carries;
use crate::content::{self, Demands};
use crate::encryption::{Shows, bucket_key, data_key};
use crate::errors::{InvalidRequest, invalid_argument};
use crate::object::quoted;
use crate::range::ByteRange;

shape! {
    /// Makes a part of an object that is there, or of a range of it.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html>
    #[derive(Debug, Deserialize)]
    pub(crate) struct UploadPartCopy {
        bucket: String,
        key: String,
        upload_id: String,
        part_number: i64,
        copy_source_range: Option<String>,
        +source,
        +customer_key,
    }
}
gives!(UploadPartCopy: source, customer_key);

shape! {
    /// Answer of [`UploadPartCopy`].
    #[derive(Debug, Default, Serialize, Deserialize)]
    pub(crate) struct UploadPartCopyOutput {
        copy_part_result: CopyPartResult,
        copy_source_version_id: Option<String>,
        +encrypted,
    }
}
gives!(UploadPartCopyOutput: encrypted);

shape! {
    /// The part.
    #[derive(Debug, Default, Serialize, Deserialize)]
    pub(crate) struct CopyPartResult {
        e_tag: String,
        last_modified: Timestamp,
        +checksums,
    }
}
gives!(CopyPartResult: checksums);

impl Operation for UploadPartCopy {
    const NAME: &str = "UploadPartCopy";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = UploadPartCopyOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let read = self.source().access(cx, false).await?;
        let write = super::to_continue(cx, &self.bucket, &self.key).await?;
        let write = write.key("s3:ObjectCreationOperation", "false").key("s3:x-amz-copy-source", &self.copy_source);
        Ok(read.and(write))
    }

    async fn run(&self, cx: &mut Cx) -> Result<UploadPartCopyOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        let number = part_number(self.part_number)?;
        let upload = Upload::find(cx, &bucket, &self.key, &self.upload_id).await?;
        let source = self.source().open(cx).await?;
        source.check_region(&bucket)?;
        let range = self.range(source.object.size)?;
        let customer = self.customer_key().key()?;
        data_key::check_customer(&upload.protection, customer.as_ref())?;
        let demands =
            Demands { computed: Some(upload.algorithm), etag: upload.protection.etag_is_md5(), ..Demands::default() };
        let kept = data_key::kept(cx, &bucket, &upload.protection).await?;
        let (received, of_source, of_upload) = cx
            .stage(async |cx| {
                let (body, of_source) = source.read(cx, range).await?;
                let key = super::unlock(cx, &bucket, &upload, customer.as_ref(), kept).await?;
                Ok((content::receive(cx, body, &key.key, &demands).await?, of_source, key.decrypted))
            })
            .await?;
        if let Some(level) = of_source {
            bucket_key::keep(cx, &source.bucket, level).await?;
        }
        if let Some(level) = of_upload {
            bucket_key::keep(cx, &bucket, level).await?;
        }
        let part = upload.put_part(cx, bucket.place(), number, received).await?;
        let mut result =
            CopyPartResult { e_tag: quoted(&part.etag), last_modified: part.modified, ..CopyPartResult::default() };
        result.carry(upload.algorithm, &part.checksum);
        let mut output = UploadPartCopyOutput { copy_part_result: result, ..UploadPartCopyOutput::default() };
        output.copy_source_version_id = source.shown_version();
        output.show(upload.protection.shown());
        Ok(output)
    }
}

impl UploadPartCopy {
    /// The range of the source, which must lie within it and be given in full.
    fn range(&self, size: u64) -> Result<ByteRange> {
        let Some(header) = &self.copy_source_range else {
            if size > content::LONGEST {
                return Err(InvalidRequest::because(format!(
                    "The specified copy source is larger than the maximum allowable size for a copy source: {}",
                    content::LONGEST
                )));
            }
            return Ok(ByteRange { start: 0, end: size });
        };
        let invalid = |message: String| invalid_argument(message, "x-amz-copy-source-range", header);
        let Some((first, last)) = bounds(header) else {
            return Err(invalid(
                "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the \
                 zero-based offsets of the first and last bytes to copy"
                    .to_owned(),
            ));
        };
        if last >= size {
            return Err(invalid(format!("Range specified is not valid for source object of size: {size}")));
        }
        if last - first >= content::LONGEST {
            return Err(content::too_large(last - first + 1));
        }
        Ok(ByteRange { start: first, end: last + 1 })
    }
}

/// The first and the last byte of `bytes=first-last`.
fn bounds(header: &str) -> Option<(u64, u64)> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::bounds;

    #[test]
    fn a_source_range_has_both_bounds() {
        assert_eq!(bounds("bytes=0-9"), Some((0, 9)));
        for wrong in ["bytes=9-0", "bytes=0-", "bytes=-9", "0-9", "bytes=a-b", ""] {
            assert_eq!(bounds(wrong), None, "{wrong}");
        }
    }
}
