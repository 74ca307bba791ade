//! Checksums of objects and parts.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crc_fast::CrcAlgorithm;
use http::HeaderMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
pub(crate) use welkin_kernel::wire::checksum::{Checksum as Hasher, ChecksumAlgorithm as Algorithm};
use welkin_kernel::{Error, Result};

use crate::errors::{BadDigest, InvalidRequest};

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
    #[serde(with = "crate::checksum")]
    pub(crate) algorithm: Algorithm,
    pub(crate) kind: Kind,
    /// Base64, with `-` and the number of parts after a composite one.
    pub(crate) value: String,
}

/// The members of a structure that hold checksums.
pub(crate) type Carried<'a> = [(Algorithm, Option<&'a str>); 10];

/// A structure with a member for each algorithm.
pub(crate) trait Carries {
    fn carried(&self) -> Carried<'_>;
    fn slot(&mut self, algorithm: Algorithm) -> &mut Option<String>;

    /// Shows a checksum in the member of its algorithm.
    fn carry(&mut self, algorithm: Algorithm, value: &str) {
        *self.slot(algorithm) = Some(value.to_owned());
    }
}

/// Stores an algorithm by its name.
pub(crate) fn serialize<S: Serializer>(algorithm: &Algorithm, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(algorithm.name())
}

/// Reads what [`serialize`] stored.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Algorithm, D::Error> {
    let name = String::deserialize(deserializer)?;
    Algorithm::named(&name).ok_or_else(|| de::Error::custom(format_args!("no checksum algorithm: {name}")))
}

/// The algorithm of this name.
///
/// # Errors
/// `InvalidRequest`
// UNVERIFIED: that the message names the newer algorithms too.
pub(crate) fn named(name: &str) -> Result<Algorithm> {
    Algorithm::named(name).ok_or_else(|| {
        InvalidRequest::because(format!(
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [{}]",
            Algorithm::ALL.map(Algorithm::name).join(", ")
        ))
    })
}

/// The CRC, if it is one: only those can be combined into one of the full object.
const fn crc(algorithm: Algorithm) -> Option<CrcAlgorithm> {
    match algorithm {
        Algorithm::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
        Algorithm::Crc32C => Some(CrcAlgorithm::Crc32Iscsi),
        Algorithm::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
        _ => None,
    }
}

/// The kind that uploads in parts have, if the request does not say.
pub(crate) const fn default_kind(algorithm: Algorithm) -> Kind {
    match algorithm {
        Algorithm::Crc64Nvme => Kind::FullObject,
        _ => Kind::Composite,
    }
}

/// Whether uploads in parts may have this kind of checksum.
// UNVERIFIED: for MD5, SHA-512 and the XXHash family, which as the older digests cannot be combined.
pub(crate) const fn permits(algorithm: Algorithm, kind: Kind) -> bool {
    match kind {
        Kind::FullObject => crc(algorithm).is_some(),
        Kind::Composite => !matches!(algorithm, Algorithm::Crc64Nvme),
    }
}

fn decode(algorithm: Algorithm, value: &str) -> Option<Vec<u8>> {
    BASE64.decode(value).ok().filter(|bytes| bytes.len() == algorithm.length())
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
    let named = named.map(self::named).transpose()?;
    let algorithm = match (first, trailer) {
        (Some((algorithm, value)), _) => {
            if decode(algorithm, value).is_none() {
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
        let algorithm = Algorithm::named(suffix).ok_or_else(invalid_trailer)?;
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
                hasher.update(&decode(algorithm, value)?);
            }
            Some(format!("{}-{}", hasher.finish_base64(), parts.len()))
        }
        Kind::FullObject => {
            let crc = crc(algorithm)?;
            let mut whole = None;
            for (value, size) in parts {
                let part = number(&decode(algorithm, value)?);
                whole = Some(match whole {
                    None => part,
                    Some(before) => crc_fast::checksum_combine(crc, before, part, *size),
                });
            }
            whole?.to_be_bytes().get(8 - algorithm.length()..).map(|bytes| BASE64.encode(bytes))
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
        hasher.finish_base64()
    }

    #[test]
    fn a_crc_of_parts_is_that_of_the_whole() {
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32C, Algorithm::Crc64Nvme] {
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
        assert_eq!(announced(none, &headers, None).unwrap().algorithm, Some(Algorithm::XxHash64));
        headers.insert("x-amz-trailer", "x-amz-checksum-md4".parse().unwrap());
        assert!(announced(none, &headers, None).unwrap_err().is("InvalidRequest"));
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
