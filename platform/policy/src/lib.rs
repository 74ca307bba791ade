//! The IAM policy language as a pure library: parse, match, evaluate, explain. No I/O, no clock.
//!
//! * [`Document::parse`] reads one policy and reports every grammar error with its place.
//! * [`evaluate`] decides one request over all the policies that bear on it.
//! * [`explain`] decides the same and says, statement by statement, why.
//!
//! ```
//! use welkin_policy::{
//!     Attached, Document, DocumentKind, MapContext, Outcome, Policies, PrincipalFacts, Request, evaluate,
//! };
//!
//! let json = r#"{"Version": "2012-10-17", "Statement": {
//!     "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::home/${aws:username}/*"}}"#;
//! let document = Document::parse(json, DocumentKind::Identity)?;
//! let ann = PrincipalFacts::user("111122223333", "arn:aws:iam::111122223333:user/ann", "AIDAEXAMPLEEXAMPLE123");
//! let request = Request {
//!     principal: &ann,
//!     action: "s3:GetObject",
//!     resource: "arn:aws:s3:::home/ann/notes.txt",
//!     alias: None,
//!     resource_account: Some("111122223333"),
//!     context: &MapContext::new().with("aws:username", "ann"),
//! };
//! let attached = Attached { id: "home", kind: DocumentKind::Identity, document: &document };
//! let policies = Policies { identity: &[attached], ..Policies::default() };
//! assert_eq!(evaluate(&request, &policies).outcome, Outcome::Allow);
//! # Ok::<(), welkin_policy::Diagnostics>(())
//! ```
//!
//! The language: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies.html>.
//! The decision: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>.

mod advice;
mod arn;
mod condition;
mod context;
mod decision;
mod diagnostics;
mod document;
mod evaluate;
mod explain;
mod grammar;
mod json;
mod pattern;
mod principal;
mod request;
mod resource_control;
mod statement;

pub use advice::advice;
pub use arn::{matches_arn, matches_arn_like};
pub use condition::ValueKind;
pub use context::{Context, MapContext, Values};
pub use decision::{ConditionTrace, Decision, Element, KeyUse, Outcome, PolicyTrace, Reason, StatementTrace};
pub use diagnostics::{Diagnostic, DiagnosticCode, Diagnostics};
pub use document::{Document, DocumentKind, Version};
pub use evaluate::evaluate;
pub use explain::explain;
pub use pattern::matches_action;
pub use principal::{Identity, Issuer, Naming, PrincipalElement, PrincipalEntry, PrincipalFacts};
pub use request::{Attached, Level, Policies, Request, ResourceRule};
pub use resource_control::has_resource_control;
pub use statement::{Effect, Statement};
