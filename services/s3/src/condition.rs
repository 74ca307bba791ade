//! Conditional requests.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html>

use welkin_kernel::{Result, Timestamp};

use crate::errors::{invalid_argument, no_such_key, not_implemented, precondition_failed};
use crate::object::Object;

/// The conditions under which an object is read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ReadConditions<'a> {
    pub(crate) if_match: Option<&'a str>,
    pub(crate) if_none_match: Option<&'a str>,
    pub(crate) if_modified_since: Option<Timestamp>,
    pub(crate) if_unmodified_since: Option<Timestamp>,
}

/// What the conditions say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Read it.
    Fresh,
    /// The client has it already: 304.
    NotModified,
    /// A condition does not hold: 412; holds the condition's header.
    Failed(&'static str),
}

impl ReadConditions<'_> {
    /// Judges an object. `If-Match` outweighs `If-Unmodified-Since`, `If-None-Match` outweighs
    /// `If-Modified-Since`: RFC 9110, section 13.2.2.
    pub(crate) fn judge(&self, etag: &str, modified: Timestamp) -> Verdict {
        let modified = modified.secs();
        match (self.if_match, self.if_unmodified_since) {
            (Some(tags), _) if !matches(tags, etag) => return Verdict::Failed("If-Match"),
            (None, Some(since)) if modified > since.secs() => return Verdict::Failed("If-Unmodified-Since"),
            _ => {}
        }
        match (self.if_none_match, self.if_modified_since) {
            (Some(tags), _) if matches(tags, etag) => Verdict::NotModified,
            (None, Some(since)) if modified <= since.secs() => Verdict::NotModified,
            _ => Verdict::Fresh,
        }
    }

    /// Judges the source of a copy, where a copy that need not be made is an error too.
    pub(crate) fn require(&self, etag: &str, modified: Timestamp) -> Result<()> {
        match self.judge(etag, modified) {
            Verdict::Fresh => Ok(()),
            Verdict::NotModified if self.if_none_match.is_some() => {
                Err(precondition_failed("x-amz-copy-source-If-None-Match"))
            }
            Verdict::NotModified => Err(precondition_failed("x-amz-copy-source-If-Modified-Since")),
            Verdict::Failed("If-Match") => Err(precondition_failed("x-amz-copy-source-If-Match")),
            Verdict::Failed(_) => Err(precondition_failed("x-amz-copy-source-If-Unmodified-Since")),
        }
    }
}

/// Whether a list of entity tags, or `*`, holds `etag`.
fn matches(tags: &str, etag: &str) -> bool {
    tags.split(',').map(str::trim).any(|tag| tag == "*" || plain(tag) == etag)
}

/// An entity tag without its quotes.
pub(crate) fn plain(tag: &str) -> &str {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or(tag)
}

/// The conditions under which an object is written over another, or none.
///
/// Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct WriteConditions<'a> {
    pub(crate) if_match: Option<&'a str>,
    pub(crate) if_none_match: Option<&'a str>,
}

impl WriteConditions<'_> {
    /// Refuses what no object could meet.
    pub(crate) fn check(&self) -> Result<()> {
        if let (Some(_), Some(tag)) = (self.if_match, self.if_none_match) {
            return Err(invalid_argument("If-Match and If-None-Match cannot be used together", "If-None-Match", tag));
        }
        match self.if_none_match {
            Some(tag) if tag.trim() != "*" => Err(not_implemented("If-None-Match with an entity tag on writes")),
            _ => Ok(()),
        }
    }

    /// Judges what is there now.
    pub(crate) fn judge(&self, key: &str, current: Option<&Object>) -> Result<()> {
        if self.if_none_match.is_some() && current.is_some() {
            return Err(precondition_failed("If-None-Match"));
        }
        match (self.if_match, current) {
            (Some(_), None) => Err(no_such_key(key)),
            (Some(tags), Some(object)) if !matches(tags, &object.etag) => Err(precondition_failed("If-Match")),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(conditions: ReadConditions<'_>) -> Verdict {
        conditions.judge("abc", Timestamp::from_secs(100))
    }

    #[test]
    fn conditions_are_judged_in_the_order_of_rfc_9110() {
        let none = ReadConditions::default();
        let secs = |s| Some(Timestamp::from_secs(s));
        assert_eq!(judge(none), Verdict::Fresh);
        assert_eq!(judge(ReadConditions { if_match: Some("\"abc\""), ..none }), Verdict::Fresh);
        assert_eq!(judge(ReadConditions { if_match: Some("abd"), ..none }), Verdict::Failed("If-Match"));
        assert_eq!(judge(ReadConditions { if_match: Some("\"x\", \"abc\""), ..none }), Verdict::Fresh);
        assert_eq!(judge(ReadConditions { if_none_match: Some("*"), ..none }), Verdict::NotModified);
        assert_eq!(judge(ReadConditions { if_none_match: Some("W/\"abc\""), ..none }), Verdict::NotModified);
        assert_eq!(judge(ReadConditions { if_modified_since: secs(100), ..none }), Verdict::NotModified);
        assert_eq!(judge(ReadConditions { if_modified_since: secs(99), ..none }), Verdict::Fresh);
        let late = Verdict::Failed("If-Unmodified-Since");
        assert_eq!(judge(ReadConditions { if_unmodified_since: secs(99), ..none }), late);
        assert_eq!(
            judge(ReadConditions { if_match: Some("abc"), if_unmodified_since: secs(99), ..none }),
            Verdict::Fresh
        );
        let newer = ReadConditions { if_none_match: Some("x"), if_modified_since: secs(100), ..none };
        assert_eq!(judge(newer), Verdict::Fresh);
    }
}
