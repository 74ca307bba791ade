"""S3 under load: put, overwrite, copy, tag, delete, multipart; plain and encrypted by KMS."""

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


def mark(body: bytes, tag: str) -> str:
    """What the ledger keeps of an object: its bytes, and the value of its one tag."""
    return f"{len(body)} bytes {hashlib.sha256(body).hexdigest()[:16]} tagged {tag}"


def untagged(marked: str) -> str:
    return marked.rsplit(" ", 1)[0]


def tag_set(tag: str) -> dict:
    return {"TagSet": [{"Key": "round", "Value": tag}]}


class Objects:
    """The objects of one thread."""

    def __init__(self, client, label: str, keys: int, kms_key: str | None) -> None:
        self.client, self.label = client, label
        self.sealing = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
        self.keys = [f"{label}/{number}" for number in range(keys)]
        self.ledger = Ledger("object")
        self.version = 0

    def step(self, chance: random.Random) -> None:
        key, present, what = chance.choice(self.keys), self.ledger.present(), chance.random()
        if what < 0.2:
            self.ledger.begin(key, None)
            self.client.delete_object(Bucket=BUCKET, Key=key)
            self.ledger.acknowledge(key, None)
        elif what < 0.4 and [name for name in present if name != key]:
            self.copy(chance.choice([name for name in present if name != key]), key)
        elif what < 0.5 and key in present:
            self.tag(key)
        else:
            self.put(key, chance.choices(SIZES, WEIGHTS)[0])

    def put(self, key: str, size: int) -> None:
        self.version += 1
        body, tag = content(key, self.version, size), str(self.version)
        self.ledger.begin(key, mark(body, tag))
        self.client.put_object(Bucket=BUCKET, Key=key, Body=body, Tagging=f"round={tag}", **self.sealing)
        self.ledger.acknowledge(key, mark(body, tag))

    def copy(self, source: str, key: str) -> None:
        """The tags come along."""
        value = self.ledger.settled[source]
        self.ledger.begin(key, value)
        self.client.copy_object(Bucket=BUCKET, Key=key, CopySource=f"{BUCKET}/{source}", **self.sealing)
        self.ledger.acknowledge(key, value)

    def tag(self, key: str) -> None:
        self.version += 1
        value = f"{untagged(self.ledger.settled[key])} {self.version}"
        self.ledger.begin(key, value)
        self.client.put_object_tagging(Bucket=BUCKET, Key=key, Tagging=tag_set(str(self.version)))
        self.ledger.acknowledge(key, value)

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
        body = client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        tags = client.get_object_tagging(Bucket=BUCKET, Key=key)["TagSet"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        return None
    return mark(body, "".join(tag["Value"] for tag in tags))


class Multiparts(Objects):
    """Objects made of parts, sent or copied from others. An upload goes on after a restart where it was."""

    def __init__(self, client, label: str, keys: int) -> None:
        super().__init__(client, label, keys, None)
        self.upload: dict | None = None
        self.bodies: dict[str, bytes] = {}

    def step(self, chance: random.Random) -> None:
        if self.upload is None:
            self.begin(chance)
        upload = self.upload
        names = {"Bucket": BUCKET, "Key": upload["key"], "UploadId": upload["id"]}
        if len(upload["tags"]) < len(upload["bodies"]):
            upload["tags"].append(self.part(names, upload["bodies"][len(upload["tags"])]))
            self.ledger.acknowledged += 1
            return
        self.upload = None
        if chance.random() < 0.25:
            self.client.abort_multipart_upload(**names)
            self.ledger.acknowledged += 1
            return
        body = b"".join(body for body, _ in upload["bodies"])
        whole = mark(body, upload["tag"])
        self.ledger.begin(upload["key"], whole)
        self.bodies[whole] = body
        parts = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(upload["tags"], 1)]
        self.client.complete_multipart_upload(**names, MultipartUpload={"Parts": parts})
        self.ledger.acknowledge(upload["key"], whole)

    def begin(self, chance: random.Random) -> None:
        self.version += 1
        key, tag = chance.choice(self.keys), str(self.version)
        started = self.client.create_multipart_upload(Bucket=BUCKET, Key=key, Tagging=f"round={tag}")
        sizes = chance.choices([[3000], [PART, 100], [PART, PART, 1]], [6, 2, 1])[0]
        bodies = [(content(f"{key} {number}", self.version, size), None) for number, size in enumerate(sizes)]
        if (sources := self.ledger.present()) and chance.random() < 0.5:
            # Its last part is the beginning of another object.
            source = chance.choice(sources)
            bodies[-1] = (self.bodies[self.ledger.settled[source]][:2000], source)
        self.upload = {"key": key, "id": started["UploadId"], "bodies": bodies, "tags": [], "tag": tag}

    def part(self, names: dict, what: tuple[bytes, str | None]) -> str:
        """Sends or copies the next part; its entity tag."""
        (body, source), number = what, len(self.upload["tags"]) + 1
        if source is None or source not in self.ledger.present():
            return self.client.upload_part(**names, PartNumber=number, Body=body)["ETag"]
        if self.bodies[self.ledger.settled[source]][: len(body)] != body:
            # It has been overwritten since.
            return self.client.upload_part(**names, PartNumber=number, Body=body)["ETag"]
        span = f"bytes=0-{len(body) - 1}"
        copied = self.client.upload_part_copy(
            **names, PartNumber=number, CopySource=f"{BUCKET}/{source}", CopySourceRange=span
        )
        return copied["CopyPartResult"]["ETag"]

    def check(self) -> None:
        super().check()
        kept = set(self.ledger.settled.values())
        self.bodies = {whole: body for whole, body in self.bodies.items() if whole in kept}
        if self.upload is None:
            return
        names = {"Bucket": BUCKET, "Key": self.upload["key"], "UploadId": self.upload["id"]}
        found = {part["PartNumber"]: part["ETag"] for part in self.client.list_parts(**names).get("Parts", [])}
        for number, tag in enumerate(self.upload["tags"], 1):
            if found.get(number) != tag:
                raise Lost(f"part {number} of {self.upload['key']}: found {found}, acknowledged {tag}")
