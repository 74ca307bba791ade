//! Parameters that AWS has for everybody, as far as Welkin knows what is in them.
//!
//! Reference: <https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters.html>

use welkin_kernel::{Cx, Partition, Region, Result};

use crate::errors::not_implemented;

/// How their names begin.
const PREFIX: &str = "/aws/service/";

/// Where the Regions are.
pub(crate) const REGIONS: &str = "/aws/service/global-infrastructure/regions";

/// Whether a name is one of AWS's own.
pub(crate) fn is_public(name: &str) -> bool {
    name.starts_with(PREFIX) || name == PREFIX.trim_end_matches('/')
}

/// The ARN of such a parameter: it has no account.
pub(crate) fn arn(cx: &Cx, name: &str) -> String {
    let region = cx.region();
    format!("arn:{}:ssm:{region}::parameter{name}", region.partition())
}

/// The value of such a parameter; `None` if there is none.
///
/// # Errors
/// `NotImplemented` for those of which Welkin does not know the value.
pub(crate) fn value(cx: &Cx, name: &str) -> Result<Option<String>> {
    if name == "/aws/service/global-infrastructure/current-region" {
        return Ok(Some(cx.region().to_string()));
    }
    let Some(rest) = name.strip_prefix(REGIONS) else {
        return Err(not_implemented(&format!("the public parameter {name}")));
    };
    let mut parts = rest.trim_start_matches('/').split('/');
    let region = parts.next().and_then(|name| name.parse::<Region>().ok());
    Ok(match (region, parts.next(), parts.next()) {
        (Some(region), None, _) => Some(region.to_string()),
        (Some(region), Some("partition"), None) => Some(region.partition().to_string()),
        (Some(region), Some("domain"), None) => Some(domain(region.partition()).to_owned()),
        (Some(_), Some("longName" | "geolocationCountry" | "geolocationRegion" | "services"), _) => {
            return Err(not_implemented(&format!("the public parameter {name}")));
        }
        _ => None,
    })
}

/// The names of the parameters directly under a path; `None` if Welkin does not know them all.
pub(crate) fn children(cx: &Cx, path: &str) -> Option<Vec<String>> {
    let partition = cx.region().partition();
    let mut names: Vec<String> = Region::all()
        .filter(|region| region.partition() == partition)
        .map(|region| format!("{REGIONS}/{region}"))
        .collect();
    names.sort_unstable();
    (path.trim_end_matches('/') == REGIONS).then_some(names)
}

fn domain(partition: Partition) -> &'static str {
    match partition {
        Partition::China => "amazonaws.com.cn",
        _ => "amazonaws.com",
    }
}
