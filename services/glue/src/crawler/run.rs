//! The job that carries a run on.
//!
//! What there is to write is found out outside of the transaction ([`survey`]), and stored as deeds; each deed is then a
//! call of Glue's own within a transaction that also removes it, so that it is done, and counted, once, whenever the
//! process dies. A run that dies before it has found everything out begins again.

mod iceberg;
mod reader;
mod sample;
mod survey;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use welkin_kernel::{Answer, Call, Cx, Error, Job, Page, Result, Schedule, Timestamp};

use super::crawl::{self, Crawl, Ending, Stop};
use super::plan::{Act, Deed};
use super::role::{self, Session};
use super::{Crawler, Last, State, event};
use crate::classifier::Classifier;

/// Carries a run on.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) crawler: String,
    pub(crate) started: Timestamp,
    pub(crate) id: String,
}

/// Comes to an end when the run is stopped.
type Stopped = BoxFuture<'static, ()>;

/// Why a run does not go on.
#[derive(Clone, Debug)]
enum Failure {
    Stopped,
    Failed(String),
}

/// What keeps a run from something: what it fails by, or what it is tried again after.
enum Trouble {
    Failure(Failure),
    Error(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error.answer() {
            Some(answer) if answer.status.is_none_or(|status| status < 500) => {
                Self::Failure(Failure::Failed(told(answer)))
            }
            _ => Self::Error(error),
        }
    }
}

/// What another service answered, as the message of a run.
fn told(answer: &Answer) -> String {
    format!("{}: {}", answer.code, answer.message)
}

/// Seconds that a session must last still.
const SPARE: std::time::Duration = std::time::Duration::from_secs(300);

/// Whether a session lasts long enough for what is next.
fn lasts(cx: &Cx, session: &Session) -> bool {
    cx.after(SPARE) < session.expires
}

/// A message is at most so long.
const LONGEST: usize = 2000;

impl Job for Run {
    const NAME: &'static str = "glue/crawl";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        // Made before the state is read, so that no stop is missed.
        let mut stop = cx.watch::<Stop>(place, self.id.as_str());
        let stopped: Stopped = Box::pin(async move { stop.changed().await });
        let key = crawl::key(&self.crawler, self.started, &self.id);
        let Some(crawl) = cx.get::<Crawl>(place, key).await? else { return Ok(()) };
        let Some(crawler) = cx.get::<Crawler>(place, self.crawler.as_str()).await? else { return Ok(()) };
        if crawl.ending.is_some() {
            return Ok(());
        }
        if crawler.state == State::Stopping {
            return end(cx, crawler, crawl, Ending::Cancelled, None).await;
        }
        let gone_on = match crawl.surveyed {
            false => self.survey(cx, &crawler, crawl.clone(), stopped).await,
            true => self.step(cx, &crawler, crawl.clone()).await,
        };
        match gone_on {
            Ok(true) => cx.enqueue(self, Schedule::now()).await.map(drop),
            Ok(false) => end(cx, crawler, crawl, Ending::Succeeded, None).await,
            Err(Trouble::Failure(Failure::Stopped)) => end(cx, crawler, crawl, Ending::Cancelled, None).await,
            Err(Trouble::Failure(Failure::Failed(why))) => end(cx, crawler, crawl, Ending::Failed, Some(why)).await,
            Err(Trouble::Error(error)) => Err(error),
        }
    }
}

impl Run {
    /// Finds out what there is to write, and stores it.
    async fn survey(
        &self,
        cx: &mut Cx,
        crawler: &Crawler,
        mut crawl: Crawl,
        stopped: Stopped,
    ) -> std::result::Result<bool, Trouble> {
        let mut classifiers = Vec::new();
        for name in &crawler.definition.classifiers {
            classifiers.extend(cx.get::<Classifier>(cx.here(), name.as_str()).await?);
        }
        let surveyed = cx
            .stage(async |cx| match survey::survey(cx, crawler, &classifiers, stopped).await {
                Ok(surveyed) => Ok(Ok(Arc::new(surveyed))),
                Err(Trouble::Failure(failure)) => Ok(Err(failure)),
                Err(Trouble::Error(error)) => Err(error),
            })
            .await
            .map_err(Trouble::Error)?;
        let surveyed = surveyed.map_err(Trouble::Failure)?;
        let place = cx.here();
        for (number, (act, input)) in (0..).zip(&surveyed.deeds) {
            let deed = Deed { crawl: self.id.clone(), number, act: *act, input: input.to_string() };
            cx.put(place, &deed).await?;
        }
        crawl.surveyed = true;
        crawl.session = Some(surveyed.session.clone());
        cx.put(place, &crawl).await?;
        Ok(true)
    }

    /// Does the next deed; whether there was one.
    async fn step(&self, cx: &mut Cx, crawler: &Crawler, mut crawl: Crawl) -> std::result::Result<bool, Trouble> {
        let place = cx.here();
        let next = cx.list::<Deed>(place, self.id.as_str(), Page::of(1, None)).await?.pop();
        let Some(deed) = next else { return Ok(false) };
        let session = match crawl.session.take().filter(|session| lasts(cx, session)) {
            Some(session) => session,
            None => role::assume(cx, place, &crawler.definition.role, &crawler.name).await?,
        };
        let input: Value = serde_json::from_str(&deed.input).map_err(Error::internal)?;
        let call = Call::to("glue", deed.act.operation()).input(&input).as_principal(session.principal.clone());
        let written = match cx.call(call).await {
            Ok(answered) => deed.act.written(refused(&answered.output()?)?),
            Err(error) if is_done(deed.act, &error) => super::Written::default(),
            Err(error) => return Err(error.into()),
        };
        crawl.written.add(written);
        crawl.session = Some(session);
        cx.discard::<Deed>(place, (self.id.as_str(), u64::from(deed.number)))?;
        cx.put(place, &crawl).await?;
        Ok(true)
    }
}

/// Whether somebody else has done what was to be done.
fn is_done(act: Act, error: &Error) -> bool {
    match act {
        Act::CreateDatabase | Act::CreateTable => error.is("AlreadyExistsException"),
        Act::DeleteTable => error.is("EntityNotFoundException"),
        _ => false,
    }
}

/// What a batch answered.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Batch {
    errors: Option<Vec<Refused>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Refused {
    error_detail: Option<Detail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Detail {
    error_code: Option<String>,
    error_message: Option<String>,
}

/// How many entries of a batch somebody else has seen to.
fn refused(batch: &Batch) -> std::result::Result<u32, Trouble> {
    let mut refused = 0;
    for error in batch.errors.iter().flatten() {
        let detail = error.error_detail.as_ref();
        let code = detail.and_then(|detail| detail.error_code.as_deref()).unwrap_or_default();
        if !matches!(code, "AlreadyExistsException" | "EntityNotFoundException") {
            let message = detail.and_then(|detail| detail.error_message.as_deref()).unwrap_or_default();
            return Err(Trouble::Failure(Failure::Failed(format!("{code}: {message}"))));
        }
        refused += 1;
    }
    Ok(refused)
}

/// Ends a run.
async fn end(cx: &mut Cx, mut crawler: Crawler, mut crawl: Crawl, ending: Ending, error: Option<String>) -> Result<()> {
    let (place, now) = (cx.here(), cx.now());
    let error = error.map(|error| error.chars().take(LONGEST).collect::<String>());
    cx.delete_all::<Deed>(place, crawl.id.as_str())?;
    cx.discard::<Stop>(place, crawl.id.as_str())?;
    crawl.ended = Some(now);
    crawl.ending = Some(ending);
    crawl.error.clone_from(&error);
    crawl.session = None;
    cx.put(place, &crawl).await?;
    crawler.state = State::Ready;
    crawler.current = None;
    crawler.written.add(crawl.written);
    crawler.last = Some(Last { status: ending, error, started: crawl.started, ended: now });
    cx.put(place, &crawler).await?;
    event::ended(cx, &crawl).await
}
