"""Static web sites."""

import http.client
import urllib.parse

import pytest
from conftest import allow, code_of, error_of, policy

INDEX = {"IndexDocument": {"Suffix": "index.html"}}
TO = {"HostName": "a"}


class Site:
    """A bucket's web site as a browser sees it."""

    def __init__(self, endpoint, bucket, host=None):
        self.at = urllib.parse.urlsplit(endpoint).netloc
        self.host = host or f"{bucket}.s3-website.localhost"

    def ask(self, path="/", method="GET", **headers):
        connection = http.client.HTTPConnection(self.at, timeout=20)
        sent = {"Host": self.host} | {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=sent)
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        connection.close()
        return answer

    def location(self, path):
        answer = self.ask(path)
        return answer.status, answer.getheader("location")


@pytest.fixture
def public(s3, bucket, put_policy):
    """Makes the bucket readable by everybody, with `s3:GetObject` and what else is given."""

    def make(*more):
        s3.delete_public_access_block(Bucket=bucket)
        arns = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
        put_policy(allow(["s3:GetObject", *more], arns, Principal="*"))

    return make


@pytest.fixture
def put(s3, bucket):
    return lambda key, body=None, **more: s3.put_object(Bucket=bucket, Key=key, Body=(body or key).encode(), **more)


@pytest.fixture
def configure(s3, bucket):
    return lambda **configuration: s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=configuration)


@pytest.fixture
def site(welkin, bucket):
    return Site(welkin.endpoint, bucket)


def test_the_configuration_is_set_told_and_removed(s3, bucket, configure):
    assert code_of(s3.get_bucket_website, Bucket=bucket) == ("NoSuchWebsiteConfiguration", 404)
    rule = {
        "Condition": {"KeyPrefixEquals": "docs/", "HttpErrorCodeReturnedEquals": "404"},
        "Redirect": {
            "HostName": "a.example:8080",
            "HttpRedirectCode": "307",
            "Protocol": "https",
            "ReplaceKeyPrefixWith": "documents/",
        },
    }
    rules = [rule, {"Redirect": {"ReplaceKeyWith": "x"}}]
    whole = {**INDEX, "ErrorDocument": {"Key": "errors/all.html"}, "RoutingRules": rules}
    configure(**whole)
    told = s3.get_bucket_website(Bucket=bucket)
    assert {name: told[name] for name in whole} == whole and "RedirectAllRequestsTo" not in told
    configure(RedirectAllRequestsTo={"HostName": "b.example"})
    told = s3.get_bucket_website(Bucket=bucket)
    assert told["RedirectAllRequestsTo"] == {"HostName": "b.example"} and "IndexDocument" not in told
    s3.delete_bucket_website(Bucket=bucket)
    s3.delete_bucket_website(Bucket=bucket)
    assert code_of(s3.get_bucket_website, Bucket=bucket) == ("NoSuchWebsiteConfiguration", 404)


def test_a_new_bucket_of_the_name_is_no_site(s3, bucket, configure):
    configure(**INDEX)
    s3.delete_bucket(Bucket=bucket)
    s3.create_bucket(Bucket=bucket)
    assert code_of(s3.get_bucket_website, Bucket=bucket) == ("NoSuchWebsiteConfiguration", 404)


def rules(*redirects, **condition):
    condition = {"Condition": condition} if condition else {}
    return {**INDEX, "RoutingRules": [{**condition, "Redirect": redirect} for redirect in redirects]}


@pytest.mark.parametrize(
    ("configuration", "code", "part"),
    [
        ({}, "InvalidArgument", "IndexDocument Suffix must be provided"),
        ({"IndexDocument": {}}, "MalformedXML", ""),
        ({"IndexDocument": {"Suffix": ""}}, "InvalidArgument", "Suffix is not well formed"),
        ({"IndexDocument": {"Suffix": "a/b"}}, "InvalidArgument", "Suffix is not well formed"),
        ({**INDEX, "ErrorDocument": {}}, "MalformedXML", ""),
        ({**INDEX, "ErrorDocument": {"Key": ""}}, "InvalidArgument", "Key is not well formed"),
        ({**INDEX, "RedirectAllRequestsTo": {"HostName": "a"}}, "InvalidRequest", "in conjunction"),
        ({"RedirectAllRequestsTo": {}}, "MalformedXML", ""),
        ({"RedirectAllRequestsTo": {"HostName": ""}}, "InvalidRequest", "host name must be provided"),
        ({"RedirectAllRequestsTo": {"HostName": "http://a"}}, "InvalidRequest", "is not valid"),
        ({"RedirectAllRequestsTo": {"HostName": "a", "Protocol": "ftp"}}, "InvalidRequest", "protocol can be"),
        (rules({}), "MalformedXML", ""),
        (rules({"ReplaceKeyWith": "a", "ReplaceKeyPrefixWith": "b"}), "InvalidRequest", "not both"),
        (rules({"HttpRedirectCode": "300", "ReplaceKeyWith": "a"}), "InvalidRequest", "redirect code (300)"),
        (rules({"HttpRedirectCode": "200", "ReplaceKeyWith": "a"}), "InvalidRequest", "redirect code (200)"),
        (rules({"ReplaceKeyWith": "a"}, HttpErrorCodeReturnedEquals="302"), "InvalidRequest", "error code (302)"),
        ({**INDEX, "RoutingRules": [{"Condition": {}, "Redirect": TO}]}, "InvalidRequest", "cannot be empty"),
        (rules(*[{"ReplaceKeyWith": "a"}] * 51), "InvalidRequest", "limited to 50"),
    ],
)
def test_what_is_no_web_site_is_refused(s3, bucket, configure, configuration, code, part):
    error = error_of(configure, **configuration)
    assert (error["Code"], error["Status"]) == (code, 400) and part in error["Message"], error
    assert code_of(s3.get_bucket_website, Bucket=bucket) == ("NoSuchWebsiteConfiguration", 404)


def test_each_operation_needs_its_action(welkin, account, s3, bucket):
    calls = {
        "s3:PutBucketWebsite": lambda s3: s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=INDEX),
        "s3:GetBucketWebsite": lambda s3: s3.get_bucket_website(Bucket=bucket),
        "s3:DeleteBucketWebsite": lambda s3: s3.delete_bucket_website(Bucket=bucket),
    }
    for action, call in calls.items():
        others = [other for other in calls if other != action]
        refused = welkin.client("s3", **welkin.user(account, policy(allow(others, "*"))))
        assert code_of(call, refused) == ("AccessDenied", 403)
        call(welkin.client("s3", **welkin.user(account, policy(allow(action, "*")))))
    assert code_of(s3.get_bucket_website, Bucket=bucket) == ("NoSuchWebsiteConfiguration", 404)


def test_index_documents_and_folders(public, put, configure, site):
    public()
    configure(**INDEX)
    put("index.html", "home", ContentType="text/html", CacheControl="max-age=5")
    put("photos/index.html", "photos")
    put("a b/ü.txt", "odd")
    home = site.ask()
    assert (home.status, home.text, home.getheader("content-type")) == (200, "home", "text/html")
    assert home.getheader("cache-control") == "max-age=5" and home.getheader("etag")
    assert site.ask("/photos/").text == "photos"
    assert site.ask("/a%20b/%C3%BC.txt?versionId=none&x=y").text == "odd"
    found = site.ask("/photos")
    assert (found.status, found.getheader("location")) == (302, "/photos/")
    assert found.getheader("x-amz-error-code") == "Found" and "<li>Message: Resource Found</li>" in found.text
    head = site.ask(method="HEAD")
    assert (head.status, head.text, head.getheader("content-length")) == (200, "", "4")
    assert site.ask(If_None_Match=home.getheader("etag")).status == 304
    part = site.ask(Range="bytes=1-2")
    assert (part.status, part.text, part.getheader("content-range")) == (206, "om", "bytes 1-2/4")


def test_a_visitor_is_nobody_whatever_signature_comes_along(put, configure, site):
    configure(**INDEX)
    put("index.html")
    answer = site.ask(Authorization="AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request")
    assert answer.status == 403
    assert answer.getheader("x-amz-error-code") == "AccessDenied"
    assert answer.getheader("content-type").startswith("text/html")
    assert "<title>403 Forbidden</title>" in answer.text and "<li>Code: AccessDenied</li>" in answer.text


def test_who_may_not_list_is_not_told_what_is_missing(public, configure, site):
    configure(**INDEX)
    public()
    assert site.ask("/none").status == 403
    public("s3:ListBucket")
    answer = site.ask("/no%3Cne%3E")
    assert answer.status == 404
    assert "<li>Code: NoSuchKey</li>" in answer.text and "<li>Key: no&lt;ne&gt;</li>" in answer.text
    assert answer.getheader("x-amz-error-message") == "The specified key does not exist."
    assert f"<li>RequestId: {answer.getheader('x-amz-request-id')}</li>" in answer.text


def test_only_get_and_head(public, put, configure, site):
    public()
    configure(**INDEX)
    for method in ("PUT", "POST", "DELETE", "PATCH"):
        answer = site.ask("/k", method=method)
        assert answer.status == 405 and "<li>Code: MethodNotAllowed</li>" in answer.text
    assert site.ask("/k").status == 403


def test_no_site_and_no_bucket(welkin, bucket, site):
    answer = site.ask()
    assert answer.status == 404
    assert "NoSuchWebsiteConfiguration" in answer.text and f"<li>BucketName: {bucket}</li>" in answer.text
    assert "NoSuchBucket" in Site(welkin.endpoint, f"{bucket}-none").ask().text
    bare = Site(welkin.endpoint, None, host="s3-website.us-east-1.amazonaws.com")
    assert bare.location("/x") == (301, "https://aws.amazon.com/s3/")


def test_the_names_of_amazon(welkin, bucket, public, put, configure):
    public()
    configure(**INDEX)
    put("index.html")
    for host in ("s3-website-us-east-1.amazonaws.com", "s3-website.us-east-1.amazonaws.com"):
        assert Site(welkin.endpoint, None, host=f"{bucket}.{host}").ask().text == "index.html"
    elsewhere = Site(welkin.endpoint, None, host=f"{bucket}.s3-website.eu-west-1.amazonaws.com").ask()
    assert elsewhere.status == 301 and "PermanentRedirect" in elsewhere.text


def test_the_error_document(public, put, configure, site):
    public("s3:ListBucket")
    configure(**INDEX, ErrorDocument={"Key": "error.html"})
    missing = site.ask("/none")
    assert missing.status == 404 and "Retrieve a Custom Error Document" in missing.text
    assert "<li>Key: error.html</li>" in missing.text
    put("error.html", "sorry", ContentType="text/html")
    answer = site.ask("/none")
    assert (answer.status, answer.text, answer.getheader("x-amz-error-code")) == (404, "sorry", "NoSuchKey")
    head = site.ask("/none", method="HEAD")
    assert (head.status, head.text) == (404, "")


def test_all_requests_go_elsewhere(configure, site):
    configure(RedirectAllRequestsTo={"HostName": "example.com"})
    assert site.location("/a/b") == (301, "http://example.com/a/b")
    configure(RedirectAllRequestsTo={"HostName": "example.com", "Protocol": "https"})
    assert site.location("/") == (301, "https://example.com/")


def test_routing_rules(public, put, configure, site):
    public("s3:ListBucket")
    put("docs/a", "never shown")
    rules = [
        {"Condition": {"KeyPrefixEquals": "docs/"}, "Redirect": {"ReplaceKeyPrefixWith": "documents/"}},
        {
            "Condition": {"KeyPrefixEquals": "old", "HttpErrorCodeReturnedEquals": "404"},
            "Redirect": {"HostName": "old.example", "Protocol": "https", "HttpRedirectCode": "302"},
        },
        {"Condition": {"HttpErrorCodeReturnedEquals": "404"}, "Redirect": {"ReplaceKeyPrefixWith": "#!/"}},
    ]
    configure(**INDEX, ErrorDocument={"Key": "error.html"}, RoutingRules=rules)
    here = f"http://{site.host}"
    assert site.location("/docs/a") == (301, f"{here}/documents/a")
    assert site.location("/old/x") == (302, "https://old.example/old/x")
    assert site.location("/page") == (301, f"{here}/#!/page")
    put("old/x", "there now")
    assert site.ask("/old/x").text == "there now"


def test_objects_that_send_elsewhere(s3, bucket, public, put, configure, site):
    public()
    configure(**INDEX)
    put("moved", "x", WebsiteRedirectLocation="/new")
    put("away", "x", WebsiteRedirectLocation="https://example.com/a?b#c")
    assert site.location("/moved") == (301, f"http://{site.host}/new")
    assert site.location("/away") == (301, "https://example.com/a?b#c")
    assert s3.head_object(Bucket=bucket, Key="moved")["WebsiteRedirectLocation"] == "/new"
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "moved"})
    assert site.location("/copy") == (200, None)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts", WebsiteRedirectLocation="/parts-of")
    part = s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload["UploadId"], PartNumber=1, Body=b"x")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket=bucket, Key="parts", UploadId=upload["UploadId"], MultipartUpload=parts)
    assert site.location("/parts")[1].endswith("/parts-of")
    assert code_of(put, "bad", "x", WebsiteRedirectLocation="ftp://a") == ("InvalidArgument", 400)
    plain = site.ask("/moved", method="PUT")
    assert plain.status == 405


def test_pages_of_other_origins_by_the_buckets_rules(s3, bucket, public, put, configure, site):
    public()
    configure(**INDEX)
    put("index.html")
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://a.example"]}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    answer = site.ask(Origin="https://a.example")
    assert (answer.text, answer.getheader("access-control-allow-origin")) == ("index.html", "https://a.example")
    asked = {"Origin": "https://a.example", "Access_Control_Request_Method": "GET"}
    preflight = site.ask(method="OPTIONS", **asked)
    assert (preflight.status, preflight.getheader("access-control-allow-methods")) == (200, "GET")
