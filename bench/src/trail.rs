//! What a trail costs: the same calls in accounts without a trail, with one of management events, and with one that
//! takes data events too, in turns on one server.

use std::net::SocketAddr;

use bytes::Bytes;
use clap::Args;
use http::HeaderValue;
use serde_json::{Value, json};

use crate::Program;
use crate::authorization::{GET_QUEUE_URL, queue};
use crate::client::{Connection, Identity, Spec};
use crate::failure::{Failure, Result};
use crate::scenario::sqs;
use crate::server::Server;
use crate::turns::{Call, Caller, Turns};

#[derive(Args, Clone, Debug)]
pub(crate) struct TrailCost {
    #[command(flatten)]
    program: Program,
    #[command(flatten)]
    turns: Turns,
}

/// A management event that reads; one that writes a row; and a data event.
const CALLS: [Call; 3] = [
    GET_QUEUE_URL,
    Call {
        name: "SQS TagQueue",
        spec: |caller| sqs::call("AmazonSQS.TagQueue", &json!({"QueueUrl": url(caller), "Tags": {"a": "b"}})),
        right: |_, answer| !answer.contains("__type"),
    },
    Call {
        name: "SQS SendMessage",
        spec: |caller| sqs::call("AmazonSQS.SendMessage", &json!({"QueueUrl": url(caller), "MessageBody": "load"})),
        right: |_, answer| answer.contains("MessageId"),
    },
];

fn url(caller: &Caller) -> String {
    format!("http://{}/{}/load", caller.address, caller.account)
}

/// Whether every caller is answered rightly.
pub(crate) async fn smoke(program: Program) -> Result<()> {
    TrailCost { program, turns: Turns::smoke() }.run().await
}

impl TrailCost {
    pub(crate) async fn run(&self) -> Result<()> {
        let server = Server::welkin(&self.program.path()?).await?;
        let callers = vec![
            caller(server.address, "no trail", "111111111111", None).await?,
            caller(server.address, "trail of management events", "222222222222", Some(json!([]))).await?,
            caller(server.address, "trail of data events too", "333333333333", Some(queues())).await?,
        ];
        self.turns.run(&server, callers, &CALLS).await?;
        server.stop().await;
        Ok(())
    }
}

/// Selectors of management events and of what is done to queues.
fn queues() -> Value {
    let equals = |field: &str, value: &str| json!({"Field": field, "Equals": [value]});
    json!([
        {"FieldSelectors": [equals("eventCategory", "Management")]},
        {"FieldSelectors": [equals("eventCategory", "Data"), equals("resources.type", "AWS::SQS::Queue")]},
    ])
}

/// The root user of an account with a queue, and with a trail if there are selectors for one; none of them are the
/// selectors that a trail has by itself.
async fn caller(address: SocketAddr, name: &'static str, account: &str, selectors: Option<Value>) -> Result<Caller> {
    let identity = Identity::new(account, "any");
    let mut root = Connection::open(address, &identity).await?;
    queue(&mut root).await?;
    if let Some(selectors) = selectors {
        let bucket = format!("trail-{account}");
        root.call(Spec::s3("PUT", format!("/{bucket}"), "", Bytes::new())).await?;
        let policy = Bytes::from(bucket_policy(&bucket).to_string());
        root.call(Spec::s3("PUT", format!("/{bucket}"), "policy=", policy).summed()?).await?;
        cloudtrail(&mut root, "CreateTrail", &json!({"Name": "bench", "S3BucketName": bucket})).await?;
        if selectors.as_array().is_some_and(|selectors| !selectors.is_empty()) {
            let chosen = json!({"TrailName": "bench", "AdvancedEventSelectors": selectors});
            cloudtrail(&mut root, "PutEventSelectors", &chosen).await?;
        }
        cloudtrail(&mut root, "StartLogging", &json!({"Name": "bench"})).await?;
    }
    Ok(Caller { name, address, identity, account: account.to_owned() })
}

fn bucket_policy(bucket: &str) -> Value {
    let statement = |action: &str, resource: String| {
        let service = json!({"Service": "cloudtrail.amazonaws.com"});
        json!({"Effect": "Allow", "Principal": service, "Action": action, "Resource": resource})
    };
    json!({"Version": "2012-10-17", "Statement": [
        statement("s3:GetBucketAcl", format!("arn:aws:s3:::{bucket}")),
        statement("s3:PutObject", format!("arn:aws:s3:::{bucket}/*")),
    ]})
}

async fn cloudtrail(root: &mut Connection, operation: &str, input: &Value) -> Result<()> {
    let mut spec = Spec::json("cloudtrail", "application/x-amz-json-1.1", "", input.to_string());
    let target = format!("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.{operation}");
    let target = HeaderValue::from_str(&target).map_err(Failure::of)?;
    if let Some((_, value)) = spec.headers.iter_mut().find(|(name, _)| *name == "x-amz-target") {
        *value = target;
    }
    root.call(spec).await.map(|_| ())
}
