//! Who owns an account, and where that person is reached:
//! <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-update-contact-primary.html>.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Resource, Result, Scope};

use crate::code::Code;
use crate::errors::{ConflictException, ResourceNotFoundException, field};
use crate::subject::Subject;

/// The primary contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContactInformation {
    full_name: String,
    address_line1: String,
    address_line2: Option<String>,
    address_line3: Option<String>,
    city: String,
    state_or_region: Option<String>,
    district_or_county: Option<String>,
    postal_code: String,
    country_code: String,
    phone_number: String,
    company_name: Option<String>,
    website_url: Option<String>,
}

/// The primary contact of an account, and whether its telephone was answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Contact {
    information: ContactInformation,
    verified: bool,
    /// The code that was sent to the telephone.
    code: Option<Code>,
}

impl Resource for Contact {
    const KIND: &'static str = "account/contact";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        ().into_key()
    }
}

/// Whether the telephone number is known to be that of the contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Verification {
    #[serde(rename = "PENDING")]
    Pending,
    #[serde(rename = "VERIFIED")]
    Verified,
    #[serde(rename = "UNVERIFIED")]
    Unverified,
}

impl Contact {
    fn verification(&self) -> Verification {
        match self {
            Self { verified: true, .. } => Verification::Verified,
            Self { code: Some(_), .. } => Verification::Pending,
            _ => Verification::Unverified,
        }
    }
}

async fn named(cx: &mut Cx, subject: Subject) -> Result<Contact> {
    let place = subject.place(cx);
    let contact = cx.get::<Contact>(place, ()).await?;
    contact.ok_or_else(|| ResourceNotFoundException::because("No contact information found."))
}

/// Shows the primary contact.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_GetContactInformation.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetContactInformation {
    account_id: Option<Subject>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetContactInformationResponse {
    contact_information: ContactInformation,
    verification_status: Verification,
}

impl Operation for GetContactInformation {
    const NAME: &'static str = "GetContactInformation";
    type Output = GetContactInformationResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.account_id.unwrap_or_default().demand(cx, "account:GetContactInformation").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetContactInformationResponse> {
        let subject = self.account_id.unwrap_or_default();
        subject.hold(cx).await?;
        let contact = named(cx, subject).await?;
        let verification_status = contact.verification();
        Ok(GetContactInformationResponse { contact_information: contact.information, verification_status })
    }
}

/// Sets the primary contact. Another telephone number has to be verified anew.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_PutContactInformation.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutContactInformation {
    contact_information: ContactInformation,
    account_id: Option<Subject>,
}

impl Operation for PutContactInformation {
    const NAME: &'static str = "PutContactInformation";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.account_id.unwrap_or_default().demand(cx, "account:PutContactInformation").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let subject = self.account_id.unwrap_or_default();
        subject.hold(cx).await?;
        let country = &self.contact_information.country_code;
        if !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(field("countryCode", "The country code must be the ISO 3166 two-letter code."));
        }
        let place = subject.place(cx);
        let before = cx.get::<Contact>(place, ()).await?;
        let same = |before: &Contact| before.information.phone_number == self.contact_information.phone_number;
        let (verified, code) = match before.filter(same) {
            Some(before) => (before.verified, before.code),
            None => (false, None),
        };
        cx.put(place, &Contact { information: self.contact_information.clone(), verified, code }).await?;
        Ok(Empty {})
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VerificationResponse {
    status: Verification,
}

/// Sends a code to the telephone of the primary contact; the operator of Welkin finds it in the outbox.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_SendPhoneNumberVerification.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SendPhoneNumberVerification {
    account_id: Option<Subject>,
}

impl Operation for SendPhoneNumberVerification {
    const NAME: &'static str = "SendPhoneNumberVerification";
    type Output = VerificationResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.account_id.unwrap_or_default().demand(cx, "account:SendPhoneNumberVerification").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<VerificationResponse> {
        let subject = self.account_id.unwrap_or_default();
        subject.hold(cx).await?;
        let mut contact = named(cx, subject).await?;
        if contact.verified {
            return Err(ConflictException::because("The phone number is verified already."));
        }
        let code = Code::new(cx);
        let text = format!("Your verification code is {}.", code.text());
        cx.send_message(&contact.information.phone_number, "Verify your phone number", text).await?;
        contact.code = Some(code);
        let place = subject.place(cx);
        cx.put(place, &contact).await?;
        Ok(VerificationResponse { status: Verification::Pending })
    }
}

/// Verifies the telephone number of the primary contact by the code that was sent to it.
/// <https://docs.aws.amazon.com/accounts/latest/reference/API_VerifyPhoneNumber.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VerifyPhoneNumber {
    account_id: Option<Subject>,
    otp: String,
}

impl Operation for VerifyPhoneNumber {
    const NAME: &'static str = "VerifyPhoneNumber";
    type Output = VerificationResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.account_id.unwrap_or_default().demand(cx, "account:VerifyPhoneNumber").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<VerificationResponse> {
        let subject = self.account_id.unwrap_or_default();
        subject.hold(cx).await?;
        let mut contact = named(cx, subject).await?;
        let now = cx.now();
        let Some(code) = &mut contact.code else {
            return Err(ConflictException::because("No verification code was sent."));
        };
        contact.verified = code.is(&self.otp, now);
        if contact.verified {
            contact.code = None;
        }
        let place = subject.place(cx);
        cx.put(place, &contact).await?;
        // A wrong try is no error, so that it is counted.
        // UNVERIFIED: AWS's documentation does not say what a wrong code answers.
        Ok(VerificationResponse { status: contact.verification() })
    }
}
