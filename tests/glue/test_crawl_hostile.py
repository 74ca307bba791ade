"""Data that crawlers must not stumble over, and crashes."""

import gzip
import io
import signal
import time

import pyarrow
import pyarrow.parquet
import pytest

from crawling import Lake, columns


def parquet(rows=10):
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"a": list(range(rows))}), file)
    return file.getvalue()


@pytest.mark.parametrize(
    "body",
    [
        parquet()[:-20],
        parquet()[:4] + b"\xff" * 100 + b"\xff\xff\xff\x7fPAR1",
        b"PAR1",
        b"ORC",
        b"ORC" + bytes(100) + b"\xff",
        b"Obj\x01",
        b"Obj\x01" + b"\xff" * 1000,
        gzip.compress(b'{"a": 1}' * 1000)[:40],
        b"PK\x03\x04",
        b"\x00",
        bytes(range(256)),
        b"BZh9",
        b"\xff\x06\x00\x00sNaPpY",
        b"[" * 100_000,
        b'{"a":' * 10_000,
        b"\n\n\n",
        b",",
    ],
)
def test_a_file_that_is_damaged_is_unknown_and_the_run_goes_on(lake, body):
    tables = lake.crawl({"data/bad/file": body, "data/good/a.json": '{"a": 1}'})
    assert columns(tables["good"]) == "a int"
    assert tables["bad"]["StorageDescriptor"]["Columns"] == []


def test_empty_files_are_nothing(lake):
    assert lake.crawl({"data/empty.json": "", "data/folder/": "", "data/_SUCCESS": ""}) == {}


def test_a_line_of_a_hundred_megabytes_is_not_read_to_its_end(lake):
    line = b'{"a": "' + b"x" * (100 << 20) + b'"}'
    tables = lake.crawl({"data/json/a.json": line, "data/text/a.txt": b"x" * (20 << 20)})
    assert columns(tables["json"]) == "a string"
    assert tables["text"]["Parameters"]["classification"] == "UNKNOWN"


def test_a_file_that_is_longer_than_what_is_read_of_it_is_told_by_its_beginning(lake):
    lines = b"".join(b'{"n": %d, "text": "some more text"}\n' % n for n in range(100_000))
    [table] = lake.crawl({"data/a.json": lines, "data/b.json.gz": gzip.compress(lines)}, path="data/a.json").values()
    assert columns(table) == "n int, text string"
    assert abs(int(table["Parameters"]["recordCount"]) - 100_000) < 10_000


def test_formats_that_are_mixed_in_a_folder_are_tables_of_their_own(lake):
    files = {"data/a.json": '{"a": 1}', "data/b.csv": "a,b\n1,2\n3,4\n", "data/c.parquet": parquet()}
    tables = lake.crawl(files)
    found = {name: table["Parameters"]["classification"] for name, table in tables.items()}
    assert found == {"a_json": "json", "b_csv": "csv", "c_parquet": "parquet"}


def test_folders_may_be_deep(lake):
    tables = lake.crawl({"data/" + "d/" * 100 + "a.json": '{"a": 1}'})
    assert tables.keys() == {"data"} and len(tables["data"]["PartitionKeys"]) == 100


def test_thousands_of_partitions_are_written(lake):
    lake.put({f"data/p={n:04}/a.json": '{"a": 1}' for n in range(450)})
    lake.crawler()
    assert lake.run() == {"TABLE": {"ADD": 1}, "PARTITION": {"ADD": 450}}
    assert len(lake.partitions("data")) == 450
    assert lake.run() == {}


@pytest.mark.parametrize("pause", [0, 0.05, 0.2])
def test_a_run_goes_on_after_a_crash(start, tmp_path, pause):
    data = str(tmp_path / "data")
    with start("--data", data) as welkin:
        account = welkin.account()
        lake = Lake(welkin, account)
        lake.put({f"data/t{n}/p={m}/a.json": '{"c%d": 1}' % n for n in range(5) for m in range(10)})
        lake.crawler()
        lake.glue.start_crawler(Name="c")
        time.sleep(pause)
        welkin.process.send_signal(signal.SIGKILL)
        welkin.process.wait(30)
    with start("--data", data) as welkin:
        lake.glue, lake.s3 = welkin.client("glue", account), welkin.client("s3", account)
        last = lake.wait()["LastCrawl"]
        assert last["Status"] == "SUCCEEDED", last
        # Each was written once, and counted once.
        assert lake.summary() == {"TABLE": {"ADD": 5}, "PARTITION": {"ADD": 50}}
        assert {name: len(lake.partitions(name)) for name in lake.tables()} == {f"t{n}": 10 for n in range(5)}
        assert lake.run() == {}
