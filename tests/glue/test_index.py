"""Indexes of partitions."""


def indexes(glue, where):
    return glue.get_partition_indexes(**where)["PartitionIndexDescriptorList"]


def test_an_index_of_a_table_with_partitions_becomes_active(welkin, glue, partitioned, refused):
    glue.create_partition(**partitioned, PartitionInput={"Values": ["Chile", "2020"]})
    glue.create_partition_index(**partitioned, PartitionIndex={"IndexName": "by-year", "Keys": ["Year", "country"]})
    welkin.advance("1s")
    assert indexes(glue, partitioned) == [
        {
            "IndexName": "by-year",
            "IndexStatus": "ACTIVE",
            "Keys": [{"Name": "year", "Type": "int"}, {"Name": "country", "Type": "string"}],
        }
    ]
    glue.delete_partition_index(**partitioned, IndexName="by-year")
    assert indexes(glue, partitioned) == []
    with refused("EntityNotFoundException"):
        glue.delete_partition_index(**partitioned, IndexName="by-year")


def test_an_index_fails_on_values_of_another_type(welkin, glue, partitioned):
    for year in ("2020", "null"):
        glue.create_partition(**partitioned, PartitionInput={"Values": ["Chile", year]})
    glue.create_partition_index(**partitioned, PartitionIndex={"IndexName": "i", "Keys": ["year"]})
    welkin.advance("1s")
    (index,) = indexes(glue, partitioned)
    assert index["IndexStatus"] == "FAILED"
    assert index["BackfillErrors"] == [
        {"Code": "INVALID_PARTITION_TYPE_DATA_ERROR", "Partitions": [{"Values": ["Chile", "null"]}]}
    ]


def test_a_table_is_created_with_indexes(glue, database, refused):
    keys = [{"Name": "a", "Type": "string"}, {"Name": "b", "Type": "double"}]
    table = {"DatabaseName": "db", "TableInput": {"Name": "t", "PartitionKeys": keys}}
    for wrong in (["c"], ["b"], ["a", "A"]):
        with refused("InvalidInputException"):
            glue.create_table(**table, PartitionIndexes=[{"IndexName": "i", "Keys": wrong}])
    assert glue.get_tables(DatabaseName="db")["TableList"] == [], "a refused call leaves nothing behind"
    glue.create_table(**table, PartitionIndexes=[{"IndexName": "i", "Keys": ["a"]}])
    where = {"DatabaseName": "db", "TableName": "t"}
    assert [index["IndexStatus"] for index in indexes(glue, where)] == ["ACTIVE"]


def test_a_table_has_three_indexes_at_most_with_names_of_their_own(glue, partitioned, refused):
    for number in range(3):
        glue.create_partition_index(**partitioned, PartitionIndex={"IndexName": f"i{number}", "Keys": ["year"]})
    with refused("AlreadyExistsException"):
        glue.create_partition_index(**partitioned, PartitionIndex={"IndexName": "i0", "Keys": ["year"]})
    with refused("ResourceNumberLimitExceededException"):
        glue.create_partition_index(**partitioned, PartitionIndex={"IndexName": "i3", "Keys": ["year"]})
    assert len(indexes(glue, partitioned)) == 3
