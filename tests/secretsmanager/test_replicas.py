"""Replicas in other Regions."""

import json

import pytest


@pytest.fixture
def ireland(welkin, account):
    return welkin.client("secretsmanager", account, region="eu-west-1")


def test_a_replica_follows_its_primary_and_cannot_be_changed(secrets, ireland, name, refused):
    it = name()
    made = secrets.create_secret(Name=it, SecretString="one", AddReplicaRegions=[{"Region": "eu-west-1"}])
    assert [(s["Region"], s["Status"]) for s in made["ReplicationStatus"]] == [("eu-west-1", "InSync")]
    read = ireland.get_secret_value(SecretId=it)
    assert (read["SecretString"], read["ARN"]) == ("one", made["ARN"].replace("us-east-1", "eu-west-1"))
    secrets.put_secret_value(SecretId=it, SecretString="two")
    assert ireland.get_secret_value(SecretId=it)["SecretString"] == "two"
    assert ireland.get_secret_value(SecretId=it, VersionStage="AWSPREVIOUS")["SecretString"] == "one"
    assert ireland.describe_secret(SecretId=it)["PrimaryRegion"] == "us-east-1"
    secrets.tag_resource(SecretId=it, Tags=[{"Key": "a", "Value": "1"}])
    assert ireland.describe_secret(SecretId=it)["Tags"] == [{"Key": "a", "Value": "1"}]
    secrets.update_secret(SecretId=it, Description="said once")
    assert ireland.describe_secret(SecretId=it)["Description"] == "said once"
    for call in (
        lambda: ireland.put_secret_value(SecretId=it, SecretString="x"),
        lambda: ireland.delete_secret(SecretId=it),
        lambda: ireland.update_secret(SecretId=it, Description="x"),
    ):
        with refused("InvalidParameterException", message="Operation not permitted on a replica secret"):
            call()
    with refused("InvalidParameterException", message="still has replica regions [eu-west-1]."):
        secrets.delete_secret(SecretId=it)
    secrets.remove_regions_from_replication(SecretId=it, RemoveReplicaRegions=["eu-west-1"])
    with refused("ResourceNotFoundException"):
        ireland.describe_secret(SecretId=it)
    secrets.delete_secret(SecretId=it)


def test_the_policy_of_the_primary_is_that_of_its_replicas(welkin, secrets, ireland, secret, refused):
    guest = welkin.account()
    statement = {"Effect": "Allow", "Principal": {"AWS": guest}, "Action": "secretsmanager:DescribeSecret", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    secrets.replicate_secret_to_regions(SecretId=secret, AddReplicaRegions=[{"Region": "eu-west-1"}])
    there = secret.replace("us-east-1", "eu-west-1")
    elsewhere = welkin.client("secretsmanager", guest, region="eu-west-1")
    with refused("AccessDeniedException"):
        elsewhere.describe_secret(SecretId=there)
    secrets.put_resource_policy(SecretId=secret, ResourcePolicy=policy)
    secrets.put_secret_value(SecretId=secret, SecretString="two")
    assert elsewhere.describe_secret(SecretId=there)["ARN"] == there
    for call in (
        lambda: ireland.put_resource_policy(SecretId=there, ResourcePolicy=policy),
        lambda: ireland.delete_resource_policy(SecretId=there),
    ):
        with refused("InvalidParameterException", message="Call must be made in primary secret's region."):
            call()
    secrets.delete_resource_policy(SecretId=secret)
    with refused("AccessDeniedException"):
        elsewhere.describe_secret(SecretId=there)


def test_a_replica_becomes_a_secret_of_its_own(secrets, ireland, secret, refused):
    secrets.replicate_secret_to_regions(SecretId=secret, AddReplicaRegions=[{"Region": "eu-west-1"}])
    there = secret.replace("us-east-1", "eu-west-1")
    ireland.stop_replication_to_replica(SecretId=there)
    ireland.put_secret_value(SecretId=there, SecretString="own")
    secrets.put_secret_value(SecretId=secret, SecretString="two")
    assert ireland.get_secret_value(SecretId=there)["SecretString"] == "own"
    assert "ReplicationStatus" not in secrets.describe_secret(SecretId=secret)
    with refused("InvalidRequestException"):
        ireland.stop_replication_to_replica(SecretId=there)


def test_a_name_that_is_taken_there_is_told_and_overwritten_if_wanted(secrets, ireland, name, refused):
    it = name()
    ireland.create_secret(Name=it, SecretString="theirs")
    secrets.create_secret(Name=it, SecretString="ours")
    answer = secrets.replicate_secret_to_regions(SecretId=it, AddReplicaRegions=[{"Region": "eu-west-1"}])
    assert [(s["Status"]) for s in answer["ReplicationStatus"]] == ["Failed"]
    assert "already exists" in answer["ReplicationStatus"][0]["StatusMessage"]
    assert ireland.get_secret_value(SecretId=it)["SecretString"] == "theirs"
    answer = secrets.replicate_secret_to_regions(
        SecretId=it, AddReplicaRegions=[{"Region": "eu-west-1"}], ForceOverwriteReplicaSecret=True
    )
    assert answer["ReplicationStatus"][0]["Status"] == "InSync"
    assert ireland.get_secret_value(SecretId=it)["SecretString"] == "ours"
    for region in ("us-east-1", "nowhere-1"):
        with refused("InvalidParameterException"):
            secrets.replicate_secret_to_regions(SecretId=it, AddReplicaRegions=[{"Region": region}])
