"""Buses: made, listed, described, changed, deleted; their policies and tags."""

import json

import pytest


def test_the_default_bus_is_there(events, account):
    bus = events.describe_event_bus()
    assert (bus["Name"], bus["Arn"]) == ("default", f"arn:aws:events:us-east-1:{account}:event-bus/default")
    assert [bus["Name"] for bus in events.list_event_buses()["EventBuses"]] == ["default"]


def test_a_bus_is_made_described_changed_and_deleted(events, account, queue, refused):
    made = events.create_event_bus(
        Name="orders", Description="of orders", DeadLetterConfig={"Arn": queue.arn}, Tags=[{"Key": "a", "Value": "1"}]
    )
    arn = f"arn:aws:events:us-east-1:{account}:event-bus/orders"
    assert made["EventBusArn"] == arn
    bus = events.describe_event_bus(Name="orders")
    assert (bus["Description"], bus["DeadLetterConfig"]) == ("of orders", {"Arn": queue.arn})
    assert bus["CreationTime"] == bus["LastModifiedTime"]
    assert events.describe_event_bus(Name=arn)["Name"] == "orders"
    with refused("ResourceAlreadyExistsException"):
        events.create_event_bus(Name="orders")
    changed = events.update_event_bus(Name="orders", Description="all of them")
    assert changed["Description"] == "all of them"
    events.delete_event_bus(Name="orders")
    events.delete_event_bus(Name="orders")
    with refused("ResourceNotFoundException", message="orders"):
        events.describe_event_bus(Name="orders")


def test_buses_come_in_pages_by_name_and_prefix(events):
    for name in ("b-1", "b-2", "a-1"):
        events.create_event_bus(Name=name)
    first = events.list_event_buses(Limit=2)
    second = events.list_event_buses(NextToken=first["NextToken"])
    names = [bus["Name"] for bus in first["EventBuses"] + second["EventBuses"]]
    assert names == ["a-1", "b-1", "b-2", "default"] and "NextToken" not in second
    assert [bus["Name"] for bus in events.list_event_buses(NamePrefix="b-")["EventBuses"]] == ["b-1", "b-2"]


def test_what_cannot_be_a_bus_is_refused(events, refused, queue, new_queue):
    with refused("ResourceAlreadyExistsException"):
        events.create_event_bus(Name="default")
    with refused("ValidationException"):
        events.create_event_bus(Name="a/b")
    with refused("ValidationException"):
        events.create_event_bus(Name="a b")
    with refused("NotImplemented", 501):
        events.create_event_bus(Name="aws.partner/x/y", EventSourceName="aws.partner/x/y")
    with refused("NotImplemented", 501, "KmsKeyIdentifier"):
        events.create_event_bus(Name="a", KmsKeyIdentifier="alias/x")
    with refused("NotImplemented", 501):
        events.create_event_bus(Name="a", LogConfig={"Level": "INFO"})
    with refused("ValidationException", message="FIFO"):
        events.create_event_bus(Name="a", DeadLetterConfig={"Arn": new_queue(fifo=True).arn})
    with refused("ValidationException"):
        events.delete_event_bus(Name="default")
    events.create_event_bus(Name="full")
    events.put_rule(Name="r", EventBusName="full", EventPattern='{"source":["a"]}')
    with refused("ValidationException"):
        events.delete_event_bus(Name="full")


def test_permissions_are_put_and_removed(events, account, refused):
    events.put_permission(StatementId="one", Action="events:PutEvents", Principal="111122223333")
    condition = {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1234567890"}
    events.put_permission(StatementId="two", Action="events:PutEvents", Principal="*", Condition=condition)
    policy = json.loads(events.describe_event_bus()["Policy"])
    arn = f"arn:aws:events:us-east-1:{account}:event-bus/default"
    assert policy["Statement"] == [
        {
            "Sid": "one",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Action": "events:PutEvents",
            "Resource": arn,
        },
        {
            "Sid": "two",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "events:PutEvents",
            "Resource": arn,
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}},
        },
    ]
    events.remove_permission(StatementId="one")
    with refused("ResourceNotFoundException"):
        events.remove_permission(StatementId="one")
    events.remove_permission(RemoveAllPermissions=True)
    assert "Policy" not in events.describe_event_bus()
    with refused("ResourceNotFoundException"):
        events.remove_permission(StatementId="two")
    for wrong in (
        {"StatementId": "x", "Action": "events:PutEvents"},
        {"StatementId": "x", "Action": "events:ListRules", "Principal": "*"},
        {"StatementId": "x", "Action": "events:PutEvents", "Principal": "me"},
        {"Policy": "{"},
    ):
        with refused("ValidationException"):
            events.put_permission(**wrong)
    with refused("PolicyLengthExceededException"):
        events.put_permission(Policy=json.dumps({"Statement": [], "Id": "x" * 11_000}))


@pytest.mark.parametrize("kind", ["bus", "rule", "rule of a bus"])
def test_tags_are_added_listed_and_removed(events, refused, kind):
    events.create_event_bus(Name="tagged", Tags=[{"Key": "a", "Value": "1"}])
    tags = [{"Key": "a", "Value": "1"}]
    arn = {
        "bus": lambda: events.describe_event_bus(Name="tagged")["Arn"],
        "rule": lambda: events.put_rule(Name="r", EventPattern='{"source":["a"]}', Tags=tags)["RuleArn"],
        "rule of a bus": lambda: events.put_rule(
            Name="r", EventBusName="tagged", EventPattern='{"source":["a"]}', Tags=tags
        )["RuleArn"],
    }[kind]()
    events.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "3"}])
    listed = events.list_tags_for_resource(ResourceARN=arn)["Tags"]
    assert listed == [{"Key": "a", "Value": "3"}, {"Key": "b", "Value": "2"}]
    events.untag_resource(ResourceARN=arn, TagKeys=["a", "none"])
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    with refused("ValidationException"):
        events.tag_resource(ResourceARN=arn, Tags=[{"Key": "aws:x", "Value": "1"}])
    with refused("LimitExceededException"):
        events.tag_resource(ResourceARN=arn, Tags=[{"Key": str(n), "Value": ""} for n in range(50)])
    with refused("ResourceNotFoundException"):
        events.list_tags_for_resource(ResourceARN=arn + "x")
    with refused("ValidationException"):
        events.list_tags_for_resource(ResourceARN="arn:aws:events:us-east-1:1:other/x")


def test_accounts_and_regions_have_buses_of_their_own(welkin, events, account):
    events.create_event_bus(Name="mine")
    for other in (welkin.client("events", welkin.account()), welkin.client("events", account, region="eu-west-1")):
        assert [bus["Name"] for bus in other.list_event_buses()["EventBuses"]] == ["default"]
