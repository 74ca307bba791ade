//! Which organization an account is in, and what that means for its calls.
//!
//! Every call asks for it, so each account has a row of its own: reading it is all that a call costs,
//! also for accounts without organization. It holds a stamp; every change of the organization that
//! bears on its members' rights gives all of them new ones.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use welkin_kernel::{
    AccountId, Cx, Guardrails, IntoKey, Key, NamedPolicy, Page, Place, Region, Resource, Result, Scope, StampCache,
};

use crate::account::{Account, Email};
use crate::organization::Organization;
use crate::policy::{self, PolicyType};
use crate::tree;

/// Accounts kept in memory.
const KEPT: usize = 8_192;

/// Says that an account is in an organization, and which account manages it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Membership {
    pub(crate) management: AccountId,
    /// Drawn anew for each change, so that one stamp never stands for two states.
    stamp: u64,
}

impl Resource for Membership {
    const KIND: &'static str = "organizations/membership";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        ().into_key()
    }
}

fn stamp(cx: &Cx) -> u64 {
    u64::from_le_bytes(cx.chance().bytes())
}

/// Makes an account a member, with the policies that every member has from the beginning.
pub(crate) async fn join(cx: &mut Cx, organization: &Organization, account: &Account) -> Result<()> {
    cx.put(organization.place(), account).await?;
    cx.put(organization.place(), &Email::of(account)).await?;
    policy::attach_defaults(cx, organization, &account.id.to_string()).await?;
    let membership = Membership { management: organization.management, stamp: stamp(cx) };
    cx.put(Place::new(account.id, Region::US_EAST_1), &membership).await
}

/// Notes that what the organization permits its members has changed.
pub(crate) async fn changed(cx: &mut Cx, organization: &Organization) -> Result<()> {
    for account in cx.list::<Account>(organization.place(), (), Page::ALL).await? {
        let membership = Membership { management: organization.management, stamp: stamp(cx) };
        cx.put(Place::new(account.id, Region::US_EAST_1), &membership).await?;
    }
    Ok(())
}

/// Organizations' side of the kernel's guardrails.
pub(crate) struct Members {
    kept: StampCache<Arc<welkin_kernel::Membership>>,
}

impl Members {
    pub(crate) fn new() -> Self {
        Self { kept: StampCache::new(KEPT) }
    }
}

impl Guardrails for Members {
    fn membership<'a>(
        &'a self,
        cx: &'a mut Cx,
        account: AccountId,
    ) -> BoxFuture<'a, Result<Option<Arc<welkin_kernel::Membership>>>> {
        Box::pin(async move {
            let row = cx.get::<Membership>(Place::new(account, Region::US_EAST_1), ()).await?;
            let Some(row) = row else { return Ok(None) };
            let id = account.to_string();
            if let Some(kept) = self.kept.get(&id, row.stamp) {
                return Ok(Some(kept));
            }
            let place = Place::new(row.management, Region::US_EAST_1);
            let Some(organization) = cx.get::<Organization>(place, ()).await? else { return Ok(None) };
            let membership = Arc::new(read(cx, &organization, &id).await?);
            self.kept.put(&id, row.stamp, Arc::clone(&membership));
            Ok(Some(membership))
        })
    }
}

async fn read(cx: &mut Cx, organization: &Organization, account: &str) -> Result<welkin_kernel::Membership> {
    let levels = tree::line(cx, organization, account).await?;
    Ok(welkin_kernel::Membership {
        organization: organization.id.clone(),
        path: tree::path(organization, levels.get(..levels.len().saturating_sub(1)).unwrap_or_default()),
        management: organization.management.to_string() == account,
        service_control: control(cx, organization, PolicyType::ServiceControl, &levels).await?,
        resource_control: control(cx, organization, PolicyType::ResourceControl, &levels).await?,
    })
}

/// The policies of a type at each level; none at all if the type is not enabled.
async fn control(
    cx: &mut Cx,
    organization: &Organization,
    kind: PolicyType,
    levels: &[String],
) -> Result<Vec<Vec<NamedPolicy>>> {
    let mut control = Vec::new();
    if organization.enabled.contains(&kind) {
        for level in levels {
            control.push(policy::in_force(cx, organization, kind, level).await?);
        }
    }
    Ok(control)
}
