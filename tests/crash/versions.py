"""Versions under load: put, delete markers, deleted versions, copies, tags; some are locked."""

import random
from collections import defaultdict
from dataclasses import dataclass, field

from botocore.exceptions import ClientError
from ledger import Ledger, Lost
from objects import content, mark, tag_set

BUCKET = "crash-versions"


@dataclass
class Entry:
    """A version, or a delete marker, where there are no bytes."""

    body: bytes | None
    tag: str = ""
    held: bool = False

    def told(self) -> str:
        return "a delete marker" if self.body is None else mark(self.body, self.tag)


@dataclass
class Call:
    """What was asked and not yet answered."""

    key: str
    #: A new newest version.
    added: Entry | None = None
    #: The version that is to go, or to change.
    version: str = ""
    changed: dict = field(default_factory=dict)


class Versions:
    """The versions of the keys of one thread, the oldest first."""

    def __init__(self, client, keys: int) -> None:
        self.client = client
        self.ledger = Ledger("version")
        self.keys = [f"key/{number}" for number in range(keys)]
        self.history: dict[str, dict[str, Entry]] = defaultdict(dict)
        self.open: Call | None = None
        self.number = 0

    def step(self, chance: random.Random) -> None:
        key, what = chance.choice(self.keys), chance.random()
        if what < 0.4 or not self.history[key]:
            self.put(key, chance.choice([10, 3000, 90_000]))
        elif what < 0.5:
            self.delete(key)
        else:
            version = chance.choice(list(self.history[key]))
            entry = self.history[key][version]
            if what < 0.75:
                self.remove(key, version, entry)
            elif entry.body is not None:
                chance.choice([self.tag, self.hold, self.copy])(key, version, entry)

    def answered(self) -> None:
        self.open = None
        self.ledger.acknowledged += 1

    def put(self, key: str, size: int) -> None:
        self.number += 1
        entry = Entry(content(key, self.number, size), str(self.number))
        self.open = Call(key, added=entry)
        made = self.client.put_object(Bucket=BUCKET, Key=key, Body=entry.body, Tagging=f"round={entry.tag}")
        self.history[key][made["VersionId"]] = entry
        self.answered()

    def copy(self, key: str, version: str, entry: Entry) -> None:
        """Makes an older version the newest one."""
        added = Entry(entry.body, entry.tag)
        self.open = Call(key, added=added)
        source = {"Bucket": BUCKET, "Key": key, "VersionId": version}
        # S3 wants something to change.
        extra = {"MetadataDirective": "REPLACE", "Metadata": {"copied": "yes"}}
        made = self.client.copy_object(Bucket=BUCKET, Key=key, CopySource=source, **extra)
        self.history[key][made["VersionId"]] = added
        self.answered()

    def delete(self, key: str) -> None:
        self.open = Call(key, added=Entry(None))
        made = self.client.delete_object(Bucket=BUCKET, Key=key)
        assert made["DeleteMarker"], made
        self.history[key][made["VersionId"]] = Entry(None)
        self.answered()

    def remove(self, key: str, version: str, entry: Entry) -> None:
        self.open = Call(key, version=version)
        try:
            self.client.delete_object(Bucket=BUCKET, Key=key, VersionId=version)
        except ClientError as error:
            if entry.held and error.response["Error"]["Code"] == "AccessDenied":
                self.open = None
                return
            raise
        assert not entry.held, f"version {version} of {key} was deleted though it is held"
        del self.history[key][version]
        self.answered()

    def tag(self, key: str, version: str, entry: Entry) -> None:
        self.number += 1
        tag = str(self.number)
        self.open = Call(key, version=version, changed={"tag": tag})
        self.client.put_object_tagging(Bucket=BUCKET, Key=key, VersionId=version, Tagging=tag_set(tag))
        entry.tag = tag
        self.answered()

    def hold(self, key: str, version: str, entry: Entry) -> None:
        self.open = Call(key, version=version, changed={"held": not entry.held})
        status = "OFF" if entry.held else "ON"
        self.client.put_object_legal_hold(Bucket=BUCKET, Key=key, VersionId=version, LegalHold={"Status": status})
        entry.held = not entry.held
        self.answered()

    def check(self) -> None:
        found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
        for page in self.client.get_paginator("list_object_versions").paginate(Bucket=BUCKET):
            newest_first = page.get("Versions", []) + page.get("DeleteMarkers", [])
            for one in newest_first:
                found[one["Key"]].append((one["VersionId"], one["IsLatest"]))
        for key in sorted(set(found) | set(self.history)):
            self.check_key(key, found[key])
        self.open = None

    def check_key(self, key: str, found: list[tuple[str, bool]]) -> None:
        history, versions = self.history[key], {version for version, _ in found}
        call = self.open if self.open and self.open.key == key else Call(key)
        if call.version and not call.changed and call.version not in versions:
            history.pop(call.version, None)
        if new := versions - set(history):
            if call.added is None or len(new) > 1:
                raise Lost(f"{key}: versions {new} that nobody made")
            history[new.pop()] = call.added
        if missing := set(history) - versions:
            raise Lost(f"{key}: versions {missing} are gone, {[history[version].told() for version in missing]}")
        if history and [version for version, latest in found if latest] != [list(history)[-1]]:
            raise Lost(f"{key}: the latest is {found}, of {list(history)}")
        for version, entry in history.items():
            self.check_version(key, version, entry, call)

    def check_version(self, key: str, version: str, entry: Entry, call: Call) -> None:
        if entry.body is None:
            return
        names = {"Bucket": BUCKET, "Key": key, "VersionId": version}
        answer = self.client.get_object(**names)
        tags = self.client.get_object_tagging(**names)["TagSet"]
        found = Entry(answer["Body"].read(), tags[0]["Value"], answer.get("ObjectLockLegalHoldStatus") == "ON")
        if call.version == version and call.changed:
            for name, value in call.changed.items():
                if getattr(found, name) == value:
                    setattr(entry, name, value)
        if found != entry:
            raise Lost(f"{key} {version}: found {found.told()}, {found.held}, not {entry.told()}, {entry.held}")
