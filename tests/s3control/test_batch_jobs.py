"""Jobs of Batch Operations: from their making to their end, whoever may do it, and what they are told."""

import hashlib
import json

import pytest
from batch import PRINCIPAL, TAGGING, TAGS, Batch, alone, arn, counts
from conftest import Bound, code_of, error_of, fresh, policy
from identity import allow


@pytest.fixture
def batch(welkin, control, s3, account):
    return Batch(welkin, control, s3, account, *TAGGING, "s3:ListBucket")


def tags_of(batch, key):
    found = batch.s3.get_object_tagging(Bucket=batch.bucket, Key=key)["TagSet"]
    return {tag["Key"]: tag["Value"] for tag in found}


def test_a_job_does_its_operation_to_each_object_and_reports_it(batch):
    batch.put("a", "photos/b c,d.jpg", "é+1")
    manifest = batch.manifest("a", "photos/b c,d.jpg", "é+1", "missing")
    report = batch.report(Prefix="reports/")
    made = batch.create(TAGS, Manifest=manifest, Report=report, Description="sweep", Tags=[{"Key": "k", "Value": "v"}])
    job = batch.ended(made)
    assert (job["Status"], counts(job)) == ("Complete", (4, 3, 1))
    for key in ("a", "photos/b c,d.jpg", "é+1"):
        assert tags_of(batch, key) == {"swept": "yes"}
    assert job["JobArn"] == f"arn:aws:s3:us-east-1:{batch.account}:job/{made}"
    assert job["Operation"] == TAGS and job["Report"] == report and job["RoleArn"] == batch.role
    assert (job["Description"], job["Priority"], job["ConfirmationRequired"]) == ("sweep", 10, False)
    assert job["Manifest"]["Location"]["ObjectArn"] == arn(batch.desk, "manifest.csv")
    assert job["TerminationDate"] >= job["CreationTime"] and job["FailureReasons"] == []
    assert job["ProgressSummary"]["Timers"]["ElapsedTimeInActiveSeconds"] >= 0
    rows, told = batch.rows(made, "reports/")
    assert rows["succeeded"] == [
        [batch.bucket, key, "", "succeeded", "200", "", "Successful"]
        for key in ("a", "photos/b%20c%2Cd.jpg", "%C3%A9%2B1")
    ]
    (failed,) = rows["failed"]
    assert failed[:6] == [batch.bucket, "missing", "", "failed", "404", "NoSuchKey"]
    assert told["Format"] == "Report_CSV_20180820"
    assert told["ReportSchema"] == "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage"
    for result in told["Results"]:
        body = batch.s3.get_object(Bucket=batch.desk, Key=result["Key"])["Body"].read()
        assert hashlib.md5(body).hexdigest() == result["MD5Checksum"]
    folder = f"reports/job-{made}"
    body = batch.s3.get_object(Bucket=batch.desk, Key=f"{folder}/manifest.json")["Body"].read()
    digest = batch.s3.get_object(Bucket=batch.desk, Key=f"{folder}/manifest.json.md5")["Body"].read()
    assert hashlib.md5(body).hexdigest() == digest.decode()


def test_a_report_of_failed_tasks_only_names_no_others(batch):
    batch.put("a")
    job = batch.run(TAGS, Manifest=batch.manifest("a", "missing"), Report=batch.report("FailedTasksOnly"))
    rows, _ = batch.rows(job["JobId"])
    assert [row[1] for row in rows.pop("failed")] == ["missing"] and rows == {}


def test_without_a_report_nothing_is_written(batch):
    batch.put("a")
    job = batch.run(TAGS, Manifest=batch.manifest("a"), Report={"Enabled": False})
    assert job["Status"] == "Complete" and tags_of(batch, "a") == {"swept": "yes"}
    assert [found["Key"] for found in batch.s3.list_objects_v2(Bucket=batch.desk)["Contents"]] == ["manifest.csv"]


def test_versions_are_named_by_the_manifest(batch):
    batch.s3.put_bucket_versioning(Bucket=batch.bucket, VersioningConfiguration={"Status": "Enabled"})
    old = batch.s3.put_object(Bucket=batch.bucket, Key="k", Body=b"1")["VersionId"]
    batch.put("k")
    rows = [(batch.bucket, "k", old), (batch.bucket, "k", "")]
    job = batch.run(TAGS, Manifest=batch.manifest(*rows, fields=("Bucket", "Key", "VersionId")))
    assert counts(job) == (2, 1, 1)
    tags = batch.s3.get_object_tagging(Bucket=batch.bucket, Key="k", VersionId=old)["TagSet"]
    assert tags == [{"Key": "swept", "Value": "yes"}] and tags_of(batch, "k") == {}
    rows, _ = batch.rows(job["JobId"])
    assert rows["succeeded"][0][2] == old and rows["failed"][0][2] == ""


def test_a_job_waits_to_be_confirmed(welkin, batch):
    batch.put("a")
    job = batch.run(TAGS, Manifest=batch.manifest("a"), ConfirmationRequired=True)
    assert (job["Status"], job["SuspendedCause"]) == ("Suspended", "AWAITING_CONFIRMATION")
    assert job["SuspendedDate"] and counts(job) == (1, 0, 0) and tags_of(batch, "a") == {}
    answer = batch.control.update_job_status(JobId=job["JobId"], RequestedJobStatus="Ready", StatusUpdateReason="good")
    assert (answer["JobId"], answer["Status"], answer["StatusUpdateReason"]) == (job["JobId"], "Ready", "good")
    job = batch.ended(job["JobId"])
    assert (job["Status"], job["StatusUpdateReason"]) == ("Complete", "good") and tags_of(batch, "a") == {"swept": "yes"}
    again = code_of(batch.control.update_job_status, JobId=job["JobId"], RequestedJobStatus="Ready")
    assert again == ("JobStatusException", 400)
    assert code_of(batch.control.update_job_status, JobId=job["JobId"], RequestedJobStatus="Cancelled")[0] == again[0]
    assert code_of(batch.control.update_job_priority, JobId=job["JobId"], Priority=1) == ("InvalidRequest", 400)


def test_a_job_that_nobody_confirms_fails_after_30_days_and_is_forgotten_90_days_later(start):
    with start("--memory") as own:
        batch = alone(own)
        batch.put("a")
        job = batch.run(TAGS, Manifest=batch.manifest("a"), ConfirmationRequired=True)["JobId"]
        own.advance("29d")
        assert batch.describe(job)["Status"] == "Suspended"
        own.advance("1d")
        failed = batch.describe(job)
        assert failed["Status"] == "Failed" and "30 days" in failed["FailureReasons"][0]["FailureReason"]
        own.advance("89d")
        assert batch.describe(job)["Status"] == "Failed"
        own.advance("1d")
        assert code_of(batch.control.describe_job, JobId=job) == ("NoSuchJobException", 404)
        assert batch.control.list_jobs()["Jobs"] == []


def test_a_job_is_cancelled(batch):
    batch.put("a")
    job = batch.run(TAGS, Manifest=batch.manifest("a"), ConfirmationRequired=True)["JobId"]
    answer = batch.control.update_job_status(JobId=job, RequestedJobStatus="Cancelled", StatusUpdateReason="no")
    assert answer["Status"] == "Cancelling"
    told = batch.ended(job)
    assert (told["Status"], told["StatusUpdateReason"]) == ("Cancelled", "no") and tags_of(batch, "a") == {}


def test_a_token_stands_for_one_request(batch):
    batch.put("a")
    request = {"Manifest": batch.manifest("a"), "ClientRequestToken": fresh("once")}
    first = batch.create(TAGS, **request)
    assert batch.create(TAGS, **request) == first
    assert code_of(batch.create, TAGS, **request, Description="other") == ("IdempotencyException", 400)
    assert [job["JobId"] for job in batch.control.list_jobs()["Jobs"]] == [first]


@pytest.mark.parametrize(
    "change",
    [
        {"Operation": {}},
        {"Operation": {**TAGS, "S3DeleteObjectTagging": {}}},
        {"Operation": {"S3PutObjectCopy": {"TargetResource": "arn:aws:s3:::bucket/key"}}},
        {"Operation": {"S3PutObjectAcl": {"AccessControlPolicy": {}}}},
        {"Operation": {"S3InitiateRestoreObject": {"ExpirationInDays": 0}}},
        {"Report": {"Enabled": True}},
        {"Manifest": None},
        {"ManifestGenerator": {"S3JobManifestGenerator": {"SourceBucket": "arn:aws:s3:::b", "EnableManifestOutput": False}}},
        {"Fields": ["Key"]},
        {"Fields": ["Bucket", "Key", "Key"]},
        {"ObjectArn": "arn:aws:s3:::bucket"},
    ],
    ids=str,
)
def test_requests_that_contradict_themselves_are_refused(batch, change):
    batch.put("a")
    manifest = batch.manifest("a")
    change = dict(change)
    manifest["Spec"]["Fields"] = change.pop("Fields", manifest["Spec"]["Fields"])
    manifest["Location"]["ObjectArn"] = change.pop("ObjectArn", manifest["Location"]["ObjectArn"])
    given = {"Manifest": manifest, **change}
    operation = given.pop("Operation", TAGS)
    if given["Manifest"] is None:
        del given["Manifest"]
    assert code_of(batch.create, operation, **given) == ("InvalidRequest", 400)
    assert batch.control.list_jobs()["Jobs"] == []


@pytest.mark.parametrize(
    "operation",
    [
        {"LambdaInvoke": {"FunctionArn": "arn:aws:lambda:us-east-1:111122223333:function:f"}},
        {"S3UpdateObjectEncryption": {"ObjectEncryption": {}}},
        {"S3ComputeObjectChecksum": {"ChecksumAlgorithm": "CRC32", "ChecksumType": "COMPOSITE"}},
    ],
    ids=lambda operation: next(iter(operation)),
)
def test_what_no_job_can_do_yet_is_refused_by_name(batch, operation):
    error = error_of(batch.create, operation, Manifest=batch.manifest("a"))
    assert (error["Code"], error["Status"]) == ("NotImplemented", 501) and next(iter(operation)) in error["Message"]


def test_a_job_fails_whose_manifest_is_not_what_was_said(batch):
    manifest = batch.manifest("a")
    manifest["Location"]["ETag"] = "0" * 32
    job = batch.run(TAGS, Manifest=manifest)
    assert job["Status"] == "Failed" and "PreconditionFailed" in job["FailureReasons"][0]["FailureReason"]
    gone = {"Spec": manifest["Spec"], "Location": {"ObjectArn": arn(batch.desk, "none"), "ETag": "x"}}
    assert batch.run(TAGS, Manifest=gone)["Status"] == "Failed"
    short = batch.run(TAGS, Manifest=batch.manifest("a", ("only",)))
    assert short["FailureReasons"][0]["FailureCode"] == "InvalidManifest" and short["TerminationDate"]
    assert batch.run(TAGS, Manifest=batch.manifest())["FailureReasons"][0]["FailureCode"] == "EmptyManifest"


def test_the_role_must_trust_batch_operations_and_may_do_what_its_policy_says(welkin, control, s3, account):
    batch = Batch(welkin, control, s3, account, *TAGGING, trust="s3.amazonaws.com")
    batch.put("a", "b")
    job = batch.run(TAGS, Manifest=batch.manifest("a"))
    assert job["Status"] == "Failed" and job["FailureReasons"][0]["FailureCode"] == "AssumeRoleFailed"
    allowed = Batch(welkin, control, s3, account)
    allowed.put("a", "b")
    only = allow(list(TAGGING), arn(allowed.bucket, "a"))
    allowed.allow(statements=[only])
    job = allowed.run(TAGS, Manifest=allowed.manifest("a", "b"))
    assert counts(job) == (2, 1, 1) and tags_of(allowed, "b") == {}
    rows, _ = allowed.rows(job["JobId"])
    assert rows["failed"][0][1:6] == ["b", "", "failed", "403", "AccessDenied"]
    assert "s3:PutObjectTagging" in rows["failed"][0][6]


def test_a_job_fails_that_may_not_read_its_manifest_or_write_its_report(batch):
    batch.put("a")
    manifest = batch.manifest("a")
    other = fresh("elsewhere")
    batch.s3.create_bucket(Bucket=other)
    job = batch.run(TAGS, Manifest=manifest, Report=batch.report(Bucket=arn(other)))
    assert (job["Status"], counts(job)) == ("Failed", (1, 1, 0))
    assert job["FailureReasons"][0]["FailureCode"] == "ReportWriteFailed" and tags_of(batch, "a") == {"swept": "yes"}
    document = json.dumps(policy(allow(list(TAGGING), "*")))
    batch.iam.put_role_policy(RoleName=batch.role_name, PolicyName="batch", PolicyDocument=document)
    job = batch.run(TAGS, Manifest=manifest)
    assert job["Status"] == "Failed" and "AccessDenied" in job["FailureReasons"][0]["FailureReason"]


def test_the_trail_tells_of_the_jobs_calls_as_its_role(welkin, batch):
    batch.put("a")
    batch.run(TAGS, Manifest=batch.manifest("a"))
    trail = welkin.client("cloudtrail", batch.account)
    names = lambda name: trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}])
    (made,) = names("CreateJob")["Events"]
    assert json.loads(made["CloudTrailEvent"])["requestParameters"]["priority"] == 10
    (taken,) = names("AssumeRole")["Events"]
    record = json.loads(taken["CloudTrailEvent"])
    assert record["userIdentity"] == {"type": "AWSService", "invokedBy": PRINCIPAL}
    assert record["requestParameters"]["roleArn"] == batch.role


def test_jobs_are_listed_by_status_and_in_pages(batch):
    batch.put("a")
    manifest = batch.manifest("a")
    made = [batch.create(TAGS, Manifest=manifest, Description=str(number)) for number in range(3)]
    waiting = batch.run(TAGS, Manifest=manifest, ConfirmationRequired=True)["JobId"]
    everything = batch.control.list_jobs()["Jobs"]
    assert [job["JobId"] for job in everything] == [waiting, *reversed(made)]
    assert {job["Operation"] for job in everything} == {"S3PutObjectTagging"} and everything[1]["Description"] == "2"
    assert counts(everything[1]) == (1, 1, 0) and everything[1]["TerminationDate"]
    seen, token = [], {}
    while True:
        page = batch.control.list_jobs(JobStatuses=["Complete", "Failed"], MaxResults=2, **token)
        seen.append([job["JobId"] for job in page["Jobs"]])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert seen == [[made[2], made[1]], [made[0]]]
    assert code_of(batch.control.list_jobs, NextToken="none") == ("InvalidNextToken", 400)


def test_jobs_have_tags(batch):
    batch.put("a")
    job = batch.create(TAGS, Manifest=batch.manifest("a"), Tags=[{"Key": "team", "Value": "a"}])
    assert batch.control.get_job_tagging(JobId=job)["Tags"] == [{"Key": "team", "Value": "a"}]
    batch.control.put_job_tagging(JobId=job, Tags=[{"Key": "x", "Value": "1"}, {"Key": "y", "Value": ""}])
    assert len(batch.control.get_job_tagging(JobId=job)["Tags"]) == 2
    batch.control.delete_job_tagging(JobId=job)
    assert batch.control.get_job_tagging(JobId=job).get("Tags", []) == []
    many = [{"Key": f"k{number}", "Value": ""} for number in range(51)]
    assert code_of(batch.control.put_job_tagging, JobId=job, Tags=many) == ("TooManyTagsException", 400)
    twice = [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]
    assert code_of(batch.control.put_job_tagging, JobId=job, Tags=twice) == ("InvalidTag", 400)


def test_only_what_is_there_is_told_of(batch):
    control = batch.control
    missing = "00e123a4-c0d8-41f4-a0eb-b46f9ba5b07c"
    for call in (
        lambda: control.describe_job(JobId=missing),
        lambda: control.update_job_priority(JobId=missing, Priority=1),
        lambda: control.update_job_status(JobId=missing, RequestedJobStatus="Ready"),
        lambda: control.get_job_tagging(JobId=missing),
        lambda: control.put_job_tagging(JobId=missing, Tags=[]),
        lambda: control.delete_job_tagging(JobId=missing),
    ):
        assert code_of(call) == ("NoSuchJobException", 404)


def test_each_operation_needs_its_action(batch, as_user, welkin, client):
    batch.put("a")
    manifest = batch.manifest("a")
    job = batch.run(TAGS, Manifest=manifest, ConfirmationRequired=True)["JobId"]
    pass_role = allow("iam:PassRole", batch.role, Condition={"StringEquals": {"iam:PassedToService": PRINCIPAL}})
    resource = f"arn:aws:s3:us-east-1:{batch.account}:job/*"
    tag = [{"Key": "team", "Value": "a"}]
    cases = [
        ("s3:CreateJob", "*", lambda c: batch.create(TAGS, Manifest=manifest, control=c)),
        ("s3:ListJobs", "*", lambda c: c.list_jobs()),
        ("s3:DescribeJob", resource, lambda c: c.describe_job(JobId=job)),
        ("s3:UpdateJobPriority", resource, lambda c: c.update_job_priority(JobId=job, Priority=3)),
        ("s3:PutJobTagging", resource, lambda c: c.put_job_tagging(JobId=job, Tags=tag)),
        ("s3:GetJobTagging", resource, lambda c: c.get_job_tagging(JobId=job)),
        ("s3:DeleteJobTagging", resource, lambda c: c.delete_job_tagging(JobId=job)),
        ("s3:UpdateJobStatus", resource, lambda c: c.update_job_status(JobId=job, RequestedJobStatus="Cancelled")),
    ]
    stranger = as_user("s3control", "s3:ListBucket", statements=[pass_role])
    for action, on, call in cases:
        error = error_of(call, stranger)
        assert (error["Code"], error["Status"]) == ("AccessDenied", 403) and action in error["Message"]
        call(as_user("s3control", action, resource=on, statements=[pass_role]))
    without = as_user("s3control", "s3:CreateJob")
    error = error_of(batch.create, TAGS, Manifest=manifest, control=without)
    assert error["Code"] == "AccessDenied" and "iam:PassRole" in error["Message"]
    other = Bound(client("s3control", welkin.account()), batch.account)
    assert code_of(other.describe_job, JobId=job) == ("AccessDenied", 403)
    theirs = batch.role.replace(batch.account, welkin.account())
    assert code_of(batch.create, TAGS, Manifest=manifest, RoleArn=theirs) == ("AccessDenied", 403)


def test_priorities_operations_and_tags_decide(batch, as_user):
    batch.put("a")
    manifest = batch.manifest("a")
    pass_role = allow("iam:PassRole", "*")
    limits = {
        "NumericLessThanEquals": {"s3:RequestJobPriority": "5"},
        "StringEquals": {"s3:RequestJobOperation": "S3PutObjectTagging", "aws:RequestTag/team": "a"},
    }
    maker = as_user("s3control", "s3:CreateJob", condition=limits, statements=[pass_role])
    tags = [{"Key": "team", "Value": "a"}]
    make = lambda operation=TAGS, **more: batch.create(
        operation, Manifest=manifest, control=maker, ConfirmationRequired=True, **{"Priority": 5, "Tags": tags, **more}
    )
    job = make()
    for wrong in ({"Priority": 6}, {"Tags": []}, {"operation": {"S3DeleteObjectTagging": {}}}):
        assert code_of(make, **wrong) == ("AccessDenied", 403)
    by_tag = as_user("s3control", "s3:DescribeJob", condition={"StringEquals": {"aws:ResourceTag/team": "a"}})
    assert by_tag.describe_job(JobId=job)["Job"]["Priority"] == 5
    other = batch.create(TAGS, Manifest=manifest)
    assert code_of(by_tag.describe_job, JobId=other) == ("AccessDenied", 403)
    batch.ended(job)
    confirmer = as_user(
        "s3control", "s3:UpdateJobStatus", condition={"StringEquals": {"s3:JobSuspendedCause": "AWAITING_CONFIRMATION"}}
    )
    assert confirmer.update_job_status(JobId=job, RequestedJobStatus="Ready")["Status"] == "Ready"
    batch.ended(job)
    assert code_of(confirmer.update_job_status, JobId=job, RequestedJobStatus="Cancelled") == ("AccessDenied", 403)
