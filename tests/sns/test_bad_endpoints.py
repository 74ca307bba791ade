"""HTTP endpoints that do not behave, and how fast the others are called."""

import contextlib
import json
import socket
import threading
import time

import pytest


class Server:
    """Accepts connections, reads a request from each, and leaves the rest to `answer`."""

    def __init__(self, answer):
        self.answer, self.taken = answer, []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/hook"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection):
        with connection, contextlib.suppress(OSError):
            read = b""
            while b"\r\n\r\n" not in read:
                read += connection.recv(65536)
            head, _, body = read.partition(b"\r\n\r\n")
            length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
            while len(body) < length:
                body += connection.recv(65536)
            self.taken.append(json.loads(body))
            self.answer(connection)

    def close(self):
        self.socket.close()


OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


def well(connection):
    connection.sendall(OK)


def hangs(connection):
    time.sleep(40)


def never_ends(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


def huge_headers(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"".join(b"x-%d: %s\r\n" % (n, b"y" * 8000) for n in range(1000)) + b"\r\n")


def nonsense(connection):
    connection.sendall(b"\x00\x01\x02 hello\r\n\r\n")


def redirects(to):
    return lambda connection: connection.sendall(
        f"HTTP/1.1 301 Moved\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n".encode()
    )


@pytest.fixture
def server():
    """Starts a server with an answer."""
    made = []

    def start(answer):
        made.append(Server(answer))
        return made[-1]

    yield start
    for server in made:
        server.close()


@pytest.fixture
def confirmed(sns, topic, settle, new_queue):
    """Subscribes a server that answers well, confirms it, and makes it answer badly; returns its dead letters."""

    def confirm(server, answer, **policy):
        letters = new_queue()
        rules = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": letters.arn})}
        if policy:
            rules["DeliveryPolicy"] = json.dumps(policy)
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=server.url, Attributes=rules)
        settle()
        sns.confirm_subscription(TopicArn=topic, Token=server.taken.pop()["Token"])
        server.answer = answer
        return letters

    return confirm


ONCE = {"healthyRetryPolicy": {"numRetries": 0}}


@pytest.mark.parametrize("answer", [huge_headers, nonsense, lambda connection: None], ids=["headers", "nonsense", "nothing"])
def test_an_answer_that_is_none_is_tried_again_and_then_a_dead_letter(welkin, sns, topic, server, confirmed, settle, answer):
    bad = server(well)
    letters = confirmed(bad, answer, healthyRetryPolicy={"numRetries": 2, "minDelayTarget": 20, "maxDelayTarget": 20})
    sns.publish(TopicArn=topic, Message="x")
    settle()
    assert letters.receive() == []
    welkin.advance("1m")
    assert [notice["Message"] for notice in letters.notices()] == ["x"] and len(bad.taken) == 3


def test_a_body_without_end_is_an_answer(sns, topic, server, confirmed, settle):
    bad = server(well)
    letters = confirmed(bad, never_ends)
    sns.publish(TopicArn=topic, Message="x")
    settle()
    settle()
    assert len(bad.taken) == 1 and letters.receive() == []


def test_an_endpoint_that_hangs_has_fifteen_seconds_and_holds_up_nobody(welkin, sns, topic, server, confirmed, new_queue, subscribe):
    bad = server(well)
    letters = confirmed(bad, hangs, **ONCE)
    queue = new_queue()
    subscribe(topic, queue)
    began = time.monotonic()
    sns.publish(TopicArn=topic, Message="x")
    bodies = []
    while not bodies and time.monotonic() - began < 10:
        bodies = queue.receive()
        time.sleep(0.05)
    assert len(bodies) == 1 and time.monotonic() - began < 10
    welkin.advance("1s")
    assert 14 < time.monotonic() - began < 30, "the clock waits for the job that is under way"
    assert len(letters.receive()) == 1


@pytest.mark.parametrize("to", ["/again", "http://169.254.169.254/latest/meta-data/"])
def test_redirects_are_not_followed(sns, topic, server, confirmed, settle, to):
    bad = server(well)
    letters = confirmed(bad, redirects(to))
    sns.publish(TopicArn=topic, Message="x")
    settle()
    assert len(bad.taken) == 1 and len(letters.receive()) == 1


@pytest.mark.parametrize("host", ["169.254.169.254", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]"])
def test_no_spelling_of_the_address_of_the_machine_is_called(welkin, sns, topic, settle, host):
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"http://{host}/latest/meta-data/")
    settle()
    assert [job for job in welkin.admin("GET", "jobs") if job["name"] == "sns/deliver"] == [], "it is refused at once"


def test_a_throttle_policy_spreads_the_calls_over_the_clock(welkin, sns, topic, server, confirmed, settle):
    good = server(well)
    confirmed(good, well, throttlePolicy={"maxReceivesPerSecond": 1})
    for number in range(30):
        sns.publish(TopicArn=topic, Message=str(number))
    welkin.advance("9s")
    assert 9 <= len(good.taken) <= 20, "some went while the messages were published"
    welkin.advance("30s")
    assert sorted(int(one["Message"]) for one in good.taken) == list(range(30))


@pytest.mark.parametrize("backoff", ["arithmetic", "exponential", "geometric", "linear"])
def test_every_backoff_function_goes_by_the_clock(welkin, sns, topic, server, confirmed, settle, backoff):
    bad = server(well)
    policy = {"minDelayTarget": 10, "maxDelayTarget": 100, "numRetries": 4, "backoffFunction": backoff}
    letters = confirmed(bad, lambda connection: connection.sendall(b"HTTP/1.1 500 x\r\ncontent-length: 0\r\n\r\n"), healthyRetryPolicy=policy)
    sns.publish(TopicArn=topic, Message="x")
    settle()
    waited = []
    while len(waited) < 4:
        before, passed = len(bad.taken), 0
        while len(bad.taken) == before:
            welkin.advance("2s")
            passed += 2
            assert passed < 120
        waited.append(passed)
    assert waited == sorted(waited) and 8 <= waited[0] <= 14 and 96 <= waited[-1] <= 104, waited
    assert len(letters.receive()) == 1


def test_a_tracing_header_goes_on_with_the_message(sns, topic, new_queue, subscribe, settle):
    queue = new_queue()
    subscribe(topic, queue, RawMessageDelivery="true")
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"
    sns.meta.events.register("before-sign.sns.Publish", lambda request, **_: request.headers.add_header("X-Amzn-Trace-Id", trace))
    sns.publish(TopicArn=topic, Message="x")
    settle()
    (message,) = queue.receive()
    assert message["Attributes"]["AWSTraceHeader"] == trace
