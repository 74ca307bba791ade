//! Trailers: headers that follow the body.

use crate::{Error, ErrorKind};

const SIGNATURE: &str = "x-amz-trailer-signature";
/// S3 has trailers for one checksum; more than this cannot be meant.
const MAX_TRAILERS: usize = 16;

#[derive(Debug)]
pub(super) struct Trailers {
    announced: Vec<String>,
    signed: bool,
    found: Vec<(String, String)>,
    signature: Option<String>,
}

impl Trailers {
    pub(super) fn new(announced: Vec<String>, signed: bool) -> Self {
        Self { announced, signed, found: Vec::new(), signature: None }
    }

    /// Takes one line.
    pub(super) fn add(&mut self, line: &[u8]) -> Result<(), Error> {
        let malformed = || Error::from(ErrorKind::MalformedTrailer);
        let (name, value) =
            std::str::from_utf8(line).ok().and_then(|line| line.split_once(':')).ok_or_else(malformed)?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().to_owned());
        if name == SIGNATURE && self.signed {
            return if self.signature.replace(value).is_none() { Ok(()) } else { Err(malformed()) };
        }
        let known = self.announced.contains(&name) && !self.found.iter().any(|(found, _)| *found == name);
        // The signature covers what comes before it only.
        if !known || self.signature.is_some() || self.found.len() >= MAX_TRAILERS {
            return Err(malformed());
        }
        self.found.push((name, value));
        Ok(())
    }

    /// Checks that everything announced has come.
    pub(super) fn check(&self) -> Result<(), Error> {
        let all = self.announced.iter().all(|name| self.found.iter().any(|(found, _)| found == name));
        if all && self.signature.is_some() == self.signed { Ok(()) } else { Err(ErrorKind::MalformedTrailer.into()) }
    }

    pub(super) fn signature(&self) -> Option<&str> {
        self.signature.as_deref()
    }

    /// What is signed: `name:value\n` of each, sorted by name.
    pub(super) fn canonical(&self) -> Vec<u8> {
        let mut sorted: Vec<_> = self.found.iter().collect();
        sorted.sort_unstable();
        sorted.into_iter().flat_map(|(name, value)| format!("{name}:{value}\n").into_bytes()).collect()
    }

    pub(super) fn into_list(self) -> Vec<(String, String)> {
        self.found
    }
}
