//! Log files as CloudTrail writes them, and the same records as lines.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use welkin_sql::HiveTable;
use welkin_tpch::{Lake, location};

use crate::failure::Result;

/// The folder of files as CloudTrail writes them, and that of the same records as lines.
const FILES: &str = "files";
pub(super) const LINES: &str = "lines";

/// Records in a file.
const RECORDS: u64 = 5_000;

/// What the records are of: source, name, and how many of each twenty.
const EVENTS: [(&str, &str, u64); 5] = [
    ("s3.amazonaws.com", "GetObject", 9),
    ("kms.amazonaws.com", "Decrypt", 5),
    ("kms.amazonaws.com", "GenerateDataKey", 2),
    ("sts.amazonaws.com", "AssumeRole", 3),
    ("ec2.amazonaws.com", "DescribeInstances", 1),
];

/// Writes so many bytes of records, unless they are there.
pub(super) fn write(folder: &Path, bytes: u64) -> Result<()> {
    let (files, lines) = (folder.join(FILES), folder.join(LINES));
    if lines.is_dir() {
        return Ok(());
    }
    let making = folder.join("making");
    std::fs::create_dir_all(&files)?;
    std::fs::create_dir_all(&making)?;
    let (mut written, mut number) = (0, 0);
    while written < bytes {
        let name = format!("{:06}.json.gz", number / RECORDS);
        let mut whole = GzEncoder::new(File::create(files.join(&name))?, Compression::fast());
        let mut each = GzEncoder::new(File::create(making.join(&name))?, Compression::fast());
        whole.write_all(b"{\"Records\":[")?;
        for n in 0..RECORDS {
            let record = record(number).to_string();
            whole.write_all(if n == 0 { b"" } else { b"," })?;
            whole.write_all(record.as_bytes())?;
            each.write_all(record.as_bytes())?;
            each.write_all(b"\n")?;
            written += record.len() as u64 + 1;
            number += 1;
        }
        whole.write_all(b"]}")?;
        whole.finish()?;
        each.finish()?;
    }
    std::fs::rename(making, lines)?;
    Ok(())
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
fn record(number: u64) -> Value {
    let mut place = number * 7 % 20;
    let mut event = &EVENTS[0];
    for one in &EVENTS {
        event = one;
        if place < one.2 {
            break;
        }
        place -= one.2;
    }
    let account = format!("{:012}", 100_000_000_000 + number % 17);
    json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": format!("AROA{:017}:session-{}", number % 101, number % 1009),
            "arn": format!("arn:aws:sts::{account}:assumed-role/role-{}/session-{}", number % 101, number % 1009),
            "accountId": account,
            "accessKeyId": format!("ASIA{:016}", number % 997),
            "sessionContext": {"attributes": {"creationDate": "2026-01-02T03:04:05Z", "mfaAuthenticated": "false"}},
        },
        "eventTime": format!("2026-01-02T{:02}:{:02}:{:02}Z", number / 3600 % 24, number / 60 % 60, number % 60),
        "eventSource": event.0,
        "eventName": event.1,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": format!("10.{}.{}.{}", number % 13, number % 251, number % 241),
        "userAgent": "aws-sdk-java/2.31.0 md/io#sync md/http#Apache ua/2.1 os/Linux#6.1 lang/java#21",
        "requestParameters": {"encryptionContext": {"aws:s3:arn": format!("arn:aws:s3:::bucket-{}", number % 37)}},
        "responseElements": null,
        "requestID": format!("{number:08x}-0000-4000-8000-000000000000"),
        "eventID": format!("{number:08x}-1111-4111-8111-111111111111"),
        "readOnly": true,
        "resources": [{"accountId": account, "type": "AWS::KMS::Key", "ARN": format!("arn:aws:kms:eu-central-1:{account}:key/{}", number % 29)}],
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": account,
    })
}

/// The tables over the files: with CloudTrail's SerDe, and over the lines with those of JSON.
pub(super) fn lake(folder: &Path) -> Lake {
    let table = |serde: &str, input: &str, of: &str| HiveTable {
        columns: [
            ("eventversion", "string"),
            ("useridentity", "struct<type:string,principalid:string,arn:string,accountid:string>"),
            ("eventtime", "string"),
            ("eventsource", "string"),
            ("eventname", "string"),
            ("awsregion", "string"),
            ("sourceipaddress", "string"),
            ("requestparameters", "string"),
            ("resources", "array<struct<arn:string,accountid:string,type:string>>"),
        ]
        .map(|(name, ty)| (name.to_owned(), ty.to_owned()))
        .to_vec(),
        location: location(&folder.join(of)),
        input_format: input.into(),
        serialization_library: serde.into(),
        ..HiveTable::default()
    };
    let text = "org.apache.hadoop.mapred.TextInputFormat";
    let trail = "com.amazon.emr.cloudtrail.CloudTrailInputFormat";
    Lake::default()
        .with("trail", table("com.amazon.emr.hive.serde.CloudTrailSerde", trail, FILES))
        .with("hive_trail", table("org.apache.hive.hcatalog.data.JsonSerDe", text, LINES))
        .with("openx", table("org.openx.data.jsonserde.JsonSerDe", text, LINES))
}
