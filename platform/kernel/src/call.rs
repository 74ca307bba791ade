//! Calls of one service by another.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use serde::Serialize;
use serde::de::DeserializeOwned;
use welkin_model as model;
use welkin_wire::{Body, Value};

use crate::chain::Task;
use crate::cx::{Facts, Reply, Run};
use crate::operation::Held;
use crate::{AccountId, Arn, Caller, Cx, Error, Operation, Place, Principal, Region, Result, ServicePrincipal};

/// A call of another service's operation, as any client would make it: authorised and recorded.
///
/// It is made with the caller's own permissions (a forward access session) unless it is made as a service.
pub struct Call {
    service: &'static str,
    operation: &'static str,
    input: Result<Value>,
    held: Option<Held>,
    body: Option<Body>,
    place: Option<Place>,
    caller: Option<Caller>,
}

/// What a nested call answered.
pub struct Answered {
    value: Value,
    /// The body, where the output streams.
    pub body: Option<Body>,
}

impl Call {
    /// A call of `operation` of `service`, by their names in the model.
    pub fn to(service: &'static str, operation: &'static str) -> Self {
        let input = Ok(Value::Map(welkin_wire::Map::new()));
        Self { service, operation, input, held: None, body: None, place: None, caller: None }
    }

    /// The input: a struct with the members of the API.
    #[must_use]
    pub fn input(mut self, input: &impl Serialize) -> Self {
        self.input = welkin_wire::to_value(input)
            .map_err(|e| Error::internal(format_args!("input of {} {}: {e}", self.service, self.operation)));
        self
    }

    /// The body of an operation whose input streams.
    #[must_use]
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// With an operation that the service holds in hand, in place of the registered one: a form of it that no client
    /// can send, such as the write of a replica. It is authorised by its own statement of access and recorded under
    /// the name in the model, with the [`input`](Self::input) as its parameters.
    #[must_use]
    pub fn with<T: Operation>(mut self, operation: T) -> Self {
        self.held = Some(Held::of(operation));
        self
    }

    /// In another account or Region than the present call's; the caller's rights stay what they are.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// In another Region.
    #[must_use]
    pub fn in_region(self, region: Region, cx: &Cx) -> Self {
        self.at(Place::new(cx.account(), region))
    }

    /// As a service principal, e.g. `cloudtrail.amazonaws.com`, for a resource of `account`.
    #[must_use]
    pub fn as_service(mut self, name: &str, account: AccountId, source_arn: Option<Arn>) -> Self {
        let principal = ServicePrincipal { name: name.to_owned(), account, source_arn };
        self.caller = Some(Caller::of(Principal::Service(principal)));
        self
    }

    /// As another principal whose rights the service has taken on, e.g. a role's session.
    #[must_use]
    pub fn as_principal(mut self, principal: Principal) -> Self {
        self.caller = Some(Caller::of(principal));
        self
    }

    /// On behalf of the caller of an earlier call, which a job of `service` carries on, e.g. `athena.amazonaws.com`:
    /// with that caller's rights, as if the service called within the earlier call (a forward access session).
    #[must_use]
    pub fn on_behalf_of(mut self, principal: Principal, access_key_id: Option<String>, service: &'static str) -> Self {
        self.caller = Some(Caller { principal, access_key_id, via: vec![service] });
        self
    }
}

impl Answered {
    /// The output as a struct with the members of the API.
    pub fn output<T: DeserializeOwned>(self) -> Result<T> {
        welkin_wire::from_value(self.value).map_err(|e| Error::internal(format_args!("output of a nested call: {e}")))
    }

    /// The output as it is.
    pub fn value(&self) -> &Value {
        &self.value
    }
}

impl Cx {
    /// Calls another service. Within the call's transaction the nested call is part of it; in
    /// [`stage`](Self::stage) it commits by itself.
    ///
    /// # Errors
    /// Those of the nested operation.
    pub async fn call(&mut self, call: Call) -> Result<Answered> {
        let missing = || Error::internal(format_args!("{} {} is not in the model", call.service, call.operation));
        let service = model::service(call.service).ok_or_else(missing)?;
        let operation = service.operation(call.operation).ok_or_else(missing)?;
        let input = call.input?;
        let outer = self.run.subject;
        let subject = outer.within(&(service.id, operation.name, &input));
        let task = match call.held {
            Some(held) => Task::held(self, service, operation, &input, held).await?,
            None => Task::new(self, service, operation, input).await?,
        };
        let mut child = self.child(service, call.place, call.caller);
        child.body = Mutex::new(call.body);
        let result = if self.run.outside {
            crate::chain::perform(&mut child, &task).await
        } else {
            child.run = std::mem::take(&mut self.run);
            child.run.depth += 1;
            child.run.subject = subject;
            let result = crate::chain::step(&mut child, &task).await;
            self.run = std::mem::take(&mut child.run);
            self.run.depth = self.run.depth.saturating_sub(1);
            self.run.subject = outer;
            result
        };
        Ok(Answered { value: result?, body: child.reply.take_stream() })
    }

    fn child(&self, service: &'static model::Service, place: Option<Place>, caller: Option<Caller>) -> Self {
        let via = self.service.map(service_principal);
        let caller = match caller {
            Some(caller) => caller,
            None => {
                let mut caller = (*self.caller).clone();
                caller.via.extend(via);
                caller
            }
        };
        let name = match &caller.principal {
            Principal::Service(service) => service.name.clone(),
            _ => via.map_or_else(|| self.facts.source_ip.clone(), str::to_owned),
        };
        Self {
            kernel: Arc::clone(&self.kernel),
            facts: Arc::new(Facts {
                request_id: self.facts.request_id.clone(),
                source_ip: name.clone(),
                user_agent: name,
                tls: Some(crate::cx::TLS_OF_SERVICES),
                signature: None,
                headers: http::HeaderMap::new(),
                form: false,
                following: None,
            }),
            caller: Arc::new(caller),
            here: self.kernel.home(service, place.unwrap_or(self.here)),
            now: self.now,
            service: Some(service),
            operation: None,
            request_id: self.kernel.chance().uuid(),
            run: Run::default(),
            body: Default::default(),
            reply: Reply::default(),
        }
    }
}

/// Name of a service as a principal and as the source of events, e.g. `kms.amazonaws.com`.
pub(crate) fn service_principal(service: &model::Service) -> &'static str {
    static NAMES: LazyLock<HashMap<&'static str, String>> = LazyLock::new(|| {
        let name = |s: &model::Entry| match s.id {
            // S3 Control calls and is recorded as S3.
            "s3control" => "s3",
            _ => s.endpoint_prefix,
        };
        model::services().iter().map(|s| (s.id, format!("{}.amazonaws.com", name(s)))).collect()
    });
    NAMES.get(service.id).map_or("welkin.internal", String::as_str)
}
