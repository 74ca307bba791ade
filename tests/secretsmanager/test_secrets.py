"""Secrets: made, found, described, listed, changed, deleted and restored."""

import re
import uuid

import pytest


def test_a_secret_is_made_and_found_by_name_arn_and_partial_arn(secrets, account, value, name, refused):
    it = name("prod/db")
    made = secrets.create_secret(Name=it, SecretString="hunter2", Description="d", Tags=[{"Key": "a", "Value": "1"}])
    assert re.fullmatch(rf"arn:aws:secretsmanager:us-east-1:{account}:secret:{it}-[A-Za-z0-9]{{6}}", made["ARN"])
    for by in (it, made["ARN"], made["ARN"][:-7]):
        assert value(by) == "hunter2"
    described = secrets.describe_secret(SecretId=it)
    assert described["VersionIdsToStages"] == {made["VersionId"]: ["AWSCURRENT"]}
    assert (described["Description"], described["Tags"]) == ("d", [{"Key": "a", "Value": "1"}])
    with refused("ResourceNotFoundException", message="Secrets Manager can't find the specified secret."):
        secrets.get_secret_value(SecretId=made["ARN"][:-6] + "XXXXXX")
    with refused("ResourceExistsException", message=f"the secret {it} already exists"):
        secrets.create_secret(Name=it, SecretString="x")


def test_a_value_is_text_or_bytes_or_not_there_yet(secrets, name, refused):
    binary = secrets.create_secret(Name=name(), SecretBinary=b"\x00\xff")["ARN"]
    read = secrets.get_secret_value(SecretId=binary)
    assert read["SecretBinary"] == b"\x00\xff" and "SecretString" not in read
    empty = secrets.create_secret(Name=name())
    assert "VersionId" not in empty
    with refused("ResourceNotFoundException", message="staging label: AWSCURRENT"):
        secrets.get_secret_value(SecretId=empty["ARN"])
    with refused("InvalidParameterException"):
        secrets.create_secret(Name=name(), SecretBinary=b"x", SecretString="x")
    with refused("InvalidParameterException"):
        secrets.put_secret_value(SecretId=binary)
    with refused("InvalidParameterException"):
        secrets.create_secret(Name="a b", SecretString="x")


def test_a_new_value_is_current_and_the_old_one_previous(secrets, secret, value):
    first = secrets.get_secret_value(SecretId=secret)["VersionId"]
    second = secrets.put_secret_value(SecretId=secret, SecretString="two")
    assert second["VersionStages"] == ["AWSCURRENT"]
    assert (value(secret), value(secret, VersionStage="AWSPREVIOUS")) == ("two", "one")
    secrets.update_secret(SecretId=secret, SecretString="three", Description="new")
    assert (value(secret), value(secret, VersionStage="AWSPREVIOUS")) == ("three", "two")
    assert value(secret, VersionId=first) == "one"
    stages = secrets.describe_secret(SecretId=secret)["VersionIdsToStages"]
    assert first not in stages and len(stages) == 2
    listed = secrets.list_secret_version_ids(SecretId=secret)["Versions"]
    assert len(listed) == 2
    everything = secrets.list_secret_version_ids(SecretId=secret, IncludeDeprecated=True, MaxResults=2)
    rest = secrets.list_secret_version_ids(SecretId=secret, IncludeDeprecated=True, NextToken=everything["NextToken"])
    assert len(everything["Versions"] + rest["Versions"]) == 3


def test_the_same_call_again_changes_nothing(secrets, name, value, refused):
    token, it = str(uuid.uuid4()), name()
    made = secrets.create_secret(Name=it, SecretString="one", ClientRequestToken=token)
    again = secrets.create_secret(Name=it, SecretString="one", ClientRequestToken=token)
    assert (again["ARN"], again["VersionId"]) == (made["ARN"], token)
    token = str(uuid.uuid4())
    for _ in range(2):
        secrets.put_secret_value(SecretId=it, SecretString="two", ClientRequestToken=token)
    assert (value(it), value(it, VersionStage="AWSPREVIOUS")) == ("two", "one")
    with refused("ResourceExistsException", message="is already in use for a version of secret"):
        secrets.put_secret_value(SecretId=it, SecretString="other", ClientRequestToken=token)
    with refused("ResourceExistsException"):
        secrets.create_secret(Name=it, SecretString="other", ClientRequestToken=token)


def test_another_key_encrypts_the_versions_that_have_labels(welkin, account, secrets, secret, value, refused):
    kms = welkin.client("kms", account)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    keys = lambda: [version["KmsKeyIds"] for version in secrets.list_secret_version_ids(SecretId=secret)["Versions"]]  # noqa: E731
    assert keys() == [["DefaultEncryptionKey"]]
    secrets.update_secret(SecretId=secret, KmsKeyId=key)
    assert keys() == [[key]] and value(secret) == "one"
    kms.disable_key(KeyId=key)
    with refused("DecryptionFailure"):
        value(secret)


def test_labels_are_moved_between_versions(secrets, secret, value, refused):
    first = secrets.get_secret_value(SecretId=secret)["VersionId"]
    pending = secrets.put_secret_value(SecretId=secret, SecretString="two", VersionStages=["AWSPENDING"])["VersionId"]
    assert (value(secret), value(secret, VersionStage="AWSPENDING")) == ("one", "two")
    move = lambda **options: secrets.update_secret_version_stage(SecretId=secret, **options)  # noqa: E731
    with refused("InvalidParameterException", message="RemoveFromVersionId can't be empty"):
        move(VersionStage="AWSCURRENT", MoveToVersionId=pending)
    with refused("InvalidParameterException"):
        move(VersionStage="AWSCURRENT", RemoveFromVersionId=first)
    with refused("ResourceNotFoundException"):
        move(VersionStage="x", MoveToVersionId="0" * 32)
    move(VersionStage="AWSCURRENT", MoveToVersionId=pending, RemoveFromVersionId=first)
    assert (value(secret), value(secret, VersionStage="AWSPREVIOUS")) == ("two", "one")
    move(VersionStage="mine", MoveToVersionId=first)
    assert value(secret, VersionStage="mine") == "one"
    move(VersionStage="mine", RemoveFromVersionId=first)
    with refused("ResourceNotFoundException", message="staging label: mine"):
        value(secret, VersionStage="mine")
    with refused("InvalidRequestException"):
        value(secret, VersionStage="AWSPREVIOUS", VersionId=pending)


def test_a_deleted_secret_can_be_restored_until_its_window_ends(secrets, secret, value, welkin, refused):
    name = secrets.describe_secret(SecretId=secret)["Name"]
    deleted = secrets.delete_secret(SecretId=secret, RecoveryWindowInDays=7)
    assert 6.9 < (deleted["DeletionDate"] - welkin.now()).total_seconds() / 86_400 < 7.1
    with refused("InvalidRequestException", message="marked for deletion"):
        value(secret)
    with refused("InvalidRequestException", message="already scheduled for deletion"):
        secrets.create_secret(Name=name, SecretString="x")
    assert secrets.list_secrets()["SecretList"] == []
    assert secrets.list_secrets(IncludePlannedDeletion=True)["SecretList"][0]["DeletedDate"]
    secrets.restore_secret(SecretId=secret)
    welkin.advance("8d")
    assert value(secret) == "one"
    secrets.delete_secret(SecretId=secret, RecoveryWindowInDays=7)
    welkin.advance("8d")
    with refused("ResourceNotFoundException"):
        secrets.describe_secret(SecretId=secret)
    again = secrets.create_secret(Name=name, SecretString="new")["ARN"]
    assert again != secret and value(name) == "new"
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    with refused("ResourceNotFoundException"):
        value(name)
    for gone in (name, again):
        assert secrets.delete_secret(SecretId=gone, ForceDeleteWithoutRecovery=True)["Name"].startswith(name)
    with refused("ResourceNotFoundException"):
        secrets.delete_secret(SecretId=name)
    for options in ({"RecoveryWindowInDays": 6}, {"RecoveryWindowInDays": 31}, {"RecoveryWindowInDays": 7, "ForceDeleteWithoutRecovery": True}):
        with refused("InvalidParameterException"):
            secrets.delete_secret(SecretId=name, **options)


def test_secrets_are_listed_filtered_sorted_and_in_pages(secrets, refused):
    for n, tags in (("b", {"team": "red"}), ("a", {"team": "blue"}), ("c", {})):
        tags = [{"Key": key, "Value": value} for key, value in tags.items()]
        secrets.create_secret(Name=f"list/{n}", Description=f"about {n}", SecretString="x", Tags=tags)
    names = lambda **options: [s["Name"][-1] for s in secrets.list_secrets(**options)["SecretList"]]  # noqa: E731
    only = lambda key, *values: names(Filters=[{"Key": key, "Values": list(values)}], SortBy="name")  # noqa: E731
    assert names() == ["b", "a", "c"] and names(SortBy="name", SortOrder="desc") == ["c", "b", "a"]
    assert only("name", "list/") == ["a", "b", "c"] and only("name", "list/a", "list/c") == ["a", "c"]
    assert only("name", "!list/a") == ["b", "c"]
    assert only("description", "about c") == ["c"]
    assert only("tag-key", "team") == ["a", "b"] and only("tag-value", "red") == ["b"]
    assert only("all", "BLUE") == ["a"] and only("owning-service", "x") == []
    page = secrets.list_secrets(MaxResults=2)
    rest = secrets.list_secrets(NextToken=page["NextToken"])
    assert len(page["SecretList"]) == 2 and len(rest["SecretList"]) == 1 and "NextToken" not in rest
    with refused("InvalidNextTokenException"):
        secrets.list_secrets(NextToken="!")


def test_several_values_are_read_at_once(secrets, name, refused):
    names = [secrets.create_secret(Name=name(), SecretString=str(n))["Name"] for n in range(3)]
    answer = secrets.batch_get_secret_value(SecretIdList=[*names, "none"])
    assert [entry["SecretString"] for entry in answer["SecretValues"]] == ["0", "1", "2"]
    assert [(e["SecretId"], e["ErrorCode"]) for e in answer["Errors"]] == [("none", "ResourceNotFoundException")]
    chosen = secrets.batch_get_secret_value(Filters=[{"Key": "name", "Values": [names[1]]}])
    assert [entry["SecretString"] for entry in chosen["SecretValues"]] == ["1"]
    with refused("InvalidParameterException"):
        secrets.batch_get_secret_value()


def test_passwords_are_of_what_is_wanted(secrets, refused):
    password = lambda **options: secrets.get_random_password(**options)["RandomPassword"]  # noqa: E731
    assert len(password()) == 32 and password() != password()
    assert re.fullmatch("[0-9]{10}", password(PasswordLength=10, ExcludeLowercase=True, ExcludeUppercase=True, ExcludePunctuation=True))
    every = password(PasswordLength=5, IncludeSpace=True)
    assert " " in every and re.search("[a-z]", every) and re.search("[A-Z]", every) and re.search("[0-9]", every)
    assert not set("abcdef0123") & set(password(PasswordLength=500, ExcludeCharacters="abcdef0123"))
    with refused("InvalidParameterException"):
        password(PasswordLength=3)
    with refused("InvalidParameterException"):
        password(ExcludeLowercase=True, ExcludeUppercase=True, ExcludePunctuation=True, ExcludeNumbers=True)


def test_tags_are_added_and_removed(secrets, secret, refused):
    secrets.tag_resource(SecretId=secret, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
    secrets.untag_resource(SecretId=secret, TagKeys=["a"])
    assert secrets.describe_secret(SecretId=secret)["Tags"] == [{"Key": "b", "Value": ""}]
    with refused("InvalidParameterException"):
        secrets.tag_resource(SecretId=secret, Tags=[{"Key": "aws:x", "Value": ""}])


@pytest.mark.parametrize(
    "call",
    [
        lambda secrets, secret: secrets.rotate_secret(SecretId=secret, RotationLambdaARN="arn:aws:lambda:us-east-1:111122223333:function:f"),
        lambda secrets, secret: secrets.cancel_rotate_secret(SecretId=secret),
        lambda secrets, secret: secrets.create_secret(Name="t", SecretString="x", Type="partner"),
    ],
)
def test_what_is_not_there_is_refused_by_name(secrets, secret, call, refused):
    with refused("NotImplemented", 501):
        call(secrets, secret)
