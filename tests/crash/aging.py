"""Lifecycle rules under load: objects expire and move, versions and uploads go, while the clock is advanced."""

import json
import random
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from botocore.exceptions import ClientError
from ledger import Ledger, Lost
from objects import content

PLAIN, VERSIONED = "crash-aging", "crash-aging-versions"
DAY = timedelta(days=1)
STEPS = [timedelta(hours=5), timedelta(hours=26), timedelta(hours=49)]


def rules() -> tuple[dict, dict]:
    def rule(prefix: str, **what: object) -> dict:
        return {"ID": prefix, "Status": "Enabled", "Filter": {"Prefix": prefix}, **what}

    plain = [
        rule("expire/", Expiration={"Days": 1}),
        rule("move/", Transitions=[{"Days": 1, "StorageClass": "GLACIER"}]),
        rule("abort/", AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1}),
    ]
    versioned = [
        rule("", NoncurrentVersionExpiration={"NoncurrentDays": 1}, Expiration={"ExpiredObjectDeleteMarker": True}),
    ]
    return {"Rules": plain}, {"Rules": versioned}


class Time:
    """The server's clock: asked for, and moved by its thread of the load alone."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = f"{endpoint}/_welkin/clock"
        self.ledger = Ledger("clock")
        self.ahead = timedelta()
        #: How far the move goes that is under way.
        self.moving = timedelta()
        self.settled = datetime.now(timezone.utc)

    def step(self, chance: random.Random) -> None:
        time.sleep(chance.uniform(0.05, 0.3))
        self.moving = chance.choice(STEPS)
        self.advance(self.moving)
        self.ahead, self.moving = self.ahead + self.moving, timedelta()
        self.ledger.acknowledged += 1

    def advance(self, by: timedelta) -> datetime:
        """Moves the clock; every job that is due by the time that it then shows has run."""
        return datetime.fromisoformat(self.ask({"advance": f"{int(by.total_seconds())}s"})["now"])

    def bounds(self) -> tuple[datetime, datetime]:
        """The server's time lies between these."""
        here = datetime.now(timezone.utc)
        return here + self.ahead - timedelta(seconds=1), here + self.ahead + self.moving + timedelta(seconds=1)

    def settle(self, by: timedelta) -> None:
        """Has every job run that is due, after a restart, and finds out what the last move came to."""
        self.settled = self.advance(by)
        self.ahead = self.settled - datetime.now(timezone.utc)
        self.moving = timedelta()

    def check(self) -> None:
        """There is nothing to lose: see `settle`."""

    def ask(self, body: dict) -> dict:
        data, head = json.dumps(body).encode(), {"content-type": "application/json"}
        request = urllib.request.Request(self.endpoint, data, head)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


def due(moment: datetime) -> datetime:
    """When a rule of one day is carried out: at the midnight after."""
    return datetime.combine((moment + DAY).date() + DAY, datetime.min.time(), timezone.utc)


@dataclass
class Thing:
    """Something that a rule is about, made between two moments; answered or not."""

    body: bytes
    earliest: datetime
    latest: datetime | None = None

    def is_due(self, now: datetime) -> bool | None:
        """Whether its rule has been carried out; `None` if that cannot be told."""
        if self.latest is not None and due(self.latest) <= now:
            return True
        return False if self.latest is not None and due(self.earliest) > now else None


class Aging:
    """Things that are made once, and that rules change."""

    def __init__(self, client, clock: Time) -> None:
        self.client, self.clock = client, clock
        self.ledger = Ledger("aging object")
        self.number = 0
        self.things: dict[str, Thing] = {}
        self.uploads: dict[str, str] = {}

    def step(self, chance: random.Random) -> None:
        self.number += 1
        chance.choice([self.expiring, self.moving, self.aborted, self.replaced, self.deleted])(str(self.number))

    def make(self, name: str, body: bytes, call: Callable[[], object]) -> object:
        """Makes a thing by its last call."""
        thing = self.things[name] = Thing(body, self.clock.bounds()[0])
        answer = call()
        thing.latest = self.clock.bounds()[1]
        self.ledger.acknowledged += 1
        return answer

    def expiring(self, number: str) -> None:
        name, body = f"expire/{number}", content(number, 0, 2000)
        self.make(name, body, lambda: self.client.put_object(Bucket=PLAIN, Key=name, Body=body))

    def moving(self, number: str) -> None:
        # Smaller ones stay.
        name, body = f"move/{number}", content(number, 0, 140_000)
        self.make(name, body, lambda: self.client.put_object(Bucket=PLAIN, Key=name, Body=body))

    def aborted(self, number: str) -> None:
        name, body = f"abort/{number}", content(number, 0, 2000)
        begin = lambda: self.client.create_multipart_upload(Bucket=PLAIN, Key=name)  # noqa: E731
        upload = self.make(name, body, begin)["UploadId"]
        try:
            self.client.upload_part(Bucket=PLAIN, Key=name, UploadId=upload, PartNumber=1, Body=body)
        except ClientError as error:
            # The clock was faster.
            if error.response["Error"]["Code"] != "NoSuchUpload":
                raise

    def replaced(self, number: str) -> None:
        name, body = f"replaced/{number}", content(number, 1, 2000)
        self.client.put_object(Bucket=VERSIONED, Key=name, Body=content(number, 0, 3000))
        self.make(name, body, lambda: self.client.put_object(Bucket=VERSIONED, Key=name, Body=body))

    def deleted(self, number: str) -> None:
        name, body = f"deleted/{number}", content(number, 0, 2000)
        self.client.put_object(Bucket=VERSIONED, Key=name, Body=body)
        self.make(name, body, lambda: self.client.delete_object(Bucket=VERSIONED, Key=name))

    def check(self) -> None:
        now = self.clock.settled
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=PLAIN)
        objects = {entry["Key"]: entry for page in pages for entry in page.get("Contents", [])}
        listed = self.client.list_multipart_uploads(Bucket=PLAIN)
        uploads = {upload["Key"] for upload in listed.get("Uploads", [])}
        pages = list(self.client.get_paginator("list_object_versions").paginate(Bucket=VERSIONED))
        versions = [entry["Key"] for page in pages for entry in page.get("Versions", [])]
        markers = [entry["Key"] for page in pages for entry in page.get("DeleteMarkers", [])]
        for name, thing in list(self.things.items()):
            kind, is_due = name.split("/")[0], thing.is_due(now)
            if kind == "expire":
                expect(name, is_due, before=name in objects, after=name not in objects)
            elif kind == "move":
                there = objects.get(name, {}).get("StorageClass")
                expect(name, is_due, before=there == "STANDARD", after=there == "GLACIER")
            elif kind == "abort":
                expect(name, is_due, before=name in uploads, after=name not in uploads)
            elif kind == "replaced":
                expect(name, is_due, before=versions.count(name) == 2, after=versions.count(name) == 1)
            else:
                # The marker goes when it is alone, a day later at the latest.
                expect(name, is_due, before=name in versions and name in markers, after=name not in versions)
            self.read_or_forget(name, thing, objects, is_due)

    def read_or_forget(self, name: str, thing: Thing, objects: dict, is_due: bool | None) -> None:
        """Reads what can be read, once; what a rule has changed is of no further interest."""
        kind = name.split("/")[0]
        bucket = VERSIONED if kind == "replaced" else PLAIN
        current = kind == "replaced" and thing.latest is not None
        if current or objects.get(name, {}).get("StorageClass") == "STANDARD":
            body = self.client.get_object(Bucket=bucket, Key=name)["Body"].read()
            if body != thing.body:
                raise Lost(f"{name} has other bytes")
        if is_due is not False:
            del self.things[name]


def expect(name: str, is_due: bool | None, before: bool, after: bool) -> None:
    """Holds what is found against whether the rule has been carried out."""
    if (is_due is True and not after) or (is_due is False and not before):
        raise Lost(f"{name}: its rule is due: {is_due}, and its state is not so: {before=}, {after=}")
