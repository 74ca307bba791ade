"""Fixtures of the tests of CloudWatch."""

import datetime

import pytest


@pytest.fixture
def cloudwatch(welkin, account):
    return welkin.client("cloudwatch", account)


@pytest.fixture
def now(welkin):
    """The beginning of the present minute, by Welkin's clock; the clock is at the beginning of a minute then."""

    def now():
        at = welkin.now()
        welkin.advance(f"{60 - at.second}s")
        return welkin.now().replace(second=0, microsecond=0)

    return now


@pytest.fixture
def stats(welkin):
    """Values of a metric by minute over the last hours, in order."""

    def stats(cloudwatch, namespace, name, stat="Sum", period=60, hours=3, **dimensions):
        end = welkin.now() + datetime.timedelta(minutes=2)
        query = {
            "Id": "m",
            "MetricStat": {
                "Metric": {
                    "Namespace": namespace,
                    "MetricName": name,
                    "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
                },
                "Period": period,
                "Stat": stat,
            },
        }
        answer = cloudwatch.get_metric_data(
            MetricDataQueries=[query],
            StartTime=end - datetime.timedelta(hours=hours),
            EndTime=end,
            ScanBy="TimestampAscending",
        )
        return answer["MetricDataResults"][0]["Values"]

    return stats
