"""Items: putting, updating, deleting, reading, querying and scanning them."""

from decimal import Decimal

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer


def item(**values):
    serializer = TypeSerializer()
    return {name: serializer.serialize(value) for name, value in values.items()}


def plain(item):
    deserializer = TypeDeserializer()
    return {name: deserializer.deserialize(value) for name, value in item.items()}


def test_an_item_of_all_types_is_read_as_it_was_put(dynamodb, new_table):
    table = new_table()
    values = dict(
        pk="a", n=Decimal("123456789012345678901234567890.12345678"), b=b"\x00\xff", t=True, none=None,
        ss={"x", "y"}, ns={Decimal(1), Decimal("-2.5")}, bs={b"1"}, l=[1, "2", [None]], m={"x": {"y": "z"}}, e="",
    )
    dynamodb.put_item(TableName=table, Item=item(**values))
    got = dynamodb.get_item(TableName=table, Key=item(pk="a"), ReturnConsumedCapacity="TOTAL")
    assert plain(got["Item"]) == values
    assert got["ConsumedCapacity"] == {"TableName": table, "CapacityUnits": 0.5}
    assert "Item" not in dynamodb.get_item(TableName=table, Key=item(pk="b"))
    part = dynamodb.get_item(TableName=table, Key=item(pk="a"), ProjectionExpression="m.x, l[1]")
    assert plain(part["Item"]) == {"m": {"x": {"y": "z"}}, "l": ["2"]}


def test_a_large_item_is_kept_and_a_larger_one_refused(dynamodb, new_table, refused):
    table = new_table()
    put = dynamodb.put_item(TableName=table, Item=item(pk="a", x="y" * 400_000), ReturnConsumedCapacity="TOTAL")
    assert put["ConsumedCapacity"]["CapacityUnits"] == 391
    assert len(dynamodb.get_item(TableName=table, Key=item(pk="a"))["Item"]["x"]["S"]) == 400_000
    with refused("ValidationException", message="Item size has exceeded the maximum allowed size"):
        dynamodb.put_item(TableName=table, Item=item(pk="a", x="y" * 409_600))


def test_a_condition_guards_a_write_and_shows_the_item(dynamodb, new_table):
    table = new_table()
    once = dict(TableName=table, ConditionExpression="attribute_not_exists(pk)")
    dynamodb.put_item(Item=item(pk="a", v=1), **once)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as error:
        dynamodb.put_item(Item=item(pk="a", v=2), ReturnValuesOnConditionCheckFailure="ALL_OLD", **once)
    assert error.value.response["Error"]["Message"] == "The conditional request failed"
    assert plain(error.value.response["Item"]) == {"pk": "a", "v": 1}
    assert plain(dynamodb.get_item(TableName=table, Key=item(pk="a"))["Item"]) == {"pk": "a", "v": 1}


def test_an_update_answers_what_is_asked_for(dynamodb, new_table, refused):
    table = new_table()

    def update(expression, returns, **values):
        answer = dynamodb.update_item(
            TableName=table, Key=item(pk="a"), UpdateExpression=expression, ReturnValues=returns,
            **({"ExpressionAttributeValues": {f":{k}": v for k, v in item(**values).items()}} if values else {}),
        )
        return plain(answer.get("Attributes", {}))

    assert update("SET n = if_not_exists(n, :zero) + :one, x = :x", "ALL_NEW", zero=0, one=1, x="y") == {"pk": "a", "n": 1, "x": "y"}
    assert update("ADD n :one", "UPDATED_NEW", one=1) == {"n": 2}
    assert update("SET n = n - :one", "UPDATED_OLD", one=1) == {"n": 2}
    assert update("REMOVE x", "ALL_OLD") == {"pk": "a", "n": 1, "x": "y"}
    assert update("SET l = :l", "NONE", l=[1, 2]) == {}
    with refused("ValidationException", message="One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key"):
        update("SET pk = :x", "NONE", x="b")
    with refused("ValidationException", message="Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: name"):
        update("SET name = :x", "NONE", x="b")


def test_a_deleted_item_is_answered_and_gone(dynamodb, new_table):
    table = new_table()
    dynamodb.put_item(TableName=table, Item=item(pk="a", v=1))
    gone = dynamodb.delete_item(TableName=table, Key=item(pk="a"), ReturnValues="ALL_OLD")
    assert plain(gone["Attributes"]) == {"pk": "a", "v": 1}
    assert "Item" not in dynamodb.get_item(TableName=table, Key=item(pk="a"))
    assert "Attributes" not in dynamodb.delete_item(TableName=table, Key=item(pk="a"), ReturnValues="ALL_OLD")


def is_even(number):
    return int(number) == number and int(number) % 2 == 0


def test_a_query_goes_through_numbers_in_their_order(dynamodb, new_table):
    table = new_table(sort="N")
    numbers = [Decimal(text) for text in ["-1e20", "-10", "-9.5", "0", "0.01", "2", "10", "1e30"]]
    for number in reversed(numbers):
        dynamodb.put_item(TableName=table, Item=item(pk="a", sk=number, even=is_even(number)))
    dynamodb.put_item(TableName=table, Item=item(pk="b", sk=1))

    def query(condition, **options):
        values = {f":{name}": value for name, value in item(**options.pop("values", {})).items()} | item(**{":p": "a"})
        answer = dynamodb.query(
            TableName=table, KeyConditionExpression=f"pk = :p{condition}", ExpressionAttributeValues=values, **options
        )
        return [plain(found)["sk"] for found in answer["Items"]], answer

    assert query("")[0] == numbers
    assert query("", ScanIndexForward=False)[0] == numbers[::-1]
    for sign, kept in [("<", numbers[:4]), ("<=", numbers[:5]), (">", numbers[5:]), (">=", numbers[4:]), ("=", numbers[4:5])]:
        bound = {"values": {"v": Decimal("0.01")}}
        assert query(f" AND sk {sign} :v", **bound)[0] == kept
        assert query(f" AND sk {sign} :v", ScanIndexForward=False, **bound)[0] == kept[::-1]
    assert query(" AND sk BETWEEN :low AND :high", values={"low": -10, "high": 2})[0] == numbers[1:6]
    found, answer = query("", FilterExpression="even = :t", values={"t": True})
    assert (found, answer["Count"], answer["ScannedCount"]) == ([n for n in numbers if is_even(n)], len(found), 8)

    seen, start = [], {}
    while True:
        found, answer = query("", Limit=3, ScanIndexForward=False, **start)
        seen += found
        if "LastEvaluatedKey" not in answer:
            break
        assert plain(answer["LastEvaluatedKey"]) == {"pk": "a", "sk": found[-1]}
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
    assert seen == numbers[::-1]


def test_a_query_finds_what_begins_with_a_text(dynamodb, new_table, refused):
    table = new_table(sort="S")
    for text in ["a", "ab", "abc", "abé", "b"]:
        dynamodb.put_item(TableName=table, Item=item(pk="p", sk=text))

    def query(condition, start):
        answer = dynamodb.query(
            TableName=table, KeyConditionExpression=condition, ExpressionAttributeValues=item(**{":p": "p", ":s": start})
        )
        return [found["sk"]["S"] for found in answer["Items"]]

    assert query("pk = :p AND begins_with(sk, :s)", "ab") == ["ab", "abc", "abé"]
    with refused("ValidationException", message="KeyConditionExpressions must only contain one condition per key"):
        query("sk = :s AND sk = :p", "ab")
    with refused("ValidationException", message="One or more parameter values were invalid: Condition parameter type does not match schema type"):
        query("pk = :p AND sk = :s", 1)


def test_a_page_ends_at_a_megabyte(dynamodb, new_table):
    table = new_table(sort="N")
    for n in range(5):
        dynamodb.put_item(TableName=table, Item=item(pk="a", sk=n, x="x" * 300_000))
    values = item(**{":p": "a"})
    page = dynamodb.query(TableName=table, KeyConditionExpression="pk = :p", ExpressionAttributeValues=values)
    assert page["Count"] == 4 and plain(page["LastEvaluatedKey"]) == {"pk": "a", "sk": 3}


def test_segments_of_a_scan_hold_everything_once_in_a_stable_order(dynamodb, new_table, refused):
    table = new_table()
    for n in range(40):
        dynamodb.put_item(TableName=table, Item=item(pk=f"k{n}"))

    def scan(**options):
        paginator = dynamodb.get_paginator("scan")
        return [found["pk"]["S"] for page in paginator.paginate(TableName=table, Limit=7, **options) for found in page["Items"]]

    everything = scan()
    assert sorted(everything) == sorted(f"k{n}" for n in range(40)) and scan() == everything
    assert sum((scan(Segment=n, TotalSegments=4) for n in range(4)), []) == everything
    counted = dynamodb.scan(TableName=table, Select="COUNT")
    assert counted["Count"] == 40 and "Items" not in counted
    with refused("ValidationException"):
        dynamodb.scan(TableName=table, Segment=4, TotalSegments=4)


def test_keys_are_held_against_the_schema(dynamodb, new_table, refused):
    table = new_table(sort="N")
    for bad, message in [
        (item(pk="a"), "One or more parameter values were invalid: Missing the key sk in the item"),
        (item(pk="a", sk="b"), "One or more parameter values were invalid: Type mismatch for key sk expected: N actual: S"),
        (item(pk="", sk=1), "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk"),
        ({"pk": {"S": "a"}, "sk": {"N": "x"}}, "The parameter cannot be converted to a numeric value: x"),
        (item(pk="a" * 2049, sk=1), "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"),
    ]:
        with refused("ValidationException", message=message):
            dynamodb.put_item(TableName=table, Item=bad)
    with refused("ValidationException", message="The provided key element does not match the schema"):
        dynamodb.get_item(TableName=table, Key=item(pk="a"))


def test_the_resource_of_boto3_works(welkin, account, new_table):
    name = new_table(sort="S")
    resource = boto3.resource(
        "dynamodb", endpoint_url=welkin.endpoint, region_name="us-east-1", aws_access_key_id=account, aws_secret_access_key="any"
    )
    table = resource.Table(name)
    from boto3.dynamodb.conditions import Attr, Key

    table.put_item(Item={"pk": "a", "sk": "1", "price": Decimal("9.99")})
    table.put_item(Item={"pk": "a", "sk": "2", "price": Decimal("19.99")})
    found = table.query(KeyConditionExpression=Key("pk").eq("a"), FilterExpression=Attr("price").gt(10))
    assert found["Items"] == [{"pk": "a", "sk": "2", "price": Decimal("19.99")}]


@pytest.fixture
def allowed(welkin, account):
    """DynamoDB as a user who may do everything under a condition, and maybe is denied it under another."""

    def allowed(condition, denied=None):
        statements = [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*", "Condition": condition}]
        if denied:
            statements.append({"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*", "Condition": denied})
        policy = {"Version": "2012-10-17", "Statement": statements}
        return welkin.client("dynamodb", **welkin.user(account, policy))

    return allowed


def test_a_policy_permits_partitions(dynamodb, new_table, allowed, refused):
    table = new_table(sort="S")
    for pk in ("mine", "theirs"):
        dynamodb.put_item(TableName=table, Item=item(pk=pk, sk="1"))
    user = allowed({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["mine"]}})
    query = {"TableName": table, "KeyConditionExpression": "pk = :p"}
    calls = [
        lambda pk: user.get_item(TableName=table, Key=item(pk=pk, sk="1")),
        lambda pk: user.put_item(TableName=table, Item=item(pk=pk, sk="2")),
        lambda pk: user.update_item(TableName=table, Key=item(pk=pk, sk="2")),
        lambda pk: user.query(**query, ExpressionAttributeValues=item(**{":p": pk})),
        lambda pk: user.delete_item(TableName=table, Key=item(pk=pk, sk="2")),
    ]
    for call in calls:
        call("mine")
        with refused("AccessDeniedException"):
            call("theirs")
    assert dynamodb.scan(TableName=table)["Count"] == 2


def test_a_policy_permits_attributes(dynamodb, new_table, allowed, refused):
    table = new_table()
    key = item(pk="a")
    dynamodb.put_item(TableName=table, Item=item(pk="a", name="n", secret="s"))
    user = allowed(
        {
            "ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "name"]},
            "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES", "dynamodb:ReturnValues": ["NONE", "UPDATED_NEW"]},
        }
    )
    names = {"ExpressionAttributeNames": {"#n": "name"}}
    assert user.get_item(TableName=table, Key=key, ProjectionExpression="#n", **names)["Item"] == item(name="n")
    user.update_item(TableName=table, Key=key, UpdateExpression="SET #n = pk", ReturnValues="UPDATED_NEW", **names)
    for call in (
        lambda: user.get_item(TableName=table, Key=key),
        lambda: user.get_item(TableName=table, Key=key, ProjectionExpression="secret"),
        lambda: user.put_item(TableName=table, Item=item(pk="b", secret="x")),
        lambda: user.update_item(TableName=table, Key=key, UpdateExpression="SET #n = secret", **names),
        lambda: user.update_item(TableName=table, Key=key, ReturnValues="ALL_NEW"),
        lambda: user.delete_item(TableName=table, Key=key, ConditionExpression="attribute_exists(secret)"),
        lambda: user.scan(TableName=table),
        lambda: user.scan(TableName=table, ProjectionExpression="#n", FilterExpression="attribute_exists(secret)", **names),
    ):
        with refused("AccessDeniedException"):
            call()
    assert plain(dynamodb.get_item(TableName=table, Key=key)["Item"]) == {"pk": "a", "name": "a", "secret": "s"}


def test_a_policy_denies_attributes(dynamodb, new_table, allowed, refused):
    table = new_table()
    dynamodb.put_item(TableName=table, Item=item(pk="a", name="n", secret="s"))
    user = allowed({}, denied={"ForAnyValue:StringEquals": {"dynamodb:Attributes": ["secret"]}})
    user.get_item(TableName=table, Key=item(pk="a"), ProjectionExpression="pk")
    with refused("AccessDeniedException"):
        user.get_item(TableName=table, Key=item(pk="a"), ProjectionExpression="secret")


def test_what_is_not_supported_is_refused_rather_than_left_out(dynamodb, new_table, refused):
    table = new_table()
    with refused("NotImplemented", 501, message="AttributeUpdates"):
        dynamodb.update_item(TableName=table, Key=item(pk="a"), AttributeUpdates={})
    with refused("NotImplemented", 501, message="IndexName"):
        dynamodb.scan(TableName=table, IndexName="index")
    assert dynamodb.scan(TableName=table)["Count"] == 0
