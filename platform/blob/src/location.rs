//! Where blobs are.

use std::{fmt, path::PathBuf};
use welkin_store::OpenError;

/// Where blobs are, and so which engine keeps them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// In this process, gone with it.
    Memory,
    /// In a directory, which is created if it is missing.
    Directory(PathBuf),
    /// In an S3-compatible store; `s3://BUCKET/PREFIX?endpoint=URL&region=REGION`.
    S3(String),
}

impl Location {
    /// Reads `memory`, `s3://…`, or the path of a directory.
    ///
    /// # Errors
    /// An empty text, or a URL of another scheme.
    pub fn parse(text: &str) -> Result<Self, OpenError> {
        let refused = |message: String| OpenError {
            message,
            detail: String::new(),
            hint: "use `memory`, `s3://BUCKET/PREFIX?endpoint=URL`, or the path of a directory".to_owned(),
        };
        match text.split_once("://") {
            _ if text.is_empty() => Err(refused("the location of the blobs is empty".to_owned())),
            _ if text == "memory" => Ok(Location::Memory),
            Some(("s3", _)) => Ok(Location::S3(text.to_owned())),
            Some((scheme, _)) => Err(refused(format!("no engine keeps blobs at `{scheme}://`"))),
            None => Ok(Location::Directory(PathBuf::from(text))),
        }
    }
}

impl fmt::Display for Location {
    /// Without the parameters of a URL, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Location::Memory => f.write_str("memory"),
            Location::Directory(path) => path.display().fmt(f),
            Location::S3(url) => f.write_str(url.split('?').next().unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn parses_each_engine_and_refuses_others() {
        assert_eq!(Location::parse("memory").unwrap(), Location::Memory);
        assert_eq!(Location::parse("data/blobs").unwrap(), Location::Directory("data/blobs".into()));
        assert_eq!(Location::parse("s3://b/p?secret_access_key=x").unwrap().to_string(), "s3://b/p");
        assert!(Location::parse("gs://b").unwrap_err().hint.contains("s3://"));
        assert!(Location::parse("").is_err());
    }
}
