//! What the load works on in one server: a user with an access key, a queue, a bucket, a key.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::client::{Answer, Connection, Identity, Spec};
use crate::failure::{Failure, Result};
use crate::scenario::{Scenario, kms, s3, sns, sqs};

/// The account that everything is in.
pub(crate) const ACCOUNT: &str = "111111111111";

pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) identity: Arc<Identity>,
    pub(crate) user_arn: String,
    pub(crate) queue_url: String,
    pub(crate) key_id: String,
    pub(crate) topic_arn: String,
    pub(crate) bucket: &'static str,
    /// How many messages were sent and are not yet being received.
    messages: AtomicU64,
    /// Receipt handles of messages that were received and not yet deleted.
    pub(crate) receipts: Mutex<Vec<String>>,
    /// The bare server takes the same handle as often as one likes.
    pub(crate) canned: bool,
    next: AtomicU64,
}

/// The policy of the user: eleven statements, as a caller of some standing has.
fn policy() -> String {
    let allow = |sid: usize, action: &str| json!({"Sid": format!("Load{sid}"), "Effect": "Allow", "Action": action, "Resource": "*"});
    let actions = [
        "sts:*",
        "sqs:SendMessage",
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sns:Publish",
        "s3:PutObject",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:AbortMultipartUpload",
        "kms:GenerateDataKey",
        "kms:Decrypt",
    ];
    let statements: Vec<_> = actions.iter().enumerate().map(|(sid, action)| allow(sid, action)).collect();
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

impl World {
    /// Makes user, queue, bucket and key as the account's root user.
    pub(crate) async fn make(address: SocketAddr) -> Result<Self> {
        let mut root = Connection::open(address, &Identity::new(ACCOUNT, "any")).await?;
        let user = iam(&mut root, "CreateUser&UserName=load".to_owned()).await?.text();
        let document = encode(&policy());
        iam(&mut root, format!("PutUserPolicy&UserName=load&PolicyName=load&PolicyDocument={document}")).await?;
        let keys = iam(&mut root, "CreateAccessKey&UserName=load".to_owned()).await?.text();
        let identity = Identity::new(element(&keys, "AccessKeyId")?, element(&keys, "SecretAccessKey")?);
        let queue = sqs::call("AmazonSQS.CreateQueue", &json!({"QueueName": "load"}));
        let queue = json_body(&root.call(queue).await?)?;
        let key = json_body(&root.call(kms::call("TrentService.CreateKey", &json!({}))).await?)?;
        let topic_arn = sns::make(&mut root).await?;
        let bucket = "welkin-bench-load";
        root.call(Spec::s3("PUT", format!("/{bucket}"), "", bytes::Bytes::new())).await?;
        let world = Self {
            address,
            identity,
            user_arn: element(&user, "Arn")?.to_owned(),
            queue_url: text(&queue, &["QueueUrl"])?,
            key_id: text(&key, &["KeyMetadata", "KeyId"])?,
            topic_arn,
            bucket,
            messages: AtomicU64::new(0),
            receipts: Mutex::default(),
            canned: false,
            next: AtomicU64::new(1),
        };
        s3::prepare(&world).await?;
        Ok(world)
    }

    /// The same world as a bare server would be asked for it, which knows nothing of it.
    pub(crate) fn canned(&self, address: SocketAddr, receipt: Option<String>) -> Self {
        Self {
            address,
            identity: Arc::clone(&self.identity),
            user_arn: self.user_arn.clone(),
            queue_url: self.queue_url.clone(),
            key_id: self.key_id.clone(),
            topic_arn: self.topic_arn.clone(),
            bucket: self.bucket,
            messages: AtomicU64::new(0),
            receipts: Mutex::new(receipt.into_iter().collect()),
            canned: true,
            next: AtomicU64::new(1),
        }
    }

    /// A number that no request of this world had before.
    pub(crate) fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) async fn connect(&self) -> Result<Connection> {
        Connection::open(self.address, &self.identity).await
    }

    /// Counts a message that was sent.
    pub(crate) fn put_message(&self) {
        self.messages.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether there is a message to be received; it is counted as received then.
    pub(crate) fn take_message(&self) -> bool {
        let less = |messages: u64| messages.checked_sub(1);
        self.canned || self.messages.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }

    /// Keeps receipt handles for later.
    pub(crate) fn put_receipts(&self, receipts: impl IntoIterator<Item = String>) {
        self.receipts.lock().unwrap_or_else(PoisonError::into_inner).extend(receipts);
    }

    /// A receipt handle to use, if there is one.
    pub(crate) fn take_receipt(&self) -> Option<String> {
        let mut receipts = self.receipts.lock().unwrap_or_else(PoisonError::into_inner);
        if self.canned { receipts.last().cloned() } else { receipts.pop() }
    }

    /// One call of a scenario, checked.
    pub(crate) async fn once(&self, scenario: Scenario) -> Result<Answer> {
        let mut connection = self.connect().await?;
        let number = self.number();
        let spec = scenario.spec(self, number).ok_or("there is nothing to call it with")?;
        let request = connection.sign(spec, number)?;
        let answer = connection.send(request).await?;
        scenario.check(self, number, &answer).map_err(|error| Failure::at(scenario.name(), error))?;
        Ok(answer)
    }
}

pub(crate) async fn iam(root: &mut Connection, call: String) -> Result<Answer> {
    root.call(Spec::form("iam", format!("Version=2010-05-08&Action={call}"))).await
}

/// A form's value.
pub(crate) fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// The text of the first element of that name.
pub(crate) fn element<'a>(xml: &'a str, name: &str) -> Result<&'a str> {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let rest = xml.split_once(&start).map(|(_, rest)| rest);
    let text = rest.and_then(|rest| rest.split_once(&end)).map(|(text, _)| text);
    text.ok_or_else(|| format!("no {name} in {xml}").into())
}

pub(crate) fn json_body(answer: &Answer) -> Result<Value> {
    serde_json::from_slice(&answer.body).map_err(Failure::of)
}

/// A string in a JSON answer.
pub(crate) fn text(value: &Value, path: &[&str]) -> Result<String> {
    let found = path.iter().try_fold(value, |value, name| value.get(name)).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| format!("no {path:?} in {value}").into())
}
