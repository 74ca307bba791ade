"""Queries that need more memory than they may take: they go on by way of the disk, or fail and say why."""

import pathlib
import threading
import time

import pytest

# 100,000 rows of 2 kB, in an order that has nothing to do with theirs.
ROWS = """SELECT to_hex(sha256(to_utf8(cast(a * 1000 + b AS varchar)))) AS h, lpad('', 2000, 'x') AS p
    FROM UNNEST(sequence(0, 99)) s (a) CROSS JOIN UNNEST(sequence(0, 999)) t (b)"""


@pytest.fixture
def small(start, tmp_path, monkeypatch, queries):
    """A Welkin whose queries may take 48 MB, with the folder of its temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    with start("--data", str(tmp_path / "data"), "--query-memory", "48MB") as welkin:
        account = welkin.account()
        welkin.client("s3", account).create_bucket(Bucket=f"lake-{account}")
        sql = queries(welkin.client("athena", account), f"s3://lake-{account}/results/")
        yield welkin, sql, folder


def peak(process):
    """The most memory that a process has had, in MB."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024


def test_what_does_not_fit_into_memory_is_put_on_disk(small):
    welkin, sql, folder = small
    sql.run("SELECT 1")
    before, done, most = peak(welkin.process), threading.Event(), [0]

    def look():
        while not done.is_set():
            held = 0
            for path in folder.rglob("*"):
                try:
                    held += path.stat().st_size if path.is_file() else 0
                except FileNotFoundError:
                    pass
            most[0] = max(most[0], held)
            time.sleep(0.02)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        ranked = f"SELECT h, length(p) AS n FROM (SELECT h, p, row_number() OVER (ORDER BY h) AS r FROM ({ROWS})) WHERE r > 99995"
        rows = sql.rows(ranked)
    finally:
        done.set()
        watcher.join()
    assert len(rows) == 5 and [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert {row[1] for row in rows} == {"2000"}
    assert most[0] > 50 << 20, "the disk was used"
    assert peak(welkin.process) - before < 180, "what is sorted has 200 MB"
    assert not [path for path in folder.rglob("*") if path.is_file()], "nothing is left on disk"


def test_what_cannot_be_put_on_disk_fails(small):
    _, sql, _ = small
    failed = sql.wait(sql.start(f"SELECT cardinality(array_agg(p ORDER BY h)) FROM ({ROWS})"))
    assert failed["Status"]["State"] == "FAILED"
    assert failed["Status"]["StateChangeReason"].startswith("Query exhausted resources at this scale factor")
    assert sql.rows("SELECT 1 + 1") == [("2",)], "the next query has the memory again"
