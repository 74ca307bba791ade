//! Generated manifests: the objects of a bucket are searched, and what was found is written, if it is to be.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;
use welkin_kernel::{Access, Call, Cx, Empty, Error, Map, Operation, Principal, Result, Value};

use super::csv;
use super::file::{self, New};
use super::generator::{S3JobManifestGenerator, S3ManifestOutputLocation};
use super::job::{BatchJob, Failure, failed};
use super::manifest::{JobManifestLocation, bucket_of};
use super::prepare::add;
use super::task::{Listed, Task};
use crate::bucket::report::{Manifest, ReportFile};
use crate::bucket::{Bucket, replication};
use crate::object::list::order;
use crate::object::list::page::Keyed;
use crate::object::list::versions::Rows;
use crate::object::version::Version;

/// Versions that one search looks at.
const BATCH: usize = 1_000;

/// Objects in a file of the written manifest.
const ROWS: u64 = 20_000;

/// The permission to have the objects of a bucket listed: that to configure inventories.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-iam-role-policies.html>
// UNVERIFIED: how CloudTrail tells of it.
#[derive(Debug, Deserialize)]
struct ListForManifest {
    bucket: String,
    by_replication: bool,
}

impl Operation for ListForManifest {
    const NAME: &str = "PutBucketInventoryConfiguration";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        let access = bucket.access(cx, "s3:PutInventoryConfiguration");
        Ok(match self.by_replication {
            true => access.and(bucket.access(cx, "s3:GetReplicationConfiguration")),
            false => access,
        })
    }

    async fn run(&self, _: &mut Cx) -> Result<Empty> {
        Ok(Empty {})
    }
}

/// Searches a batch of versions; `true` once nothing is left to be done.
pub(super) async fn search(cx: &mut Cx, job: &mut BatchJob, principal: &Principal) -> Result<Result<bool, Failure>> {
    let Some(generator) = job.generator.clone() else {
        return Err(Error::internal("a job has a manifest or a generator"));
    };
    let given = generator.given()?;
    let name = bucket_of(&given.source_bucket)?;
    if let Err(failure) = ask(cx, job, principal, given, &name).await? {
        return Ok(Err(failure));
    }
    let bucket = Bucket::open_anywhere(cx, &name).await?;
    let filter = given.filter.clone().unwrap_or_default();
    let eligible = match filter.eligible_for_replication {
        Some(true) => Some(replication::existing::Eligible::of(cx, &bucket).await?),
        _ => None,
    };
    let from = job.read.after.as_deref().map(order::after).unwrap_or_default();
    let from = from.max(filter.prefix().as_bytes().to_vec());
    let mut rows = Rows::between(&bucket, &from, &order::end_of(filter.prefix().as_bytes()), BATCH);
    let (mut seen, mut last) = (0, None);
    while let Some((version, is_latest)) = rows.next(cx).await? {
        if is_latest && seen >= BATCH {
            job.read.after = last;
            return Ok(Ok(false));
        }
        seen += 1;
        last = Some(version.text().to_owned());
        // UNVERIFIED: that noncurrent versions are in the manifest, too; delete markers are no objects.
        let Version::Object(object) = version else { continue };
        if filter.takes(&object) && eligible.as_ref().is_none_or(|eligible| eligible.takes(&object)) {
            let version = bucket.versioning.map(|_| crate::object::version::shown(object.version.as_deref()));
            add(cx, job, Listed { bucket: bucket.name.clone(), key: object.key, version })?;
        }
    }
    job.read.complete = true;
    Ok(Ok(!given.enable_manifest_output))
}

/// Asks whether the role may have the bucket searched.
async fn ask(
    cx: &mut Cx,
    job: &BatchJob,
    principal: &Principal,
    given: &S3JobManifestGenerator,
    name: &str,
) -> Result<Result<(), Failure>> {
    if !file::has_owner(cx, name, given.expected_bucket_owner).await? {
        return Ok(Err(denied("The source bucket belongs to another account than was expected")));
    }
    let by_replication = given.filter.as_ref().is_some_and(|filter| filter.eligible_for_replication == Some(true));
    let mut input = Map::new();
    input.insert("Bucket", name.to_owned());
    input.insert("Id", format!("job-{}", job.id));
    let call = Call::to("s3", ListForManifest::NAME).input(&Value::Map(input));
    let call = call.with(ListForManifest { bucket: name.to_owned(), by_replication });
    match cx.call(call.at(job.place()).as_principal(principal.clone())).await {
        Ok(_) => Ok(Ok(())),
        Err(error) => failed(error, "ManifestGenerationFailed").map(Err),
    }
}

// UNVERIFIED: the code and the wording.
fn denied(why: &str) -> Failure {
    Failure::new("ManifestGenerationFailed", why)
}

/// Writes a file of the manifest, the last of them the one that names the others.
pub(super) async fn write(cx: &mut Cx, job: &mut BatchJob, principal: &Principal) -> Result<Result<bool, Failure>> {
    let generator = job.generator.clone();
    let given = generator.as_ref().map(|generator| generator.given()).transpose()?;
    let output = given.filter(|given| given.enable_manifest_output && job.total > 0 && job.generated.is_none());
    let Some((given, location)) = output.and_then(|given| Some((given, given.manifest_output_location.as_ref()?)))
    else {
        return Ok(Ok(true));
    };
    let bucket = bucket_of(&location.bucket)?;
    if !file::has_owner(cx, &bucket, location.expected_manifest_bucket_owner).await? {
        return Ok(Err(denied("The bucket for the manifest belongs to another account than was expected")));
    }
    let written = match job.read.kept_tasks < job.total {
        true => data(cx, job, principal, location, &bucket).await,
        false => index(cx, job, principal, given, location, &bucket).await,
    };
    match written {
        Ok(()) => Ok(Ok(job.generated.is_some())),
        Err(error) => failed(error, "ManifestWriteFailed").map(Err),
    }
}

/// Where the manifest of a job is.
// UNVERIFIED: the layout.
fn folder(job: &BatchJob, location: &S3ManifestOutputLocation) -> String {
    let prefix = location.manifest_prefix.as_deref().unwrap_or_default().trim_end_matches('/');
    match prefix.is_empty() {
        true => format!("job-{}", job.id),
        false => format!("{prefix}/job-{}", job.id),
    }
}

/// Writes the next objects.
async fn data(
    cx: &mut Cx,
    job: &mut BatchJob,
    principal: &Principal,
    location: &S3ManifestOutputLocation,
    bucket: &str,
) -> Result<()> {
    let (from, to) = (job.read.kept_tasks, job.read.kept_tasks.saturating_add(ROWS));
    let tasks = cx.between::<Task>(job.place(), (&job.id, from), (&job.id, to), 0, false).await?;
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    for task in &tasks {
        let version = task.version.as_deref().unwrap_or_default();
        let row = format!("\"{}\",\"{}\",\"{version}\"\n", task.bucket, csv::encode_key(&task.key));
        packed.write_all(row.as_bytes()).map_err(Error::internal)?;
    }
    let bytes = Bytes::from(packed.finish().map_err(Error::internal)?);
    let key = format!("{}/data/{}.csv.gz", folder(job, location), file::name_of(&bytes));
    let kept = ReportFile::of(key, &bytes);
    let kms_key = location.manifest_encryption.as_ref().and_then(|encryption| encryption.key_id());
    file::write(cx, principal, job.place(), New { bucket, key: &kept.key, bytes, kms_key }).await?;
    job.read.kept.push(kept);
    job.read.kept_tasks = to.min(job.total);
    Ok(())
}

/// Writes `manifest.json`.
async fn index(
    cx: &mut Cx,
    job: &mut BatchJob,
    principal: &Principal,
    given: &S3JobManifestGenerator,
    location: &S3ManifestOutputLocation,
    bucket: &str,
) -> Result<()> {
    let manifest = Manifest {
        source_bucket: bucket_of(&given.source_bucket)?,
        destination_bucket: location.bucket.clone(),
        version: "2021-11-30".to_owned(),
        creation_timestamp: (cx.now().micros() / 1000).to_string(),
        file_format: "CSV".to_owned(),
        file_schema: "Bucket, Key, VersionId".to_owned(),
        files: job.read.kept.clone(),
    };
    let json = serde_json::to_string(&manifest).map_err(Error::internal)?;
    // The time is that of the run, so the bytes are drawn once.
    let bytes = cx.once(|_| Bytes::from(json));
    let key = format!("{}/manifest.json", folder(job, location));
    let kms_key = location.manifest_encryption.as_ref().and_then(|encryption| encryption.key_id());
    let etag = file::write(cx, principal, job.place(), New { bucket, key: &key, bytes, kms_key }).await?;
    let object_arn = format!("{}/{key}", location.bucket);
    job.generated = Some(JobManifestLocation { object_arn, object_version_id: None, etag });
    Ok(())
}
