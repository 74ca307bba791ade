//! Global condition keys of a call, resolved when a policy asks.
//!
//! Reference: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use welkin_policy::{Context, Values};

use super::authorise::{Subject, facts};
use crate::access::Demand;
use crate::{Cx, Membership, Principal, SessionOf, Timestamp};

/// The condition keys of one demand.
pub(super) struct Keys<'a> {
    pub(super) cx: &'a Cx,
    pub(super) subject: &'a Subject,
    pub(super) demand: &'a Demand,
    pub(super) owner: &'a str,
    pub(super) owner_membership: Option<&'a Membership>,
}

impl Context for Keys<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let stated = self.demand.keys.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        if let Some((_, values)) = stated {
            return Some(match values.as_slice() {
                [one] if key != "aws:tagkeys" => Values::from(one.as_str()),
                many => Values::from(many),
            });
        }
        let Some(key) = key.strip_prefix("aws:") else { return self.of_federation(key) };
        if let Some(tag) = key.strip_prefix("principaltag/") {
            return self.principal_tag(tag).map(Values::from);
        }
        self.of_principal(key)
            .or_else(|| self.of_source(key))
            .or_else(|| self.of_session(key))
            .or_else(|| self.of_request(key))
            .or_else(|| self.of_resource(key))
    }
}

impl Keys<'_> {
    fn principal(&self) -> &Principal {
        self.cx.principal()
    }

    /// Session tags go before the tags of the user or role.
    fn principal_tag(&self, tag: &str) -> Option<&str> {
        let named = |(name, _): &(&String, &String)| name.eq_ignore_ascii_case(tag);
        let session = self.principal().session().and_then(|session| session.tags.iter().find(named));
        session.or_else(|| self.subject.policies.tags.iter().find(named)).map(|(_, value)| value.as_str())
    }

    fn of_principal(&self, key: &str) -> Option<Values<'_>> {
        let principal = self.principal();
        let membership = self.subject.membership.as_deref();
        Some(match key {
            "principalarn" => match principal.role() {
                // Of a role's session it is the role's ARN.
                Some(_) => match facts(principal, self.cx.region().partition(), false).identity {
                    welkin_policy::Identity::RoleSession { role_arn, .. } => role_arn.into(),
                    _ => return None,
                },
                None => String::from(principal.arn(self.cx.region().partition())?).into(),
            },
            "principalaccount" => match principal {
                Principal::Service(_) => return None,
                _ => principal.account()?.to_string().into(),
            },
            "principaltype" => match principal {
                Principal::Anonymous => "Anonymous",
                Principal::Root { .. } => "Account",
                Principal::User(_) => "User",
                Principal::Service(_) | Principal::Federated(_) => return None,
                Principal::Session(session) => match session.of {
                    SessionOf::Role { .. } => "AssumedRole",
                    SessionOf::Federated { .. } => "FederatedUser",
                    SessionOf::User(_) => "User",
                    SessionOf::Root => "Account",
                },
            }
            .into(),
            "principalorgid" => membership?.organization.as_str().into(),
            "principalorgpaths" => vec![membership?.path.clone()].into(),
            // Of requests that nobody signed it is absent.
            "principalisawsservice" => match principal {
                Principal::Anonymous | Principal::Federated(_) => return None,
                _ => boolean(matches!(principal, Principal::Service(_))),
            },
            "principalservicename" => match principal {
                Principal::Service(service) => service.name.as_str().into(),
                _ => return None,
            },
            "principalservicenameslist" => match principal {
                Principal::Service(service) => vec![service.name.clone()].into(),
                _ => return None,
            },
            "userid" => match principal {
                Principal::Anonymous => "anonymous".into(),
                Principal::Federated(_) => return None,
                _ => principal.user_id()?.into(),
            },
            "username" => principal.user()?.name.as_str().into(),
            "viaawsservice" => boolean(!self.cx.caller().via.is_empty()),
            "calledvia" => {
                let via = &self.cx.caller().via;
                if via.is_empty() {
                    return None;
                }
                via.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>().into()
            }
            "calledviafirst" => (*self.cx.caller().via.first()?).into(),
            "calledvialast" => (*self.cx.caller().via.last()?).into(),
            _ => return None,
        })
    }

    /// On whose behalf a service calls; of other callers these keys are absent.
    fn of_source(&self, key: &str) -> Option<Values<'_>> {
        let Principal::Service(service) = self.principal() else { return None };
        let membership = self.subject.source_membership.as_deref();
        Some(match key {
            "sourcearn" => service.source_arn.as_ref()?.as_str().into(),
            "sourceaccount" => service.account.to_string().into(),
            "sourceorgid" => membership?.organization.as_str().into(),
            "sourceorgpaths" => vec![membership?.path.clone()].into(),
            _ => return None,
        })
    }

    /// Keys by which an identity provider describes its user, such as `saml:sub` and `accounts.google.com:sub`.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html>
    fn of_federation(&self, key: &str) -> Option<Values<'_>> {
        let federation = &self.principal().session()?.federation;
        let (_, values) = federation.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))?;
        Some(match values.as_slice() {
            [one] => one.as_str().into(),
            many => many.into(),
        })
    }

    fn of_session(&self, key: &str) -> Option<Values<'_>> {
        let session = self.principal().session()?;
        Some(match key {
            "tokenissuetime" => date(session.issued).into(),
            "multifactorauthpresent" => boolean(session.mfa.is_some()),
            "multifactorauthage" => self.cx.now().since(session.mfa?).as_secs().to_string().into(),
            // Source: the key is that of roles assumed with web identities, not with SAML.
            "federatedprovider" => session.provider.as_deref().filter(|p| !p.contains(":saml-provider/"))?.into(),
            "sourceidentity" => session.source_identity.as_deref()?.into(),
            "assumedroot" => session.task.as_ref().map(|_| boolean(true))?,
            _ => return None,
        })
    }

    fn of_request(&self, key: &str) -> Option<Values<'_>> {
        let facts = self.cx.facts();
        let header = |name: http::HeaderName| facts.headers.get(name).and_then(|value| value.to_str().ok());
        Some(match key {
            "sourceip" => facts.source_ip.parse::<std::net::IpAddr>().ok().map(|_| facts.source_ip.as_str())?.into(),
            "securetransport" => boolean(facts.tls.is_some()),
            "useragent" => facts.user_agent.as_str().into(),
            "referer" => header(http::header::REFERER)?.into(),
            "requestedregion" => self.cx.region().name().into(),
            "currenttime" => date(self.cx.now()).into(),
            "epochtime" => self.cx.now().secs().to_string().into(),
            _ => return None,
        })
    }

    fn of_resource(&self, key: &str) -> Option<Values<'_>> {
        Some(match key {
            "resourceaccount" => self.owner.into(),
            "resourceorgid" => self.owner_membership?.organization.as_str().into(),
            "resourceorgpaths" => vec![self.owner_membership?.path.clone()].into(),
            _ => return None,
        })
    }
}

fn boolean(value: bool) -> Values<'static> {
    if value { "true" } else { "false" }.into()
}

fn date(time: Timestamp) -> String {
    jiff::Timestamp::from_second(time.secs()).map_or_else(|_| String::new(), |time| time.to_string())
}
