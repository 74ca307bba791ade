//! The operator's API under `/_welkin/`, as JSON.

mod archive;
pub(crate) mod clock;
mod maintenance;
mod outbox;
pub(crate) mod transfer;

use http::{Method, Response, StatusCode};
use serde_json::{Value as Json, json};
use welkin_gateway::AdminRequest;
use welkin_kernel::{Body, Error, Timestamp};
use welkin_sql_cluster::WorkerState;

use crate::fault::Fault;
use crate::server::Server;

/// Facts of the start that the health page shows.
pub(crate) struct Started {
    pub(crate) version: &'static str,
    pub(crate) data: String,
    pub(crate) strict: bool,
    pub(crate) folder: Option<std::path::PathBuf>,
}

/// Longest body of a request to the operator's API but `import`.
const BODY_LIMIT: usize = 1024 * 1024;

/// Answers a request.
pub(crate) async fn answer(server: &Server, request: AdminRequest) -> Response<Body> {
    let path = request.parts.uri.path().to_owned();
    let steps: Vec<&str> = path.trim_matches('/').split('/').collect();
    let answered = match (&request.parts.method, steps.as_slice()) {
        (&Method::GET, ["_welkin", "health"]) => Ok(health(server)),
        (&Method::GET, ["_localstack", "health"]) => Ok(localstack_health(server)),
        (&Method::GET, ["_localstack", "init"]) => Ok(localstack_init()),
        (&Method::GET, ["_welkin", "coverage"]) => Ok(coverage(server, request.parts.uri.query())),
        (&Method::GET, ["_welkin", "decisions", id]) => decisions(server, id),
        (&Method::GET, ["_welkin", "clock"]) => Ok(clock::show(server)),
        (&Method::POST, ["_welkin", "clock"]) => match read(request.body).await {
            Ok(body) => clock::change(server, &body).await,
            Err(fault) => Err((StatusCode::BAD_REQUEST, fault)),
        },
        (&Method::GET, ["_welkin", "sql-workers"]) => Ok(sql_workers(server).await),
        (&Method::GET, ["_welkin", "jobs"]) => jobs(server).await,
        (&Method::GET, ["_welkin", "outbox"]) => outbox::list(server).await,
        (&Method::GET, ["_welkin", "outbox", id]) => outbox::show(server, id).await,
        (&Method::POST, ["_welkin", "outbox", id, "answer"]) => match read(request.body).await {
            Ok(body) => outbox::answer(server, id, &body).await,
            Err(fault) => Err((StatusCode::BAD_REQUEST, fault)),
        },
        (&Method::POST, ["_welkin", "reset"]) => transfer::reset(server).await,
        (&Method::POST, ["_welkin", "sweep"]) => maintenance::sweep(server).await,
        (&Method::POST, ["_welkin", "scrub"]) => maintenance::scrub(server).await,
        (&Method::POST, ["_welkin", "expunge"]) => maintenance::expunge(server).await,
        (&Method::GET, ["_welkin", "export"]) => return transfer::export(server),
        (&Method::POST, ["_welkin", "import"]) => transfer::import(server, request.body).await,
        (method, _) => Err((
            StatusCode::NOT_FOUND,
            Fault::new(
                format!("the operator's API has no {method} {path}"),
                "",
                "there are GET health, coverage, decisions/REQUEST-ID, clock, jobs, outbox, outbox/ID, sql-workers, export \
                 and POST clock, outbox/ID/answer, sweep, scrub, expunge, reset, import",
            ),
        )),
    };
    match answered {
        Ok(body) => respond(StatusCode::OK, &body),
        Err((status, fault)) => refuse(status, &fault),
    }
}

pub(crate) type Answer = Result<Json, (StatusCode, Fault)>;

fn respond(status: StatusCode, body: &Json) -> Response<Body> {
    let mut response = Response::new(Body::Full(format!("{body}\n").into()));
    *response.status_mut() = status;
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}

pub(crate) fn refuse(status: StatusCode, fault: &Fault) -> Response<Body> {
    respond(status, &json!({ "message": fault.message, "detail": fault.detail, "hint": fault.hint }))
}

async fn read(body: Body) -> Result<Json, Fault> {
    let hint = "send a JSON object";
    let bytes = body.collect(BODY_LIMIT).await.map_err(|e| Fault::new("the body cannot be read", e, hint))?;
    serde_json::from_slice(&bytes).map_err(|e| Fault::new("the body is not JSON", e, hint))
}

pub(crate) fn failed(error: Error) -> (StatusCode, Fault) {
    (StatusCode::INTERNAL_SERVER_ERROR, Fault::new("the state cannot be read or written", error, "see Welkin's log"))
}

pub(crate) fn rfc3339(time: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(time.micros()).map_or_else(|_| time.micros().to_string(), |time| time.to_string())
}

fn health(server: &Server) -> Json {
    let services: Vec<_> = server.kernel.registry().coverage(false).iter().map(|c| c.service).collect();
    json!({
        "status": "running",
        "version": server.started.version,
        "data": server.started.data,
        "strict": server.started.strict,
        "services": services,
    })
}

/// Who runs its SQL beside it.
async fn sql_workers(server: &Server) -> Json {
    let Some(workers) = &server.workers else { return json!({ "workers": [] }) };
    let states = workers.states().await;
    let state = |state: &WorkerState| json!({ "address": state.address, "there": state.there, "reads": state.reads, "bytes_read": state.bytes });
    json!({ "workers": states.iter().map(state).collect::<Vec<_>>() })
}

/// The form that Testcontainers modules and `awslocal` wait for.
fn localstack_health(server: &Server) -> Json {
    let services: serde_json::Map<_, _> =
        server.kernel.registry().coverage(false).iter().map(|c| (c.service.to_owned(), "running".into())).collect();
    json!({ "services": services, "edition": "welkin", "version": server.started.version })
}

fn localstack_init() -> Json {
    json!({ "completed": { "BOOT": true, "START": true, "READY": true, "SHUTDOWN": false }, "scripts": [] })
}

fn coverage(server: &Server, query: Option<&str>) -> Json {
    let all = query.is_some_and(|query| query.split('&').any(|pair| pair == "all=true" || pair == "all"));
    let services = server.kernel.registry().coverage(all);
    services
        .into_iter()
        .map(|c| (c.service.to_owned(), json!({ "works": c.works, "refuses": c.refuses })))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn decisions(server: &Server, id: &str) -> Answer {
    let decisions = server.kernel.decisions(id);
    if decisions.is_empty() {
        return Err((
            StatusCode::NOT_FOUND,
            Fault::new(
                format!("there is no decision for request {id}"),
                format!(
                    "the latest {} decisions of this process are kept; operations open to everyone demand none",
                    welkin_kernel::KEPT
                ),
                "take the request id of the answer: x-amzn-RequestId, x-amz-request-id, or RequestId in the error",
            ),
        ));
    }
    serde_json::to_value(decisions).map_err(|e| failed(Error::internal(e)))
}

async fn jobs(server: &Server) -> Answer {
    let jobs = server.kernel.jobs().await.map_err(failed)?;
    let rows = jobs.iter().map(|job| {
        json!({
            "id": job.id,
            "name": job.name,
            "account": job.place.account,
            "region": job.place.region,
            "due": if job.is_put_aside() { Json::Null } else { rfc3339(job.due).into() },
            "lane": job.lane,
            "attempts": job.attempts,
            "error": job.error,
        })
    });
    Ok(rows.collect())
}
