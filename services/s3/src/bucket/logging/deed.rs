//! Lines without a request of their own: what lifecycle rules do, and each key of a batch that is deleted.
//!
//! They are written in the transaction that does it.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-and-other-bucket-config.html>

use http::header::HOST;
use welkin_kernel::{Cx, Principal, Result};

use super::line::{self, Line, quoted, time};
use crate::bucket::{Bucket, Owner};
use crate::object::list::page::Encoding;

/// Who carries out lifecycle rules.
const S3: &str = "AmazonS3";

/// What is done to a key.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Deed<'a> {
    pub(crate) operation: &'static str,
    pub(crate) key: &'a str,
    pub(crate) version: Option<&'a str>,
    pub(crate) size: Option<u64>,
    /// Code of the error, if it failed.
    pub(crate) error: Option<&'a str>,
    /// HTTP status of what is a request's.
    pub(crate) status: Option<u16>,
}

/// How the log calls the move to a storage class.
pub(crate) fn transition(class: &str) -> &'static str {
    match class {
        "STANDARD_IA" => "S3.TRANSITION_SIA.OBJECT",
        "ONEZONE_IA" => "S3.TRANSITION_ZIA.OBJECT",
        "INTELLIGENT_TIERING" => "S3.TRANSITION_INT.OBJECT",
        "GLACIER_IR" => "S3.TRANSITION_GIR.OBJECT",
        "DEEP_ARCHIVE" => "S3.TRANSITION_GDA.OBJECT",
        _ => "S3.TRANSITION.OBJECT",
    }
}

impl Bucket {
    /// Logs what is done to a key, if the bucket logs.
    pub(crate) async fn log_deed(&self, cx: &mut Cx, deed: Deed<'_>) -> Result<()> {
        if self.logging.is_none() {
            return Ok(());
        }
        let facts = cx.facts();
        let of_request = deed.status.is_some();
        let requester = match cx.principal() {
            Principal::Service(_) if !of_request => Some(S3.to_owned()),
            principal => line::requester(principal, self),
        };
        let dash = || "-".to_owned();
        let or_dash = |field: Option<String>| field.unwrap_or_else(dash);
        let signed = of_request && requester.is_some();
        let host = facts.headers.get(HOST).and_then(|host| host.to_str().ok()).map(str::to_owned);
        let mut fields = vec![
            Owner::of(self.owner).id,
            self.name.clone(),
            time(cx.now()),
            if of_request { facts.source_ip.clone() } else { dash() },
            or_dash(requester),
            cx.request_id().to_owned(),
            deed.operation.to_owned(),
            Encoding::Url.of(deed.key).replace('+', "%20"),
            quoted(None),
            or_dash(deed.status.map(|status| status.to_string())),
            or_dash(deed.error.map(str::to_owned)),
            dash(),
            or_dash(deed.size.map(|size| size.to_string())),
            dash(),
            dash(),
            quoted(None),
            quoted(of_request.then_some(facts.user_agent.as_str())),
            or_dash(deed.version.map(str::to_owned)),
            dash(),
            if signed { "SigV4".to_owned() } else { dash() },
            dash(),
            if signed { "AuthHeader".to_owned() } else { dash() },
            or_dash(host.filter(|_| of_request)),
        ];
        // TLS, access point, access control list, Region.
        fields.extend([dash(), or_dash(self.via.as_ref().map(|via| via.arn().to_owned())), dash(), dash()]);
        Line::keep(cx, self.place(), &self.name, cx.now(), fields.join(" ")).await
    }
}
