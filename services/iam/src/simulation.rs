//! The policy simulator: what policies would decide, by the evaluator that guards every call.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html>

mod action;
mod caller;
mod context;
mod context_keys;
mod custom;
mod evaluation;
mod exclusion;
mod organization;
mod principal;
mod resource;
mod source;

pub(crate) use context_keys::{GetContextKeysForCustomPolicy, GetContextKeysForPrincipalPolicy};
pub(crate) use custom::SimulateCustomPolicy;
pub(crate) use principal::SimulatePrincipalPolicy;

use crate::errors::InvalidInputException;

/// The input is of the right form, but cannot be simulated.
fn invalid(why: impl Into<String>) -> welkin_kernel::Error {
    InvalidInputException::because(why)
}
