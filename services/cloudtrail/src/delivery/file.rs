//! A log file: its name and its bytes.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html#cloudtrail-log-filename-format>

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, GzBuilder};
use serde::{Deserialize, Serialize};
use welkin_kernel::{AccountId, Cx, Error, Place, Result, Timestamp};

use crate::time::format;
use crate::trail::Trail;

/// The name of a log file, drawn once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileName {
    #[serde(default)]
    pub(crate) kind: Kind,
    pub(crate) time: Timestamp,
    unique: String,
}

/// What a log file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// Events of calls.
    #[default]
    Call,
    /// Insights events.
    Insight,
}

impl Kind {
    /// Its name in the names of folders and files.
    fn name(self) -> &'static str {
        match self {
            Self::Call => "CloudTrail",
            Self::Insight => "CloudTrail-Insight",
        }
    }
}

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

impl FileName {
    /// A fresh name for a file of this moment.
    pub(crate) fn draw(cx: &Cx, kind: Kind) -> Self {
        Self { kind, time: cx.now(), unique: cx.chance().text(16, ALPHABET) }
    }

    /// The key of the object.
    pub(crate) fn key(&self, trail: &Trail, place: Place) -> String {
        let (Place { account, region }, kind) = (place, self.kind.name());
        format!(
            "{}{kind}/{region}/{}/{account}_{kind}_{region}_{}_{}.json.gz",
            root(trail, account),
            format(self.time, "%Y/%m/%d"),
            format(self.time, "%Y%m%dT%H%MZ"),
            self.unique
        )
    }
}

/// Where everything of an account lies: `prefix/AWSLogs/ACCOUNT/`, and of an organization's
/// `prefix/AWSLogs/ORGANIZATION/ACCOUNT/`.
pub(crate) fn root(trail: &Trail, account: AccountId) -> String {
    let prefix = trail.prefix.as_ref().map(|prefix| format!("{prefix}/")).unwrap_or_default();
    let organization = trail.organization.as_ref().map(|id| format!("{id}/")).unwrap_or_default();
    format!("{prefix}AWSLogs/{organization}{account}/")
}

/// The contents of a file with these events.
pub(crate) fn contents(events: &[String]) -> String {
    format!("{{\"Records\":[{}]}}", events.join(","))
}

/// The bytes of a file with these contents. The same contents are always the same bytes.
///
/// # Errors
/// None in practice: it writes to memory.
pub(crate) fn gzip(contents: &[u8]) -> Result<Bytes> {
    let mut file = GzBuilder::new().mtime(0).write(Vec::new(), Compression::default());
    file.write_all(contents).map_err(Error::internal)?;
    Ok(file.finish().map_err(Error::internal)?.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Read;

    use welkin_kernel::Region;

    use super::*;

    fn trail(prefix: Option<&str>, organization: Option<&str>) -> Trail {
        Trail {
            owner: AccountId::DEFAULT,
            organization: organization.map(str::to_owned),
            name: "mine".to_owned(),
            home: Region::US_EAST_1,
            bucket: "b".to_owned(),
            prefix: prefix.map(str::to_owned),
            kms_key: None,
            topic: None,
            multi_region: false,
            global_services: true,
            validation: false,
            insights: Default::default(),
            selectors: Default::default(),
            tags: Default::default(),
            is_logging: true,
            started: None,
            stopped: None,
        }
    }

    #[test]
    fn a_name_holds_account_region_and_time() {
        let place = Place::new(AccountId::new(111_122_223_333).unwrap(), Region::US_EAST_1);
        let name =
            |kind| FileName { kind, time: Timestamp::from_secs(1_689_802_500), unique: "abcdefghijklmnop".to_owned() };
        let file = "AWSLogs/111122223333/CloudTrail/us-east-1/2023/07/19/\
                    111122223333_CloudTrail_us-east-1_20230719T2135Z_abcdefghijklmnop.json.gz";
        assert_eq!(name(Kind::Call).key(&trail(None, None), place), file);
        assert_eq!(name(Kind::Call).key(&trail(Some("a/b"), None), place), format!("a/b/{file}"));
        let insight = file.replace("CloudTrail", "CloudTrail-Insight");
        assert_eq!(name(Kind::Insight).key(&trail(None, None), place), insight);
        let of_organization = file.replacen("AWSLogs/", "a/AWSLogs/o-abc/", 1);
        assert_eq!(name(Kind::Call).key(&trail(Some("a"), Some("o-abc")), place), of_organization);
    }

    #[test]
    fn a_file_is_gzip_of_its_records() {
        let contents = contents(&["{\"a\":1}".to_owned(), "{\"a\":2}".to_owned()]);
        let bytes = gzip(contents.as_bytes()).unwrap();
        assert_eq!(bytes, gzip(contents.as_bytes()).unwrap());
        let mut text = String::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        assert_eq!(text, r#"{"Records":[{"a":1},{"a":2}]}"#);
    }
}
