//! Message movement tasks: they move messages from a dead-letter queue back to where they came from, or elsewhere.
//!
//! Reference: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html>

mod mover;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{Access, Arn, Cx, IntoKey, Key, Operation, Page, Resource, Result, Schedule, Scope, Timestamp};

pub(crate) use mover::Move;

use crate::errors::{InvalidParameterValue, ResourceNotFoundException, UnsupportedOperation, invalid};
use crate::message::Counts;
use crate::policy::{self, Sharing};
use crate::queue::Address;
use crate::redrive;

/// A task as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct MoveTask {
    /// The queue that it empties.
    queue: u64,
    id: String,
    started: Timestamp,
    status: Status,
    source: Arn,
    /// Where messages go; where they came from if there is none.
    destination: Option<Arn>,
    /// Messages a second, if the caller said so.
    rate: Option<u32>,
    moved: u64,
    to_move: u64,
    failure: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Status {
    Running,
    Completed,
    Cancelled,
    Failed,
}

impl Status {
    fn to_text(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
        }
    }
}

impl Resource for MoveTask {
    const KIND: &'static str = "sqs/move-task";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.queue, self.started, &self.id).into_key()
    }
}

/// Tasks of a queue that are remembered.
const REMEMBERED: usize = 10;

/// Highest rate, in messages a second.
const FASTEST: u32 = 500;

impl MoveTask {
    /// The handle by which callers cancel it.
    fn handle(&self) -> String {
        STANDARD.encode(json!({ "taskId": self.id, "sourceArn": self.source }).to_string())
    }

    /// The latest tasks of a queue, the last one first.
    async fn latest(cx: &mut Cx, address: &Address, queue: u64) -> Result<Vec<Self>> {
        let page = Page { limit: REMEMBERED, reverse: true, ..Page::ALL };
        cx.list::<Self>(address.place, queue, page).await
    }
}

/// The address of the queue with an ARN.
fn address_of(arn: &str, parameter: &str) -> Result<Address> {
    let address = arn.parse().ok().as_ref().and_then(Address::of_arn);
    address.ok_or_else(|| {
        invalid(arn, parameter, "You must use this format to specify the ARN: arn:aws:sqs:<region>:<account>:<queue>.")
    })
}

fn no_such_queue(parameter: &str) -> welkin_kernel::Error {
    ResourceNotFoundException::because(format!(
        "The resource that you specified for the {parameter} parameter doesn't exist."
    ))
}

/// Starts to move the messages of a dead-letter queue.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartMessageMoveTask {
    source_arn: String,
    destination_arn: Option<String>,
    max_number_of_messages_per_second: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartMessageMoveTaskResult {
    task_handle: String,
}

impl Operation for StartMessageMoveTask {
    const NAME: &'static str = "StartMessageMoveTask";
    type Output = StartMessageMoveTaskResult;

    /// The caller needs what the task does in its name: to take messages from one queue and send them to another.
    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let source = address_of(&self.source_arn, "SourceArn")?;
        let mut access = policy::access(cx, &source, "sqs:StartMessageMoveTask", Sharing::Owner).await?;
        for action in ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"] {
            access = access.and(policy::access(cx, &source, action, Sharing::Owner).await?);
        }
        if let Some(arn) = &self.destination_arn {
            let destination = address_of(arn, "DestinationArn")?;
            access = access.and(policy::access(cx, &destination, "sqs:SendMessage", Sharing::Owner).await?);
        }
        Ok(access)
    }

    async fn run(&self, cx: &mut Cx) -> Result<StartMessageMoveTaskResult> {
        let source = address_of(&self.source_arn, "SourceArn")?;
        let queue = source.find(cx).await?.ok_or_else(|| no_such_queue("SourceArn"))?;
        let rate = self.rate()?;
        if !redrive::is_dead_letter_queue(cx, source.place, &source.arn()).await? {
            return Err(InvalidParameterValue::because("Source queue must be configured as a Dead Letter Queue."));
        }
        let destination = match &self.destination_arn {
            Some(arn) => Some(self.destination(cx, arn, &source, queue.is_fifo()).await?),
            None => None,
        };
        let latest = MoveTask::latest(cx, &source, queue.contents.queue).await?;
        if latest.iter().any(|task| task.status == Status::Running) {
            return Err(InvalidParameterValue::because(
                "There is already a task running. Only one active task is allowed for a source queue arn at a given \
                 time.",
            ));
        }
        if let [.., oldest] = latest.as_slice()
            && latest.len() == REMEMBERED
        {
            cx.discard::<MoveTask>(source.place, oldest.key())?;
        }
        let task = MoveTask {
            queue: queue.contents.queue,
            id: cx.chance().uuid(),
            started: cx.now(),
            status: Status::Running,
            source: source.arn(),
            destination,
            rate,
            moved: 0,
            to_move: Counts::of(cx, source.place, queue.contents).await?.visible,
            failure: None,
        };
        cx.insert(source.place, &task)?;
        cx.enqueue_at(source.place, &Move::of(&task), Schedule::now()).await?;
        Ok(StartMessageMoveTaskResult { task_handle: task.handle() })
    }
}

impl StartMessageMoveTask {
    fn rate(&self) -> Result<Option<u32>> {
        let Some(given) = self.max_number_of_messages_per_second else { return Ok(None) };
        let valid = u32::try_from(given).ok().filter(|rate| (1..=FASTEST).contains(rate));
        let reason = format!("Value must be between 1 and {FASTEST}.");
        valid.map(Some).ok_or_else(|| invalid(given, "MaxNumberOfMessagesPerSecond", reason))
    }

    async fn destination(&self, cx: &mut Cx, arn: &str, source: &Address, fifo: bool) -> Result<Arn> {
        let address = address_of(arn, "DestinationArn")?;
        // UNVERIFIED: the wordings of these three.
        if address.place != source.place {
            return Err(invalid(arn, "DestinationArn", "Must be of the same account and Region as the source."));
        }
        if address == *source {
            return Err(invalid(arn, "DestinationArn", "Must be another queue than the source."));
        }
        let queue = address.find(cx).await?.ok_or_else(|| no_such_queue("DestinationArn"))?;
        if queue.is_fifo() != fifo {
            return Err(invalid(arn, "DestinationArn", "Must be a queue of the same type as the source."));
        }
        Ok(address.arn())
    }
}

/// Lists the latest movement tasks of a queue.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListMessageMoveTasks.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListMessageMoveTasks {
    source_arn: String,
    max_results: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListMessageMoveTasksResult {
    results: Vec<ListMessageMoveTasksResultEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListMessageMoveTasksResultEntry {
    task_handle: Option<String>,
    status: String,
    source_arn: Arn,
    destination_arn: Option<Arn>,
    max_number_of_messages_per_second: Option<u32>,
    approximate_number_of_messages_moved: u64,
    approximate_number_of_messages_to_move: Option<u64>,
    failure_reason: Option<String>,
    /// In milliseconds.
    started_timestamp: i64,
}

impl Operation for ListMessageMoveTasks {
    const NAME: &'static str = "ListMessageMoveTasks";
    type Output = ListMessageMoveTasksResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let source = address_of(&self.source_arn, "SourceArn")?;
        policy::access(cx, &source, "sqs:ListMessageMoveTasks", Sharing::Owner).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListMessageMoveTasksResult> {
        let source = address_of(&self.source_arn, "SourceArn")?;
        let queue = source.find(cx).await?.ok_or_else(|| no_such_queue("SourceArn"))?;
        let given = self.max_results.unwrap_or(1);
        let most = usize::try_from(given).ok().filter(|most| (1..=REMEMBERED).contains(most));
        let most = most.ok_or_else(|| invalid(given, "MaxResults", "Value must be between 1 and 10."))?;
        let latest = MoveTask::latest(cx, &source, queue.contents.queue).await?;
        Ok(ListMessageMoveTasksResult { results: latest.into_iter().take(most).map(Into::into).collect() })
    }
}

impl From<MoveTask> for ListMessageMoveTasksResultEntry {
    fn from(task: MoveTask) -> Self {
        Self {
            task_handle: (task.status == Status::Running).then(|| task.handle()),
            status: task.status.to_text().to_owned(),
            source_arn: task.source,
            destination_arn: task.destination,
            max_number_of_messages_per_second: task.rate,
            approximate_number_of_messages_moved: task.moved,
            approximate_number_of_messages_to_move: Some(task.to_move),
            failure_reason: task.failure,
            started_timestamp: task.started.millis(),
        }
    }
}

/// Stops a movement task; what was moved stays moved.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CancelMessageMoveTask.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CancelMessageMoveTask {
    task_handle: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CancelMessageMoveTaskResult {
    approximate_number_of_messages_moved: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Handle {
    task_id: String,
    source_arn: String,
}

impl Operation for CancelMessageMoveTask {
    const NAME: &'static str = "CancelMessageMoveTask";
    type Output = CancelMessageMoveTaskResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let source = address_of(&self.handle()?.source_arn, "TaskHandle")?;
        policy::access(cx, &source, "sqs:CancelMessageMoveTask", Sharing::Owner).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<CancelMessageMoveTaskResult> {
        let handle = self.handle()?;
        let source = address_of(&handle.source_arn, "TaskHandle")?;
        let queue = source.find(cx).await?.ok_or_else(|| no_such_queue("SourceArn"))?;
        let latest = MoveTask::latest(cx, &source, queue.contents.queue).await?;
        let task = latest.into_iter().find(|task| task.id == handle.task_id);
        let mut task = task.ok_or_else(|| ResourceNotFoundException::because("Task does not exist."))?;
        if task.status != Status::Running {
            return Err(UnsupportedOperation::because("Only a task that is RUNNING can be cancelled."));
        }
        task.status = Status::Cancelled;
        cx.put(source.place, &task).await?;
        Ok(CancelMessageMoveTaskResult { approximate_number_of_messages_moved: task.moved })
    }
}

impl CancelMessageMoveTask {
    fn handle(&self) -> Result<Handle> {
        let json = STANDARD.decode(&self.task_handle).ok();
        let handle = json.and_then(|json| serde_json::from_slice(&json).ok());
        handle.ok_or_else(|| invalid(&self.task_handle, "TaskHandle", "The task handle is not valid."))
    }
}
