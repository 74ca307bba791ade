"""Archives and replays."""

import datetime
import json

import pytest

EVER = (datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC), datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC))


@pytest.fixture
def bus(events):
    return events.describe_event_bus()["Arn"]


@pytest.fixture
def archive(events, bus):
    """Makes archives of the default bus; returns their ARNs."""

    def make(name="a", **more):
        return events.create_archive(ArchiveName=name, EventSourceArn=bus, **more)["ArchiveArn"]

    return make


@pytest.fixture
def replay(events, bus):
    """Replays an archive to the default bus."""

    def start(archive, name="again", between=EVER, rules=()):
        destination = {"Arn": bus, **({"FilterArns": list(rules)} if rules else {})}
        return events.start_replay(
            ReplayName=name,
            EventSourceArn=archive,
            EventStartTime=between[0],
            EventEndTime=between[1],
            Destination=destination,
        )

    return start


def test_an_archive_keeps_what_its_pattern_wants(events, account, bus, archive, put, refused):
    arn = archive(EventPattern='{"source":["app"]}', RetentionDays=2, Description="of app")
    assert arn == f"arn:aws:events:us-east-1:{account}:archive/a"
    put({"n": 1})
    put({"n": 2})
    put(source="other")
    told = events.describe_archive(ArchiveName="a")
    assert (told["EventCount"], told["State"], told["RetentionDays"]) == (2, "ENABLED", 2)
    assert told["SizeBytes"] > 300 and told["EventSourceArn"] == bus
    events.update_archive(ArchiveName="a", EventPattern='{"source":["other"]}', RetentionDays=0)
    put(source="other")
    told = events.describe_archive(ArchiveName="a")
    assert (told["EventCount"], told["RetentionDays"], told["Description"]) == (3, 0, "of app")
    with refused("ResourceAlreadyExistsException"):
        archive()
    with refused("InvalidEventPatternException"):
        archive("b", EventPattern="{}")
    with refused("ResourceNotFoundException"):
        events.create_archive(ArchiveName="b", EventSourceArn=bus.replace("default", "none"))
    with refused("ValidationException"):
        events.create_archive(ArchiveName="b", EventSourceArn=bus.replace("us-east-1", "eu-west-1"))
    events.delete_archive(ArchiveName="a")
    for call in (events.describe_archive, events.delete_archive, events.update_archive):
        with refused("ResourceNotFoundException"):
            call(ArchiveName="a")


def test_archives_and_replays_come_in_pages(events, archive, replay, bus, refused):
    for name in ("b", "a-1", "a-2"):
        arn = archive(name)
        replay(arn, name)
    for list, kind, key in (
        (events.list_archives, "Archives", "ArchiveName"),
        (events.list_replays, "Replays", "ReplayName"),
    ):
        first = list(Limit=2)
        second = list(NextToken=first["NextToken"])
        assert [it[key] for it in first[kind] + second[kind]] == ["a-1", "a-2", "b"]
        assert [it[key] for it in list(NamePrefix="a-")[kind]] == ["a-1", "a-2"]
        with refused("ValidationException"):
            list(NamePrefix="a", State="ENABLED" if kind == "Archives" else "COMPLETED")
    assert len(events.list_archives(EventSourceArn=bus)["Archives"]) == 3
    assert [it["ReplayName"] for it in events.list_replays(EventSourceArn=arn)["Replays"]] == ["a-2"]


def test_events_leave_an_archive_when_they_are_old(welkin, events, archive, put):
    archive(RetentionDays=2)
    put()
    welkin.advance("1d")
    put()
    welkin.advance("2d")
    assert events.describe_archive(ArchiveName="a")["EventCount"] == 1
    welkin.advance("2d")
    assert events.describe_archive(ArchiveName="a")["EventCount"] == 0


def test_events_are_replayed_to_the_rules_that_are_chosen(events, queue, new_queue, archive, replay, rule, put, settle):
    kept = archive()
    other = new_queue()
    chosen = rule({"source": ["app"]}, queue)
    rule({"source": ["app"]}, other)
    ids = [put({"n": n}) for n in range(150)]
    settle()
    assert (len(queue.events()), len(other.events())) == (150, 150)
    started = replay(kept, rules=[chosen])
    assert started["State"] == "STARTING" and started["ReplayArn"].endswith(":replay/again")
    settle()
    came = queue.events()
    assert sorted(event["detail"]["n"] for event in came) == list(range(150))
    assert all(event["replay-name"] == "again" for event in came) and other.events() == []
    told = events.describe_replay(ReplayName="again")
    assert (told["State"], told["EventSourceArn"]) == ("COMPLETED", kept)
    assert told["Destination"]["FilterArns"] == [chosen] and "EventLastReplayedTime" in told
    # What is replayed is not kept once more.
    assert events.describe_archive(ArchiveName="a")["EventCount"] == len(ids)


def test_only_events_of_the_time_asked_for_are_replayed(events, queue, archive, replay, rule, put, settle):
    kept = archive()
    rule({"source": ["app"], "replay-name": [{"exists": True}]}, queue)
    for second in (100, 200, 300):
        put({"n": second}, Time=second)
    at = lambda second: datetime.datetime.fromtimestamp(second, datetime.UTC)
    replay(kept, between=(at(150), at(250)))
    settle()
    assert [event["detail"]["n"] for event in queue.events()] == [200]


def test_what_cannot_be_replayed_is_refused(events, archive, replay, bus, refused, settle):
    kept = archive()
    replay(kept)
    with refused("ResourceAlreadyExistsException"):
        replay(kept)
    with refused("ResourceNotFoundException"):
        replay(kept + "x", "b")
    with refused("ValidationException"):
        replay(bus, "b")
    with refused("ValidationException"):
        replay(kept, "b", between=EVER[::-1])
    with refused("ValidationException"):
        replay(kept, "b", rules=["arn:aws:sqs:us-east-1:111122223333:q"])
    events.create_event_bus(Name="other")
    with refused("ValidationException", message="Cross event bus replay is not permitted."):
        events.start_replay(
            ReplayName="b",
            EventSourceArn=kept,
            EventStartTime=EVER[0],
            EventEndTime=EVER[1],
            Destination={"Arn": bus.replace("default", "other")},
        )
    settle()
    with refused("IllegalStatusException"):
        events.cancel_replay(ReplayName="again")
    for call in (events.describe_replay, events.cancel_replay):
        with refused("ResourceNotFoundException"):
            call(ReplayName="none")
