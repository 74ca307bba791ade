//! Step 7: the record of the call.

use std::sync::Arc;

use welkin_wire::Value;

use super::Task;
use crate::call::service_principal;
use crate::operation::Event;
use crate::{Access, AccountId, Arn, CallRecord, Cx, Principal, RecordedResource, Result, Use};

/// Resources of the demands that are to be recorded.
pub(super) fn resources(cx: &Cx, access: &Access, resources: &mut Vec<RecordedResource>) {
    for demand in &access.demands {
        let Some(kind) = demand.recorded_as else { continue };
        let owner = demand.owner.or_else(|| demand.resource.parse::<Arn>().ok()?.account());
        resources.push(RecordedResource {
            arn: demand.resource.clone(),
            account: owner.unwrap_or(cx.account()),
            kind: kind.to_owned(),
        });
        if let Some(through) = &demand.through {
            resources.push(RecordedResource {
                arn: through.recorded.clone(),
                account: through.owner,
                kind: through.kind.to_owned(),
            });
        }
    }
}

/// Adds the call's record for everyone who gets it: the caller's account and the owners of the resources.
pub(super) fn record(cx: &mut Cx, task: &Task, resources: Vec<RecordedResource>, result: &Result<Value>) {
    if task.event != Event::Management {
        return;
    }
    let recipients = recipients(cx, &resources);
    let Some((first, others)) = recipients.split_first() else { return };
    let shared = (!others.is_empty()).then(|| cx.chance().uuid());
    let mut record = draw(cx, task, resources, result, *first);
    record.shared_event_id = shared;
    for other in others {
        let event_id = cx.chance().uuid();
        cx.run.records.push(CallRecord { event_id, recipient: *other, ..record.clone() });
    }
    cx.run.records.push(record);
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
        Ok(output) if !read_only => crate::record::render(task.service, task.operation.output, output),
        _ => None,
    };
    let caller = cx.caller();
    CallRecord {
        event_id: cx.chance().uuid(),
        request_id: cx.request_id().to_owned(),
        time: cx.now(),
        source: service_principal(task.service).to_owned(),
        name: task.operation.name.to_owned(),
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
        request_parameters: task.request_parameters.clone(),
        response_elements,
        resources,
        read_only,
        api_version: Some(task.service.api_version.to_owned()),
        recipient,
        shared_event_id: None,
        secure: cx.facts().tls.is_some(),
        host: cx.facts().headers.get(http::header::HOST).and_then(|h| h.to_str().ok()).map(str::to_owned),
    }
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
