//! Trails.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trails.html>

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod describe;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod logging;
pub(crate) mod name;
pub(crate) mod settings;
pub(crate) mod status;
pub(crate) mod update;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, AccountId, Arn, CallRecord, Cx, IntoKey, Membership, Page, Place, Region, Resource, Result, Scope,
    Timestamp,
};

use crate::errors::{
    CloudTrailARNInvalidException, InvalidHomeRegionException, NotOrganizationMasterAccountException,
    TrailNotFoundException,
};
use crate::insight::selector::Insights;
use crate::key::Encrypted;
use crate::organization::PRINCIPAL;
use crate::recorder;
use crate::selector::Selectors;

/// A trail.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Trail {
    /// The account that has it; it is where the trail is stored.
    #[serde(default = "nobody")]
    pub(crate) owner: AccountId,
    /// The organization of whose accounts it delivers the events; without, of its own account.
    #[serde(default)]
    pub(crate) organization: Option<String>,
    pub(crate) name: String,
    /// Region in which it was made, and can be changed.
    pub(crate) home: Region,
    pub(crate) bucket: String,
    pub(crate) prefix: Option<String>,
    /// ARN of the key that encrypts its files.
    pub(crate) kms_key: Option<String>,
    pub(crate) multi_region: bool,
    pub(crate) global_services: bool,
    pub(crate) selectors: Selectors,
    #[serde(default)]
    pub(crate) insights: Insights,
    pub(crate) tags: BTreeMap<String, String>,
    /// Whether it delivers digests.
    #[serde(default)]
    pub(crate) validation: bool,
    /// The topic that is told of each log file.
    #[serde(default)]
    pub(crate) topic: Option<Arn>,
    pub(crate) is_logging: bool,
    pub(crate) started: Option<Timestamp>,
    pub(crate) stopped: Option<Timestamp>,
}

fn nobody() -> AccountId {
    AccountId::DEFAULT
}

impl Resource for Trail {
    const KIND: &'static str = "cloudtrail/trail";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> welkin_kernel::Key {
        (self.home, &self.name).into_key()
    }
}

/// Services whose events are those of all Regions.
///
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events>
const GLOBAL: &[&str] = &["iam.amazonaws.com", "sts.amazonaws.com", "cloudfront.amazonaws.com"];

impl Trail {
    /// Its ARN.
    pub(crate) fn arn(&self) -> Arn {
        self.place().arn("cloudtrail", format_args!("trail/{}", self.name))
    }

    /// Its account and home Region.
    pub(crate) fn place(&self) -> Place {
        Place::new(self.owner, self.home)
    }

    /// What its files' key is asked for with.
    pub(crate) fn encrypted(&self) -> Encrypted {
        Encrypted { arn: self.arn(), place: self.place() }
    }

    /// Whether it is to deliver the record.
    pub(crate) fn wants(&self, record: &CallRecord) -> bool {
        let here = self.multi_region || record.place.region == self.home;
        let global = self.global_services || self.multi_region || !GLOBAL.contains(&record.source.as_str());
        here && global && self.selectors.select(record)
    }

    /// Whether it is seen in a Region: its own, or as a shadow of it.
    pub(crate) fn is_seen_in(&self, region: Region) -> bool {
        self.multi_region || self.home == region
    }

    /// The trails of an account itself.
    pub(crate) async fn of_account(cx: &mut Cx, owner: AccountId) -> Result<Vec<Self>> {
        let mut trails = cx.list::<Self>(Place::new(owner, cx.region()), (), Page::ALL).await?;
        trails.iter_mut().for_each(|trail| trail.owner = owner);
        Ok(trails)
    }

    /// The trails that the account of the call sees: its own, and those of its organization.
    pub(crate) async fn all(cx: &mut Cx) -> Result<Vec<Self>> {
        let account = cx.account();
        let mut trails = Self::of_account(cx, account).await?;
        if let Some(membership) = cx.membership(account).await?.filter(|membership| membership.manager != account) {
            let others = Self::of_account(cx, membership.manager).await?;
            trails.extend(others.into_iter().filter(|trail| trail.covers(&membership)));
        }
        Ok(trails)
    }

    /// Whether it is a trail of the organization that an account is in.
    pub(crate) fn covers(&self, membership: &Membership) -> bool {
        self.owner == membership.manager && self.organization.as_deref() == Some(membership.organization.as_str())
    }

    async fn get(cx: &mut Cx, owner: AccountId, key: (Region, &str)) -> Result<Option<Self>> {
        let trail = cx.get::<Self>(Place::new(owner, key.0), key).await?;
        Ok(trail.map(|trail| Self { owner, ..trail }))
    }

    /// The trail with this ARN, for a job.
    pub(crate) async fn by_arn(cx: &mut Cx, arn: &str) -> Result<Option<Self>> {
        let Some((place, name)) = parse_arn(arn) else { return Ok(None) };
        Self::get(cx, place.account, (place.region, &name)).await
    }

    /// The trail that a request names, by name or ARN, as it is seen in the Region of the call.
    pub(crate) async fn find(cx: &mut Cx, name: &str) -> Result<Self> {
        match Self::look_up(cx, name).await? {
            Some(trail) => Ok(trail),
            None => {
                let account = cx.account();
                Err(TrailNotFoundException::because(format!("Unknown trail: {name} for the user: {account}")))
            }
        }
    }

    async fn look_up(cx: &mut Cx, name: &str) -> Result<Option<Self>> {
        let here = cx.here();
        if name.starts_with("arn:") {
            let malformed = || CloudTrailARNInvalidException::because(format!("The ARN {name} is not valid."));
            let (place, name) = parse_arn(name).ok_or_else(malformed)?;
            let trail = Self::get(cx, place.account, (place.region, &name)).await?;
            let Some(trail) = trail.filter(|trail| trail.is_seen_in(here.region)) else { return Ok(None) };
            let is_own = trail.owner == here.account;
            let membership = if is_own { None } else { cx.membership(here.account).await? };
            return Ok(Some(trail).filter(|trail| is_own || membership.is_some_and(|m| trail.covers(&m))));
        }
        name::check(name)?;
        if let Some(trail) = Self::get(cx, here.account, (here.region, name)).await? {
            return Ok(Some(trail));
        }
        let shadow = |trail: &Self| trail.name == name && trail.is_seen_in(here.region);
        Ok(Self::all(cx).await?.into_iter().find(shadow))
    }

    /// The trail that a request names, to be changed: only in its home Region, and that of an organization only by
    /// its management account and by who administers CloudTrail for it.
    pub(crate) async fn find_to_change(cx: &mut Cx, name: &str) -> Result<Self> {
        let trail = Self::find(cx, name).await?;
        if trail.owner != cx.account() && !administers(cx).await? {
            // UNVERIFIED: the wording.
            let message = "The trail of an organization can only be changed by its management account.";
            return Err(NotOrganizationMasterAccountException::because(message));
        }
        if trail.home == cx.region() {
            return Ok(trail);
        }
        // UNVERIFIED: the wording.
        Err(InvalidHomeRegionException::because(format!(
            "The trail {} can only be changed in its home Region, {}.",
            trail.arn(),
            trail.home
        )))
    }

    /// Stores the trail, and what the recorder needs to know of it.
    pub(crate) async fn save(&self, cx: &mut Cx) -> Result<()> {
        cx.put(self.place(), self).await?;
        recorder::refresh(cx, self.owner).await
    }

    /// The demand of an operation on the trail that a request names.
    pub(crate) async fn access(cx: &mut Cx, action: &'static str, name: &str) -> Result<Access> {
        let trail = Self::find(cx, name).await?;
        // An account may do what its own policies permit, also with a trail of its organization.
        Ok(Access::to(action).on(trail.arn()).owned_by(cx.account()).resource_tags(&trail.tags))
    }
}

/// Whether the account of the call administers CloudTrail for its organization.
async fn administers(cx: &mut Cx) -> Result<bool> {
    let membership = cx.membership(cx.account()).await?;
    Ok(membership.is_some_and(|membership| membership.administers.contains(PRINCIPAL)))
}

/// Account, home Region and name in the ARN of a trail.
fn parse_arn(arn: &str) -> Option<(Place, String)> {
    let arn: Arn = arn.parse().ok()?;
    let name = arn.resource().strip_prefix("trail/").filter(|_| arn.service() == "cloudtrail")?;
    Some((Place::new(arn.account()?, arn.region()?), name.to_owned()))
}
