//! Workgroups: who queries, where results go, and what is enforced.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/workgroups-manage-queries-control-costs.html>

pub(crate) mod configuration;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod update;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, IntoKey, Key, Page, Place, Resource, Result, Scope, Timestamp};

use crate::errors::argument;
use configuration::Configuration;

/// The workgroup that every account has.
pub(crate) const PRIMARY: &str = "primary";

/// Workgroups of an account in a Region at most.
///
/// Source: <https://docs.aws.amazon.com/athena/latest/ug/service-limits.html>
const MOST: usize = 1_000;

/// A workgroup.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct WorkGroup {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) disabled: bool,
    pub(crate) configuration: Configuration,
    /// `None` for the primary one, which nobody made.
    created: Option<Timestamp>,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Resource for WorkGroup {
    const KIND: &'static str = "athena/workgroup";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

impl WorkGroup {
    /// The primary one, as long as nobody has changed it.
    fn primary() -> Self {
        Self {
            name: PRIMARY.into(),
            description: None,
            disabled: false,
            configuration: Configuration::of_primary(),
            created: None,
            tags: BTreeMap::new(),
        }
    }

    /// The workgroup of this name, if there is one.
    pub(crate) async fn get(cx: &mut Cx, place: Place, name: &str) -> Result<Option<Self>> {
        let found = cx.get::<Self>(place, name).await?;
        Ok(found.or_else(|| (name == PRIMARY).then(Self::primary)))
    }

    /// The workgroup of this name.
    ///
    /// # Errors
    /// `InvalidRequestException`
    pub(crate) async fn find(cx: &mut Cx, name: &str) -> Result<Self> {
        let place = cx.here();
        let found = Self::get(cx, place, name).await?;
        found.ok_or_else(|| argument(format!("WorkGroup {name} is not found.")))
    }

    /// All of them, by name.
    async fn all(cx: &mut Cx) -> Result<Vec<Self>> {
        let place = cx.here();
        let mut all = cx.list::<Self>(place, (), Page::ALL).await?;
        if let Err(at) = all.binary_search_by(|group| group.name.as_str().cmp(PRIMARY)) {
            all.insert(at, Self::primary());
        }
        Ok(all)
    }
}

/// ARN of a workgroup.
pub(crate) fn arn(cx: &Cx, name: &str) -> Arn {
    let (here, resource) = (cx.here(), format!("workgroup/{name}"));
    Arn::from_parts(here.region.partition(), "athena", Some(here.region), Some(here.account), &resource)
}

/// The demand of an operation on a workgroup; on the primary one if none is named.
pub(crate) async fn access(cx: &mut Cx, action: &'static str, name: Option<&str>) -> Result<Access> {
    let (place, name) = (cx.here(), name.unwrap_or(PRIMARY));
    let found = WorkGroup::get(cx, place, name).await?;
    let access = Access::to(action).on(arn(cx, name));
    Ok(match &found {
        Some(group) => access.resource_tags(&group.tags),
        None => access,
    })
}
