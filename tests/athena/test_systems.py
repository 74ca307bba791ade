"""Queries of published systems, as they were printed, over small data of ours in the formats that they need."""

import io
import json

import pyarrow
import pyarrow.orc
import pyarrow.parquet
import pytest


@pytest.fixture
def put(s3, bucket):
    """Writes a table of Arrow to an object: `put(key, table, "parquet")`."""

    def put(key, table, form="parquet", **options):
        content = io.BytesIO()
        write = pyarrow.parquet.write_table if form == "parquet" else pyarrow.orc.write_table
        write(table, content, **options)
        s3.put_object(Bucket=bucket, Key=key, Body=content.getvalue())

    return put


# "Amazon Connect agent events converted to Parquet by Firehose".

LOGINS = """WITH dataset AS (
SELECT
from_iso8601_timestamp(eventtimestamp) AS event_ts,
eventtype,
-- CURRENT STATE
json_extract_scalar(
currentagentsnapshot,
'$.agentstatus.name') AS current_status,
from_iso8601_timestamp(
json_extract_scalar(
currentagentsnapshot,
'$.agentstatus.starttimestamp')) AS current_starttimestamp,
json_extract_scalar(
currentagentsnapshot,
'$.configuration.firstname') AS current_firstname,
json_extract_scalar(
currentagentsnapshot,
'$.configuration.lastname') AS current_lastname,
json_extract_scalar(
currentagentsnapshot,
'$.configuration.username') AS current_username,
json_extract_scalar(
currentagentsnapshot,
'$.configuration.routingprofile.defaultoutboundqueue.name') AS current_outboundqueue,
json_extract_scalar(
currentagentsnapshot,
'$.configuration.routingprofile.inboundqueues[0].name') as current_inboundqueue,
-- PREVIOUS STATE
json_extract_scalar(
previousagentsnapshot,
'$.agentstatus.name') as prev_status,
from_iso8601_timestamp(
json_extract_scalar(
previousagentsnapshot,
'$.agentstatus.starttimestamp')) as prev_starttimestamp,
json_extract_scalar(
previousagentsnapshot,
'$.configuration.firstname') as prev_firstname,
json_extract_scalar(
previousagentsnapshot,
'$.configuration.lastname') as prev_lastname,
json_extract_scalar(
previousagentsnapshot,
'$.configuration.username') as prev_username,
json_extract_scalar(
previousagentsnapshot,
'$.configuration.routingprofile.defaultoutboundqueue.name') as current_outboundqueue,
json_extract_scalar(
previousagentsnapshot,
'$.configuration.routingprofile.inboundqueues[0].name') as prev_inboundqueue
from kfhconnectblog
where eventtype <> 'HEART_BEAT'
)
SELECT
current_status as status,
current_username as username,
event_ts
FROM dataset
WHERE eventtype = 'LOGIN' AND current_username <> ''
ORDER BY event_ts DESC"""

CONTACTS = """WITH src AS (
SELECT
eventid,
json_extract_scalar(currentagentsnapshot, '$.configuration.username') as username,
cast(json_extract(currentagentsnapshot, '$.contacts') AS ARRAY(JSON)) as c,
cast(json_extract(previousagentsnapshot, '$.contacts') AS ARRAY(JSON)) as p
from kfhconnectblog
),
src2 AS (
SELECT *
FROM src CROSS JOIN UNNEST (c, p) AS contacts(c_item, p_item)
),
dataset AS (
SELECT
eventid,
username,
json_extract_scalar(c_item, '$.contactid') as c_contactid,
json_extract_scalar(c_item, '$.channel') as c_channel,
json_extract_scalar(c_item, '$.initiationmethod') as c_direction,
json_extract_scalar(c_item, '$.queue.name') as c_queue,
json_extract_scalar(c_item, '$.state') as c_state,
from_iso8601_timestamp(json_extract_scalar(c_item, '$.statestarttimestamp')) as c_ts,
json_extract_scalar(p_item, '$.contactid') as p_contactid,
json_extract_scalar(p_item, '$.channel') as p_channel,
json_extract_scalar(p_item, '$.initiationmethod') as p_direction,
json_extract_scalar(p_item, '$.queue.name') as p_queue,
json_extract_scalar(p_item, '$.state') as p_state,
from_iso8601_timestamp(json_extract_scalar(p_item, '$.statestarttimestamp')) as p_ts
FROM src2
)
SELECT
username,
c_channel as channel,
c_direction as direction,
p_state as prev_state,
c_state as current_state,
c_ts as current_ts,
c_contactid as id
FROM dataset
WHERE c_contactid = p_contactid
ORDER BY id DESC, current_ts ASC"""


def snapshot(user, status, contacts=()):
    queue = {"name": "BasicQueue"}
    return json.dumps(
        {
            "agentstatus": {"name": status, "starttimestamp": "2018-05-01T17:00:00.000Z"},
            "configuration": {
                "firstname": "Agent",
                "lastname": user,
                "username": user,
                "routingprofile": {"defaultoutboundqueue": queue, "inboundqueues": [queue]},
            },
            "contacts": [
                {
                    "contactid": contact,
                    "channel": "VOICE",
                    "initiationmethod": "INBOUND",
                    "queue": queue,
                    "state": state,
                    "statestarttimestamp": at,
                }
                for contact, state, at in contacts
            ],
        }
    )


def test_connect_events_in_parquet(sql, put, bucket):
    """Firehose's date folders are no partitions: files in them are the table's all the same."""
    early, late = "2018-05-01T17:05:00.000Z", "2018-05-01T17:06:00.000Z"
    events = [
        ("LOGIN", early, snapshot("agent1", "Available"), None),
        ("LOGIN", late, snapshot("agent2", "Offline"), snapshot("agent2", "Offline")),
        ("LOGIN", late, snapshot("", "Offline"), None),
        ("HEART_BEAT", late, snapshot("agent1", "Available"), None),
        (
            "STATE_CHANGE",
            late,
            snapshot("agent1", "Available", [("c1", "CONNECTED", late), ("c2", "CONNECTING", late)]),
            snapshot("agent1", "Available", [("c1", "CONNECTING", early)]),
        ),
    ]
    names = ["eventtype", "eventtimestamp", "currentagentsnapshot", "previousagentsnapshot"]
    columns = {name: [event[n] for event in events] for n, name in enumerate(names)}
    columns["previousagentsnapshot"] = pyarrow.array(columns["previousagentsnapshot"], pyarrow.string())
    columns["eventid"] = [f"e{n}" for n in range(len(events))]
    put("connect/2018/05/01/17/part-1.parquet", pyarrow.table(columns), compression="snappy")
    sql.run("CREATE DATABASE IF NOT EXISTS default")
    sql.run(
        f"""CREATE EXTERNAL TABLE kfhconnectblog (awsaccountid string, agentarn string, currentagentsnapshot string,
        eventid string, eventtimestamp string, eventtype string, instancearn string, previousagentsnapshot string,
        version string) STORED AS parquet LOCATION 's3://{bucket}/connect/'
        TBLPROPERTIES ("parquet.compression"="SNAPPY")"""
    )
    assert sql.rows(LOGINS) == [
        ("Offline", "agent2", "2018-05-01 17:06:00.000 UTC"),
        ("Available", "agent1", "2018-05-01 17:05:00.000 UTC"),
    ]
    assert sql.rows(CONTACTS) == [
        ("agent1", "VOICE", "INBOUND", "CONNECTING", "CONNECTED", "2018-05-01 17:06:00.000 UTC", "c1")
    ]


# "Simplify Querying Nested JSON with the AWS Glue Relationalize Transform".

PLAYER = {
    "player.username": "user1",
    "player.characteristics.race": "Human",
    "player.characteristics.class": "Warlock",
    "player.characteristics.subclass": "Dawnblade",
    "player.characteristics.power": 300,
    "player.characteristics.playercountry": "USA",
    "player.arsenal.kinetic.name": "Sweet Business",
    "player.arsenal.kinetic.power": 300,
    "player.location.map": "Titan",
    "player.location.waypoint": "The Rig",
}


def test_relationalized_orc_by_position(sql, put, bucket):
    """The names of the files have dots, which those of the table never have: columns go by position."""
    kinds = {int: pyarrow.int32(), str: pyarrow.string()}
    schema = pyarrow.schema([(name, kinds[type(value)]) for name, value in PLAYER.items()])
    put("output-flat/part-0.orc", pyarrow.Table.from_pylist([PLAYER], schema), "orc")
    sql.run("CREATE DATABASE blog")
    columns = [(name.removeprefix("player.").replace(".", "_"), value) for name, value in PLAYER.items()]
    declared = [f"{name} {'int' if isinstance(value, int) else 'string'}" for name, value in columns]
    ddl = """CREATE EXTERNAL TABLE IF NOT EXISTS blog.{} ({})
        ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.orc.OrcSerde'
        WITH SERDEPROPERTIES ('serialization.format' = '1')
        LOCATION 's3://{}/output-flat/' TBLPROPERTIES ('has_encrypted_data' = 'false')"""
    sql.run(ddl.format("players", ", ".join(declared), bucket))
    assert sql.rows("SELECT username, characteristics_class, characteristics_power FROM blog.players") == [
        ("user1", "Warlock", "300")
    ]
    # As it was printed, the first column is left out, and all others are shifted by one.
    sql.run(ddl.format("shifted", ", ".join(declared[1:]), bucket))
    assert sql.rows("SELECT characteristics_race FROM blog.shifted") == [("user1",)]
    assert sql.fails("SELECT characteristics_power FROM blog.shifted").startswith("HIVE_BAD_DATA: Malformed ORC file.")


# "Extend your data mesh with Amazon Athena and federated views": what is in S3.


def test_a_view_over_a_join_in_s3(sql, put, bucket, glue):
    """The published join, with all of its tables in S3 under the names of their sources."""
    tables = {
        "lineitem": {
            "l_orderkey": [1, 1, 2],
            "l_partkey": [10, 11, 10],
            "l_suppkey": [5, 6, 5],
            "l_quantity": [2.0, 1.0, 4.0],
            "l_extendedprice": [100.0, 50.0, 200.0],
            "l_discount": [0.1, 0.0, 0.5],
        },
        "part": {"p_partkey": [10, 11]},
        "partsupp": {"ps_partkey": [10, 11], "ps_suppkey": [5, 6], "ps_supplycost": ["3.5", "7"]},
        "supplier": {"s_suppkey": [5, 6], "s_nationkey": [1, 2]},
        "orders": {"o_orderkey": [1, 2], "o_orderdate": ["1996-01-02", "1997-12-01"]},
        "nation": {"_key_": ["nation-1", "nation-2"], "n_name": ["FRANCE", "BRAZIL"]},
    }
    kinds = {int: "bigint", float: "double", str: "string"}
    sql.run("CREATE DATABASE data_lake")
    for name, columns in tables.items():
        put(f"{name}/part.parquet", pyarrow.table(columns))
        declared = ", ".join(f"`{column}` {kinds[type(values[0])]}" for column, values in columns.items())
        sql.run(f"CREATE EXTERNAL TABLE data_lake.{name} ({declared}) STORED AS PARQUET LOCATION 's3://{bucket}/{name}/'")
    select = """SELECT n_name nation, year(CAST(o_orderdate AS date)) as o_year,
      ((l_extendedprice * (1 - l_discount)) - (CAST(ps_supplycost AS double) * l_quantity)) as amount
    FROM awsdatacatalog.data_lake.lineitem, data_lake.part, data_lake.partsupp,
         data_lake.supplier, data_lake.orders, data_lake.nation
    WHERE ((s_suppkey = l_suppkey) AND (ps_suppkey = l_suppkey) AND (ps_partkey = l_partkey)
      AND (p_partkey = l_partkey) AND (o_orderkey = l_orderkey)
      AND (s_nationkey = CAST(Regexp_extract(_key_, '.*-(.*)', 1) AS int)))"""
    assert sorted(sql.rows(select)) == [("BRAZIL", "1996", "43.0"), ("FRANCE", "1996", "83.0"), ("FRANCE", "1997", "86.0")]
    sql.run(f'CREATE OR REPLACE VIEW "data_lake"."federated_view" AS {select}')
    lake = {"QueryExecutionContext": {"Database": "data_lake"}}
    assert len(sql.rows("SELECT * FROM federated_view limit 10", **lake)) == 3
    totals = "SELECT nation, sum(amount) AS total from federated_view GROUP BY nation ORDER BY nation ASC"
    assert sql.rows(totals, **lake) == [("BRAZIL", "43.0"), ("FRANCE", "169.0")]
    assert glue.get_table(DatabaseName="data_lake", Name="federated_view")["Table"]["TableType"] == "VIRTUAL_VIEW"


# "Monitor data pipelines in a serverless data lake".


def test_failures_of_pipelines_are_counted(sql, s3, bucket):
    states = [("lambda", "failed"), ("glue_job", "failed"), ("lambda", "success"), ("lambda", "failed")]
    for n, (service, state) in enumerate(states):
        row = {"service_type": service, "event_type": state, "event_id": n}
        s3.put_object(Bucket=bucket, Key=f"monitor/{n}.json", Body=json.dumps(row).encode())
    sql.run("CREATE DATABASE monitor")
    sql.run(
        f"""CREATE EXTERNAL TABLE monitor.monitor (service_type string, event_type string, event_id int)
        ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://{bucket}/monitor/'"""
    )
    query = """SELECT service_type, count(*) as "fail_count" FROM "monitor"."monitor" WHERE event_type = 'failed'
        group by service_type order by fail_count desc;"""
    assert sql.rows(query) == [("lambda", "2"), ("glue_job", "1")]
