//! Where a store is.

use crate::OpenError;
use std::{fmt, path::PathBuf};

/// Where a store is, and so which engine serves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// In this process, gone with it.
    Memory,
    /// In a directory, which is created if it is missing.
    Directory(PathBuf),
    /// In a database that speaks the PostgreSQL wire protocol; a connection URL.
    Postgres(String),
}

impl Location {
    /// Reads `memory`, `postgres://…` (or `postgresql://…`), or the path of a directory.
    ///
    /// # Errors
    /// An empty text, or a URL of another scheme.
    pub fn parse(text: &str) -> Result<Self, OpenError> {
        const HINT: &str = "use `memory`, `postgres://USER@HOST/DATABASE`, or the path of a directory";
        if text.is_empty() {
            return Err(OpenError::new("the location of the store is empty", "", HINT));
        }
        if text == "memory" {
            return Ok(Location::Memory);
        }
        match text.split_once("://") {
            Some(("postgres" | "postgresql", _)) => Ok(Location::Postgres(text.to_owned())),
            Some((scheme, _)) => Err(OpenError::new(format!("no engine stores data at `{scheme}://`"), "", HINT)),
            None => Ok(Location::Directory(PathBuf::from(text))),
        }
    }
}

impl fmt::Display for Location {
    /// Without the password of a URL, so that it can be logged.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Location::Memory => f.write_str("memory"),
            Location::Directory(path) => path.display().fmt(f),
            Location::Postgres(url) => f.write_str(&without_password(url)),
        }
    }
}

fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "postgres://…".to_owned() };
    let authority_end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(authority_end);
    let tail = tail.split('?').next().unwrap_or_default();
    let host = match authority.rsplit_once('@') {
        Some((user, host)) => format!("{}@{host}", user.split(':').next().unwrap_or_default()),
        None => authority.to_owned(),
    };
    format!("{scheme}://{host}{tail}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn parses_each_engine() {
        assert_eq!(Location::parse("memory").unwrap(), Location::Memory);
        assert_eq!(Location::parse("/var/lib/welkin").unwrap(), Location::Directory("/var/lib/welkin".into()));
        assert!(matches!(Location::parse("postgresql://h/db").unwrap(), Location::Postgres(_)));
    }

    #[test]
    fn refuses_unknown_schemes_with_a_hint() {
        let error = Location::parse("mysql://h/db").unwrap_err();
        assert!(error.message.contains("mysql://"));
        assert!(error.hint.contains("postgres://"));
        assert!(Location::parse("").is_err());
    }

    #[test]
    fn shows_no_password() {
        let shown = Location::parse("postgres://me:secret@h:5/db?password=secret").unwrap().to_string();
        assert_eq!(shown, "postgres://me@h:5/db");
    }
}
