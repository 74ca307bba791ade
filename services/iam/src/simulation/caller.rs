//! Who is simulated to call.

use welkin_kernel::{AccountId, Arn, Cx, Result};
use welkin_policy::{Identity, MapContext, PrincipalFacts};

use super::invalid;
use crate::entity::{self, Entity, Kind};
use crate::role::Role;
use crate::user::User;

/// An ARN of a user, group or role.
#[derive(Clone, Debug)]
pub(super) struct EntityArn {
    pub(super) arn: Arn,
    pub(super) account: AccountId,
    pub(super) kind: Kind,
}

impl EntityArn {
    /// # Errors
    /// `InvalidInput` for anything else.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let unclear = || invalid(format!("Invalid Entity Arn: {text} does not clearly define entity type and name."));
        let arn: Arn = text.parse().map_err(|_| unclear())?;
        let (word, name) = arn.resource().split_once('/').ok_or_else(unclear)?;
        let kind = [Kind::User, Kind::Group, Kind::Role].into_iter().find(|kind| kind.word() == word);
        match (arn.service(), arn.account(), kind) {
            ("iam", Some(account), Some(kind)) if !name.is_empty() && !name.ends_with('/') => {
                Ok(Self { account, kind, arn })
            }
            _ => Err(unclear()),
        }
    }

    /// The name without its path.
    pub(super) fn name(&self) -> &str {
        self.arn.resource().rsplit('/').next().unwrap_or_default()
    }
}

/// The caller as policies see it.
pub(super) struct Caller {
    pub(super) account: AccountId,
    pub(super) facts: PrincipalFacts,
    /// Condition keys that follow from who it is.
    pub(super) keys: MapContext,
    /// Whether resource-based policies can be simulated for it.
    pub(super) takes_resource_policy: bool,
}

impl Caller {
    /// Somebody of `account` of whom nothing else is known.
    pub(super) fn unnamed(account: AccountId) -> Self {
        let facts = PrincipalFacts::user(&account.to_string(), "", "");
        Self { account, facts, keys: MapContext::new(), takes_resource_policy: false }
    }

    /// The caller with this ARN, and what is known of it: it need not exist.
    ///
    // UNVERIFIED: which keys AWS derives from the caller; here those that every call of it would have.
    pub(super) async fn named(cx: &mut Cx, entity: &EntityArn) -> Result<Self> {
        let account = entity.account.to_string();
        let (id, tags) = match entity.kind {
            Kind::User => known::<User>(cx, entity).await?,
            Kind::Role => known::<Role>(cx, entity).await?,
            Kind::Group => Known::default(),
        };
        let mut facts = PrincipalFacts::user(&account, entity.arn.as_str(), &id);
        let mut keys = MapContext::new().with("aws:PrincipalArn", entity.arn.as_str());
        keys = keys.with("aws:PrincipalAccount", &account);
        match entity.kind {
            Kind::User => {
                keys = keys.with("aws:PrincipalType", "User").with("aws:username", entity.name());
                if !id.is_empty() {
                    keys = keys.with("aws:userid", &id);
                }
            }
            Kind::Role => {
                keys = keys.with("aws:PrincipalType", "AssumedRole");
                facts.identity = Identity::RoleSession {
                    role_arn: entity.arn.as_str().to_owned(),
                    role_id: id,
                    session_arn: String::new(),
                    service_linked: entity.arn.resource().starts_with("role/aws-service-role/"),
                    federated_provider: None,
                };
            }
            Kind::Group => {}
        }
        keys = tags.iter().fold(keys, |keys, (key, value)| keys.with(&format!("aws:PrincipalTag/{key}"), value));
        if let Some(membership) = cx.membership(entity.account).await? {
            keys = keys.with("aws:PrincipalOrgID", &membership.organization);
            keys = keys.with_all("aws:PrincipalOrgPaths", [&membership.path]);
        }
        // "Simulation of resource-based policies isn't supported for IAM roles."
        Ok(Self { account: entity.account, facts, keys, takes_resource_policy: entity.kind == Kind::User })
    }
}

/// Unique id and tags.
type Known = (String, crate::tag::Tags);

async fn known<E: Entity>(cx: &mut Cx, named: &EntityArn) -> Result<Known> {
    // What another account has is not for this one to know.
    if named.account != cx.account() {
        return Ok(Known::default());
    }
    let found = entity::find::<E>(cx, named.name()).await?;
    Ok(found.map(|found| (found.head().id.clone(), found.tags().clone())).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn users_groups_and_roles_can_call_and_sessions_cannot() {
        let user = EntityArn::parse("arn:aws:iam::111122223333:user/team/ann").unwrap();
        assert_eq!((user.kind, user.name(), user.account.to_string().as_str()), (Kind::User, "ann", "111122223333"));
        for arn in [
            "arn:aws:iam::111122223333:root",
            "arn:aws:sts::111122223333:assumed-role/r/s",
            "arn:aws:iam::111122223333:policy/p",
            "arn:aws:iam::111122223333:user/",
            "ann",
        ] {
            let error = EntityArn::parse(arn).unwrap_err();
            assert!(error.to_string().contains("does not clearly define entity type and name"), "{arn}: {error}");
        }
    }
}
