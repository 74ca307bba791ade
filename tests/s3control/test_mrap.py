"""Multi-Region Access Points: made and changed by and by, signed for every Region, routed to the active bucket."""

import json
import urllib.parse

import pytest
import urllib3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.credentials import Credentials
from conftest import Bound, code_of, error_of, fresh, policy, put_bucket_policy
from identity import allow

ALL = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
REGIONS = ("us-west-2", "us-east-1", "eu-west-1")


def led_here(welkin, client):
    """A client whose requests reach Welkin whatever host they are for, as where DNS leads AWS's names there."""
    pool = urllib3.PoolManager()

    def send(request, **_):
        url = urllib.parse.urlsplit(request.url)
        target = f"{welkin.endpoint}{url.path}" + (f"?{url.query}" if url.query else "")
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        headers["Host"] = url.netloc
        answer = pool.urlopen(request.method, target, body=request.body, headers=headers, preload_content=False)
        return AWSResponse(request.url, answer.status, answer.headers, answer)

    client.meta.events.register("before-send.s3.*", send)
    return client


@pytest.fixture
def buckets(client, account):
    """Buckets of the account by Region, each with an object that says where it is."""
    made = {}
    for region in REGIONS:
        s3, name = client("s3", account, region=region), fresh("mrap")
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=name, **where)
        s3.put_object(Bucket=name, Key="where", Body=region.encode())
        made[region] = name
    return made


@pytest.fixture
def make(welkin, control, account, buckets):
    """Makes a Multi-Region Access Point of these Regions' buckets; returns its ARN."""

    def make(name="many", regions=REGIONS, **details):
        given = [{"Bucket": buckets[region]} for region in regions]
        control.create_multi_region_access_point(Details={"Name": name, "Regions": given, **details})
        welkin.advance("1m")
        alias = control.get_multi_region_access_point(Name=name)["AccessPoint"]["Alias"]
        return f"arn:aws:s3::{account}:accesspoint/{alias}"

    return make


def where(s3, arn):
    return s3.get_object(Bucket=arn, Key="where")["Body"].read().decode()


def test_one_is_made_by_and_by(welkin, control, account, buckets):
    details = {"Name": "many", "Regions": [{"Bucket": buckets[region]} for region in REGIONS]}
    arn = control.create_multi_region_access_point(Details=details, ClientToken="once")["RequestTokenARN"]
    assert arn.startswith(f"arn:aws:s3:us-west-2:{account}:async-request/mrap/create/")
    operation = control.describe_multi_region_access_point_operation(RequestTokenARN=arn)["AsyncOperation"]
    assert (operation["Operation"], operation["RequestStatus"]) == ("CreateMultiRegionAccessPoint", "INPROGRESS")
    assert operation["RequestParameters"]["CreateMultiRegionAccessPointRequest"] == details
    assert control.get_multi_region_access_point(Name="many")["AccessPoint"]["Status"] == "CREATING"
    welkin.advance("1m")
    operation = control.describe_multi_region_access_point_operation(RequestTokenARN=arn)["AsyncOperation"]
    assert operation["RequestStatus"] == "SUCCEEDED"
    regions = operation["ResponseDetails"]["MultiRegionAccessPointDetails"]["Regions"]
    assert regions == [{"Name": region, "RequestStatus": "SUCCEEDED"} for region in REGIONS]
    told = control.get_multi_region_access_point(Name="many")["AccessPoint"]
    assert (told["Status"], told["Name"], told["PublicAccessBlock"]) == ("READY", "many", ALL)
    assert told["Alias"].endswith(".mrap")
    assert told["Regions"] == [
        {"Bucket": buckets[region], "Region": region, "BucketAccountId": account} for region in REGIONS
    ]
    # The same request again is the same; another one with its token is not.
    assert control.create_multi_region_access_point(Details=details, ClientToken="once")["RequestTokenARN"] == arn
    other = {**details, "Name": "other"}
    assert code_of(control.create_multi_region_access_point, Details=other, ClientToken="once") == (
        "IdempotencyException",
        400,
    )


def test_what_cannot_be_made_is_refused(welkin, client, control, account, make, buckets):
    def refused(name="fresh", *names, **given):
        regions = [{"Bucket": bucket, **given} for bucket in names]
        return code_of(control.create_multi_region_access_point, Details={"Name": name, "Regions": regions})

    make("many", ["us-east-1"])
    assert refused("many", buckets["us-east-1"]) == ("MultiRegionAccessPointAlreadyOwnedByYou", 409)
    assert refused("fresh", fresh("nowhere")) == ("NoSuchBucket", 404)
    assert refused("fresh") == ("InvalidRequest", 400)
    assert refused("No_Name", buckets["us-east-1"])[1] == 400
    second = fresh()
    client("s3", account).create_bucket(Bucket=second)
    assert refused("fresh", buckets["us-east-1"], second) == ("InvalidRequest", 400)
    assert refused("fresh", *[f"bucket-{n}" for n in range(21)])[1] == 400
    theirs = fresh()
    client("s3", welkin.account()).create_bucket(Bucket=theirs)
    assert refused("fresh", theirs) == ("AccessDenied", 403)
    assert code_of(control.get_multi_region_access_point, Name="fresh") == ("NoSuchMultiRegionAccessPoint", 404)
    asked = f"arn:aws:s3:us-west-2:{account}:async-request/mrap/create/none"
    assert code_of(control.describe_multi_region_access_point_operation, RequestTokenARN=asked) == (
        "NoSuchAsyncRequest",
        404,
    )


def test_a_bucket_that_is_gone_meanwhile_fails_the_request(welkin, client, control, account):
    s3, name = client("s3", account), fresh()
    s3.create_bucket(Bucket=name)
    details = {"Name": "many", "Regions": [{"Bucket": name}]}
    arn = control.create_multi_region_access_point(Details=details)["RequestTokenARN"]
    s3.delete_bucket(Bucket=name)
    welkin.advance("1m")
    operation = control.describe_multi_region_access_point_operation(RequestTokenARN=arn)["AsyncOperation"]
    assert operation["RequestStatus"] == "FAILED"
    assert operation["ResponseDetails"]["ErrorDetails"]["Code"] == "NoSuchBucket"
    assert code_of(control.get_multi_region_access_point, Name="many") == ("NoSuchMultiRegionAccessPoint", 404)


def test_they_are_listed_in_pages(control, make):
    for number in range(3):
        make(f"many-{number}", [REGIONS[number]])
    first = control.list_multi_region_access_points(MaxResults=2)
    rest = control.list_multi_region_access_points(MaxResults=2, NextToken=first["NextToken"])
    names = [point["Name"] for page in (first, rest) for point in page["AccessPoints"]]
    assert names == ["many-0", "many-1", "many-2"] and "NextToken" not in rest


def test_requests_are_signed_for_all_regions_and_routed_to_one(welkin, client, account, make):
    arn = make()
    s3 = led_here(welkin, client("s3", account))
    # The first active bucket of the Region that the request came to, which for the global end point is us-east-1.
    assert where(s3, arn) == "us-east-1"
    s3.put_object(Bucket=arn, Key="new", Body=b"x")
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=arn)["Contents"]] == ["new", "where"]
    s3.put_object_tagging(Bucket=arn, Key="new", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert s3.get_object_tagging(Bucket=arn, Key="new")["TagSet"] == [{"Key": "a", "Value": "b"}]
    upload = {"Bucket": arn, "Key": "parts"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    part = s3.upload_part(**upload, PartNumber=1, Body=b"x")
    assert len(s3.list_parts(**upload)["Parts"]) == 1
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(**upload, MultipartUpload=parts)
    s3.delete_object(Bucket=arn, Key="parts")
    assert s3.head_object(Bucket=arn, Key="new")["ContentLength"] == 1


def test_failover_by_routes(welkin, client, control, account, make, buckets):
    arn = make()
    s3 = led_here(welkin, client("s3", account))

    def dial(**updates):
        given = [{"Region": region, "TrafficDialPercentage": dial} for region, dial in updates.items()]
        control.submit_multi_region_access_point_routes(Mrap=arn, RouteUpdates=given)

    told = control.get_multi_region_access_point_routes(Mrap=arn)
    assert told["Mrap"] == arn
    assert told["Routes"] == [
        {"Bucket": buckets[region], "Region": region, "TrafficDialPercentage": 100} for region in REGIONS
    ]
    dial(**{"us-east-1": 0})
    assert where(s3, arn) == "us-west-2"
    dial(**{"us-west-2": 0})
    assert where(s3, arn) == "eu-west-1"
    dials = {route["Region"]: route["TrafficDialPercentage"] for route in
             control.get_multi_region_access_point_routes(Mrap=arn)["Routes"]}
    assert dials == {"us-west-2": 0, "us-east-1": 0, "eu-west-1": 100}
    control.submit_multi_region_access_point_routes(
        Mrap=arn, RouteUpdates=[{"Bucket": buckets["us-east-1"], "TrafficDialPercentage": 100}]
    )
    assert where(s3, arn) == "us-east-1"
    submit = control.submit_multi_region_access_point_routes
    for updates in (
        [{"Region": "us-east-1", "TrafficDialPercentage": 50}],
        [{"Region": "ca-central-1", "TrafficDialPercentage": 0}],
        [{"TrafficDialPercentage": 0}],
        [{"Region": region, "TrafficDialPercentage": 0} for region in REGIONS],
    ):
        assert code_of(submit, Mrap=arn, RouteUpdates=updates) == ("InvalidRequest", 400), updates
    assert where(s3, arn) == "us-east-1"
    none = arn.rsplit("/", 1)[0] + "/maaaaaaaaaaaa.mrap"
    assert code_of(control.get_multi_region_access_point_routes, Mrap=none) == ("NoSuchMultiRegionAccessPoint", 404)
    far = client("s3control", account, region="sa-east-1")
    assert code_of(far.get_multi_region_access_point_routes, AccountId=account, Mrap=arn) == ("InvalidRequest", 400)


def test_only_signatures_for_all_regions_and_known_operations_are_taken(welkin, client, account, make, buckets):
    arn = make()
    s3 = led_here(welkin, client("s3", account))
    assert code_of(s3.get_bucket_versioning, Bucket=arn) == ("MethodNotAllowed", 405)
    assert code_of(s3.list_object_versions, Bucket=arn) == ("MethodNotAllowed", 405)
    source = {"Bucket": arn, "Key": "where"}
    plain = client("s3", account)
    # A copy is signed for one Region, and its source may not be many.
    assert code_of(plain.copy_object, Bucket=buckets["us-east-1"], Key="copy", CopySource=source)[1] in (400, 405)
    s3.copy_object(Bucket=arn, Key="copy", CopySource={"Bucket": buckets["eu-west-1"], "Key": "where"})
    assert plain.get_object(Bucket=buckets["us-east-1"], Key="copy")["Body"].read() == b"eu-west-1"
    alias = arn.rsplit("/", 1)[1]
    host = f"{alias}.accesspoint.s3-global.amazonaws.com"
    single = AWSRequest("GET", f"https://{host}/where")
    S3SigV4Auth(Credentials(account, "any"), "s3", "us-east-1").add_auth(single)
    headers = {**dict(single.headers.items()), "Host": host}
    answer = urllib3.request("GET", f"{welkin.endpoint}/where", headers=headers)
    assert answer.status == 400 and b"SigV4A" in answer.data


def test_signatures_for_all_regions_are_verified(welkin, client, account, make, control):
    arn = make()
    user = welkin.user(account, policy(allow("s3:*", "*")))
    assert where(led_here(welkin, client("s3", **user)), arn) == "us-east-1"
    wrong = led_here(welkin, client("s3", **{**user, "secret": "x" * 40}))
    assert code_of(wrong.get_object, Bucket=arn, Key="where") == ("SignatureDoesNotMatch", 403)


def test_presigned_urls_lead_through_them(welkin, client, account, make):
    arn = make()
    user = welkin.user(account, policy(allow("s3:*", "*")))
    url = client("s3", **user).generate_presigned_url("get_object", Params={"Bucket": arn, "Key": "where"})
    parts = urllib.parse.urlsplit(url)
    assert parts.netloc.endswith(".mrap.accesspoint.s3-global.amazonaws.com")
    answer = urllib3.request("GET", f"{welkin.endpoint}{parts.path}?{parts.query}", headers={"Host": parts.netloc})
    assert (answer.status, answer.data) == (200, b"us-east-1")


def test_a_policy_is_proposed_and_then_established(welkin, client, control, account, make):
    arn = make()
    told = control.get_multi_region_access_point_policy(Name="many")["Policy"]
    assert "Established" not in told and "Proposed" not in told
    text = json.dumps(policy(allow("s3:GetObject", f"{arn}/object/*", Principal={"AWS": account})))
    asked = control.put_multi_region_access_point_policy(Details={"Name": "many", "Policy": text})["RequestTokenARN"]
    told = control.get_multi_region_access_point_policy(Name="many")["Policy"]
    assert told["Proposed"]["Policy"] == text and "Established" not in told
    welkin.advance("1m")
    assert control.get_multi_region_access_point_policy(Name="many")["Policy"]["Established"]["Policy"] == text
    operation = control.describe_multi_region_access_point_operation(RequestTokenARN=asked)["AsyncOperation"]
    assert (operation["Operation"], operation["RequestStatus"]) == ("PutMultiRegionAccessPointPolicy", "SUCCEEDED")
    assert control.get_multi_region_access_point_policy_status(Name="many")["Established"] == {"IsPublic": False}
    put = control.put_multi_region_access_point_policy
    public = json.dumps(policy(allow("s3:GetObject", f"{arn}/object/*", Principal="*")))
    assert code_of(put, Details={"Name": "many", "Policy": public}) == ("AccessDenied", 403)
    wrong = json.dumps(policy(allow("s3:GetObject", "arn:aws:s3:::bucket/*", Principal="*")))
    assert code_of(put, Details={"Name": "many", "Policy": wrong}) == ("MalformedPolicy", 400)


def test_policies_of_access_point_and_bucket_decide(welkin, client, control, account, make, buckets):
    arn = make(regions=["us-east-1"])
    user = welkin.user(account, name="JohnDoe")
    john = led_here(welkin, client("s3", **user))
    assert code_of(john.get_object, Bucket=arn, Key="where") == ("AccessDenied", 403)
    principal = {"AWS": f"arn:aws:iam::{account}:user/JohnDoe"}
    text = json.dumps(policy(allow("s3:GetObject", f"{arn}/object/*", Principal=principal)))
    control.put_multi_region_access_point_policy(Details={"Name": "many", "Policy": text})
    welkin.advance("1m")
    assert code_of(john.get_object, Bucket=arn, Key="where") == ("AccessDenied", 403)
    bucket = buckets["us-east-1"]
    put_bucket_policy(
        client("s3", account),
        bucket,
        allow(
            "s3:*",
            [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
            Principal={"AWS": "*"},
            Condition={"StringEquals": {"s3:DataAccessPointArn": arn}},
        ),
    )
    assert where(john, arn) == "us-east-1"
    assert code_of(client("s3", **user).get_object, Bucket=bucket, Key="where") == ("AccessDenied", 403)
    by_own = led_here(welkin, client("s3", **welkin.user(account, policy(allow("s3:GetObject", f"{arn}/object/*")))))
    assert where(by_own, arn) == "us-east-1"


def test_one_is_deleted_by_and_by(welkin, client, control, account, make, buckets):
    arn = make()
    asked = control.delete_multi_region_access_point(Details={"Name": "many"})["RequestTokenARN"]
    assert control.get_multi_region_access_point(Name="many")["AccessPoint"]["Status"] == "DELETING"
    welkin.advance("1m")
    operation = control.describe_multi_region_access_point_operation(RequestTokenARN=asked)["AsyncOperation"]
    assert (operation["Operation"], operation["RequestStatus"]) == ("DeleteMultiRegionAccessPoint", "SUCCEEDED")
    assert code_of(control.get_multi_region_access_point, Name="many") == ("NoSuchMultiRegionAccessPoint", 404)
    s3 = led_here(welkin, client("s3", account))
    assert code_of(s3.get_object, Bucket=arn, Key="where") == ("NoSuchMultiRegionAccessPoint", 404)
    assert client("s3", account).get_object(Bucket=buckets["us-east-1"], Key="where")["Body"].read() == b"us-east-1"
    assert code_of(control.delete_multi_region_access_point, Details={"Name": "many"}) == (
        "NoSuchMultiRegionAccessPoint",
        404,
    )


def test_each_operation_needs_its_action(welkin, as_user, control, account, make, buckets):
    arn = make(regions=["us-east-1"])
    text = json.dumps(policy(allow("s3:GetObject", f"{arn}/object/*", Principal={"AWS": account})))
    details = {"Name": "second", "Regions": [{"Bucket": buckets["eu-west-1"]}]}
    asked = control.put_multi_region_access_point_policy(Details={"Name": "many", "Policy": text})["RequestTokenARN"]
    dial = [{"Region": "us-east-1", "TrafficDialPercentage": 100}]
    name = {"Name": "many"}
    cases = [
        ("CreateMultiRegionAccessPoint", lambda c: c.create_multi_region_access_point(Details=details)),
        ("GetMultiRegionAccessPoint", lambda c: c.get_multi_region_access_point(**name)),
        ("ListMultiRegionAccessPoints", lambda c: c.list_multi_region_access_points()),
        (
            "DescribeMultiRegionAccessPointOperation",
            lambda c: c.describe_multi_region_access_point_operation(RequestTokenARN=asked),
        ),
        ("GetMultiRegionAccessPointPolicy", lambda c: c.get_multi_region_access_point_policy(**name)),
        ("GetMultiRegionAccessPointPolicyStatus", lambda c: c.get_multi_region_access_point_policy_status(**name)),
        (
            "PutMultiRegionAccessPointPolicy",
            lambda c: c.put_multi_region_access_point_policy(Details={**name, "Policy": text}),
        ),
        ("GetMultiRegionAccessPointRoutes", lambda c: c.get_multi_region_access_point_routes(Mrap=arn)),
        (
            "SubmitMultiRegionAccessPointRoutes",
            lambda c: c.submit_multi_region_access_point_routes(Mrap=arn, RouteUpdates=dial),
        ),
        ("DeleteMultiRegionAccessPoint", lambda c: c.delete_multi_region_access_point(Details=name)),
    ]
    for action, call in cases:
        error = error_of(call, as_user("s3control", "s3:ListAllMyBuckets"))
        assert (error["Code"], error["Status"]) == ("AccessDenied", 403) and f"s3:{action}" in error["Message"], action
        call(as_user("s3control", f"s3:{action}", "s3:ListAllMyBuckets"))


def test_another_account_manages_none(welkin, client, account, make):
    arn = make(regions=["us-east-1"])
    stranger = Bound(client("s3control", welkin.account()), account)
    assert code_of(stranger.get_multi_region_access_point, Name="many") == ("AccessDenied", 403)
    assert code_of(stranger.get_multi_region_access_point_routes, Mrap=arn) == ("AccessDenied", 403)
    assert code_of(stranger.delete_multi_region_access_point, Details={"Name": "many"}) == ("AccessDenied", 403)
