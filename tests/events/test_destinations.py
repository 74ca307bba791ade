"""Connections and API destinations: made, changed, deleted; what endpoints are sent."""

import base64
import json

import pytest

BASIC = {"BasicAuthParameters": {"Username": "me", "Password": "secret"}}
KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "secret"}}


@pytest.fixture
def connection(events, name):
    """Makes connections; returns their ARNs."""

    def make(kind="API_KEY", parameters=KEY, **more):
        made = events.create_connection(Name=name("c"), AuthorizationType=kind, AuthParameters=parameters, **more)
        return made["ConnectionArn"]

    return make


@pytest.fixture
def destination(events, connection, name, endpoint):
    """Makes API destinations; returns their ARNs."""

    def make(of=None, path="", method="POST", **more):
        made = events.create_api_destination(
            Name=name("d"),
            ConnectionArn=of or connection(),
            InvocationEndpoint=endpoint.url + path,
            HttpMethod=method,
            **more,
        )
        return made["ApiDestinationArn"]

    return make


@pytest.fixture
def invoker(role):
    return role("events:InvokeApiDestination")


def test_a_connection_tells_everything_but_its_secrets(events, account, refused):
    http = {
        "HeaderParameters": [{"Key": "h", "Value": "open", "IsValueSecret": False}],
        "BodyParameters": [{"Key": "b", "Value": "hidden", "IsValueSecret": True}],
    }
    made = events.create_connection(
        Name="c", AuthorizationType="BASIC", AuthParameters={**BASIC, "InvocationHttpParameters": http}
    )
    assert made["ConnectionArn"].startswith(f"arn:aws:events:us-east-1:{account}:connection/c/")
    assert made["ConnectionState"] == "AUTHORIZED"
    told = events.describe_connection(Name="c")
    assert told["AuthParameters"] == {
        "BasicAuthParameters": {"Username": "me"},
        "InvocationHttpParameters": {
            "HeaderParameters": [{"Key": "h", "Value": "open", "IsValueSecret": False}],
            "BodyParameters": [{"Key": "b", "IsValueSecret": True}],
        },
    }
    assert "secret" not in json.dumps(told, default=str) and "LastAuthorizedTime" in told
    events.update_connection(Name="c", AuthorizationType="API_KEY", AuthParameters=KEY, Description="d")
    told = events.describe_connection(Name="c")
    assert (told["AuthorizationType"], told["Description"]) == ("API_KEY", "d")
    assert told["AuthParameters"]["ApiKeyAuthParameters"] == {"ApiKeyName": "x-key"}
    assert events.deauthorize_connection(Name="c")["ConnectionState"] == "DEAUTHORIZED"
    assert "AuthParameters" not in events.describe_connection(Name="c")
    with refused("ResourceAlreadyExistsException"):
        events.create_connection(Name="c", AuthorizationType="BASIC", AuthParameters=BASIC)
    assert events.delete_connection(Name="c")["ConnectionState"] == "DELETING"
    for call in (events.describe_connection, events.delete_connection, events.deauthorize_connection):
        with refused("ResourceNotFoundException"):
            call(Name="c")


def test_what_cannot_be_a_connection_is_refused(events, refused):
    with refused("ValidationException"):
        events.create_connection(Name="c", AuthorizationType="BASIC", AuthParameters=KEY)
    with refused("ValidationException"):
        events.create_connection(Name="c", AuthorizationType="OTHER", AuthParameters=KEY)
    with refused("NotImplemented", 501):
        events.create_connection(
            Name="c", AuthorizationType="API_KEY", AuthParameters=KEY, KmsKeyIdentifier="alias/x"
        )
    oauth = {
        "OAuthParameters": {
            "ClientParameters": {"ClientID": "id", "ClientSecret": "s"},
            "AuthorizationEndpoint": "http://example.com/token",
            "HttpMethod": "POST",
        }
    }
    with refused("ValidationException", message="HTTPS"):
        events.create_connection(Name="c", AuthorizationType="OAUTH_CLIENT_CREDENTIALS", AuthParameters=oauth)


def test_connections_and_destinations_come_in_pages(events):
    for name in ("b", "a-1", "a-2"):
        arn = events.create_connection(Name=name, AuthorizationType="API_KEY", AuthParameters=KEY)["ConnectionArn"]
        events.create_api_destination(
            Name=name, ConnectionArn=arn, InvocationEndpoint="https://example.com/", HttpMethod="POST"
        )
    for list, kind in ((events.list_connections, "Connections"), (events.list_api_destinations, "ApiDestinations")):
        first = list(Limit=2)
        second = list(NextToken=first["NextToken"])
        assert [it["Name"] for it in first[kind] + second[kind]] == ["a-1", "a-2", "b"]
        assert [it["Name"] for it in list(NamePrefix="a-")[kind]] == ["a-1", "a-2"]
    assert [it["Name"] for it in events.list_api_destinations(ConnectionArn=arn)["ApiDestinations"]] == ["a-2"]
    events.deauthorize_connection(Name="b")
    assert [it["Name"] for it in events.list_connections(ConnectionState="DEAUTHORIZED")["Connections"]] == ["b"]


def test_a_destination_is_made_described_changed_and_deleted(events, account, connection, refused):
    of = connection()
    options = {"ConnectionArn": of, "InvocationEndpoint": "https://example.com/*", "HttpMethod": "POST"}
    made = events.create_api_destination(Name="d", **options)
    assert made["ApiDestinationArn"].startswith(f"arn:aws:events:us-east-1:{account}:api-destination/d/")
    assert made["ApiDestinationState"] == "ACTIVE"
    events.update_api_destination(Name="d", HttpMethod="PUT", InvocationRateLimitPerSecond=7, Description="x")
    told = events.describe_api_destination(Name="d")
    assert (told["HttpMethod"], told["InvocationRateLimitPerSecond"], told["Description"]) == ("PUT", 7, "x")
    assert (told["InvocationEndpoint"], told["ConnectionArn"]) == ("https://example.com/*", of)
    events.deauthorize_connection(Name=of.split("/")[1])
    assert events.describe_api_destination(Name="d")["ApiDestinationState"] == "INACTIVE"
    with refused("ResourceAlreadyExistsException"):
        events.create_api_destination(Name="d", **options)
    with refused("ResourceNotFoundException"):
        events.create_api_destination(Name="e", **{**options, "ConnectionArn": of[:-1] + "x"})
    for url in ("http://example.com/", "ftp://example.com/"):
        with refused("ValidationException"):
            events.create_api_destination(Name="e", **{**options, "InvocationEndpoint": url})
    events.delete_api_destination(Name="d")
    for call in (events.describe_api_destination, events.delete_api_destination):
        with refused("ResourceNotFoundException"):
            call(Name="d")


def test_an_endpoint_gets_the_event_with_what_is_asked_for(endpoint, connection, destination, rule, put, invoker, settle):
    http = {
        "HeaderParameters": [{"Key": "x-of", "Value": "connection", "IsValueSecret": False}],
        "QueryStringParameters": [{"Key": "q", "Value": "c", "IsValueSecret": False}],
        "BodyParameters": [{"Key": "more", "Value": "yes", "IsValueSecret": True}],
    }
    target = destination(connection(parameters={**KEY, "InvocationHttpParameters": http}), "/a/*/b")
    rule(
        {"source": ["app"]},
        {
            "Arn": target,
            "RoleArn": invoker,
            "InputPath": "$.detail",
            "HttpParameters": {
                "PathParameterValues": ["$.detail.id"],
                "HeaderParameters": {"x-of": "target", "x-id": "$.detail.id"},
                "QueryStringParameters": {"p": "1", "q": "t"},
            },
        },
    )
    put({"id": "i 1"})
    settle()
    ((method, path, _, body),) = endpoint.received
    assert (method, path) == ("POST", "/a/i%201/b?p=1&q=c")
    assert json.loads(body) == {"id": "i 1", "more": "yes"}
    headers = endpoint.headers()
    assert (headers["x-of"], headers["x-id"], headers["x-key"]) == ("connection", "i 1", "secret")
    assert headers["user-agent"] == "Amazon/EventBridge/ApiDestinations"
    assert headers["content-type"] == "application/json; charset=utf-8"


def test_a_password_is_sent_as_basic_authorization(endpoint, connection, destination, rule, put, invoker, settle):
    rule({"source": ["app"]}, {"Arn": destination(connection("BASIC", BASIC)), "RoleArn": invoker})
    put()
    settle()
    assert endpoint.headers()["authorization"] == "Basic " + base64.b64encode(b"me:secret").decode()


def test_a_token_is_fetched_kept_and_fetched_again_when_it_is_not_taken(
    welkin, events, endpoint, connection, destination, rule, put, invoker, settle
):
    oauth = {
        "ClientParameters": {"ClientID": "me", "ClientSecret": "s"},
        "AuthorizationEndpoint": endpoint.url + "/token",
        "HttpMethod": "POST",
        "OAuthHttpParameters": {"BodyParameters": [{"Key": "audience", "Value": "all", "IsValueSecret": False}]},
    }
    token = lambda text: (200, {}, json.dumps({"access_token": text, "expires_in": 3600}))
    endpoint.answers = [token("one")]
    of = connection("OAUTH_CLIENT_CREDENTIALS", {"OAuthParameters": oauth})
    settle()
    assert events.describe_connection(Name=of.split("/")[1])["ConnectionState"] == "AUTHORIZED"
    ((_, path, _, form),) = endpoint.received
    assert path == "/token"
    assert form == "grant_type=client_credentials&client_id=me&client_secret=s&audience=all"
    rule({"source": ["app"]}, {"Arn": destination(of, "/hook"), "RoleArn": invoker})
    put()
    settle()
    assert endpoint.headers()["authorization"] == "Bearer one" and len(endpoint.received) == 2
    endpoint.answers = [(401, {}, ""), token("two"), (200, {}, "")]
    put()
    welkin.advance("1m")
    assert [path for _, path, _, _ in endpoint.received[2:]] == ["/hook", "/token", "/hook"]
    assert endpoint.headers()["authorization"] == "Bearer two"


def test_a_server_that_gives_no_token_leaves_the_connection_unauthorized(events, endpoint, connection, settle):
    endpoint.answers = [(403, {}, "")]
    oauth = {
        "ClientParameters": {"ClientID": "me", "ClientSecret": "s"},
        "AuthorizationEndpoint": endpoint.url,
        "HttpMethod": "POST",
    }
    of = connection("OAUTH_CLIENT_CREDENTIALS", {"OAuthParameters": oauth})
    settle()
    told = events.describe_connection(Name=of.split("/")[1])
    assert told["ConnectionState"] == "DEAUTHORIZED" and "403" in told["StateReason"]


def test_trouble_is_tried_again_as_often_as_the_policy_says(welkin, endpoint, destination, new_queue, rule, put, invoker):
    dead = new_queue()
    rule(
        {"source": ["app"]},
        {
            "Arn": destination(),
            "RoleArn": invoker,
            "DeadLetterConfig": {"Arn": dead.arn},
            "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600},
        },
    )
    endpoint.answers = [(503, {}, "")] * 2
    put({"n": 1})
    welkin.advance("1m")
    assert len(endpoint.received) == 3 and dead.receive() == []
    endpoint.answers = [(500, {}, "")] * 9
    put({"n": 2})
    welkin.advance("5m")
    assert len(endpoint.received) == 7
    (message,) = dead.receive()
    told = {key: value["StringValue"] for key, value in message["MessageAttributes"].items()}
    assert (told["RETRY_ATTEMPTS"], told["EXHAUSTED_RETRY_CONDITION"]) == ("3", "MaximumRetryAttempts")
    assert told["ERROR_CODE"] == "ERROR_FROM_TARGET" and "500" in told["ERROR_MESSAGE"]


def test_trouble_ends_with_the_age_of_the_event(welkin, endpoint, destination, new_queue, rule, put, invoker):
    dead = new_queue()
    rule(
        {"source": ["app"]},
        {
            "Arn": destination(),
            "RoleArn": invoker,
            "DeadLetterConfig": {"Arn": dead.arn},
            "RetryPolicy": {"MaximumEventAgeInSeconds": 60},
        },
    )
    endpoint.answers = [(429, {"retry-after": "40"}, "")] * 99
    put()
    welkin.advance("10m")
    assert len(endpoint.received) == 2
    (message,) = dead.receive()
    assert message["MessageAttributes"]["EXHAUSTED_RETRY_CONDITION"]["StringValue"] == "MaximumEventAgeInSeconds"
    assert message["MessageAttributes"]["RETRY_ATTEMPTS"]["StringValue"] == "1"


def test_refusals_are_not_tried_again(welkin, endpoint, destination, new_queue, rule, put, invoker, role):
    dead = new_queue()
    target = {"Arn": destination(), "RoleArn": invoker, "DeadLetterConfig": {"Arn": dead.arn}}
    rule({"source": ["app"]}, target, {**target, "RoleArn": role("events:PutEvents")})
    endpoint.answers = [(404, {}, "")]
    put()
    welkin.advance("10m")
    assert len(endpoint.received) == 1
    codes = [message["MessageAttributes"]["ERROR_CODE"]["StringValue"] for message in dead.receive()]
    assert sorted(codes) == ["ERROR_FROM_TARGET", "NO_PERMISSIONS"]


def test_a_destination_is_invoked_at_its_rate(welkin, endpoint, destination, rule, put, invoker):
    rule({"source": ["app"]}, {"Arn": destination(InvocationRateLimitPerSecond=1), "RoleArn": invoker})
    before = welkin.now()
    for _ in range(5):
        put()
    welkin.advance("2s")
    some = len(endpoint.received)
    assert some < 5 + (welkin.now() - before).seconds // 4
    welkin.advance("10s")
    assert len(endpoint.received) == 5


def test_the_address_that_describes_the_machine_is_never_called(events, connection, new_queue, rule, put, invoker, settle):
    dead = new_queue()
    made = events.create_api_destination(
        Name="meta",
        ConnectionArn=connection(),
        InvocationEndpoint="https://169.254.169.254/latest/meta-data/",
        HttpMethod="GET",
    )
    target = {"Arn": made["ApiDestinationArn"], "RoleArn": invoker, "DeadLetterConfig": {"Arn": dead.arn}}
    rule({"source": ["app"]}, target)
    put()
    settle()
    (message,) = dead.receive()
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "CONNECTION_FAILURE"
