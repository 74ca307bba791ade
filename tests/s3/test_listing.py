"""Listings of objects."""

import urllib.parse

import pytest

from conftest import code_of

KEYS = ["a", "a/1", "a/2", "a/b/3", "b/1", "b0", "c&d e", "é", "\U0001f600"]


@pytest.fixture
def filled(s3, bucket):
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=b"12345")
    return bucket


def keys(page):
    return [o["Key"] for o in page.get("Contents", [])]


def prefixes(page):
    return [p["Prefix"] for p in page.get("CommonPrefixes", [])]


def test_objects_are_listed_in_the_order_of_their_bytes(s3, filled):
    page = s3.list_objects_v2(Bucket=filled)
    assert keys(page) == sorted(KEYS, key=str.encode)
    assert page["KeyCount"] == len(KEYS) and not page["IsTruncated"] and page["MaxKeys"] == 1000
    first = page["Contents"][0]
    assert first["Size"] == 5 and first["StorageClass"] == "STANDARD" and "Owner" not in first
    assert first["ETag"] == '"827ccb0eea8a706c4c34a16891f84e7b"' and first["ChecksumType"] == "FULL_OBJECT"
    owned = s3.list_objects_v2(Bucket=filled, FetchOwner=True, MaxKeys=1)
    assert len(owned["Contents"][0]["Owner"]["ID"]) == 64


@pytest.mark.parametrize("size", [1, 2, 3, 9])
@pytest.mark.parametrize("delimiter", [None, "/"])
def test_pages_put_together_are_the_whole(s3, filled, size, delimiter):
    more = {"Delimiter": delimiter} if delimiter else {}
    whole = s3.list_objects_v2(Bucket=filled, **more)
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=filled, PaginationConfig={"PageSize": size}, **more))
    assert sum((keys(p) for p in pages), []) == keys(whole)
    assert sum((prefixes(p) for p in pages), []) == prefixes(whole)
    assert all(p["KeyCount"] == size for p in pages[:-1])
    first = list(s3.get_paginator("list_objects").paginate(Bucket=filled, PaginationConfig={"PageSize": size}, **more))
    assert sum((keys(p) for p in first), []) == keys(whole)
    assert sum((prefixes(p) for p in first), []) == prefixes(whole)


def test_keys_are_rolled_up_at_a_delimiter(s3, filled):
    top = s3.list_objects_v2(Bucket=filled, Delimiter="/")
    assert prefixes(top) == ["a/", "b/"] and keys(top) == ["a", "b0", "c&d e", "é", "\U0001f600"]
    below = s3.list_objects_v2(Bucket=filled, Delimiter="/", Prefix="a/")
    assert prefixes(below) == ["a/b/"] and keys(below) == ["a/1", "a/2"]
    assert keys(s3.list_objects_v2(Bucket=filled, Prefix="b")) == ["b/1", "b0"]
    assert keys(s3.list_objects_v2(Bucket=filled, Prefix="nothing")) == []


def test_a_listing_begins_after_a_key(s3, filled):
    assert keys(s3.list_objects_v2(Bucket=filled, StartAfter="b/1")) == ["b0", "c&d e", "é", "\U0001f600"]
    assert keys(s3.list_objects(Bucket=filled, Marker="b/1"))[0] == "b0"
    after = s3.list_objects(Bucket=filled, Marker="a/", Delimiter="/")
    assert prefixes(after) == ["b/"] and keys(after)[0] == "b0"


def test_keys_are_encoded_on_demand(s3, filled):
    # boto3 asks for it by itself and decodes; this is what went over the wire.
    seen = []
    s3.meta.events.register("before-parse.s3.ListObjectsV2", lambda response_dict, **_: seen.append(response_dict["body"]))
    s3.list_objects_v2(Bucket=filled, EncodingType="url")
    body = seen[-1].decode()
    assert f"<Key>{urllib.parse.quote_plus('é')}</Key>" in body and "<Key>c%26d+e</Key>" in body
    assert "<EncodingType>url</EncodingType>" in body


def test_arguments_are_checked(s3, filled):
    assert code_of(s3.list_objects_v2, Bucket=filled, MaxKeys=-1) == ("InvalidArgument", 400)
    assert code_of(s3.list_objects_v2, Bucket=filled, ContinuationToken="!") == ("InvalidArgument", 400)
    none = s3.list_objects_v2(Bucket=filled, MaxKeys=0)
    assert none["KeyCount"] == 0 and not none["IsTruncated"]
    assert s3.list_objects_v2(Bucket=filled, MaxKeys=5000)["MaxKeys"] == 1000


def test_many_keys_below_many_prefixes(s3, bucket):
    made = [f"p{n % 40:02d}/k{n:04d}" for n in range(400)]
    for key in made:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    top = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert prefixes(top) == [f"p{n:02d}/" for n in range(40)] and keys(top) == []
    assert keys(s3.list_objects_v2(Bucket=bucket)) == sorted(made)
