//! What the chain needs to know from services: who holds a key, what identities and organizations permit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use welkin_policy::Document;

use crate::{
    AccountId, Arn, CallRecord, Caller, Cx, Error, Measurement, Place, Principal, Region, Result, Role, ServiceEvent,
    Timestamp, Visitor,
};

/// An access key and its holder.
#[derive(Clone, Debug)]
pub struct AccessKey {
    /// The secret.
    pub secret: String,
    /// Whose key it is.
    pub principal: Principal,
    /// Whether it may be used.
    pub active: bool,
}

/// A policy under the name by which explanations refer to it.
#[derive(Clone, Debug)]
pub struct NamedPolicy {
    /// ARN of a managed policy, or name of an inline one.
    pub id: String,
    /// The policy.
    pub document: Arc<Document>,
}

/// What the identity side says of a principal.
#[derive(Clone, Debug, Default)]
pub struct IdentityPolicies {
    /// Policies of the user (with those of its groups) or role.
    pub identity: Vec<NamedPolicy>,
    /// Permissions boundary.
    pub boundary: Option<NamedPolicy>,
    /// Managed policies that limit a session.
    pub session: Vec<NamedPolicy>,
    /// Tags of the user or role; session tags are added by the kernel.
    pub tags: BTreeMap<String, String>,
    /// Whether it is a service-linked role.
    pub service_linked: bool,
}

/// A role with what assuming it depends on.
#[derive(Clone, Debug)]
pub struct AssumableRole {
    /// The role.
    pub role: Role,
    /// Its trust policy, as JSON.
    pub trust: String,
    /// Longest session, in seconds.
    pub max_session: u32,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// Why a code of a second factor is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MfaFailure {
    /// No device with this serial number is enabled for the caller.
    NotTheirs,
    /// The device does not show this code now, or the code was used before.
    WrongCode,
}

/// An OpenID Connect provider that an account trusts.
#[derive(Clone, Debug)]
pub struct OidcProvider {
    /// Issuer without `https://`, e.g. `token.actions.githubusercontent.com`.
    pub url: String,
    /// Audiences that are accepted.
    pub client_ids: Vec<String>,
    /// SHA-1 of certificates, in hexadecimal digits, one of which must be in the provider's chain.
    pub thumbprints: Vec<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// A SAML 2.0 provider that an account trusts.
#[derive(Clone, Debug)]
pub struct SamlProvider {
    /// Its metadata, as XML.
    pub metadata: String,
    /// When the metadata are no more valid.
    pub valid_until: Timestamp,
    /// Whether assertions must be encrypted.
    pub encryption_required: bool,
    /// Private keys for encrypted assertions, in PEM; the newest is the last.
    pub private_keys: Vec<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// Somebody used an action of a service.
#[derive(Clone, Debug)]
pub struct Use {
    /// Who, with which key.
    pub caller: Arc<Caller>,
    /// Where.
    pub region: Region,
    /// When.
    pub at: Timestamp,
    /// What stands before the colon of the action.
    pub service: &'static str,
    /// What stands behind it.
    pub action: &'static str,
}

/// Knows identities. IAM implements it.
pub trait Directory: Send + Sync {
    /// The holder of a long-term access key.
    fn access_key<'a>(&'a self, cx: &'a mut Cx, id: &'a str) -> BoxFuture<'a, Result<Option<Arc<AccessKey>>>>;

    /// The policies of a user, role session or federated user; `None` if the user or role is no more.
    fn policies<'a>(
        &'a self,
        cx: &'a mut Cx,
        principal: &'a Principal,
    ) -> BoxFuture<'a, Result<Option<Arc<IdentityPolicies>>>>;

    /// Whether the organization lets its administrators do privileged tasks in member accounts.
    fn root_sessions<'a>(&'a self, cx: &'a mut Cx, membership: &'a Membership) -> BoxFuture<'a, Result<bool>>;

    /// The role of this name, for STS and for services that take on roles. Whether the caller may do so is
    /// for the role's trust policy to say.
    fn role<'a>(
        &'a self,
        cx: &'a mut Cx,
        account: AccountId,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<AssumableRole>>>;

    /// Verifies the code that the caller's device shows, and takes it out of use. `serial` is the device's
    /// serial number or ARN.
    fn verify_mfa<'a>(
        &'a self,
        cx: &'a mut Cx,
        serial: &'a str,
        code: &'a str,
    ) -> BoxFuture<'a, Result<Result<(), MfaFailure>>>;

    /// Whether a use is to be noted: it was not noted lately. Every call asks.
    fn is_news(&self, caller: &Caller, region: Region, at: Timestamp, service: &str, action: &str) -> bool;

    /// Notes uses, in the transaction that commits the call, without reading anything.
    ///
    /// # Errors
    /// When they cannot be written: a fault of Welkin's.
    fn note(&self, cx: &mut Cx, uses: &[Use]) -> Result<()>;

    /// These uses are noted: their transaction has committed.
    fn noted(&self, uses: &[Use]);

    /// All state was removed or replaced: no use is noted any more.
    fn forget_noted(&self);

    /// The OpenID Connect provider with this ARN.
    fn oidc_provider<'a>(&'a self, cx: &'a mut Cx, arn: &'a Arn) -> BoxFuture<'a, Result<Option<OidcProvider>>>;

    /// The SAML provider with this ARN.
    fn saml_provider<'a>(&'a self, cx: &'a mut Cx, arn: &'a Arn) -> BoxFuture<'a, Result<Option<SamlProvider>>>;
}

impl Cx {
    /// The role of this name, from the service that knows identities.
    ///
    /// # Errors
    /// When no service does, or the state cannot be read.
    pub async fn assumable_role(&mut self, account: AccountId, name: &str) -> Result<Option<AssumableRole>> {
        self.directory()?.role(self, account, name).await
    }

    /// Verifies the code that a second factor of the caller shows: each code is accepted once.
    ///
    /// # Errors
    /// When no service knows identities, or the state cannot be read.
    pub async fn verify_mfa(&mut self, serial: &str, code: &str) -> Result<Result<(), MfaFailure>> {
        self.directory()?.verify_mfa(self, serial, code).await
    }

    /// Whether the organization lets its administrators do privileged tasks in member accounts.
    ///
    /// # Errors
    /// When no service knows identities, or the state cannot be read.
    pub async fn has_root_sessions(&mut self, membership: &Membership) -> Result<bool> {
        self.directory()?.root_sessions(self, membership).await
    }

    /// The OpenID Connect provider with this ARN.
    ///
    /// # Errors
    /// When no service knows identities, or the state cannot be read.
    pub async fn oidc_provider(&mut self, arn: &Arn) -> Result<Option<OidcProvider>> {
        self.directory()?.oidc_provider(self, arn).await
    }

    /// The SAML provider with this ARN.
    ///
    /// # Errors
    /// When no service knows identities, or the state cannot be read.
    pub async fn saml_provider(&mut self, arn: &Arn) -> Result<Option<SamlProvider>> {
        self.directory()?.saml_provider(self, arn).await
    }

    fn directory(&self) -> Result<Arc<dyn Directory>> {
        self.kernel.registry().directory.clone().ok_or_else(|| Error::internal("no service knows identities"))
    }
}

impl Cx {
    /// The organization that an account belongs to, from the service that knows organizations.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn membership(&mut self, account: AccountId) -> Result<Option<Arc<Membership>>> {
        match self.kernel.registry().guardrails.clone() {
            Some(guardrails) => guardrails.membership(self, account).await,
            None => Ok(None),
        }
    }
}

/// A tag that an organization enforces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRule {
    /// The tag's key, as it is to be written.
    pub key: String,
    /// The values that it can have, with `*` for anything; none for all values.
    pub values: Vec<String>,
    /// What it is enforced for, as `service:type`.
    pub enforced_for: Vec<String>,
}

/// An account's place in its organization.
#[derive(Clone, Debug)]
pub struct Membership {
    /// Id of the organization, `o-…`.
    pub organization: String,
    /// Path from the organization to the account's parent, `o-…/r-…/ou-…/`.
    pub path: String,
    /// Whether it is the management account, which control policies do not bind.
    pub management: bool,
    /// The management account.
    pub manager: AccountId,
    /// Whether the account is closed: its identities may do nothing, and nobody may use what it has.
    pub closed: bool,
    /// Whether the organization has all features, not only consolidated billing.
    pub all_features: bool,
    /// Tags of the account in the organization.
    pub tags: BTreeMap<String, String>,
    /// Service principals that the organization trusts.
    pub trusted: BTreeSet<String>,
    /// Service principals for which the account is a delegated administrator.
    pub administers: BTreeSet<String>,
    /// Tags that the organization enforces in the account.
    pub tag_rules: Vec<TagRule>,
    /// Whether the organization blocks all public access to the account's S3; `None` leaves it to the account.
    pub blocks_public_s3: Option<bool>,
    /// Ids of the levels: the root, each OU and the account.
    pub levels: Vec<String>,
    /// Service control policies by level; none if they are not enabled.
    pub service_control: Vec<Vec<NamedPolicy>>,
    /// Resource control policies, by level.
    pub resource_control: Vec<Vec<NamedPolicy>>,
}

/// Knows organizations. Organizations implements it.
pub trait Guardrails: Send + Sync {
    /// The organization that an account belongs to.
    fn membership<'a>(&'a self, cx: &'a mut Cx, account: AccountId) -> BoxFuture<'a, Result<Option<Arc<Membership>>>>;
}

/// Knows which opt-in Regions accounts have. Account Management implements it.
pub trait OptIns: Send + Sync {
    /// Whether an account has enabled a Region that it does not have by default.
    fn enabled<'a>(&'a self, cx: &'a mut Cx, account: AccountId, region: Region) -> BoxFuture<'a, Result<bool>>;
}

impl Cx {
    /// Whether an account has a Region. Nothing is read for Regions that all accounts have.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn has_region(&mut self, account: AccountId, region: Region) -> Result<bool> {
        if !region.is_opt_in() {
            return Ok(true);
        }
        match self.kernel.registry().opt_ins.clone() {
            Some(opt_ins) => opt_ins.enabled(self, account, region).await,
            None => Ok(true),
        }
    }
}

/// Is told of the records of every call. CloudTrail implements it, to deliver them.
pub trait Recorder: Send + Sync {
    /// Whether anybody wants records of data events on resources of this type, e.g. `AWS::S3::Object`. Every such call
    /// asks before it runs, so little is read. Without, there is no record of the call.
    fn wants<'a>(&'a self, _cx: &'a mut Cx, _kind: &'static str) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async { Ok(false) })
    }

    /// Is called in the transaction that commits the call and its records, before they are written: it may say who
    /// [wants](CallRecord::wanted_by) them. Every call waits for it, and what it reads can conflict with other calls:
    /// it reads little, and writes without reading. What it takes out is not kept: the record of a data event
    /// that nobody wants after all.
    fn recorded<'a>(&'a self, cx: &'a mut Cx, records: &'a mut Vec<CallRecord>) -> BoxFuture<'a, Result<()>>;
}

/// Has event buses, to which events of services go. EventBridge implements it.
pub trait EventBuses: Send + Sync {
    /// Brings an event to the default bus of its place, in the transaction that publishes it. Whoever publishes waits for
    /// it: where nobody listens, it reads one row.
    fn bring<'a>(&'a self, cx: &'a mut Cx, event: &'a ServiceEvent) -> BoxFuture<'a, Result<()>>;

    /// Whether anybody listens at the default bus of a place; it reads one row.
    fn is_listened_to<'a>(&'a self, cx: &'a mut Cx, place: Place) -> BoxFuture<'a, Result<bool>>;
}

/// Keeps what services measure. CloudWatch implements it.
pub trait Meters: Send + Sync {
    /// Keeps measurements, in the transaction that commits the call or job that made them. Every such call waits for it:
    /// it writes without reading.
    ///
    /// # Errors
    /// When they cannot be written: a fault of Welkin's.
    fn measured<'a>(&'a self, cx: &'a mut Cx, measurements: Vec<Measurement>) -> BoxFuture<'a, Result<()>>;
}

/// A file that anybody may fetch.
#[derive(Clone, Debug)]
pub struct PublicFile {
    /// Its media type.
    pub content_type: &'static str,
    /// What is in it.
    pub bytes: bytes::Bytes,
}

/// Has files that anybody may fetch without a signature, at paths that belong to no operation: SNS's certificates.
pub trait PublicFiles: Send + Sync {
    /// The file at a path; `None` if it is not one of these.
    fn read<'a>(&'a self, cx: &'a mut Cx, path: &'a str) -> BoxFuture<'a, Result<Option<PublicFile>>>;
}

/// A request that a web page makes, or is about to make.
#[derive(Clone, Debug)]
pub struct WebPage {
    /// Origin of the page, as the browser says.
    pub origin: String,
    /// Method of the request.
    pub method: String,
    /// Headers that the page wants to send beside the common ones, in lower case.
    pub headers: Vec<String>,
}

/// Says which web pages may see answers about a bucket. S3 is one.
pub trait WebPages: Send + Sync {
    /// The headers that admit a page.
    ///
    /// # Errors
    /// The service's own, if the bucket does not admit the page.
    fn admit<'a>(
        &'a self,
        cx: &'a mut Cx,
        bucket: &'a str,
        page: &'a WebPage,
    ) -> BoxFuture<'a, Result<http::HeaderMap>>;
}

/// Answers visitors of the web sites that a service hosts: what they send is no call of its API. S3 has such sites.
pub trait WebSites: Send + Sync {
    /// The answer to a visitor.
    ///
    /// # Errors
    /// Faults of Welkin's; the site's own errors are pages.
    fn welcome<'a>(&'a self, visitor: &'a Visitor) -> BoxFuture<'a, Result<http::Response<welkin_wire::Body>>>;
}
