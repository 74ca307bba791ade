//! What authorisation adds to a signed call: the same call by callers of whom more and more policies are known, in
//! turns on one server.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use crate::Program;
use crate::client::{Connection, Identity, Spec};
use crate::failure::{Failure, Result};
use crate::scenario::{sqs, sts};
use crate::server::Server;
use crate::turns::{Call, Caller, Turns};
use crate::world::{element, encode, iam, json_body, text};

#[derive(Args, Clone, Debug)]
pub(crate) struct Authorization {
    #[command(flatten)]
    program: Program,
    #[command(flatten)]
    turns: Turns,
}

/// Accounts without an organization, and of the organization's management.
const ALONE: &str = "111111111111";
const MANAGEMENT: &str = "222222222222";

/// The first needs no permission, so nothing is decided about it; the second is a read of one small row about which
/// everything is.
const CALLS: [Call; 2] = [
    Call {
        name: "STS GetCallerIdentity",
        spec: |_| sts::get_caller_identity(),
        right: |caller, answer| answer.contains(&caller.account),
    },
    GET_QUEUE_URL,
];

/// A management event that only reads one row.
pub(crate) const GET_QUEUE_URL: Call = Call {
    name: "SQS GetQueueUrl",
    spec: |_| sqs::call("AmazonSQS.GetQueueUrl", &json!({"QueueName": "load"})),
    right: |caller, answer| answer.contains(&caller.account),
};

/// Whether every caller is answered rightly.
pub(crate) async fn smoke(program: Program) -> Result<()> {
    Authorization { program, turns: Turns::smoke() }.run().await
}

impl Authorization {
    pub(crate) async fn run(&self) -> Result<()> {
        let server = Server::welkin(&self.program.path()?).await?;
        self.turns.run(&server, callers(server.address).await?, &CALLS).await?;
        server.stop().await;
        Ok(())
    }
}

/// Root without policies, a user with one, and a user with ten under three levels of service control policies. All sign
/// with keys that are verified, and each has a queue of the same name.
async fn callers(address: SocketAddr) -> Result<Vec<Caller>> {
    let mut root = Connection::open(address, &Identity::new(ALONE, "any")).await?;
    queue(&mut root).await?;
    let keys = iam(&mut root, "CreateAccessKey".to_owned()).await?.text();
    let caller = |name, account: &str, keys: &str| {
        let identity = Identity::new(element(keys, "AccessKeyId")?, element(keys, "SecretAccessKey")?);
        Ok::<_, Failure>(Caller { name, address, identity, account: account.to_owned() })
    };
    let first = caller("root user, no policies", ALONE, &keys)?;
    iam(&mut root, "CreateUser&UserName=plain".to_owned()).await?;
    let policy = encode(&statements(&["sqs:*"]).to_string());
    iam(&mut root, format!("PutUserPolicy&UserName=plain&PolicyName=p&PolicyDocument={policy}")).await?;
    let keys = iam(&mut root, "CreateAccessKey&UserName=plain".to_owned()).await?.text();
    let second = caller("user, 1 policy", ALONE, &keys)?;
    let member = member(address).await?;
    let mut root = Connection::open(address, &Identity::new(&member, "any")).await?;
    queue(&mut root).await?;
    let keys = burdened(&mut root).await?;
    let third = caller("user, 10 policies under 3 levels of SCPs", &member, &keys)?;
    Ok(vec![first, second, third])
}

pub(crate) async fn queue(root: &mut Connection) -> Result<()> {
    root.call(sqs::call("AmazonSQS.CreateQueue", &json!({"QueueName": "load"}))).await.map(|_| ())
}

fn statements(actions: &[&str]) -> Value {
    let statement = |(sid, action): (usize, &&str)| {
        json!({
            "Sid": format!("S{sid}"), "Effect": "Allow", "Action": [action], "Resource": ["arn:aws:s3:::*", "*"],
            "Condition": {"StringEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}},
        })
    };
    let statements: Vec<_> = actions.iter().enumerate().map(statement).collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// A user with ten managed policies of three statements, of which the last allows what is called; its keys.
async fn burdened(root: &mut Connection) -> Result<String> {
    iam(root, "CreateUser&UserName=burdened".to_owned()).await?;
    let last = ["lambda:InvokeFunction", "sns:Publish", "sqs:GetQueueUrl"];
    let other = ["s3:Get*", "dynamodb:*Item", "logs:PutLogEvents"];
    for number in 0..10 {
        let document = encode(&statements(if number == 9 { &last } else { &other }).to_string());
        let made = iam(root, format!("CreatePolicy&PolicyName=p{number}&PolicyDocument={document}")).await?.text();
        let arn = encode(element(&made, "Arn")?);
        iam(root, format!("AttachUserPolicy&UserName=burdened&PolicyArn={arn}")).await?;
    }
    Ok(iam(root, "CreateAccessKey&UserName=burdened".to_owned()).await?.text())
}

/// An account in a unit of an organization whose root, unit and account each have a policy that denies besides the one
/// that allows everything.
async fn member(address: SocketAddr) -> Result<String> {
    let mut management = Connection::open(address, &Identity::new(MANAGEMENT, "any")).await?;
    organizations(&mut management, "CreateOrganization", json!({"FeatureSet": "ALL"})).await?;
    let roots = organizations(&mut management, "ListRoots", json!({})).await?;
    let root = roots.pointer("/Roots/0/Id").and_then(Value::as_str).ok_or("no root")?.to_owned();
    let enable = json!({"RootId": root, "PolicyType": "SERVICE_CONTROL_POLICY"});
    organizations(&mut management, "EnablePolicyType", enable).await?;
    let unit = json!({"ParentId": root, "Name": "unit"});
    let unit = organizations(&mut management, "CreateOrganizationalUnit", unit).await?;
    let unit = text(&unit, &["OrganizationalUnit", "Id"])?;
    let account = account(&mut management).await?;
    let there = json!({"AccountId": account, "SourceParentId": root, "DestinationParentId": unit});
    organizations(&mut management, "MoveAccount", there).await?;
    for (number, target) in [&root, &unit, &account].into_iter().enumerate() {
        let content = json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "Regions", "Effect": "Deny", "NotAction": ["iam:*", "organizations:*"], "Resource": "*",
             "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}}},
            {"Sid": "Keep", "Effect": "Deny", "Action": ["cloudtrail:Stop*", "sqs:DeleteQueue"], "Resource": "*",
             "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}},
        ]});
        let policy = json!({
            "Name": format!("guard{number}"), "Description": "", "Type": "SERVICE_CONTROL_POLICY",
            "Content": content.to_string(),
        });
        let made = organizations(&mut management, "CreatePolicy", policy).await?;
        let policy = text(&made, &["Policy", "PolicySummary", "Id"])?;
        organizations(&mut management, "AttachPolicy", json!({"PolicyId": policy, "TargetId": target})).await?;
    }
    Ok(account)
}

/// A new member account.
async fn account(management: &mut Connection) -> Result<String> {
    let request = json!({"AccountName": "member", "Email": "member@example.com"});
    let mut status = organizations(management, "CreateAccount", request).await?;
    for _ in 0..200 {
        if let Ok(account) = text(&status, &["CreateAccountStatus", "AccountId"]) {
            return Ok(account);
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
        let request = json!({"CreateAccountRequestId": text(&status, &["CreateAccountStatus", "Id"])?});
        status = organizations(management, "DescribeCreateAccountStatus", request).await?;
    }
    Err(format!("no account was made: {status}").into())
}

async fn organizations(management: &mut Connection, operation: &str, input: Value) -> Result<Value> {
    let mut spec = Spec::json("organizations", "application/x-amz-json-1.1", "", input.to_string());
    let target = format!("AWSOrganizationsV20161128.{operation}");
    let target = http::HeaderValue::from_str(&target).map_err(Failure::of)?;
    if let Some((_, value)) = spec.headers.iter_mut().find(|(name, _)| *name == "x-amz-target") {
        *value = target;
    }
    let answer = management.call(spec).await?;
    if answer.body.is_empty() { Ok(Value::Null) } else { json_body(&answer) }
}
