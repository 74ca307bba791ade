//! UploadPart.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Error, Event, Operation, Result};

use super::{Upload, part_number};
use crate::bucket::Bucket;
use crate::checksum::{self, Carries};
use crate::content::{self, Demands};
use crate::encryption::{Shows, bucket_key, data_key};
use crate::errors::InvalidRequest;
use crate::object::{put, quoted};

shape! {
    /// Uploads a part.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html>
    #[derive(Debug, Deserialize)]
    pub(crate) struct UploadPart {
        bucket: String,
        key: String,
        upload_id: String,
        part_number: i64,
        content_length: Option<u64>,
        #[serde(rename = "ContentMD5")] content_md5: Option<String>,
        checksum_algorithm: Option<String>,
        +checksums,
        +customer_key,
    }
}
gives!(UploadPart: checksums, customer_key);

shape! {
    /// Answer of [`UploadPart`].
    #[derive(Debug, Default, Serialize, Deserialize)]
    pub(crate) struct UploadPartOutput {
        e_tag: String,
        +checksums,
        +encrypted,
    }
}
gives!(UploadPartOutput: checksums, encrypted);

impl Operation for UploadPart {
    const NAME: &str = "UploadPart";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = UploadPartOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = super::to_continue(cx, &self.bucket, &self.key).await?;
        Ok(access.key("s3:ObjectCreationOperation", "false"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<UploadPartOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        let number = part_number(self.part_number)?;
        let upload = Upload::find(cx, &bucket, &self.key, &self.upload_id).await?;
        let customer = self.customer_key().key()?;
        data_key::check_customer(&upload.protection, customer.as_ref())?;
        let demands = self.demands(cx, &upload)?;
        let kept = data_key::kept(cx, &bucket, &upload.protection).await?;
        let (received, decrypted) = cx
            .stage(async |cx| {
                let key = super::unlock(cx, &bucket, &upload, customer.as_ref(), kept).await?;
                let body = cx.take_body();
                Ok((content::receive(cx, body, &key.key, &demands).await?, key.decrypted))
            })
            .await?;
        if let Some(level) = decrypted {
            bucket_key::keep(cx, &bucket, level).await?;
        }
        let part = upload.put_part(cx, bucket.place(), number, received).await?;
        let mut output = UploadPartOutput { e_tag: quoted(&part.etag), ..UploadPartOutput::default() };
        output.carry(upload.algorithm, &part.checksum);
        output.show(upload.protection.shown());
        Ok(output)
    }
}

impl UploadPart {
    fn demands(&self, cx: &Cx, upload: &Upload) -> Result<Demands> {
        let headers = &cx.facts().headers;
        let announced = checksum::announced(self.carried(), headers, self.checksum_algorithm.as_deref())?;
        match announced.algorithm {
            Some(algorithm) if upload.chosen && algorithm != upload.algorithm => {
                return Err(mismatch(upload, algorithm.name()));
            }
            // UNVERIFIED: SHA-1 and SHA-256 uploads are documented to need a checksum with each part; that this
            // is the message is assumed.
            None if upload.chosen && upload.kind == checksum::Kind::Composite => return Err(mismatch(upload, "null")),
            _ => {}
        }
        Ok(Demands {
            announced,
            computed: Some(upload.algorithm),
            md5: content::content_md5(self.content_md5.as_deref())?,
            length: put::length(cx, self.content_length)?,
            etag: upload.protection.etag_is_md5(),
        })
    }
}

fn mismatch(upload: &Upload, actual: &str) -> Error {
    InvalidRequest::because(format!(
        "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
        upload.algorithm.name().to_ascii_lowercase(),
        actual.to_ascii_lowercase()
    ))
}
