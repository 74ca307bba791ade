//! Chance, UUIDs, addresses.
//!
//! <https://trino.io/docs/current/functions/math.html#random-functions>,
//! <https://trino.io/docs/current/functions/uuid.html>,
//! <https://trino.io/docs/current/functions/ipaddress.html>

use std::cell::Cell;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use super::List;
use crate::error::SqlError;
use crate::value::Value;

thread_local! {
    static STATE: Cell<u64> = const { Cell::new(0) };
}

/// Computes with the chance of a call, which goes on where it stopped.
pub(crate) fn with_chance<T>(state: &AtomicU64, compute: impl FnOnce() -> T) -> T {
    // Two parts of a query that compute at once do not get the same.
    STATE.set(state.fetch_add(0x2545_f491_4f6c_dd1d, Relaxed));
    let result = compute();
    state.fetch_xor(STATE.get(), Relaxed);
    result
}

/// The next of a sequence that looks random (SplitMix64).
fn next() -> u64 {
    STATE.with(|state| {
        let n = state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        state.set(n);
        let n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        n ^ n >> 31
    })
}

fn unit() -> f64 {
    (next() >> 11) as f64 / (1_u64 << 53) as f64
}

pub(super) fn register(list: &mut List) {
    for name in ["random", "rand"] {
        list.plain(name, "() -> double", |_| Ok(Value::Double(unit()))).stable = false;
        list.plain(name, "(I) -> I", |args| match args[0].as_int()? {
            stop if stop <= 0 => Err(SqlError::argument("bound must be positive")),
            stop => Ok(between(0, stop)),
        })
        .stable = false;
        list.plain(name, "(I, I) -> I", |args| match (args[0].as_int()?, args[1].as_int()?) {
            (start, stop) if stop <= start => Err(SqlError::argument("start value must be less than stop value")),
            (start, stop) => Ok(between(start, stop)),
        })
        .stable = false;
    }
    list.plain("shuffle", "(array(E)) -> array(E)", |args| {
        let mut all = args[0].as_array()?.to_vec();
        for n in (1..all.len()).rev() {
            all.swap(n, (next() % (n as u64 + 1)) as usize);
        }
        Ok(Value::array(all))
    })
    .stable = false;
    list.plain("uuid", "() -> uuid", |_| {
        let bits = u128::from(next()) << 64 | u128::from(next());
        // Version 4, variant 1.
        let bits = bits & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
        let hex = format!("{bits:032x}");
        Ok(Value::text(format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])))
    })
    .stable = false;
    list.plain("contains", "(varchar, ipaddress) -> boolean", |args| {
        let fail = || SqlError::argument("Invalid CIDR");
        let (network, bits) = args[0].as_str()?.split_once('/').ok_or_else(fail)?;
        let network: std::net::IpAddr = network.parse().map_err(|_| fail())?;
        let (start, extra) = match network {
            std::net::IpAddr::V4(it) => (it.to_ipv6_mapped().octets(), 96),
            std::net::IpAddr::V6(it) => (it.octets(), 0),
        };
        let bits = bits.parse::<u32>().map_err(|_| fail())?.saturating_add(extra);
        if bits > 128 {
            return Err(fail());
        }
        let address = <[u8; 16]>::try_from(args[1].as_bytes()?).map_err(|_| fail())?;
        let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
        Ok(Value::Boolean(u128::from_be_bytes(start) & mask == u128::from_be_bytes(address) & mask))
    });
}

/// A number from `start` to before `stop`, which is greater.
fn between(start: i64, stop: i64) -> Value {
    let span = stop.wrapping_sub(start) as u64;
    Value::Integer(start.wrapping_add((next() % span.max(1)) as i64))
}
