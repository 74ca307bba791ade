//! Services that share a signing name and a path: who is meant.
//!
//! A client that calls AWS tells them apart by host name. One that was given Welkin's address for
//! all of them says who it is in `User-Agent` (`api/ivs-realtime#3.1`; botocore does not), or names
//! a resource whose ARN tells. What is left are pairs that AWS itself runs as one, or of which one
//! has taken the other's place: there the first in [`PREFERRED`] is taken.

use welkin_model::Service;

use super::facts::Facts;
use super::matcher::Target;
use super::query_string;

/// Kinds of resources by which services are told apart: the text of an ARN from its service on
/// begins with it (Region and account left out).
const RESOURCES: &[(&str, &str, &str)] = &[
    // Service in the ARN, start of the resource, who keeps it.
    ("bedrock", "agent/", "bedrock-agent"),
    ("bedrock", "agent-alias/", "bedrock-agent"),
    ("bedrock", "flow/", "bedrock-agent"),
    ("bedrock", "prompt/", "bedrock-agent"),
    ("bedrock", "knowledge-base/", "bedrock-agent"),
    ("bedrock", "session/", "bedrock-agent-runtime"),
    ("bedrock", "data-automation", "bedrock-data-automation"),
    ("bedrock", "blueprint/", "bedrock-data-automation"),
    ("bedrock", "", "bedrock"),
    ("chime", "app-instance/", "chime-sdk-identity"),
    ("chime", "media-", "chime-sdk-media-pipelines"),
    ("chime", "meeting/", "chime-sdk-meetings"),
    ("chime", "vc/", "chime-sdk-voice"),
    ("chime", "vcg/", "chime-sdk-voice"),
    ("chime", "sma/", "chime-sdk-voice"),
    ("chime", "voice-profile", "chime-sdk-voice"),
    ("ivs", "stage/", "ivs-realtime"),
    ("ivs", "composition/", "ivs-realtime"),
    ("ivs", "encoder-configuration/", "ivs-realtime"),
    ("ivs", "storage-configuration/", "ivs-realtime"),
    ("ivs", "ingest-configuration/", "ivs-realtime"),
    ("ivs", "public-key/", "ivs-realtime"),
    ("ivs", "", "ivs"),
    ("lambda", "microvm", "lambda-microvms"),
    ("lambda", "", "lambda"),
    ("greengrass", "/greengrass/", "greengrass"),
    ("greengrass", "", "greengrassv2"),
    ("lex", "bot:", "lex-models"),
    ("lex", "bot-channel:", "lex-models"),
    ("lex", "intent:", "lex-models"),
    ("lex", "", "lexv2-models"),
];

/// Who is taken if nothing tells.
const PREFERRED: &[&str] = &[];

/// Whom a request means. `None` if the body, not yet read, may tell.
pub(super) fn resolve(several: &[Target], facts: &Facts<'_>, path: &str, body: Option<&[u8]>) -> Option<Target> {
    if let Some(target) = by_client(several, facts) {
        return Some(target);
    }
    let plain = [query_string::decode(path), query_string::decode(facts.query)];
    if let Some(target) = plain.iter().find_map(|text| by_resource(several, text)) {
        return Some(target);
    }
    match body {
        None if facts.content_type().contains("json") => return None,
        None => {}
        Some(body) => {
            if let Some(target) = std::str::from_utf8(body).ok().and_then(|text| by_resource(several, text)) {
                return Some(target);
            }
        }
    }
    let preferred = PREFERRED.iter().find_map(|id| of(several, id));
    preferred.or(several.first().copied())
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
    let kept = |&&(of, start, _): &&(&str, &str, &str)| of == service && resource.starts_with(start);
    RESOURCES.iter().filter(kept).find_map(|(_, _, id)| of(several, id))
}
