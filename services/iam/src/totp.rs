//! One-time passwords by time: RFC 6238 over HMAC-SHA-1, six digits, steps of 30 seconds, which is what AWS's virtual
//! MFA devices use: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html>.

use aws_lc_rs::hmac;
use welkin_kernel::Timestamp;

/// Length of a step in seconds.
const STEP: i64 = 30;

/// The step that a time is in.
pub(crate) fn step_at(time: Timestamp) -> i64 {
    time.secs().div_euclid(STEP)
}

/// The code of a step: RFC 4226, section 5.3.
pub(crate) fn code(seed: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    // INVARIANT: SHA-1 has 20 bytes, and the offset is below 16.
    let offset = usize::from(tag[19] & 0xf);
    let bits = u32::from_be_bytes([tag[offset], tag[offset + 1], tag[offset + 2], tag[offset + 3]]) & 0x7fff_ffff;
    format!("{:06}", bits % 1_000_000)
}

/// The steps within `reach` of `around`, the nearest first.
pub(crate) fn near(around: i64, reach: i64) -> impl Iterator<Item = i64> {
    (0..=reach).flat_map(move |by| {
        let behind = (by > 0).then(|| around.saturating_sub(by));
        std::iter::once(around.saturating_add(by)).chain(behind)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(b"12345678901234567890", step_at(Timestamp::from_secs(seconds))), expected, "{seconds}");
        }
    }

    #[test]
    fn steps_near_by_come_first_and_each_once() {
        assert_eq!(near(10, 2).collect::<Vec<_>>(), [10, 11, 9, 12, 8]);
    }
}
