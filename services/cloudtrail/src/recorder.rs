//! What happens when a call is recorded: it is noted which trails want the record.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use welkin_kernel::{
    AccountId, CallRecord, Cx, IntoKey, Key, Page, Place, Recorder, Region, Resource, Result, Schedule, Scope,
    StampCache,
};

use crate::delivery::collect;
use crate::organization::PRINCIPAL;
use crate::retention::Expire;
use crate::trail::Trail;
use crate::{bridge, insight, lake};

/// Says that an account has trails of its own that log, and changes with them: a call of an account without any
/// costs one read, and that of another one reads its trails only after a change.
#[derive(Debug, Serialize, Deserialize)]
struct Logging {
    /// Drawn anew for each change.
    #[serde(default)]
    stamp: u64,
}

impl Resource for Logging {
    const KIND: &'static str = "cloudtrail/logging";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        ().into_key()
    }
}

/// The same of the trails that an account has for the organization that it manages.
#[derive(Debug, Serialize, Deserialize)]
struct OrganizationLogging {
    stamp: u64,
}

impl Resource for OrganizationLogging {
    const KIND: &'static str = "cloudtrail/organization-logging";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        ().into_key()
    }
}

/// The accounts that have trails which want data events of a type of resource. There is no row where there are none,
/// so that a data event nobody wants costs a look at nothing.
#[derive(Debug, Serialize, Deserialize)]
struct Interest {
    kind: String,
    accounts: BTreeSet<AccountId>,
}

impl Resource for Interest {
    const KIND: &'static str = "cloudtrail/interest";
    const SCOPE: Scope = Scope::Global;

    fn key(&self) -> Key {
        self.kind.as_str().into_key()
    }
}

fn at(account: AccountId) -> Place {
    Place::new(account, Region::US_EAST_1)
}

/// Tells the recorder which trails of an account log.
pub(crate) async fn refresh(cx: &mut Cx, owner: AccountId) -> Result<()> {
    let mut logging = Trail::of_account(cx, owner).await?;
    logging.retain(|trail| trail.is_logging);
    let stamp = u64::from_le_bytes(cx.chance().bytes());
    if logging.iter().any(|trail| trail.organization.is_none()) {
        cx.put(at(owner), &Logging { stamp }).await?;
    } else {
        cx.delete::<Logging>(at(owner), ()).await?;
    }
    if logging.iter().any(|trail| trail.organization.is_some()) {
        cx.put(at(owner), &OrganizationLogging { stamp }).await?;
    } else {
        cx.delete::<OrganizationLogging>(at(owner), ()).await?;
    }
    interest(cx, owner, logging.iter().flat_map(|trail| trail.selectors.data_types()).collect()).await
}

/// Notes of which types of resources an account wants data events.
async fn interest(cx: &mut Cx, owner: AccountId, mut kinds: BTreeSet<String>) -> Result<()> {
    for mut interest in cx.list::<Interest>(at(owner), (), Page::ALL).await? {
        let changes = if kinds.remove(&interest.kind) {
            interest.accounts.insert(owner)
        } else {
            interest.accounts.remove(&owner)
        };
        match changes {
            true if interest.accounts.is_empty() => drop(cx.delete::<Interest>(at(owner), interest.key()).await?),
            true => cx.put(at(owner), &interest).await?,
            false => {}
        }
    }
    for kind in kinds {
        cx.put(at(owner), &Interest { kind, accounts: BTreeSet::from([owner]) }).await?;
    }
    Ok(())
}

/// Notes in records which trails want them.
pub(crate) struct Trails {
    /// The trails that log, by the account that has them.
    own: StampCache<Arc<Vec<Trail>>>,
    /// Those for an organization, by the account that manages it.
    of_organizations: StampCache<Arc<Vec<Trail>>>,
    /// The day on which each account and Region was last looked through for records that are too old. It is
    /// a hint: after a restart they are looked through once more.
    looked_through: Mutex<HashMap<Place, i64>>,
}

/// Places remembered at most; then the hints start afresh.
const MOST: usize = 10_000;

/// Accounts whose trails are kept in memory.
const KEPT: usize = 4_096;

impl Default for Trails {
    fn default() -> Self {
        Self { own: StampCache::new(KEPT), of_organizations: StampCache::new(KEPT), looked_through: Mutex::default() }
    }
}

impl Recorder for Trails {
    fn wants<'a>(&'a self, cx: &'a mut Cx, kind: &'static str) -> BoxFuture<'a, Result<bool>> {
        async move {
            let here = cx.here();
            Ok(cx.glance::<Interest>(here, kind).await?.is_some())
        }
        .boxed()
    }

    fn recorded<'a>(&'a self, cx: &'a mut Cx, records: &'a mut Vec<CallRecord>) -> BoxFuture<'a, Result<()>> {
        async move {
            let mut at = 0;
            while let Some(record) = records.get_mut(at) {
                if self.is_kept(cx, record).await? {
                    at += 1;
                } else {
                    records.remove(at);
                }
            }
            Ok(())
        }
        .boxed()
    }
}

impl Trails {
    /// Notes in a record who wants it, and has it delivered; whether it is kept.
    async fn is_kept(&self, cx: &mut Cx, record: &mut CallRecord) -> Result<bool> {
        let place = CallRecord::recipient_place(record.recipient, record.place.region);
        let own = self.own(cx, place.account).await?;
        let of_organization = self.of_organization(cx, place.account).await?;
        for trails in [own, of_organization].into_iter().flatten() {
            let wanting = trails.iter().filter(|trail| trail.wants(record)).map(|trail| trail.arn().to_string());
            let wanting: Vec<String> = wanting.collect();
            record.wanted_by.extend(wanting);
            if !record.kind.is_data() {
                insight::noticed(cx, place, &trails, record).await?;
            }
        }
        let is_wanted = !record.wanted_by.is_empty();
        if is_wanted {
            collect::expect(cx, place, record).await?;
            bridge::tell(cx, place, record).await?;
        }
        if !record.kind.is_data() {
            lake::event::recorded(cx, place, record).await?;
        }
        self.expire(cx, place).await?;
        Ok(is_wanted || !record.kind.is_data())
    }

    /// The trails of an account that log.
    async fn own(&self, cx: &mut Cx, account: AccountId) -> Result<Option<Arc<Vec<Trail>>>> {
        let Some(Logging { stamp }) = cx.get::<Logging>(at(account), ()).await? else { return Ok(None) };
        if let Some(kept) = self.own.get(&account.to_string(), stamp) {
            return Ok(Some(kept));
        }
        let mut trails = Trail::of_account(cx, account).await?;
        trails.retain(|trail| trail.is_logging && trail.organization.is_none());
        let trails = Arc::new(trails);
        self.own.put(&account.to_string(), stamp, Arc::clone(&trails));
        Ok(Some(trails))
    }

    /// The trails that log for the organization that an account is in, while it trusts CloudTrail.
    async fn of_organization(&self, cx: &mut Cx, account: AccountId) -> Result<Option<Arc<Vec<Trail>>>> {
        let Some(membership) = cx.membership(account).await? else { return Ok(None) };
        if !membership.trusted.contains(PRINCIPAL) {
            return Ok(None);
        }
        let manager = membership.manager;
        let Some(OrganizationLogging { stamp }) = cx.get::<OrganizationLogging>(at(manager), ()).await? else {
            return Ok(None);
        };
        if let Some(kept) = self.of_organizations.get(&membership.organization, stamp) {
            return Ok(Some(kept));
        }
        let mut trails = Trail::of_account(cx, manager).await?;
        trails.retain(|trail| trail.is_logging && trail.covers(&membership));
        let trails = Arc::new(trails);
        self.of_organizations.put(&membership.organization, stamp, Arc::clone(&trails));
        Ok(Some(trails))
    }

    /// Once a day, has old records of the place dropped.
    async fn expire(&self, cx: &mut Cx, place: Place) -> Result<()> {
        let day = cx.now().secs().div_euclid(24 * 60 * 60);
        {
            let mut looked_through = self.looked_through.lock().unwrap_or_else(|e| e.into_inner());
            if looked_through.len() >= MOST {
                looked_through.clear();
            }
            if looked_through.insert(place, day) == Some(day) {
                return Ok(());
            }
        }
        let id = format!("cloudtrail/expire {} {} {day}", place.account, place.region);
        cx.enqueue_at(place, &Expire {}, Schedule::now().same(id)).await?;
        Ok(())
    }
}
