//! An operation is its input.

use std::future::Future;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use welkin_model as model;
use welkin_wire::Value;

use crate::{Access, Cx, Error, Limit, Result};

/// An operation of a service: its input, who may call it, and what it does.
///
/// The struct holds the members that are used, under the names of the API (`#[serde(rename_all =
/// "PascalCase")]` for most services); the registry holds them against the model.
pub trait Operation: DeserializeOwned + Send + Sync + 'static {
    /// Its name in the model, e.g. `"SendMessage"`.
    const NAME: &'static str;

    /// How CloudTrail sees it.
    const EVENT: Event = Event::Management;

    /// Whether CloudTrail calls it read-only, where the service authorisation reference says otherwise.
    const READ_ONLY: Option<bool> = None;

    /// What it answers. `Deserialize` is asked for so that its members can be held against the model.
    type Output: Serialize + DeserializeOwned + Send;

    /// The permissions that the caller needs. It may read the state to name the resource.
    ///
    /// # Errors
    /// When the resource cannot be named: the service's own error for that.
    fn access(&self, cx: &mut Cx) -> impl Future<Output = Result<Access>> + Send;

    /// The request quota that the call counts against, if it has one of its own.
    fn limit(&self, _cx: &Cx) -> Option<Limit> {
        None
    }

    /// Does it, in the call's transaction. It may run more than once (on conflict, after waiting, after
    /// staged work), so everything it does goes through `cx`.
    ///
    /// # Errors
    /// The service's errors; whatever it wrote is then undone.
    fn run(&self, cx: &mut Cx) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// The kind of event that CloudTrail makes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A management event: always recorded.
    Management,
    /// A data event: recorded where a trail asks for it. Holds the resource type, e.g. `"AWS::S3::Object"`.
    Data(&'static str),
}

/// The output of an operation that answers nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Empty {}

/// An operation with its input, ready to be run.
pub(crate) trait Prepared: Send + Sync {
    fn access<'a>(&'a self, cx: &'a mut Cx) -> BoxFuture<'a, Result<Access>>;
    fn limit(&self, cx: &Cx) -> Option<Limit>;
    fn run<'a>(&'a self, cx: &'a mut Cx) -> BoxFuture<'a, Result<Value>>;
}

impl<T: Operation> Prepared for T {
    fn access<'a>(&'a self, cx: &'a mut Cx) -> BoxFuture<'a, Result<Access>> {
        Box::pin(Operation::access(self, cx))
    }

    fn limit(&self, cx: &Cx) -> Option<Limit> {
        Operation::limit(self, cx)
    }

    fn run<'a>(&'a self, cx: &'a mut Cx) -> BoxFuture<'a, Result<Value>> {
        Box::pin(async move {
            let output = Operation::run(self, cx).await?;
            welkin_wire::to_value(&output).map_err(|e| Error::internal(format_args!("output of {}: {e}", T::NAME)))
        })
    }
}

/// An operation that a service calls without it being registered.
pub(crate) struct Held {
    pub(crate) event: Event,
    pub(crate) read_only: Option<bool>,
    pub(crate) prepared: Arc<dyn Prepared>,
}

impl Held {
    pub(crate) fn of<T: Operation>(operation: T) -> Self {
        Self { event: T::EVENT, read_only: T::READ_ONLY, prepared: Arc::new(operation) }
    }
}

/// What the registry knows of an operation.
pub(crate) struct OperationEntry {
    pub(crate) name: &'static str,
    pub(crate) event: Event,
    pub(crate) read_only: Option<bool>,
    pub(crate) prepare: fn(Value) -> Result<Arc<dyn Prepared>>,
    pub(crate) check: fn(&'static model::Service, &'static model::Operation) -> Vec<String>,
}

impl OperationEntry {
    pub(crate) fn of<T: Operation>() -> Self {
        Self { name: T::NAME, event: T::EVENT, read_only: T::READ_ONLY, prepare: prepare::<T>, check: check::<T> }
    }
}

fn prepare<T: Operation>(input: Value) -> Result<Arc<dyn Prepared>> {
    match welkin_wire::from_value::<T>(input) {
        Ok(operation) => Ok(Arc::new(operation)),
        Err(error) => Err(crate::family::bad_input(error.to_string())),
    }
}

fn check<T: Operation>(service: &'static model::Service, operation: &'static model::Operation) -> Vec<String> {
    let mut faults = crate::probe::members::<T>(service, operation.input, "input");
    faults.extend(crate::probe::members::<T::Output>(service, operation.output, "output"));
    faults
}
