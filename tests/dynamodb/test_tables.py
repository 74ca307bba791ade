"""Tables, and who may use them."""

import pytest

KEY = {
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def test_a_table_is_created_described_listed_and_deleted(welkin, dynamodb, account, refused):
    created = dynamodb.create_table(TableName="orders", **KEY)["TableDescription"]
    assert created["TableStatus"] == "CREATING"
    welkin.advance("1s")
    described = dynamodb.describe_table(TableName="orders")["Table"]
    assert described["TableStatus"] == "ACTIVE"
    assert described["TableArn"] == f"arn:aws:dynamodb:us-east-1:{account}:table/orders"
    assert described["KeySchema"] == KEY["KeySchema"] and described["ItemCount"] == 0
    with refused("ResourceInUseException", message="Table already exists: orders"):
        dynamodb.create_table(TableName="orders", **KEY)
    dynamodb.put_item(TableName="orders", Item={"pk": {"S": "a"}})
    assert dynamodb.describe_table(TableName="orders")["Table"]["ItemCount"] == 1
    assert dynamodb.list_tables()["TableNames"] == ["orders"]
    assert dynamodb.delete_table(TableName="orders")["TableDescription"]["TableStatus"] == "DELETING"
    welkin.advance("1s")
    with refused("ResourceNotFoundException", message="Requested resource not found: Table: orders not found"):
        dynamodb.describe_table(TableName="orders")
    dynamodb.create_table(TableName="orders", **KEY)
    welkin.advance("1s")
    assert dynamodb.scan(TableName="orders")["Count"] == 0


def test_names_of_tables_come_in_pages(dynamodb):
    for name in ["aaa", "bbb", "ccc"]:
        dynamodb.create_table(TableName=name, **KEY)
    first = dynamodb.list_tables(Limit=2)
    assert first["TableNames"] == ["aaa", "bbb"] and first["LastEvaluatedTableName"] == "bbb"
    last = dynamodb.list_tables(ExclusiveStartTableName="bbb", Limit=2)
    assert last["TableNames"] == ["ccc"] and "LastEvaluatedTableName" not in last


def test_a_table_goes_with_all_its_items(dynamodb, new_table, welkin):
    table = new_table()
    # More than one transaction removes.
    for n in range(130):
        dynamodb.put_item(TableName=table, Item={"pk": {"S": str(n)}})
    dynamodb.delete_table(TableName=table)
    welkin.advance("1m")
    assert dynamodb.list_tables()["TableNames"] == []


def test_a_protected_table_stays(dynamodb, new_table, refused):
    table = new_table(DeletionProtectionEnabled=True)
    with refused("ValidationException"):
        dynamodb.delete_table(TableName=table)
    assert dynamodb.describe_table(TableName=table)["Table"]["TableStatus"] == "ACTIVE"


def test_a_key_must_be_defined_and_throughput_is_refused(dynamodb, refused):
    with refused("ValidationException"):
        dynamodb.create_table(TableName="ttt", **{**KEY, "AttributeDefinitions": []})
    with refused("NotImplemented", 501, message="provisioned throughput"):
        dynamodb.create_table(TableName="ttt", **{**KEY, "BillingMode": "PROVISIONED"})
    assert dynamodb.list_tables()["TableNames"] == []


CALLS = {
    "dynamodb:DescribeTable": lambda c, t: c.describe_table(TableName=t),
    "dynamodb:PutItem": lambda c, t: c.put_item(TableName=t, Item={"pk": {"S": "a"}}),
    "dynamodb:GetItem": lambda c, t: c.get_item(TableName=t, Key={"pk": {"S": "a"}}),
    "dynamodb:UpdateItem": lambda c, t: c.update_item(TableName=t, Key={"pk": {"S": "a"}}),
    "dynamodb:DeleteItem": lambda c, t: c.delete_item(TableName=t, Key={"pk": {"S": "a"}}),
    "dynamodb:Scan": lambda c, t: c.scan(TableName=t),
    "dynamodb:Query": lambda c, t: c.query(
        TableName=t, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "a"}}
    ),
    "dynamodb:DeleteTable": lambda c, t: c.delete_table(TableName=t),
}


@pytest.mark.parametrize("action", CALLS)
def test_each_operation_needs_its_action_on_the_table(welkin, account, new_table, refused, action):
    table = new_table()
    arn = f"arn:aws:dynamodb:us-east-1:{account}:table/{table}"
    allow = lambda action, arn: {  # noqa: E731
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": arn}],
    }
    user = welkin.client("dynamodb", **welkin.user(account, allow(action, arn)))
    CALLS[action](user, table)
    other = welkin.client("dynamodb", **welkin.user(account, allow(action, arn + "x")))
    with refused("AccessDeniedException"):
        CALLS[action](other, table)


def test_another_account_has_no_access(welkin, account, new_table, refused):
    table = new_table()
    stranger = welkin.client("dynamodb", welkin.account())
    with refused("AccessDeniedException"):
        stranger.scan(TableName=f"arn:aws:dynamodb:us-east-1:{account}:table/{table}")
