//! A worker: it runs stages of plans that coordinators send, and keeps nothing but what it needs for that.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use datafusion::error::{DataFusionError, Result as DfResult};
use datafusion::execution::{FunctionRegistry, SessionState};
use datafusion_distributed::{DistributedExt, Worker, WorkerQueryContext, WorkerSessionBuilder};
use http::HeaderMap;
use tokio::net::TcpListener;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use welkin_sql::Limits;
use welkin_sql::remote::Functions;

use crate::ask::{Asker, Asking};
use crate::channel::Channels;
use crate::codec::Receiving;
use crate::secret::Secret;
use crate::{DESK, TICKET, VERSION};

/// How many queries' functions are kept.
const KEPT: usize = 32;

/// Makes what a stage runs in.
struct Sessions {
    asker: Asker,
    channels: Channels,
    /// By tickets: the stages of a query call the same functions.
    functions: Mutex<VecDeque<(Vec<u8>, Functions)>>,
}

impl Sessions {
    async fn functions(&self, asking: &Asking) -> DfResult<Functions> {
        let lock = || self.functions.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().iter().find(|(ticket, _)| ticket == asking.ticket()).map(|(_, known)| known.clone());
        if let Some(known) = known {
            return Ok(known);
        }
        let functions = asking.query().await?.functions().await?;
        let mut all = lock();
        all.push_back((asking.ticket().to_vec(), functions.clone()));
        if all.len() > KEPT {
            all.pop_front();
        }
        Ok(functions)
    }
}

#[async_trait]
impl WorkerSessionBuilder for Sessions {
    async fn build_session_state(&self, context: WorkerQueryContext) -> Result<SessionState, DataFusionError> {
        let asking = self.asker.about(&context.headers)?;
        let functions = self.functions(&asking).await?;
        // Workers ask each other for rows, about the same query.
        let mut forwarded = HeaderMap::new();
        for name in [TICKET, DESK] {
            if let Some(value) = context.headers.get(name) {
                forwarded.insert(name, value.clone());
            }
        }
        let builder = context
            .builder
            .with_distributed_channel_resolver(self.channels.clone())
            .with_distributed_passthrough_headers(forwarded)?
            .with_distributed_user_codec(Receiving(asking));
        let mut state = builder.build();
        for function in functions.scalars {
            state.register_udf(function)?;
        }
        for function in functions.aggregates {
            state.register_udaf(function)?;
        }
        Ok(state)
    }
}

/// Serves coordinators until told to stop.
///
/// # Errors
/// The folder for what is spilled cannot be made, or connections can no longer be taken.
pub async fn serve(
    listener: TcpListener,
    secret: Secret,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let address: SocketAddr = listener.local_addr()?;
    let sessions = Sessions {
        asker: Asker::new(secret.clone(), &address.to_string()),
        channels: Channels::new(secret.clone()),
        functions: Mutex::default(),
    };
    let worker = Worker::from_session_builder(sessions).with_runtime_env(limits.runtime()?).with_version(VERSION);
    let known = move |request: tonic::Request<()>| {
        let given = request.metadata().get("authorization").map(|value| value.as_encoded_bytes());
        match secret.is(given) {
            true => Ok(request),
            false => Err(tonic::Status::permission_denied("the secret is another one")),
        }
    };
    let service = InterceptedService::new(worker.into_worker_server(), known);
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    Server::builder().add_service(service).serve_with_incoming_shutdown(incoming, stop).await?;
    Ok(())
}
