"""A copy-on-write table of Apache Hudi: versions of files, of which the newest that its timeline has counts."""

import io
import json

import pyarrow
import pyarrow.parquet
import pytest

DATABASE = "database_123456789012_hudi_cdc_demo"


class Hudi:
    """Writes a table as Hudi does: a file of a group for each commit, and the instants of the timeline."""

    def __init__(self, s3, bucket):
        self.s3, self.bucket = s3, bucket

    def put(self, key, body):
        self.s3.put_object(Bucket=self.bucket, Key=f"hudi/ticket_activity/{key}", Body=body)

    def file(self, group, instant, rows):
        content = io.BytesIO()
        meta = [
            {
                "_hoodie_commit_time": instant,
                "_hoodie_commit_seqno": f"{instant}_0_{n}",
                "_hoodie_record_key": str(row["ticketactivity_id"]),
                "_hoodie_partition_path": "",
                "_hoodie_file_name": f"{group}_0-1-1_{instant}.parquet",
                **row,
            }
            for n, row in enumerate(rows)
        ]
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(meta), content)
        self.put(f"{group}_0-1-1_{instant}.parquet", content.getvalue())

    def instant(self, time, action="commit", content=None):
        for state in (".requested", ".inflight", ""):
            self.put(f".hoodie/{time}.{action}{state}", json.dumps(content or {}).encode())


@pytest.fixture
def hudi(s3, sql, bucket):
    table = Hudi(s3, bucket)
    table.put(".hoodie/hoodie.properties", b"hoodie.table.type=COPY_ON_WRITE\nhoodie.table.version=6\n")
    sql.run(f"CREATE DATABASE {DATABASE}")
    sql.run(
        f"""CREATE EXTERNAL TABLE {DATABASE}.ticket_activity (
            _hoodie_commit_time string, _hoodie_commit_seqno string, _hoodie_record_key string,
            _hoodie_partition_path string, _hoodie_file_name string,
            ticketactivity_id bigint, sport_type string, ticket_price bigint, updated_at string)
        ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
        STORED AS INPUTFORMAT 'org.apache.hudi.hadoop.HoodieParquetInputFormat'
        OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'
        LOCATION 's3://{bucket}/hudi/ticket_activity/'"""
    )
    return table


def ticket(n, price, updated="2022-01-01"):
    return {"ticketactivity_id": n, "sport_type": "football", "ticket_price": price, "updated_at": updated}


def test_an_upsert_leaves_one_row(hudi, sql):
    """The queries of the published data lake."""
    hudi.file("a-0", "20220101000000000", [ticket(n, 100 + n) for n in range(40, 50)])
    hudi.file("b-0", "20220101000000000", [ticket(n, 100 + n) for n in range(50, 55)])
    hudi.instant("20220101000000000")
    assert len(sql.rows(f'SELECT * FROM "{DATABASE}"."ticket_activity" limit 10;')) == 10
    one = f'SELECT ticket_price, updated_at FROM "{DATABASE}"."ticket_activity" where ticketactivity_id = 46 ;'
    assert sql.rows(one) == [("146", "2022-01-01")]

    updated = [ticket(n, 500 if n == 46 else 100 + n, "2022-01-02" if n == 46 else "2022-01-01") for n in range(40, 50)]
    hudi.file("a-0", "20220102000000000", updated)
    assert sql.rows(one) == [("146", "2022-01-01")], "what is not committed is not seen"
    hudi.instant("20220102000000000")
    assert sql.rows(one) == [("500", "2022-01-02")]
    assert sql.rows(f"SELECT count(*), count(DISTINCT ticketactivity_id) FROM {DATABASE}.ticket_activity") == [("15", "15")]

    hudi.file("a-0", "20220103000000000", [row for row in updated if row["ticketactivity_id"] != 46])
    hudi.instant("20220103000000000")
    assert sql.rows(one) == []


def test_groups_that_were_replaced_are_gone_and_archived_commits_are_not(hudi, sql):
    hudi.file("a-0", "20220101000000000", [ticket(1, 1)])
    hudi.file("b-0", "20220101000000000", [ticket(2, 2)])
    # The first commit is in the archive: the timeline begins after it.
    hudi.file("c-0", "20220105000000000", [ticket(1, 10), ticket(3, 3)])
    hudi.instant("20220105000000000", "replacecommit", {"partitionToReplaceFileIds": {"": ["a-0"]}})
    rows = sql.rows(f"SELECT ticketactivity_id, ticket_price FROM {DATABASE}.ticket_activity ORDER BY 1")
    assert rows == [("1", "10"), ("2", "2"), ("3", "3")]


def test_logs_and_writing_are_refused_by_name(hudi, sql, s3, bucket):
    hudi.file("a-0", "20220101000000000", [ticket(1, 1)])
    hudi.instant("20220101000000000", "deltacommit")
    reason = sql.fails(f"INSERT INTO {DATABASE}.ticket_activity (ticketactivity_id) VALUES (1)")
    assert reason.startswith("NOT_SUPPORTED: ") and "Hudi" in reason
    hudi.put(".a-0_20220101000000000.log.1_0-1-1", b"#HUDI#")
    reason = sql.fails(f"SELECT * FROM {DATABASE}.ticket_activity")
    assert reason.startswith("HIVE_UNSUPPORTED_FORMAT: ") and "logs of Hudi" in reason
    for listed in s3.list_objects_v2(Bucket=bucket, Prefix="hudi/ticket_activity/.hoodie/")["Contents"]:
        s3.delete_object(Bucket=bucket, Key=listed["Key"])
    assert "Hoodie table not found" in sql.fails(f"SELECT * FROM {DATABASE}.ticket_activity")
