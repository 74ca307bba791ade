"""Browsers' uploads: forms with a signed policy, made by boto3's generate_presigned_post and sent as browsers do."""

import base64
import http.client
import json
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET

import pytest

from conftest import allow, code_of, fresh, policy

BOUNDARY = "----welkin-form"

# boto3 signs forms by version 2 unless it is told; buckets of today take version 4 only.
V4 = {"signature_version": "s3v4"}


@pytest.fixture
def s3(welkin, account):
    """S3 as the root user of a fresh account."""
    return welkin.client("s3", account, **V4)


def multipart(fields, file, name="file.txt"):
    """A form as browsers send it, with the file last."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields
    ]
    if file is not None:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/x\r\n\r\n'
        parts.append(head.encode() + file + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def code(self):
        """Code of an error, or the status."""
        return ET.fromstring(self.body).findtext("Code") if self.body else self.status


def send(url, body, content_type=f"multipart/form-data; boundary={BOUNDARY}", headers=None, chunked=False):
    split = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(split.hostname, split.port, timeout=60)
    try:
        if chunked:
            pieces = (body[at : at + 7000] for at in range(0, len(body), 7000))
            connection.request("POST", split.path, pieces, {"Content-Type": content_type}, encode_chunked=True)
        else:
            connection.request("POST", split.path, body, {"Content-Type": content_type, **(headers or {})})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def post(post, file, *, name="file.txt", extra=(), **options):
    return send(post["url"], multipart([*post["fields"].items(), *extra], file, name), **options)


def test_a_presigned_form_uploads_an_object(s3, bucket):
    form = s3.generate_presigned_post(
        bucket,
        "in/${filename}",
        Fields={
            "Content-Type": "text/plain",
            "x-amz-meta-color": "blue",
            "x-amz-server-side-encryption": "AES256",
            "Cache-Control": "no-store",
            "x-amz-storage-class": "STANDARD_IA",
        },
        Conditions=[
            {"Content-Type": "text/plain"},
            ["starts-with", "$x-amz-meta-color", "b"],
            {"x-amz-server-side-encryption": "AES256"},
            {"Cache-Control": "no-store"},
            ["eq", "$x-amz-storage-class", "STANDARD_IA"],
        ],
    )
    answer = post(form, b"hello", name="a b.txt")
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["Location"].endswith(f"/{bucket}/in%2Fa%20b%2Etxt")
    got = s3.get_object(Bucket=bucket, Key="in/a b.txt")
    assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (b"hello", "text/plain", {"color": "blue"})
    assert (got["CacheControl"], got["StorageClass"]) == ("no-store", "STANDARD_IA")
    assert answer.headers["ETag"] == got["ETag"]


def test_the_answer_is_the_one_that_is_asked_for(s3, bucket):
    form = s3.generate_presigned_post(
        bucket, "k", Fields={"success_action_status": "201"}, Conditions=[{"success_action_status": "201"}]
    )
    answer = post(form, b"x")
    assert answer.status == 201
    told = {child.tag: child.text for child in ET.fromstring(answer.body)}
    assert (told["Bucket"], told["Key"], told["ETag"]) == (bucket, "k", answer.headers["ETag"])
    assert told["Location"] == answer.headers["Location"]
    for status, expected in (("200", 200), ("204", 204), ("404", 204)):
        fields, conditions = {"success_action_status": status}, [{"success_action_status": status}]
        form = s3.generate_presigned_post(bucket, "k", Fields=fields, Conditions=conditions)
        assert post(form, b"x").status == expected
    url = "https://app.example/done?x=1"
    form = s3.generate_presigned_post(
        bucket, "k", Fields={"success_action_redirect": url}, Conditions=[{"success_action_redirect": url}]
    )
    answer = post(form, b"x")
    assert answer.status == 303
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["Location"]).query))
    assert query == {"x": "1", "bucket": bucket, "key": "k", "etag": answer.headers["ETag"]}


@pytest.mark.parametrize("size, expected", [(4, "EntityTooSmall"), (5, 204), (300_000, 204), (300_001, "EntityTooLarge")])
@pytest.mark.parametrize("chunked", [False, True])
def test_the_size_is_limited_while_the_file_streams(s3, bucket, size, expected, chunked):
    form = s3.generate_presigned_post(bucket, "k", Conditions=[["content-length-range", 5, 300_000]])
    body = bytes(n * 31 % 256 for n in range(size))
    answer = post(form, body, chunked=chunked)
    assert answer.code == expected
    if expected == 204:
        assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body
    else:
        assert answer.status == 400
        assert code_of(s3.head_object, Bucket=bucket, Key="k") == ("404", 404)


def test_a_file_that_looks_like_a_form_comes_whole(s3, bucket):
    body = b"\r\n--" + BOUNDARY[:-1].encode() + b"\r\n\r\n--\r" * 9000 + b"\r\n"
    form = s3.generate_presigned_post(bucket, "k")
    assert post(form, body).status == 204
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body
    assert post(form, body, chunked=True).status == 204
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body
    assert post(form, b"").status == 204
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == 0


def test_the_policy_decides(s3, bucket):
    def refused(form, **options):
        answer = post(form, b"x", **options)
        return answer.status, answer.code

    form = s3.generate_presigned_post(bucket, "in/${filename}")
    assert refused(form, extra=[("x-amz-meta-a", "1")]) == (403, "AccessDenied")
    assert refused({**form, "fields": {**form["fields"], "key": "other"}}) == (403, "AccessDenied")
    other = fresh()
    s3.create_bucket(Bucket=other)
    assert refused({**form, "url": form["url"].replace(bucket, other)}) == (403, "AccessDenied")
    late = s3.generate_presigned_post(bucket, "k", ExpiresIn=-1)
    assert b"Policy expired" in post(late, b"x").body
    fields = dict(form["fields"])
    fields["policy"] = base64.b64encode(b"not json").decode()
    assert refused({**form, "fields": fields}) == (400, "InvalidPolicyDocument")
    fields = {name: value for name, value in form["fields"].items() if name != "x-amz-signature"}
    assert refused({**form, "fields": fields}) == (400, "InvalidArgument")
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_the_signature_and_the_rights_of_the_signer_count(welkin, s3, account, bucket):
    user = welkin.user(account, policy(allow("s3:PutObject", f"arn:aws:s3:::{bucket}/mine/*")))
    able = welkin.client("s3", **user, **V4)
    form = able.generate_presigned_post(bucket, "mine/k")
    assert post(form, b"x").status == 204
    assert s3.get_object(Bucket=bucket, Key="mine/k")["Body"].read() == b"x"
    denied = post(able.generate_presigned_post(bucket, "theirs/k"), b"x")
    assert (denied.status, denied.code) == (403, "AccessDenied")
    fields = {**form["fields"], "x-amz-signature": "0" * 64}
    assert post({**form, "fields": fields}, b"x").code == "SignatureDoesNotMatch"
    fields = {**form["fields"]}
    fields["x-amz-credential"] = "AKIAIOSFODNN7EXAMPLE" + fields["x-amz-credential"][20:]
    assert post({**form, "fields": fields}, b"x").code == "InvalidAccessKeyId"
    s3.put_bucket_policy(
        Bucket=bucket,
        Policy=json.dumps(
            policy(
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:PutObject",
                    "Resource": f"arn:aws:s3:::{bucket}/*",
                    "Condition": {"StringEquals": {"s3:authType": "POST"}},
                }
            )
        ),
    )
    assert post(form, b"x").code == "AccessDenied"
    able.put_object(Bucket=bucket, Key="mine/k", Body=b"by header")


def test_temporary_credentials_sign_forms(welkin, account, bucket, s3):
    assume = policy({"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"})
    iam = welkin.client("iam", account)
    role = iam.create_role(RoleName="uploader", AssumeRolePolicyDocument=json.dumps(assume))["Role"]["Arn"]
    grant = policy(allow("s3:PutObject", f"arn:aws:s3:::{bucket}/*"))
    iam.put_role_policy(RoleName="uploader", PolicyName="p", PolicyDocument=json.dumps(grant))
    caller = welkin.client("sts", **welkin.user(account, policy(allow("sts:AssumeRole", role))))
    session = caller.assume_role(RoleArn=role, RoleSessionName="form")["Credentials"]
    keys = {"key": session["AccessKeyId"], "secret": session["SecretAccessKey"], "token": session["SessionToken"]}
    client = welkin.client("s3", **keys, **V4)
    form = client.generate_presigned_post(bucket, "k")
    assert "x-amz-security-token" in form["fields"]
    assert post(form, b"by a role").status == 204
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"by a role"


def test_nobody_uploads_where_the_bucket_policy_allows_it(welkin, s3, bucket):
    url = f"{welkin.endpoint}/{bucket}"
    fields = [("key", "drop/${filename}")]
    assert send(url, multipart(fields, b"x")).code == "AccessDenied"
    s3.delete_public_access_block(Bucket=bucket)
    statement = allow("s3:PutObject", f"arn:aws:s3:::{bucket}/drop/*", Principal="*")
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy(statement)))
    assert send(url, multipart(fields, b"from nobody", "n.txt")).status == 204
    assert s3.get_object(Bucket=bucket, Key="drop/n.txt")["Body"].read() == b"from nobody"
    assert send(url, multipart([("key", "else")], b"x")).code == "AccessDenied"


def test_tags_come_as_xml(s3, bucket):
    xml = "<Tagging><TagSet><Tag><Key>a b</Key><Value>1+2</Value></Tag></TagSet></Tagging>"
    form = s3.generate_presigned_post(bucket, "k", Fields={"tagging": xml}, Conditions=[{"tagging": xml}])
    assert post(form, b"x").status == 204
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "a b", "Value": "1+2"}]
    form = s3.generate_presigned_post(bucket, "k", Fields={"tagging": "<a"}, Conditions=[{"tagging": "<a"}])
    assert post(form, b"x").code == "MalformedXML"


def test_forms_that_are_none(welkin, s3, bucket):
    url = f"{welkin.endpoint}/{bucket}"
    form = s3.generate_presigned_post(bucket, "k")
    fields = list(form["fields"].items())
    assert send(url, multipart(fields, None)).code == "InvalidArgument"
    assert send(url, multipart([f for f in fields if f[0] != "key"], b"x")).code == "InvalidArgument"
    assert send(url, b"nonsense").code == "MalformedPOSTRequest"
    assert send(url, multipart(fields, b"x" * 100)[:-40]).code == "MalformedPOSTRequest"
    assert send(url, multipart(fields, b"x"), content_type="multipart/form-data").code == "MalformedPOSTRequest"
    assert send(url, multipart([("x-ignore-it", "y" * 21_000), *fields], b"x")).code == "MaxPostPreDataLengthExceeded"
    assert send(f"{welkin.endpoint}/{fresh()}", multipart([("key", "k")], b"x")).code == "NoSuchBucket"
    md5 = s3.generate_presigned_post(bucket, "k", Fields={"Content-MD5": "A" * 22 + "=="}, Conditions=[["starts-with", "$Content-MD5", ""]])
    assert post(md5, b"x").code == "BadDigest"
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_a_form_makes_a_version(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    form = s3.generate_presigned_post(bucket, "k")
    first, second = post(form, b"1").headers["x-amz-version-id"], post(form, b"2").headers["x-amz-version-id"]
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=first)["Body"].read() == b"1"
    assert s3.head_object(Bucket=bucket, Key="k")["VersionId"] == second


def test_a_form_is_decided_as_a_put(welkin, s3, bucket):
    answer = post(s3.generate_presigned_post(bucket, "decided"), b"x")
    decided = json.dumps(welkin.admin("GET", f"decisions/{answer.headers['x-amz-request-id']}"))
    assert "s3:PutObject" in decided and f"{bucket}/decided" in decided
