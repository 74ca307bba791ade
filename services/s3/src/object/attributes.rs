//! GetObjectAttributes.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Event, Operation, Result, Timestamp};

use super::access::Existing;
use super::{Manifest, Object, access};
use crate::checksum::Carries;
use crate::encryption::data_key;
use crate::errors::invalid_argument;

/// Parts on a page, at most and unless said.
const MOST_PARTS: i64 = 1000;

shape! {
    /// Tells what is asked for of an object.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html>
    #[derive(Debug, Deserialize)]
    pub(crate) struct GetObjectAttributes {
        bucket: String,
        key: String,
        version_id: Option<String>,
        max_parts: Option<i64>,
        part_number_marker: Option<i64>,
        object_attributes: Vec<String>,
        +customer_key,
    }
}
gives!(GetObjectAttributes: customer_key);

/// Answer of [`GetObjectAttributes`].
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetObjectAttributesOutput {
    last_modified: Option<Timestamp>,
    version_id: Option<String>,
    e_tag: Option<String>,
    checksum: Option<ShownChecksum>,
    object_parts: Option<Parts>,
    storage_class: Option<String>,
    object_size: Option<u64>,
}

shape! {
    /// The checksum of the object.
    #[derive(Debug, Default, Serialize, Deserialize)]
    pub(crate) struct ShownChecksum {
        checksum_type: Option<String>,
        +checksums,
    }
}
gives!(ShownChecksum: checksums);

/// A page of the object's parts.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parts {
    total_parts_count: Option<usize>,
    part_number_marker: Option<i64>,
    next_part_number_marker: Option<i64>,
    max_parts: Option<i64>,
    is_truncated: Option<bool>,
    parts: Option<Vec<ShownPart>>,
}

shape! {
    /// A part.
    #[derive(Debug, Default, Serialize, Deserialize)]
    pub(crate) struct ShownPart {
        part_number: u32,
        size: u64,
        +checksums,
    }
}
gives!(ShownPart: checksums);

const ATTRIBUTES: [&str; 5] = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

impl Operation for GetObjectAttributes {
    const NAME: &str = "GetObjectAttributes";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = GetObjectAttributesOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let version = self.version_id.as_deref();
        let get = access::by_version(version, "s3:GetObject", "s3:GetObjectVersion");
        let attributes = access::by_version(version, "s3:GetObjectAttributes", "s3:GetObjectVersionAttributes");
        let get = access::to_existing(cx, get, &self.bucket, &self.key, version).await?;
        Ok(get.and(access::to_existing(cx, attributes, &self.bucket, &self.key, version).await?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetObjectAttributesOutput> {
        if let Some(unknown) = self.object_attributes.iter().find(|name| !ATTRIBUTES.contains(&name.as_str())) {
            return Err(invalid_argument("Invalid attribute name specified.", "x-amz-object-attributes", unknown));
        }
        let existing = access::existing(cx, &self.bucket, &self.key, self.version_id.as_deref(), "GET").await?;
        let version_id = existing.shown_version();
        let Existing { bucket, object, .. } = existing;
        let customer = self.customer_key().key()?;
        data_key::check_customer(&object.protection, customer.as_ref())?;
        let manifest = match self.wants("ObjectParts") {
            true => object.manifest(cx, bucket.place()).await?,
            false => None,
        };
        Ok(GetObjectAttributesOutput {
            last_modified: Some(object.modified),
            version_id,
            e_tag: self.wants("ETag").then(|| object.etag.clone()),
            checksum: self.wants("Checksum").then(|| ShownChecksum::of(&object)),
            object_parts: manifest.map(|manifest| self.parts(&object, &manifest)).transpose()?,
            storage_class: self.wants("StorageClass").then(|| object.settings.storage_class.clone()),
            object_size: self.wants("ObjectSize").then_some(object.size),
        })
    }
}

impl GetObjectAttributes {
    fn wants(&self, attribute: &str) -> bool {
        self.object_attributes.iter().any(|name| name == attribute)
    }

    fn parts(&self, object: &Object, manifest: &Manifest) -> Result<Parts> {
        let most = self.max_parts.unwrap_or(MOST_PARTS);
        if !(0..=i64::from(i32::MAX)).contains(&most) {
            return Err(invalid_argument(
                "Argument max-parts must be an integer between 0 and 2147483647",
                "x-amz-max-parts",
                most.to_string(),
            ));
        }
        let most = most.min(MOST_PARTS);
        let marker = self.part_number_marker.unwrap_or(0);
        let after: Vec<_> = manifest.parts.iter().filter(|part| i64::from(part.0) > marker).collect();
        let page = usize::try_from(most).unwrap_or(0).min(after.len());
        let parts = after[..page].iter().map(|part| {
            let mut shown = ShownPart { part_number: part.0, size: part.size(), ..ShownPart::default() };
            shown.carry(object.checksum.algorithm, &part.2);
            shown
        });
        Ok(Parts {
            total_parts_count: Some(manifest.parts.len()),
            part_number_marker: Some(marker),
            next_part_number_marker: after[..page].last().map(|part| i64::from(part.0)),
            max_parts: Some(most),
            is_truncated: Some(after.len() > page),
            parts: Some(parts.collect()),
        })
    }
}

impl ShownChecksum {
    fn of(object: &Object) -> Self {
        let mut shown = Self { checksum_type: Some(object.checksum.kind.name().to_owned()), ..Self::default() };
        shown.carry(object.checksum.algorithm, &object.checksum.value);
        shown
    }
}
