//! Holding a new version against older ones.
//!
//! "A version that is marked as a checkpoint is used to determine the compatibility of adding new versions of a schema":
//! modes of all versions go back to it, the others to the last version:
//! <https://docs.aws.amazon.com/glue/latest/dg/schema-registry.html#schema-registry-compatibility>. What takes long is
//! done by a job, and the version is PENDING meanwhile.
// UNVERIFIED: how checkpoints and the last version go together; how many versions AWS looks at before it answers.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Job, Page, Place, Result, Schedule};

use super::{Status, Version, parse};
use crate::registry::Address as RegistryAddress;
use crate::registry::definition::Parsed;
use crate::registry::schema::{Address, Schema};

/// Versions that one run looks at: definitions have up to 170 kB.
const BATCH: usize = 20;

/// Holds a version against the older ones before `before`, the newest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Judge {
    registry: String,
    schema: String,
    number: u64,
    before: u64,
}

/// What came of a run.
pub(super) enum Verdict {
    Told(Status),
    /// A job goes on.
    Open,
}

impl Judge {
    /// Begins with the version before.
    pub(super) fn new(version: &Version) -> Self {
        let (registry, schema) = (version.registry.clone(), version.name.clone());
        Self { registry, schema, number: version.number, before: version.number }
    }

    /// Looks at some versions, and keeps what it finds.
    pub(super) async fn run(&self, cx: &mut Cx, place: Place, schema: Schema, version: &Version) -> Result<Verdict> {
        let mode = schema.compatibility;
        let text = version.text(cx, place).await?;
        let parsed = parse(schema.format, &text)?;
        if !mode.backward() && !mode.forward() {
            return tell(cx, place, schema, version, Status::Available).await;
        }
        let older = self.older(cx, place, &schema).await?;
        let whole = older.len() == BATCH;
        let mut last = self.before;
        for one in older {
            last = one.number;
            if mode.all() && last < schema.checkpoint {
                return tell(cx, place, schema, version, Status::Available).await;
            }
            if one.status != Status::Available {
                continue;
            }
            let old = parse(schema.format, &one.text(cx, place).await?)?;
            if !goes_with(&schema, &parsed, &old) {
                return tell(cx, place, schema, version, Status::Failure).await;
            }
            if !mode.all() {
                return tell(cx, place, schema, version, Status::Available).await;
            }
        }
        if !whole {
            return tell(cx, place, schema, version, Status::Available).await;
        }
        cx.enqueue_at(place, &Self { before: last, ..self.clone() }, Schedule::now()).await?;
        Ok(Verdict::Open)
    }

    /// Versions before, the newest first.
    async fn older(&self, cx: &mut Cx, place: Place, schema: &Schema) -> Result<Vec<Version>> {
        let key = (schema.id, self.before).into_key();
        let page = Page { reverse: true, ..Page::of(BATCH, Some(&key)) };
        cx.list::<Version>(place, schema.id, page).await
    }
}

fn goes_with(schema: &Schema, new: &Parsed, old: &Parsed) -> bool {
    let mode = schema.compatibility;
    (!mode.backward() || new.reads(old)) && (!mode.forward() || old.reads(new))
}

/// Keeps what is found of a version.
async fn tell(cx: &mut Cx, place: Place, mut schema: Schema, version: &Version, status: Status) -> Result<Verdict> {
    cx.put(place, &Version { status, ..version.clone() }).await?;
    if status == Status::Available && version.number > schema.latest {
        schema.latest = version.number;
        cx.put(place, &schema).await?;
    }
    Ok(Verdict::Told(status))
}

impl Job for Judge {
    const NAME: &'static str = "glue/judge-schema-version";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let registry = RegistryAddress { place, name: self.registry.clone() };
        let address = Address { registry, name: self.schema.clone() };
        let Some(schema) = address.find(cx).await? else { return Ok(()) };
        let version = cx.get::<Version>(place, (schema.id, self.number)).await?;
        match version.filter(|version| version.status == Status::Pending) {
            Some(version) => Self::run(self, cx, place, schema, &version).await.map(|_| ()),
            None => Ok(()),
        }
    }
}
