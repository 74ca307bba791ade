"""Hub-and-spoke KMS usage, counted from the trail's own files and by Athena. See README.md."""

import os
import pathlib
import time
from collections import Counter

from botocore.exceptions import ClientError

from accounts import Account, organization
from audit import Audit, advance, table
from hub import Hub
from queries import ALL, BY_ACCOUNT, BY_EVENT, BY_PRINCIPAL, TABLE, Queries
from traffic import MARK, Traffic

# The whole story takes no longer, in seconds.
BUDGET = 60


def denied(call, **arguments):
    """The message of the denial that the call must end in."""
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException"), error
        return error.response["Error"]["Message"]
    raise AssertionError("the call was allowed")


def spoke_user(spoke, hub, name):
    """A user of a spoke who may use the lake and the key, as far as its own account decides."""
    return spoke.user(
        name,
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"arn:aws:s3:::{hub.lake}/*"},
        {"Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": hub.key_arn},
    )


def files_with(text, folder):
    """Files of the data folder that hold the text."""
    return [path for path in pathlib.Path(folder).rglob("*") if path.is_file() and text in path.read_bytes()]


def ask_athena(queries, audit, principals):
    """The article's four queries, with its figures; the last one against the files themselves."""
    hub = audit.hub
    b, c, d = principals["accounts"]
    queries.create()
    rows = queries.ask(BY_ACCOUNT)
    table("Athena: by account", list(rows[0]), [list(row.values()) for row in rows])
    expected = {"owner_account_id": hub.account.id, "key_arn": hub.key_arn}
    assert rows == [
        {"requestor_account_id": account.id, **expected, "count": count}
        for account, count in ((b, "2560"), (c, "1644"), (d, "944"))
    ]
    by_principal = {row["requestor_principal"]: int(row["count"]) for row in queries.ask(BY_PRINCIPAL)}
    assert by_principal == audit.by_principal() == principals["counts"]
    by_event = {(row["requestor_account_id"], row["eventname"]): int(row["count"]) for row in queries.ask(BY_EVENT)}
    assert by_event == audit.by_event()
    everything = {
        (row["requestor_account_id"], row["key_arn"]): int(row["count"])
        for row in queries.ask(ALL)
        if row["key_arn"] == hub.key_arn
    }
    on_key = [r for r in audit.records if r["eventSource"] == "kms.amazonaws.com" and r.get("resources")]
    on_key = [r for r in on_key if r["resources"][0]["ARN"] == hub.key_arn]
    assert everything == Counter((r["userIdentity"]["accountId"], hub.key_arn) for r in on_key)
    assert everything[hub.account.id, hub.key_arn] >= audit.own() == 303
    print("Athena: the four queries have the article's figures")


def main():
    started = time.monotonic()
    account, (b, c, d) = organization()
    hub = Hub(account, (b, c, d))
    audit, traffic = Audit(hub), Traffic(hub.lake)
    own = account.user("lake-keeper", {"Effect": "Allow", "Action": ["s3:*", "kms:*"], "Resource": "*"})
    b1, b2, b3 = (spoke_user(b, hub, name) for name in ("ingest", "reports", "probe"))
    c1, d1 = spoke_user(c, hub, "app"), spoke_user(d, hub, "app")

    print("traffic …", flush=True)
    # B's calls: 1,622 + 936 + 2 = 2,560, of which 749 are uploads and 1,811 downloads.
    traffic.run(own, uploads=100, downloads=203)
    traffic.run(b1, uploads=500, downloads=1122)
    traffic.run(b2, uploads=248, downloads=688)
    traffic.run(b3, uploads=1, downloads=1)
    traffic.run(c1, uploads=271, downloads=1373)
    traffic.run(d1, uploads=306, downloads=638)
    print(f"  {time.monotonic() - started:.1f} s", flush=True)

    # Its own identity policy alone gives a spoke's principal nothing: the key policy must allow the call.
    blob = hub.kms.encrypt(KeyId=hub.key_arn, Plaintext=b"x")["CiphertextBlob"]
    message = denied(b1.client("kms").decrypt, CiphertextBlob=blob)
    print(f"\ndirect Decrypt by B: {message}")

    advance("15m")
    audit.refresh()
    table(
        "KMS calls of other accounts on the hub's key",
        ["requestor_account_id", "owner_account_id", "key_arn", "count"],
        [[id, account.id, hub.key_arn, count] for id, count in audit.by_account().most_common()],
    )
    table(
        "by principal",
        ["requestor_principal", "count"],
        audit.by_principal().most_common(),
    )
    table(
        "by event",
        ["requestor_account_id", "eventname", "count"],
        [[*names, count] for names, count in sorted(audit.by_event().items())],
    )
    print(f"\nthe hub's own calls: {audit.own()}")
    assert audit.by_account() == {b.id: 2560, c.id: 1644, d.id: 944}
    assert audit.by_principal() == {b1.id: 1622, b2.id: 936, b3.id: 2, c1.id: 1644, d1.id: 944}
    assert audit.by_event() == {
        (b.id, "Decrypt"): 1811,
        (b.id, "GenerateDataKey"): 749,
        (c.id, "Decrypt"): 1373,
        (c.id, "GenerateDataKey"): 271,
        (d.id, "Decrypt"): 638,
        (d.id, "GenerateDataKey"): 306,
    }
    assert audit.own() == 303
    queries = Queries(hub)
    counts = {b1.id: 1622, b2.id: 936, b3.id: 2, c1.id: 1644, d1.id: 944}
    ask_athena(queries, audit, {"accounts": (b, c, d), "counts": counts})
    ids = [record["eventID"] for record in audit.records]
    assert len(ids) == len(set(ids)), "no event is delivered twice"
    refused = [r for r in audit.records if r["eventName"] == "Decrypt" and r.get("errorCode") == "AccessDenied"]
    assert [r["userIdentity"]["principalId"] for r in refused] == [b1.id], "the denied call is on the record"

    if folder := os.environ.get("WELKIN_DATA"):
        assert files_with(hub.lake.encode(), folder), "the bucket's name is there, so the search finds what is there"
        assert files_with(MARK, folder) == [], "objects are encrypted at rest"
        print("at rest: no file of the data folder holds plain text")

    # With a Bucket Key, S3 asks KMS once in a while instead of once for each object.
    before = len(audit.foreign())
    hub.encrypt(bucket_key=True)
    traffic.run(spoke_user(c, hub, "with-bucket-key"), uploads=40, downloads=60)
    advance("15m")
    audit.refresh()
    with_bucket_key = len(audit.foreign()) - before
    print(f"with a Bucket Key: {with_bucket_key} KMS calls for 100 object operations")
    assert 0 < with_bucket_key < 100

    # After StopLogging the counts stay as they are.
    hub.trails.stop_logging(Name=hub.trail)
    counted = len(audit.calls())
    hub.encrypt(bucket_key=False)
    traffic.run(d1, uploads=0, downloads=20, first=f"{d1.id}/0")
    advance("15m")
    audit.refresh()
    assert len(audit.calls()) == counted
    print("after StopLogging: the counts stay")

    # Without the table nothing can be asked; the trail's files are where they were.
    queries.drop()
    failed = queries.start(f"SELECT count(*) FROM {TABLE}")["Status"]
    assert failed["State"] == "FAILED" and failed["StateChangeReason"].startswith("TABLE_NOT_FOUND"), failed
    assert hub.s3.list_objects_v2(Bucket=hub.logs, Prefix="AWSLogs/")["KeyCount"] > 0

    # A spoke that the key policy does not name gets nothing, whatever its own policies say.
    stranger = spoke_user(Account(str(int(account.id) + 1)), hub, "stranger")
    denied(stranger.client("s3").get_object, Bucket=hub.lake, Key=f"{d1.id}/0")

    took = time.monotonic() - started
    # The time is told and does not decide: the machine may be busy with other things.
    print(f"\nall of it in {took:.1f} s ({'within' if took < BUDGET else 'beyond'} the budget of {BUDGET} s)")


if __name__ == "__main__":
    main()
