//! Step 2: who calls.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use welkin_model as model;
use welkin_sigv4::{Claim, ErrorKind, Payload, Presented, RequestView, Rules, Secret};
use welkin_wire::{Body, Route};

use super::payload::{Input, Signed};
use super::{Following, Request};
use crate::cx::{Facts, Reply, Run, Signature};
use crate::{
    AccountId, Caller, Clock, Cx, Error, Kernel, Place, Principal, Region, Result, SessionOf, TlsSession, credentials,
};

/// What the bootstrap key without a number is called.
const BOOTSTRAP_KEY: &str = "test";

/// Verifies the signature and finds out who the caller is.
pub(super) async fn authenticate(
    kernel: &Arc<Kernel>,
    request: Request,
    request_id: &str,
    following: &Arc<Following>,
) -> Result<(Cx, Route, Input)> {
    let Request { route, mut parts, body, peer, tls, region, .. } = request;
    let service = route.service;
    let view = RequestView {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers: &parts.headers,
    };
    let refuse = |error: welkin_sigv4::Error| refusal(&route, error.kind());
    let presented = welkin_sigv4::present(&view).map_err(refuse)?;
    let streams = welkin_wire::streams(&route);
    let body = if streams { body } else { collect(kernel, &route, body).await? };

    let stated = stated_in_query(&route, &parts);
    let mut facts = facts(request_id, &parts.headers, peer, tls);
    if let Presented::Signed(claim) = &presented {
        facts.signature = Some(signature(claim));
    }
    facts.headers.extend(stated.iter().cloned());
    facts.following = Some(Arc::clone(following));
    let mut cx = context(kernel, service, facts);
    cx.run.rewind(kernel.store().begin().await?);
    let region_of = |claim: &Claim| region_of(&route, claim, region);
    let (caller, region, signed) = match &presented {
        Presented::Anonymous if may_be_anonymous(&route) => {
            let caller = Caller::of(Principal::Anonymous);
            (caller, region.unwrap_or(Region::US_EAST_1), Signed::Not)
        }
        Presented::Anonymous => return Err(refusal(&route, &ErrorKind::MissingToken)),
        Presented::Signed(claim) => {
            if let Some(account) = bootstrap(kernel, &claim.access_key_id) {
                let caller = Caller {
                    principal: Principal::Root { account },
                    access_key_id: Some(claim.access_key_id.clone()),
                    via: Vec::new(),
                };
                (caller, region_of(claim)?, Signed::ByAnySecret(claim.payload.clone()))
            } else {
                claim.expect_scope(service.signing_name, None).map_err(refuse)?;
                let region = region_of(claim)?;
                let mut verifying = Verifying { cx: &mut cx, route: &route };
                let (principal, secret) =
                    verifying.holder(&claim.access_key_id, claim.session_token.as_deref()).await?;
                let hash = body_hash(claim, &body);
                let rules = Rules::of(service.id);
                let rules = if route.operation.unsigned_payload { rules.with_unsigned_payload(true) } else { rules };
                let now = jiff::Timestamp::from_microsecond(Clock::machine_now().micros()).map_err(Error::internal)?;
                let keys = &kernel.signing_keys;
                let verified = welkin_sigv4::verify(claim, &view, hash, &secret, now, &rules, keys).map_err(refuse)?;
                let caller = Caller { principal, access_key_id: Some(claim.access_key_id.clone()), via: Vec::new() };
                (caller, region, Signed::By(verified.body))
            }
        }
    };
    let account = caller.principal.account().unwrap_or(AccountId::DEFAULT);
    cx.here = kernel.home(service, Place::new(account, region));
    cx.caller = Arc::new(caller);
    if let Presented::Signed(claim) = &presented {
        hold_region(&mut cx, &route, &claim.access_key_id, claim.session_token.as_deref()).await?;
    }
    parts.headers.extend(stated);
    Ok((cx, route, Input { parts, body, signed }))
}

/// An account's identities are known only in the Regions that it has: a Region that it has not enabled
/// answers as to a key that does not exist.
/// <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html>
// UNVERIFIED: the pages say that there is no IAM access in such a Region, not which error is answered.
pub(super) async fn hold_region(cx: &mut Cx, route: &Route, id: &str, token: Option<&str>) -> Result<()> {
    let Some(account) = cx.principal().account() else { return Ok(()) };
    let region = cx.region();
    if cx.has_region(account, region).await? {
        return Ok(());
    }
    tracing::info!(%account, %region, "refused: the account has not enabled the Region (account EnableRegion does)");
    Err(refusal(
        route,
        &match token {
            Some(token) => ErrorKind::InvalidToken(token.to_owned()),
            None => ErrorKind::UnknownKey(id.to_owned()),
        },
    ))
}

/// The error for a caller whose account is closed: its keys are as if they did not exist.
// UNVERIFIED: AWS's documentation says that calls are refused, not how.
pub(super) fn closed(cx: &Cx) -> Error {
    let Some(service) = cx.service else { return Error::internal("a job's account is closed") };
    tracing::info!(account = ?cx.principal().account(), "refused: the caller's account is closed");
    let protocol = service.protocols.first().copied().unwrap_or(model::Protocol::Json);
    let key = cx.caller().access_key_id.clone().unwrap_or_default();
    refuse(
        service.id,
        protocol,
        &match cx.principal() {
            Principal::Session(_) => ErrorKind::InvalidToken(String::new()),
            _ => ErrorKind::UnknownKey(key),
        },
    )
}

pub(super) fn facts(request_id: &str, headers: &HeaderMap, peer: SocketAddr, tls: Option<TlsSession>) -> Facts {
    let user_agent = headers.get(http::header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    Facts {
        request_id: request_id.to_owned(),
        source_ip: peer.ip().to_canonical().to_string(),
        user_agent: user_agent.unwrap_or_default().to_owned(),
        tls,
        signature: None,
        headers: headers.clone(),
        form: false,
        following: None,
    }
}

fn signature(claim: &Claim) -> Signature {
    let age = Clock::machine_now().micros().saturating_sub(claim.timestamp.as_microsecond());
    let age = Duration::from_micros(u64::try_from(age).unwrap_or_default());
    Signature { algorithm: claim.algorithm.name(), age }
}

pub(super) fn context(kernel: &Arc<Kernel>, service: &'static model::Service, facts: Facts) -> Cx {
    Cx {
        kernel: Arc::clone(kernel),
        request_id: facts.request_id.clone(),
        facts: Arc::new(facts),
        caller: Arc::new(Caller::of(Principal::Anonymous)),
        here: Place::new(AccountId::DEFAULT, Region::US_EAST_1),
        now: kernel.clock().now(),
        service: Some(service),
        operation: None,
        run: Run::default(),
        body: Default::default(),
        reply: Reply::default(),
    }
}

/// What a presigned URL of S3 says in its query in place of headers: `x-amz-request-payer=requester`.
///
/// Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ObjectsinRequesterPaysBuckets.html>
// UNVERIFIED: for other headers than that one, as SDKs put all headers there that begin so.
fn stated_in_query(route: &Route, parts: &http::request::Parts) -> Vec<(HeaderName, HeaderValue)> {
    let query = parts.uri.query().unwrap_or_default();
    if route.service.id != "s3" || !query.contains("X-Amz-Signature=") {
        return Vec::new();
    }
    let stated = query.split('&').filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let name = name.to_ascii_lowercase();
        if !name.starts_with("x-amz-") || SIGNING.contains(&name.as_str()) {
            return None;
        }
        let value: Vec<u8> = percent_decode_str(value).collect();
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_bytes(&value).ok()?))
    });
    stated.filter(|(name, _)| !parts.headers.contains_key(name)).collect()
}

/// Parameters that make the signature of a URL.
const SIGNING: [&str; 9] = [
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-region-set",
    "x-amz-s3session-token",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
];

/// S3 takes requests of nobody, and lets bucket policies decide; so do operations that need no signature, and those
/// of the links that SNS sends, which its model does not mark.
fn may_be_anonymous(route: &Route) -> bool {
    let is_link = matches!(route.operation.name, "ConfirmSubscription" | "Unsubscribe");
    route.service.id == "s3" || route.operation.unsigned || route.service.id == "sns" && is_link
}

async fn collect(kernel: &Kernel, route: &Route, body: Body) -> Result<Body> {
    let limit = kernel.settings().body_limit;
    match body.collect(limit).await {
        Ok(bytes) => Ok(Body::Full(bytes)),
        Err(error) => {
            tracing::debug!(%error, operation = route.operation.name, "a body could not be read");
            Err(super::payload::too_long(limit))
        }
    }
}

/// The account whose root user a bootstrap key is.
pub(super) fn bootstrap(kernel: &Kernel, access_key_id: &str) -> Option<AccountId> {
    if kernel.settings().strict {
        return None;
    }
    if access_key_id == BOOTSTRAP_KEY {
        return Some(AccountId::DEFAULT);
    }
    access_key_id.parse().ok()
}

fn region_of(route: &Route, claim: &Claim, host: Option<Region>) -> Result<Region> {
    match claim.scope.region.parse() {
        Ok(region) => Ok(region),
        // SigV4a signs for a set of Regions; the host says which one is meant.
        Err(_) if claim.region_set.is_some() => Ok(host.unwrap_or(Region::US_EAST_1)),
        // Old clients sign so for services with one end point.
        Err(_) if matches!(claim.scope.region.as_str(), "aws-global" | "s3-global") => Ok(Region::US_EAST_1),
        Err(crate::NotARegion(given)) => {
            let expected = host.unwrap_or(Region::US_EAST_1).to_string();
            Err(refusal(route, &ErrorKind::WrongScopeRegion { given, expected, location: claim.location }))
        }
    }
}

/// A request whose access key is looked up.
pub(super) struct Verifying<'a> {
    pub(super) cx: &'a mut Cx,
    pub(super) route: &'a Route,
}

impl Verifying<'_> {
    /// The holder of an access key, and the secret.
    pub(super) async fn holder(&mut self, id: &str, token: Option<&str>) -> Result<(Principal, Secret)> {
        let Self { cx, route } = self;
        let unknown = || refusal(route, &ErrorKind::UnknownKey(id.to_owned()));
        if let Some(token) = token {
            let invalid = || refusal(route, &ErrorKind::InvalidToken(token.to_owned()));
            let session = credentials::open_token(cx.sealer(), token).ok_or_else(invalid)?;
            if session.access_key_id != id {
                return Err(invalid());
            }
            if session.expires <= cx.now() {
                return Err(refusal(route, &ErrorKind::ExpiredToken(token.to_owned())));
            }
            let principal = Principal::Session(Arc::new(session));
            if is_of_nobody(cx, &principal).await? {
                return Err(invalid());
            }
            return Ok((principal, Secret::new(credentials::secret_of(cx.sealer(), id))));
        }
        let Some(directory) = cx.kernel.registry().directory.clone() else { return Err(unknown()) };
        match directory.access_key(cx, id).await? {
            Some(key) if key.active => Ok((key.principal.clone(), Secret::new(key.secret.as_str()))),
            _ => Err(unknown()),
        }
    }
}

/// Whether a session is of a user who is no more. What is left of a role's is refused when it is authorised.
async fn is_of_nobody(cx: &mut Cx, principal: &Principal) -> Result<bool> {
    let of_user = principal
        .session()
        .is_some_and(|session| matches!(session.of, SessionOf::User(_) | SessionOf::Federated { by: Some(_), .. }));
    match cx.kernel.registry().directory.clone() {
        Some(directory) if of_user => Ok(directory.policies(cx, principal).await?.is_none()),
        _ => Ok(false),
    }
}

/// SHA-256 of a body at hand, if the signature needs it.
fn body_hash(claim: &Claim, body: &Body) -> Option<[u8; 32]> {
    let Body::Full(bytes) = body else { return None };
    match claim.payload {
        Payload::Sha256(_) | Payload::Absent | Payload::Unknown(_) => sha256(bytes),
        _ => None,
    }
}

fn sha256(bytes: &Bytes) -> Option<[u8; 32]> {
    digest(&SHA256, bytes).as_ref().try_into().ok()
}

/// The service's own error for a request that is not authentic.
pub(super) fn refusal(route: &Route, kind: &ErrorKind) -> Error {
    refuse(route.service.id, route.protocol, kind)
}

fn refuse(service: &str, protocol: model::Protocol, kind: &ErrorKind) -> Error {
    use welkin_sigv4::Protocol as P;
    let protocol = match protocol {
        model::Protocol::Query => P::Query,
        model::Protocol::Ec2 => P::Ec2,
        model::Protocol::Json => P::Json,
        model::Protocol::RestJson => P::RestJson,
        model::Protocol::RestXml => P::RestXml,
        model::Protocol::RpcV2Cbor => P::RpcV2Cbor,
    };
    let answer = welkin_sigv4::answer(kind, service, protocol);
    let error = Error::new(answer.code, answer.message).status(answer.status);
    answer.members.into_iter().fold(error, |error, (name, value)| error.with(name, value))
}
