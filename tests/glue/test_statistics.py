"""Statistics of columns."""

import datetime

import pytest

TIME = datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)

DATA = {
    "BOOLEAN": {"NumberOfTrues": 1, "NumberOfFalses": 2, "NumberOfNulls": 3},
    "DATE": {"MinimumValue": TIME, "MaximumValue": TIME, "NumberOfNulls": 0, "NumberOfDistinctValues": 4},
    "DECIMAL": {
        "MinimumValue": {"UnscaledValue": b"\x01", "Scale": 2},
        "MaximumValue": {"UnscaledValue": b"\xff\x00", "Scale": 2},
        "NumberOfNulls": 0,
        "NumberOfDistinctValues": 4,
    },
    "DOUBLE": {"MinimumValue": -1.5, "MaximumValue": 2.5, "NumberOfNulls": 0, "NumberOfDistinctValues": 4},
    "LONG": {"MinimumValue": -1, "MaximumValue": 2**40, "NumberOfNulls": 0, "NumberOfDistinctValues": 4},
    "STRING": {"MaximumLength": 9, "AverageLength": 4.5, "NumberOfNulls": 0, "NumberOfDistinctValues": 4},
    "BINARY": {"MaximumLength": 9, "AverageLength": 4.5, "NumberOfNulls": 0},
}


def statistics(column, kind="LONG"):
    data = {"Type": kind, f"{kind.capitalize()}ColumnStatisticsData": DATA[kind]}
    return {"ColumnName": column, "ColumnType": "bigint", "AnalyzedTime": TIME, "StatisticsData": data}


@pytest.mark.parametrize("kind", DATA)
def test_statistics_of_every_type_are_kept(glue, table, kind):
    where = {"DatabaseName": "db", "TableName": "t"}
    given = statistics("id", kind)
    assert glue.update_column_statistics_for_table(**where, ColumnStatisticsList=[given])["Errors"] == []
    found = glue.get_column_statistics_for_table(**where, ColumnNames=["id"])
    assert found["ColumnStatisticsList"] == [given] and found["Errors"] == []


def test_statistics_of_tables_are_replaced_and_deleted(glue, table, refused):
    where = {"DatabaseName": "db", "TableName": "t"}
    glue.update_column_statistics_for_table(**where, ColumnStatisticsList=[statistics("id")])
    mixed = statistics("id")
    mixed["StatisticsData"]["Type"] = "STRING"
    errors = glue.update_column_statistics_for_table(
        **where, ColumnStatisticsList=[statistics("none"), mixed, statistics("ID", "DOUBLE")]
    )["Errors"]
    told = [(error["ColumnStatistics"]["ColumnName"], error["Error"]["ErrorCode"]) for error in errors]
    assert told == [("none", "EntityNotFoundException"), ("id", "InvalidInputException")]
    found = glue.get_column_statistics_for_table(**where, ColumnNames=["id", "none"])
    assert [one["StatisticsData"]["Type"] for one in found["ColumnStatisticsList"]] == ["DOUBLE"]
    assert [error["ColumnName"] for error in found["Errors"]] == ["none"]
    glue.delete_column_statistics_for_table(**where, ColumnName="id")
    with refused("EntityNotFoundException"):
        glue.delete_column_statistics_for_table(**where, ColumnName="id")
    with refused("EntityNotFoundException"):
        glue.get_column_statistics_for_table(DatabaseName="db", TableName="none", ColumnNames=["id"])


def test_statistics_of_partitions_go_with_them(glue, partitioned, refused):
    where = {**partitioned, "PartitionValues": ["Chile", "2020"]}
    with refused("EntityNotFoundException"):
        glue.update_column_statistics_for_partition(**where, ColumnStatisticsList=[statistics("id")])
    glue.create_partition(**partitioned, PartitionInput={"Values": ["Chile", "2020"]})
    glue.update_column_statistics_for_partition(**where, ColumnStatisticsList=[statistics("id")])
    found = glue.get_column_statistics_for_partition(**where, ColumnNames=["id"])
    assert found["ColumnStatisticsList"] == [statistics("id")]
    of_table = glue.get_column_statistics_for_table(**partitioned, ColumnNames=["id"])
    assert of_table["ColumnStatisticsList"] == []
    glue.delete_partition(**partitioned, PartitionValues=["Chile", "2020"])
    glue.create_partition(**partitioned, PartitionInput={"Values": ["Chile", "2020"]})
    assert glue.get_column_statistics_for_partition(**where, ColumnNames=["id"])["ColumnStatisticsList"] == []
    with refused("EntityNotFoundException"):
        glue.delete_column_statistics_for_partition(**where, ColumnName="id")
    glue.update_column_statistics_for_partition(**where, ColumnStatisticsList=[statistics("id")])
    glue.delete_column_statistics_for_partition(**where, ColumnName="id")
    assert glue.get_column_statistics_for_partition(**where, ColumnNames=["id"])["ColumnStatisticsList"] == []
