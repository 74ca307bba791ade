"""S3's XML."""

from cases import Case
from client import Client

BUCKET = "/hostile-bucket"
NAMESPACE = b' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
BODIES = {
    "cut off": b"<CompleteMultipartUpload><Part>",
    "no XML": b"{}",
    "wrong root": b"<Tagging></Tagging>",
    "tags that cross": b"<CompleteMultipartUpload><Part></CompleteMultipartUpload></Part>",
    "10,000 levels": b"<CompleteMultipartUpload>" + b"<Part>" * 10_000 + b"</Part>" * 10_000 + b"</CompleteMultipartUpload>",
    "10,000 levels that never end": b"<a>" * 10_000,
    "10,000 unknown levels": b"<CompleteMultipartUpload>" + b"<x>" * 10_000 + b"</x>" * 10_000 + b"</CompleteMultipartUpload>",
    "entities that multiply": b'<!DOCTYPE x [<!ENTITY l0 "ha">' + LAUGHS + b"]><CompleteMultipartUpload>&l9;</CompleteMultipartUpload>",
    "entity of a file": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><CompleteMultipartUpload><Part><ETag>&f;</ETag></Part></CompleteMultipartUpload>',
    "invalid UTF-8": b"<CompleteMultipartUpload><Part><ETag>\xff</ETag></Part></CompleteMultipartUpload>",
    "number that is none": b"<CompleteMultipartUpload" + NAMESPACE + b"><Part><PartNumber>one</PartNumber><ETag>a</ETag></Part></CompleteMultipartUpload>",
    "number beyond all integers": b"<CompleteMultipartUpload" + NAMESPACE + b"><Part><PartNumber>" + b"9" * 400 + b"</PartNumber><ETag>a</ETag></Part></CompleteMultipartUpload>",
    "a million attributes": b"<CompleteMultipartUpload " + b" ".join(b'a%d="1"' % n for n in range(60_000)) + b"/>",
}


def prepare(client: Client) -> str:
    """A bucket and an upload to complete."""
    answer = client.call("s3", "PUT", BUCKET)
    assert answer.status == 200, answer
    answer = client.call("s3", "POST", f"{BUCKET}/key?uploads=")
    assert answer.status == 200, answer
    return answer.body.split(b"<UploadId>")[1].split(b"</UploadId>")[0].decode()


def cases(upload: str) -> list[Case]:
    path = f"{BUCKET}/key?uploadId={upload}"
    found = [
        Case(f"xml: {name}", lambda client, body=body: client.call("s3", "POST", path, body=body), {400}, {"MalformedXML"})
        for name, body in BODIES.items()
    ]
    found.append(
        Case("xml: empty", lambda client: client.call("s3", "POST", path), {400}, {"MalformedXML", "InvalidRequest"})
    )
    for name, body in [("location cut off", b"<CreateBucketConfiguration><Loc"), ("location of 10,000 levels", b"<a>" * 10_000)]:
        found.append(
            Case(f"xml: {name}", lambda client, body=body: client.call("s3", "PUT", "/hostile-other", body=body), {400}, {"MalformedXML"})
        )
    return found
