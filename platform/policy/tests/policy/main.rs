//! The policy language against AWS's documentation: one table per topic.
#![allow(clippy::unwrap_used)]

mod actions_and_arns;
mod conditions;
mod cross_account;
mod differential;
mod explain;
mod grammar;
mod keys_and_trust;
mod lists;
mod messages;
mod organization;
mod principals;
mod properties;
mod same_account;
mod scene;
mod variables;
