"""Fixtures of the tests of CloudWatch Logs."""

import pytest


@pytest.fixture
def account(welkin):
    """A fresh account."""
    return welkin.account()


@pytest.fixture
def logs(welkin, account):
    """The root user's client of CloudWatch Logs."""
    return welkin.client("logs", account)


@pytest.fixture
def now(welkin):
    """What the clock says, in milliseconds since 1970."""
    return lambda: int(welkin.now().timestamp() * 1000)


@pytest.fixture
def stream(logs):
    """A group `g` with a stream `s`: a function that puts events (time, message) into it, or another stream."""
    logs.create_log_group(logGroupName="g")
    made = set()

    def put(*events, name="s"):
        if name not in made:
            made.add(name)
            logs.create_log_stream(logGroupName="g", logStreamName=name)
        events = [{"timestamp": time, "message": message} for time, message in events]
        return logs.put_log_events(logGroupName="g", logStreamName=name, logEvents=events) if events else None

    put()
    return put
