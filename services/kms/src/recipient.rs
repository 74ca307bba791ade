//! `Recipient`: an enclave that is to get the answer encrypted for it alone.

use serde::Deserialize;
use welkin_kernel::Result;

use crate::errors::NotImplemented;

/// An enclave that is to get the answer: not implemented, refused by name.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Recipient {}

/// Refuses answers that are encrypted for an enclave: there are no enclaves whose documents could be trusted.
pub(crate) fn refuse_recipient(recipient: Option<&Recipient>) -> Result<()> {
    match recipient {
        None => Ok(()),
        Some(Recipient {}) => Err(NotImplemented::because(
            "Welkin does not implement Recipient (AWS Nitro Enclaves, NitroTPM) of KMS yet.",
        )),
    }
}
