"""Crawlers as such: how they are kept, listed, tagged, scheduled, started and stopped."""

import json
import time

import pytest

from crawling import TRUST, statement


def test_a_crawler_is_made_shown_changed_and_deleted(lake, refused):
    glue = lake.glue
    lake.crawler(Description="first", TablePrefix="raw_", configuration={}, exclusions=["*.tmp"], sample=3)
    shown = glue.get_crawler(Name="c")["Crawler"]
    assert shown.items() >= {
        "Name": "c",
        "Role": "crawler",
        "DatabaseName": "db",
        "Description": "first",
        "TablePrefix": "raw_",
        "Classifiers": [],
        "State": "READY",
        "Version": 1,
        "CrawlElapsedTime": 0,
        "Configuration": '{"Version": 1.0}',
        "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
        "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"},
    }.items()
    target = {"Path": f"s3://{lake.bucket}/data/", "Exclusions": ["*.tmp"], "SampleSize": 3}
    assert shown["Targets"]["S3Targets"] == [target]
    assert "LastCrawl" not in shown and "Schedule" not in shown
    glue.update_crawler(Name="c", Description="second", SchemaChangePolicy={"DeleteBehavior": "LOG"})
    shown = glue.get_crawler(Name="c")["Crawler"]
    assert (shown["Description"], shown["TablePrefix"], shown["Version"]) == ("second", "raw_", 2)
    assert shown["SchemaChangePolicy"] == {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"}
    with refused("AlreadyExistsException", message="c already exists"):
        lake.crawler()
    glue.delete_crawler(Name="c")
    for call in (
        lambda: glue.get_crawler(Name="c"),
        lambda: glue.update_crawler(Name="c"),
        lambda: glue.delete_crawler(Name="c"),
        lambda: glue.start_crawler(Name="c"),
        lambda: glue.stop_crawler(Name="c"),
        lambda: glue.list_crawls(CrawlerName="c"),
        lambda: glue.update_crawler_schedule(CrawlerName="c", Schedule="cron(0 1 * * ? *)"),
        lambda: glue.start_crawler_schedule(CrawlerName="c"),
        lambda: glue.stop_crawler_schedule(CrawlerName="c"),
    ):
        with refused("EntityNotFoundException", message="Crawler entry with name c does not exist"):
            call()


def test_crawlers_are_listed_in_pages_and_by_tags(lake):
    glue = lake.glue
    for n in range(5):
        lake.crawler(f"c{n}", Tags={"parity": str(n % 2)})
    pages = list(glue.get_paginator("get_crawlers").paginate(PaginationConfig={"PageSize": 2}))
    assert [[it["Name"] for it in page["Crawlers"]] for page in pages] == [["c0", "c1"], ["c2", "c3"], ["c4"]]
    page = glue.list_crawlers(MaxResults=3)
    assert page["CrawlerNames"] == ["c0", "c1", "c2"]
    assert glue.list_crawlers(NextToken=page["NextToken"])["CrawlerNames"] == ["c3", "c4"]
    assert glue.list_crawlers(Tags={"parity": "1"})["CrawlerNames"] == ["c1", "c3"]
    found = glue.batch_get_crawlers(CrawlerNames=["c1", "none"])
    assert [it["Name"] for it in found["Crawlers"]] == ["c1"]
    assert found["CrawlersNotFound"] == ["none"]


def test_crawlers_have_tags(lake, arn):
    lake.crawler(Tags={"a": "1"})
    of = arn("crawler/c")
    lake.glue.tag_resource(ResourceArn=of, TagsToAdd={"b": "2"})
    lake.glue.untag_resource(ResourceArn=of, TagsToRemove=["a"])
    assert lake.glue.get_tags(ResourceArn=of)["Tags"] == {"b": "2"}


@pytest.mark.parametrize(
    "options",
    [
        {"Targets": {}},
        {"Targets": {"S3Targets": [{"Path": "bucket/folder"}]}},
        {"Targets": {"S3Targets": [{"Path": "s3://"}]}},
        {"Targets": {"S3Targets": [{"Path": "s3://b/", "Exclusions": ["{a"]}]}},
        {"Targets": {"S3Targets": [{"Path": "s3://b/", "SampleSize": 250}]}},
        {"Targets": {"IcebergTargets": [{"Paths": []}]}},
        {"Targets": {"IcebergTargets": [{"Paths": ["s3://b/"], "MaximumTraversalDepth": 21}]}},
        {"Configuration": "{}"},
        {"Configuration": '{"Version": 1.0, "Grouping": {"TableGroupingPolicy": "Other"}}'},
        {"Schedule": "rate(5 minutes)"},
        {"Schedule": "cron(* * * * ? *)"},
        {"Classifiers": ["none"]},
        {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}},
        {"Role": "arn:aws:iam::123456789012:role/of-another"},
        {"Role": "no-such-role"},
        {"Tags": {"aws:x": "1"}},
    ],
)
def test_what_a_crawler_cannot_be_is_refused_at_once(lake, refused, options):
    with refused("InvalidInputException"):
        lake.crawler(**options)
    assert lake.glue.list_crawlers()["CrawlerNames"] == []


@pytest.mark.parametrize(
    "options",
    [
        {"Targets": {"JdbcTargets": [{"ConnectionName": "x", "Path": "db/%"}]}},
        {"Targets": {"DynamoDBTargets": [{"Path": "t"}]}},
        {"Targets": {"MongoDBTargets": [{"ConnectionName": "x", "Path": "db/x"}]}},
        {"Targets": {"DeltaTargets": [{"DeltaTables": ["s3://b/t/"]}]}},
        {"Targets": {"IcebergTargets": [{"Paths": ["s3://b/t/"], "ConnectionName": "x"}]}},
        {"Targets": {"HudiTargets": [{"Paths": ["s3://b/t/"]}]}},
        {"Targets": {"S3Targets": [{"Path": "s3://b/", "ConnectionName": "x"}]}},
        {"Targets": {"S3Targets": [{"Path": "s3://b/", "EventQueueArn": "arn:aws:sqs:us-east-1:1:q"}]}},
        {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"}},
        {"LineageConfiguration": {"CrawlerLineageSettings": "ENABLE"}},
        {"LakeFormationConfiguration": {"UseLakeFormationCredentials": True}},
        {"CrawlerSecurityConfiguration": "x"},
    ],
)
def test_what_welkin_does_not_crawl_is_refused_by_name(lake, refused, options):
    with refused("NotImplemented", status=501):
        lake.crawler(**options)


def test_the_role_must_trust_glue_and_be_the_callers_to_pass(lake, welkin, refused):
    other = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Principal": {"Service": "ec2.amazonaws.com"}}]}
    untrusting = lake.new_role("untrusting", statement("s3:*"), trust=other)
    with refused("InvalidInputException", message="Service is unable to assume provided role"):
        lake.crawler(Role=untrusting)
    policy = {"Version": "2012-10-17", "Statement": [statement("glue:*")]}
    lake.glue = welkin.client("glue", **welkin.user(lake.account, policy))
    with refused("AccessDeniedException", message="iam:PassRole"):
        lake.crawler()
    pass_role = {**statement("iam:PassRole"), "Condition": {"StringEquals": {"iam:PassedToService": "glue.amazonaws.com"}}}
    policy["Statement"].append(pass_role)
    lake.glue = welkin.client("glue", **welkin.user(lake.account, policy))
    lake.crawler()


def test_each_operation_needs_its_action(lake, welkin, refused, arn):
    lake.crawler()
    own = arn("crawler/c")
    schedule = "cron(0 1 * * ? *)"
    grok = {"Name": "g", "Classification": "x", "GrokPattern": "%{WORD:w}"}
    calls = {
        "GetCrawler": (own, lambda g: g.get_crawler(Name="c")),
        "GetCrawlers": ("*", lambda g: g.get_crawlers()),
        "BatchGetCrawlers": (own, lambda g: g.batch_get_crawlers(CrawlerNames=["c"])),
        "ListCrawlers": ("*", lambda g: g.list_crawlers()),
        "UpdateCrawler": (own, lambda g: g.update_crawler(Name="c", Description="x")),
        "GetCrawlerMetrics": ("*", lambda g: g.get_crawler_metrics()),
        "ListCrawls": (own, lambda g: g.list_crawls(CrawlerName="c")),
        "UpdateCrawlerSchedule": ("*", lambda g: g.update_crawler_schedule(CrawlerName="c", Schedule=schedule)),
        "StopCrawlerSchedule": ("*", lambda g: g.stop_crawler_schedule(CrawlerName="c")),
        "StartCrawlerSchedule": ("*", lambda g: g.start_crawler_schedule(CrawlerName="c")),
        "StartCrawler": (own, lambda g: g.start_crawler(Name="c")),
        "CreateClassifier": ("*", lambda g: g.create_classifier(GrokClassifier=grok)),
        "GetClassifier": ("*", lambda g: g.get_classifier(Name="g")),
        "GetClassifiers": ("*", lambda g: g.get_classifiers()),
        "UpdateClassifier": ("*", lambda g: g.update_classifier(GrokClassifier={"Name": "g"})),
        "DeleteClassifier": ("*", lambda g: g.delete_classifier(Name="g")),
        "DeleteCrawler": (own, lambda g: g.delete_crawler(Name="c")),
    }
    nobody = welkin.client("glue", **welkin.user(lake.account))
    for action, (resource, call) in calls.items():
        with refused("AccessDeniedException", message=f"glue:{action}"):
            call(nobody)
        policy = {"Version": "2012-10-17", "Statement": [statement(f"glue:{action}", resource=resource)]}
        call(welkin.client("glue", **welkin.user(lake.account, policy)))
        lake.glue.get_crawlers()
        if action == "StartCrawler":
            lake.wait()
    lake.crawler()
    with refused("AccessDeniedException", message="glue:StopCrawler"):
        nobody.stop_crawler(Name="c")
    policy = {"Version": "2012-10-17", "Statement": [statement("glue:StopCrawler", resource=own)]}
    with refused("CrawlerNotRunningException"):
        welkin.client("glue", **welkin.user(lake.account, policy)).stop_crawler(Name="c")


def test_tags_of_crawlers_decide_who_may(lake, welkin, refused):
    lake.crawler("mine", Tags={"team": "a"})
    lake.crawler("theirs", Tags={"team": "b"})
    allowed = {**statement("glue:StartCrawler"), "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}}
    user = welkin.client("glue", **welkin.user(lake.account, {"Version": "2012-10-17", "Statement": [allowed]}))
    user.start_crawler(Name="mine")
    with refused("AccessDeniedException"):
        user.start_crawler(Name="theirs")
    lake.wait("mine")


def test_a_crawler_that_runs_is_left_alone_until_it_stops(lake, refused):
    lake.put({f"data/{n:03}.json": '{"a": %d}' % n for n in range(300)})
    lake.crawler()
    lake.glue.start_crawler(Name="c")
    with refused("CrawlerRunningException", message="Crawler with name c has already started"):
        lake.glue.start_crawler(Name="c")
    with refused("CrawlerRunningException"):
        lake.glue.update_crawler(Name="c", Description="x")
    with refused("CrawlerRunningException"):
        lake.glue.delete_crawler(Name="c")
    assert lake.glue.get_crawler(Name="c")["Crawler"]["State"] == "RUNNING"
    assert lake.glue.list_crawls(CrawlerName="c")["Crawls"][0]["State"] == "RUNNING"
    lake.glue.stop_crawler(Name="c")
    crawler = lake.wait()
    assert crawler["LastCrawl"]["Status"] == "CANCELLED"
    assert lake.glue.list_crawls(CrawlerName="c")["Crawls"][0]["State"] == "STOPPED"
    with refused("CrawlerNotRunningException"):
        lake.glue.stop_crawler(Name="c")
    assert lake.run() == {"TABLE": {"ADD": 1}}


def test_a_schedule_starts_the_crawler_by_welkins_clock(lake, welkin, refused):
    lake.put({"data/a.json": '{"a": 1}'})
    glue = lake.glue
    lake.crawler(Schedule="cron(0 0/1 * * ? *)")
    shown = lambda: glue.get_crawler(Name="c")["Crawler"]["Schedule"]
    assert shown() == {"ScheduleExpression": "cron(0 0/1 * * ? *)", "State": "SCHEDULED"}
    count = lambda: len(glue.list_crawls(CrawlerName="c", MaxResults=100)["Crawls"])
    welkin.advance("3h")
    # Other tests move the clock as well.
    assert count() >= 3 and lake.wait()["LastCrawl"]["Status"] == "SUCCEEDED"
    with refused("SchedulerRunningException"):
        glue.start_crawler_schedule(CrawlerName="c")
    glue.stop_crawler_schedule(CrawlerName="c")
    assert shown()["State"] == "NOT_SCHEDULED"
    with refused("SchedulerNotRunningException"):
        glue.stop_crawler_schedule(CrawlerName="c")
    before = count()
    welkin.advance("3h")
    assert count() == before
    glue.start_crawler_schedule(CrawlerName="c")
    glue.update_crawler_schedule(CrawlerName="c", Schedule="cron(0 0 1 1 ? 2190)")
    welkin.advance("3h")
    assert (count(), shown()["ScheduleExpression"]) == (before, "cron(0 0 1 1 ? 2190)")
    glue.update_crawler_schedule(CrawlerName="c", Schedule="")
    with refused("NoScheduleException"):
        glue.start_crawler_schedule(CrawlerName="c")
    with refused("InvalidInputException"):
        glue.update_crawler_schedule(CrawlerName="c", Schedule="cron(0/1 * * * ? *)")


def test_metrics_and_history_count_what_was_written(lake, refused):
    lake.put({"data/a/x=1/a.json": '{"a": 1}', "data/a/x=2/a.json": '{"a": 1}', "data/b/b.json": '{"b": 1}'})
    lake.crawler(SchemaChangePolicy={"DeleteBehavior": "DELETE_FROM_DATABASE"})
    assert lake.run() == {"TABLE": {"ADD": 2}, "PARTITION": {"ADD": 2}}
    assert lake.run() == {}
    lake.delete("data/b/b.json", "data/a/x=2/a.json")
    lake.put({"data/c/c.json": '{"c": 1}'})
    assert lake.run() == {"TABLE": {"ADD": 1, "UPDATE": 1, "DELETE": 1}, "PARTITION": {"DELETE": 1}}
    [metrics] = lake.glue.get_crawler_metrics(CrawlerNameList=["c"])["CrawlerMetricsList"]
    assert metrics.items() >= {
        "CrawlerName": "c",
        "TablesCreated": 3,
        "TablesUpdated": 1,
        "TablesDeleted": 1,
        "StillEstimating": False,
        "TimeLeftSeconds": 0.0,
    }.items()
    assert metrics["LastRuntimeSeconds"] > 0 and metrics["MedianRuntimeSeconds"] > 0
    crawls = lake.glue.list_crawls(CrawlerName="c")["Crawls"]
    assert [it["State"] for it in crawls] == ["COMPLETED"] * 3
    assert all(it["StartTime"] <= it["EndTime"] for it in crawls)
    page = lake.glue.list_crawls(CrawlerName="c", MaxResults=2)
    rest = lake.glue.list_crawls(CrawlerName="c", NextToken=page["NextToken"])
    assert page["Crawls"] + rest["Crawls"] == crawls and "NextToken" not in rest

    def filtered(field, operator, value):
        one = {"FieldName": field, "FilterOperator": operator, "FieldValue": value}
        return [it["CrawlId"] for it in lake.glue.list_crawls(CrawlerName="c", Filters=[one])["Crawls"]]

    ids = [it["CrawlId"] for it in crawls]
    assert filtered("CRAWL_ID", "EQ", ids[1]) == [ids[1]]
    assert filtered("STATE", "NE", "COMPLETED") == []
    millis = str(int(time.time() * 1000) + 10**13)
    assert filtered("START_TIME", "LT", millis) == ids and filtered("END_TIME", "GE", millis) == []
    with refused("InvalidInputException"):
        filtered("START_TIME", "LT", "yesterday")
    with refused("NotImplemented", status=501):
        filtered("DPU_HOUR", "GT", "1")
    # Who has the name next has a history of its own.
    lake.glue.delete_crawler(Name="c")
    lake.crawler()
    assert lake.glue.list_crawls(CrawlerName="c")["Crawls"] == []


def test_crawlers_are_an_accounts_own(lake, welkin, refused):
    lake.crawler()
    other = welkin.client("glue", welkin.account())
    assert other.list_crawlers()["CrawlerNames"] == []
    with refused("EntityNotFoundException"):
        other.get_crawler(Name="c")
    elsewhere = welkin.client("glue", lake.account, region="eu-west-1")
    assert elsewhere.list_crawlers()["CrawlerNames"] == []
