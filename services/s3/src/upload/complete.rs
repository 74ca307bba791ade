//! CompleteMultipartUpload.

use std::collections::HashMap;

use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Error, Event, Operation, Result};

use super::{Part, Upload, part_number};
use crate::bucket::notification::event::Happening;
use crate::bucket::notification::notify;
use crate::bucket::{Bucket, lifecycle};
use crate::checksum::{self, Carries, Checksum};
use crate::condition::{WriteConditions, plain};
use crate::encryption::{Protection, data_key};
use crate::errors::{EntityTooSmall, InvalidPart, InvalidPartOrder, InvalidRequest, MalformedXML, no_such_upload};
use crate::object::put::creating;
use crate::object::{Content, Manifest, ManifestPart, Object, quoted, version};

/// Least size of a part that is not the last one: 5 MiB.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>
const LEAST: u64 = 5 * 1024 * 1024;

shape! {
    /// Makes an object of the parts of an upload.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>
    #[derive(Debug, Deserialize)]
    pub(crate) struct CompleteMultipartUpload {
        bucket: String,
        key: String,
        upload_id: String,
        multipart_upload: Option<Listed>,
        if_match: Option<String>,
        if_none_match: Option<String>,
        checksum_type: Option<String>,
        mpu_object_size: Option<u64>,
        +checksums,
        +customer_key,
    }
}
gives!(CompleteMultipartUpload: checksums, customer_key);

/// The parts as the request lists them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(default)]
    parts: Vec<ListedPart>,
}

shape! {
    /// A part as the request lists it.
    #[derive(Debug, Deserialize)]
    pub(crate) struct ListedPart {
        part_number: Option<i64>,
        e_tag: Option<String>,
        +checksums,
    }
}
gives!(ListedPart: checksums);

shape! {
    /// Answer of [`CompleteMultipartUpload`].
    #[derive(Debug, Default, Serialize, Deserialize)]
    pub(crate) struct CompleteMultipartUploadOutput {
        location: String,
        bucket: String,
        key: String,
        e_tag: String,
        checksum_type: Option<String>,
        server_side_encryption: Option<String>,
        #[serde(rename = "SSEKMSKeyId")] sse_kms_key_id: Option<String>,
        bucket_key_enabled: Option<bool>,
        version_id: Option<String>,
        expiration: Option<String>,
        +checksums,
    }
}
gives!(CompleteMultipartUploadOutput: checksums);

impl Operation for CompleteMultipartUpload {
    const NAME: &str = "CompleteMultipartUpload";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = CompleteMultipartUploadOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = super::to_continue(cx, &self.bucket, &self.key).await?;
        Ok(creating(access, self.conditions()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CompleteMultipartUploadOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        let place = bucket.place();
        self.conditions().check()?;
        let current = Object::find(cx, place, &bucket.name, &self.key).await?;
        let upload = match Upload::find(cx, &bucket, &self.key, &self.upload_id).await {
            Ok(upload) => upload,
            Err(error) if error.is("NoSuchUpload") => return self.completed_before(cx, &bucket, current),
            Err(error) => return Err(error),
        };
        self.check_customer(&upload)?;
        let numbers = self.numbers()?;
        let (parts, dropped) = self.choose(upload.parts(cx, place).await?, &numbers, &upload)?;
        let (checksum, size) = (self.checksum(&upload, &parts)?, self.size(&parts)?);
        self.conditions().judge(&self.key, current.as_ref())?;
        upload.close(cx, place, dropped).await?;
        let mut object = Object {
            bucket: bucket.name.clone(),
            key: self.key.clone(),
            version: None,
            stamp: 0,
            etag: etag(&parts)?,
            size,
            modified: cx.now().whole_secs(),
            checksum,
            settings: upload.settings,
            protection: upload.protection,
            content: Content::Parts {
                upload: upload.id.clone(),
                count: u32::try_from(parts.len()).unwrap_or(u32::MAX),
            },
            replication: None,
        };
        let parts = parts.into_iter().map(|part| ManifestPart(part.number, part.piece, part.checksum)).collect();
        cx.put(place, &Manifest { bucket: bucket.name.clone(), upload: upload.id, parts }).await?;
        version::store(cx, &bucket, current, &mut object).await?;
        notify(cx, &bucket, Happening::to("ObjectCreated:CompleteMultipartUpload", &object)).await?;
        let expiration = lifecycle::expiration(cx, &bucket, &object).await?;
        Ok(CompleteMultipartUploadOutput { expiration, ..self.output(cx, &bucket, &object) })
    }
}

impl CompleteMultipartUpload {
    fn conditions(&self) -> WriteConditions<'_> {
        WriteConditions { if_match: self.if_match.as_deref(), if_none_match: self.if_none_match.as_deref() }
    }

    /// A request that is sent again after the upload was completed gets the same answer.
    fn completed_before(
        &self,
        cx: &Cx,
        bucket: &Bucket,
        current: Option<Object>,
    ) -> Result<CompleteMultipartUploadOutput> {
        match current {
            Some(object) if matches!(&object.content, Content::Parts { upload, .. } if *upload == self.upload_id) => {
                Ok(self.output(cx, bucket, &object))
            }
            _ => Err(no_such_upload(&self.upload_id)),
        }
    }

    /// The key that the parts were uploaded with may be brought again; it is then the right one.
    fn check_customer(&self, upload: &Upload) -> Result<()> {
        let customer = self.customer_key().key()?;
        match (&upload.protection, &customer) {
            (Protection::Customer { .. }, None) => Ok(()),
            _ => data_key::check_customer(&upload.protection, customer.as_ref()),
        }
    }

    fn listed(&self) -> &[ListedPart] {
        self.multipart_upload.as_ref().map_or(&[], |listed| &listed.parts)
    }

    /// The numbers of the parts that the request lists, in ascending order.
    fn numbers(&self) -> Result<Vec<u32>> {
        let mut numbers: Vec<u32> = Vec::with_capacity(self.listed().len());
        for part in self.listed() {
            let number = part_number(part.part_number.ok_or(MalformedXML)?)?;
            if numbers.last().is_some_and(|before| number <= *before) {
                return Err(Error::from(InvalidPartOrder).with("UploadId", self.upload_id.as_str()));
            }
            numbers.push(number);
        }
        if numbers.is_empty() { Err(MalformedXML.into()) } else { Ok(numbers) }
    }

    /// The parts that the request chose, and those that it leaves out.
    fn choose(&self, parts: Vec<Part>, numbers: &[u32], upload: &Upload) -> Result<(Vec<Part>, Vec<Part>)> {
        let mut left: HashMap<u32, Part> = parts.into_iter().map(|part| (part.number, part)).collect();
        let mut chosen: Vec<Part> = Vec::with_capacity(numbers.len());
        for (wanted, number) in self.listed().iter().zip(numbers) {
            if let Some(before) = chosen.last()
                && before.size() < LEAST
            {
                return Err(too_small(before));
            }
            wanted.check_checksum(upload, *number)?;
            let part = left.remove(number).filter(|part| wanted.is(part, upload));
            chosen.push(part.ok_or_else(|| wanted.invalid(upload, *number))?);
        }
        Ok((chosen, left.into_values().collect()))
    }

    /// The checksum of the object, which must be that of the request, if it brings one.
    fn checksum(&self, upload: &Upload, parts: &[Part]) -> Result<Checksum> {
        if self.checksum_type.as_deref().is_some_and(|kind| kind != upload.kind.name()) {
            let kind = upload.kind.name();
            return Err(InvalidRequest::because(format!(
                "The upload was created using the {kind} checksum mode. The complete request must use the same checksum mode."
            )));
        }
        let of_parts: Vec<_> = parts.iter().map(|part| (part.checksum.as_str(), part.size())).collect();
        let value = checksum::of_parts(upload.algorithm, upload.kind, &of_parts)
            .ok_or_else(|| Error::internal("a part has lost its checksum"))?;
        // A composite checksum may be given with or without the number of parts.
        let plain = value.split('-').next().unwrap_or_default();
        for (algorithm, given) in self.carried() {
            match given {
                Some(given) if algorithm != upload.algorithm || given != value && given != plain => {
                    return Err(checksum::mismatch(algorithm));
                }
                _ => {}
            }
        }
        Ok(Checksum { algorithm: upload.algorithm, kind: upload.kind, value })
    }

    fn size(&self, parts: &[Part]) -> Result<u64> {
        let size = parts.iter().map(Part::size).sum();
        if self.mpu_object_size.is_some_and(|expected| expected != size) {
            return Err(InvalidRequest::because(
                "The provided 'x-amz-mp-object-size' header value does not match what was computed.",
            ));
        }
        Ok(size)
    }

    fn output(&self, cx: &Cx, bucket: &Bucket, object: &Object) -> CompleteMultipartUploadOutput {
        let shown = object.protection.shown();
        let mut output = CompleteMultipartUploadOutput {
            location: format!("{}/{}/{}", cx.endpoint(), bucket.name, self.key),
            bucket: bucket.name.clone(),
            key: self.key.clone(),
            e_tag: quoted(&object.etag),
            checksum_type: Some(object.checksum.kind.name().to_owned()),
            server_side_encryption: shown.algorithm,
            sse_kms_key_id: shown.key_id,
            bucket_key_enabled: shown.bucket_key,
            version_id: bucket.shown_version(object.version.as_deref()),
            ..CompleteMultipartUploadOutput::default()
        };
        output.carry(object.checksum.algorithm, &object.checksum.value);
        output
    }
}

fn too_small(part: &Part) -> Error {
    Error::from(EntityTooSmall)
        .with("ProposedSize", part.size().to_string())
        .with("MinSizeAllowed", LEAST.to_string())
        .with("PartNumber", part.number.to_string())
        .with("ETag", part.etag.as_str())
}

impl ListedPart {
    /// Whether the part that is there is the one that is meant.
    fn is(&self, part: &Part, upload: &Upload) -> bool {
        let same = self.checksum(upload).is_none_or(|given| given == part.checksum);
        same && self.e_tag.as_deref().is_some_and(|etag| plain(etag) == part.etag)
    }

    /// The checksum that is listed in the algorithm of the upload.
    fn checksum(&self, upload: &Upload) -> Option<&str> {
        let given = self.carried().into_iter().find(|(algorithm, _)| *algorithm == upload.algorithm);
        given.and_then(|(_, given)| given)
    }

    /// A composite checksum is made of those that the request lists, so it must list them.
    fn check_checksum(&self, upload: &Upload, number: u32) -> Result<()> {
        if self.checksum(upload).is_some() || !upload.chosen || upload.kind != checksum::Kind::Composite {
            return Ok(());
        }
        Err(InvalidRequest::because(format!(
            "The upload was created using a {} checksum. The complete request must include the checksum for each \
             part. It was missing for part {number} in the request.",
            upload.algorithm.name().to_ascii_lowercase()
        )))
    }

    fn invalid(&self, upload: &Upload, number: u32) -> Error {
        Error::from(InvalidPart)
            .with("UploadId", upload.id.as_str())
            .with("PartNumber", number.to_string())
            .with("ETag", self.e_tag.as_deref().unwrap_or_default())
    }
}

/// The entity tag of the object: the MD5 of the entity tags of its parts, and their number.
fn etag(parts: &[Part]) -> Result<String> {
    let mut md5 = Md5::new();
    for part in parts {
        md5.update(hex::decode(&part.etag).map_err(|_| Error::internal("the entity tag of a part is no digest"))?);
    }
    Ok(format!("{}-{}", hex::encode(md5.finalize()), parts.len()))
}
