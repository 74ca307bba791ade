"""Delivery to HTTP endpoints: the handshake, headers, retries by the clock, dead letters."""

import http.server
import json
import threading
import urllib.request

import pytest
from cryptography.hazmat.primitives import hashes
from test_publish import verify


class Endpoint:
    """A server that keeps what is posted to it and answers with the statuses it is told, then with 200."""

    def __init__(self):
        self.posts, self.statuses = [], []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                outer.posts.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(outer.statuses.pop(0) if outer.statuses else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def taken(self):
        """What was posted since it was asked last."""
        posts, self.posts = self.posts, []
        return posts


@pytest.fixture
def endpoint():
    endpoint = Endpoint()
    yield endpoint
    endpoint.server.shutdown()


@pytest.fixture
def confirmed(sns, topic, endpoint, settle):
    """Subscribes the endpoint and confirms it; returns the ARN."""

    def confirm(**attributes):
        options = {"Protocol": "http", "Endpoint": endpoint.url, "ReturnSubscriptionArn": True}
        arn = sns.subscribe(TopicArn=topic, Attributes=attributes, **options)["SubscriptionArn"]
        settle()
        ((_, body),) = endpoint.taken()
        with urllib.request.urlopen(json.loads(body)["SubscribeURL"]) as answer:
            assert arn in answer.read().decode()
        return arn

    return confirm


def test_an_endpoint_confirms_and_gets_what_is_published(sns, topic, endpoint, settle):
    assert sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint.url)["SubscriptionArn"] == "pending confirmation"
    settle()
    ((headers, body),) = endpoint.taken()
    letter = json.loads(body)
    assert headers["x-amz-sns-message-type"] == letter["Type"] == "SubscriptionConfirmation"
    assert headers["x-amz-sns-topic-arn"] == topic and "x-amz-sns-subscription-arn" not in headers
    assert headers["content-type"] == "text/plain; charset=UTF-8"
    verify(letter, hashes.SHA1())
    with urllib.request.urlopen(letter["SubscribeURL"]) as answer:
        assert "ConfirmSubscriptionResponse" in answer.read().decode()
    published = sns.publish(TopicArn=topic, Message="hello", Subject="Greeting")["MessageId"]
    settle()
    ((headers, body),) = endpoint.taken()
    notice = json.loads(body)
    assert (headers["x-amz-sns-message-type"], headers["x-amz-sns-message-id"]) == ("Notification", published)
    assert headers["user-agent"] == "Amazon Simple Notification Service Agent"
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert headers["x-amz-sns-subscription-arn"] == listed["SubscriptionArn"]
    assert (notice["Message"], notice["Subject"]) == ("hello", "Greeting")
    verify(notice, hashes.SHA1())
    with urllib.request.urlopen(notice["UnsubscribeURL"]):
        pass
    settle()
    ((headers, body),) = endpoint.taken()
    assert headers["x-amz-sns-message-type"] == json.loads(body)["Type"] == "UnsubscribeConfirmation"
    sns.publish(TopicArn=topic, Message="unheard")
    settle()
    assert endpoint.taken() == []


def test_a_bare_message_says_so(sns, topic, endpoint, confirmed, settle):
    policy = {"requestPolicy": {"headerContentType": "application/json"}}
    confirmed(RawMessageDelivery="true", DeliveryPolicy=json.dumps(policy))
    sns.publish(TopicArn=topic, Message='{"a":1}')
    settle()
    ((headers, body),) = endpoint.taken()
    assert (headers["x-amz-sns-rawdelivery"], headers["content-type"], body) == ("true", "application/json", '{"a":1}')


def test_trouble_of_the_server_is_waited_for_by_the_policy(welkin, sns, topic, endpoint, confirmed, settle):
    policy = {"healthyRetryPolicy": {"minDelayTarget": 100, "maxDelayTarget": 100, "numRetries": 3, "numNoDelayRetries": 1}}
    arn = confirmed(DeliveryPolicy=json.dumps(policy))
    found = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert json.loads(found["EffectiveDeliveryPolicy"])["healthyRetryPolicy"]["numRetries"] == 3
    endpoint.statuses = [500, 503, 429]
    sns.publish(TopicArn=topic, Message="hello")
    settle()
    assert len(endpoint.taken()) == 2, "the first retry comes at once"
    welkin.advance("80s")
    assert endpoint.taken() == []
    welkin.advance("25s")
    assert len(endpoint.taken()) == 1
    welkin.advance("110s")
    ((_, body),) = endpoint.taken()
    assert json.loads(body)["Message"] == "hello"
    welkin.advance("1h")
    assert endpoint.taken() == []


def test_what_is_not_taken_goes_to_the_dead_letter_queue(welkin, sns, topic, endpoint, confirmed, new_queue, settle):
    letters = new_queue()
    confirmed(RedrivePolicy=json.dumps({"deadLetterTargetArn": letters.arn}))
    endpoint.statuses = [403]
    sns.publish(TopicArn=topic, Message="refused")
    settle()
    assert len(endpoint.taken()) == 1, "what an endpoint refuses is not tried again"
    assert [notice["Message"] for notice in letters.notices()] == ["refused"]
    endpoint.statuses = [500] * 4
    sns.publish(TopicArn=topic, Message="failed")
    welkin.advance("2m")
    assert len(endpoint.taken()) == 4
    assert [notice["Message"] for notice in letters.notices()] == ["failed"]
    endpoint.server.shutdown()
    endpoint.server.server_close()
    sns.publish(TopicArn=topic, Message="unheard")
    welkin.advance("2m")
    assert [notice["Message"] for notice in letters.notices()] == ["unheard"]


def test_the_address_of_the_machine_is_never_called(sns, topic, new_queue, settle, welkin):
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://169.254.169.254/latest/meta-data/")
    settle()
    waiting = [job for job in welkin.admin("GET", "jobs") if job["name"] == "sns/deliver"]
    assert waiting == [], "it is refused, and not tried again"
