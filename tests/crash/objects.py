"""S3 under load: put, overwrite, delete, multipart; plain and encrypted by KMS."""

import hashlib
import random

from botocore.exceptions import ClientError
from ledger import Ledger, Lost

BUCKET = "crash-objects"
PART = 5 * 1024 * 1024
SIZES = [0, 1, 100, 1024, 4096, 70_000, 300_000, 2_000_000]
WEIGHTS = [1, 2, 8, 8, 8, 4, 2, 1]


def content(name: str, version: int, size: int) -> bytes:
    """Bytes that only this version of this object has."""
    seed = hashlib.sha256(f"{name} {version}".encode()).digest()
    return (seed * (size // len(seed) + 1))[:size]


def mark(body: bytes) -> str:
    """What the ledger keeps of a body."""
    return f"{len(body)} bytes {hashlib.sha256(body).hexdigest()[:16]}"


class Objects:
    """The objects of one thread."""

    def __init__(self, client, label: str, keys: int, kms_key: str | None) -> None:
        self.client, self.label, self.kms_key = client, label, kms_key
        self.keys = [f"{label}/{number}" for number in range(keys)]
        self.ledger = Ledger("object")
        self.version = 0

    def step(self, chance: random.Random) -> None:
        key = chance.choice(self.keys)
        if chance.random() < 0.25:
            self.ledger.begin(key, None)
            self.client.delete_object(Bucket=BUCKET, Key=key)
            self.ledger.acknowledge(key, None)
            return
        self.version += 1
        body = content(key, self.version, chance.choices(SIZES, WEIGHTS)[0])
        extra = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.kms_key} if self.kms_key else {}
        self.ledger.begin(key, mark(body))
        self.client.put_object(Bucket=BUCKET, Key=key, Body=body, **extra)
        self.ledger.acknowledge(key, mark(body))

    def check(self) -> None:
        for key in self.ledger.names():
            self.ledger.found(key, read(self.client, key))
        listed = [
            entry["Key"]
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{self.label}/")
            for entry in page.get("Contents", [])
        ]
        if sorted(listed) != self.ledger.present():
            raise Lost(f"listing of {self.label}: {sorted(set(listed) ^ set(self.ledger.present()))} differ")


def read(client, key: str) -> str | None:
    try:
        return mark(client.get_object(Bucket=BUCKET, Key=key)["Body"].read())
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        return None


class Multiparts(Objects):
    """Objects made of parts. An upload goes on after a restart where it was."""

    def __init__(self, client, label: str, keys: int) -> None:
        super().__init__(client, label, keys, None)
        self.upload: dict | None = None

    def step(self, chance: random.Random) -> None:
        if self.upload is None:
            self.version += 1
            key = chance.choice(self.keys)
            started = self.client.create_multipart_upload(Bucket=BUCKET, Key=key)
            sizes = [PART, chance.randrange(1, 5000)]
            bodies = [content(f"{key} {number}", self.version, size) for number, size in enumerate(sizes)]
            self.upload = {"key": key, "id": started["UploadId"], "bodies": bodies, "tags": []}
        upload = self.upload
        names = {"Bucket": BUCKET, "Key": upload["key"], "UploadId": upload["id"]}
        if len(upload["tags"]) < len(upload["bodies"]):
            body = upload["bodies"][len(upload["tags"])]
            part = self.client.upload_part(**names, PartNumber=len(upload["tags"]) + 1, Body=body)
            upload["tags"].append(part["ETag"])
            self.ledger.acknowledged += 1
            return
        if chance.random() < 0.2:
            self.upload = None
            self.client.abort_multipart_upload(**names)
            return
        whole = mark(b"".join(upload["bodies"]))
        self.ledger.begin(upload["key"], whole)
        parts = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(upload["tags"], 1)]
        self.upload = None
        self.client.complete_multipart_upload(**names, MultipartUpload={"Parts": parts})
        self.ledger.acknowledge(upload["key"], whole)

    def check(self) -> None:
        super().check()
        if self.upload is None:
            return
        names = {"Bucket": BUCKET, "Key": self.upload["key"], "UploadId": self.upload["id"]}
        found = {part["PartNumber"]: part["ETag"] for part in self.client.list_parts(**names).get("Parts", [])}
        for number, tag in enumerate(self.upload["tags"], 1):
            if found.get(number) != tag:
                raise Lost(f"part {number} of {self.upload['key']}: found {found}, acknowledged {tag}")
