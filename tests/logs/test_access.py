"""Every operation needs its action, on the group or stream that it is about."""

import pytest

from policies import allow

EVENT = [{"timestamp": 1, "message": "m"}]

OPERATIONS = [
    ("logs:CreateLogGroup", lambda logs, arn: logs.create_log_group(logGroupName="h")),
    ("logs:DescribeLogGroups", lambda logs, arn: logs.describe_log_groups()),
    ("logs:PutRetentionPolicy", lambda logs, arn: logs.put_retention_policy(logGroupName="g", retentionInDays=1)),
    ("logs:DeleteRetentionPolicy", lambda logs, arn: logs.delete_retention_policy(logGroupName="g")),
    ("logs:CreateLogStream", lambda logs, arn: logs.create_log_stream(logGroupName="g", logStreamName="t")),
    ("logs:DescribeLogStreams", lambda logs, arn: logs.describe_log_streams(logGroupName="g")),
    ("logs:PutLogEvents", lambda logs, arn: logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=EVENT)),
    ("logs:GetLogEvents", lambda logs, arn: logs.get_log_events(logGroupName="g", logStreamName="s")),
    ("logs:FilterLogEvents", lambda logs, arn: logs.filter_log_events(logGroupName="g")),
    ("logs:TagResource", lambda logs, arn: logs.tag_resource(resourceArn=arn, tags={"a": "b"})),
    ("logs:UntagResource", lambda logs, arn: logs.untag_resource(resourceArn=arn, tagKeys=["a"])),
    ("logs:ListTagsForResource", lambda logs, arn: logs.list_tags_for_resource(resourceArn=arn)),
    ("logs:DeleteLogStream", lambda logs, arn: logs.delete_log_stream(logGroupName="g", logStreamName="s")),
    ("logs:DeleteLogGroup", lambda logs, arn: logs.delete_log_group(logGroupName="g")),
]


@pytest.fixture
def arn(logs, account):
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    return f"arn:aws:logs:us-east-1:{account}:log-group:g"


@pytest.mark.parametrize("action, call", OPERATIONS, ids=[action for action, _ in OPERATIONS])
def test_an_operation_needs_its_action(welkin, account, arn, refused, action, call):
    others = [other for other, _ in OPERATIONS if other != action]
    with refused("AccessDeniedException", status=None, message=action):
        call(welkin.client("logs", **welkin.user(account, allow(*others))), arn)
    call(welkin.client("logs", **welkin.user(account, allow(action))), arn)


def test_policies_name_groups_and_streams(welkin, account, arn, refused):
    logs = welkin.client("logs", **welkin.user(account, allow("logs:*", resource=f"{arn}:log-stream:s")))
    logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=EVENT)
    with refused("AccessDeniedException", status=None):
        logs.put_log_events(logGroupName="g", logStreamName="t", logEvents=EVENT)
    with refused("AccessDeniedException", status=None):
        logs.filter_log_events(logGroupName="g")
    logs = welkin.client("logs", **welkin.user(account, allow("logs:*", resource=f"{arn}:*")))
    assert logs.filter_log_events(logGroupName="g")["events"] == []


def test_accounts_and_regions_do_not_see_each_others_groups(welkin, account, arn, refused):
    assert welkin.client("logs", account, region="eu-west-1").describe_log_groups()["logGroups"] == []
    other = welkin.client("logs", welkin.account())
    assert other.describe_log_groups()["logGroups"] == []
    with refused("AccessDeniedException", status=None):
        other.filter_log_events(logGroupIdentifier=arn)
