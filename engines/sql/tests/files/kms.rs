//! Who called KMS: CloudTrail's files under a projected table, and the four queries of the article.

use crate::lake::{HIVE_JSON, Lake, TRAIL, by, gzip, table, with};

const COLUMNS: [(&str, &str); 23] = [
    ("eventVersion", "string"),
    (
        "userIdentity",
        "struct<type:string,principalId:string,arn:string,accountId:string,invokedBy:string,accessKeyId:string,\
         userName:string,sessionContext:struct<attributes:struct<mfaAuthenticated:string,creationDate:string>,\
         sessionIssuer:struct<type:string,principalId:string,arn:string,accountId:string,userName:string>>>",
    ),
    ("eventTime", "string"),
    ("eventSource", "string"),
    ("eventName", "string"),
    ("awsRegion", "string"),
    ("sourceIpAddress", "string"),
    ("userAgent", "string"),
    ("errorCode", "string"),
    ("errorMessage", "string"),
    ("requestParameters", "string"),
    ("responseElements", "string"),
    ("additionalEventData", "string"),
    ("requestId", "string"),
    ("eventId", "string"),
    ("readOnly", "string"),
    ("resources", "array<struct<arn:string,accountId:string,type:string>>"),
    ("eventType", "string"),
    ("apiVersion", "string"),
    ("recipientAccountId", "string"),
    ("serviceEventDetails", "string"),
    ("sharedEventID", "string"),
    ("vpcEndpointId", "string"),
];

const KEY: &str = "arn:aws:kms:us-east-2:111111111111:key/3aa3c82a2174";

/// A call, as CloudTrail writes it.
fn event(caller: &str, principal: &str, name: &str, through_s3: bool) -> String {
    let context = if through_s3 { r#","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::lake/x"}"# } else { "" };
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"AWSAccount","principalId":"{principal}","accountId":"{caller}","invokedBy":"AWS Internal"}},"eventTime":"2021-05-01T00:00:00Z","eventSource":"kms.amazonaws.com","eventName":"{name}","awsRegion":"us-east-2","requestParameters":{{"keyId":"{KEY}"{context}}},"responseElements":null,"readOnly":true,"resources":[{{"accountId":"111111111111","type":"AWS::KMS::Key","ARN":"{KEY}"}}],"eventType":"AwsApiCall"}}"#
    )
}

fn file(events: &[(usize, String)]) -> Vec<u8> {
    let all: Vec<&str> = events.iter().flat_map(|(count, event)| std::iter::repeat_n(event.as_str(), *count)).collect();
    gzip(format!("{{\"Records\":[{}]}}", all.join(",")))
}

fn lake(serde: &str) -> Lake {
    let mut of = by(table(serde, &COLUMNS), &[("timestamp", "string")]);
    of.location = "s3://lake/AWSLogs/111111111111/CloudTrail/us-east-2".into();
    of.input_format = "com.amazon.emr.cloudtrail.CloudTrailInputFormat".into();
    let of = with(
        of,
        &[
            ("projection.enabled", "true"),
            ("projection.timestamp.format", "yyyy/MM/dd"),
            ("projection.timestamp.interval", "1"),
            ("projection.timestamp.interval.unit", "DAYS"),
            ("projection.timestamp.range", "2020/01/01,NOW"),
            ("projection.timestamp.type", "date"),
            ("storage.location.template", "s3://lake/AWSLogs/111111111111/CloudTrail/us-east-2/${timestamp}"),
        ],
    );
    let (b, c, d) = ("222222222222", "333333333333", "444444444444");
    let may = file(&[
        (811, event(b, "AIDA4C5VIMGI2", "Decrypt", true)),
        (249, event(b, "AIDA4YFPRTQMP", "GenerateDataKey", true)),
        (1373, event(c, "AIDAC", "Decrypt", true)),
        (303, event("111111111111", "AIDAHUB", "Decrypt", true)),
        (5, event(b, "AIDA4YFPRTQMP", "Decrypt", false)),
    ]);
    let june = file(&[
        (811, event(b, "AIDA4C5VIMGI2", "Decrypt", true)),
        (189, event(b, "AIDA4YFPRTQMP", "Decrypt", true)),
        (500, event(b, "AIDA4YFPRTQMP", "GenerateDataKey", true)),
        (271, event(c, "AIDAC", "GenerateDataKey", true)),
        (638, event(d, "AIDAD", "Decrypt", true)),
        (306, event(d, "AIDAD", "GenerateDataKey", true)),
        (7, event(d, "AIDAD", "DescribeKey", false)),
    ]);
    let prefix = "AWSLogs/111111111111/CloudTrail/us-east-2";
    Lake::default()
        .table("cloudtrail_logs_us_east_2", of)
        .file(&format!("{prefix}/2021/05/01/a.json.gz"), may)
        .file(&format!("{prefix}/2021/06/15/b.json.gz"), june)
        .file(&format!("{prefix}/2021/03/31/early.json.gz"), file(&[(9, event(b, "AIDA", "Decrypt", true))]))
        .file(&format!("{prefix}/2021/06/16/tomorrow.json.gz"), file(&[(9, event(b, "AIDA", "Decrypt", true))]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_queries_of_the_article_count_exactly() {
    for serde in [TRAIL, HIVE_JSON] {
        let lake = lake(serde);
        let step3 = "SELECT useridentity.accountid as requestor_account_id, resources[1].accountid as owner_account_id, resources[1].arn as key_arn, count(resources) as count
            FROM CloudTrail_logs_us_east_2
            WHERE eventsource='kms.amazonaws.com'
              AND timestamp between '2021/04/01' and '2021/08/30'
              AND eventname in ('Decrypt','Encrypt','GenerateDataKey')
              AND useridentity.accountid!= resources[1].accountid
              AND json_extract(json_extract(requestparameters , '$.encryptionContext'),'$.aws:s3:arn') is not null
            GROUP BY useridentity.accountid,resources[1].accountid,resources[1].arn
            ORDER BY key_arn,count desc";
        let line = |caller: &str, count: u32| format!("{caller}|111111111111|{KEY}|{count}");
        assert_eq!(
            lake.rows(step3).await,
            [line("222222222222", 2560), line("333333333333", 1644), line("444444444444", 944)]
        );
        // From 1 April to today, each day's folder, and no other.
        let listed = lake.listed();
        assert_eq!(listed.len(), 30 + 31 + 15);
        assert!(listed.iter().all(|folder| folder.contains("/2021/0") && !folder.contains("/2021/03/")));

        let step4 = "SELECT useridentity.accountid as requestor_account_id, useridentity.principalid as requestor_principal, resources[1].accountid as owner_account_id, resources[1].arn as key_arn, count(resources) as count
            FROM CloudTrail_logs_us_east_2
            WHERE eventsource='kms.amazonaws.com' AND timestamp between '2021/04/01' and '2021/08/30'
              AND eventname in ('Decrypt','Encrypt','GenerateDataKey') AND useridentity.accountid!= resources[1].accountid
              AND json_extract(json_extract(requestparameters , '$.encryptionContext'),'$.aws:s3:arn') is not null
            GROUP BY useridentity.accountid,useridentity.principalid,resources[1].accountid,resources[1].arn
            ORDER BY requestor_account_id,count desc";
        let line =
            |caller: &str, principal: &str, count: u32| format!("{caller}|{principal}|111111111111|{KEY}|{count}");
        assert_eq!(
            lake.rows(step4).await,
            [
                line("222222222222", "AIDA4C5VIMGI2", 1622),
                line("222222222222", "AIDA4YFPRTQMP", 938),
                line("333333333333", "AIDAC", 1644),
                line("444444444444", "AIDAD", 944)
            ]
        );

        let step5 = "SELECT useridentity.accountid as requestor_account_id, resources[1].accountid as owner_account_id, resources[1].arn as key_arn, eventname as eventname, count(resources) as count
            FROM CloudTrail_logs_us_east_2
            WHERE eventsource='kms.amazonaws.com' AND timestamp between '2021/04/01' and '2021/08/30'
              AND useridentity.accountid!= resources[1].accountid
              AND json_extract(json_extract(requestparameters , '$.encryptionContext'),'$.aws:s3:arn') is not null
            GROUP BY useridentity.accountid, resources [1].accountid,resources[1].arn,eventname
            ORDER BY requestor_account_id,count desc";
        let line = |caller: &str, name: &str, count: u32| format!("{caller}|111111111111|{KEY}|{name}|{count}");
        assert_eq!(
            lake.rows(step5).await,
            [
                line("222222222222", "Decrypt", 1811),
                line("222222222222", "GenerateDataKey", 749),
                line("333333333333", "Decrypt", 1373),
                line("333333333333", "GenerateDataKey", 271),
                line("444444444444", "Decrypt", 638),
                line("444444444444", "GenerateDataKey", 306)
            ]
        );

        let step6 = "SELECT useridentity.accountid as requestor_account_id, resources[1].accountid as owner_account_id, resources[1].arn as key_arn, count(resources) as count
            FROM CloudTrail_logs_us_east_2
            WHERE eventsource='kms.amazonaws.com' AND timestamp between '2021/04/01' and '2021/08/30'
            GROUP BY useridentity.accountid, resources [1].accountid,resources[1].arn
            ORDER BY requestor_account_id,count desc";
        let line = |caller: &str, count: u32| format!("{caller}|111111111111|{KEY}|{count}");
        assert_eq!(
            lake.rows(step6).await,
            [
                line("111111111111", 303),
                line("222222222222", 2565),
                line("333333333333", 1644),
                line("444444444444", 951)
            ]
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_of_events_are_found_in_any_case() {
    let lake = lake(TRAIL);
    let sql = "SELECT readonly, responseelements, useridentity.sessioncontext, json_extract_scalar(requestparameters, '$.keyId'), \
               requestparameters FROM CloudTrail_logs_us_east_2 WHERE timestamp = '2021/06/15' AND eventname = 'DescribeKey' LIMIT 1";
    assert_eq!(lake.rows(sql).await, [format!("true|NULL|NULL|{KEY}|{{\"keyId\":\"{KEY}\"}}")]);
    assert_eq!(lake.listed().len(), 1);
}
