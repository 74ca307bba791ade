"""Iceberg tables with rows that are deleted by their values, as Flink leaves them; the files are PyIceberg's."""

import io

import pyarrow
import pyarrow.parquet
from pyiceberg.manifest import (
    DataFile,
    DataFileContent,
    FileFormat,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestWriterV2,
    write_manifest_list,
)
from pyiceberg.table.snapshots import Operation, Snapshot, Summary
from pyiceberg.table.update import AddSnapshotUpdate, SetSnapshotRefUpdate
from pyiceberg.typedef import Record


class DeleteManifest(ManifestWriterV2):
    """A manifest of delete files, which PyIceberg reads and does not write."""

    def content(self):
        return ManifestContent.DELETES

    @property
    def _meta(self):
        return {**super()._meta, "content": "deletes"}


def delete_by_values(table, name, columns, rows):
    """Commits a snapshot in which the rows with these values of columns are deleted."""
    fields = [table.schema().find_field(column) for column in columns]
    own = {field.name: field for field in table.schema().as_arrow()}
    typed = [own[field.name].with_metadata({"PARQUET:field_id": str(field.field_id)}) for field in fields]
    typed = [pyarrow.field(field.name, field.type, True, field.metadata) for field in typed]
    values = pyarrow.Table.from_pylist([dict(zip(columns, row)) for row in rows], schema=pyarrow.schema(typed))
    body = io.BytesIO()
    pyarrow.parquet.write_table(values, body)
    path = f"{table.location()}/data/{name}.parquet"
    with table.io.new_output(path).create() as out:
        out.write(body.getvalue())
    parent, snapshot = table.current_snapshot(), 4_000_000_000 + len(table.metadata.snapshots)
    sequence = table.metadata.last_sequence_number + 1
    deletes = DataFile.from_args(
        content=DataFileContent.EQUALITY_DELETES,
        file_path=path,
        file_format=FileFormat.PARQUET,
        partition=Record(),
        record_count=len(rows),
        file_size_in_bytes=len(body.getvalue()),
        equality_ids=[field.field_id for field in fields],
    )
    manifest = table.io.new_output(f"{table.location()}/metadata/{name}-m0.avro")
    with DeleteManifest(table.spec(), table.schema(), manifest, snapshot, "deflate") as writer:
        entry = ManifestEntry.from_args(status=ManifestEntryStatus.ADDED, snapshot_id=snapshot, data_file=deletes)
        writer.add_entry(entry)
    listed = f"{table.location()}/metadata/snap-{name}.avro"
    parent_id = parent.snapshot_id
    with write_manifest_list(2, table.io.new_output(listed), snapshot, parent_id, sequence, "deflate") as writer:
        writer.add_manifests([writer_file(manifest, writer, sequence, snapshot, table), *parent.manifests(table.io)])
    made = Snapshot(
        snapshot_id=snapshot,
        parent_snapshot_id=parent_id,
        sequence_number=sequence,
        timestamp_ms=table.metadata.last_updated_ms + 1,
        manifest_list=listed,
        summary=Summary(Operation.DELETE),
        schema_id=table.schema().schema_id,
    )
    branch = SetSnapshotRefUpdate(ref_name="main", type="branch", snapshot_id=snapshot)
    with table.transaction() as transaction:
        transaction._apply((AddSnapshotUpdate(snapshot=made), branch))


def writer_file(manifest, _writer, sequence, snapshot, table):
    """What a list says of the manifest."""
    from pyiceberg.manifest import ManifestFile

    return ManifestFile.from_args(
        manifest_path=manifest.location,
        manifest_length=len(manifest),
        partition_spec_id=table.spec().spec_id,
        content=ManifestContent.DELETES,
        sequence_number=sequence,
        min_sequence_number=sequence,
        added_snapshot_id=snapshot,
        added_files_count=1,
        existing_files_count=0,
        deleted_files_count=0,
        added_rows_count=1,
        existing_rows_count=0,
        deleted_rows_count=0,
    )


def test_rows_are_deleted_by_their_values(sql, iceberg, bucket):
    lake = {"QueryExecutionContext": {"Database": "lake"}}
    sql.run("CREATE DATABASE lake")
    sql.run(
        f"CREATE TABLE t (id bigint, kind string) LOCATION 's3://{bucket}/t/' TBLPROPERTIES ('table_type'='ICEBERG')",
        **lake,
    )
    sql.run("INSERT INTO t VALUES (1, 'cat'), (2, 'dog'), (3, 'cat'), (4, NULL), (5, 'fox')", **lake)
    delete_by_values(iceberg.load_table("lake.t"), "one", ["id"], [(2,)])
    assert sql.rows("SELECT id FROM t ORDER BY id", **lake) == [("1",), ("3",), ("4",), ("5",)]
    sql.run("INSERT INTO t VALUES (2, 'new'), (6, NULL)", **lake)
    assert sql.rows("SELECT count(*) FROM t", **lake) == [("6",)], "what comes later is not deleted"
    delete_by_values(iceberg.load_table("lake.t"), "two", ["kind", "id"], [("cat", 3), (None, 4), ("cat", 5)])
    assert sql.rows("SELECT id, kind FROM t ORDER BY id", **lake) == [
        ("1", "cat"),
        ("2", "new"),
        ("5", "fox"),
        ("6", None),
    ]
    assert sql.rows("SELECT count(*) FROM t WHERE kind = 'cat'", **lake) == [("1",)]
    sql.run("ALTER TABLE t SET TBLPROPERTIES ('optimize_rewrite_delete_file_threshold'='1')", **lake)
    sql.run("OPTIMIZE t REWRITE DATA USING BIN_PACK", **lake)
    assert sql.rows("SELECT id FROM t ORDER BY id", **lake) == [("1",), ("2",), ("5",), ("6",)]
    assert sql.rows('SELECT count(*) FROM "t$files" WHERE content = 2', **lake) == [("0",)]
