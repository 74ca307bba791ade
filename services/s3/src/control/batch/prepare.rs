//! Preparation: the manifest becomes tasks, some at a time.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Principal, Result};

use super::file::{self, Fetched, Wanted};
use super::inventory::{self, invalid};
use super::job::{BatchJob, Failure};
use super::manifest::{Field, Format, JobManifest};
use super::task::{Listed, Task};
use super::{csv, generate};
use crate::bucket::report::ReportFile;

/// Bytes of a manifest that are read at once.
const PART: u64 = 128 * 1024;

/// Lines of an inventory's file that become tasks at once.
const LINES: usize = 2_000;

/// How far the manifest was read, or generated.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Read {
    /// Bytes of a list, or lines of the present file of an inventory.
    offset: u64,
    /// The beginning of a line whose end was not read yet.
    rest: Vec<u8>,
    /// The files of an inventory that are still to be read, the next one last; `None` before they are known.
    files: Option<Vec<String>>,
    /// Where they are, and what their columns hold.
    bucket: String,
    fields: Vec<Field>,
    /// The last key that was found, where the manifest is generated.
    pub(super) after: Option<String>,
    /// Whether all tasks are there.
    pub(super) complete: bool,
    /// Files of the generated manifest, and the tasks that are in them.
    pub(super) kept: Vec<ReportFile>,
    pub(super) kept_tasks: u64,
}

/// Prepares the job a bit further; `true` once all is prepared.
///
/// # Errors
/// What is no fault of the job's.
pub(super) async fn step(cx: &mut Cx, job: &mut BatchJob) -> Result<Result<bool, Failure>> {
    let principal = match job.session(cx).await? {
        Ok(principal) => principal,
        Err(failure) => return Ok(Err(failure)),
    };
    let more = match (job.manifest.clone(), job.read.complete) {
        (_, true) => generate::write(cx, job, &principal).await?,
        (None, false) => generate::search(cx, job, &principal).await?,
        (Some(manifest), false) => match manifest.spec.format {
            Format::Csv => list(cx, job, &principal, &manifest).await?,
            Format::Inventory => report(cx, job, &principal, &manifest).await?,
        },
    };
    if let Ok(true) = more
        && job.total == 0
    {
        // UNVERIFIED: that a job without tasks fails, the code and the wording.
        return Ok(Err(Failure::new("EmptyManifest", "The manifest lists no objects")));
    }
    Ok(more)
}

/// Reads a part of a list that a user wrote.
async fn list(
    cx: &mut Cx,
    job: &mut BatchJob,
    principal: &Principal,
    manifest: &JobManifest,
) -> Result<Result<bool, Failure>> {
    let located = manifest.location.located()?;
    let wanted = Wanted {
        bucket: &located.bucket,
        key: &located.key,
        version: manifest.location.object_version_id.as_deref(),
        etag: Some(&manifest.location.etag),
        part: Some((job.read.offset, PART)),
    };
    let Fetched { bytes, is_end, by_kms } = match file::fetch(cx, principal, job.place(), wanted).await? {
        Ok(fetched) => fetched,
        Err(failure) => return Ok(Err(failure)),
    };
    if by_kms {
        return Ok(Err(invalid("Manifests that are encrypted with keys of KMS are not supported")));
    }
    job.read.offset = job.read.offset.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    let mut text = std::mem::take(&mut job.read.rest);
    text.extend_from_slice(&bytes);
    if !is_end {
        let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        job.read.rest = text.split_off(end);
    }
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    if let Err(failure) = take(cx, job, &lines, &manifest.spec.fields)? {
        return Ok(Err(failure));
    }
    job.read.complete = is_end;
    Ok(Ok(is_end))
}

/// Reads the manifest of an inventory report, and then its files.
async fn report(
    cx: &mut Cx,
    job: &mut BatchJob,
    principal: &Principal,
    manifest: &JobManifest,
) -> Result<Result<bool, Failure>> {
    let file = job.read.files.as_ref().map(|files| files.last().cloned());
    let located = manifest.location.located()?;
    let wanted = match &file {
        None => Wanted {
            bucket: &located.bucket,
            key: &located.key,
            version: manifest.location.object_version_id.as_deref(),
            etag: Some(&manifest.location.etag),
            part: None,
        },
        Some(None) => {
            job.read.complete = true;
            return Ok(Ok(true));
        }
        Some(Some(key)) => Wanted { bucket: &job.read.bucket, key, version: None, etag: None, part: None },
    };
    let bytes = match file::fetch(cx, principal, job.place(), wanted).await? {
        Ok(fetched) => fetched.bytes,
        Err(failure) => return Ok(Err(failure)),
    };
    let taken = match file {
        None => inventory::read(&bytes).map(|report| {
            job.read.bucket = report.bucket;
            job.read.fields = report.fields;
            job.read.files = Some(report.files.into_iter().rev().collect());
        }),
        Some(_) => match inventory::unpack(&bytes) {
            Ok(text) => lines_of_file(cx, job, &text)?,
            Err(failure) => Err(failure),
        },
    };
    Ok(taken.map(|()| false))
}

/// Takes the next lines of a file, and lets go of it when there are no more.
fn lines_of_file(cx: &mut Cx, job: &mut BatchJob, text: &[u8]) -> Result<Result<(), Failure>> {
    let from = usize::try_from(job.read.offset).unwrap_or(usize::MAX);
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').skip(from).take(LINES).collect();
    let fields = job.read.fields.clone();
    if let Err(failure) = take(cx, job, &lines, &fields)? {
        return Ok(Err(failure));
    }
    if lines.len() == LINES {
        job.read.offset = job.read.offset.saturating_add(u64::try_from(LINES).unwrap_or(u64::MAX));
    } else {
        job.read.offset = 0;
        job.read.files.as_mut().map(Vec::pop);
    }
    Ok(Ok(()))
}

/// Makes tasks of lines.
fn take(cx: &mut Cx, job: &mut BatchJob, lines: &[&[u8]], fields: &[Field]) -> Result<Result<(), Failure>> {
    for line in lines {
        if line.trim_ascii().is_empty() {
            continue;
        }
        match read_line(line, fields) {
            Some(listed) => add(cx, job, listed)?,
            None => {
                let number = job.total.saturating_add(1);
                return Ok(Err(invalid(&format!("Row {number} of the manifest is not one of its format"))));
            }
        }
    }
    Ok(Ok(()))
}

/// The object of a line; an empty version id stays one, which no object has.
fn read_line(line: &[u8], fields: &[Field]) -> Option<Listed> {
    let values = csv::values(std::str::from_utf8(line).ok()?)?;
    if values.len() < fields.len() {
        return None;
    }
    let (mut bucket, mut key, mut version) = (None, None, None);
    for (field, value) in fields.iter().zip(values) {
        match field {
            Field::Bucket => bucket = Some(value),
            Field::Key => key = csv::decode_key(&value),
            Field::VersionId => version = Some(value),
            Field::Ignore => {}
        }
    }
    let bucket = bucket.filter(|bucket| !bucket.is_empty())?;
    Some(Listed { bucket, key: key.filter(|key| !key.is_empty())?, version })
}

/// Adds a task to the job.
pub(super) fn add(cx: &mut Cx, job: &mut BatchJob, listed: Listed) -> Result<()> {
    let Listed { bucket, key, version } = listed;
    let task = Task { job: job.id.clone(), number: job.total, bucket, key, version, outcome: None };
    job.total = job.total.saturating_add(1);
    cx.insert(job.place(), &task)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_columns_that_the_manifest_says() {
        let listed = |version: Option<&str>| {
            Some(Listed { bucket: "b".to_owned(), key: "a b".to_owned(), version: version.map(str::to_owned) })
        };
        assert_eq!(read_line(b"b,a%20b", &[Field::Bucket, Field::Key]), listed(None));
        assert_eq!(read_line(b"b,a%20b,more", &[Field::Bucket, Field::Key]), listed(None));
        let all = [Field::Key, Field::Ignore, Field::VersionId, Field::Bucket];
        assert_eq!(read_line(b"\"a+b\",x,v1,b\r", &all), listed(Some("v1")));
        assert_eq!(read_line(b"a+b,x,,b", &all), listed(Some("")));
        assert_eq!(read_line(b"b", &[Field::Bucket, Field::Key]), None);
        assert_eq!(read_line(b"b,", &[Field::Bucket, Field::Key]), None);
        assert_eq!(read_line(b"b,%ff", &[Field::Bucket, Field::Key]), None);
    }
}
