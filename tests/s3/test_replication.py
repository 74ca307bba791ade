"""Replication: what is written to a bucket is copied to others, by a role that may."""

import json

import pytest
from conftest import allow, code_of, error_of, fresh, policy
from replicating import Pair, Role, arn, replicate, rule, statements, versioned


@pytest.fixture
def pair(welkin, account):
    return Pair(welkin, account)


def versions(s3, bucket):
    """Ids of the versions and delete markers of a bucket, by key."""
    listed = s3.list_object_versions(Bucket=bucket)
    return sorted((v["Key"], v["VersionId"]) for v in listed.get("Versions", []) + listed.get("DeleteMarkers", []))


def test_an_object_is_copied_with_all_that_it_is(pair):
    version = pair.put(
        body=b"all of it", ContentType="text/x-note", CacheControl="max-age=3", Metadata={"of": "me"}, Tagging="a=1&b=2"
    )
    source, replica = pair.s3.get_object(Bucket=pair.source, Key="k"), pair.read()
    assert (source["ReplicationStatus"], replica["ReplicationStatus"]) == ("COMPLETED", "REPLICA")
    assert replica["Body"].read() == b"all of it"
    same = ["VersionId", "ETag", "LastModified", "ContentType", "CacheControl", "Metadata", "TagCount", "ContentLength"]
    assert [replica[name] for name in same] == [source[name] for name in same]
    assert replica["VersionId"] == version
    tags = pair.to_s3.get_object_tagging(Bucket=pair.copy, Key="k")["TagSet"]
    assert sorted((tag["Key"], tag["Value"]) for tag in tags) == [("a", "1"), ("b", "2")]


def test_an_object_that_was_there_before_is_not_copied(welkin, account, pair):
    pair.s3.delete_bucket_replication(Bucket=pair.source)
    pair.put("before")
    replicate(pair.s3, pair.source, pair.role, pair.rule)
    pair.put("after")
    assert pair.keys() == ["after"]
    assert pair.status("before") is None


def test_every_version_is_copied_in_its_place(pair):
    made = [pair.s3.put_object(Bucket=pair.source, Key="k", Body=f"{n}")["VersionId"] for n in range(5)]
    pair.welkin.advance("1s")
    assert versions(pair.to_s3, pair.copy) == sorted(("k", version) for version in made)
    assert pair.read()["Body"].read() == b"4"
    for n, version in enumerate(made):
        assert pair.read(VersionId=version)["Body"].read() == f"{n}".encode()


def test_a_newer_version_at_the_destination_stays_current(pair):
    # The replica has its place among the versions by when its source was written, not by when it came.
    pair.role.trusts("ec2.amazonaws.com")
    pair.put("k", b"old")
    own = pair.to_s3.put_object(Bucket=pair.copy, Key="k", Body=b"newer")["VersionId"]
    pair.role.trusts("s3.amazonaws.com")
    newest = pair.put("k", b"newest")
    assert pair.read()["VersionId"] == newest
    assert pair.read(VersionId=own)["Body"].read() == b"newer"


def test_an_object_of_many_parts_is_copied_part_by_part(pair):
    upload = pair.s3.create_multipart_upload(Bucket=pair.source, Key="big", ChecksumAlgorithm="CRC32")["UploadId"]
    bodies, parts = [b"a" * (5 << 20), b"b" * 100_000], []
    for number, body in enumerate(bodies, 1):
        part = pair.s3.upload_part(
            Bucket=pair.source, Key="big", UploadId=upload, PartNumber=number, Body=body, ChecksumAlgorithm="CRC32"
        )
        parts.append({"PartNumber": number, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]})
    made = pair.s3.complete_multipart_upload(
        Bucket=pair.source, Key="big", UploadId=upload, MultipartUpload={"Parts": parts}
    )
    pair.welkin.advance("1s")
    replica = pair.read("big", ChecksumMode="ENABLED")
    assert (replica["ETag"], replica["ChecksumCRC32"]) == (made["ETag"], made["ChecksumCRC32"])
    assert replica["Body"].read() == b"".join(bodies)
    second = pair.read("big", PartNumber=2)
    assert (second["PartsCount"], second["Body"].read()) == (2, bodies[1])
    # The replica's bytes are its own.
    pair.s3.delete_object(Bucket=pair.source, Key="big", VersionId=made["VersionId"])
    pair.welkin.advance("1h")
    assert pair.read("big")["Body"].read() == b"".join(bodies)


def test_copies_and_forms_are_copied_as_well(pair):
    pair.s3.put_object(Bucket=pair.source, Key="k", Body=b"content")
    pair.s3.copy_object(Bucket=pair.source, Key="copy", CopySource={"Bucket": pair.source, "Key": "k"})
    pair.welkin.advance("1s")
    assert pair.keys() == ["copy", "k"]
    assert pair.status("copy") == "COMPLETED"


def test_empty_objects_are_copied(pair):
    pair.put("empty", b"")
    assert pair.read("empty")["ContentLength"] == 0


def test_a_filter_chooses_by_prefix_and_tags(welkin, account):
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    pair = Pair(welkin, account, Filter={"And": {"Prefix": "logs/", "Tags": tags}})
    pair.put("logs/both", Tagging="a=1&b=2&c=3")
    pair.put("logs/one", Tagging="a=1")
    pair.put("other", Tagging="a=1&b=2")
    assert pair.keys() == ["logs/both"]
    assert pair.status("logs/one") is None
    # Tags that come later do not have an object replicated that was not.
    pair.s3.put_object_tagging(Bucket=pair.source, Key="logs/one", Tagging={"TagSet": tags})
    welkin.advance("1s")
    assert pair.keys() == ["logs/both"]


def test_a_rule_that_is_off_copies_nothing(welkin, account):
    pair = Pair(welkin, account, Status="Disabled")
    pair.put()
    assert (pair.keys(), pair.status()) == ([], None)


def test_the_first_version_of_the_configuration(welkin, account, pair):
    old = {"ID": "old", "Status": "Enabled", "Prefix": "a/", "Destination": {"Bucket": arn(pair.copy)}}
    replicate(pair.s3, pair.source, pair.role, old)
    read = pair.s3.get_bucket_replication(Bucket=pair.source)["ReplicationConfiguration"]
    assert read == {"Role": pair.role.arn, "Rules": [old]}
    pair.put("a/1")
    pair.put("b/1")
    assert pair.keys() == ["a/1"]
    pair.s3.delete_object(Bucket=pair.source, Key="a/1")
    welkin.advance("1s")
    assert pair.keys() == []
    assert versions(pair.s3, pair.source)[:2] == versions(pair.to_s3, pair.copy)


def test_of_rules_for_one_destination_the_highest_priority_counts(welkin, account, pair):
    other = versioned(pair.s3)
    pair.role.allow(*statements(pair.source, pair.copy, other))
    replicate(
        pair.s3,
        pair.source,
        pair.role,
        rule(pair.copy, 1, to={"StorageClass": "STANDARD_IA"}),
        rule(pair.copy, 7, to={"StorageClass": "GLACIER_IR"}, Filter={"Prefix": "a"}),
        rule(other, 3, to={"StorageClass": "ONEZONE_IA"}),
    )
    pair.put("a")
    pair.put("b")
    assert pair.read("a")["StorageClass"] == "GLACIER_IR"
    assert pair.read("b")["StorageClass"] == "STANDARD_IA"
    assert pair.s3.head_object(Bucket=other, Key="a")["StorageClass"] == "ONEZONE_IA"


def test_with_several_destinations_an_object_is_completed_when_it_is_everywhere(welkin, account, pair):
    other = versioned(pair.s3)
    replicate(pair.s3, pair.source, pair.role, rule(pair.copy, 1), rule(other, 2))
    pair.put()
    assert pair.read()["ReplicationStatus"] == "REPLICA"
    assert pair.status() == "FAILED"
    pair.role.allow(*statements(pair.source, pair.copy, other))
    pair.put()
    assert pair.status() == "COMPLETED"


def test_the_storage_class_is_the_sources_unless_the_rule_says_another(pair):
    pair.put(StorageClass="STANDARD_IA")
    assert pair.read()["StorageClass"] == "STANDARD_IA"
    replicate(pair.s3, pair.source, pair.role, rule(pair.copy, to={"StorageClass": "DEEP_ARCHIVE"}))
    pair.put("cold")
    assert pair.to_s3.head_object(Bucket=pair.copy, Key="cold")["StorageClass"] == "DEEP_ARCHIVE"


def test_what_is_archived_is_not_copied(pair):
    pair.put("a", StorageClass="GLACIER")
    pair.put("b", StorageClass="DEEP_ARCHIVE")
    assert (pair.keys(), pair.status("a")) == ([], None)


def test_objects_with_a_key_of_their_own_are_copied_under_it(pair):
    for s3, bucket in [(pair.s3, pair.source), (pair.to_s3, pair.copy)]:
        s3.put_bucket_encryption(
            Bucket=bucket,
            ServerSideEncryptionConfiguration={
                "Rules": [
                    {
                        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                        "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]},
                    }
                ]
            },
        )
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"k" * 32}
    pair.put(body=b"mine", **key)
    assert pair.status(**key) == "COMPLETED"
    assert pair.read(**key)["Body"].read() == b"mine"
    assert code_of(pair.read)[1] == 400


def test_delete_markers_are_copied_where_the_rule_says_so(welkin, account, pair):
    pair.put()
    pair.s3.delete_object(Bucket=pair.source, Key="k")
    welkin.advance("1s")
    assert pair.keys() == ["k"]
    replicate(pair.s3, pair.source, pair.role, rule(pair.copy, DeleteMarkerReplication={"Status": "Enabled"}))
    marker = pair.s3.delete_object(Bucket=pair.source, Key="k")["VersionId"]
    welkin.advance("1s")
    assert pair.keys() == []
    [replica] = pair.to_s3.list_object_versions(Bucket=pair.copy)["DeleteMarkers"]
    assert (replica["VersionId"], replica["IsLatest"]) == (marker, True)


def test_the_removal_of_a_version_is_not_copied(welkin, account):
    pair = Pair(welkin, account, DeleteMarkerReplication={"Status": "Enabled"})
    version = pair.put()
    pair.s3.delete_object(Bucket=pair.source, Key="k", VersionId=version)
    welkin.advance("1s")
    assert pair.read()["VersionId"] == version


def test_what_the_lifecycle_does_is_not_copied(welkin, account):
    pair = Pair(welkin, account, DeleteMarkerReplication={"Status": "Enabled"})
    pair.s3.put_bucket_lifecycle_configuration(
        Bucket=pair.source,
        LifecycleConfiguration={
            "Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]
        },
    )
    pair.put()
    welkin.advance("3d")
    assert code_of(pair.s3.get_object, Bucket=pair.source, Key="k") == ("NoSuchKey", 404)
    assert pair.read()["Body"].read() == b"content"


def test_changes_of_tags_are_copied(pair):
    pair.put(Tagging="a=1")

    def tags():
        return pair.to_s3.get_object_tagging(Bucket=pair.copy, Key="k")["TagSet"]

    pair.s3.put_object_tagging(Bucket=pair.source, Key="k", Tagging={"TagSet": [{"Key": "b", "Value": "2"}]})
    pair.welkin.advance("1s")
    assert tags() == [{"Key": "b", "Value": "2"}]
    pair.s3.delete_object_tagging(Bucket=pair.source, Key="k")
    pair.welkin.advance("1s")
    assert (tags(), pair.status()) == ([], "COMPLETED")


def test_locks_are_copied_with_objects_and_when_they_change(welkin, account):
    s3 = welkin.client("s3", account)
    source, copy = (versioned(s3, ObjectLockEnabledForBucket=True) for _ in range(2))
    role = Role(welkin, account, *statements(source, copy))
    replicate(s3, source, role, rule(copy))
    until = "2999-01-01T00:00:00Z"
    s3.put_object(
        Bucket=source, Key="k", Body=b"kept", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until,
        ChecksumAlgorithm="CRC32",
    )  # fmt: skip
    welkin.advance("1s")
    replica = s3.head_object(Bucket=copy, Key="k")
    assert (replica["ObjectLockMode"], replica["ObjectLockRetainUntilDate"].year) == ("GOVERNANCE", 2999)
    s3.put_object_legal_hold(Bucket=source, Key="k", LegalHold={"Status": "ON"})
    retention = {"Mode": "COMPLIANCE", "RetainUntilDate": "2999-06-01T00:00:00Z"}
    s3.put_object_retention(Bucket=source, Key="k", Retention=retention, BypassGovernanceRetention=True)
    welkin.advance("1s")
    replica = s3.head_object(Bucket=copy, Key="k")
    assert (replica["ObjectLockMode"], replica["ObjectLockLegalHoldStatus"]) == ("COMPLIANCE", "ON")
    for without, reason in [("s3:GetObjectRetention", "FAILED"), ("s3:GetObjectLegalHold", "FAILED")]:
        role.allow(*statements(source, copy, without=[without]))
        s3.put_object(Bucket=source, Key="new", Body=b"x", ChecksumAlgorithm="CRC32")
        welkin.advance("1s")
        assert s3.head_object(Bucket=source, Key="new")["ReplicationStatus"] == reason, without


def test_the_retention_of_the_destination_is_that_of_replicas_without_one(welkin, account):
    s3 = welkin.client("s3", account)
    source, copy = versioned(s3), versioned(s3, ObjectLockEnabledForBucket=True)
    s3.put_object_lock_configuration(
        Bucket=copy,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 5}},
        },
    )
    replicate(s3, source, Role(welkin, account, *statements(source, copy)), rule(copy))
    s3.put_object(Bucket=source, Key="k", Body=b"x")
    welkin.advance("1s")
    assert s3.head_object(Bucket=copy, Key="k")["ObjectLockMode"] == "GOVERNANCE"


def test_a_bucket_that_locks_replicates_only_to_one_that_locks(welkin, account):
    s3 = welkin.client("s3", account)
    source, copy = versioned(s3, ObjectLockEnabledForBucket=True), versioned(s3)
    replicate(s3, source, Role(welkin, account, *statements(source, copy)), rule(copy))
    s3.put_object(Bucket=source, Key="k", Body=b"x")
    welkin.advance("1s")
    assert s3.head_object(Bucket=source, Key="k")["ReplicationStatus"] == "FAILED"


def test_replication_crosses_regions(welkin, account):
    pair = Pair(welkin, account, to_region="eu-west-1")
    pair.put(body=b"far", Tagging="a=1")
    replica = pair.read()
    assert (replica["Body"].read(), replica["TagCount"], pair.status()) == (b"far", 1, "COMPLETED")


def grant(pair, *more, without=()):
    """The owner of the destination permits what the guide says."""
    actions = [action for action in ["s3:ReplicateObject", "s3:ReplicateDelete"] if action not in without]
    who = {"AWS": f"arn:aws:iam::{pair.account}:root"}
    document = policy(allow(actions, f"{arn(pair.copy)}/*", Principal=who), *more)
    pair.to_s3.put_bucket_policy(Bucket=pair.copy, Policy=json.dumps(document))


def test_another_account_takes_replicas_if_its_bucket_says_so(welkin, account):
    pair = Pair(welkin, account, to_account=welkin.account(), to_region="eu-west-1", to={})
    pair.put("before")
    assert (pair.keys(), pair.status("before")) == ([], "FAILED")
    grant(pair)
    pair.put("k", b"shared", Tagging="a=1")
    assert pair.read()["Body"].read() == b"shared"
    tags = pair.to_s3.get_object_tagging(Bucket=pair.copy, Key="k")["TagSet"]
    assert tags == [{"Key": "a", "Value": "1"}]


def test_another_account_may_take_objects_without_their_tags(welkin, account):
    pair = Pair(welkin, account, to_account=welkin.account())
    who = {"AWS": f"arn:aws:iam::{account}:root"}
    deny = {"Effect": "Deny", "Principal": who, "Action": "s3:ReplicateTags", "Resource": f"{arn(pair.copy)}/*"}
    grant(pair, deny)
    pair.put("k", Tagging="a=1")
    assert "TagCount" not in pair.read()
    assert pair.status() == "COMPLETED"


def test_delete_markers_cross_accounts_where_the_rule_says_so(welkin, account):
    pair = Pair(welkin, account, to_account=welkin.account(), DeleteMarkerReplication={"Status": "Enabled"})
    grant(pair)
    pair.put()
    pair.s3.delete_object(Bucket=pair.source, Key="k")
    welkin.advance("1s")
    assert pair.keys() == []


def test_a_destination_of_another_owner_than_was_said_is_not_written_to(welkin, account):
    pair = Pair(welkin, account, to={"Account": welkin.account()})
    pair.put()
    assert (pair.keys(), pair.status()) == ([], "FAILED")


def test_replicas_are_not_replicated_further(welkin, account):
    s3 = welkin.client("s3", account)
    first, second, third = (versioned(s3) for _ in range(3))
    role = Role(welkin, account, *statements(first, second), *statements(second, third))
    replicate(s3, first, role, rule(second))
    replicate(s3, second, role, rule(third))
    s3.put_object(Bucket=first, Key="k", Body=b"x")
    s3.put_object(Bucket=second, Key="own", Body=b"y")
    welkin.advance("1m")
    assert [listed["Key"] for listed in s3.list_objects_v2(Bucket=second)["Contents"]] == ["k", "own"]
    assert [listed["Key"] for listed in s3.list_objects_v2(Bucket=third)["Contents"]] == ["own"]


def test_two_buckets_replicate_to_each_other_without_a_loop(welkin, account):
    s3 = welkin.client("s3", account)
    a, b = versioned(s3), versioned(s3, "eu-west-1")
    role = Role(welkin, account, *statements(a, b), *statements(b, a))
    both = {"SourceSelectionCriteria": {"ReplicaModifications": {"Status": "Enabled"}}}
    markers = {"DeleteMarkerReplication": {"Status": "Enabled"}}
    replicate(s3, a, role, rule(b, **both, **markers))
    far = welkin.client("s3", account, region="eu-west-1")
    replicate(far, b, role, rule(a, **both, **markers))
    for n in range(3):
        s3.put_object(Bucket=a, Key="k", Body=f"a{n}")
        far.put_object(Bucket=b, Key="k", Body=f"b{n}")
    s3.put_object(Bucket=a, Key="gone", Body=b"x")
    welkin.advance("1s")
    far.delete_object(Bucket=b, Key="gone")
    welkin.advance("1m")
    assert len(versions(s3, a)) == 8
    assert versions(s3, a) == versions(far, b)
    assert s3.get_object(Bucket=a, Key="k")["Body"].read() == far.get_object(Bucket=b, Key="k")["Body"].read()
    assert code_of(s3.get_object, Bucket=a, Key="gone") == ("NoSuchKey", 404)
    # What is changed of a replica goes back to its source, and stays there.
    ends = [(s3, a), (far, b)]
    ends.sort(key=lambda end: status_of_current(*end))
    (source, of_source), (replica, of_replica) = ends
    assert (status_of_current(*ends[0]), status_of_current(*ends[1])) == ("COMPLETED", "REPLICA")
    tags = [{"Key": "by", "Value": "replica"}]
    replica.put_object_tagging(Bucket=of_replica, Key="k", Tagging={"TagSet": tags})
    welkin.advance("1m")
    assert source.get_object_tagging(Bucket=of_source, Key="k")["TagSet"] == tags
    assert replica.get_object_tagging(Bucket=of_replica, Key="k")["TagSet"] == tags
    assert (status_of_current(*ends[0]), status_of_current(*ends[1])) == ("COMPLETED", "REPLICA")


def status_of_current(s3, bucket):
    """The replication status of the current version of `k`."""
    return s3.head_object(Bucket=bucket, Key="k")["ReplicationStatus"]


def test_changes_of_a_replica_stay_where_they_are_without_modification_sync(welkin, account, pair):
    replicate(pair.to_s3, pair.copy, Role(welkin, account, *statements(pair.copy, pair.source)), rule(pair.source))
    pair.put(Tagging="a=1")
    pair.to_s3.put_object_tagging(Bucket=pair.copy, Key="k", Tagging={"TagSet": []})
    welkin.advance("1m")
    assert pair.s3.get_object_tagging(Bucket=pair.source, Key="k")["TagSet"] == [{"Key": "a", "Value": "1"}]
    assert pair.read()["ReplicationStatus"] == "REPLICA"


PERMISSIONS = [
    ("s3:GetReplicationConfiguration", {}, "FAILED"),
    ("s3:GetObjectVersionForReplication", {}, "FAILED"),
    ("s3:GetObjectVersionAcl", {}, "FAILED"),
    ("s3:ReplicateObject", {}, "FAILED"),
    # Tags are left out, the object is not.
    ("s3:GetObjectVersionTagging", {}, "COMPLETED"),
    ("s3:ReplicateTags", {}, "COMPLETED"),
]


@pytest.mark.parametrize("without, options, status", PERMISSIONS)
def test_a_role_without_a_permission(pair, without, options, status):
    pair.permit(without=[without])
    pair.put(Tagging="a=1")
    assert pair.status() == status
    assert pair.keys() == (["k"] if status == "COMPLETED" else [])
    if status == "COMPLETED":
        assert ("TagCount" in pair.read()) == (without == "s3:ReplicateTags")
    # What failed is not tried again; what is written afterwards is.
    pair.permit()
    pair.welkin.advance("1d")
    assert pair.status() == status
    pair.put("next")
    assert pair.status("next") == "COMPLETED"


def test_a_role_may_read_versions_instead_where_kms_guards_nothing(pair):
    of_version = allow(["s3:GetObjectVersion"], f"{arn(pair.source)}/*")
    pair.permit(without=["s3:GetObjectVersionForReplication"], more=[of_version])
    pair.put()
    assert pair.status() == "COMPLETED"


@pytest.mark.parametrize("without", ["s3:ReplicateDelete", "s3:ListBucket", "s3:GetReplicationConfiguration"])
def test_a_role_that_may_not_copy_delete_markers(welkin, account, without):
    pair = Pair(welkin, account, DeleteMarkerReplication={"Status": "Enabled"})
    pair.put()
    pair.permit(without=[without])
    pair.s3.delete_object(Bucket=pair.source, Key="k")
    welkin.advance("1s")
    assert pair.keys() == ["k"]


def test_a_role_that_does_not_trust_s3_or_is_gone(pair):
    pair.role.trusts("ec2.amazonaws.com")
    pair.put("untrusted")
    assert pair.status("untrusted") == "FAILED"
    pair.role.trusts("s3.amazonaws.com")
    pair.put("trusted")
    assert pair.status("trusted") == "COMPLETED"
    pair.role.iam.delete_role_policy(RoleName=pair.role.name, PolicyName="replicate")
    pair.role.iam.delete_role(RoleName=pair.role.name)
    pair.put("gone")
    assert pair.status("gone") == "FAILED"


def test_trust_may_depend_on_the_bucket(pair):
    document = pair.role.trust()
    for source, status in [("arn:aws:s3:::other", "FAILED"), (arn(pair.source), "COMPLETED")]:
        document["Statement"][0]["Condition"] = {
            "StringEquals": {"aws:SourceArn": source, "aws:SourceAccount": pair.account}
        }
        pair.role.iam.update_assume_role_policy(RoleName=pair.role.name, PolicyDocument=json.dumps(document))
        pair.put(status)
        assert pair.status(status) == status


def test_a_destination_that_is_gone_or_keeps_no_versions(pair):
    pair.to_s3.put_bucket_versioning(Bucket=pair.copy, VersioningConfiguration={"Status": "Suspended"})
    pair.put("suspended")
    assert pair.status("suspended") == "FAILED"
    pair.to_s3.delete_bucket(Bucket=pair.copy)
    pair.put("gone")
    assert pair.status("gone") == "FAILED"


def test_s3_takes_on_the_role_on_the_record(welkin, account, pair):
    pair.put()
    trail = welkin.client("cloudtrail", account)
    lookup = [{"AttributeKey": "EventName", "AttributeValue": "AssumeRole"}]
    [event] = trail.lookup_events(LookupAttributes=lookup)["Events"]
    record = json.loads(event["CloudTrailEvent"])
    assert record["userIdentity"]["invokedBy"] == "s3.amazonaws.com"
    assert record["requestParameters"]["roleSessionName"] == "s3-replication"
    assert record["requestParameters"]["roleArn"] == pair.role.arn


def test_a_configuration_is_told_and_removed(pair):
    read = pair.s3.get_bucket_replication(Bucket=pair.source)["ReplicationConfiguration"]
    assert read == {"Role": pair.role.arn, "Rules": [pair.rule]}
    pair.s3.delete_bucket_replication(Bucket=pair.source)
    assert code_of(pair.s3.get_bucket_replication, Bucket=pair.source) == (
        "ReplicationConfigurationNotFoundError",
        404,
    )
    pair.put()
    assert pair.keys() == []


def test_a_rule_without_an_id_gets_one(pair):
    unnamed = {name: value for name, value in pair.rule.items() if name != "ID"}
    replicate(pair.s3, pair.source, pair.role, unnamed)
    [read] = pair.s3.get_bucket_replication(Bucket=pair.source)["ReplicationConfiguration"]["Rules"]
    assert read.pop("ID") and read == unnamed


def test_both_buckets_must_keep_versions(welkin, account, pair):
    s3, plain = pair.s3, fresh("plain")
    s3.create_bucket(Bucket=plain)

    def put(bucket, destination):
        return error_of(replicate, s3, bucket, pair.role, rule(destination))

    error = put(plain, pair.copy)
    assert (error["Code"], error["Status"]) == ("InvalidRequest", 400)
    assert error["Message"] == "Versioning must be 'Enabled' on the bucket to apply a replication configuration"
    error = put(pair.source, plain)
    assert (error["Code"], error["Message"]) == (
        "InvalidRequest",
        "Destination bucket must have versioning enabled.",
    )
    assert put(pair.source, fresh("missing"))["Message"] == "Destination bucket must exist."
    assert put(pair.source, pair.source)["Code"] == "InvalidRequest"
    suspend = {"Status": "Suspended"}
    error = code_of(s3.put_bucket_versioning, Bucket=pair.source, VersioningConfiguration=suspend)
    assert error == ("InvalidBucketState", 409)


def test_what_contradicts_itself_is_refused(pair):
    def put(*rules, role=pair.role.arn):
        configuration = {"Role": role, "Rules": list(rules)}
        return code_of(pair.s3.put_bucket_replication, Bucket=pair.source, ReplicationConfiguration=configuration)

    assert put(pair.rule, role="arn:aws:s3:::bucket") == ("InvalidArgument", 400)
    assert put(rule(pair.copy, Status="On"))[0] == "MalformedXML"
    lacking = {name: value for name, value in pair.rule.items() if name != "DeleteMarkerReplication"}
    assert put(lacking)[0] == "InvalidRequest"
    tagged = {"Filter": {"Tag": {"Key": "a", "Value": "b"}}, "DeleteMarkerReplication": {"Status": "Enabled"}}
    assert put(rule(pair.copy, **tagged))[0] == "InvalidRequest"
    assert put(rule(pair.copy), rule(pair.copy))[0] == "InvalidRequest"
    assert put()[0] == "MalformedXML"
    assert put(rule(pair.copy, to={"StorageClass": "OUTPOSTS"}))[0] == "NotImplemented"
    # Nothing of it was kept.
    read = pair.s3.get_bucket_replication(Bucket=pair.source)["ReplicationConfiguration"]
    assert read["Rules"] == [pair.rule]


OPERATIONS = [
    (
        "s3:PutReplicationConfiguration",
        lambda s3, pair: s3.put_bucket_replication(
            Bucket=pair.source, ReplicationConfiguration={"Role": pair.role.arn, "Rules": [pair.rule]}
        ),
    ),
    ("s3:GetReplicationConfiguration", lambda s3, pair: s3.get_bucket_replication(Bucket=pair.source)),
    ("s3:PutReplicationConfiguration", lambda s3, pair: s3.delete_bucket_replication(Bucket=pair.source)),
]


@pytest.mark.parametrize("action, call", OPERATIONS)
def test_every_operation_needs_its_action(welkin, account, pair, action, call):
    passing = allow("iam:PassRole", pair.role.arn)
    without = welkin.user(account, policy(passing, {"Effect": "Deny", "Action": action, "Resource": "*"}))
    assert code_of(call, welkin.client("s3", **without), pair) == ("AccessDenied", 403)
    able = welkin.user(account, policy(passing, allow(action, arn(pair.source))))
    call(welkin.client("s3", **able), pair)


def test_who_sets_a_configuration_must_be_allowed_to_pass_the_role(welkin, account, pair):
    put = allow("s3:PutReplicationConfiguration", "*")
    configuration = {"Role": pair.role.arn, "Rules": [pair.rule]}

    def set_by(*statements):
        user = welkin.client("s3", **welkin.user(account, policy(put, *statements)))
        return user.put_bucket_replication(Bucket=pair.source, ReplicationConfiguration=configuration)

    error = error_of(set_by)
    assert error["Code"] == "AccessDenied" and "iam:PassRole" in error["Message"]
    to = {"Condition": {"StringEquals": {"iam:PassedToService": "s3.amazonaws.com"}}}
    set_by(allow("iam:PassRole", pair.role.arn, **to))
    foreign = Role(welkin, welkin.account())
    configuration["Role"] = foreign.arn
    assert code_of(set_by, allow("iam:PassRole", "*")) == ("AccessDenied", 403)
