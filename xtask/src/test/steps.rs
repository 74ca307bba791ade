//! The steps of the tests: what each shows, and how it is run.

use std::process::Command;

use super::tools::{Tools, build, cargo, linting_cargo};
use super::{root, run_command};
use crate::Failure;

/// A step: its name, what it shows, and how it is run.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) shows: &'static str,
    /// Whether it may run while others do: it builds nothing, and looks at no time.
    pub(super) beside: bool,
    pub(super) run: fn(&Tools) -> Result<(), Failure>,
}

/// A step that has the machine for itself.
const fn alone(name: &'static str, shows: &'static str, run: fn(&Tools) -> Result<(), Failure>) -> Step {
    Step { name, shows, beside: false, run }
}

/// A step that may run while others do.
const fn beside(name: &'static str, shows: &'static str, run: fn(&Tools) -> Result<(), Failure>) -> Step {
    Step { name, shows, beside: true, run }
}

/// In the order in which they are run: cheap ones first, then what builds, then what uses the build, long ones first.
pub(super) const STEPS: &[Step] = &[
    alone("format", "the code is formatted", |_| run_command(cargo().args(["fmt", "--all", "--check"]))),
    alone("sizes", "no hand-written file is above 30 KB", |_| sizes()),
    alone("lint", "everything builds, and clippy has nothing to say", |_| build()),
    alone("deny", "licences, sources and bans of all dependencies", deny),
    alone("rust", "unit, property, conformance and registry tests", rust),
    beside("crash", "nothing acknowledged is lost by kill -9, and no bytes are left over", |t| {
        t.with_binary("tests/crash/run.py", &["--rounds", "100"])
    }),
    beside("s3", "S3 through boto3 and the AWS CLI", |t| t.pytest("tests/s3")),
    beside("kms", "KMS through boto3", |t| t.pytest("tests/kms")),
    beside("iam", "IAM through boto3", |t| t.pytest("tests/iam")),
    beside("welkin", "the command, its data and its operator's address", |t| t.pytest("tests/welkin")),
    beside("clients", "S3 through the AWS CLI with both its engines, rclone, s3fs, curl", clients),
    beside("shared", "two front ends on PostgreSQL and an object store serve one another", shared),
    beside("wire", "every operation of every service against botocore", wire),
    beside("fuzz", "a minute of mutated input for the parsers", fuzz),
    beside("s3control", "S3 Control through boto3", |t| t.pytest("tests/s3control")),
    beside("cloudtrail", "CloudTrail through boto3 and the AWS CLI", |t| t.pytest("tests/cloudtrail")),
    beside("organizations", "Organizations through boto3", |t| t.pytest("tests/organizations")),
    beside("account", "Account Management through boto3", |t| t.pytest("tests/account")),
    beside("athena-clients", "Athena through PyAthena, SQLAlchemy and the AWS SDK for pandas", |t| {
        t.pytest_apart("tests/athena_clients")
    }),
    beside("athena-dbt", "a dbt project on Athena: seeds, models, tests, documentation", |t| {
        t.pytest_apart("tests/athena_dbt")
    }),
    beside("athena", "Athena through boto3 and the AWS CLI", |t| t.pytest("tests/athena")),
    beside("dynamodb", "DynamoDB through boto3", |t| t.pytest("tests/dynamodb")),
    beside("sqs", "SQS through boto3", |t| t.pytest("tests/sqs")),
    beside("cloudwatch", "CloudWatch through boto3 and the AWS CLI", |t| t.pytest("tests/cloudwatch")),
    beside("sns", "SNS through boto3", |t| t.pytest("tests/sns")),
    beside("events", "EventBridge through boto3", |t| t.pytest("tests/events")),
    beside("scheduler", "EventBridge Scheduler through boto3", |t| t.pytest("tests/scheduler")),
    beside("kinesis", "Kinesis Data Streams through boto3", |t| t.pytest("tests/kinesis")),
    beside("secretsmanager", "Secrets Manager through boto3", |t| t.pytest("tests/secretsmanager")),
    beside("ssm", "Parameter Store through boto3", |t| t.pytest("tests/ssm")),
    beside("logs", "CloudWatch Logs through boto3", |t| t.pytest("tests/logs")),
    beside("glue", "the Glue Data Catalog through boto3", |t| t.pytest("tests/glue")),
    beside("lakeformation", "Lake Formation, and what Glue and Athena show by it", |t| t.pytest("tests/lakeformation")),
    beside("sts", "STS through boto3", |t| t.pytest("tests/sts")),
    beside("security", "confused deputies, escalation, forged signatures and sessions", |t| t.pytest("tests/security")),
    beside("authorization", "decisions against a reference evaluator", |t| t.pytest("tests/authorization")),
    beside("examples", "the systems run end to end", |t| t.with_binary("examples/run.py", &[])),
    beside("docs", "excerpts and commands in the documentation are true", |t| t.pytest("tests/docs")),
    beside("disk", "a full or failing disk gives clear errors and loses nothing", disk),
    beside("hostile", "hostile input gets clear errors and harms nothing", |t| {
        t.with_binary("tests/hostile/run.py", &[])
    }),
    beside("model", "facts of the model against botocore and policy_sentry", |t| {
        t.with_examples(&["-m", "pytest", "-q", "tests/model"])
    }),
    beside("tpch", "TPC-H's 22 queries against DuckDB", |t| t.with_examples(&["-m", "pytest", "-q", "tests/tpch"])),
    beside("sigv4", "signatures against botocore's suite and signers", |t| t.with_examples(&["tests/sigv4/run.py"])),
    alone("bench", "the benchmarks run and every answer in them is right", bench),
];

fn rust(tools: &Tools) -> Result<(), Failure> {
    tools.need_postgres()?;
    run_command(linting_cargo().args(["test", "--workspace", "--profile", "fast", "--no-fail-fast"]))
}

fn deny(tools: &Tools) -> Result<(), Failure> {
    run_command(Command::new(tools.cargo_deny()?).args(["--all-features", "check", "licenses", "bans", "sources"]))
}

fn wire(tools: &Tools) -> Result<(), Failure> {
    tools.python("tests/wire/run.py", &["--welkin", &tools.binary()?.display().to_string()])
}

fn disk(tools: &Tools) -> Result<(), Failure> {
    tools.need_programs(&["strace"])?;
    tools.with_binary("tests/crash/disk.py", &[])
}

fn shared(tools: &Tools) -> Result<(), Failure> {
    tools.need_postgres()?;
    tools.with_binary("tests/crash/shared.py", &[])
}

fn clients(tools: &Tools) -> Result<(), Failure> {
    tools.need_programs(&["rclone", "curl"])?;
    tools.pytest_apart("tests/clients")
}

fn fuzz(tools: &Tools) -> Result<(), Failure> {
    run_command(Command::new(tools.program("welkin-fuzz")?).args(["--seconds", "60"]))
}

fn bench(tools: &Tools) -> Result<(), Failure> {
    let (bench, binary) = (tools.program("welkin-bench")?, tools.binary()?);
    run_command(Command::new(bench).arg("smoke").env("WELKIN_BIN", binary))
}

/// Hand-written Rust files above 30 KB.
fn sizes() -> Result<(), Failure> {
    const MOST: u64 = 30 * 1024;
    let listed = Command::new("git").args(["ls-files", "*.rs"]).current_dir(root()).output()?;
    let mut large = Vec::new();
    for name in String::from_utf8(listed.stdout)?.lines() {
        let size = std::fs::metadata(root().join(name)).map_or(0, |file| file.len());
        if size > MOST {
            large.push(format!("{name} ({} KB)", size / 1024));
        }
    }
    if large.is_empty() { Ok(()) } else { Err(format!("split by thing: {}", large.join(", ")).into()) }
}

#[cfg(test)]
mod tests {
    use super::STEPS;

    #[test]
    fn every_folder_of_tests_has_a_step() {
        let folders = std::fs::read_dir(super::root().join("tests")).expect("tests").flatten();
        for folder in folders.filter(|entry| entry.path().is_dir()) {
            let name = folder.file_name().into_string().expect("a name");
            let step = name.replace('_', "-");
            assert!(name.starts_with('_') || STEPS.iter().any(|it| it.name == step), "no step runs tests/{name}");
        }
    }

    #[test]
    fn no_example_is_left_untested() {
        let listed = super::Command::new("git").args(["ls-files", "*.rs"]).current_dir(super::root()).output();
        let listed = String::from_utf8(listed.expect("git").stdout).expect("names");
        for file in listed.lines() {
            let folder = super::root().join(file.split("/src/").next().expect("a folder"));
            let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
            let text = std::fs::read_to_string(super::root().join(file)).expect("a file");
            let begins = |line: &str| matches!(line.trim(), "/// ```" | "//! ```" | "/// ```rust" | "//! ```rust");
            let examples = text.lines().filter(|line| begins(line)).count();
            // One fence that ends a block of another language goes with each that begins one.
            let ends = text.lines().filter(|line| line.trim().starts_with("//") && line.contains("```")).count();
            let is_tested = !manifest.contains("doctest = false") || examples * 2 <= ends;
            assert!(is_tested, "{file} has an example; remove 'doctest = false' from its crate");
        }
    }
}
