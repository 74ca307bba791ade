"""Calls that are to be refused."""

import pytest
from botocore.exceptions import ClientError


def refused(code, call, *args, **kwargs):
    """Asserts that a call is refused with this code; returns the message."""
    with pytest.raises(ClientError) as caught:
        call(*args, **kwargs)
    assert caught.value.response["Error"]["Code"] == code, caught.value
    return caught.value.response["Error"]["Message"]
