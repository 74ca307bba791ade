"""Every operation needs its action."""

import json

import pytest

PATTERN = '{"source":["app"]}'
KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "secret"}}


@pytest.fixture
def made(events, account):
    """One of everything."""
    events.create_event_bus(Name="bus")
    events.put_rule(Name="rule", EventPattern=PATTERN)
    bus = f"arn:aws:events:us-east-1:{account}:event-bus/bus"
    archive = events.create_archive(ArchiveName="archive", EventSourceArn=bus)["ArchiveArn"]
    connection = events.create_connection(Name="c", AuthorizationType="API_KEY", AuthParameters=KEY)["ConnectionArn"]
    events.create_api_destination(
        Name="d", ConnectionArn=connection, InvocationEndpoint="https://example.com/", HttpMethod="POST"
    )
    replay = {
        "EventSourceArn": archive,
        "EventStartTime": 0,
        "EventEndTime": 1,
        "Destination": {"Arn": bus},
    }
    events.start_replay(ReplayName="replay", **replay)
    return {
        "bus": bus,
        "rule": f"arn:aws:events:us-east-1:{account}:rule/rule",
        "queue": f"arn:aws:sqs:us-east-1:{account}:q",
        "connection": connection,
        "replay": replay,
    }


CALLS = [
    ("CreateEventBus", lambda c, m: c.create_event_bus(Name="new")),
    ("UpdateEventBus", lambda c, m: c.update_event_bus(Name="bus", Description="x")),
    ("DescribeEventBus", lambda c, m: c.describe_event_bus(Name="bus")),
    ("ListEventBuses", lambda c, m: c.list_event_buses()),
    ("PutPermission", lambda c, m: c.put_permission(StatementId="s", Action="events:PutEvents", Principal="*")),
    ("RemovePermission", lambda c, m: c.remove_permission(RemoveAllPermissions=True)),
    ("PutRule", lambda c, m: c.put_rule(Name="new", EventPattern=PATTERN)),
    ("DescribeRule", lambda c, m: c.describe_rule(Name="rule")),
    ("ListRules", lambda c, m: c.list_rules()),
    ("ListRuleNamesByTarget", lambda c, m: c.list_rule_names_by_target(TargetArn=m["queue"])),
    ("DisableRule", lambda c, m: c.disable_rule(Name="rule")),
    ("EnableRule", lambda c, m: c.enable_rule(Name="rule")),
    ("PutTargets", lambda c, m: c.put_targets(Rule="rule", Targets=[{"Id": "1", "Arn": m["queue"]}])),
    ("ListTargetsByRule", lambda c, m: c.list_targets_by_rule(Rule="rule")),
    ("RemoveTargets", lambda c, m: c.remove_targets(Rule="rule", Ids=["1"])),
    ("DeleteRule", lambda c, m: c.delete_rule(Name="rule")),
    ("TestEventPattern", lambda c, m: c.test_event_pattern(EventPattern=PATTERN, Event=json.dumps(
        {k: "" for k in ("id", "account", "source", "time", "region", "resources", "detail-type")}))),
    ("PutEvents", lambda c, m: c.put_events(Entries=[{"Source": "a", "DetailType": "b", "Detail": "{}"}])),
    ("TagResource", lambda c, m: c.tag_resource(ResourceARN=m["bus"], Tags=[{"Key": "a", "Value": "b"}])),
    ("UntagResource", lambda c, m: c.untag_resource(ResourceARN=m["bus"], TagKeys=["a"])),
    ("ListTagsForResource", lambda c, m: c.list_tags_for_resource(ResourceARN=m["rule"])),
    ("CreateArchive", lambda c, m: c.create_archive(ArchiveName="new", EventSourceArn=m["bus"])),
    ("UpdateArchive", lambda c, m: c.update_archive(ArchiveName="archive", Description="x")),
    ("DescribeArchive", lambda c, m: c.describe_archive(ArchiveName="archive")),
    ("ListArchives", lambda c, m: c.list_archives()),
    ("DeleteArchive", lambda c, m: c.delete_archive(ArchiveName="archive")),
    ("StartReplay", lambda c, m: c.start_replay(ReplayName="new", **m["replay"])),
    ("DescribeReplay", lambda c, m: c.describe_replay(ReplayName="replay")),
    ("ListReplays", lambda c, m: c.list_replays()),
    ("CreateConnection", lambda c, m: c.create_connection(
        Name="new", AuthorizationType="API_KEY", AuthParameters=KEY)),
    ("UpdateConnection", lambda c, m: c.update_connection(Name="c", Description="x")),
    ("DescribeConnection", lambda c, m: c.describe_connection(Name="c")),
    ("ListConnections", lambda c, m: c.list_connections()),
    ("DeauthorizeConnection", lambda c, m: c.deauthorize_connection(Name="c")),
    ("DeleteConnection", lambda c, m: c.delete_connection(Name="c")),
    ("CreateApiDestination", lambda c, m: c.create_api_destination(
        Name="new", ConnectionArn=m["connection"], InvocationEndpoint="https://example.com/", HttpMethod="GET")),
    ("UpdateApiDestination", lambda c, m: c.update_api_destination(Name="d", Description="x")),
    ("DescribeApiDestination", lambda c, m: c.describe_api_destination(Name="d")),
    ("ListApiDestinations", lambda c, m: c.list_api_destinations()),
    ("DeleteApiDestination", lambda c, m: c.delete_api_destination(Name="d")),
]


@pytest.mark.parametrize("action, call", CALLS, ids=[action for action, _ in CALLS])
def test_an_operation_needs_its_action(made, user, refused, action, call):
    with refused("AccessDeniedException", message=f"events:{action}"):
        call(user("sqs:*"), made)
    call(user(f"events:{action}"), made)


def test_a_role_is_handed_over_by_whoever_may_pass_it(events, user, role, refused, queue):
    events.put_rule(Name="rule", EventPattern=PATTERN)
    arn = role("sqs:SendMessage")
    target = [{"Id": "1", "Arn": queue.arn, "RoleArn": arn}]
    may_not = user("events:PutTargets", "events:PutRule")
    for call in (
        lambda client: client.put_targets(Rule="rule", Targets=target),
        lambda client: client.put_rule(Name="rule", EventPattern=PATTERN, RoleArn=arn),
    ):
        with refused("AccessDeniedException", message="iam:PassRole"):
            call(may_not)
        call(user("events:PutTargets", "events:PutRule", "iam:PassRole"))


def test_conditions_hold_for_sources_and_targets(events, account, user, refused, queue):
    only = {"Condition": {"ForAllValues:StringEquals": {"events:source": ["app"]}, "Null": {"events:source": "false"}}}
    client = user("events:PutRule", **only)
    client.put_rule(Name="rule", EventPattern=PATTERN)
    with refused("AccessDeniedException"):
        client.put_rule(Name="rule", EventPattern='{"source":["app","other"]}')
    with refused("AccessDeniedException"):
        client.put_rule(Name="rule", EventPattern='{"account":["1"]}')
    client = user("events:PutTargets", Condition={"ForAllValues:ArnLike": {"events:TargetArn": "arn:aws:sqs:*"}})
    client.put_targets(Rule="rule", Targets=[{"Id": "1", "Arn": queue.arn}])
    with refused("AccessDeniedException"):
        client.put_targets(Rule="rule", Targets=[{"Id": "1", "Arn": f"arn:aws:sns:us-east-1:{account}:t"}])
    client = user("events:PutEvents", Condition={"StringEquals": {"events:source": "app", "events:detail-type": "d"}})
    entry = {"Source": "app", "DetailType": "d", "Detail": "{}"}
    client.put_events(Entries=[entry])
    with refused("AccessDeniedException"):
        client.put_events(Entries=[entry, {**entry, "DetailType": "e"}])
