"""Who may use a parameter."""

import pytest

SETTING = "/ssm/parameter-store/high-throughput-enabled"
SHARE = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"ssm:GetParameter","Resource":"%s"}}'
ON = {"ResourceType": "Parameter", "ResourceId": "/p"}


@pytest.mark.parametrize(
    "action, call",
    [
        ("PutParameter", lambda ssm, arn: ssm.put_parameter(Name="/q", Value="v", Type="String")),
        ("GetParameter", lambda ssm, arn: ssm.get_parameter(Name="/p")),
        ("GetParameters", lambda ssm, arn: ssm.get_parameters(Names=["/p"])),
        ("GetParametersByPath", lambda ssm, arn: ssm.get_parameters_by_path(Path="/")),
        ("GetParameterHistory", lambda ssm, arn: ssm.get_parameter_history(Name="/p")),
        ("DescribeParameters", lambda ssm, arn: ssm.describe_parameters()),
        ("LabelParameterVersion", lambda ssm, arn: ssm.label_parameter_version(Name="/p", Labels=["l"])),
        ("UnlabelParameterVersion", lambda ssm, arn: ssm.unlabel_parameter_version(Name="/p", ParameterVersion=1, Labels=["l"])),
        ("AddTagsToResource", lambda ssm, arn: ssm.add_tags_to_resource(**ON, Tags=[{"Key": "a", "Value": "b"}])),
        ("RemoveTagsFromResource", lambda ssm, arn: ssm.remove_tags_from_resource(**ON, TagKeys=["a"])),
        ("ListTagsForResource", lambda ssm, arn: ssm.list_tags_for_resource(**ON)),
        ("PutResourcePolicy", lambda ssm, arn: ssm.put_resource_policy(ResourceArn=arn, Policy=SHARE % arn)),
        ("GetResourcePolicies", lambda ssm, arn: ssm.get_resource_policies(ResourceArn=arn)),
        ("GetServiceSetting", lambda ssm, arn: ssm.get_service_setting(SettingId=SETTING)),
        ("UpdateServiceSetting", lambda ssm, arn: ssm.update_service_setting(SettingId=SETTING, SettingValue="true")),
        ("ResetServiceSetting", lambda ssm, arn: ssm.reset_service_setting(SettingId=SETTING)),
        ("DeleteParameter", lambda ssm, arn: ssm.delete_parameter(Name="/p")),
        ("DeleteParameters", lambda ssm, arn: ssm.delete_parameters(Names=["/p"])),
    ],
)
def test_each_operation_needs_its_action(user, put, account, refused, action, call):
    put("/p", Tier="Advanced")
    arn = f"arn:aws:ssm:us-east-1:{account}:parameter/p"
    with refused("AccessDeniedException", message=f"is not authorized to perform: ssm:{action}"):
        call(user("ssm:Nothing"), arn)
    call(user(f"ssm:{action}"), arn)


def test_paths_tags_and_overwriting_are_conditions(ssm, put, user, account, refused):
    put("/red/p", Tags=[{"Key": "team", "Value": "red"}]), put("/blue/p")
    below = user("ssm:GetParameter*", resource=f"arn:aws:ssm:us-east-1:{account}:parameter/red*")
    assert below.get_parameter(Name="/red/p") and below.get_parameters_by_path(Path="/red")
    for call in (lambda: below.get_parameter(Name="/blue/p"), lambda: below.get_parameters(Names=["/red/p", "/blue/p"])):
        with refused("AccessDeniedException"):
            call()
    for key in ("aws:ResourceTag/team", "ssm:resourceTag/team"):
        red = user("ssm:GetParameter", Condition={"StringEquals": {key: "red"}})
        assert red.get_parameter(Name="/red/p")
        with refused("AccessDeniedException"):
            red.get_parameter(Name="/blue/p")
    careful = user("ssm:PutParameter", Condition={"StringEquals": {"ssm:Overwrite": "false"}})
    careful.put_parameter(Name="/new", Value="v", Type="String")
    with refused("AccessDeniedException"):
        careful.put_parameter(Name="/new", Value="w", Type="String", Overwrite=True)
    with refused("AccessDeniedException", message="ssm:AddTagsToResource"):
        user("ssm:PutParameter").put_parameter(Name="/t", Value="v", Type="String", Tags=[{"Key": "a", "Value": "b"}])
    flat = user("ssm:GetParametersByPath", Condition={"StringEquals": {"ssm:Recursive": "false"}})
    assert flat.get_parameters_by_path(Path="/red")["Parameters"]
    with refused("AccessDeniedException"):
        flat.get_parameters_by_path(Path="/red", Recursive=True)


def test_calls_are_on_the_record_without_the_values(welkin, account, put):
    put("/p", "s3cret", Type="SecureString")
    welkin.advance("15m")
    events = welkin.client("cloudtrail", account).lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "PutParameter"}])
    (event,) = events["Events"]
    assert event["EventSource"] == "ssm.amazonaws.com" and "s3cret" not in event["CloudTrailEvent"]
