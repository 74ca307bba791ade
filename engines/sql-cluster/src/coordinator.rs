//! The coordinator: it makes plans for workers, and knows which of them are there.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::Result as DfResult;
use datafusion::execution::SessionState;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_distributed::{
    ChannelResolver, DesiredTaskCountEvent, DesiredTaskCountEventResponse, DistributedCodec, DistributedExt,
    GetWorkerInfoRequest, NetworkBoundaryExt, ScaleUpLeafNodeEvent, ScaleUpLeafNodeEventResponse,
    SessionStateBuilderExt, WorkerResolver,
};
use datafusion_proto::physical_plan::AsExecutionPlan;
use datafusion_proto::protobuf::PhysicalPlanNode;
use futures_util::future::{BoxFuture, join_all};
use http::{HeaderMap, HeaderValue};
use tokio::net::TcpStream;
use url::Url;
use welkin_sql::remote::{Cluster, Held, Query, splits, spread};

use crate::channel::Channels;
use crate::codec::Sending;
use crate::desk::{Desk, Ticket};
use crate::secret::Secret;
use crate::{DESK, TICKET, VERSION};

/// How long a worker has to take a connection.
const PATIENCE: Duration = Duration::from_secs(2);

/// A worker.
struct Worker {
    address: String,
    url: Url,
    /// Whether it was there when it was last looked for.
    there: AtomicBool,
}

/// The workers of this Welkin.
pub struct Workers {
    all: Vec<Worker>,
    channels: Channels,
    desk: Desk,
}

/// A worker, as an operator sees it.
#[derive(Clone, Debug)]
pub struct WorkerState {
    /// Where it listens.
    pub address: String,
    /// Whether it takes connections.
    pub there: bool,
    /// How often it read a part of a file.
    pub reads: u64,
    /// Bytes of files that it read.
    pub bytes: u64,
}

/// Why workers cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It is no address of a worker.
    Address(String),
    /// It does not answer.
    Away(String, String),
    /// It is of another version.
    Version(String, String),
    /// Workers cannot be served.
    Desk(String),
}

impl Workers {
    /// Looks for workers at `host:port`, all of which must be there, and opens the desk at which they ask: at the address
    /// from which this machine reaches the first of them, unless told otherwise. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// Some worker cannot be used, or the desk cannot be opened.
    pub async fn find(addresses: &[String], secret: Secret, desk: Option<SocketAddr>) -> Result<Self, Unfit> {
        let channels = Channels::new(secret.clone());
        let mut all = Vec::new();
        let mut own = IpAddr::V4(Ipv4Addr::LOCALHOST);
        for address in addresses {
            let away = |why: String| Unfit::Away(address.clone(), why);
            let url = Url::parse(&format!("http://{address}"))
                .ok()
                .filter(|url| url.port_or_known_default().is_some() && url.path() == "/" && address.contains(':'))
                .ok_or_else(|| Unfit::Address(address.clone()))?;
            let stream = tokio::time::timeout(PATIENCE, TcpStream::connect(address.as_str())).await;
            let stream = stream.map_err(|_| away("it takes no connection".into()))?;
            let stream = stream.map_err(|why| away(why.to_string()))?;
            if all.is_empty() {
                own = stream.local_addr().map_err(|why| away(why.to_string()))?.ip();
            }
            let told = async {
                channels.get_worker_client_for_url(&url).await?.get_worker_info(GetWorkerInfoRequest {}).await
            };
            let told = tokio::time::timeout(PATIENCE, told).await.map_err(|_| away("it does not answer".into()))?;
            let version = told.map_err(|why| away(why.strip_backtrace()))?.version;
            if version != VERSION {
                return Err(Unfit::Version(address.clone(), version));
            }
            all.push(Worker { address: address.clone(), url, there: AtomicBool::new(true) });
        }
        let at = desk.unwrap_or_else(|| SocketAddr::new(own, 0));
        let desk = Desk::open(at, Some(own), secret).await.map_err(|why| Unfit::Desk(format!("{at}: {why}")))?;
        Ok(Self { all, channels, desk })
    }

    /// Every worker, as it is now.
    pub async fn states(&self) -> Vec<WorkerState> {
        self.look().await;
        let state = |worker: &Worker| {
            let count = self.desk.count(&worker.address);
            WorkerState {
                address: worker.address.clone(),
                there: worker.there.load(Ordering::Relaxed),
                reads: count.reads,
                bytes: count.bytes,
            }
        };
        self.all.iter().map(state).collect()
    }

    /// Looks which workers are there.
    async fn look(&self) {
        let one = |worker: &'_ Worker| {
            let address = worker.address.clone();
            async move {
                let stream = tokio::time::timeout(PATIENCE, TcpStream::connect(address)).await;
                matches!(stream, Ok(Ok(_)))
            }
        };
        let there = join_all(self.all.iter().map(one)).await;
        for (worker, there) in self.all.iter().zip(there) {
            let was = worker.there.swap(there, Ordering::Relaxed);
            match (was, there) {
                (true, false) => tracing::warn!("the SQL worker {} is away: queries run without it", worker.address),
                (false, true) => tracing::warn!("the SQL worker {} is there again", worker.address),
                _ => {}
            }
        }
    }

    async fn state(&self, query: Query, state: SessionStateBuilder) -> Option<(SessionStateBuilder, Held)> {
        self.look().await;
        let there = self.all.iter().filter(|worker| worker.there.load(Ordering::Relaxed));
        let urls: Vec<Url> = there.map(|worker| worker.url.clone()).collect();
        if urls.is_empty() {
            tracing::warn!("no SQL worker is there: a query is run without them");
            return None;
        }
        let ticket = self.desk.ticket(query).ok()?;
        match self.built(&ticket, urls, state) {
            Ok(state) => Some((state, Box::new(ticket))),
            Err(why) => {
                tracing::error!("a query is run without workers: {why}");
                None
            }
        }
    }

    fn built(&self, ticket: &Ticket, urls: Vec<Url>, state: SessionStateBuilder) -> DfResult<SessionStateBuilder> {
        let mut headers = HeaderMap::new();
        let value = |text: String| {
            HeaderValue::from_str(&text).map_err(|why| datafusion::error::DataFusionError::External(Box::new(why)))
        };
        headers.insert(TICKET, value(ticket.id.clone())?);
        headers.insert(DESK, value(self.desk.address().to_string())?);
        Ok(state
            .with_distributed_worker_resolver(There(urls))
            .with_distributed_channel_resolver(self.channels.clone())
            .with_distributed_user_codec(Sending(Arc::clone(&ticket.sources)))
            .with_distributed_passthrough_headers(headers)?
            // A scan learns which task it is in when it arrives, so that all of a stage must be in the same.
            .with_distributed_children_isolator_unions(false)?
            .with_distributed_desired_task_count_handler(desired)
            .with_distributed_scale_up_leaf_node_handler(scaled)
            .with_distributed_planner())
    }
}

impl Cluster for Workers {
    fn join<'a>(
        &'a self,
        query: Query,
        state: SessionStateBuilder,
    ) -> BoxFuture<'a, Option<(SessionStateBuilder, Held)>> {
        Box::pin(self.state(query, state))
    }

    fn fits(&self, plan: &Arc<dyn ExecutionPlan>, state: &SessionState) -> Result<(), String> {
        let codec = DistributedCodec::new_combined_with_user(state.config());
        let walked = plan.apply(|node| {
            let Some(boundary) = node.as_network_boundary() else { return Ok(TreeNodeRecursion::Continue) };
            if let Some(stage) = boundary.input_stage().local_plan() {
                PhysicalPlanNode::try_from_physical_plan(Arc::clone(stage), &codec)?;
            }
            // The stages below are in the one that was just tried.
            Ok(TreeNodeRecursion::Jump)
        });
        walked.map(drop).map_err(|why| why.strip_backtrace())
    }
}

/// The workers that are there.
struct There(Vec<Url>);

impl WorkerResolver for There {
    fn get_urls(&self) -> DfResult<Vec<Url>> {
        Ok(self.0.clone())
    }
}

/// A scan wants as many tasks as it has parts; there are at most as many as workers.
fn desired(event: DesiredTaskCountEvent<'_>) -> Option<DfResult<DesiredTaskCountEventResponse>> {
    let splits = splits(event.plan.as_ref())?;
    Some(Ok(DesiredTaskCountEventResponse::desired(splits.max(1))))
}

fn scaled(event: ScaleUpLeafNodeEvent<'_>) -> Option<DfResult<ScaleUpLeafNodeEventResponse>> {
    let plan = spread(event.plan.as_ref(), event.task_count)?;
    Some(Ok(ScaleUpLeafNodeEventResponse::new(plan)))
}
