//! CloudTrail Lake: event data stores that keep events for years, and channels through which events of other sources
//! come into them.
//!
//! A call that is recorded is kept by each [event data store](store) that selects it, in the call's own transaction;
//! what comes through a [channel] is kept by the stores that the channel leads to. A [query] reads them by SQL.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-lake.html>

pub(crate) mod audit;
pub(crate) mod channel;
pub(crate) mod event;
pub(crate) mod policy;
pub(crate) mod query;
pub(crate) mod selector;
pub(crate) mod store;
