"""Which tables and partitions crawlers make of folders, and what becomes of them as data change."""

import hashlib
import json

import pytest

from crawling import columns, keys, statement

COMBINE = {"Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}}
A, B = '{"a": 1, "b": "x"}', '{"c": 1, "d": "x"}'


def test_folders_are_partitions_and_athena_finds_them(lake):
    files = {
        f"data/sales/year={year}/month={month}/day={day}/{n}.json": json.dumps({"amount": day * n})
        for year, month in (("2019", "Jan"), ("2019", "Feb"))
        for day in (1, 2)
        for n in (1, 2)
    }
    tables = lake.crawl(files, path="data/sales/")
    assert tables.keys() == {"sales"}
    assert keys(tables["sales"]) == "year string, month string, day string"
    assert columns(tables["sales"]) == "amount int"
    parameters = tables["sales"]["Parameters"]
    assert (parameters["objectCount"], parameters["partition_filtering.enabled"]) == ("8", "true")
    partitions = lake.partitions("sales")
    assert partitions.keys() == {("2019", month, day) for month in ("Jan", "Feb") for day in ("1", "2")}
    one = partitions["2019", "Feb", "2"]
    assert one["StorageDescriptor"]["Location"] == f"s3://{lake.bucket}/data/sales/year=2019/month=Feb/day=2/"
    assert columns(one) == "amount int"
    assert one["Parameters"].items() >= {"objectCount": "2", "classification": "json", "recordCount": "2"}.items()
    [index] = lake.glue.get_partition_indexes(DatabaseName="db", TableName="sales")["PartitionIndexDescriptorList"]
    assert [key["Name"] for key in index["Keys"]] == ["year", "month", "day"]
    rows = lake.select("SELECT month, sum(amount) FROM db.sales WHERE day = '2' GROUP BY month ORDER BY month")
    assert rows == [("Feb", "6"), ("Jan", "6")]


def test_folders_without_names_are_numbered(lake):
    files = {"data/t/2024/01/a.json": A, "data/t/2024/02/a.json": A}
    table = lake.crawl(files, path="data/t", configuration={"CreatePartitionIndex": False})["t"]
    assert keys(table) == "partition_0 string, partition_1 string"
    assert lake.glue.get_partition_indexes(DatabaseName="db", TableName="t")["PartitionIndexDescriptorList"] == []
    assert lake.select("SELECT partition_1, a FROM db.t ORDER BY 1") == [("01", "1"), ("02", "1")]


def test_folders_that_are_not_alike_are_tables(lake):
    files = {"data/Raw Orders/a.json": A, "data/items.v2/a.csv": "id,name\n1,x\n2,y\n", "data/single.json": B}
    tables = lake.crawl(files, TablePrefix="raw_")
    assert tables.keys() == {"raw_raw_orders", "raw_items_v2", "raw_single_json"}
    locations = {name: table["StorageDescriptor"]["Location"] for name, table in tables.items()}
    assert locations["raw_single_json"] == f"s3://{lake.bucket}/data/single.json"
    assert lake.select("SELECT a FROM db.raw_raw_orders") == [("1",)]
    assert lake.select("SELECT name FROM db.raw_items_v2 ORDER BY id") == [("x",), ("y",)]


def test_tpch_like_tables_in_one_folder_are_eight(lake):
    kinds = ["customer", "orders", "lineitem", "part", "nation", "region", "supplier", "partsupp"]
    files = {f"sales/{kind}/LOAD1.csv": f"{kind[0]}_key,{kind[0]}{n}_name\n1,x\n2,y\n" for n, kind in enumerate(kinds)}
    files |= {f"sales/{kind}/LOAD2.csv": f"{kind[0]}_key,{kind[0]}{n}_name\n3,z\n4,w\n" for n, kind in enumerate(kinds)}
    assert lake.crawl(files, path="sales").keys() == set(kinds)
    assert lake.select("SELECT count(*) FROM db.orders") == [("4",)]


@pytest.mark.parametrize("configuration, expected", [({}, {"year_2017", "year_2018"}), (COMBINE, {"table1"})])
def test_schemas_that_are_not_similar(lake, configuration, expected):
    files = {"table1/year=2017/data1.json": '{"A": 1, "B": 2}', "table1/year=2018/data2.json": '{"C": 3, "D": 4}'}
    tables = lake.crawl(files, path="table1/", configuration=configuration)
    assert tables.keys() == expected
    if expected == {"table1"}:
        assert columns(tables["table1"]) == "a int, b int, c int, d int"
        assert keys(tables["table1"]) == "year string"
        assert lake.select("SELECT a, c FROM db.table1 ORDER BY year") == [("1", None), (None, "3")]


def test_tables_are_at_the_level_that_the_configuration_tells(lake):
    files = {"x/a/month=1/f.json": A, "x/a/month=2/f.json": B, "x/b/month=1/f.json": A}
    tables = lake.crawl(files, path="x/", configuration={"Grouping": {"TableLevelConfiguration": 3}})
    assert tables.keys() == {"a", "b"}
    assert (columns(tables["a"]), keys(tables["a"])) == ("a int, b string, c int, d string", "month string")


def test_more_tables_than_the_threshold_are_not_written(lake):
    lake.put({"data/a/f.json": A, "data/b/f.json": B})
    lake.crawler(configuration={"CrawlerOutput": {"Tables": {"TableThreshold": 1}}})
    assert "greater than the table threshold value provided: 1" in lake.fails()
    lake.glue.update_crawler(Name="c", Configuration='{"Version": 1.0}')
    assert lake.run() == {"TABLE": {"ADD": 2}}


def test_tables_of_one_name_get_a_suffix_and_keep_it(lake):
    lake.put({"x/t/a.json": A, "y/t/a.json": B})
    targets = {"S3Targets": [{"Path": f"s3://{lake.bucket}/{folder}/t/"} for folder in ("x", "y")]}
    lake.crawler(Targets=targets)
    lake.run()
    names = lake.tables().keys()
    suffix = hashlib.sha256(f"s3://{lake.bucket}/y/t/".encode()).hexdigest()[:32]
    assert names == {"t", f"t_{suffix}"}
    assert lake.run() == {}
    assert lake.tables().keys() == names


def test_exclusions_and_samples(lake):
    files = {"data/a.json": A, "data/b.tmp": "x", "data/_tmp/c.json": B, "data/sub/d.json": B, "data/z.json": '{"z": 1}'}
    tables = lake.crawl(files, exclusions=["*.tmp", "sub/**"], sample=1)
    # The sample is the first file: z is not looked at.
    assert columns(tables["data"]) == "a int, b string"
    assert tables["data"]["Parameters"]["objectCount"] == "2"


def test_a_path_may_be_an_object(lake):
    tables = lake.crawl({"data/a.json": A, "data/b.json": B}, path="data/a.json")
    assert {name: table["StorageDescriptor"]["Location"] for name, table in tables.items()} == {
        "a_json": f"s3://{lake.bucket}/data/a.json"
    }


def test_a_database_is_made_where_there_is_none_and_default_is_meant_where_none_is_named(lake):
    lake.put({"data/a.json": A})
    lake.glue.create_crawler(Name="c", Role=lake.role, Targets=lake.target())
    lake.run()
    assert lake.tables("default").keys() == {"data"}


def test_tables_follow_their_data(lake):
    lake.crawl({"data/a.json": A})
    lake.put({"data/a.json": '{"b": "x", "a": 2.5, "c": true}'})
    assert lake.run() == {"TABLE": {"UPDATE": 1}}
    assert columns(lake.tables()["data"]) == "b string, a double, c boolean"
    assert lake.run() == {}


def test_tables_are_left_alone_if_the_policy_is_to_log(lake):
    policy = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
    lake.crawl({"data/x=1/a.json": A}, SchemaChangePolicy=policy)
    before = lake.tables()["data"]
    lake.put({"data/x=1/a.json": '{"a": 2.5, "c": 1}', "data/x=2/a.json": '{"a": 2.5, "b": "x"}'})
    assert lake.run() == {"PARTITION": {"ADD": 1}}
    assert lake.tables()["data"] == before
    lake.delete("data/x=1/a.json", "data/x=2/a.json")
    assert lake.run() == {}
    assert lake.tables().keys() == {"data"} and len(lake.partitions("data")) == 2


def test_only_new_columns_are_added_if_the_configuration_says_so(lake):
    lake.crawl({"data/a.json": A}, configuration={"CrawlerOutput": {"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}}})
    lake.put({"data/a.json": '{"a": "text", "c": 1}'})
    lake.run()
    assert columns(lake.tables()["data"]) == "a int, b string, c int"
    lake.delete("data/a.json")
    lake.put({"data/a.csv": "a,c\n1,2\n3,4\n"})
    lake.run()
    table = lake.tables()["data"]
    assert columns(table) == "a int, b string, c int" and "DEPRECATED_BY_CRAWLER" in table["Parameters"]


def test_partitions_have_columns_of_their_own_or_their_tables(lake):
    files = {"data/x=1/a.json": A, "data/x=2/a.json": '{"a": 2.5, "b": "x"}'}
    lake.crawl(files)
    of = lambda: {values: columns(it) for values, it in lake.partitions("data").items()}
    assert columns(lake.tables()["data"]) == "a double, b string"
    assert of() == {("1",): "a int, b string", ("2",): "a double, b string"}
    inherit = {"Version": 1.0, "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}}}
    lake.glue.update_crawler(Name="c", Configuration=json.dumps(inherit))
    assert lake.run() == {"PARTITION": {"UPDATE": 1}}
    assert of() == {("1",): "a double, b string", ("2",): "a double, b string"}


@pytest.mark.parametrize("behavior", ["LOG", "DELETE_FROM_DATABASE", "DEPRECATE_IN_DATABASE"])
def test_what_is_gone_from_s3_is_gone_from_the_catalog_as_the_policy_says(lake, behavior):
    files = {"data/t/x=1/a.json": A, "data/t/x=2/a.json": A, "data/u/a.json": B}
    lake.glue.create_database(DatabaseInput={"Name": "db"})
    own = {"Name": "own", "StorageDescriptor": {"Location": f"s3://{lake.bucket}/data/own/"}}
    lake.glue.create_table(DatabaseName="db", TableInput=own)
    lake.crawl(files, SchemaChangePolicy={"DeleteBehavior": behavior})
    lake.delete("data/t/x=2/a.json", "data/u/a.json")
    lake.run()
    tables, partitions = lake.tables(), lake.partitions("t")
    deprecated = {name for name, table in tables.items() if "DEPRECATED_BY_CRAWLER" in table.get("Parameters", {})}
    marked = {values for values, it in partitions.items() if "DEPRECATED_BY_CRAWLER" in it["Parameters"]}
    if behavior == "DELETE_FROM_DATABASE":
        # What is not the crawler's is not its to delete.
        assert tables.keys() == {"t", "own"} and partitions.keys() == {("1",)}
    else:
        assert tables.keys() == {"t", "u", "own"} and partitions.keys() == {("1",), ("2",)}
    assert deprecated == ({"u"} if behavior == "DEPRECATE_IN_DATABASE" else set())
    assert marked == ({("2",)} if behavior == "DEPRECATE_IN_DATABASE" else set())
    assert lake.run() == {}


def test_only_new_folders_are_crawled_if_that_is_the_policy(lake):
    lake.crawl(
        {"data/t/x=1/a.json": A},
        path="data/t/",
        RecrawlPolicy={"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"},
        SchemaChangePolicy={"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
    )
    lake.put({"data/t/x=1/a.json": '{"other": 1}', "data/t/x=2/a.json": '{"a": 2, "b": "y", "c": 3}'})
    lake.delete("data/t/x=1/a.json")
    assert lake.run() == {"PARTITION": {"ADD": 1}}
    partitions = lake.partitions("t")
    assert partitions.keys() == {("1",), ("2",)}
    assert columns(partitions["2",]) == columns(lake.tables()["t"]) == "a int, b string"
    assert lake.run() == {}
    assert lake.select("SELECT a FROM db.t WHERE x = '2'") == [("2",)]


def test_tables_of_the_catalog_are_brought_up_to_date(lake, refused):
    lake.put({"own/day=1/a.csv": "1,x\n2,y\n"})
    lake.glue.create_database(DatabaseInput={"Name": "db"})
    descriptor = {
        "Columns": [{"Name": "id", "Type": "int"}],
        "Location": f"s3://{lake.bucket}/own/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
    }
    table = {"Name": "mine", "StorageDescriptor": descriptor, "PartitionKeys": [{"Name": "day", "Type": "string"}]}
    lake.glue.create_table(DatabaseName="db", TableInput=table)
    targets = {"CatalogTargets": [{"DatabaseName": "db", "Tables": ["mine"]}]}
    with refused("InvalidInputException", message="LOG"):
        lake.crawler(Targets=targets)
    with refused("InvalidInputException"):
        lake.crawler(Targets={**targets, **lake.target()}, SchemaChangePolicy={"DeleteBehavior": "LOG"})
    lake.crawler(Targets=targets, SchemaChangePolicy={"DeleteBehavior": "LOG"})
    lake.put({"own/day=1/a.csv": '{"id": 1, "name": "x"}', "own/day=2/a.json": '{"id": 2, "name": "y"}'})
    assert lake.run() == {"TABLE": {"UPDATE": 1}, "PARTITION": {"ADD": 2}}
    table = lake.tables()["mine"]
    assert columns(table) == "id int, name string"
    assert lake.select("SELECT day, name FROM db.mine ORDER BY day") == [("1", "x"), ("2", "y")]
    lake.delete("own/day=1/a.csv", "own/day=2/a.json")
    assert lake.run() == {}


def test_a_crawl_has_the_roles_rights_and_no_others(lake):
    lake.put({"data/a.json": A})
    on = lambda *actions: statement(*actions, resource=[f"arn:aws:s3:::{lake.bucket}", f"arn:aws:s3:::{lake.bucket}/*"])
    for name, statements, why in (
        ("nothing", [statement("glue:*")], "s3:ListBucket"),
        ("no-objects", [statement("glue:*"), on("s3:ListBucket")], "s3:GetObject"),
        ("no-catalog", [on("s3:*"), statement("glue:GetDatabase", "glue:GetTables")], "glue:CreateDatabase"),
        (
            "no-tables",
            [on("s3:*"), statement("glue:GetDatabase", "glue:GetTables", "glue:CreateDatabase")],
            "glue:CreateTable",
        ),
    ):
        lake.crawler(name, Role=lake.new_role(name, *statements))
        assert why in lake.fails(name), name
    role = lake.new_role("enough", on("s3:*"), statement("glue:GetDatabase", "glue:GetTables", "glue:CreateTable"))
    lake.crawler("enough", Role=role)
    assert lake.run("enough") == {"TABLE": {"ADD": 1}}
    lake.iam.delete_role_policy(RoleName="enough", PolicyName="policy")
    lake.iam.delete_role(RoleName="enough")
    assert "unable to assume role" in lake.fails("enough")


def test_objects_that_the_role_cannot_decrypt_are_not_read(lake, welkin, account):
    kms = welkin.client("kms", account)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    lake.s3.put_object(Bucket=lake.bucket, Key="data/a.json", Body=A.encode(), **encrypted)
    lake.crawler("without", Role=lake.new_role("without", statement("glue:*", "s3:*")))
    assert "kms:Decrypt" in lake.fails("without")
    lake.crawler("with")
    assert lake.run("with") == {"TABLE": {"ADD": 1}}
    # What cannot be read is passed over where something else can.
    lake.put({"data/b.json": A})
    assert lake.run("without") == {"TABLE": {"UPDATE": 1}}
    assert lake.tables()["data"]["Parameters"]["objectCount"] == "1"
    assert lake.tables()["data"]["Parameters"]["UPDATED_BY_CRAWLER"] == "without"


def test_a_crawl_of_a_bucket_that_is_not_there_fails(lake):
    lake.crawler(Targets={"S3Targets": [{"Path": "s3://no-such-bucket-anywhere/x/"}]})
    assert "NoSuchBucket" in lake.fails()
    assert lake.glue.get_crawler(Name="c")["Crawler"]["State"] == "READY"


def test_calls_of_a_crawl_are_on_the_record_as_the_roles(lake, welkin, account):
    lake.crawl({"data/a.json": A})
    trail = welkin.client("cloudtrail", account)
    events = trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateTable"}])
    [event] = events["Events"]
    record = json.loads(event["CloudTrailEvent"])
    assert record["userIdentity"]["arn"].endswith("assumed-role/crawler/AWS-Crawler")
    events = trail.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "StartCrawler"}])
    assert len(events["Events"]) == 1


def test_iceberg_tables_are_registered_and_follow_their_metadata(lake):
    lake.glue.create_database(DatabaseInput={"Name": "other"})
    lake.query(f"CREATE TABLE other.t (id int, name string) LOCATION 's3://{lake.bucket}/ice/t/' TBLPROPERTIES ('table_type' = 'ICEBERG')")
    lake.query("INSERT INTO other.t VALUES (1, 'a')")
    lake.crawler(Targets={"IcebergTargets": [{"Paths": [f"s3://{lake.bucket}/ice"], "MaximumTraversalDepth": 3}]})
    assert lake.run() == {"TABLE": {"ADD": 1}}
    table = lake.tables()["t"]
    assert (columns(table), table["Parameters"]["table_type"]) == ("id int, name string", "ICEBERG")
    assert lake.select("SELECT id, name FROM db.t") == [("1", "a")]
    assert lake.run() == {}
    lake.query("INSERT INTO other.t VALUES (2, 'b')")
    lake.query("ALTER TABLE other.t ADD COLUMNS (more double)")
    assert lake.run() == {"TABLE": {"UPDATE": 1}}
    assert columns(lake.tables()["t"]) == "id int, name string, more double"
    assert lake.select("SELECT count(*) FROM db.t") == [("2",)]
    lake.put({"ice/broken/metadata/v1.metadata.json": "{}"})
    assert "broken/metadata/v1.metadata.json" in lake.fails()
