//! Listing credentials for single services.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result, Timestamp};

use super::{ServiceCredential, ServiceName, of};
use crate::access;
use crate::entity::by_id;
use crate::errors::InvalidInputException;
use crate::page::Wanted;
use crate::user::{self, User};

/// Lists the credentials of a user, or of all users, without their secrets.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServiceSpecificCredentials.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListServiceSpecificCredentials {
    user_name: Option<String>,
    service_name: Option<String>,
    all_users: Option<bool>,
    marker: Option<String>,
    max_items: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListServiceSpecificCredentialsResponse {
    service_specific_credentials: Vec<CredentialView>,
    marker: Option<String>,
    is_truncated: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CredentialView {
    user_name: String,
    status: String,
    service_user_name: Option<String>,
    service_credential_alias: Option<String>,
    create_date: Timestamp,
    expiration_date: Option<Timestamp>,
    service_specific_credential_id: String,
    service_name: ServiceName,
}

impl ListServiceSpecificCredentials {
    fn of_all(&self) -> bool {
        self.all_users == Some(true)
    }
}

impl Operation for ListServiceSpecificCredentials {
    const NAME: &'static str = "ListServiceSpecificCredentials";
    type Output = ListServiceSpecificCredentialsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        if self.of_all() {
            return access::to(cx, "iam:ListServiceSpecificCredentials");
        }
        user::demand(cx, "iam:ListServiceSpecificCredentials", self.user_name.as_ref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListServiceSpecificCredentialsResponse> {
        let service = self.service_name.as_deref().map(ServiceName::read).transpose()?;
        let mut found = match (self.of_all(), &self.user_name) {
            (true, Some(_)) => {
                // UNVERIFIED: AWS's wording.
                return Err(InvalidInputException::because("UserName and AllUsers cannot be given together."));
            }
            (true, None) => cx.list::<ServiceCredential>(cx.here(), (), Page::ALL).await?,
            (false, name) => {
                let (holder, _) = user::holder(cx, name.as_ref()).await?;
                of(cx, cx.here(), &holder).await?
            }
        };
        found.retain(|credential| service.is_none_or(|service| credential.service == service));
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let page = wanted.of(found, |credential| credential.id.clone())?;
        let mut views = Vec::with_capacity(page.items.len());
        for credential in page.items {
            let user = by_id::<User>(cx, cx.here(), &credential.holder).await?;
            let (alias, login) = match credential.is_key() {
                true => (Some(credential.login.clone()), None),
                false => (None, Some(credential.login.clone())),
            };
            views.push(CredentialView {
                user_name: user.map(|user| user.head.name).unwrap_or_default(),
                status: credential.status(cx.now()).to_owned(),
                service_user_name: login,
                service_credential_alias: alias,
                create_date: credential.created,
                expiration_date: credential.expires,
                service_specific_credential_id: credential.id,
                service_name: credential.service,
            });
        }
        Ok(ListServiceSpecificCredentialsResponse {
            service_specific_credentials: views,
            is_truncated: page.marker.is_some(),
            marker: page.marker,
        })
    }
}
