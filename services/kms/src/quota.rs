//! Request quotas.
//!
//! Source: <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>. Cross-account
//! calls and calls that services make for someone are charged to the account that makes the request.

use welkin_kernel::{Cx, Limit, Region};

/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/throttling.html>
const MESSAGE: &str = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";

/// The quota that all cryptographic operations with symmetric and HMAC keys share.
pub(crate) fn symmetric(cx: &Cx) -> Limit {
    Limit::per_second("kms cryptographic operations (symmetric)", symmetric_rate(cx.region())).saying(MESSAGE)
}

fn symmetric_rate(region: Region) -> f64 {
    match region.name() {
        "us-east-1" | "us-west-2" | "eu-west-1" => 100_000.0,
        "us-east-2" | "ap-southeast-1" | "ap-southeast-2" | "ap-northeast-1" | "eu-central-1" | "eu-west-2" => 20_000.0,
        _ => 10_000.0,
    }
}

/// The quota of one management operation.
// UNVERIFIED: how many requests AWS lets through at once; a second's worth is assumed.
pub(crate) const fn management(operation: &'static str, per_second: u32) -> Limit {
    Limit::per_second(operation, per_second as f64).saying(MESSAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shared_quota_depends_on_the_region() {
        let rate = |name: &str| name.parse().map(symmetric_rate);
        assert_eq!(rate("us-east-1"), Ok(100_000.0));
        assert_eq!(rate("eu-central-1"), Ok(20_000.0));
        assert_eq!(rate("sa-east-1"), Ok(10_000.0));
    }
}
