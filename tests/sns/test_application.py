"""Platform applications, endpoints on devices, and what these are pushed."""

import json

import pytest

GCM = {"PlatformCredential": "key"}
TOKEN = "ab" * 32


@pytest.fixture
def application(sns):
    """An application of Google's."""
    return sns.create_platform_application(Name="app", Platform="GCM", Attributes=GCM)["PlatformApplicationArn"]


@pytest.fixture
def device(sns, application):
    """An endpoint of the application."""
    return sns.create_platform_endpoint(PlatformApplicationArn=application, Token="device-1")["EndpointArn"]


@pytest.fixture
def pushed(welkin):
    """What an endpoint was pushed, oldest first."""
    return lambda endpoint: [one["text"] for one in welkin.admin("GET", "outbox") if one["to"] == endpoint]


def test_an_application_is_made_once_listed_changed_and_deleted(sns, account, refused):
    make = sns.create_platform_application
    principal = {"PlatformCredential": "-----BEGIN PRIVATE KEY-----x", "PlatformPrincipal": "KEYID"}
    team = {"ApplePlatformTeamID": "TEAM", "ApplePlatformBundleID": "com.example"}
    arn = make(Name="app", Platform="APNS", Attributes=principal | team)["PlatformApplicationArn"]
    assert arn == f"arn:aws:sns:us-east-1:{account}:app/APNS/app"
    assert make(Name="app", Platform="APNS", Attributes=principal | team)["PlatformApplicationArn"] == arn
    with refused("InvalidParameter", message="different properties"):
        make(Name="app", Platform="APNS", Attributes=principal | team | {"PlatformCredential": "other"})
    shown = sns.get_platform_application_attributes(PlatformApplicationArn=arn)["Attributes"]
    assert shown == {"Enabled": "true", "AuthenticationMethod": "Token", **team}
    (listed,) = sns.list_platform_applications()["PlatformApplications"]
    assert listed == {"PlatformApplicationArn": arn, "Attributes": shown}
    sns.set_platform_application_attributes(PlatformApplicationArn=arn, Attributes={"ApplePlatformTeamID": "OTHER"})
    assert sns.get_platform_application_attributes(PlatformApplicationArn=arn)["Attributes"]["ApplePlatformTeamID"] == "OTHER"
    for _ in range(2):
        sns.delete_platform_application(PlatformApplicationArn=arn)
    assert sns.list_platform_applications()["PlatformApplications"] == []
    with refused("NotFound", 404, message="PlatformApplication does not exist"):
        sns.get_platform_application_attributes(PlatformApplicationArn=arn)


@pytest.mark.parametrize(
    "options, code, message",
    [
        ({"Platform": "PIGEON"}, "InvalidParameter", "PIGEON is not supported"),
        ({"Name": "a b"}, "InvalidParameter", "Application names must be"),
        ({"Name": "x" * 257}, "InvalidParameter", "Application names must be"),
        ({"Attributes": {"PlatformPrincipal": "x"}}, "InvalidParameter", "PlatformCredential"),
        ({"Platform": "ADM"}, "InvalidParameter", "PlatformPrincipal"),
        ({"Attributes": GCM | {"Colour": "red"}}, "InvalidParameter", "Colour"),
        ({"Attributes": GCM | {"EventEndpointCreated": "news"}}, "InvalidParameter", "EventEndpointCreated"),
        ({"Attributes": GCM | {"SuccessFeedbackRoleArn": "r"}}, "NotImplemented", "SuccessFeedbackRoleArn"),
    ],
)
def test_applications_are_held_against_the_rules(sns, refused, options, code, message):
    with refused(code, 501 if code == "NotImplemented" else 400, message=message):
        sns.create_platform_application(**({"Name": "app", "Platform": "GCM", "Attributes": GCM} | options))
    assert sns.list_platform_applications()["PlatformApplications"] == []


def test_an_endpoint_is_made_once_changed_and_deleted(sns, application, refused):
    def make(**more):
        return sns.create_platform_endpoint(PlatformApplicationArn=application, **more)["EndpointArn"]

    arn = make(Token="t", CustomUserData="me")
    assert arn.startswith(application.replace(":app/", ":endpoint/") + "/")
    assert make(Token="t", CustomUserData="me", Attributes={"Enabled": "true"}) == arn
    with refused("InvalidParameter", message=f"Token Reason: Endpoint {arn} already exists with the same Token, but different attributes."):
        make(Token="t", CustomUserData="you")
    get = lambda: sns.get_endpoint_attributes(EndpointArn=arn)["Attributes"]  # noqa: E731
    assert get() == {"Enabled": "true", "Token": "t", "CustomUserData": "me"}
    sns.set_endpoint_attributes(EndpointArn=arn, Attributes={"Token": "new", "Enabled": "false", "CustomUserData": ""})
    assert get() == {"Enabled": "false", "Token": "new"}
    other = make(Token="t")
    assert other != arn, "the token is free again"
    with refused("InvalidParameter", message="already exists with the same Token"):
        sns.set_endpoint_attributes(EndpointArn=arn, Attributes={"Token": "t"})
    with refused("InvalidParameter", message="CustomUserData"):
        make(Token="u", CustomUserData="é" * 1024)
    with refused("InvalidParameter", message="Enabled"):
        make(Token="u", Attributes={"Enabled": "maybe"})
    with refused("InvalidParameter", message="Token"):
        make(Token="")
    for _ in range(2):
        sns.delete_endpoint(EndpointArn=arn)
    with refused("NotFound", 404, message="Endpoint does not exist"):
        get()
    with refused("NotFound", 404):
        sns.create_platform_endpoint(PlatformApplicationArn=application + "x", Token="t")
    for wrong in ["x", application, arn.replace("us-east-1", "eu-west-1")]:
        with refused("InvalidParameter", message="EndpointArn"):
            sns.get_endpoint_attributes(EndpointArn=wrong)


def test_tokens_of_apple_are_hexadecimal(sns, refused):
    attributes = {"PlatformCredential": "key", "PlatformPrincipal": "certificate"}
    arn = sns.create_platform_application(Name="a", Platform="APNS_SANDBOX", Attributes=attributes)["PlatformApplicationArn"]
    assert sns.create_platform_endpoint(PlatformApplicationArn=arn, Token=TOKEN)["EndpointArn"]
    for token in ["no hex", "a" * 401]:
        with refused("InvalidParameter", message="400 hexadecimal characters"):
            sns.create_platform_endpoint(PlatformApplicationArn=arn, Token=token)


def test_endpoints_and_applications_are_listed_by_the_hundred(sns, application):
    made = {
        sns.create_platform_endpoint(PlatformApplicationArn=application, Token=f"t{n}")["EndpointArn"] for n in range(101)
    }
    first = sns.list_endpoints_by_platform_application(PlatformApplicationArn=application)
    assert len(first["Endpoints"]) == 100
    rest = sns.list_endpoints_by_platform_application(PlatformApplicationArn=application, NextToken=first["NextToken"])
    assert "NextToken" not in rest
    assert {one["EndpointArn"] for one in first["Endpoints"] + rest["Endpoints"]} == made
    for number in range(100):
        sns.create_platform_application(Name=f"a{number}", Platform="GCM", Attributes=GCM)
    first = sns.list_platform_applications()
    rest = sns.list_platform_applications(NextToken=first["NextToken"])
    assert (len(first["PlatformApplications"]), len(rest["PlatformApplications"])) == (100, 1)


def test_a_message_is_pushed_as_its_platform_wants_it(sns, device, pushed, refused):
    assert sns.publish(TargetArn=device, Message='say "hi"')["MessageId"]
    payload = json.dumps({"notification": {"title": "t"}})
    sns.publish(TargetArn=device, Message=json.dumps({"GCM": payload}), MessageStructure="json")
    sns.publish(TargetArn=device, Message=json.dumps({"default": "d", "APNS": "x"}), MessageStructure="json")
    assert pushed(device) == ['{"data":{"default":"say \\"hi\\""}}', payload, '{"data":{"default":"d"}}']
    with refused("InvalidParameter", message="must contain an entry for 'default' or 'GCM'"):
        sns.publish(TargetArn=device, Message='{"APNS":"x"}', MessageStructure="json")
    with refused("InvalidParameter", message="No endpoint found for the target arn specified"):
        sns.publish(TargetArn=device + "x", Message="x")


def test_an_endpoint_that_is_disabled_gets_nothing(sns, device, pushed, refused, topic, new_queue, settle):
    letters = new_queue()
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": letters.arn})}
    arn = sns.subscribe(TopicArn=topic, Protocol="application", Endpoint=device, Attributes=redrive)["SubscriptionArn"]
    assert arn.startswith(topic + ":"), "a device is subscribed at once"
    sns.publish(TopicArn=topic, Message=json.dumps({"default": "d", "GCM": "g"}), MessageStructure="json")
    settle()
    assert pushed(device) == ["g"]
    sns.set_endpoint_attributes(EndpointArn=device, Attributes={"Enabled": "false"})
    with refused("EndpointDisabled", message="Endpoint is disabled"):
        sns.publish(TargetArn=device, Message="x")
    sns.publish(TopicArn=topic, Message="unheard")
    settle()
    assert pushed(device) == ["g"] and len(letters.receive()) == 1
    sns.set_endpoint_attributes(EndpointArn=device, Attributes={"Enabled": "true"})
    sns.publish(TopicArn=topic, Message="heard")
    settle()
    assert pushed(device) == ["g", '{"data":{"default":"heard"}}']
    sns.delete_endpoint(EndpointArn=device)
    sns.publish(TopicArn=topic, Message="late")
    settle()
    assert len(letters.receive()) == 1


def test_two_topics_that_hear_of_each_other_s_failures_come_to_an_end(sns, new_topic, new_queue, subscribe, settle):
    topics, queue = [new_topic(), new_topic()], new_queue()
    for name, (own, other) in (("one", topics), ("two", topics[::-1])):
        attributes = {**GCM, "EventDeliveryFailure": other}
        made = sns.create_platform_application(Name=name, Platform="GCM", Attributes=attributes)
        device = sns.create_platform_endpoint(
            PlatformApplicationArn=made["PlatformApplicationArn"], Token="t", Attributes={"Enabled": "false"}
        )["EndpointArn"]
        sns.subscribe(TopicArn=own, Protocol="application", Endpoint=device)
    third = new_topic()
    sns.subscribe(TopicArn=third, Protocol="application", Endpoint=device)
    for topic in topics:
        subscribe(topic, queue, RawMessageDelivery="true")
    sns.publish(TopicArn=third, Message="x")
    for _ in range(4):
        settle()
    assert [notice["EventType"] for notice in queue.notices()] == ["DeliveryFailure"], "and nothing of the notice"


def test_a_topic_is_told_what_happens_to_endpoints(sns, application, topic, new_topic, new_queue, subscribe, settle):
    queue = new_queue()
    subscribe(topic, queue, RawMessageDelivery="true")
    events = {f"EventEndpoint{what}": topic for what in ("Created", "Deleted", "Updated")} | {"EventDeliveryFailure": topic}
    sns.set_platform_application_attributes(PlatformApplicationArn=application, Attributes=events)
    shown = sns.get_platform_application_attributes(PlatformApplicationArn=application)["Attributes"]
    assert events.items() <= shown.items()
    device = sns.create_platform_endpoint(PlatformApplicationArn=application, Token="t")["EndpointArn"]

    def told():
        settle()
        settle()
        return [(notice["EventType"], notice["EndpointArn"]) for notice in queue.notices()]

    assert told() == [("EndpointCreated", device)]
    sns.set_endpoint_attributes(EndpointArn=device, Attributes={"Enabled": "false"})
    assert told() == [("EndpointUpdated", device)]
    other = new_topic()
    for arn in (topic, other):
        sns.subscribe(TopicArn=arn, Protocol="application", Endpoint=device)
    sns.publish(TopicArn=other, Message="x")
    assert told() == [("DeliveryFailure", device)], "and not that this notice could not be pushed either"
    sns.delete_endpoint(EndpointArn=device)
    assert told() == [("EndpointDeleted", device)]


def test_deleting_an_application_deletes_its_endpoints(sns, application, device, settle, refused):
    sns.delete_platform_application(PlatformApplicationArn=application)
    again = sns.create_platform_application(Name="app", Platform="GCM", Attributes=GCM)["PlatformApplicationArn"]
    assert again == application
    assert sns.list_endpoints_by_platform_application(PlatformApplicationArn=again)["Endpoints"] == []
    with refused("NotFound", 404):
        sns.get_endpoint_attributes(EndpointArn=device)
    settle()


@pytest.mark.parametrize(
    "action, call",
    [
        ("CreatePlatformApplication", lambda sns, app, device: sns.create_platform_application(Name="b", Platform="GCM", Attributes=GCM)),
        ("ListPlatformApplications", lambda sns, app, device: sns.list_platform_applications()),
        ("GetPlatformApplicationAttributes", lambda sns, app, device: sns.get_platform_application_attributes(PlatformApplicationArn=app)),
        ("SetPlatformApplicationAttributes", lambda sns, app, device: sns.set_platform_application_attributes(PlatformApplicationArn=app, Attributes={"PlatformCredential": "x"})),
        ("CreatePlatformEndpoint", lambda sns, app, device: sns.create_platform_endpoint(PlatformApplicationArn=app, Token="z")),
        ("ListEndpointsByPlatformApplication", lambda sns, app, device: sns.list_endpoints_by_platform_application(PlatformApplicationArn=app)),
        ("GetEndpointAttributes", lambda sns, app, device: sns.get_endpoint_attributes(EndpointArn=device)),
        ("SetEndpointAttributes", lambda sns, app, device: sns.set_endpoint_attributes(EndpointArn=device, Attributes={"CustomUserData": "x"})),
        ("Publish", lambda sns, app, device: sns.publish(TargetArn=device, Message="x")),
        ("DeleteEndpoint", lambda sns, app, device: sns.delete_endpoint(EndpointArn=device)),
        ("DeletePlatformApplication", lambda sns, app, device: sns.delete_platform_application(PlatformApplicationArn=app)),
    ],
)
def test_each_operation_needs_its_action(user, application, device, refused, action, call):
    with refused("AuthorizationError", 403, message=f"is not authorized to perform: sns:{action}"):
        call(user("sns:Nothing"), application, device)
    call(user(f"sns:{action}"), application, device)
