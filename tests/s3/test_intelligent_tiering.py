"""S3 Intelligent-Tiering: archives for what nobody reads."""

import json

import pytest
from conftest import allow, code_of, error_of, policy

LARGE = b"x" * 131_072
TAG = {"Key": "k", "Value": "v"}


def tiers(**days):
    return [{"AccessTier": name.upper(), "Days": number} for name, number in days.items()]


@pytest.fixture
def configure(s3, bucket):
    def configure(name="c", **more):
        given = {"Id": name, "Status": "Enabled", "Tierings": tiers(archive_access=90), **more}
        s3.put_bucket_intelligent_tiering_configuration(
            Bucket=bucket, Id=name, IntelligentTieringConfiguration=given
        )
        return given

    return configure


@pytest.fixture
def put(s3, bucket):
    def put(key="k", body=LARGE, **more):
        more = {"StorageClass": "INTELLIGENT_TIERING", **more}
        return s3.put_object(Bucket=bucket, Key=key, Body=body, **more)

    return put


@pytest.fixture
def status(s3, bucket):
    return lambda key="k", **more: s3.head_object(Bucket=bucket, Key=key, **more).get("ArchiveStatus")


def test_configurations_are_set_told_listed_and_removed(s3, bucket, configure):
    get = s3.get_bucket_intelligent_tiering_configuration
    assert code_of(get, Bucket=bucket, Id="c") == ("NoSuchConfiguration", 404)
    whole = configure(
        Filter={"And": {"Prefix": "a", "Tags": [TAG]}}, Tierings=tiers(archive_access=90, deep_archive_access=180)
    )
    assert get(Bucket=bucket, Id="c")["IntelligentTieringConfiguration"] == whole
    configure("d", Status="Disabled")
    listed = s3.list_bucket_intelligent_tiering_configurations(Bucket=bucket)
    assert [each["Id"] for each in listed["IntelligentTieringConfigurationList"]] == ["c", "d"]
    s3.delete_bucket_intelligent_tiering_configuration(Bucket=bucket, Id="c")
    refused = code_of(s3.delete_bucket_intelligent_tiering_configuration, Bucket=bucket, Id="c")
    assert refused == ("NoSuchConfiguration", 404)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Status": "On"}, "MalformedXML"),
        ({"Tierings": []}, "MalformedXML"),
        ({"Tierings": tiers(frozen=90)}, "MalformedXML"),
        ({"Tierings": tiers(archive_access=89)}, "InvalidArgument"),
        ({"Tierings": tiers(deep_archive_access=179)}, "InvalidArgument"),
        ({"Tierings": tiers(archive_access=731)}, "InvalidArgument"),
        ({"Tierings": tiers(archive_access=90) * 2}, "InvalidArgument"),
        ({"Tierings": tiers(archive_access=200, deep_archive_access=180)}, "InvalidArgument"),
        ({"Filter": {"Prefix": "a", "Tag": TAG}}, "MalformedXML"),
        ({"Id": "d"}, "InvalidArgument"),
    ],
)
def test_what_is_no_configuration_is_refused(s3, bucket, configure, change, code):
    given = {"Id": "c", "Status": "Enabled", "Tierings": tiers(archive_access=90), **change}
    call = {"Bucket": bucket, "Id": "c", "IntelligentTieringConfiguration": given}
    assert code_of(s3.put_bucket_intelligent_tiering_configuration, **call) == (code, 400)
    listed = s3.list_bucket_intelligent_tiering_configurations(Bucket=bucket)
    assert listed.get("IntelligentTieringConfigurationList", []) == []


def test_each_operation_needs_its_action(welkin, account, bucket):
    name = "IntelligentTieringConfiguration"
    reader = welkin.client("s3", **welkin.user(account, policy(allow(f"s3:Get{name}", "*"))))
    writer = welkin.client("s3", **welkin.user(account, policy(allow(f"s3:Put{name}", "*"))))
    given = {"Bucket": bucket, "Id": "c"}
    whole = {**given, name: {"Id": "c", "Status": "Disabled", "Tierings": tiers(archive_access=90)}}
    assert code_of(reader.put_bucket_intelligent_tiering_configuration, **whole) == ("AccessDenied", 403)
    writer.put_bucket_intelligent_tiering_configuration(**whole)
    assert reader.get_bucket_intelligent_tiering_configuration(**given)[name]["Id"] == "c"
    assert len(reader.list_bucket_intelligent_tiering_configurations(Bucket=bucket)[f"{name}List"]) == 1
    assert code_of(writer.get_bucket_intelligent_tiering_configuration, **given) == ("AccessDenied", 403)
    assert code_of(writer.list_bucket_intelligent_tiering_configurations, Bucket=bucket) == ("AccessDenied", 403)
    assert code_of(reader.delete_bucket_intelligent_tiering_configuration, **given) == ("AccessDenied", 403)
    writer.delete_bucket_intelligent_tiering_configuration(**given)


class TestArchives:
    """They move the clock by months: each has a Welkin of its own, whose clock is nobody else's."""

    @pytest.fixture
    def welkin(self, start):
        with start("--memory") as own:
            yield own

    def test_what_nobody_reads_is_archived_until_it_is_restored(
        self, welkin, account, s3, bucket, configure, put, status
    ):
        sqs = welkin.client("sqs", account)
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        permit = policy(allow("sqs:SendMessage", arn, Principal={"Service": "s3.amazonaws.com"}))
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(permit)})
        events = ["s3:IntelligentTiering", "s3:ObjectRestore:Completed"]
        wish = {"QueueConfigurations": [{"QueueArn": arn, "Events": events}]}

        def told():
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            for each in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
            records = [record for each in messages for record in json.loads(each["Body"]).get("Records", [])]
            tiers = [record.get("intelligentTieringEventData", {}).get("destinationAccessTier") for record in records]
            return [(record["eventName"], tier) for record, tier in zip(records, tiers, strict=True)]

        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wish)
        put()
        put("small", b"x")
        put("standard", StorageClass="STANDARD")
        configure(Tierings=tiers(archive_access=90, deep_archive_access=180))
        welkin.advance("89d")
        assert status() is None
        welkin.advance("2d")
        assert [status("k"), status("small"), status("standard")] == ["ARCHIVE_ACCESS", None, None]
        assert told() == [("IntelligentTiering", "ARCHIVE_ACCESS")]
        error = error_of(s3.get_object, Bucket=bucket, Key="k")
        assert (error["Code"], error["Status"]) == ("InvalidObjectState", 403)
        assert (error["StorageClass"], error["AccessTier"]) == ("INTELLIGENT_TIERING", "ARCHIVE_ACCESS")
        assert code_of(s3.copy_object, Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "k"})[1] == 403
        welkin.advance("90d")
        assert status() == "DEEP_ARCHIVE_ACCESS"
        assert told() == [("IntelligentTiering", "DEEP_ARCHIVE_ACCESS")]

        def restore(**more):
            return s3.restore_object(Bucket=bucket, Key="k", RestoreRequest=more)

        assert code_of(restore, Days=1) == ("InvalidArgument", 400)
        assert code_of(restore, GlacierJobParameters={"Tier": "Expedited"}) == ("InvalidArgument", 400)
        assert restore()["ResponseMetadata"]["HTTPStatusCode"] == 202
        assert code_of(restore) == ("RestoreAlreadyInProgress", 409)
        assert s3.head_object(Bucket=bucket, Key="k")["Restore"] == 'ongoing-request="true"'
        welkin.advance("12h")
        head = s3.head_object(Bucket=bucket, Key="k")
        assert "Restore" not in head and "ArchiveStatus" not in head
        assert told() == [("ObjectRestore:Completed", None)]
        assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == LARGE
        assert code_of(restore) == ("InvalidObjectState", 403)
        # It is like one that has just been read.
        welkin.advance("89d")
        assert status() is None
        welkin.advance("2d")
        assert status() == "ARCHIVE_ACCESS"

    def test_reading_an_object_keeps_it(self, welkin, s3, bucket, configure, put, status):
        put("read")
        put("told")
        put("meant", Tagging="k=v")
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        old = put("versions")["VersionId"]
        put("versions")
        configure()
        configure("never", Status="Disabled", Tierings=tiers(deep_archive_access=180))
        welkin.advance("60d")
        s3.get_object(Bucket=bucket, Key="read")
        s3.head_object(Bucket=bucket, Key="told")
        s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "meant"})
        welkin.advance("31d")
        assert [status(key) for key in ("read", "meant")] == [None, None]
        assert [status(key) for key in ("told", "versions")] == ["ARCHIVE_ACCESS", "ARCHIVE_ACCESS"]
        assert status("versions", VersionId=old) == "ARCHIVE_ACCESS"
        welkin.advance("60d")
        assert [status(key) for key in ("read", "meant", "told")] == ["ARCHIVE_ACCESS"] * 3

    def test_only_what_the_filter_takes(self, welkin, configure, put, status):
        put("a/1", Tagging="k=v")
        put("a/2")
        put("b", Tagging="k=v")
        configure(Filter={"And": {"Prefix": "a/", "Tags": [TAG]}})
        welkin.advance("91d")
        assert [status(key) for key in ("a/1", "a/2", "b")] == ["ARCHIVE_ACCESS", None, None]
