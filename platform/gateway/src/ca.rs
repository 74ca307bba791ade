//! Welkin's own certificate authority.

use std::fs;
use std::io::{self, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, SanType, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use welkin_wire::Timestamp;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How long an authority lasts.
const CA_LIFE: Duration = DAY.saturating_mul(3650);
/// How long a leaf lasts: some clients refuse more than 398 days.
pub(crate) const LEAF_LIFE: Duration = DAY.saturating_mul(390);
const CERTIFICATE_FILE: &str = "ca.pem";
const KEY_FILE: &str = "ca-key.pem";

/// Why there is no certificate authority.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// A file of the authority could not be read or written.
    #[error("cannot access {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Certificate and key do not parse, or one of them is missing.
    #[error("the certificate authority is not usable: {0}")]
    Invalid(String),
    /// A certificate or key could not be made.
    #[error("cannot make a certificate: {0}")]
    Mint(#[from] rcgen::Error),
}

/// A certificate authority: a P-256 key and a self-signed certificate.
///
/// Whoever trusts [`Ca::pem`] (`AWS_CA_BUNDLE`) can reach Welkin over TLS under any host name.
pub struct Ca {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl std::fmt::Debug for Ca {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ca")
    }
}

/// A certificate for a host, with its key.
pub(crate) struct Leaf {
    pub(crate) certificate: CertificateDer<'static>,
    pub(crate) key: PrivateKeyDer<'static>,
}

impl Ca {
    /// The authority kept in `dir` (`ca.pem` and `ca-key.pem`, the latter readable by its owner
    /// only); made at `now`, by the machine's clock, if there is none yet.
    pub fn load_or_create(dir: &Path, now: Timestamp) -> Result<Self, CaError> {
        let (certificate, key) = (dir.join(CERTIFICATE_FILE), dir.join(KEY_FILE));
        match (read(&certificate)?, read(&key)?) {
            (Some(pem), Some(key)) => Self::from_pem(&pem, &key),
            (None, None) => {
                let ca = Self::create(now)?;
                fs::create_dir_all(dir).map_err(|source| CaError::File { path: dir.to_owned(), source })?;
                write_secret(&key, &ca.issuer.key().serialize_pem())?;
                fs::write(&certificate, &ca.pem).map_err(|source| CaError::File { path: certificate, source })?;
                Ok(ca)
            }
            (None, Some(_)) => Err(CaError::Invalid(format!("{} is missing", certificate.display()))),
            (Some(_), None) => Err(CaError::Invalid(format!("{} is missing", key.display()))),
        }
    }

    /// The authority of this certificate and key.
    pub fn from_pem(certificate: &str, key: &str) -> Result<Self, CaError> {
        let invalid = |error: rcgen::Error| CaError::Invalid(error.to_string());
        let key = KeyPair::from_pem(key).map_err(invalid)?;
        let issuer = Issuer::from_ca_cert_pem(certificate, key).map_err(invalid)?;
        Ok(Self { issuer, pem: certificate.to_owned() })
    }

    /// A fresh authority, kept nowhere. Its key comes from the operating system's randomness.
    pub fn create(now: Timestamp) -> Result<Self, CaError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Welkin Root CA");
        params.distinguished_name.push(DnType::OrganizationName, "Welkin");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        set_validity(&mut params, now, CA_LIFE);
        let pem = params.self_signed(&key)?.pem();
        Ok(Self { issuer: Issuer::new(params, key), pem })
    }

    /// The certificate, for clients to trust.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for `dns` names and `addresses`, valid for [`LEAF_LIFE`].
    pub(crate) fn leaf(&self, dns: &[&str], addresses: &[IpAddr], now: Timestamp) -> Result<Leaf, CaError> {
        // A key of its own per leaf: serial numbers are derived from the key, and must not repeat.
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, "Welkin");
        for name in dns {
            params.subject_alt_names.push(SanType::DnsName((*name).try_into()?));
        }
        params.subject_alt_names.extend(addresses.iter().copied().map(SanType::IpAddress));
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        set_validity(&mut params, now, LEAF_LIFE);
        let certificate = params.signed_by(&key, &self.issuer)?.der().clone();
        Ok(Leaf { certificate, key: PrivatePkcs8KeyDer::from(key.serialize_der()).into() })
    }
}

/// Valid from a day before `now`, for clients whose clocks are slow, until `life` after it.
fn set_validity(params: &mut CertificateParams, now: Timestamp, life: Duration) {
    let (year, month, of_month) = day(now.minus(DAY));
    params.not_before = date_time_ymd(year, month, of_month);
    let (year, month, of_month) = day(now.plus(life));
    params.not_after = date_time_ymd(year, month, of_month);
}

/// Midnight of that day, as year, month and day.
fn day(time: Timestamp) -> (i32, u8, u8) {
    let date = jiff::Timestamp::from_second(time.secs())
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    // INVARIANT: a civil date's month and day are 1..=12 and 1..=31; and X.509 has no year before 0.
    let small = |n: i8| u8::try_from(n).unwrap_or(1);
    (i32::from(date.year().max(1970)), small(date.month()), small(date.day()))
}

fn read(path: &Path) -> Result<Option<String>, CaError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(CaError::File { path: path.to_owned(), source }),
    }
}

fn write_secret(path: &Path, text: &str) -> Result<(), CaError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|source| CaError::File { path: path.to_owned(), source })
}
