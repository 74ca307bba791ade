//! Checksums of objects and parts.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crc_fast::CrcAlgorithm;
use http::HeaderMap;
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};
use welkin_kernel::{Error, Result};

use crate::errors::{BadDigest, InvalidRequest, not_implemented};

/// A checksum algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
    Sha512,
    Md5,
}

/// What a checksum of several parts is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// The bytes of the object.
    FullObject,
    /// The checksums of the parts.
    Composite,
}

/// A checksum as it is kept and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) kind: Kind,
    /// Base64, with `-` and the number of parts after a composite one.
    pub(crate) value: String,
}

/// The members of a structure that hold checksums.
pub(crate) type Carried<'a> = [(Algorithm, Option<&'a str>); 7];

/// A structure with a member for each algorithm.
pub(crate) trait Carries {
    fn carried(&self) -> Carried<'_>;
    fn slot(&mut self, algorithm: Algorithm) -> &mut Option<String>;

    /// Shows a checksum in the member of its algorithm.
    fn carry(&mut self, algorithm: Algorithm, value: &str) {
        *self.slot(algorithm) = Some(value.to_owned());
    }
}

impl Algorithm {
    pub(crate) const ALL: [Self; 7] =
        [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256, Self::Sha512, Self::Md5];

    /// Its name in the API.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
            Self::Md5 => "MD5",
        }
    }

    /// The header or trailer that carries it.
    pub(crate) const fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
            Self::Sha512 => "x-amz-checksum-sha512",
            Self::Md5 => "x-amz-checksum-md5",
        }
    }

    /// The algorithm of this name.
    ///
    /// # Errors
    /// `NotImplemented` for those of the API that Welkin lacks, `InvalidRequest` for others.
    pub(crate) fn named(name: &str) -> Result<Self> {
        match Self::ALL.into_iter().find(|algorithm| algorithm.name() == name) {
            Some(algorithm) => Ok(algorithm),
            None if name.starts_with("XXHASH") => Err(not_implemented(&format!("the checksum algorithm {name}"))),
            None => Err(InvalidRequest::because(
                "Checksum algorithm provided is unsupported. Please try again with any of the valid types: \
                 [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
            )),
        }
    }

    /// Length of a checksum in bytes.
    const fn length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// The CRC, if it is one: only those can be combined into one of the full object.
    const fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            _ => None,
        }
    }

    /// The kind that uploads in parts have, if the request does not say.
    pub(crate) const fn default_kind(self) -> Kind {
        match self {
            Self::Crc64Nvme => Kind::FullObject,
            _ => Kind::Composite,
        }
    }

    /// Whether uploads in parts may have this kind.
    pub(crate) const fn permits(self, kind: Kind) -> bool {
        match kind {
            Kind::FullObject => self.crc().is_some(),
            Kind::Composite => !matches!(self, Self::Crc64Nvme),
        }
    }

    fn decode(self, value: &str) -> Option<Vec<u8>> {
        BASE64.decode(value).ok().filter(|bytes| bytes.len() == self.length())
    }
}

impl Kind {
    /// Its name in the API.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }
}

/// The bytes of a checksum in base64.
fn encode(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// Computes a checksum of bytes that stream by.
pub(crate) struct Hasher {
    algorithm: Algorithm,
    state: State,
}

enum State {
    Crc(Box<crc_fast::Digest>),
    Sha(digest::Context),
    Md5(Md5),
}

impl State {
    fn crc(algorithm: CrcAlgorithm) -> Self {
        Self::Crc(Box::new(crc_fast::Digest::new(algorithm)))
    }
}

impl Hasher {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        let state = match algorithm {
            Algorithm::Crc32 => State::crc(CrcAlgorithm::Crc32IsoHdlc),
            Algorithm::Crc32c => State::crc(CrcAlgorithm::Crc32Iscsi),
            Algorithm::Crc64Nvme => State::crc(CrcAlgorithm::Crc64Nvme),
            Algorithm::Sha1 => State::Sha(digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY)),
            Algorithm::Sha256 => State::Sha(digest::Context::new(&digest::SHA256)),
            Algorithm::Sha512 => State::Sha(digest::Context::new(&digest::SHA512)),
            Algorithm::Md5 => State::Md5(Md5::new()),
        };
        Self { algorithm, state }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Crc(state) => state.update(bytes),
            State::Sha(state) => state.update(bytes),
            State::Md5(state) => state.update(bytes),
        }
    }

    /// The checksum in base64.
    pub(crate) fn finish(self) -> String {
        match self.state {
            State::Crc(state) => {
                let bytes = state.finalize().to_be_bytes();
                encode(&bytes[8 - self.algorithm.length()..])
            }
            State::Sha(state) => encode(state.finish().as_ref()),
            State::Md5(state) => encode(&state.finalize()),
        }
    }
}

/// What a request says of the checksum of its body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Announced {
    /// The algorithm to compute; CRC-64/NVME if the request names none.
    pub(crate) algorithm: Option<Algorithm>,
    /// The value, where a header gave it; a trailer gives it later.
    pub(crate) value: Option<String>,
    /// Whether a value is given, here or later, that the computed one must equal.
    pub(crate) compared: bool,
}

/// Reads which checksum a request announces: in a header, in a trailer, or by the SDK's own header.
///
/// # Errors
/// `InvalidRequest` for several checksums, a malformed one, or two names that differ.
pub(crate) fn announced(carried: Carried<'_>, headers: &HeaderMap, named: Option<&str>) -> Result<Announced> {
    let mut given = carried.into_iter().filter_map(|(algorithm, value)| Some((algorithm, value?)));
    let first = given.next();
    if given.next().is_some() {
        return Err(InvalidRequest::because(
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        ));
    }
    let trailer = trailing(headers)?;
    let named = named.map(Algorithm::named).transpose()?;
    let algorithm = match (first, trailer) {
        (Some((algorithm, value)), _) => {
            if algorithm.decode(value).is_none() {
                return Err(invalid_value(algorithm));
            }
            Some(algorithm)
        }
        (None, Some(algorithm)) => Some(algorithm),
        (None, None) if named.is_some() => {
            return Err(InvalidRequest::because(
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer \
                 headers were found.",
            ));
        }
        (None, None) => None,
    };
    if named.is_some() && named != algorithm {
        return Err(InvalidRequest::because("Value for x-amz-sdk-checksum-algorithm header is invalid."));
    }
    Ok(Announced { algorithm, value: first.map(|(_, value)| value.to_owned()), compared: algorithm.is_some() })
}

/// The algorithm of a checksum that `x-amz-trailer` announces.
fn trailing(headers: &HeaderMap) -> Result<Option<Algorithm>> {
    let Some(names) = headers.get("x-amz-trailer").and_then(|names| names.to_str().ok()) else { return Ok(None) };
    let mut found = None;
    for name in names.split(',').map(|name| name.trim().to_ascii_lowercase()) {
        let Some(suffix) = name.strip_prefix("x-amz-checksum-") else { continue };
        let algorithm = Algorithm::named(&suffix.to_ascii_uppercase())
            .map_err(|error| if error.is("NotImplemented") { error } else { invalid_trailer() })?;
        if found.replace(algorithm).is_some() {
            return Err(invalid_trailer());
        }
    }
    Ok(found)
}

fn invalid_trailer() -> Error {
    InvalidRequest::because("The value specified in the x-amz-trailer header is not supported")
}

/// A checksum that is no base64 of the right length.
pub(crate) fn invalid_value(algorithm: Algorithm) -> Error {
    InvalidRequest::because(format!("Value for {} header is invalid.", algorithm.header()))
}

/// The body is not what its checksum says.
pub(crate) fn mismatch(algorithm: Algorithm) -> Error {
    BadDigest::because(format!("The {} you specified did not match the calculated checksum.", algorithm.name()))
}

/// The checksum of an object of several parts: (checksum of the part, size of the part) in order.
///
/// `None` when a part's checksum is not one of the algorithm, which stored parts never are.
pub(crate) fn of_parts(algorithm: Algorithm, kind: Kind, parts: &[(&str, u64)]) -> Option<String> {
    match kind {
        Kind::Composite => {
            let mut hasher = Hasher::new(algorithm);
            for (value, _) in parts {
                hasher.update(&algorithm.decode(value)?);
            }
            Some(format!("{}-{}", hasher.finish(), parts.len()))
        }
        Kind::FullObject => {
            let crc = algorithm.crc()?;
            let mut whole = None;
            for (value, size) in parts {
                let part = number(&algorithm.decode(value)?);
                whole = Some(match whole {
                    None => part,
                    Some(before) => crc_fast::checksum_combine(crc, before, part, *size),
                });
            }
            Some(encode(&whole?.to_be_bytes()[8 - algorithm.length()..]))
        }
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(algorithm: Algorithm, bytes: &[u8]) -> String {
        let mut hasher = Hasher::new(algorithm);
        bytes.chunks(3).for_each(|chunk| hasher.update(chunk));
        hasher.finish()
    }

    #[test]
    fn check_values_are_those_of_the_catalogues() {
        // The check values of "123456789" in the CRC catalogue and of the digests' own standards.
        let expected = [
            (Algorithm::Crc32, "cbf43926"),
            (Algorithm::Crc32c, "e3069283"),
            (Algorithm::Crc64Nvme, "ae8b14860a799888"),
            (Algorithm::Sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
            (Algorithm::Sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
            (Algorithm::Md5, "25f9e794323b453885f5181f1b624d0b"),
        ];
        for (algorithm, hex) in expected {
            assert_eq!(of(algorithm, b"123456789"), encode(&hex::decode(hex).unwrap()), "{}", algorithm.name());
        }
    }

    #[test]
    fn a_crc_of_parts_is_that_of_the_whole() {
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let parts: Vec<String> = [&b"hello "[..], b"wor", b"ld"].iter().map(|p| of(algorithm, p)).collect();
            let parts = [(parts[0].as_str(), 6), (parts[1].as_str(), 3), (parts[2].as_str(), 2)];
            assert_eq!(of_parts(algorithm, Kind::FullObject, &parts), Some(of(algorithm, b"hello world")));
        }
        let parts = [(of(Algorithm::Sha256, b"a"), 1), (of(Algorithm::Sha256, b"b"), 1)];
        let composite = of_parts(Algorithm::Sha256, Kind::Composite, &[(&parts[0].0, 1), (&parts[1].0, 1)]).unwrap();
        let mut both = BASE64.decode(&parts[0].0).unwrap();
        both.extend(BASE64.decode(&parts[1].0).unwrap());
        assert_eq!(composite, format!("{}-2", of(Algorithm::Sha256, &both)));
    }

    #[test]
    fn a_request_announces_one_checksum() {
        let none: Carried<'_> = Algorithm::ALL.map(|algorithm| (algorithm, None));
        let mut headers = HeaderMap::new();
        assert_eq!(announced(none, &headers, None).unwrap(), Announced::default());
        assert!(announced(none, &headers, Some("CRC32")).unwrap_err().is("InvalidRequest"));
        headers.insert("x-amz-trailer", "x-amz-checksum-crc32".parse().unwrap());
        assert_eq!(announced(none, &headers, Some("CRC32")).unwrap().algorithm, Some(Algorithm::Crc32));
        assert!(announced(none, &headers, Some("SHA1")).unwrap_err().is("InvalidRequest"));
        headers.insert("x-amz-trailer", "x-amz-checksum-xxhash64".parse().unwrap());
        assert!(announced(none, &headers, None).unwrap_err().is("NotImplemented"));
        headers.clear();
        let mut one = none;
        one[0].1 = Some("y/Q5Jg==");
        assert_eq!(announced(one, &headers, None).unwrap().value.as_deref(), Some("y/Q5Jg=="));
        one[0].1 = Some("y/Q5");
        assert!(announced(one, &headers, None).unwrap_err().is("InvalidRequest"));
        one[0].1 = Some("y/Q5Jg==");
        one[1].1 = Some("y/Q5Jg==");
        assert!(announced(one, &headers, None).unwrap_err().is("InvalidRequest"));
    }
}
