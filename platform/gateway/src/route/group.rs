//! Services that a signature cannot tell apart, with the matcher of their REST operations.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use welkin_model::{Entry, Protocol, services};

use super::matcher::Matcher;

/// Services that share a name in the credential scope.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) entries: Vec<&'static Entry>,
    matcher: OnceLock<Matcher>,
}

impl Group {
    fn of(ids: &[&str]) -> Self {
        let entries = services().iter().filter(|entry| ids.contains(&entry.id)).collect();
        Self { entries, matcher: OnceLock::new() }
    }

    /// Those that name their operation by `Action`.
    pub(super) fn by_action(&self) -> impl Iterator<Item = &'static Entry> {
        self.entries.iter().copied().filter(|entry| query_protocol(entry).is_some())
    }

    /// Those that name their operation by method and path.
    pub(super) fn by_path(&self) -> impl Iterator<Item = &'static Entry> {
        self.entries.iter().copied().filter(|entry| rest_protocol(entry).is_some())
    }

    /// The matcher of the REST operations, built on first use: this decodes the services' models.
    pub(super) fn matcher(&self) -> &Matcher {
        self.matcher.get_or_init(|| Matcher::new(self.by_path().map(Entry::service)))
    }
}

/// The query protocol that a service speaks.
pub(super) fn query_protocol(entry: &Entry) -> Option<Protocol> {
    entry.protocols.iter().copied().find(|protocol| matches!(protocol, Protocol::Query | Protocol::Ec2))
}

/// The REST protocol that a service speaks.
pub(super) fn rest_protocol(entry: &Entry) -> Option<Protocol> {
    entry.protocols.iter().copied().find(|protocol| matches!(protocol, Protocol::RestJson | Protocol::RestXml))
}

static BY_SIGNING_NAME: LazyLock<HashMap<&'static str, Group>> = LazyLock::new(|| {
    let mut groups: HashMap<_, Group> = HashMap::new();
    for entry in services() {
        groups.entry(entry.signing_name).or_default().entries.push(entry);
    }
    groups
});

/// Names in credential scopes that the models do not have: the clients' end point rules put them
/// there, or older clients.
const ALSO_SIGN_AS: [(&str, &str); 5] = [
    ("s3express", "s3"),
    ("s3-outposts", "s3"),
    ("s3-object-lambda", "s3"),
    ("iotdevicegateway", "iotdata"),
    ("email", "ses"),
];

/// The services that sign with that name.
pub(super) fn signing_as(name: &str) -> Option<&'static Group> {
    BY_SIGNING_NAME.get(name).or_else(|| {
        let (_, name) = ALSO_SIGN_AS.iter().find(|(also, _)| *also == name)?;
        BY_SIGNING_NAME.get(name)
    })
}

/// Services whose REST operations need no signature, except S3: the clients get their credentials
/// from these.
pub const UNSIGNED: [&str; 3] = ["signin", "sso", "sso-oidc"];
/// Services whose REST operations take a bearer token: these take nothing else, or (Bedrock) API
/// keys besides signatures.
pub const BEARER: [&str; 5] =
    ["account-access-runtime", "bedrock", "bedrock-agent-runtime", "bedrock-runtime", "codecatalyst"];

/// The services of [`UNSIGNED`].
pub(super) static UNSIGNED_GROUP: LazyLock<Group> = LazyLock::new(|| Group::of(&UNSIGNED));
/// The services of [`BEARER`].
pub(super) static BEARER_GROUP: LazyLock<Group> = LazyLock::new(|| Group::of(&BEARER));
/// All services that name their operation by `Action`, for requests without a signature.
pub(super) static BY_ACTION: LazyLock<Vec<&'static Entry>> =
    LazyLock::new(|| services().iter().filter(|entry| query_protocol(entry).is_some()).collect());
