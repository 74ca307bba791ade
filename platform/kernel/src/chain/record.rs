//! Step 7: the record of the call.

mod s3;

use std::sync::Arc;

use welkin_model as model;
use welkin_wire::Value;

use super::Task;
use crate::call::service_principal;
use crate::operation::Event;
use crate::record::shown;
use crate::{
    Access, AccountId, Arn, CallRecord, Cx, Principal, RecordKind, RecordedResource, Result, Tls, TlsSession, Use,
};

/// What the record of a call tells of its input.
pub(crate) struct Told {
    parameters: Option<String>,
}

impl Told {
    /// Of an input; `None` if the call is a data event that nobody wants recorded.
    pub(super) async fn of(
        cx: &mut Cx,
        service: &'static model::Service,
        operation: &'static model::Operation,
        event: Event,
        input: &Value,
    ) -> Result<Option<Self>> {
        if !is_wanted(cx, event).await? {
            return Ok(None);
        }
        let host = cx.facts().headers.get(http::header::HOST).and_then(|host| host.to_str().ok());
        Ok(Some(Self { parameters: shown::parameters(service, operation, host, input) }))
    }
}

async fn is_wanted(cx: &mut Cx, event: Event) -> Result<bool> {
    let Event::Data(kind) = event else { return Ok(true) };
    let kernel = Arc::clone(&cx.kernel);
    let is_between = cx.run.transaction.is_none();
    if is_between {
        cx.run.transaction = Some(kernel.store().begin().await?);
    }
    let mut wanted = Ok(false);
    for recorder in &kernel.registry().recorders {
        wanted = recorder.wants(cx, kind).await;
        if !matches!(wanted, Ok(false)) {
            break;
        }
    }
    if is_between {
        cx.run.transaction = None;
    }
    wanted
}

/// Resources of the demands that are to be recorded.
pub(super) fn resources(cx: &Cx, task: &Task, access: &Access, resources: &mut Vec<RecordedResource>) {
    if task.told.is_none() {
        return;
    }
    for demand in &access.demands {
        let Some(kind) = demand.recorded_as else { continue };
        let owner = demand.owner.or_else(|| demand.resource.parse::<Arn>().ok()?.account());
        let resource = RecordedResource {
            arn: demand.resource.clone(),
            account: owner.unwrap_or(cx.account()),
            kind: kind.to_owned(),
            is_prefix: false,
        };
        for resource in s3::object(task.event, &resource).into_iter().chain([s3::bucket(resource)]) {
            if !resources.contains(&resource) {
                resources.push(resource);
            }
        }
        if let Some(through) = &demand.through {
            resources.push(RecordedResource {
                arn: through.recorded.clone(),
                account: through.owner,
                kind: through.kind.to_owned(),
                is_prefix: false,
            });
        }
    }
}

/// Adds the call's record for everyone who gets it: the caller's account and the owners of the resources.
pub(super) fn record(cx: &mut Cx, task: &Task, resources: Vec<RecordedResource>, result: &Result<Value>) {
    let Some(told) = &task.told else { return };
    let recipients = recipients(cx, &resources);
    let Some((first, others)) = recipients.split_first() else { return };
    let shared = (!others.is_empty()).then(|| cx.chance().uuid());
    let mut record = draw(cx, task, told, resources, result, *first);
    record.shared_event_id = shared;
    for other in others {
        let event_id = cx.chance().uuid();
        cx.run.records.push(CallRecord { event_id, recipient: *other, ..record.clone() });
    }
    cx.run.records.push(record);
}

/// What a call that failed did not do after all is not recorded; that it called others is.
pub(super) fn undo(cx: &mut Cx, since: usize) {
    let mut at = 0;
    cx.run.records.retain(|record| {
        at += 1;
        at <= since || record.kind != RecordKind::Service
    });
}

/// Keeps the use of the action to be noted, if it was not noted lately. What was refused was used as well, as AWS has it:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html>.
pub(super) fn notice(cx: &mut Cx, task: &Task) {
    let (service, action) = (task.service.signing_name, task.operation.name);
    let directory = cx.kernel.registry().directory.as_ref();
    if directory.is_some_and(|knows| knows.is_news(&cx.caller, cx.here.region, cx.now, service, action)) {
        let (caller, region, at) = (Arc::clone(&cx.caller), cx.here.region, cx.now);
        cx.run.uses.push(Use { caller, region, at, service, action });
    }
}

fn recipients(cx: &Cx, resources: &[RecordedResource]) -> Vec<AccountId> {
    let mut recipients: Vec<AccountId> = cx.principal().account().into_iter().collect();
    for resource in resources {
        if !recipients.contains(&resource.account) {
            recipients.push(resource.account);
        }
    }
    recipients
}

fn draw(
    cx: &Cx,
    task: &Task,
    told: &Told,
    resources: Vec<RecordedResource>,
    result: &Result<Value>,
    recipient: AccountId,
) -> CallRecord {
    let read_only = read_only(task);
    let (error_code, error_message) = match result {
        Ok(_) => (None, None),
        Err(error) => match error.answer() {
            Some(answer) => (Some(answer.code.clone().into_owned()), Some(answer.message.clone())),
            None => (Some("InternalFailure".to_owned()), None),
        },
    };
    let response_elements = match result {
        Ok(output) if !read_only || gives_credentials(output) => shown::elements(task.service, task.operation, output),
        _ => None,
    };
    let caller = cx.caller();
    CallRecord {
        event_id: cx.chance().uuid(),
        request_id: cx.request_id().to_owned(),
        time: cx.now(),
        source: service_principal(task.service).to_owned(),
        name: event_name(task).to_owned(),
        principal: caller.principal.clone(),
        access_key_id: caller.access_key_id.clone(),
        invoked_by: match &caller.principal {
            Principal::Service(service) => Some(service.name.clone()),
            _ => caller.via.last().map(|via| (*via).to_owned()),
        },
        place: cx.here(),
        source_ip: cx.facts().source_ip.clone(),
        user_agent: cx.facts().user_agent.clone(),
        error_code,
        error_message,
        request_parameters: told.parameters.clone(),
        response_elements,
        resources,
        read_only,
        api_version: api_version(task.service),
        recipient,
        shared_event_id: None,
        host: cx.facts().headers.get(http::header::HOST).and_then(|h| h.to_str().ok()).map(str::to_owned),
        kind: match task.event {
            Event::Management => RecordKind::Call,
            Event::Data(kind) => RecordKind::Data(kind.to_owned()),
        },
        additional: (task.service.id == "s3").then(|| s3::additional(cx, task, result)),
        details: None,
        tls: client_tls(cx)
            .map(|tls| Tls { version: format!("TLSv{}", tls.version), cipher_suite: tls.cipher_suite.to_owned() }),
        wanted_by: Vec::new(),
    }
}

/// `eventName`: the operation's name, but where AWS calls the event otherwise.
///
/// Of Lake Formation: <https://docs.aws.amazon.com/lake-formation/latest/dg/cloudtrail-logging.html>
fn event_name(task: &Task) -> &'static str {
    match (task.service.id, task.operation.name) {
        ("lakeformation", "GetTemporaryGlueTableCredentials") => "GetDataAccess",
        (service, operation) => s3::event_name(service, operation),
    }
}

/// Whether an answer has temporary credentials: calls of STS are told with what they answered, though they only read.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html>
fn gives_credentials(output: &Value) -> bool {
    matches!(output, Value::Map(map) if map.get("Credentials").is_some())
}

/// The TLS by which a client came; there is none of a service's call.
fn client_tls(cx: &Cx) -> Option<TlsSession> {
    cx.facts().tls.filter(|_| !cx.facts().headers.is_empty())
}

/// The version of the API, of services whose events have it: those that came to CloudTrail early.
///
/// Sources: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/logging-using-cloudtrail.html>,
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/logging_cw_api_calls_cwl.html>
fn api_version(service: &model::Service) -> Option<String> {
    matches!(service.id, "dynamodb" | "logs").then(|| service.api_version.replace('-', ""))
}

/// Whether the operation only reads: by the service authorisation reference, else by its name.
fn read_only(task: &Task) -> bool {
    if let Some(read_only) = task.read_only {
        return read_only;
    }
    use welkin_model::actions::{self, AccessLevel};
    let action = actions::service(task.service.signing_name).and_then(|s| s.action(task.operation.name));
    match action {
        Some(action) => matches!(action.access_level, AccessLevel::Read | AccessLevel::List),
        None => ["Get", "List", "Describe", "Head", "Lookup"].iter().any(|p| task.operation.name.starts_with(p)),
    }
}
