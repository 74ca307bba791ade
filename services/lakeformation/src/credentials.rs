//! Credentials for a table's data at a registered location: those of the role that it was registered with.
//!
//! CloudTrail calls it GetDataAccess: <https://docs.aws.amazon.com/lake-formation/latest/dg/cloudtrail-logging.html>

use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{
    Access, Arn, Call, Cx, LakePermission, LakeRights, LakeThing, Operation, Place, Result, Timestamp,
};

use crate::errors::{AccessDeniedException, PermissionTypeMismatchException, denied, invalid, not_implemented};
use crate::location::{Location, covers, path_of_url};
use crate::resource::fold;
use crate::rights;
use crate::settings::Settings;

/// Seconds that credentials last unless said.
// UNVERIFIED: how long that is.
const LASTING: u32 = 3600;

/// Engines that read what a caller may read, and nothing else.
const ENGINES: [&str; 1] = ["athena.amazonaws.com"];

/// Gives credentials for the data of a table.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_GetTemporaryGlueTableCredentials.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTemporaryGlueTableCredentials {
    table_arn: String,
    permissions: Option<Vec<LakePermission>>,
    duration_seconds: Option<u32>,
    #[serde(default)]
    supported_permission_types: Vec<String>,
    s3_path: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTemporaryGlueTableCredentialsResponse {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: Timestamp,
    vended_s3_path: Vec<String>,
}

/// What STS answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Assumed {
    credentials: Credentials,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: Timestamp,
}

/// Where the table is that an ARN names.
fn table(arn: &str) -> Result<(Place, LakeThing)> {
    // UNVERIFIED: the wording.
    let wrong = || invalid(format!("Invalid table ARN: {arn}"));
    let parsed: Arn = arn.parse().map_err(|_| wrong())?;
    let (Some(region), Some(account), "glue") = (parsed.region(), parsed.account(), parsed.service()) else {
        return Err(wrong());
    };
    match parsed.resource().split('/').collect::<Vec<_>>().as_slice() {
        ["table", database, name] => Ok((Place::new(account, region), LakeThing::Table(fold(database), fold(name)))),
        _ => Err(wrong()),
    }
}

impl GetTemporaryGlueTableCredentials {
    /// Permissions that are asked for.
    fn wanted(&self) -> &[LakePermission] {
        self.permissions.as_deref().unwrap_or(&[LakePermission::Select])
    }

    /// Refuses engines that are not trusted to filter, or do not know how.
    async fn hold_engine(&self, cx: &mut Cx, place: Place, rights: &LakeRights) -> Result<()> {
        if cx.caller().via.last().is_some_and(|via| ENGINES.contains(via)) {
            return Ok(());
        }
        let settings = Settings::find(cx, place).await?.unwrap_or_default();
        if settings.full_table_access && rights.reads_all() {
            return Ok(());
        }
        let tags = cx.principal().session().map(|session| session.tags.clone()).unwrap_or_default();
        if !settings.trusts(cx.principal().account(), &tags) {
            return Err(AccessDeniedException.into());
        }
        let knows = |kind: &str| self.supported_permission_types.iter().any(|own| own == kind);
        let by_cell = rights.cells.iter().any(|cells| cells.rows.is_some());
        let enough = rights.reads_all() || knows("CELL_FILTER_PERMISSION") || (!by_cell && knows("COLUMN_PERMISSION"));
        if enough { Ok(()) } else { Err(PermissionTypeMismatchException.into()) }
    }

    /// The folder to which credentials are given: the table's, or one in it.
    fn folder(&self, location: &str) -> Result<String> {
        let Some(wanted) = &self.s3_path else { return Ok(location.to_owned()) };
        let path = path_of_url(wanted).unwrap_or(wanted);
        match covers(location, path) {
            true => Ok(path.to_owned()),
            false => Err(invalid("S3Path is not a location of the table.")),
        }
    }
}

/// What the session of the role is limited to.
fn limits(folder: &str, wanted: &[LakePermission]) -> String {
    let (bucket, prefix) = folder.split_once('/').unwrap_or((folder, ""));
    let mut actions = vec!["s3:GetObject", "s3:GetObjectVersion"];
    if wanted.iter().any(|permission| !matches!(permission, LakePermission::Select | LakePermission::Describe)) {
        actions.extend(["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]);
    }
    let inside = if prefix.is_empty() { format!("{bucket}/*") } else { format!("{bucket}/{prefix}/*") };
    let listed = if prefix.is_empty() { "*".to_owned() } else { format!("{prefix}/*") };
    json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": actions, "Resource": format!("arn:aws:s3:::{inside}") },
            { "Effect": "Allow", "Action": "s3:GetBucketLocation", "Resource": format!("arn:aws:s3:::{bucket}") },
            {
                "Effect": "Allow",
                "Action": "s3:ListBucket",
                "Resource": format!("arn:aws:s3:::{bucket}"),
                "Condition": { "StringLike": { "s3:prefix": [prefix, listed] } },
            },
            { "Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*" },
        ],
    })
    .to_string()
}

impl Operation for GetTemporaryGlueTableCredentials {
    const NAME: &'static str = "GetTemporaryGlueTableCredentials";
    type Output = GetTemporaryGlueTableCredentialsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:GetDataAccess"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetTemporaryGlueTableCredentialsResponse> {
        let (place, thing) = table(&self.table_arn)?;
        if place.region != cx.region() {
            return Err(not_implemented("credentials for tables of other Regions"));
        }
        let principal = cx.principal().clone();
        let rights = rights::held(cx, &principal, place, &thing).await?.rights();
        if let Some(lacking) = self.wanted().iter().find(|permission| !rights.has(&[**permission])) {
            return Err(rights::refusal(*lacking, &thing.to_string()));
        }
        let entry = rights::entry(cx, place, &thing).await?.ok_or_else(|| rights::missing(&thing))?;
        self.hold_engine(cx, place, &rights).await?;
        let location = entry.location.as_deref().and_then(path_of_url).unwrap_or_default();
        let registered = match rights.registered {
            true => Location::covering(cx, place, location).await?,
            false => None,
        };
        // UNVERIFIED: the error and its wording.
        let registered = registered.ok_or_else(|| invalid("The location of the table is not registered."))?;
        let folder = self.folder(location)?;
        let input = json!({
            "RoleArn": registered.role,
            "RoleSessionName": session_name(cx),
            "DurationSeconds": self.duration_seconds.unwrap_or(LASTING).min(LASTING),
            "Policy": limits(&folder, self.wanted()),
        });
        let call = Call::to("sts", "AssumeRole").input(&input).at(place);
        let call = call.as_service("lakeformation.amazonaws.com", place.account, None);
        let assumed: Assumed = match cx.call(call).await {
            Err(error) if error.is("AccessDenied") => {
                return Err(denied(format!("Lake Formation is not authorized to assume {}.", registered.role)));
            }
            other => other?.output()?,
        };
        let Credentials { access_key_id, secret_access_key, session_token, expiration } = assumed.credentials;
        let vended_s3_path = vec![format!("s3://{folder}")];
        Ok(GetTemporaryGlueTableCredentialsResponse {
            access_key_id,
            secret_access_key,
            session_token,
            expiration,
            vended_s3_path,
        })
    }
}

/// The name of the role's session: `AWSLF-` with the service that asks and what tells the session from others.
///
/// Source: the examples of <https://docs.aws.amazon.com/lake-formation/latest/dg/cloudtrail-logging.html>
fn session_name(cx: &mut Cx) -> String {
    let unique = cx.once(|cx| cx.chance().uuid().replace('-', ""));
    let asks = match cx.caller().via.last() {
        Some(&"athena.amazonaws.com") => "AT",
        _ => "GL",
    };
    let account = cx.account();
    format!("AWSLF-00-{asks}-{account}-{}", unique.get(..10).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_table_is_named_by_its_arn() {
        let (place, thing) = table("arn:aws:glue:us-east-1:111122223333:table/DB/T").unwrap();
        assert_eq!(place.account.to_string(), "111122223333");
        assert_eq!(thing, LakeThing::Table("db".into(), "t".into()));
        assert!(table("arn:aws:glue:us-east-1:111122223333:database/db").is_err() && table("t").is_err());
    }

    #[test]
    fn a_session_reads_and_writes_only_where_it_may() {
        let read = limits("lake/sales", &[LakePermission::Select]);
        assert!(read.contains("arn:aws:s3:::lake/sales/*") && !read.contains("PutObject"));
        assert!(limits("lake", &[LakePermission::Insert]).contains("PutObject"));
    }
}
