//! Crawlers: what is stored of them, and how their runs come to be.
//!
//! | kind | key | what |
//! | --- | --- | --- |
//! | `glue/crawler` | name | a crawler and its state |
//! | `glue/crawl` | name of the crawler, time of start (latest first), id | a run of it |
//! | `glue/crawl-deed` | id of the run, number | what a run still has to write to the catalog |
//! | `glue/crawl-stop` | id of the run | that it is to stop |
//!
//! The way of a run: [`run`] takes on the role; `run/survey` lists and reads objects outside of any transaction and
//! recognises them (`recognize`); `grouping` finds the tables in the folders; `plan` compares them with the catalog;
//! what is to be written is stored as deeds, each of which is done in a transaction of its own.

pub(crate) mod configuration;
pub(crate) mod crawl;
pub(crate) mod create;
pub(crate) mod definition;
pub(crate) mod delete;
pub(crate) mod event;
pub(crate) mod get;
pub(crate) mod glob;
pub(crate) mod grouping;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod metrics;
pub(crate) mod naming;
pub(crate) mod plan;
pub(crate) mod recognize;
pub(crate) mod role;
pub(crate) mod run;
pub(crate) mod schedule;
pub(crate) mod schema;
pub(crate) mod shape;
pub(crate) mod start;
pub(crate) mod stop;
pub(crate) mod target;
pub(crate) mod update;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::errors::not_found;
use definition::Definition;

/// A crawler as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Crawler {
    pub(crate) name: String,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) version: u64,
    pub(crate) definition: Definition,
    pub(crate) schedule: Option<Schedule>,
    pub(crate) state: State,
    /// The run that is under way.
    pub(crate) current: Option<Current>,
    pub(crate) last: Option<Last>,
    /// Of all runs.
    pub(crate) written: Written,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Resource for Crawler {
    const KIND: &'static str = "glue/crawler";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

/// What a crawler does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    Ready,
    Running,
    Stopping,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::Running => "RUNNING",
            Self::Stopping => "STOPPING",
        }
    }
}

/// Which run is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Current {
    pub(crate) started: Timestamp,
    pub(crate) id: String,
}

/// How the last run ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Last {
    pub(crate) status: crawl::Ending,
    pub(crate) error: Option<String>,
    pub(crate) started: Timestamp,
    pub(crate) ended: Timestamp,
}

/// When a crawler starts by itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Schedule {
    pub(crate) expression: String,
    pub(crate) running: bool,
}

/// How many things were written to the catalog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Written {
    pub(crate) tables_created: u32,
    pub(crate) tables_updated: u32,
    pub(crate) tables_deleted: u32,
    pub(crate) partitions_created: u32,
    pub(crate) partitions_updated: u32,
    pub(crate) partitions_deleted: u32,
}

impl Written {
    pub(crate) fn add(&mut self, more: Self) {
        self.tables_created += more.tables_created;
        self.tables_updated += more.tables_updated;
        self.tables_deleted += more.tables_deleted;
        self.partitions_created += more.partitions_created;
        self.partitions_updated += more.partitions_updated;
        self.partitions_deleted += more.partitions_deleted;
    }
}

/// The ARN of a crawler.
pub(crate) fn arn(place: Place, name: &str) -> Arn {
    place.arn("glue", format_args!("crawler/{name}"))
}

/// The access to a crawler, which need not be there.
pub(crate) async fn access(cx: &mut Cx, operation: &str, name: &str) -> Result<Access> {
    let place = cx.here();
    let access = Access::to(format!("glue:{operation}")).on(arn(place, name)).recorded_as("AWS::Glue::Crawler");
    Ok(match cx.get::<Crawler>(place, name).await? {
        Some(crawler) => access.resource_tags(&crawler.tags),
        None => access,
    })
}

/// The crawler of a name.
///
/// # Errors
/// `EntityNotFoundException`
pub(crate) async fn get_one(cx: &mut Cx, name: &str) -> Result<Crawler> {
    let found = cx.get::<Crawler>(cx.here(), name).await?;
    found.ok_or_else(|| not_found(format!("Crawler entry with name {name} does not exist")))
}
