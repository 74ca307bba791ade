"""CloudTrail Insights: unusual rates of calls and errors."""

import datetime
import gzip
import json

import pytest
from botocore.exceptions import ClientError
from test_digests import now
from test_trails import bucket_policy, refused

RATE, ERROR = ({"InsightType": kind, "EventCategories": ["Management"]} for kind in ("ApiCallRateInsight", "ApiErrorRateInsight"))


@pytest.fixture
def own(start):
    """A Welkin of the test's own, as minutes count: an account with a trail that logs."""
    with start("--memory") as welkin:
        welkin.owner = welkin.account()
        s3, trails = welkin.root(welkin.owner, "s3"), welkin.root(welkin.owner, "cloudtrail")
        s3.create_bucket(Bucket="logs")
        s3.put_bucket_policy(Bucket="logs", Policy=bucket_policy("logs", welkin.owner, "mine"))
        trails.create_trail(Name="mine", S3BucketName="logs", EnableLogFileValidation=True)
        trails.start_logging(Name="mine")
        yield welkin


def insights(welkin, **wanted):
    trails = welkin.root(welkin.owner, "cloudtrail")
    welkin.advance("1s")
    return trails.lookup_events(EventCategory="insight", **wanted)["Events"]


def burst(call, times):
    for _ in range(times):
        try:
            call()
        except ClientError:
            pass


def next_window(welkin):
    """Goes to the beginning of five minutes, so that a burst is in one minute."""
    welkin.advance(f"{300 - now(welkin).timestamp() % 300 + 1:.0f}s")


def test_a_burst_of_calls_starts_and_ends_an_insight(own):
    sqs, trails = own.root(own.owner, "sqs"), own.root(own.owner, "cloudtrail")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    burst(lambda: sqs.tag_queue(QueueUrl=url, Tags={"a": "1"}), 10)
    own.advance("1d")
    arn = trails.put_insight_selectors(TrailName="mine", InsightSelectors=[RATE])["TrailARN"]
    assert trails.get_trail(Name="mine")["Trail"]["HasInsightSelectors"] is True
    next_window(own)
    burst(lambda: sqs.tag_queue(QueueUrl=url, Tags={"a": "1"}), 20)
    own.advance("5m")
    assert insights(own) == [], "twice the busiest minute of the week before is not unusual"

    next_window(own)
    began = now(own).replace(second=0)
    burst(lambda: sqs.tag_queue(QueueUrl=url, Tags={"a": "1"}), 60)
    own.advance("5m")
    (start,) = insights(own)
    event = json.loads(start["CloudTrailEvent"])
    details = event["insightDetails"]
    assert (start["EventName"], start["EventSource"]) == ("TagQueue", "sqs.amazonaws.com")
    assert (event["eventType"], event["eventCategory"], event["eventID"]) == ("AwsCloudTrailInsight", "Insight", start["EventId"])
    assert (details["state"], details["insightType"]) == ("Start", "ApiCallRateInsight")
    assert event["eventTime"] == began.strftime("%Y-%m-%dT%H:%M:%SZ")
    statistics = details["insightContext"]["statistics"]
    assert statistics["insight"] == {"average": 60.0} and statistics["insightDuration"] == 1
    assert statistics["baselineDuration"] == 10080 and statistics["baseline"]["average"] == pytest.approx(30 / 10080)
    attributions = {each["attribute"]: each for each in details["insightContext"]["attributions"]}
    assert attributions["userIdentityArn"]["insight"] == [{"value": f"arn:aws:iam::{own.owner}:root", "average": 60.0}]
    assert attributions["errorCode"]["baseline"] == [{"value": "null", "average": pytest.approx(30 / 10080)}]
    assert "Boto3" in attributions["userAgent"]["insight"][0]["value"]

    own.advance("10m")
    end, _ = insights(own)
    ended = json.loads(end["CloudTrailEvent"])
    assert (ended["insightDetails"]["state"], ended["sharedEventID"]) == ("End", event["sharedEventID"])
    assert ended["eventTime"] == (began + datetime.timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert [e["EventId"] for e in insights(own, MaxResults=1)] == [end["EventId"]]
    name = [{"AttributeKey": "EventName", "AttributeValue": "CreateQueue"}]
    assert insights(own, LookupAttributes=name) == []
    refused("InvalidLookupAttributesException", insights, own, LookupAttributes=[{"AttributeKey": "Username", "AttributeValue": "x"}])

    s3 = own.root(own.owner, "s3")
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket="logs")["Contents"] if "/CloudTrail-Insight/" in entry["Key"]]
    assert len(keys) == 2 and f"/us-east-1/{began:%Y/%m/%d}/{own.owner}_CloudTrail-Insight_us-east-1_" in keys[0]
    delivered = [json.loads(gzip.decompress(s3.get_object(Bucket="logs", Key=key)["Body"].read()))["Records"] for key in keys]
    assert sorted(delivered, key=str) == sorted([[event], [ended]], key=str)
    assert arn.endswith(":trail/mine")


def test_errors_of_a_code_are_an_insight_of_their_own(own):
    trails, sqs, kms = (own.root(own.owner, service) for service in ("cloudtrail", "sqs", "kms"))
    trails.put_insight_selectors(TrailName="mine", InsightSelectors=[{"InsightType": "ApiErrorRateInsight"}])
    next_window(own)
    began = now(own)
    burst(lambda: kms.describe_key(KeyId="alias/none"), 30)
    burst(lambda: sqs.create_queue(QueueName="q"), 30)
    own.advance("5m")
    (start,) = insights(own)
    details = json.loads(start["CloudTrailEvent"])["insightDetails"]
    assert (details["insightType"], details["eventName"]) == ("ApiErrorRateInsight", "DescribeKey")
    assert details["errorCode"] == "NotFoundException"

    series = {"EventSource": "kms.amazonaws.com", "EventName": "DescribeKey"}
    metric = trails.list_insights_metric_data(**series, InsightType="ApiErrorRateInsight", ErrorCode="NotFoundException", Period=60)
    assert metric["Values"] == [30.0] and metric["Timestamps"] == [began.replace(second=0)]
    series = {"EventSource": "sqs.amazonaws.com", "EventName": "CreateQueue"}
    metric = trails.list_insights_metric_data(**series, InsightType="ApiCallRateInsight", DataType="FillWithZeros", Period=300,
                                              StartTime=began - datetime.timedelta(hours=1), EndTime=began + datetime.timedelta(minutes=5))
    assert metric["Values"][-2] == 30.0 and sum(metric["Values"]) == 30.0 and len(metric["Values"]) == 13
    page = trails.list_insights_metric_data(**series, InsightType="ApiCallRateInsight", DataType="FillWithZeros", MaxResults=10)
    more = trails.list_insights_metric_data(**series, InsightType="ApiCallRateInsight", DataType="FillWithZeros", MaxResults=10, NextToken=page["NextToken"])
    assert more["Timestamps"][0] - page["Timestamps"][-1] == datetime.timedelta(hours=1)
    refused("InvalidParameterException", trails.list_insights_metric_data, **series, InsightType="ApiErrorRateInsight")
    refused("InvalidParameterException", trails.list_insights_metric_data, **series, InsightType="ApiCallRateInsight", Period=61)


def test_insights_need_a_trail_that_logs_what_is_counted(own):
    trails = own.root(own.owner, "cloudtrail")
    refused("InsightNotEnabledException", trails.get_insight_selectors, TrailName="mine")
    trails.put_insight_selectors(TrailName="mine", InsightSelectors=[RATE, ERROR])
    assert trails.get_insight_selectors(TrailName="mine")["InsightSelectors"] == [RATE, ERROR]
    trails.put_insight_selectors(TrailName="mine", InsightSelectors=[])
    refused("InsightNotEnabledException", trails.get_insight_selectors, TrailName="mine")
    trails.put_event_selectors(TrailName="mine", EventSelectors=[{"ReadWriteType": "ReadOnly"}])
    refused("InvalidInsightSelectorsException", trails.put_insight_selectors, TrailName="mine", InsightSelectors=[RATE])
    refused("InvalidInsightSelectorsException", trails.put_insight_selectors, TrailName="mine", InsightSelectors=[ERROR, ERROR])
    trails.put_insight_selectors(TrailName="mine", InsightSelectors=[ERROR])
    refused("InvalidParameterException", trails.put_insight_selectors, InsightSelectors=[ERROR])
    refused("InvalidParameterCombinationException", trails.get_insight_selectors, TrailName="mine", EventDataStore="x-y")
    refused("TrailNotFoundException", trails.get_insight_selectors, TrailName="other")
    data = [{"InsightType": "ApiCallRateInsight", "EventCategories": ["Data"]}]
    assert "Data" in refused("NotImplemented", trails.put_insight_selectors, TrailName="mine", InsightSelectors=data)
    reader = own.client("cloudtrail", **own.user(own.owner))
    refused("AccessDeniedException", reader.put_insight_selectors, TrailName="mine", InsightSelectors=[ERROR])
    refused("AccessDeniedException", reader.get_insight_selectors, TrailName="mine")
    refused("AccessDeniedException", reader.list_insights_metric_data, EventSource="sqs.amazonaws.com", EventName="CreateQueue",
            InsightType="ApiCallRateInsight")
