//! Runs the statements of `tests/slt/*.slt`.
//!
//! A file is a list of cases with blank lines between them:
//!
//! ```text
//! # a comment
//! query
//! SELECT 1, 'a', NULL
//! ----
//! 1|a|NULL
//!
//! error DIVISION_BY_ZERO Division by zero
//! SELECT 1 / 0
//! ```
//!
//! `query` compares the rows as they come, `query sorted` sorted as text, `query types` the names and types of the
//! columns (`name type`). `error CODE …` wants an error of this code whose text, with its place, contains the rest.
//! Texts are written with `\n` for a line's end; the empty text is `(empty)`.
//!
//! `each` is a list of expressions, of which every line is a query of its own: `EXPRESSION ==> VALUE`, or
//! `EXPRESSION ==> !CODE …` for an error. A comment above tells where what is expected is documented: no file begins
//! without one.

use std::path::Path;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use welkin_sql::{
    Catalog, Column, Content, Engine, Limits, Resolved, Result, Session, Table, TableName, Type, Value, show,
};

struct Tables;

fn table(columns: &[(&str, &str)], rows: Vec<Vec<Value>>) -> Resolved {
    let columns = columns
        .iter()
        .map(|(name, ty)| Column { name: (*name).into(), ty: welkin_sql::parse_type(ty).expect("a type") });
    Resolved::Table(Table { columns: columns.collect(), content: Content::Rows(Arc::from(rows)) })
}

fn text(it: &str) -> Value {
    Value::text(it)
}

impl Catalog for Tables {
    fn resolve<'a>(&'a self, name: &'a TableName) -> BoxFuture<'a, Result<Resolved>> {
        async move {
            if name.catalog != "awsdatacatalog" {
                return Ok(Resolved::NoCatalog);
            }
            if name.schema != "default" {
                return Ok(Resolved::NoSchema);
            }
            Ok(match name.table.as_str() {
                // What the documentation's examples of joins and groups are about: ships and their loads.
                "shipping" => table(
                    &[
                        ("origin_state", "varchar"),
                        ("origin_zip", "bigint"),
                        ("destination_state", "varchar"),
                        ("package_weight", "integer"),
                    ],
                    vec![
                        vec![text("California"), Value::Integer(94131), text("New Jersey"), Value::Integer(13)],
                        vec![text("California"), Value::Integer(94131), text("New Jersey"), Value::Integer(42)],
                        vec![text("New Jersey"), Value::Integer(7081), text("Connecticut"), Value::Integer(225)],
                        vec![text("California"), Value::Integer(90210), text("Connecticut"), Value::Integer(1337)],
                        vec![text("California"), Value::Integer(94131), text("Colorado"), Value::Integer(5)],
                        vec![text("New York"), Value::Integer(10002), text("New Jersey"), Value::Integer(3)],
                    ],
                ),
                "a" => table(
                    &[("id", "integer"), ("name", "varchar"), ("amount", "decimal(10,2)")],
                    vec![
                        vec![Value::Integer(1), text("one"), Value::Decimal(1050, 2)],
                        vec![Value::Integer(2), text("two"), Value::Decimal(2000, 2)],
                        vec![Value::Integer(3), Value::Null, Value::Null],
                    ],
                ),
                "b" => table(
                    &[("id", "bigint"), ("a_id", "integer"), ("score", "double")],
                    vec![
                        vec![Value::Integer(10), Value::Integer(1), Value::Double(1.5)],
                        vec![Value::Integer(20), Value::Integer(1), Value::Double(2.5)],
                        vec![Value::Integer(30), Value::Integer(2), Value::Double(f64::NAN)],
                        vec![Value::Integer(40), Value::Null, Value::Double(4.0)],
                    ],
                ),
                "nested" => table(
                    &[
                        ("id", "integer"),
                        ("useridentity", "row(accountid varchar, principalid varchar)"),
                        ("resources", "array(row(arn varchar, accountid varchar))"),
                        ("tags", "map(varchar, integer)"),
                    ],
                    vec![
                        vec![
                            Value::Integer(1),
                            Value::Row(vec![text("111"), text("p1")].into()),
                            Value::array(vec![
                                Value::Row(vec![text("arn:1"), text("222")].into()),
                                Value::Row(vec![text("arn:2"), text("333")].into()),
                            ]),
                            Value::Map(vec![(text("x"), Value::Integer(1)), (text("y"), Value::Integer(2))].into()),
                        ],
                        vec![Value::Integer(2), Value::Null, Value::array(vec![]), Value::Null],
                    ],
                ),
                "v" => Resolved::View { sql: "SELECT id, upper(name) AS name FROM a WHERE id < 3".into(), home: None },
                "bad_view" => Resolved::View { sql: "SELECT nothing FROM a".into(), home: None },
                "loop_view" => Resolved::View { sql: "SELECT * FROM loop_view".into(), home: None },
                "events" => events(),
                _ => Resolved::NoTable,
            })
        }
        .boxed()
    }
}

/// Calls of KMS, as a trail has them.
fn events() -> Resolved {
    let event = |caller: &str, owner: &str, name: &str, parameters: &str| {
        vec![
            Value::Row(vec![text(caller), text(&format!("{caller}:p"))].into()),
            text("kms.amazonaws.com"),
            text(name),
            if parameters.is_empty() { Value::Null } else { text(parameters) },
            Value::array(vec![Value::Row(vec![text("arn:aws:kms:us-east-2:111:key/k"), text(owner)].into())]),
            text("2021/05/01"),
        ]
    };
    let s3 = r#"{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::lake/x"},"keyId":"k"}"#;
    table(
        &[
            ("useridentity", "row(accountid varchar, principalid varchar)"),
            ("eventsource", "varchar"),
            ("eventname", "varchar"),
            ("requestparameters", "varchar"),
            ("resources", "array(row(arn varchar, accountid varchar))"),
            ("timestamp", "varchar"),
        ],
        vec![
            event("222", "111", "Decrypt", s3),
            event("222", "111", "GenerateDataKey", s3),
            event("333", "111", "Decrypt", s3),
            event("333", "111", "Decrypt", r#"{"keyId":"k"}"#),
            event("111", "111", "Decrypt", s3),
            event("222", "111", "DescribeKey", ""),
        ],
    )
}

fn shown(ty: &Type, value: &Value) -> String {
    match value {
        Value::Null => "NULL".into(),
        value => match show(ty, value).replace('\n', "\\n") {
            empty if empty.is_empty() => "(empty)".into(),
            shown => shown,
        },
    }
}

async fn run(engine: &Engine, sql: &str, types: bool) -> Result<Vec<String>> {
    // 2024-03-10 12:34:56.789 UTC
    let session = Session {
        catalog: "AwsDataCatalog".into(),
        schema: Some("default".into()),
        now: 1_710_074_096_789_000,
        seed: 1,
    };
    let mut output = engine.query(sql, &session, &Tables).await?;
    if types {
        return Ok(output.columns().iter().map(|column| format!("{} {}", column.name, column.ty)).collect());
    }
    let columns = output.columns().to_vec();
    let rows = output.all().await?;
    Ok(rows
        .iter()
        .map(|row| {
            row.iter().zip(&columns).map(|(value, column)| shown(&column.ty, value)).collect::<Vec<_>>().join("|")
        })
        .collect())
}

/// What is wrong with a case, if anything is.
async fn case(engine: &Engine, case: &str) -> Option<String> {
    let (head, body) = case.split_once('\n')?;
    let (sql, expected) = body.split_once("\n----").unwrap_or((body, ""));
    let got = run(engine, sql, head == "query types").await;
    if let Some(wanted) = head.strip_prefix("error ") {
        let (code, message) = wanted.split_once(' ').unwrap_or((wanted, ""));
        return match got {
            Ok(rows) => Some(format!("{sql}\n  wanted {wanted}, got rows {rows:?}")),
            Err(error) if error.code.name() == code && error.to_string().contains(message) => None,
            Err(error) => Some(format!("{sql}\n  wanted {wanted}\n  got    {error}")),
        };
    }
    let mut expected: Vec<String> = expected.lines().skip(1).map(str::to_owned).collect();
    match got {
        Err(error) => Some(format!("{sql}\n  failed: {error}")),
        Ok(mut rows) => {
            if head == "query sorted" {
                rows.sort();
                expected.sort();
            }
            (rows != expected).then(|| format!("{sql}\n  wanted {expected:#?}\n  got    {rows:#?}"))
        }
    }
}

/// The cases of a file. The lines of a list of expressions are cases each.
fn cases(content: &str) -> Vec<String> {
    let content: String =
        content.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    let mut cases = Vec::new();
    for block in content.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
        let Some(list) = block.strip_prefix("each\n") else {
            cases.push(block.to_owned());
            continue;
        };
        for line in list.lines() {
            let (of, wanted) = line.split_once(" ==> ").unwrap_or_else(|| panic!("no ==> in: {line}"));
            cases.push(match wanted.strip_prefix('!') {
                Some(error) => format!("error {error}\nSELECT {of}"),
                None => format!("query\nSELECT {of}\n----\n{wanted}"),
            });
        }
    }
    cases
}

/// How many assertions there are at least, so that none gets lost unseen.
const ASSERTIONS: usize = 1500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_answer_as_documented() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slt");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("the folder").map(|file| file.expect("a file").path()).collect();
    files.sort();
    let engine = Engine::new(Limits { memory: 256 << 20, parallelism: 2 }).expect("an engine");
    let (mut count, mut wrong) = (0, Vec::new());
    let only = std::env::var("SLT").unwrap_or_default();
    for file in files.iter().filter(|file| file.to_string_lossy().contains(&only)) {
        let content = std::fs::read_to_string(file).expect("its text");
        let before = content.find("\nquery").into_iter().chain(content.find("\neach")).min().unwrap_or(0);
        assert!(content[..before].contains("# https://"), "{}: no link before the first case", file.display());
        for one in cases(&content) {
            count += 1;
            if let Some(problem) = case(&engine, &one).await {
                wrong.push(format!("{}: {problem}", file.file_name().unwrap_or_default().to_string_lossy()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} cases are wrong:\n\n{}", wrong.len(), wrong.join("\n\n"));
    let least = if only.is_empty() { ASSERTIONS } else { 1 };
    assert!(count >= least, "there are {count} cases");
}
