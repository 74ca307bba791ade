"""Calls that are to be refused."""

from botocore.exceptions import ClientError


class Refused:
    """Asserts that a call is refused with a code: `with refused("ResourceNotFoundException", 404) as it: …`.

    `it.error` is what was answered, `it.answer` all of the answer. `status` is one, several, or None for any.
    """

    def __init__(self, code, status=400, message=None):
        self.code, self.message = code, message
        self.statuses = (status,) if isinstance(status, int) else status

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        assert isinstance(error, ClientError), f"expected {self.code}, got {error!r}"
        self.answer = error.response
        self.error = self.answer["Error"]
        assert self.error["Code"] == self.code, self.error
        if self.statuses:
            assert self.answer["ResponseMetadata"]["HTTPStatusCode"] in self.statuses, self.answer
        if self.message:
            assert self.message in self.error["Message"], self.error["Message"]
        return True
