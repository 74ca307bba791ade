"""GetMetricData: expressions, labels, pages."""

import datetime

import pytest

MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def at(welkin, cloudwatch, now):
    """Errors and requests by minute: 1, 2, -, 4 and 10, 0, 30, 40."""
    at = now()
    for name, values in (("Errors", [1, 2, None, 4]), ("Requests", [10, 0, 30, 40])):
        for n, value in enumerate(values):
            if value is not None:
                datum = {"MetricName": name, "Value": value, "Timestamp": at + n * MINUTE}
                cloudwatch.put_metric_data(Namespace="App", MetricData=[datum])
    return at


def metric(id, name, stat="Sum", **more):
    stat = {"Metric": {"Namespace": "App", "MetricName": name}, "Period": 60, "Stat": stat}
    return {"Id": id, "MetricStat": stat, **more}


def get(cloudwatch, at, *queries, **more):
    return cloudwatch.get_metric_data(
        MetricDataQueries=list(queries),
        StartTime=at,
        EndTime=at + 4 * MINUTE,
        **{"ScanBy": "TimestampAscending", **more},
    )


def evaluate(cloudwatch, at, expression):
    hidden = [metric("m1", "Errors", ReturnData=False), metric("m2", "Requests", ReturnData=False)]
    answer = get(cloudwatch, at, *hidden, {"Id": "e1", "Expression": expression})
    return [[*zip([(t - at) // MINUTE for t in r["Timestamps"]], r["Values"])] for r in answer["MetricDataResults"]]


@pytest.mark.parametrize(
    "expression, values",
    [
        ("100*m1/m2", [(0, 10), (3, 10)]),
        ("FILL(m1, 0)", [(0, 1), (1, 2), (2, 0), (3, 4)]),
        ("RUNNING_SUM(m2)", [(0, 10), (1, 10), (2, 40), (3, 80)]),
        ("IF(m2 > 5, 1, 0)", [(0, 1), (1, 0), (2, 1), (3, 1)]),
        ("SUM(METRICS())", [(0, 11), (1, 2), (2, 30), (3, 44)]),
        ("m2 - AVG(m2)", [(0, -10), (1, -20), (2, 10), (3, 20)]),
        ("TIME_SERIES(MAX(m1))", [(0, 4), (1, 4), (2, 4), (3, 4)]),
        ("RATE(m2)*60", [(1, -10), (2, 30), (3, 10)]),
        ("SEARCH('{App} Errors', 'Sum', 60)", [(0, 1), (1, 2), (3, 4)]),
        ("FIRST(SORT(METRICS(), SUM, ASC))", [(0, 1), (1, 2), (3, 4)]),
    ],
)
def test_expressions(cloudwatch, at, expression, values):
    assert evaluate(cloudwatch, at, expression) == [values]


def test_an_expression_may_give_several_series(cloudwatch, at):
    assert len(evaluate(cloudwatch, at, "METRICS() * 2")) == 2


@pytest.mark.parametrize("expression", ["m1 +", "m9", "NOPE(m1)", "e1 + 1", "5", "METRICS() + METRICS()"])
def test_expressions_without_a_value_are_refused(cloudwatch, at, refused, expression):
    with refused("ValidationError", message="e1"):
        evaluate(cloudwatch, at, expression)


@pytest.mark.parametrize("expression", ["ANOMALY_DETECTION_BAND(m1)", "SELECT AVG(x) FROM App"])
def test_what_is_not_there_is_refused_by_name(cloudwatch, at, refused, expression):
    with refused("NotImplemented", 501):
        evaluate(cloudwatch, at, expression)


def test_the_newest_points_come_first_unless_told_otherwise(cloudwatch, at):
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[metric("m", "Requests")], StartTime=at, EndTime=at + 4 * MINUTE
    )
    assert answer["MetricDataResults"][0]["Values"] == [40, 30, 0, 10]


def test_pages_together_are_everything(cloudwatch, at):
    queries = [metric("m1", "Errors"), metric("m2", "Requests")]
    found, token, statuses = {}, {}, []
    while True:
        page = get(cloudwatch, at, *queries, MaxDatapoints=2, **token)
        for result in page["MetricDataResults"]:
            found.setdefault(result["Id"], []).extend(result["Values"])
            statuses.append(result["StatusCode"])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert found == {"m1": [1, 2, 4], "m2": [10, 0, 30, 40]}
    assert statuses == ["PartialData", "Complete", "PartialData", "PartialData", "Complete"]


def test_labels_tell_of_the_series(cloudwatch, at):
    def label(text):
        (result,) = get(cloudwatch, at, metric("m1", "Requests", Label=text))["MetricDataResults"]
        return result["Label"]

    assert label("${PROP('MetricName')} in ${PROP('Namespace')}") == "Requests in App"
    assert label("max ${MAX}, ${DATAPOINT_COUNT} points, last ${LAST}") == "max 40, 4 points, last 40"
    assert label("plain") == "plain"
    assert get(cloudwatch, at, metric("m1", "Requests"))["MetricDataResults"][0]["Label"] == "Requests"


def test_queries_that_cannot_be_are_refused(cloudwatch, at, refused):
    with refused("ValidationError", message="not unique"):
        get(cloudwatch, at, metric("m1", "Errors"), metric("m1", "Requests"))
    with refused("ValidationError"):
        get(cloudwatch, at, metric("M1", "Errors"))
    with refused("ValidationError"):
        get(cloudwatch, at, metric("m1", "Errors", stat="Median"))
    with refused("InvalidNextToken"):
        get(cloudwatch, at, metric("m1", "Errors"), NextToken="!")
