//! The way of a request, step by step.

mod answer;
mod authenticate;
mod authorise;
mod condition_keys;
mod cors;
mod follow_up;
mod form;
mod integrity;
mod payload;
mod record;
mod tag_rules;
mod throttle;
mod visit;

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::Response;
use welkin_model as model;
use welkin_store::Durability;
use welkin_wire::{Body, Route, Value};

pub(crate) use follow_up::Following;
pub use follow_up::{AnsweredRequest, FollowUp};
pub use visit::Visitor;

use follow_up::Pending;

use crate::error::{Again, Failure};
use crate::gate::Closed;
use crate::operation::{Event, Held, Prepared};
use crate::{Access, Cx, Error, Kernel, Limit, Region, Result, TlsSession, family::Family};
use record::Told;

/// A request that was routed to an operation.
pub struct Request {
    /// Service, operation, protocol and path.
    pub route: Route,
    /// Method, URI and headers as they were sent.
    pub parts: http::request::Parts,
    /// Body as it was sent.
    pub body: Body,
    /// The client's address.
    pub peer: SocketAddr,
    /// The TLS that it came over; `None` if it came without.
    pub tls: Option<TlsSession>,
    /// Region by the host name, for requests without signature.
    pub region: Option<Region>,
    /// Whether it is a browser's form upload to S3, routed as `PutObject`.
    pub form: bool,
}

impl Kernel {
    /// Serves a request: authenticate, parse, authorise, limit, run, record, serialise.
    ///
    /// Whatever goes wrong becomes the service's own error.
    pub async fn serve(self: &Arc<Self>, request: Request) -> Response<Body> {
        let route = request.route.clone();
        let request_id = answer::request_id(self, route.service);
        match cors::Visit::of(&request, &request_id) {
            None => self.served(request, &route, &request_id).await,
            Some(visit) => {
                let mut response = self.served(request, &route, &request_id).await;
                visit.decorate(self, &mut response).await;
                response
            }
        }
    }

    /// Answers a browser's preflight for a bucket of S3, by the bucket's rules.
    pub async fn preflight(self: &Arc<Self>, request: Request) -> Response<Body> {
        cors::preflight(self, request).await
    }

    /// Answers a visit to a web site that a service hosts.
    pub async fn visit(self: &Arc<Self>, request: Request) -> Response<Body> {
        let request_id = answer::request_id(self, request.route.service);
        let page = cors::Visit::of(&request, &request_id);
        let pending = Pending::of(self, &request);
        let mut response = visit::welcome(self, request, &request_id, &pending.following).await;
        if let Some(outcome) = pending.answered(self, &request_id, &response) {
            outcome.follow(self, &request_id).await;
        }
        if let Some(page) = page {
            page.decorate(self, &mut response).await;
        }
        response
    }

    async fn served(self: &Arc<Self>, request: Request, route: &Route, request_id: &str) -> Response<Body> {
        let pending = Pending::of(self, &request);
        let answering = self.answer(request, request_id, &pending.following);
        let served = self.gate.pass(AssertUnwindSafe(answering).catch_unwind()).await;
        let error = match served {
            Ok(Ok(Ok(response))) => {
                if let Some(outcome) = pending.answered(self, request_id, &response) {
                    outcome.follow(self, request_id).await;
                }
                return response;
            }
            Ok(Ok(Err(error))) => error,
            Err(Closed) => Self::unavailable(),
            Ok(Err(_)) => Error::internal("the operation panicked"),
        };
        let code = error.answer().map_or("InternalError".into(), |answer| answer.code.clone());
        let response = answer::error(route, error, request_id);
        if let Some(outcome) = pending.answered(self, request_id, &response) {
            outcome.with_error(code.into_owned()).follow(self, request_id).await;
        }
        response
    }

    async fn answer(
        self: &Arc<Self>,
        request: Request,
        request_id: &str,
        following: &Arc<Following>,
    ) -> Result<Response<Body>> {
        if request.form {
            return form::serve(self, request, request_id, following).await;
        }
        let (mut cx, route, input) = authenticate::authenticate(self, request, request_id, following).await?;
        let input = payload::parse(&mut cx, &route, input)?;
        let task = Task::new(&mut cx, route.service, route.operation, input).await?;
        let output = perform(&mut cx, &task).await?;
        answer::success(cx, &route, output)
    }
}

/// An operation with its input, on its way through the chain.
pub(crate) struct Task {
    pub(crate) service: &'static model::Service,
    pub(crate) operation: &'static model::Operation,
    pub(crate) family: Family,
    pub(crate) event: Event,
    pub(crate) read_only: Option<bool>,
    /// What its record tells of its input; `None` if there will be no record.
    pub(crate) told: Option<Told>,
    prepared: Arc<dyn Prepared>,
}

impl Task {
    pub(crate) async fn new(
        cx: &mut Cx,
        service: &'static model::Service,
        operation: &'static model::Operation,
        input: Value,
    ) -> Result<Self> {
        let kernel = Arc::clone(&cx.kernel);
        let entry = kernel.registry().operation(service.id, operation.name);
        let event = entry.map_or(Event::Management, |entry| entry.event);
        let read_only = entry.and_then(|entry| entry.read_only);
        let told = Told::of(cx, service, operation, event, &input).await?;
        let prepared = match entry {
            Some(entry) => (entry.prepare)(input)?,
            None => Arc::new(Unimplemented { service, operation }),
        };
        Ok(Self { service, operation, family: Family::of(service), event, read_only, told, prepared })
    }

    /// A call with an operation that is not registered; `input` is for the record.
    pub(crate) async fn held(
        cx: &mut Cx,
        service: &'static model::Service,
        operation: &'static model::Operation,
        input: &Value,
        held: Held,
    ) -> Result<Self> {
        let Held { event, read_only, prepared } = held;
        let told = Told::of(cx, service, operation, event, input).await?;
        Ok(Self { service, operation, family: Family::of(service), event, read_only, told, prepared })
    }
}

/// Runs a call until it commits: again after a conflict, after staged work, after waiting.
pub(crate) async fn perform(cx: &mut Cx, task: &Task) -> Result<Value> {
    for attempt in 0.. {
        cx.now = cx.kernel.clock().now();
        let transaction = match cx.run.transaction.take() {
            Some(transaction) if attempt == 0 => transaction,
            _ => cx.kernel.store().begin().await?,
        };
        cx.run.rewind(transaction);
        cx.reply = Default::default();
        let outcome = step(cx, task).await;
        let outcome = match outcome {
            Err(error) if error.is_again() => Err(error),
            done => match commit(cx).await {
                Ok(()) => return done,
                Err(error) => Err(error),
            },
        };
        match outcome.map_err(Error::into_failure) {
            Err(Failure::Again(again)) => before_next(cx, again).await?,
            Err(other) => return Err(Error::of(other)),
            Ok(value) => return Ok(value),
        }
    }
    Err(Error::internal("attempts are without end"))
}

/// One run of an operation: authorise, limit, run, record. A failure undoes what the operation wrote, and
/// is recorded itself.
pub(crate) fn step<'a>(cx: &'a mut Cx, task: &'a Task) -> BoxFuture<'a, Result<Value>> {
    // Boxed: an operation may call another one, through here.
    Box::pin(async move {
        cx.operation = Some(task.operation);
        let (savepoint, recorded) = (cx.transaction()?.savepoint(), cx.run.records.len());
        let measured = cx.run.measurements.len();
        let mut resources = Vec::new();
        let result = run(cx, task, &mut resources).await;
        if let Err(error) = &result {
            if error.is_again() {
                return result;
            }
            if let Some(transaction) = &mut cx.run.transaction {
                transaction.rollback_to(savepoint)?;
            }
            record::undo(cx, recorded);
            cx.undo_measurements(measured);
        }
        record::record(cx, task, resources, &result);
        record::notice(cx, task);
        result
    })
}

async fn run(cx: &mut Cx, task: &Task, resources: &mut Vec<crate::RecordedResource>) -> Result<Value> {
    let access = task.prepared.access(cx).await?;
    record::resources(cx, task, &access, resources);
    authorise::authorise(cx, task.family, &access).await?;
    throttle::throttle(cx, task, task.prepared.limit(cx))?;
    task.prepared.run(cx).await
}

/// Commits a run and its records. A call that only reads writes its record blindly, so it never conflicts,
/// and does not wait for the disk: what it answers is durable already.
pub(crate) async fn commit(cx: &mut Cx) -> Result<()> {
    let mut records = std::mem::take(&mut cx.run.records);
    let uses = std::mem::take(&mut cx.run.uses);
    let measurements = cx.take_measurements();
    let (transaction, durability) = match cx.run.transaction.take() {
        Some(transaction) if transaction.has_writes() => (transaction, Durability::Fsync),
        read => {
            if let Some(read) = read {
                // Where several processes share the store, only this makes sure of what was read.
                read.commit().await?;
            }
            if records.is_empty() && uses.is_empty() && measurements.is_empty() {
                return Ok(());
            }
            (cx.kernel.store().begin().await?, Durability::Buffered)
        }
    };
    cx.run.transaction = Some(transaction);
    keep(cx, &mut records).await?;
    cx.keep_measurements(measurements).await?;
    let directory = if uses.is_empty() { None } else { cx.kernel.registry().directory.clone() };
    if let Some(directory) = &directory {
        directory.note(cx, &uses)?;
    }
    if let Some(transaction) = cx.run.transaction.take() {
        transaction.commit_with(durability).await?;
    }
    if let Some(directory) = directory {
        directory.noted(&uses);
    }
    Ok(())
}

/// Tells the services that want to know of the records of a call, and writes them.
async fn keep(cx: &mut Cx, records: &mut Vec<crate::CallRecord>) -> Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    let kernel = Arc::clone(&cx.kernel);
    for recorder in &kernel.registry().recorders {
        recorder.recorded(cx, records).await?;
    }
    for record in std::mem::take(records) {
        let place = crate::CallRecord::recipient_place(record.recipient, record.place.region);
        match record.kind.is_data() {
            true => cx.insert(place, &crate::DataRecord(record))?,
            false => cx.insert(place, &record)?,
        }
    }
    Ok(())
}

/// Runs of one call that end in a conflict, at most.
const CONFLICTS: u32 = 200;

/// What has to happen before a call is run again.
pub(crate) async fn before_next(cx: &mut Cx, again: Again) -> Result<()> {
    match again {
        Again::Staged => Ok(()),
        Again::Conflict if cx.run.conflicts >= CONFLICTS => {
            Err(Error::internal(format_args!("still in conflict with other calls after {CONFLICTS} attempts")))
        }
        Again::Conflict => {
            // The first ones at once; then a random pause that grows, so that contenders get out of step.
            cx.run.conflicts += 1;
            if cx.run.conflicts > 2 {
                let most = 50 * u64::from(cx.run.conflicts.min(100));
                tokio::time::sleep(Duration::from_micros(cx.kernel.chance().below(most))).await;
            }
            Ok(())
        }
        Again::Wait { until } => {
            let Cx { kernel, run, .. } = cx;
            let changed = async {
                match &mut run.watch {
                    Some(watch) => watch.changed().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = changed => Ok(()),
                () = kernel.clock().sleep_until(until) => Ok(()),
                () = kernel.gate.closes() => Err(Kernel::unavailable()),
            }
        }
    }
}

/// An operation that the model knows and no service implements: authorised, recorded, refused.
struct Unimplemented {
    service: &'static model::Service,
    operation: &'static model::Operation,
}

impl Prepared for Unimplemented {
    fn access<'a>(&'a self, _: &'a mut Cx) -> BoxFuture<'a, Result<Access>> {
        let action = format!("{}:{}", self.service.signing_name, self.operation.name);
        Box::pin(async move { Ok(Access::to(action)) })
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        None
    }

    fn run<'a>(&'a self, _: &'a mut Cx) -> BoxFuture<'a, Result<Value>> {
        Box::pin(async move { Err(crate::family::not_implemented(self.service.id, self.operation.name)) })
    }
}
