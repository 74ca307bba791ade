//! What was queried, by workgroup, the newest first.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Job, Key, Page, Place, Resource, Result, Schedule, Scope, Timestamp};

use super::{Execution, REMEMBERED, Stop};

/// An entry.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    group: String,
    pub(super) submitted: Timestamp,
    pub(super) id: String,
}

impl Resource for Entry {
    const KIND: &'static str = "athena/history";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        key(&self.group, self.submitted, &self.id)
    }
}

/// Key of an entry: later ones come first.
pub(super) fn key(group: &str, submitted: Timestamp, id: &str) -> Key {
    (group, submitted.micros().saturating_neg(), id).into_key()
}

/// The token of a request, and the query that it started.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Token {
    pub(super) token: String,
    pub(super) id: String,
}

impl Resource for Token {
    const KIND: &'static str = "athena/request-token";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.token.as_str().into_key()
    }
}

/// Entries that are looked at for a result to be taken again.
const RECENT: usize = 100;

/// Ids of the last queries of a workgroup.
pub(super) async fn recent(cx: &mut Cx, place: Place, group: &str) -> Result<Vec<String>> {
    let entries = cx.list::<Entry>(place, group, Page::of(RECENT, None)).await?;
    Ok(entries.into_iter().map(|entry| entry.id).collect())
}

/// Enters a new query.
pub(super) async fn enter(cx: &mut Cx, execution: &Execution) -> Result<()> {
    let (place, id) = (cx.here(), execution.id.clone());
    let entry = Entry { group: execution.group.clone(), submitted: execution.submitted, id: id.clone() };
    cx.insert(place, &entry)?;
    if let Some(token) = execution.token.clone() {
        cx.insert(place, &Token { token, id: id.clone() })?;
    }
    let at = execution.submitted.plus(REMEMBERED);
    cx.enqueue(&Forget { id }, Schedule::at(at)).await.map(drop)
}

async fn forget(cx: &mut Cx, id: &str) -> Result<()> {
    let place = cx.here();
    let Some(execution) = cx.delete::<Execution>(place, id).await? else { return Ok(()) };
    cx.discard::<Entry>(place, key(&execution.group, execution.submitted, id))?;
    cx.discard::<Stop>(place, id)?;
    if let Some(token) = &execution.token {
        cx.discard::<Token>(place, token)?;
    }
    Ok(())
}

/// Whether nothing was queried in a workgroup.
pub(crate) async fn is_none_of(cx: &mut Cx, group: &str) -> Result<bool> {
    let place = cx.here();
    Ok(cx.list::<Entry>(place, group, Page::of(1, None)).await?.is_empty())
}

/// Forgets everything that was queried in a workgroup.
pub(crate) async fn delete_all_of(cx: &mut Cx, group: &str) -> Result<()> {
    let place = cx.here();
    for entry in cx.list::<Entry>(place, group, Page::ALL).await? {
        forget(cx, &entry.id).await?;
    }
    Ok(())
}

/// Forgets a query, in its time.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Forget {
    id: String,
}

impl Job for Forget {
    const NAME: &'static str = "athena/forget";
    const PRINCIPAL: &'static str = "athena.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        forget(cx, &self.id).await
    }
}
