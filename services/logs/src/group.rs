//! Log groups.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, Arn, Cx, Empty, IntoKey, Key, Operation, Page, Place, Resource, Result, Schedule, Scope, page,
};

use crate::clear::Clear;
use crate::errors::{ResourceAlreadyExistsException, ResourceNotFoundException, bad_token, invalid, not_implemented};
use crate::tags;

/// Groups of a page unless the caller says how many.
const PAGE: usize = 50;

/// A log group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) name: String,
    /// Tells it from earlier groups of its name: what it holds is stored under this.
    pub(crate) id: String,
    pub(crate) class: Class,
    /// Milliseconds since 1970.
    pub(crate) created: i64,
    /// Days; for ever if there is none.
    pub(crate) retention: Option<u32>,
    pub(crate) tags: BTreeMap<String, String>,
}

/// Classes of groups that there are here.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Class {
    #[serde(rename = "STANDARD")]
    Standard,
    #[serde(rename = "INFREQUENT_ACCESS")]
    InfrequentAccess,
}

impl Resource for Group {
    const KIND: &'static str = "logs/group";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

impl Group {
    /// The earliest time, in milliseconds since 1970, of which events are kept.
    pub(crate) fn horizon(&self, now: i64) -> i64 {
        self.retention.map_or(0, |days| now - i64::from(days) * crate::DAY)
    }
}

/// Where a group is, whether or not there is one.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) place: Place,
    pub(crate) name: String,
}

impl Address {
    pub(crate) fn here(cx: &Cx, name: &str) -> Self {
        Self { place: cx.here(), name: name.to_owned() }
    }

    /// The group that a caller wrote as a name or as an ARN, in one of the two members for it.
    ///
    /// # Errors
    /// `InvalidParameterException`: none of them, both, or an ARN of something else.
    pub(crate) fn either(cx: &Cx, name: Option<&str>, identifier: Option<&str>) -> Result<Self> {
        match (name, identifier) {
            (Some(name), None) => Ok(Self::here(cx, name)),
            (None, Some(identifier)) => Self::read(cx, identifier),
            // UNVERIFIED: the wording.
            _ => Err(invalid("Exactly one of logGroupName and logGroupIdentifier must be specified.")),
        }
    }

    /// The group that a caller wrote as a name or as an ARN, with or without `:*` at its end.
    ///
    /// # Errors
    /// `InvalidParameterException`
    pub(crate) fn read(cx: &Cx, text: &str) -> Result<Self> {
        if !text.starts_with("arn:") {
            return Ok(Self::here(cx, text));
        }
        let wrong = || invalid(format!("Invalid log group ARN: {text}"));
        let arn: Arn = text.parse().map_err(|_| wrong())?;
        let name = arn.resource().strip_prefix("log-group:").filter(|_| arn.service() == "logs");
        let name = name.map(|name| name.strip_suffix(":*").unwrap_or(name));
        match (name, arn.account().zip(arn.region())) {
            (Some(name), Some((account, region))) if !name.is_empty() && !name.contains(':') => {
                Ok(Self { place: Place::new(account, region), name: name.to_owned() })
            }
            _ => Err(wrong()),
        }
    }

    /// The ARN as tags and listings have it.
    pub(crate) fn arn(&self) -> Arn {
        self.place.arn("logs", format_args!("log-group:{}", self.name))
    }

    /// The statement that `action` is needed on the group, or on one of its streams. Group-level actions are judged by
    /// the ARN of a stream without a name, as AWS's messages of denials show: policies say `log-group:NAME:*`.
    pub(crate) async fn access(&self, cx: &mut Cx, action: &'static str, stream: &str) -> Result<Access> {
        let arn = self.place.arn("logs", format_args!("log-group:{}:log-stream:{stream}", self.name));
        let access = Access::to(action).on(arn);
        Ok(match cx.glance::<Group>(self.place, self.name.as_str()).await? {
            Some(group) => access.resource_tags(&group.tags),
            None => access,
        })
    }

    /// The group.
    ///
    /// # Errors
    /// `ResourceNotFoundException`
    pub(crate) async fn group(&self, cx: &mut Cx) -> Result<Group> {
        let found = cx.get::<Group>(self.place, self.name.as_str()).await?;
        found.ok_or_else(|| ResourceNotFoundException::because("The specified log group does not exist."))
    }
}

/// Creates a log group.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateLogGroup {
    log_group_name: String,
    kms_key_id: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    log_group_class: Option<String>,
    deletion_protection_enabled: Option<bool>,
}

impl Operation for CreateLogGroup {
    const NAME: &'static str = "CreateLogGroup";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = Address::here(cx, &self.log_group_name).access(cx, "logs:CreateLogGroup", "").await?;
        Ok(access.request_tags(&self.tags))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        if self.kms_key_id.is_some() {
            return Err(not_implemented("encryption of log groups by KMS keys"));
        }
        if self.deletion_protection_enabled == Some(true) {
            return Err(not_implemented("deletion protection"));
        }
        let class = match self.log_group_class.as_deref() {
            None | Some("STANDARD") => Class::Standard,
            Some("INFREQUENT_ACCESS") => Class::InfrequentAccess,
            Some(other) => return Err(not_implemented(&format!("the log group class {other}"))),
        };
        if self.log_group_name.starts_with("aws/") {
            return Err(invalid("Log groups starting with aws/ are reserved for AWS."));
        }
        if cx.exists::<Group>(cx.here(), self.log_group_name.as_str()).await? {
            return Err(ResourceAlreadyExistsException::because("The specified log group already exists"));
        }
        tags::check(&self.tags)?;
        let group = Group {
            name: self.log_group_name.clone(),
            id: cx.chance().uuid(),
            class,
            created: cx.now().millis(),
            retention: None,
            tags: self.tags.clone(),
        };
        cx.put(cx.here(), &group).await?;
        Ok(Empty {})
    }
}

/// Deletes a log group with everything in it.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeleteLogGroup {
    log_group_name: String,
}

impl Operation for DeleteLogGroup {
    const NAME: &'static str = "DeleteLogGroup";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Address::here(cx, &self.log_group_name).access(cx, "logs:DeleteLogGroup", "").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::here(cx, &self.log_group_name);
        let group = address.group(cx).await?;
        cx.delete::<Group>(address.place, address.name.as_str()).await?;
        cx.enqueue(&Clear::group(&group), Schedule::now()).await?;
        Ok(Empty {})
    }
}

/// A group as listings have it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogGroup {
    log_group_name: String,
    creation_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    retention_in_days: Option<u32>,
    arn: String,
    log_group_arn: String,
    log_group_class: Class,
}

/// Lists log groups.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeLogGroups {
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    log_group_class: Option<String>,
    log_group_identifiers: Option<Vec<String>>,
    include_linked_accounts: Option<bool>,
    account_identifiers: Option<Vec<String>>,
    next_token: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeLogGroupsResponse {
    log_groups: Vec<LogGroup>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl DescribeLogGroups {
    fn wants(&self, group: &Group) -> bool {
        let class = match group.class {
            Class::Standard => "STANDARD",
            Class::InfrequentAccess => "INFREQUENT_ACCESS",
        };
        // A pattern is a part of the name, whatever its case: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
        let part = |pattern: &String| group.name.to_lowercase().contains(&pattern.to_lowercase());
        self.log_group_name_prefix.as_ref().is_none_or(|prefix| group.name.starts_with(prefix))
            && self.log_group_name_pattern.as_ref().is_none_or(part)
            && self.log_group_class.as_ref().is_none_or(|wanted| wanted == class)
    }
}

impl Operation for DescribeLogGroups {
    const NAME: &'static str = "DescribeLogGroups";
    type Output = DescribeLogGroupsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("logs:DescribeLogGroups").on(cx.here().arn("logs", "log-group::log-stream:")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeLogGroupsResponse> {
        if self.include_linked_accounts == Some(true)
            || self.account_identifiers.as_ref().is_some_and(|a| !a.is_empty())
        {
            return Err(not_implemented("linked accounts"));
        }
        if self.log_group_identifiers.is_some() {
            return Err(not_implemented("logGroupIdentifiers of DescribeLogGroups"));
        }
        if self.log_group_name_prefix.is_some() && self.log_group_name_pattern.is_some() {
            return Err(invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."));
        }
        let place = cx.here();
        let mut groups = cx.list::<Group>(place, (), Page::ALL).await?;
        groups.retain(|group| self.wants(group));
        let size = self.limit.unwrap_or(PAGE);
        let (groups, next_token) = page::cut(groups, size, self.next_token.as_deref(), |group| &group.name, bad_token)?;
        let log_groups = groups.into_iter().map(|group| listed(place, group)).collect();
        Ok(DescribeLogGroupsResponse { log_groups, next_token })
    }
}

fn listed(place: Place, group: Group) -> LogGroup {
    let arn = Address { place, name: group.name.clone() }.arn().to_string();
    LogGroup {
        creation_time: group.created,
        retention_in_days: group.retention,
        arn: format!("{arn}:*"),
        log_group_arn: arn,
        log_group_class: group.class,
        log_group_name: group.name,
    }
}
