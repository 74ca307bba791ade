//! Protocols of subscriptions, and what their endpoints look like.
//!
//! Reference: <https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Result};

use crate::errors::{invalid, invalid_because, not_implemented};

/// How messages reach an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Protocol {
    Application,
    Email,
    EmailJson,
    Http,
    Https,
    Sms,
    Sqs,
}

impl Protocol {
    /// # Errors
    /// `InvalidParameter`; `NotImplemented` for those that Welkin does not have yet.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        Ok(match text {
            "application" => Self::Application,
            "email" => Self::Email,
            "email-json" => Self::EmailJson,
            "http" => Self::Http,
            "https" => Self::Https,
            "sms" => Self::Sms,
            "sqs" => Self::Sqs,
            "firehose" | "lambda" => {
                return Err(not_implemented(&format!("subscriptions by the protocol {text}")));
            }
            _ => return Err(invalid(format_args!("Amazon SNS does not support this protocol string: {text}"))),
        })
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Email => "email",
            Self::EmailJson => "email-json",
            Self::Http => "http",
            Self::Https => "https",
            Self::Sms => "sms",
            Self::Sqs => "sqs",
        }
    }

    pub(crate) fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }

    /// Whether messages can be delivered without an envelope.
    pub(crate) fn can_be_raw(self) -> bool {
        self.is_http() || self == Self::Sqs
    }

    /// Holds an endpoint against the protocol and the kind of topic.
    ///
    /// # Errors
    /// `InvalidParameter`
    pub(crate) fn check(self, endpoint: &str, fifo: bool) -> Result<()> {
        if fifo && self != Self::Sqs {
            // UNVERIFIED: the wording.
            let reason =
                format_args!("{} endpoints can not be subscribed to FIFO SNS topics", self.as_str()).to_string();
            return Err(invalid_because("Protocol", reason));
        }
        match self {
            Self::Sqs => {
                let queue = queue(endpoint).ok_or_else(|| invalid("SQS endpoint ARN"))?;
                if !fifo && queue.resource().ends_with(".fifo") {
                    let reason = "FIFO SQS Queues can not be subscribed to standard SNS topics";
                    return Err(invalid(format_args!("Invalid parameter: Endpoint Reason: {reason}")));
                }
                Ok(())
            }
            Self::Http | Self::Https => match reqwest::Url::parse(endpoint) {
                Ok(url) if url.scheme() == self.as_str() && url.has_host() => Ok(()),
                _ => Err(invalid("Endpoint must match the specified protocol")),
            },
            Self::Email | Self::EmailJson => {
                let parts = endpoint.split_once('@');
                let plain = !endpoint.chars().any(|c| c.is_whitespace() || c.is_control());
                let is_address = parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
                if is_address && plain { Ok(()) } else { Err(invalid("Email address")) }
            }
            // Whether there is such an endpoint is looked up.
            Self::Application => match endpoint.parse::<Arn>() {
                Ok(arn) if arn.service() == "sns" && arn.resource().starts_with("endpoint/") => Ok(()),
                _ => Err(invalid("Endpoint")),
            },
            Self::Sms if is_phone_number(endpoint) => Ok(()),
            Self::Sms => Err(invalid(format_args!("Invalid SMS endpoint: {endpoint}"))),
        }
    }
}

/// The queue that an endpoint names.
pub(crate) fn queue(endpoint: &str) -> Option<Arn> {
    let arn: Arn = endpoint.parse().ok()?;
    let is_queue = arn.service() == "sqs" && arn.account().is_some() && arn.region().is_some();
    is_queue.then_some(arn)
}

/// Whether it is a telephone number as E.164 has it.
pub(crate) fn is_phone_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_fit_their_protocol() {
        let queue = "arn:aws:sqs:us-east-1:111122223333:q";
        for (protocol, good, bad) in [
            (Protocol::Sqs, queue, "arn:aws:sqs:us-east-1:111122223333:q.fifo"),
            (Protocol::Sqs, queue, "https://sqs.us-east-1.amazonaws.com/111122223333/q"),
            (Protocol::Http, "http://localhost:8080/x", "https://localhost"),
            (Protocol::Https, "https://example.com", "http://example.com"),
            (Protocol::Email, "a@example.com", "a.example.com"),
            (Protocol::EmailJson, "a@example.com", "a b@example.com"),
            (Protocol::Sms, "+4915112345678", "12-34"),
            (Protocol::Application, "arn:aws:sns:us-east-1:111122223333:endpoint/GCM/a/b", queue),
        ] {
            assert!(protocol.check(good, false).is_ok(), "{good}");
            assert!(protocol.check(bad, false).is_err(), "{bad}");
        }
        assert!(Protocol::Sqs.check("arn:aws:sqs:us-east-1:111122223333:q.fifo", true).is_ok());
        assert!(Protocol::Email.check("a@example.com", true).is_err());
        assert!(Protocol::parse("lambda").is_err_and(|error| error.is("NotImplemented")));
        assert!(Protocol::parse("pigeon").is_err_and(|error| error.is("InvalidParameterException")));
    }
}
