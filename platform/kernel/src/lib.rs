//! The kernel: what every service stands on.
//!
//! A service registers [`Operation`]s and [`Job`]s. The kernel carries each request through one chain (see
//! `chain.rs`): authenticate, parse, authorise, limit, run in a transaction, record, serialise.

mod access;
mod account;
mod account_profile;
mod arn;
pub mod authorization_message;
mod call;
pub mod canonical_user;
mod chain;
mod chance;
mod clock;
pub mod credentials;
mod cx;
mod data_lake;
mod documents;
mod error;
mod explain;
mod family;
mod feed;
mod gate;
mod job;
mod kernel;
mod limit;
mod measurement;
mod operation;
mod outbox;
pub mod page;
mod ports;
mod principal;
mod probe;
mod public_file;
mod queue;
mod record;
mod region;
mod resource;
mod runner;
mod scrub;
mod seal;
mod service;
mod service_event;
mod stamp_cache;
mod state;
mod sweep;
mod whole_state;

pub use access::{Access, Through};
pub use account::{AccountId, NotAnAccountId};
pub use account_profile::AccountProfile;
pub use arn::{Arn, NotAnArn};
pub use call::{Answered, Call};
pub use chain::{AnsweredRequest, FollowUp, Request, Visitor};
pub use chance::Chance;
pub use clock::Clock;
pub use cx::{Cx, Facts, Signature, TlsSession};
pub use data_lake::{
    CatalogEntry, DataLake, LakeCells, LakeDemand, LakePermission, LakeRights, LakeThing, TableCatalog,
};
pub use error::{Answer, Error, ErrorSpec, Result};
pub use explain::{DecisionRecord, KEPT};
pub use feed::Feed;
pub use job::{Job, JobRow, Schedule};
pub use kernel::{Kernel, Parts, Settings, StartError};
pub use limit::Limit;
pub use measurement::{Measurement, Unit};
pub use operation::{Empty, Event, Operation};
pub use outbox::{ANSWERED, Message};
pub use ports::{
    AccessKey, AssumableRole, Directory, EventBuses, Guardrails, IdentityPolicies, Membership, Meters, MfaFailure,
    NamedPolicy, OidcProvider, OptIns, PublicFile, PublicFiles, Recorder, SamlProvider, TagRule, Use, WebPage,
    WebPages, WebSites,
};
pub use principal::{Caller, Federated, Principal, Role, ServicePrincipal, Session, SessionOf, User};
pub use record::{CallRecord, DataRecord, RecordKind, RecordedResource, ServiceRecord, Tls};
pub use region::{NotARegion, Partition, Place, Region};
pub use resource::{IntoKey, Key, Resource, Scope};
pub use scrub::{Scrub, Trouble};
pub use seal::{ROOT_KEY_LEN, Sealer};
pub use service::{Coverage, Registry, Service};
pub use service_event::ServiceEvent;
pub use stamp_cache::StampCache;
pub use state::Page;
pub use welkin_policy::ResourceRule;
pub use welkin_wire::{Body, Fraction, Map, Timestamp, Value};
pub use whole_state::{Carried, HalfDone, ReplaceError, half_done, replace};

/// The parts of the platform that services use directly.
pub use {welkin_blob as blob, welkin_model as model, welkin_policy as policy, welkin_wire as wire};
