//! `GET clock` and `POST clock`.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value as Json, json};
use welkin_kernel::Timestamp;

use super::{Answer, failed, rfc3339};
use crate::fault::Fault;
use crate::server::Server;

pub(super) fn show(server: &Server) -> Json {
    let clock = server.kernel.clock();
    // To the nearest second: moving it takes a few microseconds.
    let ahead = clock.offset_micros().saturating_add(500_000).div_euclid(1_000_000);
    json!({ "now": rfc3339(clock.now()), "ahead_seconds": ahead })
}

/// Advances or sets the clock; answers when every job due by then has run.
pub(super) async fn change(server: &Server, body: &Json) -> Answer {
    let object = body.as_object().filter(|object| object.len() == 1);
    let entry =
        object.and_then(|object| object.iter().next()).and_then(|(name, value)| Some((name.as_str(), value.as_str()?)));
    match entry {
        Some(("advance", text)) => {
            let by = parse_duration(text).ok_or_else(|| bad(text, "a duration such as 90s, 15m, 2h, 90d or 1h30m"))?;
            server.kernel.advance(server.kernel.clock().now().plus(by)).await.map_err(failed)?;
        }
        Some(("set", text)) => {
            let to = parse_time(text).ok_or_else(|| bad(text, "a time such as 2026-01-01T00:00:00Z"))?;
            if to >= server.kernel.clock().now() {
                server.kernel.advance(to).await.map_err(failed)?;
            } else {
                server.kernel.set_clock(to).await.map_err(failed)?;
            }
        }
        _ => return Err(bad(&body.to_string(), r#"{"advance": "15m"} or {"set": "2026-01-01T00:00:00Z"}"#)),
    }
    Ok(show(server))
}

fn bad(found: &str, wanted: &str) -> (StatusCode, Fault) {
    (
        StatusCode::BAD_REQUEST,
        Fault::new("the clock cannot be moved so", format!("found {found}"), format!("send {wanted}")),
    )
}

/// `2026-01-01T00:00:00Z`.
pub(crate) fn parse_time(text: &str) -> Option<Timestamp> {
    text.parse::<jiff::Timestamp>().ok().map(|time| Timestamp::from_micros(time.as_microsecond()))
}

/// `90s`, `15m`, `2h`, `90d`, `1h30m`; a number alone is seconds.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let unit = match rest.get(..letters)? {
            "" if rest.is_empty() && digits == text.trim().len() => 1,
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            "w" => 604_800,
            _ => return None,
        };
        rest = rest.get(letters..)?;
        total = total.checked_add(number.checked_mul(unit)?)?;
    }
    // A century is enough, and keeps far from the end of time.
    (total <= 100 * 366 * 86_400).then(|| Duration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let secs = |text| parse_duration(text).map(|d| d.as_secs());
        assert_eq!(secs("15m"), Some(900));
        assert_eq!(secs("1h30m"), Some(5400));
        assert_eq!(secs("90d"), Some(7_776_000));
        assert_eq!(secs("45"), Some(45));
        for bad in ["", "m", "15x", "1h30", "-5m", "1.5h", "99999999999999999999d", "9999999d"] {
            assert_eq!(secs(bad), None, "{bad}");
        }
    }
}
