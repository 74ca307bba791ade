"""Requests that mean nothing, or something else than they say."""

from cases import Case

JSON = {"Content-Type": "application/x-amz-json-1.0"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
GET = b"Action=GetCallerIdentity&Version=2011-06-15"
UNKNOWN = {"UnknownOperationException", "InvalidAction", "UnknownOperation", "InvalidRequest"}
SIGNING = {"IncompleteSignature", "IncompleteSignatureException", "AuthorizationHeaderMalformed", "MissingAuthenticationToken", "MissingAuthenticationTokenException", "InvalidClientTokenId", "SignatureDoesNotMatch", "AccessDenied", "UnrecognizedClientException", "InvalidSignatureException", "InvalidRequest", "InvalidArgument"}


def signed(service: str, *args, **kwargs):
    return lambda client: client.call(service, *args, **kwargs)


def authorization(value: str):
    def send(client):
        # A key whose signatures are verified.
        named = value.replace("111111111111", client.credentials.access_key)
        headers = {**FORM, "Authorization": named, "X-Amz-Date": "20260101T000000Z"}
        return client.call(None, headers=headers, body=GET)

    return send


def cases() -> list[Case]:
    scope = "Credential=111111111111/20260101/us-east-1/sts/aws4_request"
    return [
        Case("routing: unknown operation of a target", signed("sqs", headers={**JSON, "X-Amz-Target": "AmazonSQS.Explode"}, body=b"{}"), {400, 404}, UNKNOWN),
        Case("routing: unknown target", signed("sqs", headers={**JSON, "X-Amz-Target": "Nothing_19700101.Nothing"}, body=b"{}"), {400, 404}, UNKNOWN),
        Case("routing: target without an operation", signed("sqs", headers={**JSON, "X-Amz-Target": "AmazonSQS"}, body=b"{}"), {400, 404}, UNKNOWN),
        Case("routing: target of 50 KB", signed("sqs", headers={**JSON, "X-Amz-Target": "AmazonSQS." + "A" * 50_000}, body=b"{}"), {400, 404}, UNKNOWN),
        Case("routing: unknown operation of CBOR", signed("monitoring", "POST", "/service/GraniteServiceVersion20100801/operation/Explode", {"Smithy-Protocol": "rpc-v2-cbor"}), {400, 404}, UNKNOWN),
        Case("routing: unknown service of CBOR", signed("monitoring", "POST", "/service/Nothing/operation/Nothing", {"Smithy-Protocol": "rpc-v2-cbor"}), {400, 404}, UNKNOWN),
        Case("routing: path of no operation", signed("lambda", "GET", "/2015-03-31/nothing"), {400, 403, 404, 405}, set()),
        Case("routing: method of no operation", signed("lambda", "BREW", "/2015-03-31/functions"), {400, 403, 404, 405}, set()),
        Case("routing: service of no name", signed("nothing", "GET", "/"), {400, 403, 404}, set()),
        Case("content type: JSON call as a form", signed("sqs", headers={**FORM, "X-Amz-Target": "AmazonSQS.ListQueues"}, body=GET), {400}, {"SerializationException", "MalformedInput", "InvalidParameterValue"}),
        Case("content type: form as JSON", signed("sts", headers=JSON, body=GET), {200, 400, 404, 415}, set()),
        Case("content type: form as XML", signed("iam", headers={"Content-Type": "text/xml"}, body=b"<CreateUser/>"), {400, 404, 415}, {"MissingAction", "InvalidAction", "UnknownOperationException", "UnsupportedMediaTypeException"}),
        Case("content type: none, binary body", signed("sts", body=bytes(range(256))), {400, 404}, {"MissingAction", "InvalidAction", "MalformedQueryString", "UnknownOperationException"}),
        Case("content type: multipart form", signed("iam", headers={"Content-Type": "multipart/form-data; boundary=x"}, body=b"--x--"), {400, 404, 415}, set()),
        Case("signature: empty", authorization(""), {400, 403}, SIGNING),
        Case("signature: algorithm only", authorization("AWS4-HMAC-SHA256"), {400, 403}, SIGNING),
        Case("signature: unknown algorithm", authorization(f"AWS4-HMAC-MD5 {scope}, SignedHeaders=host, Signature=00"), {400, 403}, SIGNING),
        Case("signature: rubbish", authorization("AWS4-HMAC-SHA256 " + "=,= " * 1_000), {400, 403}, SIGNING),
        Case("signature: scope of 10,000 parts", authorization("AWS4-HMAC-SHA256 Credential=" + "a/" * 10_000 + ", SignedHeaders=host, Signature=00"), {400, 403}, SIGNING),
        Case("signature: 10,000 signed headers", authorization(f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=" + "host;" * 10_000 + ", Signature=00"), {400, 403}, SIGNING),
        Case("signature: none", lambda client: client.call(None, headers=FORM, body=GET), {400, 403}, SIGNING),
        Case("presigned: no parameters but one", lambda client: client.call(None, "GET", "/bucket/key?X-Amz-Signature=00"), {400, 403}, {"AuthorizationQueryParametersError", *SIGNING}),
        Case("presigned: for ever", lambda client: client.call(None, "GET", "/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=111111111111%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=99999999999999999999&X-Amz-SignedHeaders=host&X-Amz-Signature=00"), {400, 403}, {"AuthorizationQueryParametersError", *SIGNING}),
        Case("presigned: negative", lambda client: client.call(None, "GET", "/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=111111111111%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=-1&X-Amz-SignedHeaders=host&X-Amz-Signature=00"), {400, 403}, {"AuthorizationQueryParametersError", *SIGNING}),
    ]
