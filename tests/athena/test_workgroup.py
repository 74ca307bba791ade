"""Workgroups: what is enforced, and what goes when they go."""

import pytest


def test_the_primary_workgroup_is_there_and_stays(athena, refused):
    group = athena.get_work_group(WorkGroup="primary")["WorkGroup"]
    assert group["State"] == "ENABLED"
    assert group["Configuration"]["EnforceWorkGroupConfiguration"] is False
    assert group["Configuration"]["EngineVersion"]["EffectiveEngineVersion"] == "Athena engine version 3"
    with refused("InvalidRequestException"):
        athena.delete_work_group(WorkGroup="primary")
    assert [it["Name"] for it in athena.list_work_groups()["WorkGroups"]] == ["primary"]


def test_a_workgroup_is_made_changed_listed_and_deleted(athena, bucket, refused):
    location = f"s3://{bucket}/team/"
    athena.create_work_group(
        Name="team",
        Description="ours",
        Configuration={"ResultConfiguration": {"OutputLocation": location}, "BytesScannedCutoffPerQuery": 10_000_000},
        Tags=[{"Key": "cost", "Value": "1"}],
    )
    with refused("InvalidRequestException", message="already created"):
        athena.create_work_group(Name="team")
    athena.update_work_group(
        WorkGroup="team",
        State="DISABLED",
        ConfigurationUpdates={
            "RemoveBytesScannedCutoffPerQuery": True,
            "ResultConfigurationUpdates": {"EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}},
        },
    )
    group = athena.get_work_group(WorkGroup="team")["WorkGroup"]
    assert (group["State"], group["Description"]) == ("DISABLED", "ours")
    assert "BytesScannedCutoffPerQuery" not in group["Configuration"]
    results = group["Configuration"]["ResultConfiguration"]
    assert results == {"OutputLocation": location, "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}}
    first = athena.list_work_groups(MaxResults=1)
    second = athena.list_work_groups(MaxResults=1, NextToken=first["NextToken"])
    assert [page["WorkGroups"][0]["Name"] for page in (first, second)] == ["primary", "team"]
    assert "NextToken" not in second
    with refused("InvalidRequestException", message="is disabled"):
        athena.start_query_execution(QueryString="SELECT 1", WorkGroup="team")
    athena.delete_work_group(WorkGroup="team")
    with refused("InvalidRequestException", message="WorkGroup team is not found."):
        athena.get_work_group(WorkGroup="team")


def test_a_workgroup_with_something_in_it_is_deleted_only_when_that_is_wanted(athena, sql, refused):
    athena.create_work_group(Name="full")
    named = athena.create_named_query(Name="n", Database="d", QueryString="SELECT 1", WorkGroup="full")["NamedQueryId"]
    athena.create_prepared_statement(StatementName="of_mine", WorkGroup="full", QueryStatement="SELECT ?")
    query = sql.run("SELECT 1", WorkGroup="full")["QueryExecutionId"]
    with refused("InvalidRequestException", message="WorkGroup full is not empty"):
        athena.delete_work_group(WorkGroup="full")
    athena.delete_work_group(WorkGroup="full", RecursiveDeleteOption=True)
    with refused("InvalidRequestException"):
        athena.get_named_query(NamedQueryId=named)
    with refused("InvalidRequestException", message=f"QueryExecution {query} was not found"):
        athena.get_query_execution(QueryExecutionId=query)


def test_an_enforced_configuration_has_the_last_word(athena, sql, s3, bucket):
    own = {"ResultConfiguration": {"OutputLocation": f"s3://{bucket}/enforced/"}}
    athena.create_work_group(Name="strict", Configuration=own)
    execution = sql.run("SELECT 1 AS one", WorkGroup="strict")
    assert execution["ResultConfiguration"]["OutputLocation"].startswith(f"s3://{bucket}/enforced/")
    athena.update_work_group(WorkGroup="strict", ConfigurationUpdates={"EnforceWorkGroupConfiguration": False})
    execution = sql.run("SELECT 1 AS one", WorkGroup="strict")
    assert execution["ResultConfiguration"]["OutputLocation"].startswith(f"s3://{bucket}/results/")


def test_without_a_location_there_is_no_query(athena, refused):
    with refused("InvalidRequestException", message="No output location provided."):
        athena.start_query_execution(QueryString="SELECT 1")
    with refused("InvalidRequestException", message="Unable to verify/create output bucket"):
        athena.start_query_execution(
            QueryString="SELECT 1", ResultConfiguration={"OutputLocation": "s3://no-such-bucket-of-anybody/"}
        )


@pytest.mark.parametrize(
    "configuration",
    [
        {"ResultConfiguration": {"EncryptionConfiguration": {"EncryptionOption": "CSE_KMS", "KmsKey": "x"}}},
        {"ManagedQueryResultsConfiguration": {"Enabled": True}},
        {"ExecutionRole": "arn:aws:iam::111111111111:role/spark"},
    ],
)
def test_what_is_not_done_is_refused_by_name(athena, refused, configuration):
    with refused("NotImplemented", 501, message="Welkin does not implement"):
        athena.create_work_group(Name="more", Configuration=configuration)


def test_tags_are_added_listed_and_removed(athena, account, refused):
    athena.create_work_group(Name="tagged", Tags=[{"Key": "a", "Value": "1"}])
    arn = f"arn:aws:athena:us-east-1:{account}:workgroup/tagged"
    athena.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == [
        {"Key": "a", "Value": "1"},
        {"Key": "b", "Value": "2"},
    ]
    athena.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    with refused("ResourceNotFoundException"):
        athena.list_tags_for_resource(ResourceARN=arn.replace("tagged", "none"))
