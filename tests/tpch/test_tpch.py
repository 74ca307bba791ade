"""TPC-H: the answers of Welkin's SQL engine against DuckDB's, over the same files of Parquet.

The tables are drawn by the generator of bench/tpch at a hundredth of the full scale, and the queries are run by its
example program, as text for Trino. DuckDB takes the same text, but for averages of decimals: Trino's has the digits of
its argument, DuckDB's is a double.
"""

import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from example import example

SCALE = "0.01"
TABLES = ["region", "nation", "supplier", "part", "partsupp", "customer", "orders", "lineitem"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tpch")


@pytest.fixture(scope="module")
def answers(folder):
    command = [*example("welkin-tpch", "tpch"), str(folder), SCALE]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return {answer["query"]: answer for answer in map(json.loads, done.stdout.splitlines())}


@pytest.fixture(scope="module")
def oracle(folder, answers):
    connection = duckdb.connect()
    for table in TABLES:
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{folder}/{table}/data.parquet')")
    return connection


def for_duckdb(sql):
    average = r"CAST(round(CAST(sum(\1) AS decimal(38,2)) / count(\1), 2) AS decimal(15,2))"
    return re.sub(r"avg\((\w+)\)", average, sql)


def same(own, theirs, kind):
    if own is None or theirs is None:
        return own is None and theirs is None
    digits = re.fullmatch(r"decimal\(\d+,(\d+)\)", kind)
    if not digits:
        return own == str(theirs)
    # DuckDB divides decimals as doubles; Trino's quotient is rounded to the digits of its type.
    return abs(Decimal(own) - Decimal(str(theirs))) <= Decimal("0.51").scaleb(-int(digits.group(1)))


def test_the_tables_have_the_rows_of_their_scale(oracle):
    counts = {table: oracle.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}
    lines = counts.pop("lineitem")
    assert counts == {
        "region": 5, "nation": 25, "supplier": 100, "part": 2000, "partsupp": 8000, "customer": 1500, "orders": 15000,
    }
    assert 59_000 < lines < 61_000
    orphans = "SELECT count(*) FROM lineitem LEFT JOIN partsupp ON l_partkey = ps_partkey AND l_suppkey = ps_suppkey"
    assert oracle.execute(f"{orphans} WHERE ps_partkey IS NULL").fetchone()[0] == 0


@pytest.mark.parametrize("number", range(1, 23))
def test_every_answer_is_duckdbs(answers, oracle, number):
    answer = answers[number]
    theirs = oracle.execute(for_duckdb(answer["sql"])).fetchall()
    assert theirs and any(value is not None for value in theirs[0]), "a query without an answer shows nothing"
    assert len(answer["rows"]) == len(theirs)
    kinds = [kind for _, kind in answer["columns"]]
    for own, other in zip(answer["rows"], theirs):
        assert len(own) == len(other)
        assert all(map(same, own, other, kinds)), (own, other, kinds)
