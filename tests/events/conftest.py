"""Fixtures of the EventBridge tests."""

import http.server
import json
import threading

import pytest

from policies import allow, new_role


@pytest.fixture
def events(welkin, account):
    """EventBridge as the root user of a fresh account."""
    return welkin.client("events", account)


@pytest.fixture
def user(welkin, account):
    """EventBridge as a new user of the account with a policy that allows these actions."""
    return lambda *actions, **more: welkin.client("events", **welkin.user(account, allow(*actions, **more)))


class Queue:
    """A queue that rules may send to."""

    def __init__(self, sqs, url, arn):
        self.sqs, self.url, self.arn = sqs, url, arn

    def receive(self):
        """Receives and deletes what is there, with all attributes."""
        options = {"MaxNumberOfMessages": 10, "MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"]}
        received = []
        while messages := self.sqs.receive_message(QueueUrl=self.url, **options).get("Messages"):
            for message in messages:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            received += messages
        return received

    def bodies(self):
        return [message["Body"] for message in self.receive()]

    def events(self):
        """What came, as objects."""
        return [json.loads(body) for body in self.bodies()]


@pytest.fixture
def new_queue(welkin, account, name):
    """Makes queues that let EventBridge send to them, unless `policy` is another one."""

    def make(fifo=False, owner=None, policy=True, region="us-east-1", condition=None, **attributes):
        owner = owner or account
        sqs = welkin.client("sqs", owner, region=region)
        queue = name("q") + (".fifo" if fifo else "")
        if fifo:
            attributes["FifoQueue"] = "true"
        url = sqs.create_queue(QueueName=queue, Attributes=attributes)["QueueUrl"]
        arn = f"arn:aws:sqs:{region}:{owner}:{queue}"
        if policy:
            more = {"Condition": condition} if condition else {}
            statement = allow("sqs:SendMessage", resource=arn, Principal={"Service": "events.amazonaws.com"}, **more)
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(statement)})
        return Queue(sqs, url, arn)

    return make


@pytest.fixture
def queue(new_queue):
    return new_queue()


@pytest.fixture
def rule(events, name):
    """Makes rules of a pattern with targets; returns the ARN."""

    def make(pattern, *targets, client=None, **options):
        client = client or events
        rule = options.pop("Name", None) or name("r")
        bus = {"EventBusName": options["EventBusName"]} if "EventBusName" in options else {}
        arn = client.put_rule(Name=rule, EventPattern=json.dumps(pattern), **options)["RuleArn"]
        if targets:
            given = [
                {"Id": str(n), **(target if isinstance(target, dict) else {"Arn": target.arn})}
                for n, target in enumerate(targets)
            ]
            answer = client.put_targets(Rule=rule, Targets=given, **bus)
            assert answer["FailedEntryCount"] == 0, answer
        return arn

    return make


@pytest.fixture
def put(events):
    """Puts one event; returns its id."""

    def put(detail=None, source="app", kind="Happened", client=None, **more):
        entry = {"Source": source, "DetailType": kind, "Detail": json.dumps(detail or {}), **more}
        answer = (client or events).put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0, answer
        return answer["Entries"][0]["EventId"]

    return put


@pytest.fixture
def role(welkin, account):
    """Makes a role that EventBridge may take on, with a policy; returns its ARN."""

    def make(*actions, resource="*", trusts="events.amazonaws.com", owner=None):
        return new_role(welkin, owner or account, trusts, *actions, resource=resource)

    return make


@pytest.fixture
def settle(welkin):
    """Returns when everything that is due is delivered."""
    return lambda: welkin.advance("1s")


class Endpoint:
    """An HTTP server that answers as it is told, and keeps what it is sent."""

    def __init__(self):
        self.received = []
        self.answers = []
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def serve(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                endpoint.received.append((self.command, self.path, dict(self.headers), body))
                status, headers, answer = endpoint.answers.pop(0) if endpoint.answers else (200, {}, "")
                self.send_response(status)
                for key, value in {**headers, "content-length": str(len(answer))}.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(answer.encode())

            do_POST = do_GET = do_PUT = do_DELETE = do_PATCH = serve

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def headers(self, at=-1):
        return {key.lower(): value for key, value in self.received[at][2].items()}


@pytest.fixture
def endpoint():
    made = Endpoint()
    yield made
    made.server.shutdown()
    made.server.server_close()
