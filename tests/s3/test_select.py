"""SelectObjectContent: objects filtered by SQL."""

import bz2
import gzip
import json

import pytest
from botocore import UNSIGNED
from botocore.exceptions import ClientError, EventStreamError

PEOPLE = "name,age,city\nAda,36,London\n\"Grace \"\"G\"\"\",85,\"New York, NY\"\nAlan,41,Wilmslow\n"
HEADER = {"CSV": {"FileHeaderInfo": "USE"}}
LINES = {"JSON": {"Type": "LINES"}}
DOCUMENT = {"JSON": {"Type": "DOCUMENT"}}


class Select:
    """A bucket, and queries of its objects."""

    def __init__(self, s3, bucket):
        self.s3, self.bucket = s3, bucket

    def put(self, body, key="object", **options):
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, **options)

    def events(self, sql, given=HEADER, out=None, key="object", client=None, **options):
        answer = (client or self.s3).select_object_content(
            Bucket=self.bucket, Key=key, Expression=sql, ExpressionType="SQL",
            InputSerialization=given, OutputSerialization=out or {"CSV": {}}, **options,
        )
        return list(answer["Payload"])

    def text(self, sql, *args, **options):
        events = self.events(sql, *args, **options)
        assert list(events[-1]) == ["End"] and list(events[-2]) == ["Stats"], events
        text = b"".join(event["Records"]["Payload"] for event in events if "Records" in event)
        assert events[-2]["Stats"]["Details"]["BytesReturned"] == len(text)
        return text.decode()

    def rows(self, sql, given=HEADER, **options):
        return [json.loads(line) for line in self.text(sql, given, {"JSON": {}}, **options).splitlines()]

    def refused(self, code, sql="SELECT * FROM S3Object", *args, **options):
        """Refuses the request, or ends its answer with an error."""
        with pytest.raises((ClientError, EventStreamError)) as caught:
            self.events(sql, *args, **options)
        assert caught.value.response["Error"]["Code"] == code, caught.value
        return caught.value


@pytest.fixture
def select(welkin, account):
    s3 = welkin.root(account, "s3")
    bucket = f"select-{account}"
    s3.create_bucket(Bucket=bucket)
    return Select(s3, bucket)


def test_csv_is_filtered_by_names_and_by_positions(select):
    select.put(PEOPLE)
    assert select.text("SELECT s.name, s.age FROM S3Object s WHERE CAST(s.age AS INT) > 40") == '"Grace ""G""",85\nAlan,41\n'
    assert select.rows("SELECT s.\"city\" AS town, s._1 FROM s3object s WHERE s.NAME LIKE 'A%'") == [
        {"town": "London", "_1": "Ada"}, {"town": "Wilmslow", "_1": "Alan"},
    ]
    assert select.rows("SELECT * FROM S3Object LIMIT 1") == [{"name": "Ada", "age": "36", "city": "London"}]
    assert select.text("SELECT name FROM S3Object WHERE city IN ('London', 'Paris')") == "Ada\n"
    ignored = {"CSV": {"FileHeaderInfo": "IGNORE"}}
    assert select.rows("SELECT * FROM S3Object s LIMIT 1", ignored) == [{"_1": "Ada", "_2": "36", "_3": "London"}]
    assert select.rows("SELECT _3 FROM S3Object", {"CSV": {}})[0] == {"_3": "city"}
    assert select.rows("SELECT s._9 IS MISSING AS m, s.age FROM S3Object s LIMIT 1") == [{"m": True, "age": "36"}]
    select.refused("MissingHeaders", "SELECT nothing FROM S3Object")
    select.refused("MissingHeaders", "SELECT s.name FROM S3Object s", ignored)
    select.refused("InvalidKeyPath", "SELECT * FROM S3Object[*].a")


def test_aggregates_and_functions(select):
    select.put(PEOPLE)
    sql = "SELECT COUNT(*), SUM(CAST(age AS INT)), AVG(CAST(age AS INT)), MIN(CAST(age AS INT)), MAX(CAST(age AS DECIMAL)) FROM S3Object"
    assert select.text(sql) == "3,162,54,36,85\n"
    assert select.rows("SELECT COUNT(*) AS n FROM S3Object s WHERE CAST(s.age AS FLOAT) BETWEEN 30.5 AND 50") == [{"n": 2}]
    [row] = select.rows("""SELECT UPPER(name) AS u, CHAR_LENGTH(city) AS l, SUBSTRING(name FROM 1 FOR 2) AS s,
        CASE WHEN CAST(age AS INT) > 40 THEN 'old' ELSE 'young' END AS c, COALESCE(NULLIF(city, 'London'), 'capital') AS x,
        name || '@' || city AS e, CAST(age AS INT) % 10 AS d, DATE_ADD(day, 1, TO_TIMESTAMP('2024-02-28T')) AS t
        FROM S3Object LIMIT 1""")
    assert row == {"u": "ADA", "l": 6, "s": "Ad", "c": "young", "x": "capital", "e": "Ada@London", "d": 6, "t": "2024-02-29"}


def test_csv_is_written_and_read_as_it_is_said(select):
    select.put("# no record\na|'b|\n\\'c'|d;;e|f|g;;", key="odd")
    given = {"CSV": {
        "RecordDelimiter": ";;", "FieldDelimiter": "|", "QuoteCharacter": "'", "QuoteEscapeCharacter": "\\",
        "Comments": "!", "AllowQuotedRecordDelimiter": True,
    }}
    assert select.rows("SELECT s._2, s._3 FROM S3Object s", given, key="odd") == [{"_2": "b|\n'c", "_3": "d"}, {"_2": "f", "_3": "g"}]
    out = {"CSV": {"RecordDelimiter": ";", "FieldDelimiter": "\t", "QuoteFields": "ALWAYS", "QuoteCharacter": "'", "QuoteEscapeCharacter": "!"}}
    select.put(PEOPLE.replace("Ada", "A'da"))
    assert select.text("SELECT name, age FROM S3Object LIMIT 1", HEADER, out) == "'A!'da'\t'36';"
    select.put('a,"b\nc"\n')
    select.refused("CSVUnescapedQuote", "SELECT * FROM S3Object", {"CSV": {}})
    assert select.rows("SELECT * FROM S3Object", {"CSV": {"AllowQuotedRecordDelimiter": True}}) == [{"_1": "a", "_2": "b\nc"}]
    select.put("#x\n\n1,2\r\n3,4")
    assert select.text("SELECT * FROM S3Object", {"CSV": {}}) == "1,2\n3,4\n"


def test_json_is_filtered_by_paths(select):
    select.put('{"name":"a","tags":["x","y"],"size":{"w":1.50}}\n{"name":"b","size":null}\n{"Name":"c","extra":[{"k":1}]}\n')
    assert select.rows("SELECT s.name, s.tags[1] AS second, s.size.w FROM S3Object s", LINES) == [
        {"name": "a", "second": "y", "w": 1.5}, {"name": "b"}, {"name": "c"},
    ]
    assert select.rows("SELECT s.\"name\" FROM S3Object s WHERE s.\"name\" IS NOT MISSING", LINES) == [{"name": "a"}, {"name": "b"}]
    assert select.rows("SELECT * FROM S3Object s WHERE s.size IS NULL", LINES) == [{"name": "b", "size": None}, {"Name": "c", "extra": [{"k": 1}]}]
    assert select.text("SELECT s.name, s.tags, s.none FROM S3Object s LIMIT 1", LINES) == 'a,"[""x"",""y""]",\n'
    select.put('{"Rules":[{"id":"1"},{"expr":"y > x"},{"id":"2","expr":"z = DEBUG"}]}\n{"created":"June 27","modified":"July 6"}')
    # The example of https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-select.html
    assert select.rows("SELECT id FROM S3Object[*].Rules[*].id", DOCUMENT) == [{"id": "1"}, {}, {"id": "2"}, {}]
    assert select.rows("SELECT id FROM S3Object[*].Rules[*].id WHERE id IS NOT MISSING", DOCUMENT) == [{"id": "1"}, {"id": "2"}]
    select.put('[\n {"n": 1},\n {"n": 2}\n]')
    assert select.rows("SELECT s.n FROM S3Object[*][*] s WHERE s.n > 1", DOCUMENT) == [{"n": 2}]
    select.put('{"a":1}\n{"a":')
    error = select.refused("JSONParsingError", "SELECT * FROM S3Object", LINES)
    assert isinstance(error, EventStreamError)
    select.put('{"A":1,"a":2}')
    select.refused("AmbiguousFieldName", "SELECT s.a FROM S3Object s", LINES)


def test_compressed_objects(select):
    for compress, kind in ((gzip.compress, "GZIP"), (bz2.compress, "BZIP2")):
        packed = compress(PEOPLE.encode())
        select.put(packed)
        given = {**HEADER, "CompressionType": kind}
        events = select.events("SELECT name FROM S3Object WHERE age = '41'", given)
        assert events[0]["Records"]["Payload"] == b"Alan\n"
        details = events[-2]["Stats"]["Details"]
        assert (details["BytesScanned"], details["BytesProcessed"], details["BytesReturned"]) == (len(packed), len(PEOPLE), 5)
        select.put(packed[:-9])
        select.refused("TruncatedInput", "SELECT COUNT(*) FROM S3Object", given)
        select.put(PEOPLE)
        select.refused("InvalidCompressionFormat", "SELECT * FROM S3Object", given)


def test_large_objects_stream(select):
    lines = [json.dumps({"n": n, "text": f"line {n} " + "x" * 80}) for n in range(60_000)]
    body = "\n".join(lines)
    select.put(body)
    events = select.events("SELECT s.n FROM S3Object s WHERE s.n % 2 = 0", LINES, {"JSON": {}}, RequestProgress={"Enabled": True})
    kinds = [next(iter(event)) for event in events]
    assert kinds.count("Records") > 5 and kinds[-3:] == ["Progress", "Stats", "End"] and kinds.index("Progress") < len(kinds) - 5
    text = b"".join(event["Records"]["Payload"] for event in events if "Records" in event)
    assert [json.loads(line)["n"] for line in text.splitlines()] == list(range(0, 60_000, 2))
    progress = [event["Progress"]["Details"]["BytesScanned"] for event in events if "Progress" in event]
    assert progress == sorted(progress) and progress[-1] == len(body)
    # Nothing is found for long: the connection is kept busy.
    quiet = [next(iter(event)) for event in select.events("SELECT s.n FROM S3Object s WHERE s.n < 0", LINES)]
    assert quiet.count("Cont") >= 3 and quiet[-2:] == ["Stats", "End"] and "Records" not in quiet
    # A limit ends the read.
    few = select.events("SELECT s.n FROM S3Object s LIMIT 3", LINES)
    assert few[0]["Records"]["Payload"] == b"0\n1\n2\n"
    assert few[-2]["Stats"]["Details"]["BytesScanned"] < len(body) / 10


def test_records_of_a_range(select):
    select.put(PEOPLE)
    first, second, third = (PEOPLE.index(word) for word in ("Ada", '"Grace', "Alan"))

    def names(given=HEADER, **scan):
        return select.text("SELECT s._1 FROM S3Object s", given, {"CSV": {"QuoteFields": "ASNEEDED", "QuoteCharacter": "'"}}, ScanRange=scan).splitlines()

    assert names(Start=first, End=second) == ["Ada", 'Grace "G"'], "records that begin within, both ends included"
    assert names(Start=first + 1, End=second) == ['Grace "G"']
    assert names(Start=first, End=second - 1) == ["Ada"]
    assert names(Start=third) == ["Alan"] and names(Start=0, End=first) == ["Ada"]
    assert names(End=len(PEOPLE) - third) == ["Alan"], "the last bytes"
    assert select.text("SELECT s.city FROM S3Object s", ScanRange={"Start": third}) == "Wilmslow\n", "by the header, which lies before"
    select.put('{"a":1}\n{"a":2}\n{"a":3}')
    for start, end, expected in ((0, 7, [1]), (1, 8, [2]), (8, 16, [2, 3]), (9, 15, [])):
        assert [row["a"] for row in select.rows("SELECT s.a FROM S3Object s", LINES, ScanRange={"Start": start, "End": end})] == expected, start
    select.refused("InvalidScanRange", "SELECT * FROM S3Object", LINES, ScanRange={"Start": 5, "End": 4})
    select.refused("InvalidScanRange", "SELECT * FROM S3Object", LINES, ScanRange={"Start": 500})
    select.refused("UnsupportedScanRangeInput", "SELECT * FROM S3Object", DOCUMENT, ScanRange={"Start": 0, "End": 4})
    select.refused("UnsupportedScanRangeInput", "SELECT * FROM S3Object", {**HEADER, "CompressionType": "GZIP"}, ScanRange={"Start": 0, "End": 4})


def test_what_is_refused_before_anything_is_read(select):
    select.put(PEOPLE)
    for sql, code in (
        ("SELECT * FROM S3Object s ORDER BY s.age", "UnsupportedSqlStructure"),
        ("SELECT * FROM S3Object GROUP BY age", "UnsupportedSqlStructure"),
        ("SELECT COUNT(*), name FROM S3Object", "UnsupportedSqlStructure"),
        ("SELECT *, name FROM S3Object", "ParseAsteriskIsNotAloneInSelectList"),
        ("SELECT * FROM other", "InvalidDataSource"),
        ("SELECT FROB(name) FROM S3Object", "UnsupportedFunction"),
        ("SELECT name", "ParseSelectMissingFrom"),
        ("DELETE FROM S3Object", "ParseUnsupportedSelect"),
        ("SELECT 'x FROM S3Object", "LexerInvalidLiteral"),
    ):
        assert isinstance(select.refused(code, sql), ClientError)
    select.refused("NotImplemented", "SELECT * FROM S3Object", {"Parquet": {}})
    select.refused("ObjectSerializationConflict", "SELECT * FROM S3Object", {**HEADER, **LINES})
    select.refused("ObjectSerializationConflict", "SELECT * FROM S3Object", HEADER, {"CSV": {}, "JSON": {}})
    select.refused("InvalidDataSource", "SELECT * FROM S3Object", {"CompressionType": "GZIP"})
    select.refused("MissingRequiredParameter", "SELECT * FROM S3Object", {"JSON": {}})
    select.refused("InvalidRequestParameter", "SELECT * FROM S3Object", {"CSV": {"FieldDelimiter": "abc"}})
    select.refused("NoSuchKey", key="none")


def test_what_goes_wrong_later_ends_the_stream(select):
    select.put(PEOPLE)
    for sql, code in (
        ("SELECT CAST(name AS INT) FROM S3Object", "CastFailed"),
        ("SELECT CAST(age AS INT) + 9223372036854775807 FROM S3Object", "IntegerOverflow"),
        ("SELECT TO_TIMESTAMP(name) FROM S3Object", "ValueParseFailure"),
    ):
        assert isinstance(select.refused(code, sql), EventStreamError)
    select.put(b"a,b\n\xff,1\n")
    select.refused("InvalidTextEncoding")
    select.put("x" * (1 << 20) + "y\n")
    select.refused("OverMaxRecordSize", "SELECT * FROM S3Object", {"CSV": {}})


def test_it_reads_as_get_object_does(welkin, account, select):
    select.put(PEOPLE)

    def user(*statements):
        return welkin.client("s3", **welkin.user(account, {"Version": "2012-10-17", "Statement": list(statements)}))

    everything = f"arn:aws:s3:::{select.bucket}/*"
    allowed = user({"Effect": "Allow", "Action": "s3:GetObject", "Resource": everything})
    assert select.text("SELECT name FROM S3Object LIMIT 1", client=allowed) == "Ada\n"
    other = user({"Effect": "Allow", "Action": ["s3:PutObject", "s3:ListBucket"], "Resource": "*"})
    select.refused("AccessDenied", client=other)

    kms = welkin.root(account, "kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    select.put(PEOPLE, ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    assert select.text("SELECT name FROM S3Object LIMIT 1") == "Ada\n"
    select.refused("AccessDenied", client=allowed)
    decrypts = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}
    both = user({"Effect": "Allow", "Action": "s3:GetObject", "Resource": everything}, decrypts)
    assert select.text("SELECT name FROM S3Object LIMIT 1", client=both) == "Ada\n"

    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}
    select.s3.put_bucket_encryption(Bucket=select.bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    customer = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    select.put(PEOPLE, **customer)
    assert select.text("SELECT name FROM S3Object LIMIT 1", **customer) == "Ada\n"
    select.refused("InvalidRequest")
    select.refused("AccessDenied", **{**customer, "SSECustomerKey": "x" * 32})

    unsigned = welkin.client("s3", account, signature_version=UNSIGNED)
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": everything}
    select.s3.delete_public_access_block(Bucket=select.bucket)
    select.s3.put_bucket_policy(Bucket=select.bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [anyone]}))
    select.put(PEOPLE)
    assert unsigned.get_object(Bucket=select.bucket, Key="object")["Body"].read() == PEOPLE.encode()
    select.refused("AccessDenied", client=unsigned)

    select.put(PEOPLE, StorageClass="GLACIER")
    select.refused("UnsupportedStorageClass")
    # In parts, which are read one after another.
    upload = select.s3.create_multipart_upload(Bucket=select.bucket, Key="parts")["UploadId"]
    half = PEOPLE + "".join(f"n{n},{n},c\n" for n in range(500_000))
    parts = []
    for number, body in enumerate((half, "last,1,town\n"), 1):
        part = select.s3.upload_part(Bucket=select.bucket, Key="parts", UploadId=upload, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    select.s3.complete_multipart_upload(Bucket=select.bucket, Key="parts", UploadId=upload, MultipartUpload={"Parts": parts})
    assert select.text("SELECT COUNT(*), MAX(CAST(age AS INT)) FROM S3Object", key="parts") == "500004,499999\n"
    assert select.text("SELECT name FROM S3Object WHERE city = 'town'", key="parts") == "last\n"


def test_it_is_a_data_event(welkin, account, select):
    trails = welkin.root(account, "cloudtrail")
    logs = f"logs-{account}"
    select.s3.create_bucket(Bucket=logs)
    service = {"Service": "cloudtrail.amazonaws.com"}
    select.s3.put_bucket_policy(Bucket=logs, Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{logs}"},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{logs}/*"},
    ]}))
    trails.create_trail(Name="data", S3BucketName=logs)
    objects = {"Type": "AWS::S3::Object", "Values": [f"arn:aws:s3:::{select.bucket}/"]}
    trails.put_event_selectors(TrailName="data", EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": False, "DataResources": [objects]}])
    trails.start_logging(Name="data")
    select.put(PEOPLE)
    select.text("SELECT name FROM S3Object LIMIT 1")
    welkin.advance("15m")
    keys = [item["Key"] for item in select.s3.list_objects_v2(Bucket=logs)["Contents"] if item["Key"].endswith(".gz")]
    files = (select.s3.get_object(Bucket=logs, Key=key)["Body"].read() for key in keys)
    records = [record for file in files for record in json.loads(gzip.decompress(file))["Records"]]
    [record] = [record for record in records if record["eventName"] == "SelectObjectContent"]
    assert (record["eventCategory"], record["readOnly"]) == ("Data", True)
    assert record["requestParameters"]["key"] == "object" and record["requestParameters"]["bucketName"] == select.bucket
