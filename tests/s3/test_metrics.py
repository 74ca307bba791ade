"""Configurations of request metrics and of storage class analysis."""

import pytest
from conftest import allow, code_of, policy

ANALYSIS = {"StorageClassAnalysis": {}}
TAG = {"Key": "k", "Value": "v"}
KINDS = {"metrics": {}, "analytics": ANALYSIS}


class Kind:
    """The operations of one kind of configuration."""

    def __init__(self, s3, bucket, kind):
        self.s3, self.bucket, self.kind = s3, bucket, kind
        self.name = f"{kind.title()}Configuration"

    def put(self, name="c", **more):
        given = {self.name: {"Id": name, **KINDS[self.kind], **more}}
        return getattr(self.s3, f"put_bucket_{self.kind}_configuration")(Bucket=self.bucket, Id=name, **given)

    def get(self, name="c"):
        return getattr(self.s3, f"get_bucket_{self.kind}_configuration")(Bucket=self.bucket, Id=name)[self.name]

    def list(self, **more):
        return getattr(self.s3, f"list_bucket_{self.kind}_configurations")(Bucket=self.bucket, **more)

    def delete(self, name="c"):
        getattr(self.s3, f"delete_bucket_{self.kind}_configuration")(Bucket=self.bucket, Id=name)


@pytest.fixture(params=list(KINDS))
def kind(request, s3, bucket):
    return Kind(s3, bucket, request.param)


def test_configurations_are_set_told_listed_and_removed(kind):
    assert code_of(kind.get) == ("NoSuchConfiguration", 404)
    filters = [{"Prefix": "a"}, {"Tag": TAG}, {"And": {"Prefix": "a", "Tags": [TAG]}}]
    for number, given in enumerate(filters):
        kind.put(f"c{number}", Filter=given)
        assert kind.get(f"c{number}")["Filter"] == given
    kind.put("c0")
    assert "Filter" not in kind.get("c0")
    listed = kind.list()
    assert [each["Id"] for each in listed[f"{kind.name}List"]] == ["c0", "c1", "c2"] and not listed["IsTruncated"]
    kind.delete("c1")
    assert code_of(kind.delete, "c1") == ("NoSuchConfiguration", 404)
    assert [each["Id"] for each in kind.list()[f"{kind.name}List"]] == ["c0", "c2"]


def test_what_is_no_configuration_is_refused(kind):
    for given in ({}, {"Prefix": "a", "Tag": TAG}, {"Tag": {"Key": "k"}}, {"And": {"Prefix": "a"}}):
        assert code_of(kind.put, Filter=given) == ("MalformedXML", 400), given
    assert code_of(kind.put, "a b") == ("InvalidArgument", 400)
    assert code_of(kind.put, "c", Id="d") == ("InvalidArgument", 400)
    assert code_of(kind.list, ContinuationToken="?") == ("InvalidArgument", 400)
    assert kind.list().get(f"{kind.name}List", []) == []


def test_what_is_only_of_one_kind(s3, bucket):
    metrics, analytics = (Kind(s3, bucket, kind) for kind in KINDS)
    point = "arn:aws:s3:us-east-1:123456789012:accesspoint/p"
    metrics.put(Filter={"AccessPointArn": point})
    assert metrics.get()["Filter"] == {"AccessPointArn": point}
    assert code_of(metrics.put, Filter={"AccessPointArn": "p"}) == ("InvalidArgument", 400)
    to = {"S3BucketDestination": {"Format": "CSV", "Bucket": "arn:aws:s3:::b"}}
    export = {"DataExport": {"OutputSchemaVersion": "V_1", "Destination": to}}
    assert code_of(analytics.put, StorageClassAnalysis=export) == ("NotImplemented", 501)
    assert code_of(analytics.get) == ("NoSuchConfiguration", 404)


def test_each_operation_needs_its_action(welkin, account, bucket, kind):
    def as_user(action):
        client = welkin.client("s3", **welkin.user(account, policy(allow(f"s3:{action}{kind.name}", "*"))))
        return Kind(client, bucket, kind.kind)

    reader, writer = as_user("Get"), as_user("Put")
    assert code_of(reader.put) == ("AccessDenied", 403)
    writer.put()
    assert reader.get()["Id"] == "c" and len(reader.list()[f"{kind.name}List"]) == 1
    for refused in (writer.get, writer.list, reader.delete):
        assert code_of(refused) == ("AccessDenied", 403)
    writer.delete()


def test_a_new_bucket_of_the_name_has_none(s3, bucket, kind):
    kind.put()
    s3.delete_bucket(Bucket=bucket)
    s3.create_bucket(Bucket=bucket)
    assert code_of(kind.get) == ("NoSuchConfiguration", 404)
