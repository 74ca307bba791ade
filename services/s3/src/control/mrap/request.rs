//! Asynchronous requests: what was asked for, and what became of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, AccountId, Cx, Error, IntoKey, Job, Key, Operation, Resource, Result, Schedule, Scope, Timestamp,
};

use super::create::CreateDetails;
use super::delete::DeleteDetails;
use super::policy::PolicyDetails;
use super::{Alias, Mrap, Status, home};
use crate::bucket::Bucket;
use crate::control::errors::{IdempotencyException, NoSuchAsyncRequest};

/// How long a request takes, on the clock. AWS takes minutes, up to a day.
pub(super) const LASTS: Duration = Duration::from_secs(15);

/// An asynchronous request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Request {
    token: String,
    account: AccountId,
    /// The client's own token: what comes with it again is the same request.
    client_token: String,
    created: Timestamp,
    asked: Asked,
    status: Progress,
    /// What went wrong: code, message and resource.
    error: Option<(String, String, String)>,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Asked {
    Create(CreateDetails),
    Delete(DeleteDetails),
    PutPolicy(PolicyDetails),
}

/// How far a request is.
// UNVERIFIED: the names; the documentation lists none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Progress {
    #[serde(rename = "INPROGRESS")]
    Running,
    Succeeded,
    Failed,
}

/// The index by clients' tokens.
const BY_CLIENT: &str = "client";

impl Resource for Request {
    const KIND: &'static str = "s3/mrap-request";
    const SCOPE: Scope = Scope::Account;
    const INDEXES: &'static [&'static str] = &[BY_CLIENT];

    fn key(&self) -> Key {
        (&self.token,).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![(BY_CLIENT, (&self.client_token,).into_key())]
    }
}

impl Asked {
    fn operation(&self) -> &'static str {
        match self {
            Self::Create(_) => "CreateMultiRegionAccessPoint",
            Self::Delete(_) => "DeleteMultiRegionAccessPoint",
            Self::PutPolicy(_) => "PutMultiRegionAccessPointPolicy",
        }
    }

    fn path(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Delete(_) => "delete",
            Self::PutPolicy(_) => "put-policy",
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Create(details) => &details.name,
            Self::Delete(details) => &details.name,
            Self::PutPolicy(details) => &details.name,
        }
    }
}

impl Request {
    /// All requests are kept in Oregon, whichever Region they came to.
    fn arn(&self) -> String {
        format!("arn:aws:s3:us-west-2:{}:async-request/mrap/{}/{}", self.account, self.asked.path(), self.token)
    }

    /// The request that came with this client token before.
    ///
    /// # Errors
    /// `IdempotencyException`, if it asked for something else
    pub(super) async fn earlier(
        cx: &mut Cx,
        account: AccountId,
        client_token: &str,
        asked: &Asked,
    ) -> Result<Option<String>> {
        let found = cx.find::<Self>(home(account), BY_CLIENT, (client_token,), 1).await?;
        match found.into_iter().next() {
            None => Ok(None),
            Some(request) if request.asked == *asked => Ok(Some(request.arn())),
            Some(_) => Err(IdempotencyException.into()),
        }
    }

    /// Accepts a request: a job carries it out. Returns the ARN by which it is asked about.
    pub(super) async fn accept(cx: &mut Cx, account: AccountId, client_token: &str, asked: Asked) -> Result<String> {
        let request = Self {
            token: cx.chance().uuid(),
            account,
            client_token: client_token.to_owned(),
            created: cx.now().whole_secs(),
            asked,
            status: Progress::Running,
            error: None,
        };
        cx.put(home(account), &request).await?;
        let job = CarryOut { token: request.token.clone() };
        let at = Schedule::at(cx.after(LASTS)).lane(format!("s3/mrap/{account}/{}", request.asked.name()));
        cx.enqueue_at(home(account), &job, at).await?;
        Ok(request.arn())
    }

    /// Carries it out.
    ///
    /// # Errors
    /// What is told as the reason of its failure.
    async fn carry_out(&self, cx: &mut Cx) -> Result<()> {
        let Some(mut mrap) = Mrap::find(cx, self.account, self.asked.name()).await? else {
            return Err(super::unknown(self.asked.name()));
        };
        match &self.asked {
            Asked::Create(_) => {
                for route in &mrap.routes {
                    let here = cx.here();
                    let bucket = cx.get::<Bucket>(here, (&route.bucket,)).await?;
                    if !bucket.is_some_and(|bucket| bucket.owner == route.owner && bucket.region == route.region) {
                        let name = (mrap.name.as_bytes(),);
                        cx.discard::<Alias>(here, (&mrap.alias,))?;
                        cx.discard::<Mrap>(home(self.account), name)?;
                        return Err(crate::control::errors::NoSuchBucket.into());
                    }
                }
                mrap.status = Status::Ready;
                mrap.save(cx).await
            }
            Asked::Delete(_) => {
                let here = cx.here();
                cx.discard::<Alias>(here, (&mrap.alias,))?;
                cx.discard::<Mrap>(home(self.account), (mrap.name.as_bytes(),))
            }
            Asked::PutPolicy(details) => {
                if mrap.proposed.as_ref().is_some_and(|proposed| proposed.json == details.policy) {
                    mrap.established = mrap.proposed.clone();
                }
                mrap.save(cx).await
            }
        }
    }
}

/// Carries out a request.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CarryOut {
    token: String,
}

impl Job for CarryOut {
    const NAME: &'static str = "s3/mrap";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let Some(mut request) = cx.get::<Request>(place, (&self.token,)).await? else { return Ok(()) };
        request.status = match request.carry_out(cx).await {
            Ok(()) => Progress::Succeeded,
            Err(error) => {
                let Some(answer) = error.answer() else { return Err(error) };
                let resource = request.asked.name().to_owned();
                request.error = Some((answer.code.clone().into_owned(), answer.message.clone(), resource));
                Progress::Failed
            }
        };
        cx.put(place, &request).await
    }
}

/// Tells what became of a request.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DescribeMultiRegionAccessPointOperation.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeMultiRegionAccessPointOperation {
    account_id: AccountId,
    #[serde(rename = "RequestTokenARN")]
    request_token_arn: String,
}

/// Answer of [`DescribeMultiRegionAccessPointOperation`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeMultiRegionAccessPointOperationOutput {
    async_operation: AsyncOperation,
}

/// A request as it is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AsyncOperation {
    creation_time: Timestamp,
    operation: String,
    #[serde(rename = "RequestTokenARN")]
    request_token_arn: String,
    request_parameters: Parameters,
    request_status: Progress,
    response_details: Option<Details>,
}

/// What was asked for, as it is told.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameters {
    create_multi_region_access_point_request: Option<CreateDetails>,
    delete_multi_region_access_point_request: Option<DeleteDetails>,
    put_multi_region_access_point_policy_request: Option<PolicyDetails>,
}

/// What became of it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Details {
    multi_region_access_point_details: Option<Regional>,
    error_details: Option<ErrorDetails>,
}

/// What became of it in each Region.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Regional {
    regions: Vec<InRegion>,
}

/// What became of it in a Region.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InRegion {
    name: String,
    request_status: Progress,
}

/// Why it failed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorDetails {
    code: String,
    message: String,
    resource: String,
    request_id: String,
}

impl Operation for DescribeMultiRegionAccessPointOperation {
    const NAME: &str = "DescribeMultiRegionAccessPointOperation";
    type Output = DescribeMultiRegionAccessPointOperationOutput;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        let access = Access::to("s3:DescribeMultiRegionAccessPointOperation").on(&self.request_token_arn);
        Ok(access.owned_by(self.account_id))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Self::Output> {
        let token = self.request_token_arn.rsplit('/').next().unwrap_or_default();
        let found = cx.get::<Request>(home(self.account_id), (token,)).await?;
        let Some(request) = found.filter(|request| request.arn() == self.request_token_arn) else {
            return Err(Error::from(NoSuchAsyncRequest));
        };
        let async_operation = request.told(cx).await?;
        Ok(DescribeMultiRegionAccessPointOperationOutput { async_operation })
    }
}

impl Request {
    async fn told(self, cx: &mut Cx) -> Result<AsyncOperation> {
        let (arn, operation) = (self.arn(), self.asked.operation().to_owned());
        let mrap = Mrap::find(cx, self.account, self.asked.name()).await?;
        let regions = mrap
            .into_iter()
            .flat_map(|mrap| mrap.routes)
            .map(|route| InRegion { name: route.region.to_string(), request_status: self.status });
        let regional = Regional { regions: regions.collect() };
        let error_details = self.error.map(|(code, message, resource)| ErrorDetails {
            code,
            message,
            resource,
            request_id: self.token.clone(),
        });
        let mut request_parameters = Parameters::default();
        match self.asked {
            Asked::Create(details) => request_parameters.create_multi_region_access_point_request = Some(details),
            Asked::Delete(details) => request_parameters.delete_multi_region_access_point_request = Some(details),
            Asked::PutPolicy(details) => {
                request_parameters.put_multi_region_access_point_policy_request = Some(details);
            }
        }
        Ok(AsyncOperation {
            creation_time: self.created,
            operation,
            request_token_arn: arn,
            request_parameters,
            request_status: self.status,
            response_details: Some(Details {
                multi_region_access_point_details: Some(regional).filter(|regional| !regional.regions.is_empty()),
                error_details,
            }),
        })
    }
}
