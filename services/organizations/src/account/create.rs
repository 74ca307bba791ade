//! Making an account: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_create.html>.

use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{
    Access, AccountId, AccountProfile, Call, Cx, IntoKey, Job, Key, Operation, Page, Place, Principal, Region,
    Resource, Result, Schedule, Scope, Timestamp,
};

use super::{Account, Joined, MOST};
use crate::errors::{CreateAccountStatusNotFoundException, constraint};
use crate::organization::{self, FeatureSet, Organization};
use crate::page::page;
use crate::tag::{self, Tag, Tags};
use crate::{event, handshake, membership, service_role};

/// The role that lets the management account into an account that it makes, unless it names another.
const ROLE: &str = "OrganizationAccountAccessRole";

/// Accounts that are being made at the same time, at most.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
const AT_ONCE: usize = 5;

/// A request for an account, and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CreateAccountRequest {
    id: String,
    email: String,
    name: String,
    role: String,
    tags: Tags,
    state: State,
    requested: Timestamp,
    completed: Option<Timestamp>,
    account: Option<AccountId>,
    failure: Option<Failure>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    #[serde(rename = "IN_PROGRESS")]
    InProgress,
    #[serde(rename = "SUCCEEDED")]
    Succeeded,
    #[serde(rename = "FAILED")]
    Failed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Failure {
    #[serde(rename = "EMAIL_ALREADY_EXISTS")]
    EmailAlreadyExists,
    #[serde(rename = "INTERNAL_FAILURE")]
    InternalFailure,
}

impl Resource for CreateAccountRequest {
    const KIND: &'static str = "organizations/create-account";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        (&self.id).into_key()
    }
}

/// A request in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateAccountStatus {
    id: String,
    account_name: String,
    state: State,
    requested_timestamp: Timestamp,
    completed_timestamp: Option<Timestamp>,
    account_id: Option<AccountId>,
    failure_reason: Option<Failure>,
}

impl From<&CreateAccountRequest> for CreateAccountStatus {
    fn from(request: &CreateAccountRequest) -> Self {
        Self {
            id: request.id.clone(),
            account_name: request.name.clone(),
            state: request.state,
            requested_timestamp: request.requested,
            completed_timestamp: request.completed,
            account_id: request.account,
            failure_reason: request.failure,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateAccountResponse {
    create_account_status: CreateAccountStatus,
}

/// Asks for an account; it is made in the background.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateAccount {
    email: String,
    account_name: String,
    role_name: Option<String>,
    tags: Option<Vec<Tag>>,
}

impl Operation for CreateAccount {
    const NAME: &'static str = "CreateAccount";
    type Output = CreateAccountResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("organizations:CreateAccount").request_tags(&tag::read(self.tags.as_ref())?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateAccountResponse> {
        let organization = organization::managed(cx).await?;
        let members = cx.list::<Account>(organization.place(), (), Page::of(MOST, None)).await?.len();
        if members + handshake::invitations(cx, &organization).await? >= MOST {
            return Err(constraint(
                "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
                "You have exceeded the allowed number of AWS accounts.",
            ));
        }
        let requests = cx.list::<CreateAccountRequest>(organization.place(), (), Page::ALL).await?;
        if requests.iter().filter(|request| request.state == State::InProgress).count() >= AT_ONCE {
            return Err(constraint(
                "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
                "You attempted to exceed the number of accounts that can be in progress at a time.",
            ));
        }
        let request = CreateAccountRequest {
            id: format!("car-{}", cx.chance().hex(32)),
            email: self.email.clone(),
            name: self.account_name.clone(),
            role: self.role_name.clone().unwrap_or_else(|| ROLE.to_owned()),
            tags: tag::read(self.tags.as_ref())?,
            state: State::InProgress,
            requested: cx.now(),
            completed: None,
            account: None,
            failure: None,
        };
        cx.put(organization.place(), &request).await?;
        // One at a time, so that requests for the same address do not race.
        let schedule = Schedule::now().lane(format!("organizations/{}", organization.id));
        cx.enqueue(&CreateAccountJob { request: request.id.clone() }, schedule).await?;
        Ok(CreateAccountResponse { create_account_status: (&request).into() })
    }
}

/// Makes an account that was asked for. It runs in the management account.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CreateAccountJob {
    request: String,
}

impl Job for CreateAccountJob {
    const NAME: &'static str = "organizations/create-account";
    const PRINCIPAL: &'static str = "organizations.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let Some(mut request) = cx.get::<CreateAccountRequest>(cx.here(), &self.request).await? else { return Ok(()) };
        let Some(organization) = organization::of(cx, cx.account()).await? else { return Ok(()) };
        if request.state != State::InProgress {
            return Ok(());
        }
        if cx.account_of_address(&request.email).await?.is_some() {
            request.failure = Some(Failure::EmailAlreadyExists);
        } else {
            let account = fresh_account(cx).await?;
            match make(cx, &organization, &request, account).await {
                Ok(()) => request.account = Some(account),
                Err(error) if error.answer().is_some() => request.failure = Some(Failure::InternalFailure),
                Err(error) => return Err(error),
            }
        }
        request.state = if request.failure.is_none() { State::Succeeded } else { State::Failed };
        request.completed = Some(cx.now());
        cx.put(cx.here(), &request).await?;
        event::publish(cx, &organization, "CreateAccountResult", event(&request)).await
    }
}

/// An account id that no member of an organization has.
async fn fresh_account(cx: &mut Cx) -> Result<AccountId> {
    loop {
        // Without a leading zero, so that no tool takes it for a number and shortens it.
        let number = 100_000_000_000 + cx.chance().below(900_000_000_000);
        let Some(account) = AccountId::new(number) else { continue };
        if !membership::is_known(cx, account).await? {
            return Ok(account);
        }
    }
}

/// Lets the management account into the new account, then makes it a member.
async fn make(
    cx: &mut Cx,
    organization: &Organization,
    request: &CreateAccountRequest,
    account: AccountId,
) -> Result<()> {
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": organization.place().global_arn("iam", "root") },
            "Action": "sts:AssumeRole",
        }],
    });
    // Nobody else is in the new account yet: Organizations acts there as its root user.
    let place = Place::new(account, Region::US_EAST_1);
    let as_root = |call: Call| call.at(place).as_principal(Principal::Root { account });
    let role = json!({ "RoleName": request.role, "AssumeRolePolicyDocument": trust.to_string() });
    cx.call(as_root(Call::to("iam", "CreateRole").input(&role))).await?;
    let policy = "arn:aws:iam::aws:policy/AdministratorAccess";
    let attached = json!({ "RoleName": request.role, "PolicyArn": policy });
    cx.call(as_root(Call::to("iam", "AttachRolePolicy").input(&attached))).await?;
    if organization.features == FeatureSet::All {
        service_role::make_as_root(cx, account).await?;
    }
    let profile =
        AccountProfile { account, name: request.name.clone(), email: request.email.clone(), created: Some(cx.now()) };
    cx.set_account_profile(&profile).await?;
    let account = Account::new(organization, account, Joined::Created, cx.now());
    membership::join(cx, organization, &account).await?;
    tag::put(cx, organization, &account.id.to_string(), request.tags.clone()).await?;
    event::joined(cx, organization, account.id, Joined::Created).await
}

/// What CloudTrail and EventBridge are told.
fn event(request: &CreateAccountRequest) -> serde_json::Value {
    let mut status = json!({
        "id": request.id,
        "state": request.state,
        "accountName": "****",
        "requestedTimestamp": request.requested.secs(),
        "completedTimestamp": request.completed.map(Timestamp::secs),
    });
    if let Some(account) = request.account {
        status["accountId"] = json!(account);
    }
    if let Some(failure) = request.failure {
        status["failureReason"] = json!(failure);
    }
    json!({ "createAccountStatus": status })
}

/// Tells how far a request for an account is.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeCreateAccountStatus.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeCreateAccountStatus {
    create_account_request_id: String,
}

impl Operation for DescribeCreateAccountStatus {
    const NAME: &'static str = "DescribeCreateAccountStatus";
    type Output = CreateAccountResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        organization::delegable(cx, "organizations:DescribeCreateAccountStatus").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateAccountResponse> {
        let organization = organization::readable(cx).await?;
        let request = cx.get::<CreateAccountRequest>(organization.place(), &self.create_account_request_id).await?;
        let request = request.ok_or(CreateAccountStatusNotFoundException)?;
        Ok(CreateAccountResponse { create_account_status: (&request).into() })
    }
}

/// Lists the requests for accounts, also by state.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListCreateAccountStatus.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListCreateAccountStatus {
    states: Option<Vec<State>>,
    next_token: Option<String>,
    max_results: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListCreateAccountStatusResponse {
    create_account_statuses: Vec<CreateAccountStatus>,
    next_token: Option<String>,
}

impl Operation for ListCreateAccountStatus {
    const NAME: &'static str = "ListCreateAccountStatus";
    type Output = ListCreateAccountStatusResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        organization::delegable(cx, "organizations:ListCreateAccountStatus").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListCreateAccountStatusResponse> {
        let organization = organization::readable(cx).await?;
        let mut requests = cx.list::<CreateAccountRequest>(organization.place(), (), Page::ALL).await?;
        if let Some(states) = self.states.as_ref().filter(|states| !states.is_empty()) {
            requests.retain(|request| states.contains(&request.state));
        }
        let order = |request: &CreateAccountRequest| format!("{:020} {}", request.requested.micros(), request.id);
        let (requests, next_token) = page(requests, self.next_token.as_ref(), self.max_results, order)?;
        let create_account_statuses = requests.iter().map(CreateAccountStatus::from).collect();
        Ok(ListCreateAccountStatusResponse { create_account_statuses, next_token })
    }
}
