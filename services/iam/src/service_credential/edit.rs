//! Making, changing and removing credentials for single services.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Resource, Result, Timestamp};

use super::{ServiceCredential, ServiceName, days, demand, known, of};
use crate::entity::named;
use crate::errors::InvalidInputException;
use crate::status::Status;
use crate::user::{User, holder};
use crate::{access, quota};

/// A credential with its secret.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NewCredential {
    create_date: Timestamp,
    expiration_date: Option<Timestamp>,
    service_name: ServiceName,
    service_user_name: Option<String>,
    service_password: Option<String>,
    service_credential_alias: Option<String>,
    service_credential_secret: Option<String>,
    service_specific_credential_id: String,
    user_name: String,
    status: String,
}

impl NewCredential {
    fn of(cx: &Cx, credential: ServiceCredential, user_name: String, secret: String) -> Self {
        let (key, password) = if credential.is_key() { (Some(secret), None) } else { (None, Some(secret)) };
        let (alias, login) =
            if key.is_some() { (Some(credential.login.clone()), None) } else { (None, Some(credential.login.clone())) };
        Self {
            create_date: credential.created,
            expiration_date: credential.expires,
            service_name: credential.service,
            service_user_name: login,
            service_password: password,
            service_credential_alias: alias,
            service_credential_secret: key,
            status: credential.status(cx.now()).to_owned(),
            service_specific_credential_id: credential.id,
            user_name,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateServiceSpecificCredentialResponse {
    service_specific_credential: NewCredential,
}

/// Makes a password of a user's for a service; it is told only in this answer.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateServiceSpecificCredential {
    user_name: String,
    service_name: String,
    credential_age_days: Option<u32>,
}

impl Operation for CreateServiceSpecificCredential {
    const NAME: &'static str = "CreateServiceSpecificCredential";
    type Output = CreateServiceSpecificCredentialResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = access::on::<User>(cx, "iam:CreateServiceSpecificCredential", &self.user_name).await?;
        let access = access.key("iam:ServiceSpecificCredentialServiceName", &self.service_name);
        Ok(match self.credential_age_days {
            Some(days) => access.key("iam:ServiceSpecificCredentialAgeDays", days.to_string()),
            None => access,
        })
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateServiceSpecificCredentialResponse> {
        let head = named::<User>(cx, &self.user_name).await?.head;
        let service = ServiceName::read(&self.service_name)?;
        if self.credential_age_days.is_some() && service != ServiceName::Bedrock {
            // UNVERIFIED: AWS's wording. That only API keys expire is documented.
            let message = format!("CredentialAgeDays is not supported for service {}", self.service_name);
            return Err(InvalidInputException::because(message));
        }
        let present = of(cx, cx.here(), &head.id).await?;
        let same: Vec<_> = present.iter().filter(|other| other.service == service).collect();
        quota::hold("ServiceSpecificCredentialsPerUser", same.len(), quota::SERVICE_CREDENTIALS_PER_USER)?;
        let login = (0..)
            .map(|turn| login(&head.name, turn, &cx.account().to_string()))
            .find(|login| !same.iter().any(|other| other.login == *login))
            .unwrap_or_default();
        let mut credential = ServiceCredential {
            holder: head.id,
            id: cx.chance().unique_id("ACCA"),
            service,
            login,
            hash: Vec::new(),
            status: Status::Active,
            created: cx.now().whole_secs(),
            expires: self.credential_age_days.map(|count| cx.now().whole_secs().plus(days(count))),
        };
        let secret = credential.renew(cx);
        cx.put(cx.here(), &credential).await?;
        let service_specific_credential = NewCredential::of(cx, credential, head.name, secret);
        Ok(CreateServiceSpecificCredentialResponse { service_specific_credential })
    }
}

/// What the user signs in as: the first one by its name, the next one with a number.
fn login(user: &str, turn: u32, account: &str) -> String {
    // UNVERIFIED: that an API key's alias has the same form.
    if turn == 0 { format!("{user}-at-{account}") } else { format!("{user}+{turn}-at-{account}") }
}

/// Gives a credential another secret; the former one is of no use any more.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ResetServiceSpecificCredential.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResetServiceSpecificCredential {
    user_name: Option<String>,
    service_specific_credential_id: String,
}

impl Operation for ResetServiceSpecificCredential {
    const NAME: &'static str = "ResetServiceSpecificCredential";
    type Output = CreateServiceSpecificCredentialResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let (name, id) = (self.user_name.as_ref(), &self.service_specific_credential_id);
        demand(cx, "iam:ResetServiceSpecificCredential", name, id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateServiceSpecificCredentialResponse> {
        let (holder, user_name) = holder(cx, self.user_name.as_ref()).await?;
        let mut credential = known(cx, &holder, &self.service_specific_credential_id).await?;
        let secret = credential.renew(cx);
        cx.put(cx.here(), &credential).await?;
        let user_name = user_name.unwrap_or_else(|| cx.account().to_string());
        let service_specific_credential = NewCredential::of(cx, credential, user_name, secret);
        Ok(CreateServiceSpecificCredentialResponse { service_specific_credential })
    }
}

/// Takes a credential out of use, or puts it back into use.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateServiceSpecificCredential.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateServiceSpecificCredential {
    user_name: Option<String>,
    service_specific_credential_id: String,
    status: String,
}

impl Operation for UpdateServiceSpecificCredential {
    const NAME: &'static str = "UpdateServiceSpecificCredential";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let (name, id) = (self.user_name.as_ref(), &self.service_specific_credential_id);
        demand(cx, "iam:UpdateServiceSpecificCredential", name, id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (holder, _) = holder(cx, self.user_name.as_ref()).await?;
        let mut credential = known(cx, &holder, &self.service_specific_credential_id).await?;
        credential.status = Status::read(&self.status, Self::NAME)?;
        cx.put(cx.here(), &credential).await?;
        Ok(Empty {})
    }
}

/// Removes a credential.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceSpecificCredential.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteServiceSpecificCredential {
    user_name: Option<String>,
    service_specific_credential_id: String,
}

impl Operation for DeleteServiceSpecificCredential {
    const NAME: &'static str = "DeleteServiceSpecificCredential";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let (name, id) = (self.user_name.as_ref(), &self.service_specific_credential_id);
        demand(cx, "iam:DeleteServiceSpecificCredential", name, id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (holder, _) = holder(cx, self.user_name.as_ref()).await?;
        let credential = known(cx, &holder, &self.service_specific_credential_id).await?;
        cx.delete::<ServiceCredential>(cx.here(), credential.key()).await?;
        Ok(Empty {})
    }
}
