"""Rows and tables of Iceberg that are changed: what Athena leaves is held against PyIceberg."""

import pytest


@pytest.fixture
def pets(sql, lake, bucket):
    """A table of pets by kind, with three rows."""
    sql.run(
        f"""CREATE TABLE pets (id bigint, kind string, age int) PARTITIONED BY (kind)
        LOCATION 's3://{bucket}/pets/' TBLPROPERTIES ('table_type'='ICEBERG')""",
        **lake,
    )
    sql.run("INSERT INTO pets VALUES (1, 'cat', 3), (2, 'dog', 5), (3, 'cat', 7)", **lake)


def oracle(iceberg, name="pets"):
    """The rows as PyIceberg reads them."""
    return sorted(tuple(row.values()) for row in iceberg.load_table(f"lake.{name}").scan().to_arrow().to_pylist())


def count(sql, statement, options):
    """How many rows a statement changes."""
    execution = sql.run(statement, **options)
    return sql.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["UpdateCount"]


def test_rows_are_deleted(pets, sql, iceberg, lake):
    assert count(sql, "DELETE FROM pets WHERE age > 4 AND kind = 'cat'", lake) == 1
    assert sql.rows("SELECT id FROM pets ORDER BY id", **lake) == [("1",), ("2",)]
    assert oracle(iceberg) == [(1, "cat", 3), (2, "dog", 5)]
    summary = iceberg.load_table("lake.pets").current_snapshot().summary
    assert summary.additional_properties["added-position-deletes"] == "1"
    assert count(sql, "DELETE FROM pets WHERE id = 77", lake) == 0
    assert count(sql, "DELETE FROM pets", lake) == 2
    assert oracle(iceberg) == []


def test_rows_are_updated(pets, sql, iceberg, lake):
    assert count(sql, "UPDATE pets SET age = age + 1, kind = upper(kind) WHERE id < 3", lake) == 2
    expected = [(1, "CAT", 4), (2, "DOG", 6), (3, "cat", 7)]
    assert oracle(iceberg) == expected
    assert sql.rows("SELECT * FROM pets ORDER BY id", **lake) == [tuple(map(str, row)) for row in expected]
    assert sql.fails("UPDATE pets SET age = 'x'", **lake).startswith("TYPE_MISMATCH")
    assert sql.fails("UPDATE pets SET none = 1", **lake).startswith("COLUMN_NOT_FOUND")
    assert oracle(iceberg) == expected


def test_rows_are_merged(pets, sql, iceberg, lake):
    merge = """MERGE INTO pets AS t USING (VALUES (1, 'cat', 30), (2, 'dog', 0), (9, 'emu', 2), (10, 'ant', 0)) AS s(id, kind, age)
        ON t.id = s.id
        WHEN MATCHED AND s.age = 0 THEN DELETE
        WHEN MATCHED THEN UPDATE SET age = s.age
        WHEN NOT MATCHED AND s.age > 0 THEN INSERT (id, kind, age) VALUES (s.id, s.kind, s.age)"""
    assert count(sql, merge, lake) == 3
    assert oracle(iceberg) == [(1, "cat", 30), (3, "cat", 7), (9, "emu", 2)]
    assert sql.rows("SELECT sum(age) FROM pets", **lake) == [("39",)]
    twice = "MERGE INTO pets USING (VALUES 1, 1) AS s(x) ON id = x WHEN MATCHED THEN DELETE"
    assert sql.fails(twice, **lake).startswith("MERGE_TARGET_ROW_MULTIPLE_MATCHES")
    assert len(oracle(iceberg)) == 3


def test_a_table_is_read_as_it_was(pets, sql, welkin, lake):
    [(first,)] = sql.rows('SELECT snapshot_id FROM "pets$snapshots"', **lake)
    [(before,)] = sql.rows("SELECT CAST(now() AS varchar)", **lake)
    welkin.advance("1h")
    sql.run("DELETE FROM pets WHERE id = 1", **lake)
    assert sql.rows("SELECT count(*) FROM pets", **lake) == [("2",)]
    assert sql.rows(f"SELECT count(*) FROM pets FOR VERSION AS OF {first}", **lake) == [("3",)]
    assert sql.rows(f"SELECT count(*) FROM pets FOR TIMESTAMP AS OF TIMESTAMP '{before}' p", **lake) == [("3",)]
    assert sql.rows("SELECT count(*) FROM pets FOR TIMESTAMP AS OF (current_timestamp - interval '1' minute)", **lake) == [("3",)]
    assert "No version history table" in sql.fails("SELECT * FROM pets FOR TIMESTAMP AS OF TIMESTAMP '2000-01-01 00:00:00 UTC'", **lake)
    assert sql.fails("SELECT * FROM pets FOR VERSION AS OF 7", **lake).startswith("INVALID_ARGUMENTS")


def test_metadata_are_tables(pets, sql, lake):
    sql.run("DELETE FROM pets WHERE id = 1", **lake)
    assert sql.rows('SELECT operation, summary[\'total-records\'] FROM "pets$snapshots" ORDER BY committed_at, 1', **lake) == [
        ("append", "3"), ("delete", "3"),
    ]
    assert sql.rows('SELECT count(*), count(parent_id), bool_and(is_current_ancestor) FROM "pets$history"', **lake) == [
        ("2", "1", "true")
    ]
    assert sql.rows('SELECT content, sum(record_count), count(*) FROM "pets$files" GROUP BY 1 ORDER BY 1', **lake) == [
        ("0", "3", "2"), ("1", "1", "1"),
    ]
    assert sql.rows('SELECT partition.kind, record_count, file_count FROM "pets$partitions" ORDER BY 1', **lake) == [
        ("cat", "2", "1"), ("dog", "1", "1"),
    ]
    assert sql.rows('SELECT added_data_files_count, partition_summaries[1].upper_bound FROM "pets$manifests" ORDER BY 1', **lake) == [
        ("1", "cat"), ("2", "dog"),
    ]
    assert sql.rows('SELECT name, type FROM "pets$refs"', **lake) == [("main", "BRANCH")]
    assert "TABLE_NOT_FOUND" in sql.fails('SELECT * FROM "pets$none"', **lake)


def test_a_table_gets_another_name_and_database(pets, sql, iceberg, glue, lake):
    before = glue.get_table(DatabaseName="lake", Name="pets")["Table"]["Parameters"]["metadata_location"]
    sql.run("CREATE DATABASE zoo", **lake)
    sql.run("ALTER TABLE pets RENAME TO zoo.animals", **lake)
    assert glue.get_table(DatabaseName="zoo", Name="animals")["Table"]["Parameters"]["metadata_location"] == before
    assert [table["Name"] for table in glue.get_tables(DatabaseName="lake")["TableList"]] == []
    sql.run("INSERT INTO zoo.animals VALUES (9, 'owl', 1)", **lake)
    assert sql.rows("SELECT count(*) FROM zoo.animals", **lake) == [("4",)]
    assert len(iceberg.load_table("zoo.animals").scan().to_arrow()) == 4
    sql.run("CREATE TABLE taken WITH (format = 'PARQUET') AS SELECT 1 a", **lake)
    assert "Table taken already exists" in sql.fails("ALTER TABLE zoo.animals RENAME TO lake.taken", **lake)
    assert "not supported" in sql.fails("ALTER TABLE taken RENAME TO other", **lake)
    assert sql.rows("SELECT a FROM taken", **lake) == [("1",)]


def test_columns_and_properties_are_changed(pets, sql, iceberg, glue, lake):
    sql.run("ALTER TABLE pets ADD COLUMNS (name string COMMENT 'call', tags array<string>)", **lake)
    sql.run("ALTER TABLE pets CHANGE COLUMN age years bigint", **lake)
    sql.run("ALTER TABLE pets DROP COLUMN tags", **lake)
    sql.run("INSERT INTO pets VALUES (4, 'fox', 5000000000, 'x')", **lake)
    assert oracle(iceberg)[-1] == (4, "fox", 5_000_000_000, "x")
    assert sql.rows("SELECT years, name FROM pets WHERE id IN (1, 4) ORDER BY id", **lake) == [("3", None), ("5000000000", "x")]
    columns = glue.get_table(DatabaseName="lake", Name="pets")["Table"]["StorageDescriptor"]["Columns"]
    assert [(it["Name"], it["Type"]) for it in columns] == [
        ("id", "bigint"), ("kind", "string"), ("years", "bigint"), ("name", "string"),
    ]
    assert "Cannot change column type" in sql.fails("ALTER TABLE pets CHANGE COLUMN years years int", **lake)
    assert "Cannot drop partition field" in sql.fails("ALTER TABLE pets DROP COLUMN kind", **lake)
    sql.run("ALTER TABLE pets SET TBLPROPERTIES ('vacuum_max_snapshot_age_seconds'='60')", **lake)
    assert iceberg.load_table("lake.pets").properties["history.expire.max-snapshot-age-ms"] == "60000"
    sql.run("ALTER TABLE pets UNSET TBLPROPERTIES ('vacuum_max_snapshot_age_seconds')", **lake)
    assert "history.expire.max-snapshot-age-ms" not in iceberg.load_table("lake.pets").properties
    for wrong in ("'compression_level'='23'", "'write_target_data_file_size_bytes'='0'", "'nothing'='1'"):
        assert sql.fails(f"ALTER TABLE pets SET TBLPROPERTIES ({wrong})", **lake).startswith("INVALID_TABLE_PROPERTY")


def test_small_files_are_put_together_and_old_ones_go(pets, sql, iceberg, s3, bucket, welkin, lake):
    def keys(folder):
        return {it["Key"] for it in s3.list_objects_v2(Bucket=bucket, Prefix=f"pets/{folder}/").get("Contents", [])}

    sql.run("INSERT INTO pets VALUES (4, 'cat', 1)", **lake)
    sql.run("DELETE FROM pets WHERE id = 1", **lake)
    before = oracle(iceberg)
    sql.run("OPTIMIZE pets REWRITE DATA USING BIN_PACK", **lake)
    assert sql.rows('SELECT content, count(*) FROM "pets$files" GROUP BY 1 ORDER BY 1', **lake) == [("0", "3"), ("1", "1")]
    sql.run("ALTER TABLE pets SET TBLPROPERTIES ('optimize_rewrite_data_file_threshold'='2')", **lake)
    sql.run("OPTIMIZE pets REWRITE DATA USING BIN_PACK WHERE kind = 'cat'", **lake)
    assert oracle(iceberg) == before == [(2, "dog", 5), (3, "cat", 7), (4, "cat", 1)]
    assert sql.rows('SELECT content, count(*) FROM "pets$files" GROUP BY 1', **lake) == [("0", "2")]
    assert sql.rows("SELECT count(*) FROM pets", **lake) == [("3",)]
    everything = keys("data")
    sql.run("VACUUM pets", **lake)
    assert keys("data") == everything
    welkin.advance("6d")
    sql.run("VACUUM pets", **lake)
    assert len(keys("data")) == 2 and oracle(iceberg) == before
    assert sql.rows('SELECT count(*) FROM "pets$snapshots"', **lake) == [("1",)]


def test_files_are_put_together_by_thresholds(pets, sql, iceberg, lake):
    def files():
        return int(sql.rows("""SELECT count(*) FROM "pets$files" WHERE content = 0""", **lake)[0][0])

    for number in range(4, 7):
        sql.run(f"INSERT INTO pets VALUES ({number}, 'cat', 1)", **lake)
    assert files() == 5
    sql.run("OPTIMIZE pets REWRITE DATA USING BIN_PACK", **lake)
    assert files() == 5, "four small files are fewer than five"
    sql.run("INSERT INTO pets VALUES (7, 'cat', 1)", **lake)
    sql.run("OPTIMIZE pets REWRITE DATA USING BIN_PACK", **lake)
    assert files() == 2
    sql.run("DELETE FROM pets WHERE id = 4", **lake)
    sql.run("OPTIMIZE pets REWRITE DATA USING BIN_PACK", **lake)
    assert sql.rows("""SELECT count(*) FROM "pets$files" WHERE content = 1""", **lake) == [("1",)], "one is fewer than two"
    sql.run("ALTER TABLE pets SET TBLPROPERTIES ('optimize_rewrite_delete_file_threshold'='1')", **lake)
    sql.run("OPTIMIZE pets REWRITE DATA USING BIN_PACK", **lake)
    assert sql.rows("""SELECT count(*) FROM "pets$files" WHERE content = 1""", **lake) == [("0",)]
    assert [row[0] for row in oracle(iceberg)] == [1, 2, 3, 5, 6, 7]
    sql.run("ALTER TABLE pets SET TBLPROPERTIES ('optimize_rewrite_min_data_file_size_bytes'='1')", **lake)
    for number in range(8, 14):
        sql.run(f"INSERT INTO pets VALUES ({number}, 'cat', 1)", **lake)
    before = files()
    sql.run("OPTIMIZE pets REWRITE DATA USING BIN_PACK", **lake)
    assert files() == before, "no file is too small"


def test_files_have_the_size_that_a_table_says(sql, iceberg, bucket, lake):
    properties = "'table_type'='ICEBERG', 'write_target_data_file_size_bytes'='20000', 'compression_level'='19'"
    sql.run(f"CREATE TABLE big (id bigint, t string) LOCATION 's3://{bucket}/big/' TBLPROPERTIES ({properties})", **lake)
    rows = "SELECT n, to_hex(sha256(to_utf8(cast(n AS varchar)))) FROM UNNEST(sequence(1, 9000)) s (n)"
    sql.run(f"INSERT INTO big {rows} UNION ALL {rows} UNION ALL {rows}", **lake)
    assert int(sql.rows('SELECT count(*) FROM "big$files"', **lake)[0][0]) > 1
    assert sql.rows("SELECT count(*), count(DISTINCT id) FROM big", **lake) == [("27000", "9000")]
    assert iceberg.load_table("lake.big").scan().to_arrow().num_rows == 27000
    assert "ZSTD" in sql.fails(
        f"""CREATE TABLE wrong (id bigint) LOCATION 's3://{bucket}/wrong/' TBLPROPERTIES
        ('table_type'='ICEBERG', 'write_compression'='GZIP', 'compression_level'='3')""",
        **lake,
    )


def test_a_table_is_told_by_the_statement_that_makes_it(sql, bucket, lake):
    sql.run(
        f"""CREATE TABLE told (id bigint COMMENT 'who', kind string, at timestamp)
        PARTITIONED BY (kind, day(at), bucket(16, id)) LOCATION 's3://{bucket}/told/'
        TBLPROPERTIES ('table_type'='ICEBERG', 'vacuum_max_snapshot_age_seconds'='60', 'write_compression'='gzip')""",
        **lake,
    )
    lines = [row[0] for row in sql.rows("SHOW CREATE TABLE told", **lake)]
    assert [line.rstrip() for line in lines[:5]] == [
        "CREATE TABLE `lake`.`told`(",
        "  `id` bigint COMMENT 'who',",
        "  `kind` string,",
        "  `at` timestamp)",
        "PARTITIONED BY (`kind`, day(`at`), bucket(16, `id`))",
    ]
    sql.run("DROP TABLE told", **lake)
    sql.run("\n".join(lines), **lake)
    assert [row[0] for row in sql.rows("SHOW CREATE TABLE told", **lake)] == lines


def test_a_table_goes_with_its_files(pets, sql, s3, bucket, lake):
    sql.run("DROP TABLE pets", **lake)
    assert s3.list_objects_v2(Bucket=bucket, Prefix="pets/").get("Contents", []) == []
    assert "TABLE_NOT_FOUND" in sql.fails("SELECT * FROM pets", **lake)


def test_only_icebergs_rows_can_be_changed(orders, sql):
    shop = {"QueryExecutionContext": {"Database": "shop"}}
    assert sql.fails("DELETE FROM orders", **shop).startswith("NOT_SUPPORTED: Modifying Hive table rows")
    assert sql.fails("SELECT * FROM orders FOR VERSION AS OF 1", **shop).startswith("NOT_SUPPORTED")
    assert sql.fails("VACUUM orders", **shop).startswith("NOT_SUPPORTED")


def test_files_are_read_and_written_as_the_querys_caller(pets, welkin, account, athena, queries, bucket):
    def user(*statements):
        policy = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["athena:*", "glue:*", "s3:List*", "s3:GetBucketLocation"], "Resource": "*"},
            {"Effect": "Allow", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/results/*"},
            *statements,
        ]}
        return queries(welkin.client("athena", **welkin.user(account, policy)), f"s3://{bucket}/results/")

    context = {"QueryExecutionContext": {"Database": "lake"}}
    files = f"arn:aws:s3:::{bucket}/pets/*"
    assert "Permission denied" in user().fails("SELECT * FROM pets", **context)
    reader = user({"Effect": "Allow", "Action": "s3:GetObject", "Resource": files})
    assert reader.rows("SELECT count(*) FROM pets", **context) == [("3",)]
    assert "Access denied when writing" in reader.fails("INSERT INTO pets VALUES (5, 'x', 1)", **context)
    assert reader.rows("SELECT count(*) FROM pets", **context) == [("3",)]


def test_a_place_among_the_columns_is_refused_by_name(pets, sql, iceberg, refused, lake):
    for place in ("FIRST", "AFTER id"):
        with refused("InvalidRequestException", message="FIRST or AFTER is not supported"):
            sql.start(f"ALTER TABLE pets CHANGE COLUMN age years int {place}", **lake)
    assert [field.name for field in iceberg.load_table("lake.pets").schema().fields] == ["id", "kind", "age"]
