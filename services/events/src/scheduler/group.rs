//! Groups of schedules. Every account has one called `default`, which has a row once it has tags.

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, Arn, Cx, Empty, IntoKey, Job, Key, Operation, Page, Place, Resource, Result, Schedule as When, Scope,
    Timestamp,
};

use super::delete;
use super::errors::{ConflictException, ResourceNotFoundException, ServiceQuotaExceededException, invalid};
use super::schedule::{DEFAULT, Schedule};
use super::tags::{self, Tag, Tags};
use crate::page::Wanted;

/// A group, as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) is_deleting: bool,
    /// The default group has always been there.
    pub(super) created: Option<Timestamp>,
    pub(super) modified: Option<Timestamp>,
    pub(super) tags: Tags,
}

/// Groups of an account in a Region.
///
/// Source: <https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html>
const MOST: usize = 500;

impl Resource for Group {
    const KIND: &'static str = "scheduler/group";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

impl Group {
    fn default_one() -> Self {
        Self { name: DEFAULT.to_owned(), is_deleting: false, created: None, modified: None, tags: Tags::new() }
    }

    /// The group of this name.
    ///
    /// # Errors
    /// `ResourceNotFoundException`
    pub(super) async fn named(cx: &mut Cx, name: &str) -> Result<Self> {
        let here = cx.here();
        match cx.get::<Self>(here, name).await? {
            Some(group) => Ok(group),
            None if name == DEFAULT => Ok(Self::default_one()),
            None => Err(ResourceNotFoundException::because(format!("Schedule group {name} does not exist."))),
        }
    }

    /// # Errors
    /// `ConflictException` while it is being deleted.
    pub(super) fn must_be_active(&self) -> Result<()> {
        match self.is_deleting {
            true => Err(ConflictException::because(format!("Schedule group {} is being deleted.", self.name))),
            false => Ok(()),
        }
    }

    fn state(&self) -> String {
        if self.is_deleting { "DELETING" } else { "ACTIVE" }.to_owned()
    }
}

pub(super) fn arn(place: Place, name: &str) -> Arn {
    place.arn("scheduler", format_args!("schedule-group/{name}"))
}

/// Makes a group.
///
/// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateScheduleGroup.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateScheduleGroup {
    name: String,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateScheduleGroupOutput {
    schedule_group_arn: String,
}

impl Operation for CreateScheduleGroup {
    const NAME: &'static str = "CreateScheduleGroup";
    type Output = CreateScheduleGroupOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let arn = arn(cx.here(), &self.name);
        let tags = tags::map(&self.tags);
        let create = Access::to("scheduler:CreateScheduleGroup").on(&arn).request_tags(&tags);
        if tags.is_empty() {
            return Ok(create);
        }
        Ok(create.and(Access::to("scheduler:TagResource").on(&arn).request_tags(&tags)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateScheduleGroupOutput> {
        let here = cx.here();
        if self.name == DEFAULT || cx.exists::<Group>(here, &self.name).await? {
            return Err(ConflictException::because(format!("Schedule group {} already exists.", self.name)));
        }
        if cx.list::<Group>(here, (), Page::ALL).await?.len() >= MOST {
            return Err(ServiceQuotaExceededException.into());
        }
        let now = Some(cx.now());
        let tags = tags::map(&self.tags);
        cx.put(here, &Group { name: self.name.clone(), is_deleting: false, created: now, modified: now, tags }).await?;
        Ok(CreateScheduleGroupOutput { schedule_group_arn: arn(here, &self.name).into() })
    }
}

/// Tells what a group is.
///
/// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_GetScheduleGroup.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetScheduleGroup {
    name: String,
}

/// A group as the API tells it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Told {
    arn: String,
    name: String,
    state: String,
    creation_date: Option<Timestamp>,
    last_modification_date: Option<Timestamp>,
}

impl Told {
    fn of(place: Place, group: Group) -> Self {
        Self {
            arn: arn(place, &group.name).into(),
            state: group.state(),
            name: group.name,
            creation_date: group.created,
            last_modification_date: group.modified,
        }
    }
}

impl Operation for GetScheduleGroup {
    const NAME: &'static str = "GetScheduleGroup";
    type Output = Told;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("scheduler:GetScheduleGroup").on(arn(cx.here(), &self.name)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Told> {
        let group = Group::named(cx, &self.name).await?;
        Ok(Told::of(cx.here(), group))
    }
}

/// Lists the groups of the account in the Region, by name.
///
/// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_ListScheduleGroups.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListScheduleGroups {
    #[serde(default)]
    name_prefix: String,
    next_token: Option<String>,
    max_results: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListScheduleGroupsOutput {
    schedule_groups: Vec<Told>,
    next_token: Option<String>,
}

impl Operation for ListScheduleGroups {
    const NAME: &'static str = "ListScheduleGroups";
    type Output = ListScheduleGroupsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("scheduler:ListScheduleGroups").on(arn(cx.here(), "*")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListScheduleGroupsOutput> {
        let here = cx.here();
        let mut groups = cx.list::<Group>(here, (), Page::ALL).await?;
        if !groups.iter().any(|group| group.name == DEFAULT) {
            groups.push(Group::default_one());
            groups.sort_by(|a, b| a.name.cmp(&b.name));
        }
        groups.retain(|group| group.name.starts_with(&self.name_prefix));
        let wanted = Wanted::new(self.next_token.as_deref(), self.max_results)?;
        let (page, next_token) = wanted.cut(groups, |group| &group.name);
        let schedule_groups = page.into_iter().map(|group| Told::of(here, group)).collect();
        Ok(ListScheduleGroupsOutput { schedule_groups, next_token })
    }
}

/// Deletes a group with its schedules.
///
/// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_DeleteScheduleGroup.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteScheduleGroup {
    name: String,
}

impl Operation for DeleteScheduleGroup {
    const NAME: &'static str = "DeleteScheduleGroup";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("scheduler:DeleteScheduleGroup").on(arn(cx.here(), &self.name)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let here = cx.here();
        if self.name == DEFAULT {
            return Err(invalid("The default schedule group cannot be deleted."));
        }
        let mut group = Group::named(cx, &self.name).await?;
        group.must_be_active()?;
        group.is_deleting = true;
        cx.put(here, &group).await?;
        cx.enqueue(&Clear { group: group.name }, When::now()).await?;
        Ok(Empty {})
    }
}

/// Removes the schedules of a group that is deleted, some in each run, and at last the group.
#[derive(Serialize, Deserialize)]
pub(crate) struct Clear {
    group: String,
}

/// Schedules that one run removes at most.
const BATCH: usize = 100;

impl Job for Clear {
    const NAME: &'static str = "scheduler/clear";
    const PRINCIPAL: &'static str = super::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let some = cx.list::<Schedule>(here, &self.group, Page::of(BATCH, None)).await?;
        for schedule in &some {
            delete::remove(cx, schedule).await?;
        }
        if some.len() == BATCH {
            return cx.enqueue(self, When::now()).await.map(|_| ());
        }
        cx.delete::<Group>(here, &self.group).await.map(|_| ())
    }
}
