//! A toy queue service over SQS's model, and a kernel that serves it from memory.
#![allow(unreachable_pub)]

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use welkin_kernel::blob::{BlobStore, Location as BlobLocation};
use welkin_kernel::wire::Route;
use welkin_kernel::{
    Access, Body, Call, CallRecord, Chance, Clock, Cx, Empty, IntoKey, Job, Kernel, Key, Limit, Operation, Page, Parts,
    Place, Registry, Request, Resource, Result, Schedule, Scope, Sealer, Service, Settings, StartError,
};
use welkin_store::{Location, Store};

welkin_kernel::errors! {
    /// The toy refuses the name.
    QueueNameExists: "A queue already exists with the same name and a different value for its attributes.";
    /// There is no such queue.
    QueueDoesNotExist: "The specified queue does not exist.";
}

#[derive(Serialize, Deserialize)]
struct Queue {
    name: String,
    messages: u64,
    order: u64,
}

impl Resource for Queue {
    const KIND: &'static str = "toy/queue";
    const SCOPE: Scope = Scope::Region;
    const INDEXES: &'static [&'static str] = &["by-order"];

    fn key(&self) -> Key {
        (&self.name,).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![("by-order", (self.order,).into_key())]
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateQueue {
    queue_name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateQueueResult {
    queue_url: String,
}

impl Operation for CreateQueue {
    const NAME: &'static str = "CreateQueue";
    type Output = CreateQueueResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("sqs:CreateQueue").on(cx.here().arn("sqs", &self.queue_name)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateQueueResult> {
        let here = cx.here();
        cx.put(here, &Queue { name: self.queue_name.clone(), messages: 0, order: 0 }).await?;
        match self.queue_name.as_str() {
            "refused" => Err(QueueNameExists.into()),
            "panic" => panic!("as the test wants"),
            name => Ok(CreateQueueResult { queue_url: format!("{}/{}/{name}", cx.endpoint(), cx.account()) }),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessage {
    queue_url: String,
}

impl Operation for SendMessage {
    const NAME: &'static str = "SendMessage";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sqs:SendMessage"))
    }

    /// Reads and writes one row, so that every two calls are in conflict.
    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let here = cx.here();
        let mut queue: Queue = cx.get(here, (&self.queue_url,)).await?.ok_or(QueueDoesNotExist)?;
        tokio::task::yield_now().await;
        queue.messages += 1;
        cx.put(here, &queue).await?;
        Ok(Empty {})
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceiveMessage {
    queue_url: String,
    wait_time_seconds: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceiveMessageResult {
    messages: Option<Vec<Message>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    body: String,
}

/// When the call began, remembered over its runs.
#[derive(Clone, Copy)]
struct Began(welkin_kernel::Timestamp);

impl Operation for ReceiveMessage {
    const NAME: &'static str = "ReceiveMessage";
    type Output = ReceiveMessageResult;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sqs:ReceiveMessage"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ReceiveMessageResult> {
        let Began(began) = cx.once(|cx| Began(cx.now()));
        let here = cx.here();
        let watch = cx.watch::<Queue>(here, (&self.queue_url,));
        let queue: Queue = cx.get(here, (&self.queue_url,)).await?.ok_or(QueueDoesNotExist)?;
        if queue.messages == 0 {
            let wait = std::time::Duration::from_secs(self.wait_time_seconds.unwrap_or_default().into());
            cx.wait(Some(watch), began.plus(wait))?;
            return Ok(ReceiveMessageResult { messages: None });
        }
        Ok(ReceiveMessageResult { messages: Some(vec![Message { body: "m".to_owned() }]) })
    }
}

/// Calls another operation outside of the transaction, then writes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PurgeQueue {
    queue_url: String,
}

impl Operation for PurgeQueue {
    const NAME: &'static str = "PurgeQueue";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sqs:PurgeQueue"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let listed: u64 = cx
            .stage(async |cx: &mut Cx| {
                let answered = cx.call(Call::to("sqs", "ListQueues").input(&Empty {})).await?;
                Ok(answered.value().get("QueueUrls").and_then(|v| v.as_list()).map_or(0, |list| list.len() as u64))
            })
            .await?;
        let here = cx.here();
        let mut queue: Queue = cx.get(here, (&self.queue_url,)).await?.ok_or(QueueDoesNotExist)?;
        queue.messages = listed;
        cx.put(here, &queue).await?;
        Ok(Empty {})
    }
}

#[derive(Deserialize)]
struct ListQueues {}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListQueuesResult {
    queue_urls: Vec<String>,
}

impl Operation for ListQueues {
    const NAME: &'static str = "ListQueues";
    type Output = ListQueuesResult;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sqs:ListQueues"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListQueuesResult> {
        let here = cx.here();
        let queues: Vec<Queue> = cx.list(here, (), Page::ALL).await?;
        Ok(ListQueuesResult { queue_urls: queues.into_iter().map(|queue| queue.name).collect() })
    }
}

/// Makes a queue some time after it was asked to; named "failing" it fails the first time.
#[derive(Serialize, Deserialize)]
struct MakeQueue {
    name: String,
}

impl Job for MakeQueue {
    const NAME: &'static str = "toy/make-queue";
    const PRINCIPAL: &'static str = "sqs.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let made: Vec<Queue> = cx.list(here, (), Page::ALL).await?;
        let failed: bool = cx.exists::<Failed>(here, ()).await?;
        if self.name == "failing" && !failed {
            // Written in a transaction of its own, so that the failure is remembered.
            cx.stage(async |cx: &mut Cx| {
                cx.call(Call::to("sqs", "DeleteQueue").input(&serde_json::json!({ "QueueUrl": "x" }))).await.map(|_| ())
            })
            .await?;
            return Err(welkin_kernel::Error::internal("as the test wants"));
        }
        cx.put(here, &Queue { name: self.name.clone(), messages: 0, order: made.len() as u64 }).await
    }
}

/// That a job has failed before.
#[derive(Serialize, Deserialize)]
struct Failed {}

impl Resource for Failed {
    const KIND: &'static str = "toy/failed";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        ().into_key()
    }
}

/// Remembers that a job has failed.
#[derive(Deserialize)]
struct DeleteQueue {}

impl Operation for DeleteQueue {
    const NAME: &'static str = "DeleteQueue";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::open("the toy's job calls it"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let here = cx.here();
        cx.put(here, &Failed {}).await?;
        Ok(Empty {})
    }
}

/// Enqueues [`MakeQueue`].
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagQueue {
    queue_url: String,
    tags: BTreeMap<String, String>,
}

impl Operation for TagQueue {
    const NAME: &'static str = "TagQueue";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sqs:TagQueue").request_tags(&self.tags))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let after = std::time::Duration::from_secs(self.tags["after"].parse().unwrap());
        let mut schedule = Schedule::at(cx.after(after));
        if let Some(lane) = self.tags.get("lane") {
            schedule = schedule.lane(lane);
        }
        cx.enqueue(&MakeQueue { name: self.queue_url.clone() }, schedule).await?;
        Ok(Empty {})
    }
}

/// Sets a queue's messages to the length of its name, which it works out in a stage; for the queue "removes-a" queue
/// "a" is removed meanwhile.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SetQueueAttributes {
    queue_url: String,
}

impl Operation for SetQueueAttributes {
    const NAME: &'static str = "SetQueueAttributes";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sqs:SetQueueAttributes"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let here = cx.here();
        let mut queue: Queue = cx.get(here, (&self.queue_url,)).await?.ok_or(QueueDoesNotExist)?;
        queue.messages = cx
            .stage(async |cx: &mut Cx| {
                if self.queue_url == "removes-a" {
                    let input = serde_json::json!({ "QueueUrl": "a", "TagKeys": [] });
                    cx.call(Call::to("sqs", "UntagQueue").input(&input)).await?;
                }
                Ok(self.queue_url.len() as u64)
            })
            .await?;
        cx.put(here, &queue).await?;
        Ok(Empty {})
    }
}

/// Calls `SetQueueAttributes` for the queue of each entry, whether it succeeds or not.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessageBatch {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    message_body: String,
}

impl Operation for SendMessageBatch {
    const NAME: &'static str = "SendMessageBatch";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sqs:SendMessage"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        for entry in &self.entries {
            let input = serde_json::json!({ "QueueUrl": entry.message_body, "Attributes": {} });
            match cx.call(Call::to("sqs", "SetQueueAttributes").input(&input)).await {
                Err(error) if error.answer().is_none() => return Err(error),
                _ => {}
            }
        }
        Ok(Empty {})
    }
}

/// Removes a queue.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UntagQueue {
    queue_url: String,
}

impl Operation for UntagQueue {
    const NAME: &'static str = "UntagQueue";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sqs:UntagQueue"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let here = cx.here();
        cx.delete::<Queue>(here, (&self.queue_url,)).await?;
        Ok(Empty {})
    }
}

/// Has a quota of two a second.
#[derive(Deserialize)]
struct ListQueueTags {}

impl Operation for ListQueueTags {
    const NAME: &'static str = "ListQueueTags";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sqs:ListQueueTags"))
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(Limit::per_second("toy tags", 2.0))
    }

    async fn run(&self, _: &mut Cx) -> Result<Empty> {
        Ok(Empty {})
    }
}

fn service() -> Service {
    Service::new("sqs")
        .errors(ERRORS)
        .operation::<CreateQueue>()
        .operation::<SendMessage>()
        .operation::<ReceiveMessage>()
        .operation::<PurgeQueue>()
        .operation::<ListQueues>()
        .operation::<DeleteQueue>()
        .operation::<TagQueue>()
        .operation::<ListQueueTags>()
        .operation::<SetQueueAttributes>()
        .operation::<SendMessageBatch>()
        .operation::<UntagQueue>()
        .job::<MakeQueue>()
}

pub struct Toy {
    pub kernel: Arc<Kernel>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Json,
}

impl Answer {
    pub fn code(&self) -> &str {
        let code = self.body["__type"].as_str().unwrap_or_default();
        code.rsplit('#').next().unwrap_or_default()
    }
}

impl Toy {
    pub async fn start() -> Self {
        Self::with(Settings::default(), Store::open(&Location::Memory).await.unwrap(), Clock::machine(0)).await
    }

    /// With a clock that stands still until it is moved.
    pub async fn still() -> Self {
        let clock = Clock::manual(welkin_kernel::Timestamp::from_secs(1_800_000_000));
        Self::with(Settings::default(), Store::open(&Location::Memory).await.unwrap(), clock).await
    }

    /// Over a store that fails as `faults` say.
    pub async fn faulty(faults: welkin_store::Faults) -> Self {
        let (store, _) = Store::simulated(faults, welkin_store::Options::default());
        for _ in 0..100 {
            // A start may fail as well: the operator tries again.
            if let Ok(toy) = Self::try_with(Settings::default(), store.clone(), Clock::machine(0)).await {
                return toy;
            }
        }
        panic!("no start succeeded");
    }

    pub async fn strict() -> Self {
        let settings = Settings { strict: true, ..Settings::default() };
        Self::with(settings, Store::open(&Location::Memory).await.unwrap(), Clock::machine(0)).await
    }

    pub async fn restart(self) -> Self {
        Self::with(Settings::default(), self.kernel.store().clone(), Clock::machine(0)).await
    }

    async fn with(settings: Settings, store: Store, clock: Clock) -> Self {
        Self::try_with(settings, store, clock).await.unwrap()
    }

    async fn try_with(settings: Settings, store: Store, clock: Clock) -> Result<Self, StartError> {
        let chance = Chance::from_seed(7);
        let parts = Parts {
            store,
            blobs: BlobStore::open(&BlobLocation::parse("memory").unwrap()).await.unwrap(),
            clock,
            sealer: Sealer::new(&[9; 32]),
            chance,
            registry: Registry::new([service()]),
            settings,
        };
        Ok(Self { kernel: Kernel::start(parts).await? })
    }

    pub async fn call(&self, account: &str, operation: &str, input: Json) -> Answer {
        let service = welkin_kernel::model::service("sqs").unwrap();
        let route = Route {
            service,
            operation: service.operation(operation).unwrap(),
            protocol: welkin_kernel::model::Protocol::Json,
            path: "/".to_owned(),
        };
        let scope = format!("{account}/20260101/us-east-1/sqs/aws4_request");
        let signature = "0".repeat(64);
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={signature}");
        let (parts, ()) = http::Request::post("/")
            .header("host", "localhost:4566")
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-date", "20260101T000000Z")
            .header("authorization", authorization)
            .body(())
            .unwrap()
            .into_parts();
        let body = Body::Full(input.to_string().into());
        let peer = ([127, 0, 0, 1], 1).into();
        let request = Request { route, parts, body, peer, tls: None, region: None, form: false };
        let response = self.kernel.serve(request).await;
        let status = response.status().as_u16();
        let bytes = response.into_body().collect(1 << 20).await.unwrap();
        Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Json::Null) }
    }

    async fn list<R: Resource>(&self, place: Place) -> Vec<R> {
        let mut cx = self.kernel.observe(place).await.unwrap();
        cx.list(place, (), Page::ALL).await.unwrap()
    }

    pub async fn records(&self, place: Place) -> Vec<CallRecord> {
        self.list(place).await
    }

    pub async fn queues(&self, place: Place) -> Vec<String> {
        self.list::<Queue>(place).await.into_iter().map(|queue| queue.name).collect()
    }

    pub async fn count(&self, place: Place, name: &str) -> u64 {
        self.list::<Queue>(place).await.into_iter().find(|queue| queue.name == name).map_or(0, |queue| queue.messages)
    }

    pub async fn order(&self, place: Place) -> Vec<String> {
        let mut cx = self.kernel.observe(place).await.unwrap();
        let queues: Vec<Queue> = cx.find(place, "by-order", (), 0).await.unwrap();
        queues.into_iter().map(|queue| queue.name).collect()
    }
}
