//! Whom AWS writes to besides the owner:
//! <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-update-contact-alternate.html>.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Resource, Result, Scope};

use crate::errors::ResourceNotFoundException;
use crate::subject::Subject;

/// What a contact is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    #[serde(rename = "BILLING")]
    Billing,
    #[serde(rename = "OPERATIONS")]
    Operations,
    #[serde(rename = "SECURITY")]
    Security,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Billing => "BILLING",
            Self::Operations => "OPERATIONS",
            Self::Security => "SECURITY",
        }
    }
}

/// A contact.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AlternateContact {
    name: String,
    title: String,
    email_address: String,
    phone_number: String,
    alternate_contact_type: Kind,
}

impl Resource for AlternateContact {
    const KIND: &'static str = "account/alternate-contact";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        self.alternate_contact_type.name().into_key()
    }
}

async fn demand(cx: &mut Cx, action: &'static str, subject: Option<Subject>, kind: Kind) -> Result<Access> {
    let access = subject.unwrap_or_default().demand(cx, action).await?;
    Ok(access.keys("account:AlternateContactTypes", [kind.name().to_owned()]))
}

fn none() -> welkin_kernel::Error {
    ResourceNotFoundException::because("No contact of the inputted alternate contact type found.")
}

/// Shows a contact.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_GetAlternateContact.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAlternateContact {
    alternate_contact_type: Kind,
    account_id: Option<Subject>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAlternateContactResponse {
    alternate_contact: AlternateContact,
}

impl Operation for GetAlternateContact {
    const NAME: &'static str = "GetAlternateContact";
    type Output = GetAlternateContactResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "account:GetAlternateContact", self.account_id, self.alternate_contact_type).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetAlternateContactResponse> {
        let subject = self.account_id.unwrap_or_default();
        subject.hold(cx).await?;
        let place = subject.place(cx);
        let contact = cx.get::<AlternateContact>(place, self.alternate_contact_type.name()).await?;
        Ok(GetAlternateContactResponse { alternate_contact: contact.ok_or_else(none)? })
    }
}

/// Sets a contact.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_PutAlternateContact.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutAlternateContact {
    name: String,
    title: String,
    email_address: String,
    phone_number: String,
    alternate_contact_type: Kind,
    account_id: Option<Subject>,
}

impl Operation for PutAlternateContact {
    const NAME: &'static str = "PutAlternateContact";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "account:PutAlternateContact", self.account_id, self.alternate_contact_type).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let subject = self.account_id.unwrap_or_default();
        subject.hold(cx).await?;
        let contact = AlternateContact {
            name: self.name.clone(),
            title: self.title.clone(),
            email_address: self.email_address.clone(),
            phone_number: self.phone_number.clone(),
            alternate_contact_type: self.alternate_contact_type,
        };
        let place = subject.place(cx);
        cx.put(place, &contact).await?;
        Ok(Empty {})
    }
}

/// Removes a contact.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_DeleteAlternateContact.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteAlternateContact {
    alternate_contact_type: Kind,
    account_id: Option<Subject>,
}

impl Operation for DeleteAlternateContact {
    const NAME: &'static str = "DeleteAlternateContact";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "account:DeleteAlternateContact", self.account_id, self.alternate_contact_type).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let subject = self.account_id.unwrap_or_default();
        subject.hold(cx).await?;
        let place = subject.place(cx);
        let contact = cx.delete::<AlternateContact>(place, self.alternate_contact_type.name()).await?;
        contact.map(|_| Empty {}).ok_or_else(none)
    }
}
