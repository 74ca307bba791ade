//! What the rules of a bus cost: events put to buses with no rule, with 100 and with 1,000, of which each event matches
//! one that has a queue for its target; in turns on one server.

use std::net::SocketAddr;

use clap::Args;
use http::HeaderValue;
use serde_json::{Value, json};

use crate::Program;
use crate::client::{Connection, Identity, Spec};
use crate::failure::{Failure, Result};
use crate::scenario::sqs;
use crate::server::Server;
use crate::turns::{Call, Caller, Turns};

#[derive(Args, Clone, Debug)]
pub(crate) struct Rules {
    #[command(flatten)]
    program: Program,
    #[command(flatten)]
    turns: Turns,
}

/// One event, and ten in a call; each that no rule wants, and each that one of them does.
const CALLS: [Call; 4] = [
    Call { name: "PutEvents, 1 unmatched", spec: |_| put(1, "none"), right },
    Call { name: "PutEvents, 10 unmatched", spec: |_| put(10, "none"), right },
    Call { name: "PutEvents, 1 matched", spec: |_| put(1, "7"), right },
    Call { name: "PutEvents, 10 matched", spec: |_| put(10, "7"), right },
];

fn right(_: &Caller, answer: &str) -> bool {
    answer.contains("\"FailedEntryCount\":0")
}

fn put(count: usize, kind: &str) -> Spec {
    let detail = json!({"kind": kind, "text": "lorem ipsum ".repeat(18)}).to_string();
    let entry = json!({"Source": "bench", "DetailType": "Load", "Detail": detail});
    let mut spec =
        Spec::json("events", "application/x-amz-json-1.1", "", json!({"Entries": vec![entry; count]}).to_string());
    aim(&mut spec, HeaderValue::from_static("AWSEvents.PutEvents"));
    spec
}

fn aim(spec: &mut Spec, target: HeaderValue) {
    if let Some((_, value)) = spec.headers.iter_mut().find(|(name, _)| *name == "x-amz-target") {
        *value = target;
    }
}

/// Whether every caller is answered rightly.
pub(crate) async fn smoke(program: Program) -> Result<()> {
    Rules { program, turns: Turns::smoke() }.run().await
}

impl Rules {
    pub(crate) async fn run(&self) -> Result<()> {
        let server = Server::welkin(&self.program.path()?).await?;
        let callers = vec![
            caller(server.address, "no rule", "111111111111", 0).await?,
            caller(server.address, "100 rules", "222222222222", 100).await?,
            caller(server.address, "1,000 rules", "333333333333", 1_000).await?,
        ];
        self.turns.run(&server, callers, &CALLS).await?;
        server.stop().await;
        Ok(())
    }
}

/// The root user of an account whose default bus has so many rules, of which each wants another kind of events.
async fn caller(address: SocketAddr, name: &'static str, account: &str, rules: usize) -> Result<Caller> {
    let identity = Identity::new(account, "any");
    let mut root = Connection::open(address, &identity).await?;
    let queue = format!("arn:aws:sqs:us-east-1:{account}:events");
    let policy = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
    }});
    let input = json!({"QueueName": "events", "Attributes": {"Policy": policy.to_string()}});
    root.call(sqs::call("AmazonSQS.CreateQueue", &input)).await?;
    for number in 0..rules {
        let rule = format!("r{number}");
        let pattern = json!({"source": ["bench"], "detail": {"kind": [number.to_string()]}}).to_string();
        events(&mut root, "PutRule", &json!({"Name": rule, "EventPattern": pattern})).await?;
        let targets = json!([{"Id": "1", "Arn": queue}]);
        events(&mut root, "PutTargets", &json!({"Rule": rule, "Targets": targets})).await?;
    }
    Ok(Caller { name, address, identity, account: account.to_owned() })
}

async fn events(root: &mut Connection, operation: &str, input: &Value) -> Result<()> {
    let mut spec = Spec::json("events", "application/x-amz-json-1.1", "", input.to_string());
    aim(&mut spec, HeaderValue::from_str(&format!("AWSEvents.{operation}")).map_err(Failure::of)?);
    root.call(spec).await.map(|_| ())
}
