"""Reads a trail's own files and counts, as the article does in SQL."""

import gzip
import json
import urllib.request
from collections import Counter

from accounts import ENDPOINT

CALLS = ("Decrypt", "Encrypt", "GenerateDataKey")


def advance(by):
    """Moves Welkin's clock; every file that is due by then has been delivered when it returns."""
    body = json.dumps({"advance": by}).encode()
    request = urllib.request.Request(
        f"{ENDPOINT}/_welkin/clock", body, {"content-type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        json.load(answer)


class Audit:
    def __init__(self, hub):
        self.hub = hub
        self.read, self.records = set(), []

    def refresh(self):
        """Reads the files that were delivered since."""
        pages = self.hub.s3.get_paginator("list_objects_v2").paginate(Bucket=self.hub.logs, Prefix="AWSLogs/")
        for entry in (entry for page in pages for entry in page.get("Contents", [])):
            key = entry["Key"]
            if key.endswith(".json.gz") and key not in self.read:
                body = self.hub.s3.get_object(Bucket=self.hub.logs, Key=key)["Body"].read()
                self.records += json.loads(gzip.decompress(body))["Records"]
                self.read.add(key)

    def calls(self):
        """KMS calls on the hub's key that S3 made for an object."""
        return [
            record
            for record in self.records
            if record["eventSource"] == "kms.amazonaws.com"
            and record["eventName"] in CALLS
            and record["resources"][0]["ARN"] == self.hub.key_arn
            and ((record["requestParameters"] or {}).get("encryptionContext") or {}).get("aws:s3:arn")
            and "errorCode" not in record
        ]

    def foreign(self):
        """Those of other accounts than the key's."""
        return [c for c in self.calls() if c["userIdentity"]["accountId"] != c["resources"][0]["accountId"]]

    def by_account(self):
        return Counter(call["userIdentity"]["accountId"] for call in self.foreign())

    def by_principal(self):
        return Counter(call["userIdentity"]["principalId"] for call in self.foreign())

    def by_event(self):
        return Counter((call["userIdentity"]["accountId"], call["eventName"]) for call in self.foreign())

    def own(self):
        return len(self.calls()) - len(self.foreign())


def table(title, header, rows):
    """Prints rows as a table."""
    rows = [header, *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(header))]
    print(f"\n{title}")
    for number, row in enumerate(rows):
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))
