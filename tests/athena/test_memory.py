"""Queries that need more memory than they may take: they go on by way of the disk, or fail and say why."""

import contextlib
import pathlib
import threading
import time

import pytest


def rows(thousands):
    """So many thousand rows of 2 kB."""
    return f"""SELECT to_hex(sha256(to_utf8(cast(a * 1000 + b AS varchar)))) AS h, lpad('', 2000, 'x') AS p
        FROM UNNEST(sequence(1, {thousands})) s (a) CROSS JOIN UNNEST(sequence(0, 999)) t (b)"""


@pytest.fixture
def limited(start, tmp_path, monkeypatch, queries):
    """Starts a Welkin whose queries may take so much memory; gives it, its queries and its temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))

    @contextlib.contextmanager
    def run(memory):
        with start("--data", str(tmp_path / "data"), "--query-memory", memory) as welkin:
            account = welkin.account()
            welkin.client("s3", account).create_bucket(Bucket=f"lake-{account}")
            sql = queries(welkin.client("athena", account), f"s3://lake-{account}/results/")
            sql.run("SELECT 1")
            yield welkin, sql, folder

    return run


def peak(process):
    """The most memory that a process has had, in MB."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024


def on_disk(folder):
    """Bytes of the files in a folder that may change meanwhile."""
    held = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            held += path.stat().st_size if path.is_file() else 0
    return held


@contextlib.contextmanager
def watched(folder):
    """The most bytes that a folder has while this runs: a list with one number."""
    done, most = threading.Event(), [0]

    def look():
        while not done.is_set():
            most[0] = max(most[0], on_disk(folder))
            time.sleep(0.05)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def test_what_does_not_fit_into_memory_is_put_on_disk(limited):
    with limited("256MB") as (welkin, sql, folder):
        before = peak(welkin.process)
        with watched(folder) as most:
            grouped = f"SELECT count(*), sum(length(p)) FROM (SELECT h, max(p) AS p FROM ({rows(600)}) GROUP BY h)"
            assert sql.rows(grouped) == [("600000", "1200000000")]
        assert most[0] > 500 << 20, "the disk was used"
        assert peak(welkin.process) - before < 1000, "what is grouped has 1,240 MB"
        assert on_disk(folder) == 0, "nothing is left on disk"


def test_rows_are_sorted_by_way_of_the_disk(limited):
    with limited("192MB") as (_, sql, folder):
        with watched(folder) as most:
            ranked = f"SELECT h, length(p) FROM (SELECT h, p, row_number() OVER (ORDER BY h) AS r FROM ({rows(150)})) WHERE r > 149995"
            found = sql.rows(ranked)
        assert len(found) == 5 and found == sorted(found) and {length for _, length in found} == {"2000"}
        assert most[0] > 100 << 20


@pytest.mark.parametrize(
    "query",
    [
        "SELECT cardinality(array_agg(p ORDER BY h)) FROM ({rows})",
        "SELECT count(*), sum(length(a.p)) FROM ({rows}) a JOIN ({rows}) b ON a.h = b.h",
    ],
)
def test_what_cannot_be_put_on_disk_fails(limited, query):
    with limited("48MB") as (_, sql, _):
        failed = sql.wait(sql.start(query.format(rows=rows(100))))["Status"]
        assert failed["State"] == "FAILED"
        assert failed["StateChangeReason"].startswith("Query exhausted resources at this scale factor"), failed
        assert failed["AthenaError"]["ErrorCategory"] == 2, "a user's error"
        assert sql.rows("SELECT 1 + 1") == [("2",)], "the next query has the memory again"
