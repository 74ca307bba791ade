//! The account that a call is about, and who may manage it.

use std::sync::Arc;

use serde::Deserialize;
use welkin_kernel::{Access, AccountId, Cx, Membership, Place, Region, Result};

use crate::errors::AccessDeniedException;

/// The service as Organizations knows it.
const SERVICE: &str = "account.amazonaws.com";

/// The account that a call is about: the caller's own unless another is named.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Subject(Option<AccountId>);

impl From<AccountId> for Subject {
    fn from(account: AccountId) -> Self {
        Self(Some(account))
    }
}

impl Subject {
    /// Which it is.
    pub(crate) fn account(self, cx: &Cx) -> AccountId {
        self.0.unwrap_or(cx.account())
    }

    /// Where its things are kept.
    pub(crate) fn place(self, cx: &Cx) -> Place {
        Place::new(self.account(cx), Region::US_EAST_1)
    }

    /// Demands an action on the account; on one of an organization it is a resource of its management account.
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsaccountmanagement.html>
    pub(crate) async fn demand(self, cx: &mut Cx, action: &'static str) -> Result<Access> {
        let own = cx.here();
        let Some(account) = self.0 else {
            let access = Access::to(action).on(own.global_arn("account", "account"));
            return Ok(match cx.membership(own.account).await? {
                Some(membership) => of_organization(access, &membership, own.account),
                None => access,
            });
        };
        let (Some(theirs), Some(mine)) = (cx.membership(account).await?, cx.membership(own.account).await?) else {
            return Ok(Access::to(action).owned_by(own.account));
        };
        let manager = Place::new(theirs.manager, Region::US_EAST_1);
        let arn = manager.global_arn("account", format_args!("account/{}/{account}", theirs.organization));
        let access = Access::to(action).on(arn);
        // A delegated administrator's own account decides who of it acts.
        let access = if administers(&mine) { access.owned_by(own.account) } else { access };
        Ok(of_organization(access, &theirs, account))
    }

    /// Holds that the caller's account may manage the one that is meant. That its policies let it is not enough.
    pub(crate) async fn hold(self, cx: &mut Cx) -> Result<()> {
        let Some(account) = self.0 else { return Ok(()) };
        let caller = cx.account();
        let refused = |why: &str| Err(AccessDeniedException::because(why));
        let (Some(theirs), Some(mine)) = (cx.membership(account).await?, cx.membership(caller).await?) else {
            return refused("The account that you named, or your own, is in no organization.");
        };
        if theirs.organization != mine.organization {
            return refused("The account that you named is not in your organization.");
        }
        if !mine.management && !administers(&mine) {
            return refused("Only the management account and delegated administrators can name an account.");
        }
        // UNVERIFIED: that this is the error.
        if theirs.management {
            return refused("The management account is managed by itself only, without naming it.");
        }
        if !mine.all_features || !mine.trusted.contains(SERVICE) {
            return refused("The organization must have all features, and trusted access for Account Management.");
        }
        Ok(())
    }
}

fn administers(membership: &Arc<Membership>) -> bool {
    membership.administers.contains(SERVICE)
}

/// What conditions can ask of an account of an organization.
fn of_organization(access: Access, membership: &Membership, account: AccountId) -> Access {
    let path = format!("{}{account}/", membership.path);
    let access = access.keys("account:AccountResourceOrgPaths", [membership.path.clone(), path]);
    membership.tags.iter().fold(access, |access, (key, value)| {
        access.key(format!("account:AccountResourceOrgTags/{key}"), value.as_str())
    })
}
