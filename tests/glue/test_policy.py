"""The resource policy of a catalog, and other accounts."""

import json

import pytest


def policy(resource, *actions, principal, **more):
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource, "Principal": principal, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_policy_is_set_shown_and_deleted(glue, arn, account, refused):
    for call in (glue.get_resource_policy, glue.delete_resource_policy):
        with refused("EntityNotFoundException"):
            call()
    assert glue.get_resource_policies()["GetResourcePoliciesResponseList"] == []
    text = policy([arn("*")], "glue:*", principal={"AWS": account})
    set_hash = glue.put_resource_policy(PolicyInJson=text)["PolicyHash"]
    shown = glue.get_resource_policy()
    assert json.loads(shown["PolicyInJson"]) == json.loads(text) and shown["PolicyHash"] == set_hash
    assert shown["CreateTime"] <= shown["UpdateTime"]
    (listed,) = glue.get_resource_policies()["GetResourcePoliciesResponseList"]
    assert listed["PolicyHash"] == set_hash
    glue.delete_resource_policy(PolicyHashCondition=set_hash)
    with refused("EntityNotFoundException"):
        glue.get_resource_policy()


def test_conditions_of_a_change_must_hold(glue, arn, account, refused):
    one = policy([arn("*")], "glue:*", principal={"AWS": account})
    two = policy([arn("catalog")], "glue:*", principal={"AWS": account})
    with refused("ConditionCheckFailureException"):
        glue.put_resource_policy(PolicyInJson=one, PolicyExistsCondition="MUST_EXIST")
    old = glue.put_resource_policy(PolicyInJson=one, PolicyExistsCondition="NOT_EXIST")["PolicyHash"]
    with refused("ConditionCheckFailureException"):
        glue.put_resource_policy(PolicyInJson=two, PolicyExistsCondition="NOT_EXIST")
    new = glue.put_resource_policy(PolicyInJson=two, PolicyHashCondition=old)["PolicyHash"]
    assert new != old
    with refused("ConditionCheckFailureException"):
        glue.put_resource_policy(PolicyInJson=one, PolicyHashCondition=old)
    with refused("ConditionCheckFailureException"):
        glue.delete_resource_policy(PolicyHashCondition=old)
    assert json.loads(glue.get_resource_policy()["PolicyInJson"]) == json.loads(two)


@pytest.mark.parametrize(
    "text",
    [
        "{}}",
        '{"Version": "2012-10-17", "Statement": []',
        policy("*", "glue:*", principal="*"),
        policy("arn:aws:s3:::bucket", "glue:*", principal="*"),
        policy("arn:aws:glue:us-east-1:111122223333:*", "glue:*", principal="*"),
        json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "glue:*", "Resource": "*"}]}),
    ],
)
def test_policies_are_held_against_the_rules(glue, refused, text):
    with refused("InvalidInputException"):
        glue.put_resource_policy(PolicyInJson=text)


def test_a_policy_has_ten_kilobytes_at_most(glue, arn, refused):
    long = policy([arn("catalog"), arn("database/" + "x" * 10_300)], "glue:*", principal="*")
    with refused("InvalidInputException"):
        glue.put_resource_policy(PolicyInJson=long)


def test_other_accounts_need_the_policy_of_the_catalog_and_their_own(welkin, glue, arn, account, partitioned, refused):
    friend = welkin.account()
    glue.create_partition(**partitioned, PartitionInput={"Values": ["Chile", "2020"]})
    where = {"CatalogId": account, "DatabaseName": "db"}
    root = welkin.client("glue", friend)
    with refused("AccessDeniedException"):
        root.get_table(**where, Name="p")
    path = [arn("catalog"), arn("database/db"), arn("table/db/p")]
    text = policy(path, "glue:GetTable", "glue:GetPartitions", principal={"AWS": friend})
    glue.put_resource_policy(PolicyInJson=text)
    assert root.get_table(**where, Name="p")["Table"]["CatalogId"] == account
    found = root.get_partitions(**where, TableName="p", Expression="year = 2020")["Partitions"]
    assert [partition["Values"] for partition in found] == [["Chile", "2020"]]
    with refused("AccessDeniedException"):
        root.delete_table(**where, Name="p")
    with refused("AccessDeniedException"):
        welkin.client("glue", welkin.account()).get_table(**where, Name="p")
    nobody = welkin.client("glue", **welkin.user(friend))
    with refused("AccessDeniedException"):
        nobody.get_table(**where, Name="p")
    statement = {"Effect": "Allow", "Action": "glue:GetTable", "Resource": path}
    reader = welkin.user(friend, {"Version": "2012-10-17", "Statement": [statement]})
    assert welkin.client("glue", **reader).get_table(**where, Name="p")["Table"]["Name"] == "p"


def test_a_policy_that_leaves_out_an_ancestor_gives_nothing(welkin, glue, arn, account, table, refused):
    friend = welkin.account()
    for path in ([arn("table/db/t")], [arn("catalog"), arn("table/db/t")], [arn("catalog"), arn("database/db")]):
        glue.put_resource_policy(PolicyInJson=policy(path, "glue:*", principal={"AWS": friend}))
        with refused("AccessDeniedException"):
            welkin.client("glue", friend).get_table(CatalogId=account, DatabaseName="db", Name="t")


def test_other_accounts_write_where_they_may(welkin, glue, arn, account, database):
    friend = welkin.account()
    glue.put_resource_policy(PolicyInJson=policy([arn("*")], "glue:*", principal={"AWS": friend}))
    theirs = welkin.client("glue", friend)
    theirs.create_table(CatalogId=account, DatabaseName="db", TableInput={"Name": "made"})
    table = glue.get_table(DatabaseName="db", Name="made")["Table"]
    assert table["CreatedBy"] == f"arn:aws:iam::{friend}:root"
    assert theirs.get_databases()["DatabaseList"] == []


def test_the_policy_counts_for_users_of_the_account(glue, user, welkin, account, arn, table, refused):
    denied = policy([arn("table/db/t")], "glue:GetTable", principal="*", Effect="Deny")
    glue.put_resource_policy(PolicyInJson=denied)
    with refused("AccessDeniedException", message="explicit deny"):
        user("glue:*").get_table(DatabaseName="db", Name="t")
    options = welkin.user(account)
    name = welkin.client("sts", **options).get_caller_identity()["Arn"]
    path = [arn("catalog"), arn("database/db"), arn("table/db/t")]
    glue.put_resource_policy(PolicyInJson=policy(path, "glue:GetTable", principal={"AWS": name}))
    assert welkin.client("glue", **options).get_table(DatabaseName="db", Name="t")["Table"]["Name"] == "t"
