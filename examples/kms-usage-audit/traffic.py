"""Uploads and downloads, by many threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

THREADS = 12
MARK = b"plain text of the data lake"


class Traffic:
    def __init__(self, bucket):
        self.bucket = bucket
        self.pool = ThreadPoolExecutor(THREADS)
        self.local = threading.local()

    def _s3(self, principal):
        """A client of the principal for this thread: clients are costly to make."""
        clients = self.local.__dict__.setdefault("clients", {})
        if principal.id not in clients:
            clients[principal.id] = principal.client("s3")
        return clients[principal.id]

    def _put(self, principal, key):
        self._s3(principal).put_object(Bucket=self.bucket, Key=key, Body=MARK + key.encode())

    def _get(self, principal, key):
        body = self._s3(principal).get_object(Bucket=self.bucket, Key=key)["Body"].read()
        assert body == MARK + key.encode(), (key, body)

    def run(self, principal, uploads, downloads, first="first"):
        """Uploads objects and downloads them, and the object `first`, over and over; returns when all is done."""
        keys = [f"{principal.id}/{number}" for number in range(uploads)]
        list(self.pool.map(lambda key: self._put(principal, key), keys))
        keys = keys or [first]
        list(self.pool.map(lambda n: self._get(principal, keys[n % len(keys)]), range(downloads)))
