//! Registered locations: folders of S3 whose data Lake Formation gives access to, with a role of its own.
//!
//! <https://docs.aws.amazon.com/lake-formation/latest/dg/register-data-lake.html>

use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{
    Access, Arn, Call, Cx, Empty, IntoKey, Key, Operation, Page, Place, Region, Resource, Result, Scope, Timestamp,
};

use crate::errors::{AlreadyExistsException, denied, invalid, not_found, not_implemented};
use crate::page::page;
use crate::settings::Settings;

/// The role that is linked to Lake Formation.
const LINKED: &str = "AWSServiceRoleForLakeFormationDataAccess";
const SERVICE: &str = "lakeformation.amazonaws.com";

/// A registered location.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Location {
    bucket: String,
    /// Without slashes at its ends; empty for the whole bucket.
    prefix: String,
    /// As it was given.
    arn: String,
    pub(crate) role: String,
    pub(crate) hybrid: bool,
    privileged: bool,
    modified: Timestamp,
}

impl Resource for Location {
    const KIND: &'static str = "lakeformation/location";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.bucket, &self.prefix).into_key()
    }
}

/// Bucket and prefix of an ARN such as `arn:aws:s3:::bucket/prefix`, as `bucket/prefix`.
///
/// # Errors
/// `InvalidInputException`
// UNVERIFIED: the wording.
pub(crate) fn path(arn: &str) -> Result<String> {
    let wrong = || invalid(format!("Invalid resource ARN: {arn}"));
    let parsed: Arn = arn.parse().map_err(|_| wrong())?;
    let path = parsed.resource().trim_end_matches("/*").trim_matches('/');
    match parsed.service() == "s3" && !path.is_empty() && !path.contains(':') {
        true => Ok(path.to_owned()),
        false => Err(wrong()),
    }
}

/// The path of a location such as `s3://bucket/prefix/`.
pub(crate) fn path_of_url(location: &str) -> Option<&str> {
    let rest = ["s3://", "s3a://", "s3n://"].iter().find_map(|scheme| location.strip_prefix(scheme))?;
    Some(rest.trim_end_matches('/'))
}

/// Whether a path is a folder, or in it.
pub(crate) fn covers(folder: &str, path: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Location {
    fn path(&self) -> String {
        match self.prefix.is_empty() {
            true => self.bucket.clone(),
            false => format!("{}/{}", self.bucket, self.prefix),
        }
    }

    async fn find(cx: &mut Cx, place: Place, path: &str) -> Result<Option<Self>> {
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        cx.get::<Self>(place, (bucket, prefix)).await
    }

    async fn get(cx: &mut Cx, arn: &str) -> Result<Self> {
        let place = cx.here();
        // UNVERIFIED: the wording.
        Self::find(cx, place, &path(arn)?).await?.ok_or_else(|| not_found("Resource is not registered."))
    }

    /// The registered location that a path is in: the innermost one.
    pub(crate) async fn covering(cx: &mut Cx, place: Place, path: &str) -> Result<Option<Self>> {
        let bucket = path.split('/').next().unwrap_or_default();
        let all = cx.list::<Self>(place, (bucket,), Page::ALL).await?;
        Ok(all.into_iter().filter(|one| covers(&one.path(), path)).max_by_key(|one| one.prefix.len()))
    }
}

/// What is known of a registered location.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_ResourceInfo.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResourceInfo {
    resource_arn: String,
    role_arn: String,
    last_modified: Timestamp,
    with_federation: bool,
    hybrid_access_enabled: bool,
    with_privileged_access: bool,
}

impl ResourceInfo {
    fn of(location: Location) -> Self {
        Self {
            resource_arn: location.arn,
            role_arn: location.role,
            last_modified: location.modified,
            with_federation: false,
            hybrid_access_enabled: location.hybrid,
            with_privileged_access: location.privileged,
        }
    }
}

/// Registers a location, whose data are accessed with a role from now on.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_RegisterResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RegisterResource {
    resource_arn: String,
    use_service_linked_role: Option<bool>,
    role_arn: Option<String>,
    with_federation: Option<bool>,
    hybrid_access_enabled: Option<bool>,
    with_privileged_access: Option<bool>,
    expected_resource_owner_account: Option<String>,
}

/// The access that an operation demands: with a role of the caller's choosing, that it may be passed on.
fn access(operation: &'static str, role: Option<&str>) -> Access {
    let access = Access::to(format!("lakeformation:{operation}"));
    match role {
        Some(role) => access.and(Access::to("iam:PassRole").on(role).key("iam:PassedToService", SERVICE)),
        None => access,
    }
}

/// The role, which must be one of the account.
async fn hold_role(cx: &mut Cx, role: &str) -> Result<()> {
    let parsed: Option<Arn> = role.parse().ok();
    let own = parsed.filter(|arn| arn.service() == "iam" && arn.account() == Some(cx.account()));
    let name = own.as_ref().and_then(|arn| arn.resource().strip_prefix("role/")?.rsplit('/').next());
    let account = cx.account();
    match name {
        Some(name) if cx.assumable_role(account, name).await?.is_some() => Ok(()),
        // UNVERIFIED: the wording.
        _ => Err(invalid(format!("Role {role} does not exist in the account."))),
    }
}

/// Whether the bucket is there, as S3 tells the caller.
async fn hold_bucket(cx: &mut Cx, path: &str, owner: Option<&str>) -> Result<()> {
    let bucket = path.split('/').next().unwrap_or_default();
    let mut input = json!({ "Bucket": bucket });
    if let Some(owner) = owner {
        input["ExpectedBucketOwner"] = json!(owner);
    }
    match cx.call(Call::to("s3", "GetBucketLocation").input(&input)).await {
        Err(error) if error.is("NoSuchBucket") => Err(not_found(format!("Bucket {bucket} does not exist."))),
        Err(error) if owner.is_some() && error.answer().is_some() => {
            Err(denied(format!("Bucket {bucket} is not owned by the expected account.")))
        }
        // Whether the caller may see the bucket does not matter: the role is to.
        Err(error) if error.answer().is_none() => Err(error),
        _ => Ok(()),
    }
}

/// The linked role, made if it is not there, with permission for the location: with the caller's permission for both.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/dg/service-linked-roles.html>
async fn link(cx: &mut Cx, path: &str) -> Result<String> {
    let account = cx.account();
    let home = Place::new(account, Region::US_EAST_1);
    if cx.assumable_role(account, LINKED).await?.is_none() {
        let input = json!({ "AWSServiceName": SERVICE });
        permitted(cx.call(Call::to("iam", "CreateServiceLinkedRole").input(&input).at(home)).await)?;
    }
    let input = json!({ "RoleName": LINKED, "PolicyName": policy_name(path), "PolicyDocument": policy(path) });
    permitted(cx.call(Call::to("iam", "PutRolePolicy").input(&input).at(home)).await)?;
    Ok(format!("arn:{}:iam::{account}:role/aws-service-role/{SERVICE}/{LINKED}", cx.region().partition()))
}

/// What IAM refuses is refused.
fn permitted<T>(answered: Result<T>) -> Result<()> {
    match answered {
        Err(error) if error.is("AccessDenied") => {
            Err(denied(error.answer().map(|answer| answer.message.clone()).unwrap_or_default()))
        }
        other => other.map(drop),
    }
}

/// The name of the linked role's policy for a location: characters that IAM does not take are written as their codes.
fn policy_name(path: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || "-.".contains(c) { c.to_string() } else { format!("={:x}", c as u32) }
    };
    let name: String = path.chars().map(safe).collect();
    let tail = name.len().saturating_sub(100);
    // INVARIANT: the name is ASCII, so it can be cut anywhere.
    format!("LakeFormationDataAccess-{}", name.get(tail..).unwrap_or_default())
}

fn policy(path: &str) -> String {
    let bucket = path.split('/').next().unwrap_or_default();
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
                "Resource": [format!("arn:aws:s3:::{path}/*")],
            },
            {
                "Effect": "Allow",
                "Action": ["s3:ListBucket", "s3:GetBucketLocation"],
                "Resource": [format!("arn:aws:s3:::{bucket}")],
            },
        ],
    })
    .to_string()
}

impl Operation for RegisterResource {
    const NAME: &'static str = "RegisterResource";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(access(Self::NAME, self.role_arn.as_deref()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        if self.with_federation == Some(true) {
            return Err(not_implemented("federated resources (WithFederation)"));
        }
        let place = cx.here();
        let path = path(&self.resource_arn)?;
        hold_bucket(cx, &path, self.expected_resource_owner_account.as_deref()).await?;
        if Location::find(cx, place, &path).await?.is_some() {
            return Err(AlreadyExistsException::because("Resource is already registered."));
        }
        let role = match (&self.role_arn, self.use_service_linked_role == Some(true)) {
            (Some(role), false) => {
                hold_role(cx, role).await?;
                role.clone()
            }
            (None, true) => link(cx, &path).await?,
            // UNVERIFIED: the wording.
            (Some(_), true) => return Err(invalid("RoleArn cannot be given with UseServiceLinkedRole.")),
            (None, false) => return Err(invalid("RoleArn is required without UseServiceLinkedRole.")),
        };
        Settings::begin(cx, place).await?;
        let (bucket, prefix) = path.split_once('/').unwrap_or((&path, ""));
        let location = Location {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            arn: self.resource_arn.clone(),
            role,
            hybrid: self.hybrid_access_enabled.unwrap_or_default(),
            privileged: self.with_privileged_access.unwrap_or_default(),
            modified: cx.now().whole_secs(),
        };
        cx.put(place, &location).await?;
        Ok(Empty {})
    }
}

/// Changes the role of a registered location.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_UpdateResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateResource {
    role_arn: String,
    resource_arn: String,
    with_federation: Option<bool>,
    hybrid_access_enabled: Option<bool>,
    expected_resource_owner_account: Option<String>,
}

impl Operation for UpdateResource {
    const NAME: &'static str = "UpdateResource";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(access(Self::NAME, Some(&self.role_arn)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        if self.with_federation == Some(true) {
            return Err(not_implemented("federated resources (WithFederation)"));
        }
        let mut location = Location::get(cx, &self.resource_arn).await?;
        hold_bucket(cx, &location.path(), self.expected_resource_owner_account.as_deref()).await?;
        hold_role(cx, &self.role_arn).await?;
        location.role.clone_from(&self.role_arn);
        location.hybrid = self.hybrid_access_enabled.unwrap_or(location.hybrid);
        location.modified = cx.now().whole_secs();
        let place = cx.here();
        cx.put(place, &location).await?;
        Ok(Empty {})
    }
}

/// Makes a location an ordinary one again.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_DeregisterResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeregisterResource {
    resource_arn: String,
}

impl Operation for DeregisterResource {
    const NAME: &'static str = "DeregisterResource";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(access(Self::NAME, None))
    }

    // UNVERIFIED: that what was granted on it stays, and is in force when it is registered again.
    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let location = Location::get(cx, &self.resource_arn).await?;
        let place = cx.here();
        cx.delete::<Location>(place, location.key()).await?;
        Ok(Empty {})
    }
}

/// Shows a registered location.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_DescribeResource.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeResource {
    resource_arn: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeResourceResponse {
    resource_info: ResourceInfo,
}

impl Operation for DescribeResource {
    const NAME: &'static str = "DescribeResource";
    type Output = DescribeResourceResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(access(Self::NAME, None))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeResourceResponse> {
        Ok(DescribeResourceResponse { resource_info: ResourceInfo::of(Location::get(cx, &self.resource_arn).await?) })
    }
}

/// Lists the registered locations.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_ListResources.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListResources {
    #[serde(default)]
    filter_condition_list: Vec<Condition>,
    max_results: Option<u32>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Condition {
    field: Option<String>,
    comparison_operator: Option<String>,
    #[serde(default)]
    string_value_list: Vec<String>,
}

impl Condition {
    fn takes(&self, location: &Location) -> Result<bool> {
        let value = match self.field.as_deref() {
            Some("RESOURCE_ARN") => &location.arn,
            Some("ROLE_ARN") => &location.role,
            _ => return Err(not_implemented("conditions on LAST_MODIFIED")),
        };
        let any = |test: fn(&str, &str) -> bool| self.string_value_list.iter().any(|wanted| test(value, wanted));
        match self.comparison_operator.as_deref() {
            Some("EQ" | "IN") => Ok(any(|value, wanted| value == wanted)),
            Some("NE") => Ok(!any(|value, wanted| value == wanted)),
            Some("CONTAINS") => Ok(any(|value, wanted| value.contains(wanted))),
            Some("NOT_CONTAINS") => Ok(!any(|value, wanted| value.contains(wanted))),
            Some("BEGINS_WITH") => Ok(any(|value, wanted| value.starts_with(wanted))),
            // UNVERIFIED: that ARNs cannot be compared so, and the wording.
            _ => Err(invalid("The comparison operator is not valid for this field.")),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListResourcesResponse {
    resource_info_list: Vec<ResourceInfo>,
    next_token: Option<String>,
}

impl Operation for ListResources {
    const NAME: &'static str = "ListResources";
    type Output = ListResourcesResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(access(Self::NAME, None))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListResourcesResponse> {
        let place = cx.here();
        let mut found = Vec::new();
        for location in cx.list::<Location>(place, (), Page::ALL).await? {
            let mut taken = true;
            for condition in &self.filter_condition_list {
                taken = taken && condition.takes(&location)?;
            }
            found.extend(taken.then(|| ResourceInfo::of(location)));
        }
        let (resource_info_list, next_token) = page(found, self.max_results, self.next_token.as_deref())?;
        Ok(ListResourcesResponse { resource_info_list, next_token })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn locations_are_folders() {
        assert_eq!(path("arn:aws:s3:::lake/sales/").unwrap(), "lake/sales");
        assert_eq!(path("arn:aws:s3:::lake").unwrap(), "lake");
        assert!(path("arn:aws:sqs:us-east-1:111122223333:q").is_err() && path("lake").is_err());
        assert!(covers("lake", "lake/sales") && covers("lake/sales", "lake/sales"));
        assert!(!covers("lake/sales", "lake/sales2") && !covers("lake", "lakes"));
        assert_eq!(path_of_url("s3://lake/sales/"), Some("lake/sales"));
    }
}
