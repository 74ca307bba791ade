"""Data cells filters: what they are, and who makes them. What they do is in test_athena.py."""

import pytest
from conftest import table


def named(lake, name="f"):
    return {"TableCatalogId": lake.account, "DatabaseName": "shop", "TableName": "orders", "Name": name}


def test_filters_are_made_shown_listed_and_deleted(closed, refused):
    lf = closed.lf
    for name in ("a", "b", "c"):
        lf.create_data_cells_filter(TableData={**named(closed, name), "RowFilter": {"FilterExpression": "id > 1"}, "ColumnNames": ["id"]})
    shown = lf.get_data_cells_filter(**named(closed, "a"))["DataCellsFilter"]
    assert shown["RowFilter"] == {"FilterExpression": "id > 1"} and shown["ColumnNames"] == ["id"] and shown["VersionId"]
    first = lf.list_data_cells_filter(Table=table()["Table"], MaxResults=2)
    second = lf.list_data_cells_filter(Table=table()["Table"], MaxResults=2, NextToken=first["NextToken"])
    assert [one["Name"] for one in first["DataCellsFilters"] + second["DataCellsFilters"]] == ["a", "b", "c"]
    with refused("AlreadyExistsException"):
        lf.create_data_cells_filter(TableData={**named(closed, "a"), "RowFilter": {"AllRowsWildcard": {}}, "ColumnNames": ["id"]})
    lf.update_data_cells_filter(TableData={**named(closed, "a"), "RowFilter": {"AllRowsWildcard": {}}, "ColumnNames": ["fruit"]})
    assert lf.get_data_cells_filter(**named(closed, "a"))["DataCellsFilter"]["ColumnNames"] == ["fruit"]
    with refused("ConcurrentModificationException"):
        lf.update_data_cells_filter(TableData={**named(closed, "a"), "VersionId": shown["VersionId"], "RowFilter": {"AllRowsWildcard": {}}, "ColumnNames": ["id"]})
    lf.delete_data_cells_filter(**named(closed, "a"))
    for call in (lf.get_data_cells_filter, lf.delete_data_cells_filter):
        with refused("EntityNotFoundException"):
            call(**named(closed, "a"))


@pytest.mark.parametrize(
    "data",
    [
        {"RowFilter": {"FilterExpression": "none = 1"}, "ColumnNames": ["id"]},
        {"RowFilter": {"FilterExpression": "id IN (SELECT 1)"}, "ColumnNames": ["id"]},
        {"RowFilter": {"FilterExpression": "true UNION SELECT 1"}, "ColumnNames": ["id"]},
        {"RowFilter": {"AllRowsWildcard": {}}, "ColumnNames": ["none"]},
        {"RowFilter": {"AllRowsWildcard": {}}},
        {"RowFilter": {}, "ColumnNames": ["id"]},
        {"ColumnNames": ["id"]},
        {"RowFilter": {"AllRowsWildcard": {}}, "ColumnNames": ["id"], "ColumnWildcard": {}},
    ],
)
def test_filters_that_make_no_sense_are_refused(closed, data, refused):
    with refused("InvalidInputException"):
        closed.lf.create_data_cells_filter(TableData={**named(closed), **data})


def test_only_who_may_grant_select_makes_filters(closed, refused):
    ann = closed.person("ann")
    lf = ann.client("lakeformation")
    data = {**named(closed), "RowFilter": {"AllRowsWildcard": {}}, "ColumnNames": ["id"]}
    closed.grant(ann, table(), "SELECT")
    with refused("AccessDeniedException"):
        lf.create_data_cells_filter(TableData=data)
    assert lf.list_data_cells_filter()["DataCellsFilters"] == []
    closed.grant(ann, table(), "SELECT", option=["SELECT"])
    lf.create_data_cells_filter(TableData=data)
    assert [one["Name"] for one in lf.list_data_cells_filter()["DataCellsFilters"]] == ["f"]
    with refused("EntityNotFoundException"):
        closed.lf.create_data_cells_filter(TableData={**data, "TableName": "none"})
