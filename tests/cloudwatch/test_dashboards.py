"""Dashboards."""

import json

import pytest

BODY = json.dumps({"widgets": [{"type": "text", "width": 6, "height": 2, "properties": {"markdown": "# Hi"}}]})


def test_dashboards_are_written_read_listed_and_deleted(welkin, cloudwatch, account, refused):
    for name in ("a-1", "a-2", "b"):
        assert cloudwatch.put_dashboard(DashboardName=name, DashboardBody=BODY)["DashboardValidationMessages"] == []
    found = welkin.client("cloudwatch", account, region="eu-west-1").get_dashboard(DashboardName="a-1")
    assert found["DashboardBody"] == BODY
    assert found["DashboardArn"] == f"arn:aws:cloudwatch::{account}:dashboard/a-1"
    entries = cloudwatch.list_dashboards(DashboardNamePrefix="a-")["DashboardEntries"]
    assert [(entry["DashboardName"], entry["Size"]) for entry in entries] == [("a-1", len(BODY)), ("a-2", len(BODY))]
    with refused("ResourceNotFound", 404):
        cloudwatch.delete_dashboards(DashboardNames=["a-1", "none"])
    cloudwatch.delete_dashboards(DashboardNames=["a-1", "a-2"])
    assert [entry["DashboardName"] for entry in cloudwatch.list_dashboards()["DashboardEntries"]] == ["b"]
    with refused("ResourceNotFound", 404):
        cloudwatch.get_dashboard(DashboardName="a-1")


@pytest.mark.parametrize(
    "body, path",
    [
        ("nope", ""),
        ("{}", ""),
        ('{"widgets":[{"type":"text","properties":{}}]}', "/widgets/0/properties"),
        ('{"widgets":[{"type":"nope","properties":{}}]}', "/widgets/0/type"),
    ],
)
def test_bodies_that_are_no_dashboards_are_refused(cloudwatch, refused, body, path):
    with refused("InvalidParameterInput") as it:
        cloudwatch.put_dashboard(DashboardName="d", DashboardBody=body)
    assert it.answer["dashboardValidationMessages"][0]["DataPath"] == path
    with refused("ResourceNotFound", 404):
        cloudwatch.get_dashboard(DashboardName="d")


def test_other_parts_of_cloudwatch_are_refused_by_name(cloudwatch, refused):
    with refused("NotImplemented", 501):
        cloudwatch.get_metric_widget_image(MetricWidget="{}")
    with refused("NotImplemented", 501):
        cloudwatch.list_metric_streams()
