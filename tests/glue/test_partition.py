"""Partitions: their operations, and the expressions that choose them."""

import pytest

from listing import pages

ROWS = [("Chile", "2019"), ("Chile", "2020"), ("Peru", "2020"), ("Peru", "999"), ("São Tomé", "2021")]


def values(partitions):
    return [tuple(partition["Values"]) for partition in partitions]


@pytest.fixture
def filled(glue, partitioned):
    """The table p with partitions."""
    inputs = [{"Values": list(row)} for row in ROWS]
    assert glue.batch_create_partition(**partitioned, PartitionInputList=inputs)["Errors"] == []
    return partitioned


def test_a_partition_is_created_shown_changed_and_deleted(glue, partitioned, account, refused):
    descriptor = {"Columns": [{"Name": "id", "Type": "int"}], "Location": "s3://b/p/1/", "Compressed": False, "NumberOfBuckets": 0, "StoredAsSubDirectories": False}
    definition = {"Values": ["Chile", "2020"], "StorageDescriptor": descriptor, "Parameters": {"a": "b"}}
    glue.create_partition(**partitioned, PartitionInput=definition)
    shown = glue.get_partition(**partitioned, PartitionValues=["Chile", "2020"])["Partition"]
    assert {key: shown[key] for key in definition} == definition
    assert (shown["DatabaseName"], shown["TableName"], shown["CatalogId"]) == ("db", "p", account)
    with refused("AlreadyExistsException", message="Partition already exists."):
        glue.create_partition(**partitioned, PartitionInput=definition)
    where = {**partitioned, "PartitionValueList": ["Chile", "2020"]}
    glue.update_partition(**where, PartitionInput={"Values": ["Chile", "2020"], "Parameters": {"c": "d"}})
    changed = glue.get_partition(**partitioned, PartitionValues=["Chile", "2020"])["Partition"]
    assert changed["Parameters"] == {"c": "d"} and "StorageDescriptor" not in changed
    assert changed["CreationTime"] == shown["CreationTime"]
    with refused("InvalidInputException"):
        glue.update_partition(**where, PartitionInput={"Values": ["Peru", "2020"]})
    glue.delete_partition(**partitioned, PartitionValues=["Chile", "2020"])
    with refused("EntityNotFoundException", message="Cannot find partition."):
        glue.get_partition(**partitioned, PartitionValues=["Chile", "2020"])
    with refused("EntityNotFoundException"):
        glue.delete_partition(**partitioned, PartitionValues=["Chile", "2020"])
    with refused("EntityNotFoundException"):
        glue.update_partition(**where, PartitionInput={})


def test_values_are_as_many_as_keys(glue, partitioned, table, refused):
    for wrong in (["Chile"], ["Chile", "2020", "1"], []):
        with refused("InvalidInputException", message="number of partition keys do not match"):
            glue.create_partition(**partitioned, PartitionInput={"Values": wrong})
    with refused("InvalidInputException"):
        glue.create_partition(**partitioned, PartitionInput={})
    with refused("InvalidInputException"):
        glue.get_partition(**partitioned, PartitionValues=["Chile"])
    with refused("InvalidInputException"):
        glue.create_partition(DatabaseName="db", TableName="t", PartitionInput={"Values": []})
    with refused("EntityNotFoundException", message="Table none not found."):
        glue.create_partition(DatabaseName="db", TableName="none", PartitionInput={"Values": ["1"]})


def test_batches_tell_what_they_refuse_and_do_the_rest(glue, filled):
    inputs = [{"Values": ["Chile", "2020"]}, {"Values": ["Fiji", "2020"]}, {"Values": ["Fiji"]}]
    errors = glue.batch_create_partition(**filled, PartitionInputList=inputs)["Errors"]
    told = [(tuple(error["PartitionValues"]), error["ErrorDetail"]["ErrorCode"]) for error in errors]
    assert told == [(("Chile", "2020"), "AlreadyExistsException"), (("Fiji",), "InvalidInputException")]
    entries = [
        {"PartitionValueList": ["Fiji", "2020"], "PartitionInput": {"Parameters": {"x": "y"}}},
        {"PartitionValueList": ["Cuba", "2020"], "PartitionInput": {}},
    ]
    errors = glue.batch_update_partition(**filled, Entries=entries)["Errors"]
    assert [(error["PartitionValueList"], error["ErrorDetail"]["ErrorCode"]) for error in errors] == [
        (["Cuba", "2020"], "EntityNotFoundException")
    ]
    wanted = [{"Values": ["Fiji", "2020"]}, {"Values": ["Cuba", "2020"]}, {"Values": ["Peru", "999"]}]
    got = glue.batch_get_partition(**filled, PartitionsToGet=wanted)
    assert values(got["Partitions"]) == [("Fiji", "2020"), ("Peru", "999")] and got["UnprocessedKeys"] == []
    assert got["Partitions"][0]["Parameters"] == {"x": "y"}
    gone = [{"Values": ["Fiji", "2020"]}, {"Values": ["Cuba", "2020"]}]
    errors = glue.batch_delete_partition(**filled, PartitionsToDelete=gone)["Errors"]
    assert [(error["PartitionValues"], error["ErrorDetail"]["ErrorCode"]) for error in errors] == [
        (["Cuba", "2020"], "EntityNotFoundException")
    ]
    assert values(glue.get_partitions(**filled)["Partitions"]) == sorted(ROWS)


def test_batches_have_their_limits(glue, partitioned, refused):
    with refused("ValidationException"):
        glue.batch_create_partition(**partitioned, PartitionInputList=[{"Values": ["a", f"{n}"]} for n in range(101)])
    with refused("ValidationException"):
        glue.batch_delete_partition(**partitioned, PartitionsToDelete=[{"Values": ["a", "1"]}] * 26)


def test_partitions_are_listed_in_pages(glue, filled, refused):
    found = pages(glue.get_partitions, "Partitions", **filled, MaxResults=2)
    assert [len(page) for page in found] == [2, 2, 1]
    assert values(sum(found, [])) == sorted(ROWS)
    found = pages(glue.get_partitions, "Partitions", **filled, MaxResults=1, Expression="year = 2020")
    assert values(sum(found, [])) == [("Chile", "2020"), ("Peru", "2020")]
    with refused("InvalidInputException"):
        glue.get_partitions(**filled, NextToken="!")


def test_segments_are_everything_together(glue, partitioned):
    rows = [("c", f"{number}") for number in range(60)]
    glue.batch_create_partition(**partitioned, PartitionInputList=[{"Values": list(row)} for row in rows])
    segments = [
        values(glue.get_partitions(**partitioned, Segment={"SegmentNumber": number, "TotalSegments": 3})["Partitions"])
        for number in range(3)
    ]
    assert sorted(sum(segments, [])) == sorted(rows) and all(segments)


def test_a_segment_is_one_of_its_total(glue, partitioned, refused):
    with refused("InvalidInputException"):
        glue.get_partitions(**partitioned, Segment={"SegmentNumber": 3, "TotalSegments": 3})
    with refused("ValidationException"):
        glue.get_partitions(**partitioned, Segment={"SegmentNumber": 0, "TotalSegments": 11})


def test_columns_can_be_left_out(glue, partitioned):
    descriptor = {"Columns": [{"Name": "id", "Type": "int"}], "Location": "s3://b/1/"}
    glue.create_partition(**partitioned, PartitionInput={"Values": ["a", "1"], "StorageDescriptor": descriptor})
    shown = glue.get_partitions(**partitioned, ExcludeColumnSchema=True)["Partitions"][0]["StorageDescriptor"]
    assert "Columns" not in shown and shown["Location"] == "s3://b/1/"
    shown = glue.get_partitions(**partitioned)["Partitions"][0]["StorageDescriptor"]
    assert shown["Columns"] == descriptor["Columns"]


ALL = sorted(ROWS)


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("", ALL),
        ("country = 'Chile'", [("Chile", "2019"), ("Chile", "2020")]),
        ("COUNTRY = 'Chile' AND Year = 2020", [("Chile", "2020")]),
        ("country = 'chile'", []),
        ("country <> 'Chile' and year <> 2020", [("Peru", "999"), ("São Tomé", "2021")]),
        ("country != 'Chile' and year != 2020", [("Peru", "999"), ("São Tomé", "2021")]),
        ("year > 999", [row for row in ALL if row[1] != "999"]),
        ("year >= 999 and year < 2020", [("Chile", "2019"), ("Peru", "999")]),
        ("year <= 999", [("Peru", "999")]),
        ("year = '2019'", [("Chile", "2019")]),
        ("year > -1", ALL),
        ("2020 < year", [("São Tomé", "2021")]),
        ("year in (999, 2021)", [("Peru", "999"), ("São Tomé", "2021")]),
        ("year not in (999, 2021)", [row for row in ALL if row[1] not in ("999", "2021")]),
        ("country in ('Chile', 'Fiji')", [("Chile", "2019"), ("Chile", "2020")]),
        ("year between 2019 and 2020", [("Chile", "2019"), ("Chile", "2020"), ("Peru", "2020")]),
        ("year not between 1000 and 2020", [("Peru", "999"), ("São Tomé", "2021")]),
        ("country like 'P%'", [("Peru", "2020"), ("Peru", "999")]),
        ("country like '%i_e'", [("Chile", "2019"), ("Chile", "2020")]),
        ("country not like '%e%'", [("São Tomé", "2021")]),
        ("country like 'São%'", [("São Tomé", "2021")]),
        ("not (country = 'Chile' or country = 'Peru')", [("São Tomé", "2021")]),
        ("country = 'Peru' or country = 'Chile' and year = 2019", [("Chile", "2019"), ("Peru", "2020"), ("Peru", "999")]),
        ("(country = 'Peru' or country = 'Chile') and year = 2020", [("Chile", "2020"), ("Peru", "2020")]),
        ("((year = 2021))", [("São Tomé", "2021")]),
        ("country is null", []),
        ("country is not null and year = 999", [("Peru", "999")]),
        ("`year` = 999", [("Peru", "999")]),
        ('"country" = \'Peru\' and "year" = 999', [("Peru", "999")]),
        ("country = 'O''Higgins'", []),
        ("country > 'Chile' and country < 'Q'", [("Peru", "2020"), ("Peru", "999")]),
    ],
)
def test_an_expression_chooses_partitions(glue, filled, expression, expected):
    assert values(glue.get_partitions(**filled, Expression=expression)["Partitions"]) == expected


@pytest.mark.parametrize(
    "expression, message",
    [
        ("country", ""),
        ("country = ", ""),
        ("country = 'Chile", ""),
        ("country = 'Chile' and", ""),
        ("(year = 2020", ""),
        ("year = 2020)", ""),
        ("year in ()", ""),
        ("town = 'x'", "town"),
        ("upper(country) = 'CHILE'", "upper"),
        ("year = 'x'", 'For input string: "x" is not an integer.'),
        ("year = '__HIVE_DEFAULT_PARTITION__'", 'For input string: "__HIVE_D" is not an integer.'),
        ("year = 2020 - 1", "Unsupported expression '2020 - 1'"),
        ("select * from p", ""),
    ],
)
def test_an_expression_that_is_none_is_refused(glue, filled, refused, expression, message):
    with refused("InvalidInputException", message=message):
        glue.get_partitions(**filled, Expression=expression)


@pytest.mark.parametrize(
    "kind, stored, expression, expected",
    [
        ("date", ["2020-01-31", "2020-02-01", "2021-01-01"], "k >= '2020-02-01'", ["2020-02-01", "2021-01-01"]),
        ("date", ["2020-01-31", "2020-02-01"], "k between '2020-01-01' and '2020-01-31'", ["2020-01-31"]),
        ("timestamp", ["2020-01-01 00:00:00", "2020-01-01 12:00:00"], "k > '2020-01-01 00:00:00'", ["2020-01-01 12:00:00"]),
        ("timestamp", ["2020-01-01 00:00:00.0", "2020-01-02 00:00:00"], "k = '2020-01-01 00:00:00'", ["2020-01-01 00:00:00.0"]),
        ("decimal(10,2)", ["10.50", "9.75", "-1.00"], "k > 9.8", ["10.50"]),
        ("decimal(10,2)", ["10.50", "9.75", "-1.00"], "k < 0", ["-1.00"]),
        ("bigint", ["9000000000", "10"], "k > 9", ["10", "9000000000"]),
        ("long", ["100", "20"], "k > 99", ["100"]),
        ("tinyint", ["9", "10"], "k < 10", ["9"]),
        ("smallint", ["9", "10"], "k in (10)", ["10"]),
        ("int", ["007", "8"], "k = 7", ["007"]),
        ("char(2)", ["aa", "b"], "k = 'aa'", ["aa"]),
        ("varchar(9)", ["10", "9"], "k > '1'", ["10", "9"]),
        ("string", ["10", "9"], "k < '9'", ["10"]),
        ("string", ["2020", "2021"], "k = 2020", ["2020"]),
        ("string", ["__HIVE_DEFAULT_PARTITION__", "a"], "k <> '__HIVE_DEFAULT_PARTITION__'", ["a"]),
    ],
)
def test_comparisons_are_by_the_type_of_the_key(glue, new_table, kind, stored, expression, expected):
    new_table("typed", keys=(f"k {kind}",))
    where = {"DatabaseName": "db", "TableName": "typed"}
    glue.batch_create_partition(**where, PartitionInputList=[{"Values": [value]} for value in stored])
    found = glue.get_partitions(**where, Expression=expression)["Partitions"]
    assert [value for (value,) in values(found)] == expected


@pytest.mark.parametrize("kind", ["double", "float", "boolean", "binary"])
def test_keys_of_other_types_cannot_be_asked_for(glue, new_table, refused, kind):
    new_table("typed", keys=("a int", f"k {kind}"))
    with refused("InvalidInputException", message=kind):
        glue.get_partitions(DatabaseName="db", TableName="typed", Expression="a = 1")


def test_a_stored_value_of_another_type_is_told(glue, partitioned, refused):
    glue.create_partition(**partitioned, PartitionInput={"Values": ["Chile", "null"]})
    with refused("InvalidStateException", message='For input string: "null" is not an integer.'):
        glue.get_partitions(**partitioned, Expression="year >= 0")
    assert values(glue.get_partitions(**partitioned, Expression="country = 'Chile'")["Partitions"])


def test_dates_without_quotes_are_arithmetic(glue, new_table, refused):
    new_table("typed", keys=("k date",))
    with refused("InvalidInputException", message="Unsupported expression '2021 - 01 - 01'"):
        glue.get_partitions(DatabaseName="db", TableName="typed", Expression="k = 2021-01-01")


def test_times_and_transactions_are_refused_by_name(glue, filled, refused):
    with refused("NotImplemented", 501, message="QueryAsOfTime"):
        glue.get_partitions(**filled, QueryAsOfTime=0)
    with refused("NotImplemented", 501, message="TransactionId"):
        glue.get_partitions(**filled, TransactionId="x")
