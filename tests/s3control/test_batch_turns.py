"""Turns of jobs: by priority, until too much fails or they are cancelled; and what a kill leaves of them."""

import time

import pytest
from batch import TAGGING, TAGS, Batch, alone, arn, clients, counts
from conftest import fresh
from identity import allow


@pytest.fixture
def batch(welkin, control, s3, account):
    return Batch(welkin, control, s3, account, *TAGGING)


def begun(batch, job, tasks):
    """A job of which so many tasks are done."""
    until = time.monotonic() + 60
    while sum(counts(told := batch.describe(job))[1:]) < tasks:
        assert time.monotonic() < until and told["Status"] in ("New", "Preparing", "Ready", "Active"), told
    return told


def test_the_higher_priority_has_the_turn_and_the_lower_is_paused(batch):
    batch.put("a")
    long = batch.manifest(*["a"] * 300, name="long")
    low = batch.create(TAGS, Manifest=long, Priority=1, Report={"Enabled": False})
    begun(batch, low, 1)
    high = batch.create(TAGS, Manifest=long, Priority=7, Report={"Enabled": False})
    begun(batch, high, 1)
    paused = batch.describe(low)
    assert paused["Status"] == "Paused" or batch.describe(high)["Status"] == "Complete"
    ended = {job["JobId"]: job for job in (batch.ended(high), batch.ended(low))}
    assert all((job["Status"], counts(job)) == ("Complete", (300, 300, 0)) for job in ended.values())
    assert ended[high]["TerminationDate"] < ended[low]["TerminationDate"]
    seconds = [job["ProgressSummary"]["Timers"]["ElapsedTimeInActiveSeconds"] for job in ended.values()]
    assert all(0 <= second < 60 for second in seconds)


def test_a_priority_can_be_changed_while_a_job_waits(batch):
    batch.put("a")
    long = batch.manifest(*["a"] * 300, name="long")
    first = batch.create(TAGS, Manifest=long, Priority=5, Report={"Enabled": False})
    second = batch.create(TAGS, Manifest=long, Priority=4, Report={"Enabled": False})
    changed = batch.control.update_job_priority(JobId=second, Priority=9)
    assert (changed["JobId"], changed["Priority"]) == (second, 9)
    ended = [batch.ended(job) for job in (second, first)]
    assert [job["Priority"] for job in ended] == [9, 5]
    assert ended[0]["TerminationDate"] < ended[1]["TerminationDate"]


def test_a_job_fails_of_whose_first_thousand_tasks_more_than_half_fail(batch):
    batch.put("a")
    bad = batch.manifest(*["missing"] * 1200, name="bad")
    job = batch.run(TAGS, Manifest=bad, Report=batch.report("FailedTasksOnly"))
    assert job["Status"] == "Failed" and job["FailureReasons"][0]["FailureCode"] == "FailureThresholdExceeded"
    total, succeeded, failed = counts(job)
    assert (total, succeeded) == (1200, 0) and 1000 <= failed < 1200
    rows, _ = batch.rows(job["JobId"])
    assert len(rows["failed"]) == failed


def test_a_cancelled_job_reports_what_it_did(batch):
    batch.put("a")
    job = batch.create(TAGS, Manifest=batch.manifest(*["a"] * 1500))
    begun(batch, job, 1)
    batch.control.update_job_status(JobId=job, RequestedJobStatus="Cancelled")
    told = batch.ended(job)
    total, succeeded, failed = counts(told)
    assert told["Status"] == "Cancelled" and total == 1500 and 0 < succeeded < 1500 and failed == 0
    rows, _ = batch.rows(job)
    assert len(rows["succeeded"]) == succeeded


def test_a_kill_loses_no_task_and_repeats_none(start, tmp_path):
    copies, target = 50, fresh("copies")
    with start("--data", str(tmp_path)) as own:
        batch = alone(own)
        batch.s3.create_bucket(Bucket=target)
        batch.s3.put_bucket_versioning(Bucket=target, VersioningConfiguration={"Status": "Enabled"})
        batch.allow("s3:GetObject", statements=[allow("s3:PutObject", arn(target, "*"))])
        batch.put("source")
        manifest = batch.manifest(*["source"] * copies)
        job = batch.create({"S3PutObjectCopy": {"TargetResource": arn(target)}}, Manifest=manifest)
        begun(batch, job, 10)
        own.process.kill()
    with start("--data", str(tmp_path)) as own:
        batch.control, batch.s3 = clients(own, batch.account)
        begun(batch, job, 25)
        own.process.kill()
    with start("--data", str(tmp_path)) as own:
        batch.welkin, (batch.control, batch.s3) = own, clients(own, batch.account)
        told = batch.ended(job)
        assert (told["Status"], counts(told)) == ("Complete", (copies, copies, 0))
        assert len(batch.s3.list_object_versions(Bucket=target)["Versions"]) == copies
        rows, _ = batch.rows(job)
        assert len(rows["succeeded"]) == copies
