//! What values operators can read.

use std::net::IpAddr;

use super::date::Moment;
use super::number::Decimal;
use super::{boolean, decode};

/// The kinds of values that condition keys have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Any text.
    String,
    /// A decimal number.
    Numeric,
    /// `true` or `false`.
    Boolean,
    /// An IPv4 or IPv6 address.
    Ip,
    /// Base64.
    Binary,
    /// ISO 8601, or Unix seconds.
    Date,
}

impl ValueKind {
    /// Whether the operators of this kind can read a value of the request.
    pub fn reads(self, value: &str) -> bool {
        match self {
            Self::String => true,
            Self::Numeric => Decimal::parse(value).is_some(),
            Self::Boolean => boolean(value).is_some(),
            Self::Ip => value.parse::<IpAddr>().is_ok(),
            Self::Binary => decode(value).is_some(),
            Self::Date => Moment::parse(value).is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_reads_its_own() {
        for (kind, reads, refuses) in [
            (ValueKind::Numeric, "-12.5", "twelve"),
            (ValueKind::Boolean, "True", "yes"),
            (ValueKind::Ip, "2001:db8::1", "10.0.0.0/8"),
            (ValueKind::Binary, "QmluYXJ5", "not base64!"),
            (ValueKind::Date, "2026-01-01T00:00:00Z", "tomorrow"),
        ] {
            assert!(kind.reads(reads), "{kind:?} {reads}");
            assert!(!kind.reads(refuses), "{kind:?} {refuses}");
            assert!(ValueKind::String.reads(refuses));
        }
    }
}
