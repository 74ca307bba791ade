"""Groups and streams: made, listed, tagged, deleted."""


def names(groups):
    return [group["logGroupName"] for group in groups]


def test_a_group_is_made_once_described_and_deleted(logs, account, refused):
    logs.create_log_group(logGroupName="/app/web", tags={"team": "a"})
    with refused("ResourceAlreadyExistsException", message="The specified log group already exists"):
        logs.create_log_group(logGroupName="/app/web")
    [group] = logs.describe_log_groups()["logGroups"]
    arn = f"arn:aws:logs:us-east-1:{account}:log-group:/app/web"
    assert (group["arn"], group["logGroupArn"], group["logGroupClass"]) == (arn + ":*", arn, "STANDARD")
    assert "retentionInDays" not in group
    logs.delete_log_group(logGroupName="/app/web")
    assert logs.describe_log_groups()["logGroups"] == []
    with refused("ResourceNotFoundException", message="The specified log group does not exist."):
        logs.delete_log_group(logGroupName="/app/web")


def test_names_that_are_none_are_refused(logs, refused):
    for name in ["", "a b", "x" * 513]:
        with refused("ValidationException"):
            logs.create_log_group(logGroupName=name)


def test_groups_are_found_by_prefix_part_and_class_and_paged(logs, refused):
    for name in ["/a/1", "/a/2", "/b/1", "Other"]:
        logs.create_log_group(logGroupName=name)
    logs.create_log_group(logGroupName="/a/3", logGroupClass="INFREQUENT_ACCESS")
    assert names(logs.describe_log_groups(logGroupNamePrefix="/a/")["logGroups"]) == ["/a/1", "/a/2", "/a/3"]
    assert names(logs.describe_log_groups(logGroupNamePattern="OTH")["logGroups"]) == ["Other"]
    assert names(logs.describe_log_groups(logGroupClass="INFREQUENT_ACCESS")["logGroups"]) == ["/a/3"]
    with refused("InvalidParameterException"):
        logs.describe_log_groups(logGroupNamePattern="x", logGroupNamePrefix="y")
    with refused("InvalidParameterException"):
        logs.describe_log_groups(nextToken="none")
    pages = list(logs.get_paginator("describe_log_groups").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["logGroups"]) for page in pages] == [2, 2, 1]
    assert sum((names(page["logGroups"]) for page in pages), []) == ["/a/1", "/a/2", "/a/3", "/b/1", "Other"]


def test_what_is_not_there_is_refused_by_name(logs, refused):
    for more in [{"kmsKeyId": "arn:aws:kms:us-east-1:1:key/x"}, {"logGroupClass": "DELIVERY"}, {"deletionProtectionEnabled": True}]:
        with refused("NotImplemented", status=501):
            logs.create_log_group(logGroupName="x", **more)
    assert logs.describe_log_groups()["logGroups"] == []


def test_tags_are_added_listed_and_removed(logs, account, refused):
    logs.create_log_group(logGroupName="g", tags={"a": "1"})
    arn = f"arn:aws:logs:us-east-1:{account}:log-group:g"
    logs.tag_resource(resourceArn=arn, tags={"b": "2"})
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "1", "b": "2"}
    logs.untag_resource(resourceArn=arn, tagKeys=["a", "none"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
    with refused("TooManyTagsException"):
        logs.tag_resource(resourceArn=arn, tags={f"k{i}": "" for i in range(50)})
    with refused("ResourceNotFoundException"):
        logs.list_tags_for_resource(resourceArn=arn + "x")
    with refused("InvalidParameterException"):
        logs.list_tags_for_resource(resourceArn="arn:aws:sqs:us-east-1:111111111111:q")


def test_streams_are_made_once_listed_by_name_and_deleted(logs, refused):
    logs.create_log_group(logGroupName="g")
    for name in ["b", "a/1", "a/2"]:
        logs.create_log_stream(logGroupName="g", logStreamName=name)
    with refused("ResourceAlreadyExistsException", message="The specified log stream already exists"):
        logs.create_log_stream(logGroupName="g", logStreamName="b")
    with refused("ResourceNotFoundException", message="The specified log group does not exist."):
        logs.create_log_stream(logGroupName="none", logStreamName="b")
    with refused("ValidationException"):
        logs.create_log_stream(logGroupName="g", logStreamName="a:b")

    def listed(**more):
        pages = logs.get_paginator("describe_log_streams").paginate(logGroupName="g", PaginationConfig={"PageSize": 2}, **more)
        return [stream["logStreamName"] for page in pages for stream in page["logStreams"]]

    assert listed() == ["a/1", "a/2", "b"]
    assert listed(descending=True) == ["b", "a/2", "a/1"]
    assert listed(logStreamNamePrefix="a/") == ["a/1", "a/2"]
    logs.delete_log_stream(logGroupName="g", logStreamName="a/1")
    assert listed() == ["a/2", "b"]
    with refused("ResourceNotFoundException", message="The specified log stream does not exist."):
        logs.delete_log_stream(logGroupName="g", logStreamName="a/1")


def test_streams_tell_the_times_of_their_events_and_are_ordered_by_the_last(logs, stream, now, refused):
    time = now()
    stream((time - 5000, "x"), (time - 4000, "y"), name="late")
    stream((time - 9000, "x"), name="early")

    def listed(**more):
        return logs.describe_log_streams(logGroupName="g", orderBy="LastEventTime", **more)["logStreams"]

    streams = listed(descending=True)
    assert [one["logStreamName"] for one in streams] == ["late", "early", "s"]
    assert (streams[0]["firstEventTimestamp"], streams[0]["lastEventTimestamp"]) == (time - 5000, time - 4000)
    assert time <= streams[0]["lastIngestionTime"] <= now()
    assert "firstEventTimestamp" not in streams[2]
    assert [one["logStreamName"] for one in listed(limit=1, descending=True)] == ["late"]
    with refused("InvalidParameterException"):
        listed(logStreamNamePrefix="l")
