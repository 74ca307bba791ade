//! Checksums of bodies (`httpChecksum`) while they stream: CRCs, SHA-1 and SHA-2, MD5, and the XXHash family.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>

use crc_fast::{CrcAlgorithm, Digest as Crc};
use http::HeaderMap;
use md5::Md5;
use sha1::{Digest, Sha1};
use sha2::{Sha256, Sha512};
use xxhash_rust::xxh3::Xxh3Default;
use xxhash_rust::xxh64::Xxh64;

use crate::scalar::{decode_base64, encode_base64};

/// An algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChecksumAlgorithm {
    /// CRC-32 (ISO-HDLC).
    Crc32,
    /// CRC-32C (Castagnoli).
    Crc32C,
    /// CRC-64/NVME.
    Crc64Nvme,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
    /// MD5.
    Md5,
    /// XXH64, with the seed 0.
    XxHash64,
    /// XXH3 of 64 bits.
    XxHash3,
    /// XXH3 of 128 bits.
    XxHash128,
}

impl ChecksumAlgorithm {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Crc32,
        Self::Crc32C,
        Self::Crc64Nvme,
        Self::Sha1,
        Self::Sha256,
        Self::Sha512,
        Self::Md5,
        Self::XxHash64,
        Self::XxHash3,
        Self::XxHash128,
    ];

    /// Name in the API, e.g. `CRC32C`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32C => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
            Self::Md5 => "MD5",
            Self::XxHash64 => "XXHASH64",
            Self::XxHash3 => "XXHASH3",
            Self::XxHash128 => "XXHASH128",
        }
    }

    /// Header or trailer that carries it, in lower case.
    pub const fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32C => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
            Self::Sha512 => "x-amz-checksum-sha512",
            Self::Md5 => "x-amz-checksum-md5",
            Self::XxHash64 => "x-amz-checksum-xxhash64",
            Self::XxHash3 => "x-amz-checksum-xxhash3",
            Self::XxHash128 => "x-amz-checksum-xxhash128",
        }
    }

    /// Length in bytes.
    pub const fn length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32C => 4,
            Self::Crc64Nvme | Self::XxHash64 | Self::XxHash3 => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
            Self::Md5 | Self::XxHash128 => 16,
        }
    }

    /// The algorithm of that name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// The algorithm of that header, in any case.
    pub fn of_header(header: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.header().eq_ignore_ascii_case(header))
    }
}

/// The checksum that a request announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Announced {
    /// In a header: the value, in base64.
    Header(ChecksumAlgorithm, String),
    /// In a trailer, after the body.
    Trailer(ChecksumAlgorithm),
}

/// What is wrong with the headers that announce a checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChecksumError {
    /// More than one checksum.
    Several,
    /// The value is no base64 of the algorithm's length.
    Malformed,
    /// `x-amz-sdk-checksum-algorithm` or `x-amz-trailer` names no algorithm that is known, or another
    /// one than the checksum that was sent.
    Algorithm,
}

impl std::fmt::Display for ChecksumError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Several => "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
            Self::Malformed => "Value for x-amz-checksum header is invalid.",
            Self::Algorithm => "Checksum algorithm provided is unsupported.",
        })
    }
}

impl std::error::Error for ChecksumError {}

/// The checksum that headers announce, by value or for the trailer; `None` if there is none.
pub fn announced(headers: &HeaderMap) -> Result<Option<Announced>, ChecksumError> {
    if headers.keys().any(|name| is_unknown(name.as_str())) {
        return Err(ChecksumError::Algorithm);
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let mut sent = ChecksumAlgorithm::ALL.into_iter().filter_map(|a| text(a.header()).map(|value| (a, value)));
    let (first, second) = (sent.next(), sent.next());
    let trailer = match text("x-amz-trailer") {
        None => None,
        Some(names) => {
            let mut names = names.split(',').map(str::trim).filter(|n| n.starts_with("x-amz-checksum-"));
            match (names.next(), names.next()) {
                (None, _) => None,
                (Some(name), None) => Some(ChecksumAlgorithm::of_header(name).ok_or(ChecksumError::Algorithm)?),
                (Some(_), Some(_)) => return Err(ChecksumError::Several),
            }
        }
    };
    let found = match (first, second, trailer) {
        (None, _, None) => return Ok(None),
        (Some((algorithm, value)), None, None) => {
            let length = decode_base64(value).map_err(|_| ChecksumError::Malformed)?.len();
            if length != algorithm.length() {
                return Err(ChecksumError::Malformed);
            }
            Announced::Header(algorithm, value.to_owned())
        }
        (None, _, Some(algorithm)) => Announced::Trailer(algorithm),
        _ => return Err(ChecksumError::Several),
    };
    let (Announced::Header(algorithm, _) | Announced::Trailer(algorithm)) = &found;
    match text("x-amz-sdk-checksum-algorithm") {
        Some(name) if ChecksumAlgorithm::named(name) != Some(*algorithm) => Err(ChecksumError::Algorithm),
        _ => Ok(Some(found)),
    }
}

/// Whether a header carries a checksum of an algorithm that is not known.
fn is_unknown(header: &str) -> bool {
    let told = ["x-amz-checksum-algorithm", "x-amz-checksum-type", "x-amz-checksum-mode"];
    header.starts_with("x-amz-checksum-") && !told.contains(&header) && ChecksumAlgorithm::of_header(header).is_none()
}

/// A checksum in the making.
#[derive(Clone)]
pub struct Checksum {
    algorithm: ChecksumAlgorithm,
    state: State,
}

#[derive(Clone)]
enum State {
    Crc(Crc),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Sha512),
    Md5(Md5),
    XxHash64(Xxh64),
    /// For 64 and 128 bits alike.
    XxHash3(Box<Xxh3Default>),
}

impl Checksum {
    /// Starts.
    pub fn new(algorithm: ChecksumAlgorithm) -> Self {
        let state = match algorithm {
            ChecksumAlgorithm::Crc32 => State::Crc(Crc::new(CrcAlgorithm::Crc32IsoHdlc)),
            ChecksumAlgorithm::Crc32C => State::Crc(Crc::new(CrcAlgorithm::Crc32Iscsi)),
            ChecksumAlgorithm::Crc64Nvme => State::Crc(Crc::new(CrcAlgorithm::Crc64Nvme)),
            ChecksumAlgorithm::Sha1 => State::Sha1(Sha1::new()),
            ChecksumAlgorithm::Sha256 => State::Sha256(Sha256::new()),
            ChecksumAlgorithm::Sha512 => State::Sha512(Sha512::new()),
            ChecksumAlgorithm::Md5 => State::Md5(Md5::new()),
            ChecksumAlgorithm::XxHash64 => State::XxHash64(Xxh64::new(0)),
            ChecksumAlgorithm::XxHash3 | ChecksumAlgorithm::XxHash128 => State::XxHash3(Box::default()),
        };
        Self { algorithm, state }
    }

    /// Its algorithm.
    pub fn algorithm(&self) -> ChecksumAlgorithm {
        self.algorithm
    }

    /// Takes more of the body.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Crc(crc) => crc.update(bytes),
            State::Sha1(sha) => sha.update(bytes),
            State::Sha256(sha) => sha.update(bytes),
            State::Sha512(sha) => sha.update(bytes),
            State::Md5(md5) => md5.update(bytes),
            State::XxHash64(xxh) => xxh.update(bytes),
            State::XxHash3(xxh) => xxh.update(bytes),
        }
    }

    /// The checksum's bytes, big end first.
    pub fn finish(self) -> Vec<u8> {
        match self.state {
            State::Crc(crc) => {
                let bytes = crc.finalize().to_be_bytes();
                bytes.get(8 - self.algorithm.length()..).unwrap_or_default().to_vec()
            }
            State::Sha1(sha) => sha.finalize().to_vec(),
            State::Sha256(sha) => sha.finalize().to_vec(),
            State::Sha512(sha) => sha.finalize().to_vec(),
            State::Md5(md5) => md5.finalize().to_vec(),
            State::XxHash64(xxh) => xxh.digest().to_be_bytes().to_vec(),
            State::XxHash3(xxh) if self.algorithm == ChecksumAlgorithm::XxHash128 => {
                xxh.digest128().to_be_bytes().to_vec()
            }
            State::XxHash3(xxh) => xxh.digest().to_be_bytes().to_vec(),
        }
    }

    /// The checksum in base64, as headers carry it.
    pub fn finish_base64(self) -> String {
        encode_base64(&self.finish())
    }
}

impl std::fmt::Debug for Checksum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Checksum({})", self.algorithm.name())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Check values of `123456789` from the catalogue of CRCs, FIPS 180's digests of `abc`, and what xxHash's
    /// specification gives for no input.
    /// <https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md>
    #[test]
    fn known_values() {
        for (algorithm, text, hex) in [
            (ChecksumAlgorithm::Crc32, "123456789", "cbf43926"),
            (ChecksumAlgorithm::Crc32C, "123456789", "e3069283"),
            (ChecksumAlgorithm::Crc64Nvme, "123456789", "ae8b14860a799888"),
            (ChecksumAlgorithm::Sha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (ChecksumAlgorithm::Sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (ChecksumAlgorithm::Md5, "abc", "900150983cd24fb0d6963f7d28e17f72"),
            (ChecksumAlgorithm::XxHash64, "", "ef46db3751d8e999"),
            (ChecksumAlgorithm::XxHash3, "", "2d06800538d394c2"),
            (ChecksumAlgorithm::XxHash128, "", "99aa06d3014798d86001c324468d497f"),
        ] {
            let mut checksum = Checksum::new(algorithm);
            text.as_bytes().chunks(2).for_each(|chunk| checksum.update(chunk));
            assert_eq!(hex::encode(checksum.finish()), hex, "{}", algorithm.name());
            assert_eq!(hex.len(), algorithm.length() * 2);
        }
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| ((*n).parse().unwrap(), v.parse().unwrap())).collect()
    }

    #[test]
    fn chooses_by_headers_and_trailers() {
        assert_eq!(announced(&headers(&[])), Ok(None));
        let crc = ("x-amz-checksum-crc32", "y/Q5Jg==");
        let found = Announced::Header(ChecksumAlgorithm::Crc32, "y/Q5Jg==".to_owned());
        assert_eq!(announced(&headers(&[crc, ("x-amz-sdk-checksum-algorithm", "CRC32")])), Ok(Some(found)));
        let trailer = ("x-amz-trailer", "x-amz-checksum-crc64nvme");
        assert_eq!(announced(&headers(&[trailer])), Ok(Some(Announced::Trailer(ChecksumAlgorithm::Crc64Nvme))));
        assert_eq!(announced(&headers(&[crc, trailer])), Err(ChecksumError::Several));
        assert_eq!(announced(&headers(&[crc, ("x-amz-checksum-sha1", "x")])), Err(ChecksumError::Several));
        assert_eq!(announced(&headers(&[("x-amz-checksum-crc32", "AAAA")])), Err(ChecksumError::Malformed));
        let other = ("x-amz-sdk-checksum-algorithm", "SHA256");
        assert_eq!(announced(&headers(&[crc, other])), Err(ChecksumError::Algorithm));
        assert_eq!(announced(&headers(&[("x-amz-checksum-sha3", "AAAA")])), Err(ChecksumError::Algorithm));
        assert_eq!(announced(&headers(&[("x-amz-trailer", "x-amz-checksum-md4")])), Err(ChecksumError::Algorithm));
    }
}
