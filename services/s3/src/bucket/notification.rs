//! Notifications: what happens to objects, told to queues, topics and EventBridge.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html>

mod bridge;
pub(crate) mod check;
pub(crate) mod deliver;
pub(crate) mod event;

use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{Access, Cx, Empty, Fraction, IntoKey, Key, Operation, Place, Resource, Result, Schedule, Scope};

use super::Bucket;
use crate::errors::{InvalidArgument, not_implemented};
use deliver::Deliver;
use event::Happening;

/// Where notifications of a bucket go, in a row of its own: [`Bucket::notifies`] tells whether there are any.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Notifications {
    bucket: String,
    queues: Vec<ToQueue>,
    #[serde(default)]
    topics: Vec<ToTopic>,
    /// Whether EventBridge is told everything.
    #[serde(default)]
    event_bridge: bool,
}

/// Notifications to a queue, as the API has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ToQueue {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    queue_arn: String,
    #[serde(default)]
    events: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter: Option<Filter>,
}

/// Notifications to a topic, as the API has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ToTopic {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    topic_arn: String,
    #[serde(default)]
    events: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter: Option<Filter>,
}

/// What is to be told to whom.
#[derive(Clone, Copy, Debug)]
struct Wish<'a> {
    id: Option<&'a str>,
    /// ARN of the queue or topic.
    arn: &'a str,
    /// What errors call it.
    kind: Kind,
    events: &'a [String],
    filter: Option<&'a Filter>,
}

/// What notifications go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Queue,
    Topic,
}

/// Of which keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<KeyFilter>,
}

/// How the keys begin or end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyFilter {
    #[serde(default)]
    filter_rules: Vec<FilterRule>,
}

/// A beginning or an end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FilterRule {
    name: Option<String>,
    #[serde(default)]
    value: Option<String>,
}

impl Resource for Notifications {
    const KIND: &'static str = "s3/notifications";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.bucket,).into_key()
    }
}

impl ToQueue {
    fn wish(&self) -> Wish<'_> {
        let (id, filter) = (self.id.as_deref(), self.filter.as_ref());
        Wish { id, arn: &self.queue_arn, kind: Kind::Queue, events: &self.events, filter }
    }
}

impl ToTopic {
    fn wish(&self) -> Wish<'_> {
        let (id, filter) = (self.id.as_deref(), self.filter.as_ref());
        Wish { id, arn: &self.topic_arn, kind: Kind::Topic, events: &self.events, filter }
    }
}

impl Notifications {
    fn wishes(&self) -> impl Iterator<Item = Wish<'_>> {
        self.queues.iter().map(ToQueue::wish).chain(self.topics.iter().map(ToTopic::wish))
    }
}

impl<'a> Wish<'a> {
    /// The prefix or suffix that keys must have.
    fn part(&self, name: &str) -> &'a str {
        let rules = self.filter.iter().filter_map(|filter| filter.key.as_ref()).flat_map(|key| &key.filter_rules);
        let mut named = rules.filter(|rule| rule.name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name)));
        named.next().and_then(|rule| rule.value.as_deref()).unwrap_or_default()
    }

    fn wants(&self, event: &str, key: &str) -> bool {
        key.starts_with(self.part("prefix"))
            && key.ends_with(self.part("suffix"))
            && self.events.iter().any(|wanted| check::covers(wanted, event))
    }
}

/// Tells the bucket's queues, topics and EventBridge what happened to an object, once the transaction has committed.
pub(crate) async fn notify(cx: &mut Cx, bucket: &Bucket, happening: Happening<'_>) -> Result<()> {
    if !bucket.notifies {
        return Ok(());
    }
    let place = bucket.place();
    let Some(notifications) = cx.get::<Notifications>(place, (&bucket.name,)).await? else { return Ok(()) };
    for to in notifications.wishes().filter(|to| to.wants(happening.name, happening.key)) {
        let message = happening.message(cx, bucket, to.id.unwrap_or_default());
        let job = Deliver { bucket: bucket.name.clone(), queue: to.arn.to_owned(), message: message.to_string() };
        cx.enqueue_at(place, &job, Schedule::now()).await?;
    }
    if notifications.event_bridge {
        bridge::tell(cx, bucket, &happening).await?;
    }
    Ok(())
}

/// What EventBridge is told: there is nothing to choose.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ToEventBridge {}

/// Configurations of targets that do not exist yet.
#[derive(Debug, Deserialize)]
struct Other {}

/// The configuration as the API has it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    #[serde(default)]
    queue_configurations: Vec<ToQueue>,
    #[serde(default)]
    topic_configurations: Vec<ToTopic>,
    #[serde(default)]
    lambda_function_configurations: Vec<Other>,
    event_bridge_configuration: Option<ToEventBridge>,
}

/// Sets where notifications of a bucket go; each target gets a test message.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutBucketNotificationConfiguration {
    bucket: String,
    notification_configuration: Configuration,
    skip_destination_validation: Option<bool>,
}

impl Operation for PutBucketNotificationConfiguration {
    const NAME: &str = "PutBucketNotificationConfiguration";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:PutBucketNotification"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut bucket = Bucket::open(cx, &self.bucket).await?;
        let given = &self.notification_configuration;
        if !given.lambda_function_configurations.is_empty() {
            return Err(not_implemented("notifications to Lambda functions"));
        }
        let (queues, topics) = (given.queue_configurations.clone(), given.topic_configurations.clone());
        let event_bridge = given.event_bridge_configuration.is_some();
        let mut notifications = Notifications { bucket: bucket.name.clone(), queues, topics, event_bridge };
        check::check(&notifications.wishes().collect::<Vec<_>>(), &bucket)?;
        let queues = notifications.queues.iter_mut().map(|queue| &mut queue.id);
        for id in queues.chain(notifications.topics.iter_mut().map(|topic| &mut topic.id)) {
            id.get_or_insert_with(|| cx.chance().uuid());
        }
        if self.skip_destination_validation != Some(true) {
            for wish in notifications.wishes() {
                test(cx, &bucket, wish).await?;
            }
        }
        bucket.notifies = event_bridge || notifications.wishes().next().is_some();
        cx.put(bucket.place(), &notifications).await?;
        bucket.save(cx).await?;
        Ok(Empty {})
    }
}

/// Sends a test message to a queue or topic.
///
/// # Errors
/// `InvalidArgument` if it is not taken.
async fn test(cx: &mut Cx, bucket: &Bucket, wish: Wish<'_>) -> Result<()> {
    let message = json!({
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": cx.now().to_iso8601(Fraction::Millis),
        "Bucket": bucket.name,
        "RequestId": cx.request_id(),
        "HostId": event::host_id(cx),
    });
    match deliver::send(cx, bucket, wish.arn, &message.to_string()).await {
        Ok(()) => Ok(()),
        Err(error) if error.answer().is_none() => Err(error),
        Err(error) => {
            let missing = ["NonExistent", "DoesNotExist", "NotFound"];
            let is_missing = |code: &str| missing.iter().any(|missing| code.contains(missing));
            let kind = if wish.kind == Kind::Queue { "queue" } else { "topic" };
            let why = match error.answer() {
                Some(answer) if is_missing(&answer.code) => format!("The destination {kind} does not exist"),
                _ => format!(
                    "Permissions on the destination {kind} do not allow S3 to publish notifications from this bucket"
                ),
            };
            Err(InvalidArgument::because("Unable to validate the following destination configurations")
                .with("ArgumentName", wish.arn)
                .with("ArgumentValue", why))
        }
    }
}

/// Tells where notifications of a bucket go.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketNotificationConfiguration {
    bucket: String,
}

/// Answer of [`GetBucketNotificationConfiguration`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketNotificationConfigurationOutput {
    queue_configurations: Vec<ToQueue>,
    topic_configurations: Vec<ToTopic>,
    event_bridge_configuration: Option<ToEventBridge>,
}

impl Operation for GetBucketNotificationConfiguration {
    const NAME: &str = "GetBucketNotificationConfiguration";
    type Output = GetBucketNotificationConfigurationOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:GetBucketNotification"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetBucketNotificationConfigurationOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        let found = cx.get::<Notifications>(bucket.place(), (&bucket.name,)).await?;
        let event_bridge_configuration = found.as_ref().filter(|it| it.event_bridge).map(|_| ToEventBridge {});
        let (queue_configurations, topic_configurations) = found.map(|it| (it.queues, it.topics)).unwrap_or_default();
        Ok(GetBucketNotificationConfigurationOutput {
            queue_configurations,
            topic_configurations,
            event_bridge_configuration,
        })
    }
}

/// Forgets where notifications of a bucket go that is deleted.
pub(crate) fn forget(cx: &mut Cx, place: Place, bucket: &str) -> Result<()> {
    cx.discard::<Notifications>(place, (bucket,))
}
