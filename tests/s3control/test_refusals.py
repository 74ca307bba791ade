"""What S3 Control lacks is refused by its name."""

import pytest
from conftest import error_of

NAME = {"Name": "some-name"}
ARN = "arn:aws:s3:us-east-1:111122223333:accesspoint/p"
LAMBDA = "arn:aws:lambda:us-east-1:111122223333:function:f"
LENS = {"Id": "lens", "AccountLevel": {"BucketLevel": {}}, "IsEnabled": True}
TRANSFORMS = [{"Actions": ["GetObject"], "ContentTransformation": {"AwsLambda": {"FunctionArn": LAMBDA}}}]
OBJECT_LAMBDA = {"SupportingAccessPoint": ARN, "TransformationConfigurations": TRANSFORMS}


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("create_access_point_for_object_lambda", {**NAME, "Configuration": OBJECT_LAMBDA}),
        ("get_access_point_for_object_lambda", NAME),
        ("list_access_points_for_object_lambda", {}),
        ("delete_access_point_for_object_lambda", NAME),
        ("put_access_point_scope", {**NAME, "Scope": {"Prefixes": ["a"]}}),
        ("get_access_point_scope", NAME),
        ("delete_access_point_scope", NAME),
        ("list_access_points_for_directory_buckets", {}),
        ("put_storage_lens_configuration", {"ConfigId": "lens", "StorageLensConfiguration": LENS}),
        ("get_storage_lens_configuration", {"ConfigId": "lens"}),
        ("list_storage_lens_configurations", {}),
        ("delete_storage_lens_configuration", {"ConfigId": "lens"}),
        ("create_storage_lens_group", {"StorageLensGroup": {**NAME, "Filter": {"MatchAnyPrefix": ["a"]}}}),
        ("list_storage_lens_groups", {}),
        ("get_storage_lens_group", NAME),
        ("delete_storage_lens_group", NAME),
    ],
)
def test_operations_of_what_is_not_there_are_refused_by_name(control, operation, given):
    error = error_of(getattr(control, operation), **given)
    assert (error["Code"], error["Status"]) == ("NotImplemented", 501)
    name = operation.replace("_", "")
    assert name in error["Message"].lower().replace(" ", "")
