"""Registered locations: registering, and creating tables at them."""


import pytest
from conftest import DATABASE, allow, table


def test_locations_are_registered_changed_and_deregistered(lake, refused):
    lf, role = lake.lf, lake.role()
    arn = lake.register("/orders", RoleArn=role)
    info = lf.describe_resource(ResourceArn=arn)["ResourceInfo"]
    assert (info["ResourceArn"], info["RoleArn"], info["HybridAccessEnabled"]) == (arn, role, False)
    with refused("AlreadyExistsException"):
        lf.register_resource(ResourceArn=arn, RoleArn=role)
    other = lake.role("other")
    lf.update_resource(ResourceArn=arn, RoleArn=other, HybridAccessEnabled=True)
    info = lf.describe_resource(ResourceArn=arn)["ResourceInfo"]
    assert (info["RoleArn"], info["HybridAccessEnabled"]) == (other, True)
    lf.deregister_resource(ResourceArn=arn)
    for call in (lf.describe_resource, lf.deregister_resource):
        with refused("EntityNotFoundException"):
            call(ResourceArn=arn)
    with refused("EntityNotFoundException"):
        lf.update_resource(ResourceArn=arn, RoleArn=role)


def test_locations_are_listed_in_pages_and_by_role(lake):
    one, two = lake.role("one"), lake.role("two")
    arns = [lake.register(f"/{n}", RoleArn=one if n < 2 else two) for n in range(3)]
    first = lake.lf.list_resources(MaxResults=2)
    second = lake.lf.list_resources(MaxResults=2, NextToken=first["NextToken"])
    assert [info["ResourceArn"] for info in first["ResourceInfoList"] + second["ResourceInfoList"]] == arns
    condition = {"Field": "ROLE_ARN", "ComparisonOperator": "EQ", "StringValueList": [two]}
    assert [info["ResourceArn"] for info in lake.lf.list_resources(FilterConditionList=[condition])["ResourceInfoList"]] == arns[2:]


def test_what_cannot_be_registered_is_refused(lake, refused):
    role, bucket = lake.role(), f"arn:aws:s3:::{lake.bucket}"
    for options in ({}, {"RoleArn": role, "UseServiceLinkedRole": True}, {"RoleArn": role + "x"}):
        with refused("InvalidInputException"):
            lake.lf.register_resource(ResourceArn=bucket, **options)
    with refused("InvalidInputException"):
        lake.lf.register_resource(ResourceArn="arn:aws:sqs:us-east-1:111122223333:q", RoleArn=role)
    with refused("EntityNotFoundException"):
        lake.lf.register_resource(ResourceArn="arn:aws:s3:::no-such-bucket-anywhere", RoleArn=role)
    with refused("NotImplemented", 501):
        lake.lf.register_resource(ResourceArn=bucket, RoleArn=role, WithFederation=True)


def test_the_role_must_be_one_that_the_caller_may_pass(lake, refused):
    lf = lake.welkin.client("lakeformation", **lake.welkin.user(lake.account, allow("lakeformation:*", "s3:*")))
    with refused("AccessDeniedException", message="iam:PassRole"):
        lf.register_resource(ResourceArn=f"arn:aws:s3:::{lake.bucket}", RoleArn=lake.role())


def test_the_linked_role_gets_the_permission_for_the_location(closed):
    closed.register("/orders", UseServiceLinkedRole=True)
    ann = closed.person("ann")
    closed.grant(ann, table(), "SELECT")
    assert ann.rows("SELECT count(*) FROM shop.orders")[1] == ("4",)
    role = closed.lf.describe_resource(ResourceArn=f"arn:aws:s3:::{closed.bucket}/orders")["ResourceInfo"]["RoleArn"]
    assert role.endswith("role/aws-service-role/lakeformation.amazonaws.com/AWSServiceRoleForLakeFormationDataAccess")


def test_a_table_at_a_registered_location_needs_its_permission(closed, refused):
    arn = closed.register()
    ann = closed.person("ann")
    closed.grant(ann, DATABASE, "CREATE_TABLE")
    new = {"Name": "new", "StorageDescriptor": {"Location": f"s3://{closed.bucket}/new/"}}
    elsewhere = {"Name": "elsewhere", "StorageDescriptor": {"Location": "s3://elsewhere/new/"}}
    glue = ann.client("glue")
    with refused("AccessDeniedException", message="Required Data Location Access on s3://"):
        glue.create_table(DatabaseName="shop", TableInput=new)
    glue.create_table(DatabaseName="shop", TableInput=elsewhere)
    location = {"DataLocation": {"ResourceArn": arn}}
    closed.grant(ann, location, "DATA_LOCATION_ACCESS")
    assert closed.granted(Resource=location) == {("ann", "DataLocation"): (["DATA_LOCATION_ACCESS"], [])}
    glue.create_table(DatabaseName="shop", TableInput=new)
    closed.revoke(ann, location, "DATA_LOCATION_ACCESS")
    with refused("AccessDeniedException"):
        glue.create_table(DatabaseName="shop", TableInput={**new, "Name": "more"})
    # Administrators have it everywhere.
    closed.grant(closed.admin, DATABASE, "CREATE_TABLE")
    closed.admin.client("glue").create_table(DatabaseName="shop", TableInput={**new, "Name": "more"})


def test_credentials_are_for_engines(closed, refused):
    closed.register("/orders")
    ann = closed.person("ann")
    closed.grant(ann, table(), "SELECT")
    arn = f"arn:aws:glue:us-east-1:{closed.account}:table/shop/orders"
    lf = ann.client("lakeformation")
    with refused("AccessDeniedException", message="Access is not allowed."):
        lf.get_temporary_glue_table_credentials(TableArn=arn)
    settings = closed.lf.get_data_lake_settings()["DataLakeSettings"]
    closed.lf.put_data_lake_settings(DataLakeSettings={**settings, "AllowFullTableExternalDataAccess": True})
    given = lf.get_temporary_glue_table_credentials(TableArn=arn)
    s3 = closed.welkin.client("s3", key=given["AccessKeyId"], secret=given["SecretAccessKey"], token=given["SessionToken"])
    assert s3.get_object(Bucket=closed.bucket, Key="orders/a.csv")["Body"].read().startswith(b"1,apple")
    closed.s3.put_object(Bucket=closed.bucket, Key="other/a.csv", Body=b"x")
    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.get_object(Bucket=closed.bucket, Key="other/a.csv")
    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.put_object(Bucket=closed.bucket, Key="orders/b.csv", Body=b"x")
    with refused("AccessDeniedException", message="Required Insert on orders"):
        lf.get_temporary_glue_table_credentials(TableArn=arn, Permissions=["INSERT"])
    with refused("InvalidInputException"):
        lf.get_temporary_glue_table_credentials(TableArn="nonsense")
    with refused("AccessDeniedException"):
        lf.get_temporary_glue_table_credentials(TableArn=arn + "x")


def test_in_hybrid_access_others_read_with_their_own_rights(lake):
    lake.register("/orders", RoleArn=lake.role(), HybridAccessEnabled=True)
    ann, bob = lake.reader("ann"), lake.person("bob")
    # IAM decides for ann; bob has opted in.
    assert ann.rows("SELECT count(*) FROM shop.orders")[1] == ("4",)
    assert "Permission denied on S3 path" in bob.fails("SELECT count(*) FROM shop.orders")
    lake.lf.create_lake_formation_opt_in(Principal=bob.principal, Resource=table())
    lake.grant(bob, table(), "SELECT")
    assert bob.rows("SELECT count(*) FROM shop.orders")[1] == ("4",)
