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

use crate::account::{Account, Status};
use crate::organization::{FeatureSet, Organization};
use crate::policy::{self, PolicyType};
use crate::{delegation, service_access, tag, tree};

/// Accounts kept in memory.
const KEPT: usize = 8_192;

/// Says that an account is in an organization, and which account manages it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Membership {
    pub(crate) management: AccountId,
    /// Drawn anew for each change, so that one stamp never stands for two states.
    stamp: u64,
    /// The organization in which the account was closed for good. It is in none any more.
    #[serde(default)]
    closed_in: Option<String>,
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

fn at(account: AccountId) -> Place {
    Place::new(account, Region::US_EAST_1)
}

/// The management account of the organization that an account is in.
pub(crate) async fn manager_of(cx: &mut Cx, account: AccountId) -> Result<Option<AccountId>> {
    let row = cx.get::<Membership>(at(account), ()).await?;
    Ok(row.filter(|row| row.closed_in.is_none()).map(|row| row.management))
}

/// Whether an account was ever in an organization that still knows of it.
pub(crate) async fn is_known(cx: &mut Cx, account: AccountId) -> Result<bool> {
    cx.exists::<Membership>(at(account), ()).await
}

/// Makes an account a member, with the policies that every member has from the beginning.
pub(crate) async fn join(cx: &mut Cx, organization: &Organization, account: &Account) -> Result<()> {
    cx.put(organization.place(), account).await?;
    policy::attach_defaults(cx, organization, &account.id.to_string()).await?;
    changed_for(cx, organization, account.id).await
}

/// Notes that an account is in no organization any more.
pub(crate) async fn part(cx: &mut Cx, account: AccountId) -> Result<()> {
    let row = cx.get::<Membership>(at(account), ()).await?;
    if row.is_some_and(|row| row.closed_in.is_none()) {
        cx.delete::<Membership>(at(account), ()).await?;
    }
    Ok(())
}

/// Notes that an account is closed, whatever becomes of the organization.
pub(crate) async fn close_for_good(cx: &mut Cx, organization: &Organization, account: AccountId) -> Result<()> {
    let closed_in = Some(organization.id.clone());
    let membership = Membership { management: organization.management, stamp: stamp(cx), closed_in };
    cx.put(at(account), &membership).await
}

/// Notes that what the organization permits one member has changed.
pub(crate) async fn changed_for(cx: &mut Cx, organization: &Organization, account: AccountId) -> Result<()> {
    let membership = Membership { management: organization.management, stamp: stamp(cx), closed_in: None };
    cx.put(at(account), &membership).await
}

/// Notes that what the organization permits its members has changed.
pub(crate) async fn changed(cx: &mut Cx, organization: &Organization) -> Result<()> {
    for account in cx.list::<Account>(organization.place(), (), Page::ALL).await? {
        changed_for(cx, organization, account.id).await?;
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
            let row = cx.get::<Membership>(at(account), ()).await?;
            let Some(row) = row else { return Ok(None) };
            let id = account.to_string();
            if let Some(kept) = self.kept.get(&id, row.stamp) {
                return Ok(Some(kept));
            }
            let membership = match row.closed_in {
                Some(organization) => closed(organization, row.management),
                None => {
                    let Some(organization) = cx.get::<Organization>(at(row.management), ()).await? else {
                        return Ok(None);
                    };
                    read(cx, &organization, account).await?
                }
            };
            let membership = Arc::new(membership);
            self.kept.put(&id, row.stamp, Arc::clone(&membership));
            Ok(Some(membership))
        })
    }
}

/// What remains of an account that was closed for good.
fn closed(organization: String, manager: AccountId) -> welkin_kernel::Membership {
    welkin_kernel::Membership {
        path: format!("{organization}/"),
        organization,
        management: false,
        manager,
        closed: true,
        all_features: true,
        tags: Default::default(),
        trusted: Default::default(),
        administers: Default::default(),
        tag_rules: Vec::new(),
        blocks_public_s3: None,
        levels: Vec::new(),
        service_control: Vec::new(),
        resource_control: Vec::new(),
    }
}

async fn read(cx: &mut Cx, organization: &Organization, account: AccountId) -> Result<welkin_kernel::Membership> {
    let id = account.to_string();
    let levels = tree::line(cx, organization, &id).await?;
    let row = cx.get::<Account>(organization.place(), account).await?;
    let administers = delegation::of_account(cx, organization, account).await?;
    Ok(welkin_kernel::Membership {
        organization: organization.id.clone(),
        path: tree::path(organization, levels.get(..levels.len().saturating_sub(1)).unwrap_or_default()),
        management: organization.management == account,
        manager: organization.management,
        closed: row.is_some_and(|row| row.status() == Status::Suspended),
        all_features: organization.features == FeatureSet::All,
        tags: tag::get(cx, organization, &id).await?,
        trusted: service_access::enabled(cx, organization).await?,
        administers: administers.into_iter().map(|delegation| delegation.service).collect(),
        tag_rules: policy::tag_rules(cx, organization, &id).await?,
        blocks_public_s3: policy::blocks_public_s3(cx, organization, &id).await?,
        service_control: control(cx, organization, PolicyType::ServiceControl, &levels).await?,
        resource_control: control(cx, organization, PolicyType::ResourceControl, &levels).await?,
        levels,
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
