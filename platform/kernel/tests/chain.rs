//! The chain end to end, over a toy implementation of a few operations of the model.
#![allow(clippy::unwrap_used)]

mod toy;

use std::time::Duration;

use serde_json::json;
use toy::Toy;
use welkin_kernel::{CallRecord, Place, Region, Timestamp};

const A: &str = "111111111111";

fn place(account: &str) -> Place {
    Place::new(account.parse().unwrap(), Region::US_EAST_1)
}

#[tokio::test]
async fn a_call_writes_its_state_and_its_record_together() {
    let toy = Toy::start().await;
    let answer = toy.call(A, "CreateQueue", json!({ "QueueName": "q" })).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["QueueUrl"], "http://localhost:4566/111111111111/q");
    let records = toy.records(place(A)).await;
    assert_eq!(records.len(), 1);
    let record = &records[0];
    assert_eq!((record.source.as_str(), record.name.as_str()), ("sqs.amazonaws.com", "CreateQueue"));
    assert_eq!(record.request_parameters.as_deref(), Some(r#"{"queueName":"q"}"#));
    assert!(!record.read_only && record.error_code.is_none());
}

#[tokio::test]
async fn a_failed_call_leaves_no_state_and_is_recorded_with_its_error() {
    let toy = Toy::start().await;
    // The toy writes the queue before it refuses this name.
    let answer = toy.call(A, "CreateQueue", json!({ "QueueName": "refused" })).await;
    assert_eq!((answer.status, answer.code()), (400, "QueueNameExists"));
    assert_eq!(toy.queues(place(A)).await, Vec::<String>::new());
    assert_eq!(toy.records(place(A)).await[0].error_code.as_deref(), Some("QueueNameExists"));
}

#[tokio::test]
async fn accounts_do_not_see_each_other() {
    let toy = Toy::start().await;
    toy.call(A, "CreateQueue", json!({ "QueueName": "q" })).await;
    assert_eq!(toy.queues(place("222222222222")).await, Vec::<String>::new());
    assert_eq!(toy.records(place("222222222222")).await, Vec::<CallRecord>::new());
}

#[tokio::test]
async fn concurrent_calls_in_conflict_are_run_again_until_each_has_counted() {
    let toy = Toy::start().await;
    toy.call(A, "CreateQueue", json!({ "QueueName": "q" })).await;
    let calls = (0..40).map(|_| toy.call(A, "SendMessage", json!({ "QueueUrl": "q", "MessageBody": "m" })));
    let answers = futures_util::future::join_all(calls).await;
    assert!(answers.iter().all(|a| a.status == 200), "{:?}", answers.iter().find(|a| a.status != 200));
    assert_eq!(toy.count(place(A), "q").await, 40);
}

#[tokio::test]
async fn a_call_that_waits_is_woken_by_a_change() {
    let toy = Toy::start().await;
    toy.call(A, "CreateQueue", json!({ "QueueName": "q" })).await;
    let receive = toy.call(A, "ReceiveMessage", json!({ "QueueUrl": "q", "WaitTimeSeconds": 20 }));
    let send = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        toy.call(A, "SendMessage", json!({ "QueueUrl": "q", "MessageBody": "m" })).await
    };
    let (received, _) = tokio::join!(receive, send);
    assert_eq!(received.body["Messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_call_that_waits_ends_when_the_clock_is_moved() {
    let toy = Toy::start().await;
    toy.call(A, "CreateQueue", json!({ "QueueName": "q" })).await;
    let receive = toy.call(A, "ReceiveMessage", json!({ "QueueUrl": "q", "WaitTimeSeconds": 20 }));
    let advance = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        toy.kernel.advance(toy.kernel.clock().now().plus(Duration::from_secs(20))).await.unwrap();
    };
    let (received, ()) = tokio::join!(receive, advance);
    assert_eq!((received.status, received.body.get("Messages")), (200, None));
}

#[tokio::test]
async fn staged_work_is_done_once_though_the_call_runs_twice() {
    let toy = Toy::start().await;
    toy.call(A, "CreateQueue", json!({ "QueueName": "q" })).await;
    let answer = toy.call(A, "PurgeQueue", json!({ "QueueUrl": "q" })).await;
    assert_eq!(answer.status, 200);
    let names: Vec<_> = toy.records(place(A)).await.into_iter().map(|r| r.name).collect();
    // The staged nested call has committed by itself, once; the call is recorded once.
    assert_eq!(names, ["CreateQueue", "ListQueues", "PurgeQueue"]);
}

#[tokio::test]
async fn what_one_nested_call_staged_is_not_taken_for_another_ones() {
    let toy = Toy::start().await;
    for name in ["a", "removes-a"] {
        toy.call(A, "CreateQueue", json!({ "QueueName": name })).await;
    }
    // The first call stages and is there no more when the second one has staged: in the last run the second one is
    // the first that asks for what was staged.
    let entries = json!([{ "Id": "1", "MessageBody": "a" }, { "Id": "2", "MessageBody": "removes-a" }]);
    let answer = toy.call(A, "SendMessageBatch", json!({ "QueueUrl": "q", "Entries": entries })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(toy.queues(place(A)).await, ["removes-a"]);
    assert_eq!(toy.count(place(A), "removes-a").await, 9);
}

#[tokio::test]
async fn a_nested_call_is_recorded_with_the_caller_and_the_service_that_called() {
    let toy = Toy::start().await;
    toy.call(A, "CreateQueue", json!({ "QueueName": "q" })).await;
    toy.call(A, "PurgeQueue", json!({ "QueueUrl": "q" })).await;
    let nested = toy.records(place(A)).await.into_iter().find(|r| r.name == "ListQueues").unwrap();
    assert_eq!(nested.invoked_by.as_deref(), Some("sqs.amazonaws.com"));
    assert_eq!(nested.principal.account().map(|a| a.to_string()).as_deref(), Some(A));
}

#[tokio::test]
async fn jobs_run_at_their_times_in_order_and_once() {
    let toy = Toy::start().await;
    for (name, after) in [("late", 600), ("early", 60), ("failing", 120)] {
        toy.call(A, "TagQueue", json!({ "QueueUrl": name, "Tags": { "after": after.to_string() } })).await;
    }
    let start = toy.kernel.clock().now();
    assert_eq!(toy.kernel.jobs().await.unwrap().len(), 3);
    toy.kernel.advance(start.plus(Duration::from_secs(300))).await.unwrap();
    assert_eq!(toy.queues(place(A)).await, ["early", "failing"]);
    toy.kernel.advance(start.plus(Duration::from_secs(900))).await.unwrap();
    assert_eq!(toy.queues(place(A)).await, ["early", "failing", "late"]);
    assert_eq!(toy.kernel.jobs().await.unwrap().len(), 0);
}

#[tokio::test]
async fn jobs_of_a_lane_run_in_the_order_in_which_they_were_enqueued() {
    let toy = Toy::start().await;
    for name in ["one", "two", "three"] {
        let tags = json!({ "after": "0", "lane": "l" });
        toy.call(A, "TagQueue", json!({ "QueueUrl": name, "Tags": tags })).await;
    }
    toy.kernel.drain().await.unwrap();
    assert_eq!(toy.order(place(A)).await, ["one", "two", "three"]);
}

#[tokio::test]
async fn what_is_not_implemented_is_refused_by_name_and_recorded() {
    let toy = Toy::start().await;
    let answer =
        toy.call(A, "StartMessageMoveTask", json!({ "SourceArn": "arn:aws:sqs:us-east-1:111111111111:q" })).await;
    assert_eq!((answer.status, answer.code()), (501, "NotImplemented"));
    assert!(answer.body.to_string().contains("sqs StartMessageMoveTask"), "{}", answer.body);
    assert_eq!(toy.records(place(A)).await[0].error_code.as_deref(), Some("NotImplemented"));
}

#[tokio::test]
async fn a_panic_becomes_an_internal_failure_and_harms_nothing_else() {
    let toy = Toy::start().await;
    let answer = toy.call(A, "CreateQueue", json!({ "QueueName": "panic" })).await;
    assert_eq!((answer.status, answer.code()), (500, "InternalFailure"));
    assert_eq!(toy.call(A, "CreateQueue", json!({ "QueueName": "q" })).await.status, 200);
    assert_eq!(toy.queues(place(A)).await, ["q"]);
}

#[tokio::test]
async fn a_quota_is_charged_by_account_and_refills_with_the_clock() {
    let toy = Toy::still().await;
    let list = || toy.call(A, "ListQueueTags", json!({ "QueueUrl": "q" }));
    assert_eq!((list().await.status, list().await.status), (200, 200));
    let third = list().await;
    assert_eq!((third.status, third.code()), (400, "Throttling"));
    assert_eq!(toy.call("222222222222", "ListQueueTags", json!({ "QueueUrl": "q" })).await.status, 200);
    toy.kernel.advance(toy.kernel.clock().now().plus(Duration::from_secs(1))).await.unwrap();
    assert_eq!(list().await.status, 200);
}

#[tokio::test]
async fn strict_refuses_the_bootstrap_keys() {
    let toy = Toy::strict().await;
    let answer = toy.call(A, "ListQueues", json!({})).await;
    assert_eq!((answer.status, answer.code()), (403, "InvalidClientTokenId"));
}

#[tokio::test]
async fn the_clock_stands_where_it_was_set_after_a_restart() {
    let toy = Toy::start().await;
    let to = toy.kernel.clock().now().plus(Duration::from_secs(90 * 86_400));
    toy.kernel.advance(to).await.unwrap();
    let again = toy.restart().await;
    assert!(again.kernel.clock().now() >= to);
}

#[tokio::test]
async fn records_are_listed_by_time() {
    let toy = Toy::start().await;
    for name in ["a", "b", "c"] {
        toy.call(A, "CreateQueue", json!({ "QueueName": name })).await;
    }
    let times: Vec<Timestamp> = toy.records(place(A)).await.into_iter().map(|r| r.time).collect();
    assert_eq!(times.len(), 3);
    assert!(times.is_sorted());
}

#[tokio::test]
async fn what_was_acknowledged_is_counted_once_however_the_store_fails() {
    for seed in 0..20 {
        let faults = welkin_store::Faults { seed, conflict_rate: 0.3, error_rate: 0.1, ..Default::default() };
        let toy = Toy::faulty(faults).await;
        while toy.call(A, "CreateQueue", json!({ "QueueName": "q" })).await.status != 200 {}
        let calls = (0..20).map(|_| toy.call(A, "SendMessage", json!({ "QueueUrl": "q", "MessageBody": "m" })));
        let answers = futures_util::future::join_all(calls).await;
        let acknowledged = answers.iter().filter(|a| a.status == 200).count() as u64;
        let told = ["InternalFailure", "ServiceUnavailable"];
        assert!(answers.iter().all(|a| a.status == 200 || told.contains(&a.code())));
        assert_eq!(toy.count(place(A), "q").await, acknowledged, "seed {seed}");
        let records = toy.records(place(A)).await;
        let sent = records.iter().filter(|r| r.name == "SendMessage" && r.error_code.is_none()).count() as u64;
        assert_eq!(sent, acknowledged, "seed {seed}: the record commits with the call");
    }
}
