//! Encoded authorization messages: why a call was denied, for those who may know.
//!
//! Some services, EC2 above all, answer a denial with a text that only `sts:DecodeAuthorizationMessage`
//! reads. It is sealed, so that whoever was denied learns nothing from it.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};
use welkin_policy::{Effect, Outcome};

use crate::explain::DecisionRecord;
use crate::{Chance, Principal, Result, Sealer};

const CONTEXT: &str = "authorization message v1";

/// The message about a denial: who called, for what, with which condition keys, and the statements that denied.
///
// UNVERIFIED: the members beyond those that the page of the operation describes; `sourcePolicy…`, `line` and
// `wouldAllow` are Welkin's own.
pub(crate) fn of(record: &DecisionRecord, principal: &Principal) -> Value {
    let decision = &record.decision;
    let policies = decision.policies.iter().filter(|policy| policy.outcome == Outcome::ExplicitDeny);
    let statements = policies.flat_map(|policy| policy.statements.iter().map(move |statement| (policy, statement)));
    let denying = statements.filter(|(_, statement)| statement.effect == Effect::Deny && statement.failed.is_none());
    let items: Vec<_> = denying
        .map(|(policy, statement)| {
            json!({
                "statementId": statement.sid.as_deref().unwrap_or_default(),
                "effect": "DENY",
                "sourcePolicyType": policy.kind,
                "sourcePolicyId": policy.policy,
                "sourcePolicyLevel": policy.level,
                "line": statement.line,
                "conditions": { "items": statement.conditions },
            })
        })
        .collect();
    let keys = decision.keys.iter().filter_map(|used| {
        let values = used.values.as_ref()?.iter().map(|value| json!({ "value": value })).collect::<Vec<_>>();
        Some(json!({ "key": used.key, "values": { "items": values } }))
    });
    json!({
        "allowed": false,
        "explicitDeny": decision.outcome == Outcome::ExplicitDeny,
        "matchedStatements": { "items": items },
        "failures": { "items": [] },
        "context": {
            "principal": { "id": principal.user_id(), "arn": record.principal },
            "action": record.action,
            "resource": record.resource,
            "conditions": { "items": keys.collect::<Vec<_>>() },
        },
        "wouldAllow": record.advice,
    })
}

/// Encodes a message: the JSON object that `DecodeAuthorizationMessage` answers.
///
/// # Errors
/// When it cannot be sealed: a fault of Welkin's.
pub fn encode(sealer: &Sealer, chance: &Chance, message: &serde_json::Value) -> Result<String> {
    Ok(BASE64.encode(sealer.seal(chance, CONTEXT, message.to_string().as_bytes())?))
}

/// The message that was encoded; `None` if this Welkin did not encode it.
pub fn decode(sealer: &Sealer, encoded: &str) -> Option<String> {
    let sealed = BASE64.decode(encoded).ok()?;
    String::from_utf8(sealer.open(CONTEXT, &sealed)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_only_as_it_was_written() {
        let (chance, sealer) = (Chance::from_seed(1), Sealer::new(&[7; crate::ROOT_KEY_LEN]));
        let message = serde_json::json!({ "allowed": false, "explicitDeny": true });
        let encoded = encode(&sealer, &chance, &message).expect("encoded");
        assert_eq!(decode(&sealer, &encoded), Some(message.to_string()));
        assert!(!encoded.contains("explicitDeny"));
        assert_eq!(decode(&sealer, &encoded[1..]), None);
        assert_eq!(decode(&Sealer::new(&[8; crate::ROOT_KEY_LEN]), &encoded), None);
    }
}
