//! Ranges of addresses.

use std::net::IpAddr;

/// A range of addresses: `10.0.0.0/24`, `2001:db8::/32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cidr {
    address: IpAddr,
    bits: u32,
}

impl Cidr {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let bits = bits.parse().ok().filter(|bits| *bits <= width(address))?;
        Some(Self { address, bits })
    }

    pub(crate) fn contains(self, text: &str) -> bool {
        let Ok(address) = text.parse::<IpAddr>() else { return false };
        let shift = width(self.address) - self.bits;
        let begin = |address: IpAddr| number(address).checked_shr(shift).unwrap_or_default();
        width(address) == width(self.address) && begin(address) == begin(self.address)
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_in_their_range() {
        let contains = |range: &str, address: &str| Cidr::parse(range).expect("a range").contains(address);
        assert!(contains("10.0.0.0/24", "10.0.0.255") && !contains("10.0.0.0/24", "10.0.1.0"));
        assert!(contains("2001:db8::/32", "2001:db8:1::") && !contains("2001:db8::/32", "2001:db9::"));
        assert!(contains("0.0.0.0/0", "1.2.3.4") && !contains("0.0.0.0/0", "::1") && !contains("::/0", "1.2.3.4"));
        assert!(!contains("10.0.0.0/24", "ten"));
        for range in ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "::/129"] {
            assert!(Cidr::parse(range).is_none(), "{range}");
        }
    }
}
