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
    Access, AccountId, Arn, CallRecord, Cx, IntoKey, Page, Place, Region, Resource, Result, Scope, Timestamp,
};

use crate::errors::{CloudTrailARNInvalidException, InvalidHomeRegionException, TrailNotFoundException};
use crate::insight::selector::Insights;
use crate::recorder::Logging;
use crate::selector::Selectors;

/// A trail.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Trail {
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
    pub(crate) fn arn(&self, account: AccountId) -> Arn {
        Place::new(account, self.home).arn("cloudtrail", format_args!("trail/{}", self.name))
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

    /// The trails of the account of the call.
    pub(crate) async fn all(cx: &mut Cx) -> Result<Vec<Self>> {
        let here = cx.here();
        cx.list::<Self>(here, (), Page::ALL).await
    }

    /// The trail with this ARN, for a job.
    pub(crate) async fn by_arn(cx: &mut Cx, account: AccountId, arn: &str) -> Result<Option<Self>> {
        let Some((region, name)) = parse_arn(arn, account) else { return Ok(None) };
        cx.get::<Self>(Place::new(account, region), (region, name)).await
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
            let arn: Arn = name.parse().map_err(|_| malformed())?;
            if arn.service() != "cloudtrail" || arn.region().is_none() || !arn.resource().starts_with("trail/") {
                return Err(malformed());
            }
            let Some((region, name)) = parse_arn(name, here.account) else { return Ok(None) };
            let trail = cx.get::<Self>(here, (region, name)).await?;
            return Ok(trail.filter(|trail| trail.is_seen_in(here.region)));
        }
        name::check(name)?;
        if let Some(trail) = cx.get::<Self>(here, (here.region, name)).await? {
            return Ok(Some(trail));
        }
        let shadow = |trail: &Self| trail.name == name && trail.is_seen_in(here.region);
        Ok(Self::all(cx).await?.into_iter().find(shadow))
    }

    /// The trail that a request names, to be changed: only in its home Region.
    pub(crate) async fn find_at_home(cx: &mut Cx, name: &str) -> Result<Self> {
        let trail = Self::find(cx, name).await?;
        if trail.home == cx.region() {
            return Ok(trail);
        }
        // UNVERIFIED: the wording.
        Err(InvalidHomeRegionException::because(format!(
            "The trail {} can only be changed in its home Region, {}.",
            trail.arn(cx.account()),
            trail.home
        )))
    }

    /// Stores the trail, and what the recorder needs to know of it.
    pub(crate) async fn save(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        cx.put(here, self).await?;
        refresh(cx).await
    }

    /// The demand of an operation on the trail that a request names.
    pub(crate) async fn access(cx: &mut Cx, action: &'static str, name: &str) -> Result<Access> {
        let trail = Self::find(cx, name).await?;
        Ok(Access::to(action).on(trail.arn(cx.account())).resource_tags(&trail.tags))
    }
}

/// Tells the recorder which trails log.
pub(crate) async fn refresh(cx: &mut Cx) -> Result<()> {
    let here = cx.here();
    let trails: Vec<Trail> = Trail::all(cx).await?.into_iter().filter(|trail| trail.is_logging).collect();
    if trails.is_empty() {
        cx.delete::<Logging>(here, ()).await?;
    } else {
        cx.put(here, &Logging { trails }).await?;
    }
    Ok(())
}

/// Home Region and name in the ARN of a trail of `account`.
fn parse_arn(arn: &str, account: AccountId) -> Option<(Region, String)> {
    let arn: Arn = arn.parse().ok()?;
    let name = arn.resource().strip_prefix("trail/")?;
    (arn.service() == "cloudtrail" && arn.account() == Some(account)).then_some((arn.region()?, name.to_owned()))
}
