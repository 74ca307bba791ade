"""Events: put, read in both directions, searched, and kept as long as they are to be."""

HOUR = 3_600_000
DAY = 24 * HOUR


def messages(answer):
    return [event["message"] for event in answer["events"]]


def get(logs, **more):
    return logs.get_log_events(logGroupName="g", logStreamName="s", **more)


def test_events_are_read_in_the_order_of_their_times(logs, stream, now):
    time = now()
    stream((time, "3"), (time + 1, "4"))
    stream((time - 10, "1"), (time - 10, "2"))
    answer = get(logs, startFromHead=True)
    assert messages(answer) == ["1", "2", "3", "4"]
    assert [event["timestamp"] - time for event in answer["events"]] == [-10, -10, 0, 1]
    assert all(time <= event["ingestionTime"] <= now() for event in answer["events"])
    assert messages(get(logs, startTime=time, endTime=time + 1)) == ["3"]


def test_pages_go_forth_and_back_and_stay_at_the_end(logs, stream, now):
    time = now()
    stream(*((time + i, str(i)) for i in range(7)))
    first = get(logs, startFromHead=True, limit=3)
    second = get(logs, nextToken=first["nextForwardToken"], limit=3)
    third = get(logs, nextToken=second["nextForwardToken"], limit=3)
    assert [messages(page) for page in (first, second, third)] == [list("012"), list("345"), ["6"]]
    end = get(logs, nextToken=third["nextForwardToken"], limit=3)
    assert messages(end) == [] and end["nextForwardToken"] == third["nextForwardToken"]
    stream((time + 100, "new"))
    assert messages(get(logs, nextToken=end["nextForwardToken"])) == ["new"]
    back = get(logs, nextToken=third["nextBackwardToken"], limit=4)
    assert messages(back) == list("2345")
    latest = get(logs, limit=2)
    assert messages(latest) == ["6", "new"]
    assert messages(get(logs, nextToken=latest["nextBackwardToken"], limit=2)) == ["4", "5"]


def test_pages_have_no_more_than_a_megabyte(logs, stream, now):
    time = now()
    for i in range(3):
        stream(*((time + i, str(i) * 500_000) for _ in range(2)))
    assert len(get(logs, startFromHead=True)["events"]) == 2


def test_what_cannot_be_put_is_refused(logs, stream, now, refused):
    time = now()
    with refused("InvalidParameterException", message="chronological order"):
        stream((time, "a"), (time - 1, "b"))
    with refused("InvalidParameterException", message="24 hours"):
        stream((time - DAY - 1, "a"), (time, "b"))
    with refused("InvalidParameterException", message="Upload too large"):
        stream((time, "a" * 600_000), (time, "b" * 600_000))
    with refused("ValidationException"):
        stream(*((time, "x") for _ in range(10_001)))
    with refused("ResourceNotFoundException", message="The specified log stream does not exist."):
        logs.put_log_events(logGroupName="g", logStreamName="none", logEvents=[{"timestamp": time, "message": "a"}])
    with refused("ResourceNotFoundException", message="The specified log group does not exist."):
        logs.put_log_events(logGroupName="no", logStreamName="s", logEvents=[{"timestamp": time, "message": "a"}])
    assert messages(get(logs)) == []


def test_events_too_old_or_too_new_are_rejected_and_the_others_taken(logs, stream, now):
    time = now()
    assert "rejectedLogEventsInfo" not in stream((time, "a"))
    answer = stream((time + HOUR, "b"), (time + 3 * HOUR, "new"))
    assert answer["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 1}
    answer = stream((time - 14 * DAY - HOUR, "old"), (time - 14 * DAY + HOUR, "c"))
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}
    assert messages(get(logs, startFromHead=True)) == ["c", "a", "b"]


def test_events_of_several_streams_are_searched_together(logs, stream, now, refused):
    time = now()
    stream((time, "ERROR one"), (time + 20, "fine"), (time + 30, "ERROR three"))
    stream((time + 10, "ERROR two"), (time + 40, '{"level": "ERROR", "ms": 7}'), name="t")

    def search(**more):
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName="g", PaginationConfig={"PageSize": 2}, **more)
        return [event for page in pages for event in page["events"]]

    found = search(filterPattern="ERROR -level")
    assert [(event["logStreamName"], event["message"]) for event in found] == [
        ("s", "ERROR one"),
        ("t", "ERROR two"),
        ("s", "ERROR three"),
    ]
    assert len({event["eventId"] for event in search()}) == 5
    assert [event["timestamp"] - time for event in search(filterPattern="{ $.ms > 5 }")] == [40]
    assert [event["message"] for event in search(filterPattern="[level, number = t*]")] == ["ERROR two", "ERROR three"]
    assert len(search(logStreamNames=["t"])) == 2
    assert len(search(logStreamNamePrefix="s")) == 3
    assert [event["timestamp"] - time for event in search(startTime=time + 10, endTime=time + 20)] == [10, 20]
    with refused("InvalidParameterException", message="Invalid filter pattern"):
        search(filterPattern="{ $.a")
    with refused("InvalidParameterException"):
        search(logStreamNames=["t"], logStreamNamePrefix="s")
    with refused("ResourceNotFoundException"):
        search(logStreamNames=["none"])
    with refused("InvalidParameterException"):
        logs.filter_log_events(logGroupName="g", nextToken="none")


def test_many_events_are_searched_page_by_page(logs, stream, now):
    time = now()
    for batch in range(30):
        stream(*((time + batch, f"{batch}-{i} " + "x" * 10_000) for i in range(100)))
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName="g", filterPattern='"29-7 "')
    assert [event["message"][:5] for page in pages for event in page["events"]] == ["29-7 "]


def test_groups_of_infrequent_access_are_not_read_event_by_event(logs, now, refused):
    logs.create_log_group(logGroupName="g", logGroupClass="INFREQUENT_ACCESS")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=[{"timestamp": now(), "message": "a"}])
    with refused("InvalidParameterException"):
        get(logs)
    with refused("InvalidParameterException"):
        logs.filter_log_events(logGroupName="g")


def test_events_go_when_they_are_kept_no_longer(welkin, logs, stream, now, refused):
    with refused("InvalidParameterException"):
        logs.put_retention_policy(logGroupName="g", retentionInDays=2)
    time = now()
    stream((time, "kept a day"))
    logs.put_retention_policy(logGroupName="g", retentionInDays=3)
    assert logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 3
    welkin.advance("2d")
    stream((now(), "later"))
    assert messages(get(logs, startFromHead=True)) == ["kept a day", "later"]
    answer = stream((now() - 4 * DAY, "expired"))
    assert answer["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    welkin.advance("50h")
    logs.delete_retention_policy(logGroupName="g")
    assert "retentionInDays" not in logs.describe_log_groups()["logGroups"][0]
    # It is gone for good: it does not come back when everything is kept.
    assert messages(get(logs, startFromHead=True)) == ["later"]


def test_a_new_group_of_an_old_name_is_empty(welkin, logs, stream, now):
    stream((now(), "old"))
    logs.delete_log_group(logGroupName="g")
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    assert messages(get(logs)) == []
    welkin.advance("1s")
    assert len(logs.describe_log_streams(logGroupName="g")["logStreams"]) == 1


def test_tokens_that_are_none_are_refused(logs, stream, refused):
    for token in ["f/1/s", "x"]:
        with refused("InvalidParameterException", message="nextToken"):
            get(logs, nextToken=token)


def test_a_group_is_named_by_its_arn_too_but_not_by_both(logs, account, stream, now, refused):
    stream((now(), "a"))
    arn = f"arn:aws:logs:us-east-1:{account}:log-group:g"
    assert messages(logs.get_log_events(logGroupIdentifier=arn, logStreamName="s")) == ["a"]
    assert messages(logs.filter_log_events(logGroupIdentifier=arn)) == ["a"]
    with refused("InvalidParameterException"):
        logs.filter_log_events(logGroupIdentifier=arn, logGroupName="g")
    with refused("InvalidParameterException"):
        logs.filter_log_events()
