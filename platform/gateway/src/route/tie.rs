//! Services that share what a request names: who is meant.
//!
//! A client that calls AWS tells them apart by host name. One that was given Welkin's address for
//! all of them says who it is in `User-Agent` (`api/ivs-realtime#3.1`; botocore does not), or names
//! a resource whose ARN tells, or sends members that only one of the operations requires. What is
//! left are pairs that AWS itself runs as one API, or of which one has taken the other's place:
//! there the one in [`PREFERRED`] is taken.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::value::RawValue;
use welkin_model::{Location, Service};

use super::facts::Facts;
use super::matcher::Target;
use super::query_string;

/// Who keeps which resources: the service in the ARN, what the resource begins with, what it
/// contains further on, and the service. The first line that fits and is in question counts.
const RESOURCES: &[(&str, &str, &str, &str)] = &[
    ("bedrock", "session/", "", "bedrock-agent-runtime"),
    ("bedrock", "agent", "", "bedrock-agent"),
    ("bedrock", "flow/", "", "bedrock-agent"),
    ("bedrock", "knowledge-base/", "", "bedrock-agent"),
    ("bedrock", "prompt/", "", "bedrock-agent"),
    ("bedrock", "blueprint", "", "bedrock-data-automation"),
    ("bedrock", "data-automation-", "", "bedrock-data-automation"),
    ("bedrock", "", "", "bedrock"),
    ("chime", "app-instance/", "/channel", "chime-sdk-messaging"),
    ("chime", "app-instance/", "", "chime-sdk-identity"),
    ("chime", "media-", "", "chime-sdk-media-pipelines"),
    ("chime", "meeting/", "", "chime-sdk-meetings"),
    ("chime", "", "", "chime-sdk-voice"),
    ("greengrass", "/greengrass/", "", "greengrass"),
    ("greengrass", "", "", "greengrassv2"),
    ("ivs", "composition/", "", "ivs-realtime"),
    ("ivs", "encoder-configuration/", "", "ivs-realtime"),
    ("ivs", "ingest-configuration/", "", "ivs-realtime"),
    ("ivs", "public-key/", "", "ivs-realtime"),
    ("ivs", "stage/", "", "ivs-realtime"),
    ("ivs", "storage-configuration/", "", "ivs-realtime"),
    ("ivs", "", "", "ivs"),
    ("lambda", "microvm", "", "lambda-microvms"),
    ("lambda", "", "", "lambda"),
    ("lex", "bot:", "", "lex-models"),
    ("lex", "bot-channel:", "", "lex-models"),
    ("lex", "intent:", "", "lex-models"),
    ("lex", "slottype:", "", "lex-models"),
    ("lex", "", "", "lexv2-models"),
    ("timestream", "scheduled-query/", "", "timestream-query"),
    ("timestream", "", "", "timestream-write"),
];

/// Who is taken where nothing tells. Chime's telephony moved to `chime-sdk-voice`; the others are
/// newer names of the same API.
const PREFERRED: [&str; 6] =
    ["chime-sdk-voice", "greengrassv2", "pinpoint-sms-voice", "qconnect", "signer", "timestream-write"];

/// Whom a request means. `None` if the body, not yet read, may tell.
pub(super) fn resolve(several: &[Target], facts: &Facts<'_>, path: &str, body: Option<&[u8]>) -> Option<Target> {
    if let Some(target) = by_client(several, facts) {
        return Some(target);
    }
    let texts = [query_string::decode(path), query_string::decode(facts.query)];
    if let Some(target) = texts.iter().find_map(|text| by_resource(several, text)) {
        return Some(target);
    }
    if facts.content_type().contains("json") && several.iter().any(|(_, operation)| operation.method != "GET") {
        // What is not JSON tells nothing; the service will say what is wrong with it.
        let members = serde_json::from_slice(body?).unwrap_or_default();
        if let Some(target) = by_members(several, &members) {
            return Some(target);
        }
    }
    PREFERRED.iter().find_map(|id| of(several, id)).or(several.first().copied())
}

fn of(several: &[Target], id: &str) -> Option<Target> {
    several.iter().copied().find(|(service, _)| service.id == id)
}

/// Whom the client says it was built for.
fn by_client(several: &[Target], facts: &Facts<'_>) -> Option<Target> {
    let agents = [facts.header("x-amz-user-agent"), facts.header("user-agent")];
    let mut words = agents.iter().flat_map(|agent| agent.split(' '));
    let name = words.find_map(|word| word.strip_prefix("api/"))?;
    let name = name.split(['#', '/']).next().unwrap_or_default();
    several.iter().copied().find(|(service, _)| is_called(service, name))
}

/// Whether a client's name of a service is this one's: some leave out, some replace what is between words.
fn is_called(service: &Service, name: &str) -> bool {
    let letters = |text: &str| -> Vec<u8> {
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase()).collect()
    };
    letters(service.service_id) == letters(name)
}

/// Who keeps the first resource that a text names.
fn by_resource(several: &[Target], text: &str) -> Option<Target> {
    let arn = text.get(text.find("arn:aws")?..)?;
    // arn:partition:service:region:account:resource
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next()?, parts.nth(2)?);
    let keeps = |(of, start, more, _): &&(&str, &str, &str, &str)| {
        *of == service && resource.starts_with(start) && resource.contains(more)
    };
    RESOURCES.iter().filter(keeps).find_map(|(.., id)| of(several, id))
}

type Members<'a> = HashMap<Cow<'a, str>, &'a RawValue>;

/// Who keeps a resource that a member names, or else whose operation requires most of the members.
fn by_members(several: &[Target], members: &Members<'_>) -> Option<Target> {
    let mut texts = members.values().map(|value| value.get()).filter(|value| value.starts_with('"'));
    if let Some(target) = texts.find_map(|text| by_resource(several, text)) {
        return Some(target);
    }
    let required = |&(service, operation): &Target| {
        let input = operation.input.and_then(|input| service.shape(input).structure())?;
        let mut body = input.members.iter().filter(|member| member.required && member.location == Location::Body);
        let wanted = body.clone().count();
        let has = |name: &str| members.contains_key(name);
        body.all(|member| has(member.location_name.unwrap_or(member.name))).then_some(wanted)
    };
    let scored = several.iter().filter_map(|target| Some((required(target)?, *target)));
    let (most, target) = scored.max_by_key(|(wanted, _)| *wanted)?;
    let alone = several.iter().filter(|target| required(target) == Some(most)).count() == 1;
    alone.then_some(target)
}
