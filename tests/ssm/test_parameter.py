"""Parameters: made, read by name, version, label and ARN, listed, labelled, deleted."""

import json

import pytest


def test_a_parameter_is_made_read_and_deleted(ssm, put, account, refused):
    assert put("/app/host", "db.example.com", Description="where it is") | {"ResponseMetadata": 0} == {
        "Version": 1, "Tier": "Standard", "ResponseMetadata": 0,
    }
    found = ssm.get_parameter(Name="/app/host")["Parameter"]
    arn = f"arn:aws:ssm:us-east-1:{account}:parameter/app/host"
    assert (found["Name"], found["Type"], found["Value"], found["Version"]) == ("/app/host", "String", "db.example.com", 1)
    assert (found["ARN"], found["DataType"]) == (arn, "text")
    assert ssm.get_parameter(Name=arn)["Parameter"]["Value"] == "db.example.com"
    with refused("ParameterAlreadyExists"):
        put("/app/host")
    ssm.delete_parameter(Name="/app/host")
    for call in (ssm.get_parameter, ssm.delete_parameter, ssm.get_parameter_history):
        with refused("ParameterNotFound"):
            call(Name="/app/host")
    put("plain", "a,b", Type="StringList")
    assert ssm.get_parameter(Name=f"arn:aws:ssm:us-east-1:{account}:parameter/plain")["Parameter"]["Value"] == "a,b"


@pytest.mark.parametrize(
    "options, code, message",
    [
        ({"Name": "aws-x"}, "ValidationException", "can't be prefixed with"),
        ({"Name": "/ssm/x"}, "ValidationException", "can't be prefixed with"),
        ({"Name": "a b"}, "ValidationException", "Parameter name"),
        ({"Name": "/aws/x"}, "AccessDeniedException", "reserved parameter name"),
        ({"Name": "a/b"}, "ValidationException", "fully qualified"),
        ({"Name": "/x" * 16}, "HierarchyLevelLimitExceededException", "15 levels"),
        ({"Value": ""}, "ValidationException", "length greater than or equal to 1"),
        ({"Value": "x" * 4097}, "ValidationException", "4096"),
        ({"Value": "x" * 8193, "Tier": "Advanced"}, "ValidationException", "8192"),
        ({"Type": None}, "ValidationException", "type is required"),
        ({"KeyId": "alias/k"}, "ValidationException", "SecureString"),
        ({"DataType": "number"}, "ValidationException", "data type is not supported"),
        ({"DataType": "aws:ec2:image"}, "NotImplemented", "aws:ec2:image"),
        ({"AllowedPattern": "["}, "InvalidAllowedPatternException", "Invalid allowed pattern"),
        ({"AllowedPattern": r"^\d+$"}, "ParameterPatternMismatchException", r"^\d+$"),
        ({"AllowedPattern": r"\d"}, "ParameterPatternMismatchException", r"\d"),
        ({"Tags": [{"Key": "aws:x", "Value": ""}]}, "ValidationException", "aws:"),
        ({"Tags": [{"Key": "x", "Value": ""}], "Overwrite": True}, "ValidationException", "tags and overwrite"),
        ({"Tags": [{"Key": str(n), "Value": ""} for n in range(51)]}, "TooManyTagsError", ""),
        ({"Policies": "[]x"}, "ValidationException", "policies"),
    ],
)
def test_parameters_are_held_against_the_rules(ssm, refused, options, code, message):
    options = {"Name": "p", "Value": "v", "Type": "String", **options}
    with refused(code, 501 if code == "NotImplemented" else 400, message=message):
        ssm.put_parameter(**{name: value for name, value in options.items() if value is not None})
    assert ssm.describe_parameters()["Parameters"] == []


def test_versions_are_kept_and_read_by_number_and_label(ssm, put, value, refused, account):
    for number in range(1, 4):
        assert put("p", f"v{number}", Overwrite=True)["Version"] == number
    assert (value("p"), value("p:1"), value("p:3")) == ("v3", "v1", "v3")
    assert ssm.get_parameter(Name="p:2")["Parameter"]["Selector"] == ":2"
    assert value(f"arn:aws:ssm:us-east-1:{account}:parameter/p:2") == "v2"
    labelled = ssm.label_parameter_version(Name="p", ParameterVersion=1, Labels=["prod", "1st", "aws-x"])
    assert (labelled["InvalidLabels"], labelled["ParameterVersion"]) == (["1st", "aws-x"], 1)
    assert value("p:prod") == "v1"
    assert ssm.label_parameter_version(Name="p", Labels=["prod", "beta"])["ParameterVersion"] == 3
    assert value("p:prod") == "v3", "a label moves"
    history = ssm.get_parameter_history(Name="p")["Parameters"]
    assert [(one["Version"], one["Value"], one.get("Labels", [])) for one in history] == [
        (1, "v1", []), (2, "v2", []), (3, "v3", ["beta", "prod"]),
    ]
    removed = ssm.unlabel_parameter_version(Name="p", ParameterVersion=3, Labels=["prod", "none"])
    assert (removed["RemovedLabels"], removed["InvalidLabels"]) == (["prod"], ["none"])
    for missing in ("p:prod", "p:9"):
        with refused("ParameterVersionNotFound"):
            value(missing)
    with refused("ParameterVersionLabelLimitExceeded"):
        ssm.label_parameter_version(Name="p", Labels=[f"l{n}" for n in range(10)])
    with refused("ParameterVersionNotFound"):
        ssm.label_parameter_version(Name="p", ParameterVersion=9, Labels=["x"])
    for call in (ssm.label_parameter_version, ssm.unlabel_parameter_version):
        with refused("ParameterNotFound"):
            call(Name="none", ParameterVersion=1, Labels=["x"])
    page = ssm.get_parameter_history(Name="p", MaxResults=2)
    rest = ssm.get_parameter_history(Name="p", MaxResults=2, NextToken=page["NextToken"])
    assert [one["Version"] for one in page["Parameters"] + rest["Parameters"]] == [1, 2, 3] and "NextToken" not in rest
    with refused("HierarchyTypeMismatchException"):
        put("p", "v", Type="StringList", Overwrite=True)


def test_a_hundred_versions_are_kept_unless_the_oldest_has_a_label(ssm, put, value, refused):
    for number in range(1, 101):
        put("p", str(number), Overwrite=True)
    ssm.label_parameter_version(Name="p", ParameterVersion=1, Labels=["first"])
    with refused("ParameterMaxVersionLimitExceeded", message="first"):
        put("p", "101", Overwrite=True)
    ssm.unlabel_parameter_version(Name="p", ParameterVersion=1, Labels=["first"])
    assert put("p", "101", Overwrite=True)["Version"] == 101
    with refused("ParameterVersionNotFound"):
        value("p:1")
    assert value("p:2") == "2"


def test_several_are_read_and_deleted_at_once(ssm, put):
    put("a"), put("b", "w")
    found = ssm.get_parameters(Names=["a", "b:1", "c", "a:9"])
    assert {one["Name"]: one["Value"] for one in found["Parameters"]} == {"a": "v", "b": "w"}
    assert found["InvalidParameters"] == ["c", "a:9"]
    gone = ssm.delete_parameters(Names=["a", "c"])
    assert (gone["DeletedParameters"], gone["InvalidParameters"]) == (["a"], ["c"])
    assert ssm.get_parameters(Names=["a", "b"])["InvalidParameters"] == ["a"]


def test_parameters_below_a_path_are_read_in_pages(ssm, put, refused):
    for name in ["/a/x", "/a/y", "/a/b/z", "/ab/x", "/a"]:
        put(name, name)
    put("/a/list", "1,2", Type="StringList")
    read = lambda path, **more: [one["Name"] for one in ssm.get_parameters_by_path(Path=path, **more)["Parameters"]]  # noqa: E731
    assert read("/a") == read("/a/") == ["/a/list", "/a/x", "/a/y"]
    assert read("/a", Recursive=True) == ["/a/b/z", "/a/list", "/a/x", "/a/y"]
    assert read("/") == ["/a"] and len(read("/", Recursive=True)) == 6
    assert read("/a", ParameterFilters=[{"Key": "Type", "Values": ["StringList"]}]) == ["/a/list"]
    put("/a/x", "new", Overwrite=True)
    ssm.label_parameter_version(Name="/a/x", ParameterVersion=1, Labels=["prod"])
    (old,) = ssm.get_parameters_by_path(Path="/a", ParameterFilters=[{"Key": "Label", "Values": ["prod"]}])["Parameters"]
    assert (old["Value"], old["Selector"]) == ("/a/x", ":prod")
    first = ssm.get_parameters_by_path(Path="/a", Recursive=True, MaxResults=3)
    rest = ssm.get_parameters_by_path(Path="/a", Recursive=True, MaxResults=3, NextToken=first["NextToken"])
    assert len(first["Parameters"]) == 3 and len(rest["Parameters"]) == 1 and "NextToken" not in rest
    with refused("ValidationException", message="forward slash"):
        read("a")
    with refused("InvalidFilterKey"):
        read("/a", ParameterFilters=[{"Key": "Tier", "Values": ["Standard"]}])
    with refused("InvalidNextToken"):
        read("/a", NextToken="!")


def test_parameters_are_found_by_filters(ssm, put, refused):
    put("/app/host", Tags=[{"Key": "team", "Value": "red"}])
    put("/app/port", Tier="Advanced"), put("/app/db/name"), put("other", "a,b", Type="StringList")
    put("secret", Type="SecureString")

    def found(*filters, **more):
        return [one["Name"] for one in ssm.describe_parameters(ParameterFilters=list(filters), **more)["Parameters"]]

    by = lambda key, *values, **more: {"Key": key, "Values": list(values), **more}  # noqa: E731
    assert found(by("Name", "/app/host", "other")) == ["/app/host", "other"]
    assert found(by("Name", "/app/", Option="BeginsWith")) == ["/app/db/name", "/app/host", "/app/port"]
    assert found(by("Name", "o", Option="Contains")) == ["/app/host", "/app/port", "other"]
    assert found(by("Path", "/app")) == ["/app/host", "/app/port"]
    assert found(by("Path", "/app", Option="Recursive")) == ["/app/db/name", "/app/host", "/app/port"]
    assert found(by("Type", "StringList", "SecureString")) == ["other", "secret"]
    assert found(by("KeyId", "alias/aws/ssm")) == ["secret"]
    assert found(by("Tier", "Advanced")) == ["/app/port"]
    assert found(by("tag:team", "red")) == found({"Key": "tag:team"}) == ["/app/host"]
    assert found(by("Type", "String"), by("Path", "/app")) == ["/app/host", "/app/port"]
    older = ssm.describe_parameters(Filters=[{"Key": "Name", "Values": ["/app/h"]}])["Parameters"]
    assert [one["Name"] for one in older] == ["/app/host"] and "Value" not in older[0]
    first = ssm.describe_parameters(MaxResults=3)
    rest = ssm.describe_parameters(MaxResults=3, NextToken=first["NextToken"])
    assert len(first["Parameters"] + rest["Parameters"]) == 5 and "NextToken" not in rest
    for bad, code in [(by("Label", "x"), "InvalidFilterKey"), (by("Type", "x"), "InvalidFilterValue"), (by("Type", "String", Option="Contains"), "InvalidFilterOption")]:
        with refused(code):
            found(bad)
    with refused("NotImplemented", 501, message="RAM"):
        ssm.describe_parameters(Shared=True)


def test_tiers_are_as_asked_for_as_they_were_or_by_default(ssm, put, refused):
    setting = "/ssm/parameter-store/default-parameter-tier"
    assert put("a", "x" * 8192, Tier="Advanced")["Tier"] == "Advanced"
    assert put("a", "x", Overwrite=True)["Tier"] == "Advanced"
    with refused("ValidationException", message="can't downgrade"):
        put("a", "x", Tier="Standard", Overwrite=True)
    assert put("b", "x", Tier="Intelligent-Tiering")["Tier"] == "Standard"
    assert put("b", "x" * 5000, Tier="Intelligent-Tiering", Overwrite=True)["Tier"] == "Advanced"
    found = ssm.get_service_setting(SettingId=setting)["ServiceSetting"]
    assert (found["SettingValue"], found["Status"]) == ("Standard", "Default")
    ssm.update_service_setting(SettingId=setting, SettingValue="Intelligent-Tiering")
    found = ssm.get_service_setting(SettingId=found["ARN"])["ServiceSetting"]
    assert (found["SettingValue"], found["Status"]) == ("Intelligent-Tiering", "Customized")
    assert put("c", "x" * 5000)["Tier"] == "Advanced"
    assert ssm.reset_service_setting(SettingId=setting)["ServiceSetting"]["Status"] == "Default"
    with refused("ValidationException", message="4096"):
        put("d", "x" * 5000)
    with refused("ValidationException"):
        ssm.update_service_setting(SettingId=setting, SettingValue="Golden")
    with refused("ServiceSettingNotFound"):
        ssm.get_service_setting(SettingId="/none/x")
    with refused("NotImplemented", 501, message="/ssm/opsitem"):
        ssm.get_service_setting(SettingId="/ssm/opsitem/ssm-patchmanager")


def test_accounts_and_regions_do_not_see_each_others(ssm, put, welkin, account, refused):
    put("p")
    for other in (welkin.client("ssm", welkin.account()), welkin.client("ssm", account, region="eu-west-1")):
        assert other.describe_parameters()["Parameters"] == []
        with refused("ParameterNotFound"):
            other.get_parameter(Name="p")


def test_tags_are_added_listed_and_removed(ssm, put, refused):
    put("p", Tags=[{"Key": "a", "Value": "1"}])
    on = {"ResourceType": "Parameter", "ResourceId": "p"}
    tags = lambda: {one["Key"]: one["Value"] for one in ssm.list_tags_for_resource(**on)["TagList"]}  # noqa: E731
    ssm.add_tags_to_resource(**on, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}])
    assert tags() == {"a": "2", "b": ""}
    ssm.remove_tags_from_resource(**on, TagKeys=["a", "none"])
    assert tags() == {"b": ""}
    with refused("TooManyTagsError"):
        ssm.add_tags_to_resource(**on, Tags=[{"Key": str(n), "Value": ""} for n in range(50)])
    with refused("InvalidResourceId"):
        ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="none")
    with refused("NotImplemented", 501, message="Document"):
        ssm.list_tags_for_resource(ResourceType="Document", ResourceId="d")


def test_regions_are_public_parameters(ssm, value, refused):
    path = "/aws/service/global-infrastructure/regions"
    assert value(f"{path}/eu-west-1") == "eu-west-1" and value(f"{path}/eu-west-1/partition") == "aws"
    assert value("/aws/service/global-infrastructure/current-region") == "us-east-1"
    pages, token = [], {}
    while True:
        page = ssm.get_parameters_by_path(Path=path, **token)
        pages += [one["Value"] for one in page["Parameters"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert pages == sorted(set(pages)) and {"us-east-1", "eu-west-1"} <= set(pages)
    with refused("ParameterNotFound"):
        value(f"{path}/mars-1")
    with refused("NotImplemented", 501, message="ami-amazon-linux-latest"):
        value("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64")


def test_policies_act_by_the_clock(ssm, put, welkin, refused):
    import datetime

    at = (welkin.now() + datetime.timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    policies = [
        {"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": at}},
        {"Type": "ExpirationNotification", "Version": "1.0", "Attributes": {"Before": "1", "Unit": "Days"}},
        {"Type": "NoChangeNotification", "Version": "1.0", "Attributes": {"After": "20", "Unit": "Hours"}},
    ]
    with refused("ValidationException", message="advanced"):
        put("p", Policies=json.dumps(policies), Tier="Standard")
    assert put("p", Policies=json.dumps(policies), Tier="Intelligent-Tiering")["Tier"] == "Advanced"
    put("kept", Policies=json.dumps(policies), Tier="Advanced")
    status = lambda: {one["PolicyType"]: one["PolicyStatus"] for one in ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": ["p"]}])["Parameters"][0]["Policies"]}  # noqa: E731
    assert set(status().values()) == {"Pending"}
    welkin.advance("50h")
    assert status() == {"Expiration": "Pending", "ExpirationNotification": "Finished", "NoChangeNotification": "Finished"}
    put("kept", "w", Overwrite=True, Policies="[{}]")
    welkin.advance("24h")
    with refused("ParameterNotFound"):
        ssm.get_parameter(Name="p")
    assert ssm.get_parameter(Name="kept")["Parameter"]["Value"] == "w"
    for bad, code in [
        ([{"Type": "Nap", "Version": "1.0"}], "InvalidPolicyTypeException"),
        (policies[1:2], "IncompatiblePolicyException"),
        ([{"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": "2001-01-01T00:00:00Z"}}], "InvalidPolicyAttributeException"),
        (policies[2:] * 11, "PoliciesLimitExceededException"),
    ]:
        with refused(code):
            put("bad", Tier="Advanced", Policies=json.dumps(bad))
