"""Uploads and downloads, by many threads."""

from concurrent.futures import ThreadPoolExecutor

THREADS = 12
MARK = b"plain text of the data lake"


class Traffic:
    def __init__(self, bucket):
        self.bucket = bucket
        self.pool = ThreadPoolExecutor(THREADS)
        self.clients = {}

    def _s3(self, principal):
        """The principal's client: threads share it, for clients are costly to make."""
        return self.clients[principal.id]

    def _put(self, principal, key):
        self._s3(principal).put_object(Bucket=self.bucket, Key=key, Body=MARK + key.encode())

    def _get(self, principal, key):
        body = self._s3(principal).get_object(Bucket=self.bucket, Key=key)["Body"].read()
        assert body == MARK + key.encode(), (key, body)

    def run(self, principal, uploads, downloads, first="first"):
        """Uploads objects and downloads them, and the object `first`, over and over; returns when all is done."""
        if principal.id not in self.clients:
            self.clients[principal.id] = principal.client("s3")
        keys = [f"{principal.id}/{number}" for number in range(uploads)]
        list(self.pool.map(lambda key: self._put(principal, key), keys))
        keys = keys or [first]
        list(self.pool.map(lambda n: self._get(principal, keys[n % len(keys)]), range(downloads)))
