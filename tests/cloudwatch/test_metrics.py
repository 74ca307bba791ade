"""Metrics: published, listed, read."""

import datetime
import json
import os
import subprocess

import pytest

from policies import allow

MINUTE = datetime.timedelta(minutes=1)


def put(cloudwatch, name="m", namespace="App", **datum):
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=[{"MetricName": name, **datum}])


def read(cloudwatch, start, end, name="m", namespace="App", period=60, **more):
    more = more or {"Statistics": ["Sum", "SampleCount", "Minimum", "Maximum", "Average"]}
    answer = cloudwatch.get_metric_statistics(
        Namespace=namespace, MetricName=name, StartTime=start, EndTime=end, Period=period, **more
    )
    return sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])


def test_values_counts_and_statistic_sets_add_up_before_and_after_the_minute_is_folded(welkin, cloudwatch, now):
    at = now()
    put(cloudwatch, Value=5)
    put(cloudwatch, Values=[1, 2], Counts=[3, 1])
    put(cloudwatch, StatisticValues={"SampleCount": 2, "Sum": 30, "Minimum": 10, "Maximum": 20})
    for _ in range(2):
        (point,) = read(cloudwatch, at, at + 5 * MINUTE)
        assert (point["Timestamp"], point["Unit"]) == (at, "None")
        assert (point["Sum"], point["SampleCount"], point["Minimum"], point["Maximum"]) == (40, 7, 1, 20)
        assert point["Average"] == pytest.approx(40 / 7)
        welkin.advance("2m")


def test_units_are_told_apart(cloudwatch, now):
    at = now()
    put(cloudwatch, Value=1, Unit="Seconds")
    put(cloudwatch, Value=2, Unit="Bytes")
    assert {p["Unit"]: p["Sum"] for p in read(cloudwatch, at, at + MINUTE)} == {"Seconds": 1, "Bytes": 2}
    assert [p["Sum"] for p in read(cloudwatch, at, at + MINUTE, Statistics=["Sum"], Unit="Bytes")] == [2]


def test_percentiles_and_trimmed_means(cloudwatch, now):
    at = now()
    put(cloudwatch, Values=list(range(1, 101)))
    names = ["p50", "p99", "tm90", "TC(10%:90%)", "PR(:25)"]
    (point,) = read(cloudwatch, at, at + MINUTE, ExtendedStatistics=names)
    assert point["ExtendedStatistics"] == {"p50": 50, "p99": 99, "tm90": 45.5, "TC(10%:90%)": 80, "PR(:25)": 25}


def test_high_resolution_is_kept_by_the_second_for_three_hours(welkin, cloudwatch, now):
    at = now()
    for second in range(3):
        put(cloudwatch, Value=second + 1, StorageResolution=1, Timestamp=at + datetime.timedelta(seconds=second))
    assert [p["Sum"] for p in read(cloudwatch, at, at + MINUTE, period=1)] == [1, 2, 3]
    assert [p["Sum"] for p in read(cloudwatch, at, at + MINUTE)] == [6]
    welkin.advance("1m")
    assert [p["Sum"] for p in read(cloudwatch, at, at + MINUTE, period=1)] == [1, 2, 3]
    welkin.advance("3h")
    query = {"Id": "m", "MetricStat": {"Metric": {"Namespace": "App", "MetricName": "m"}, "Period": 1, "Stat": "Sum"}}
    answer = cloudwatch.get_metric_data(MetricDataQueries=[query], StartTime=at, EndTime=at + MINUTE)
    assert answer["MetricDataResults"][0]["Values"] == []
    assert [p["Sum"] for p in read(cloudwatch, at, at + MINUTE)] == [6]


def test_minutes_are_kept_for_15_days_five_minutes_for_63_hours_for_455(welkin, cloudwatch, now):
    at = now().replace(minute=0) + datetime.timedelta(hours=1)
    welkin.advance("90m")
    put(cloudwatch, Value=4, Timestamp=at)
    hour = at + datetime.timedelta(hours=1)

    def sums(period):
        metric = {"Metric": {"Namespace": "App", "MetricName": "m"}, "Period": period, "Stat": "Sum"}
        answer = cloudwatch.get_metric_data(
            MetricDataQueries=[{"Id": "m", "MetricStat": metric}], StartTime=at, EndTime=hour
        )
        return answer["MetricDataResults"][0]["Values"]

    assert [sums(period) for period in (60, 300, 3600)] == [[4], [4], [4]]
    welkin.advance("16d")
    assert [sums(period) for period in (60, 300, 3600)] == [[], [4], [4]]
    assert cloudwatch.list_metrics(Namespace="App")["Metrics"] == []
    welkin.advance("50d")
    assert [sums(period) for period in (60, 300, 3600)] == [[], [], [4]]


def test_metrics_are_listed_by_namespace_name_and_dimensions(cloudwatch):
    for queue in ("a", "b"):
        put(cloudwatch, "Sent", Value=1, Dimensions=[{"Name": "Queue", "Value": queue}, {"Name": "Zone", "Value": "z"}])
    put(cloudwatch, "Sent", Value=1)
    put(cloudwatch, "Other", "Second", Value=1)
    names = lambda **filters: [
        (m["Namespace"], m["MetricName"], len(m["Dimensions"])) for m in cloudwatch.list_metrics(**filters)["Metrics"]
    ]
    assert sorted(names()) == [("App", "Sent", 0), ("App", "Sent", 2), ("App", "Sent", 2), ("Second", "Other", 0)]
    assert names(Namespace="Second") == [("Second", "Other", 0)]
    assert names(MetricName="Other") == [("Second", "Other", 0)]
    assert len(names(Dimensions=[{"Name": "Queue"}])) == 2
    assert len(names(Namespace="App", MetricName="Sent", Dimensions=[{"Name": "Queue", "Value": "a"}])) == 1
    assert len(names(RecentlyActive="PT3H")) == 4


def test_the_list_has_pages(cloudwatch):
    # Bodies above 10 kB, which botocore compresses.
    for batch in range(2):
        data = [{"MetricName": f"m{batch}-{n:03}", "Value": 1} for n in range(300)]
        cloudwatch.put_metric_data(Namespace="Many", MetricData=data)
    pages = list(cloudwatch.get_paginator("list_metrics").paginate(Namespace="Many"))
    assert [len(page["Metrics"]) for page in pages] == [500, 100]
    assert len({m["MetricName"] for page in pages for m in page["Metrics"]}) == 600


@pytest.mark.parametrize(
    "datum, code, words",
    [
        ({}, "MissingParameter", "MetricData.member.1.Value is required"),
        ({"Value": 1, "Values": [1]}, "InvalidParameterCombination", "mutually exclusive"),
        ({"Values": [1, 2], "Counts": [1]}, "InvalidParameterValue", "same size"),
        ({"Value": 1e200}, "InvalidParameterValue", "MetricData.member.1.Value"),
        ({"Value": 1, "StorageResolution": 5}, "InvalidParameterValue", "StorageResolution"),
        ({"Value": 1, "Timestamp": datetime.datetime(2000, 1, 1)}, "InvalidParameterValue", "past two weeks"),
        ({"Values": [1] * 151}, "InvalidParameterValue", "150"),
        (
            {"StatisticValues": {"SampleCount": 1, "Sum": 1, "Minimum": 2, "Maximum": 1}},
            "InvalidParameterCombination",
            "Maximum",
        ),
    ],
)
def test_data_that_cannot_be_are_refused(cloudwatch, refused, datum, code, words):
    with refused(code, message=words):
        put(cloudwatch, **datum)
    assert cloudwatch.list_metrics()["Metrics"] == []


def test_namespaces_of_services_are_theirs_alone(cloudwatch, refused):
    with refused("InvalidParameterValue"):
        put(cloudwatch, namespace="AWS/SQS", Value=1)


def test_questions_that_cannot_be_are_refused(cloudwatch, refused, now):
    at = now()
    with refused("InvalidParameterValue", message="must not equal"):
        read(cloudwatch, at, at)
    with refused("InvalidParameterValue", message="Period"):
        read(cloudwatch, at, at + MINUTE, period=61)
    with refused("InvalidParameterCombination", message="1440"):
        read(cloudwatch, at, at + 1500 * MINUTE)
    with refused("MissingParameter"):
        cloudwatch.get_metric_statistics(Namespace="A", MetricName="m", StartTime=at, EndTime=at + MINUTE, Period=60)


@pytest.mark.parametrize(
    "action, call",
    [
        ("cloudwatch:ListMetrics", lambda cw, at: cw.list_metrics()),
        ("cloudwatch:GetMetricStatistics", lambda cw, at: read(cw, at, at + MINUTE)),
        ("cloudwatch:PutMetricData", lambda cw, at: put(cw, Value=1)),
        ("cloudwatch:ListDashboards", lambda cw, at: cw.list_dashboards()),
        ("cloudwatch:DescribeAlarms", lambda cw, at: cw.describe_alarms()),
        ("cloudwatch:DescribeAlarmHistory", lambda cw, at: cw.describe_alarm_history()),
    ],
)
def test_each_operation_needs_its_action(welkin, account, refused, action, call):
    at = welkin.now().replace(second=0, microsecond=0)
    call(welkin.client("cloudwatch", **welkin.user(account, allow(action))), at)
    with refused("AccessDenied", 403):
        call(welkin.client("cloudwatch", **welkin.user(account, allow("cloudwatch:Nothing"))), at)


def test_publishing_can_be_permitted_by_namespace(welkin, account, refused):
    condition = {"StringEquals": {"cloudwatch:namespace": "Mine"}}
    user = welkin.client("cloudwatch", **welkin.user(account, allow("cloudwatch:PutMetricData", Condition=condition)))
    put(user, namespace="Mine", Value=1)
    with refused("AccessDenied", 403):
        put(user, namespace="Yours", Value=1)


def test_accounts_and_regions_do_not_see_each_other(welkin, cloudwatch, account):
    put(cloudwatch, Value=1)
    assert welkin.client("cloudwatch", account, region="eu-west-1").list_metrics()["Metrics"] == []
    assert welkin.client("cloudwatch", welkin.account()).list_metrics()["Metrics"] == []


def test_the_command_line_publishes_and_reads(welkin, account, now):
    at = now()
    env = {**os.environ, "AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}

    def aws(*words):
        command = ["aws", "--endpoint-url", welkin.endpoint, "--output", "json", "cloudwatch", *words]
        text = subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout
        return json.loads(text) if text else None

    aws("put-metric-data", "--namespace", "App", "--metric-name", "cli", "--value", "7", "--unit", "Count")
    answer = aws(
        "get-metric-statistics", "--namespace", "App", "--metric-name", "cli", "--period", "60", "--statistics", "Sum",
        "--start-time", at.isoformat(), "--end-time", (at + 5 * MINUTE).isoformat(),
    )
    assert [point["Sum"] for point in answer["Datapoints"]] == [7]
