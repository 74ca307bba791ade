//! The address of an account's root user:
//! <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-update-root-user-email.html>.
//!
//! It is changed for member accounts only, in two steps: a code is sent to the new address, and comes back.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, IntoKey, Key, Operation, Resource, Result, Scope, Timestamp};

use crate::code::Code;
use crate::errors::{ConflictException, ResourceNotFoundException, field};
use crate::subject::Subject;

/// The latest change of an account's address.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Update {
    address: String,
    code: Code,
    status: Status,
    changed: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Status {
    #[serde(rename = "PENDING")]
    Pending,
    #[serde(rename = "ACCEPTED")]
    Accepted,
    #[serde(rename = "COMPLETED")]
    Completed,
    #[serde(rename = "FAILED")]
    Failed,
}

impl Resource for Update {
    const KIND: &'static str = "account/primary-email-update";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        ().into_key()
    }
}

fn domain(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

fn hold_address(address: &str) -> Result<()> {
    let (name, domain) = address.rsplit_once('@').unwrap_or_default();
    if name.is_empty() || !domain.contains('.') || address.contains(char::is_whitespace) {
        return Err(field("primaryEmail", "The address is not a valid email address."));
    }
    Ok(())
}

/// Shows the address.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_GetPrimaryEmail.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPrimaryEmail {
    account_id: AccountId,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPrimaryEmailResponse {
    primary_email: String,
}

impl Operation for GetPrimaryEmail {
    const NAME: &'static str = "GetPrimaryEmail";
    type Output = GetPrimaryEmailResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Subject::from(self.account_id).demand(cx, "account:GetPrimaryEmail").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetPrimaryEmailResponse> {
        Subject::from(self.account_id).hold(cx).await?;
        Ok(GetPrimaryEmailResponse { primary_email: cx.account_profile(self.account_id).await?.email })
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateResponse {
    status: Status,
}

/// Sends a code to the new address; the operator of Welkin finds it in the outbox.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_StartPrimaryEmailUpdate.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartPrimaryEmailUpdate {
    account_id: AccountId,
    primary_email: String,
}

impl Operation for StartPrimaryEmailUpdate {
    const NAME: &'static str = "StartPrimaryEmailUpdate";
    type Output = UpdateResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = Subject::from(self.account_id).demand(cx, "account:StartPrimaryEmailUpdate").await?;
        Ok(access.key("account:EmailTargetDomain", domain(&self.primary_email)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<UpdateResponse> {
        let subject = Subject::from(self.account_id);
        subject.hold(cx).await?;
        hold_address(&self.primary_email)?;
        if cx.account_of_address(&self.primary_email).await?.is_some() {
            return Err(ConflictException::because("The email address is already in use."));
        }
        let code = Code::new(cx);
        let text = format!("Your verification code is {}.", code.text());
        cx.send_message(&self.primary_email, "Verify your new email address", text).await?;
        let update = Update { address: self.primary_email.clone(), code, status: Status::Pending, changed: cx.now() };
        let place = subject.place(cx);
        cx.put(place, &update).await?;
        Ok(UpdateResponse { status: Status::Pending })
    }
}

/// Changes the address, by the code that was sent to it.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_AcceptPrimaryEmailUpdate.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AcceptPrimaryEmailUpdate {
    account_id: AccountId,
    primary_email: String,
    otp: String,
}

impl Operation for AcceptPrimaryEmailUpdate {
    const NAME: &'static str = "AcceptPrimaryEmailUpdate";
    type Output = UpdateResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = Subject::from(self.account_id).demand(cx, "account:AcceptPrimaryEmailUpdate").await?;
        Ok(access.key("account:EmailTargetDomain", domain(&self.primary_email)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<UpdateResponse> {
        let subject = Subject::from(self.account_id);
        subject.hold(cx).await?;
        let (place, now) = (subject.place(cx), cx.now());
        let pending = |update: &Update| update.status == Status::Pending && update.address == self.primary_email;
        let update = cx.get::<Update>(place, ()).await?.filter(pending);
        let mut update = update.ok_or_else(|| {
            ResourceNotFoundException::because("No update of the email address to this one is pending.")
        })?;
        if !update.code.is(&self.otp, now) {
            // No error, so that the try is counted.
            // UNVERIFIED: AWS's documentation does not say what a wrong code answers.
            cx.put(place, &update).await?;
            return Ok(UpdateResponse { status: Status::Pending });
        }
        let mut profile = cx.account_profile(self.account_id).await?;
        profile.email.clone_from(&self.primary_email);
        let changed = cx.set_account_profile(&profile).await?;
        update.status = if changed { Status::Completed } else { Status::Failed };
        update.changed = now;
        cx.put(place, &update).await?;
        Ok(UpdateResponse { status: if changed { Status::Accepted } else { Status::Failed } })
    }
}

/// Tells how far the latest change of the address is.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_GetPrimaryEmailUpdateStatus.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPrimaryEmailUpdateStatus {
    account_id: Option<Subject>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPrimaryEmailUpdateStatusResponse {
    status: Status,
    updated_at: Timestamp,
}

impl Operation for GetPrimaryEmailUpdateStatus {
    const NAME: &'static str = "GetPrimaryEmailUpdateStatus";
    type Output = GetPrimaryEmailUpdateStatusResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.account_id.unwrap_or_default().demand(cx, "account:GetPrimaryEmailUpdateStatus").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetPrimaryEmailUpdateStatusResponse> {
        let subject = self.account_id.unwrap_or_default();
        subject.hold(cx).await?;
        let place = subject.place(cx);
        let update = cx.get::<Update>(place, ()).await?;
        let update =
            update.ok_or_else(|| ResourceNotFoundException::because("The email address was never updated."))?;
        Ok(GetPrimaryEmailUpdateStatusResponse { status: update.status, updated_at: update.changed })
    }
}
