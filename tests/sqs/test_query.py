"""The query protocol, which SDKs spoke before 2023, by requests made by hand."""

import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as Xml

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NAMESPACE = "{http://queue.amazonaws.com/doc/2012-11-05/}"


@pytest.fixture
def query(welkin, account):
    """Sends an action as a signed form; returns the status and the document."""

    def query(action, url=None, **parameters):
        form = urllib.parse.urlencode({"Action": action, "Version": "2012-11-05", **parameters})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        request = AWSRequest("POST", url or welkin.endpoint + "/", data=form, headers=headers)
        SigV4Auth(Credentials(account, "any"), "sqs", "us-east-1").add_auth(request)
        sent = urllib.request.Request(request.url, form.encode(), dict(request.headers), method="POST")
        try:
            with urllib.request.urlopen(sent) as answer:
                return answer.status, Xml.fromstring(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, Xml.fromstring(error.read())

    return query


def text(document, path):
    found = document.find("/".join(NAMESPACE + step for step in path.split("/")))
    return None if found is None else found.text


def test_a_message_goes_through_a_queue(query, counts):
    created = {"Attribute.1.Name": "VisibilityTimeout", "Attribute.1.Value": "60"}
    status, document = query("CreateQueue", QueueName="by-form", **created)
    assert status == 200 and document.tag == NAMESPACE + "CreateQueueResponse"
    url = text(document, "CreateQueueResult/QueueUrl")
    assert text(document, "ResponseMetadata/RequestId")
    message = {
        "MessageBody": "a & b",
        "MessageAttribute.1.Name": "kind",
        "MessageAttribute.1.Value.DataType": "String",
        "MessageAttribute.1.Value.StringValue": "x",
    }
    status, document = query("SendMessage", url, QueueUrl=url, **message)
    assert status == 200
    sent = text(document, "SendMessageResult/MessageId")
    asked = {"MaxNumberOfMessages": "10", "AttributeName.1": "All", "MessageAttributeName.1": "All"}
    status, document = query("ReceiveMessage", url, QueueUrl=url, **asked)
    assert text(document, "ReceiveMessageResult/Message/MessageId") == sent
    assert text(document, "ReceiveMessageResult/Message/Body") == "a & b"
    assert text(document, "ReceiveMessageResult/Message/MessageAttribute/Value/StringValue") == "x"
    names = document.findall(f"{NAMESPACE}ReceiveMessageResult/{NAMESPACE}Message/{NAMESPACE}Attribute/{NAMESPACE}Name")
    assert "ApproximateReceiveCount" in {name.text for name in names}
    assert counts(url) == (0, 1, 0)
    handle = text(document, "ReceiveMessageResult/Message/ReceiptHandle")
    batch = {"DeleteMessageBatchRequestEntry.1.Id": "a", "DeleteMessageBatchRequestEntry.1.ReceiptHandle": handle}
    status, document = query("DeleteMessageBatch", url, QueueUrl=url, **batch)
    assert text(document, "DeleteMessageBatchResult/DeleteMessageBatchResultEntry/Id") == "a"
    assert counts(url) == (0, 0, 0)


def test_errors_have_the_older_codes(query, welkin, account):
    status, document = query("GetQueueUrl", QueueName="none")
    assert (status, text(document, "Error/Code")) == (400, "AWS.SimpleQueueService.NonExistentQueue")
    assert text(document, "Error/Type") == "Sender" and text(document, "RequestId")
    _, document = query("CreateQueue", QueueName="some")
    url = text(document, "CreateQueueResult/QueueUrl")
    status, document = query("SendMessage", url, QueueUrl=url)
    assert (status, text(document, "Error/Code")) == (400, "MissingParameter")
    status, document = query("ReceiveMessage", url, QueueUrl=url, MaxNumberOfMessages="11")
    assert (status, text(document, "Error/Code")) == (400, "InvalidParameterValue")


def test_the_path_names_the_queue_where_no_parameter_does(query, counts):
    _, document = query("CreateQueue", QueueName="by-path")
    url = text(document, "CreateQueueResult/QueueUrl")
    status, _ = query("SendMessage", url, MessageBody="x")
    assert status == 200
    assert counts(url) == (1, 0, 0)
