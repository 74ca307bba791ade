"""Queues: creating, finding, configuring, purging and deleting them."""

import json

import pytest


def test_a_queue_has_a_url_with_account_and_name_and_the_default_attributes(welkin, sqs, account, attributes):
    url = sqs.create_queue(QueueName="work")["QueueUrl"]
    assert url == f"{welkin.endpoint}/{account}/work"
    assert sqs.get_queue_url(QueueName="work")["QueueUrl"] == url
    found = attributes(url)
    assert found.pop("CreatedTimestamp") == found.pop("LastModifiedTimestamp")
    assert found == {
        "ApproximateNumberOfMessages": "0",
        "ApproximateNumberOfMessagesDelayed": "0",
        "ApproximateNumberOfMessagesNotVisible": "0",
        "DelaySeconds": "0",
        "MaximumMessageSize": "1048576",
        "MessageRetentionPeriod": "345600",
        "QueueArn": f"arn:aws:sqs:us-east-1:{account}:work",
        "ReceiveMessageWaitTimeSeconds": "0",
        "SqsManagedSseEnabled": "true",
        "VisibilityTimeout": "30",
    }


def test_fifo_queues_have_attributes_of_their_own(sqs, attributes, refused):
    url = sqs.create_queue(QueueName="work.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    found = attributes(url)
    assert (found["FifoQueue"], found["ContentBasedDeduplication"]) == ("true", "false")
    assert (found["DeduplicationScope"], found["FifoThroughputLimit"]) == ("queue", "perQueue")
    with refused("InvalidAttributeValue"):
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"FifoThroughputLimit": "perMessageGroupId"})
    high = {"FifoThroughputLimit": "perMessageGroupId", "DeduplicationScope": "messageGroup"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes=high)
    assert high.items() <= attributes(url).items()


@pytest.mark.parametrize("name, fifo", [("a.b", False), ("é", False), ("q" * 81, False), ("q", True), (".fifo", True)])
def test_names_are_held_against_the_rules(sqs, refused, name, fifo):
    attributes = {"FifoQueue": "true"} if fifo else {}
    with refused("InvalidParameterValue"):
        sqs.create_queue(QueueName=name, Attributes=attributes)


@pytest.mark.parametrize(
    "attribute, value",
    [
        ("DelaySeconds", "901"),
        ("MaximumMessageSize", "1023"),
        ("MaximumMessageSize", "1048577"),
        ("MessageRetentionPeriod", "59"),
        ("MessageRetentionPeriod", "1209601"),
        ("ReceiveMessageWaitTimeSeconds", "21"),
        ("VisibilityTimeout", "43201"),
        ("VisibilityTimeout", "x"),
        ("KmsDataKeyReusePeriodSeconds", "59"),
        ("Policy", "{"),
        ("SqsManagedSseEnabled", "yes"),
    ],
)
def test_values_of_attributes_are_held_against_their_limits(sqs, queue, refused, attribute, value):
    with refused("InvalidAttributeValue", message=f"Invalid value for the parameter {attribute}."):
        sqs.create_queue(QueueName="limits", Attributes={attribute: value})
    with refused("InvalidAttributeValue"):
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={attribute: value})


def test_unknown_attributes_are_refused(sqs, queue, refused):
    with refused("InvalidAttributeName", message="Unknown Attribute Colour."):
        sqs.create_queue(QueueName="colour", Attributes={"Colour": "red"})
    with refused("InvalidAttributeName"):
        sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["Colour"])
    with refused("InvalidAttributeName"):
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"ContentBasedDeduplication": "true"})
    with refused("InvalidAttributeName"):
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"QueueArn": "x"})


def test_creating_again_finds_the_queue_if_it_has_the_attributes_asked_for(sqs, refused):
    url = sqs.create_queue(QueueName="again", Attributes={"DelaySeconds": "5"})["QueueUrl"]
    assert sqs.create_queue(QueueName="again", Attributes={"DelaySeconds": "5"})["QueueUrl"] == url
    assert sqs.create_queue(QueueName="again")["QueueUrl"] == url
    message = "A queue already exists with the same name and a different value for attribute DelaySeconds"
    with refused("QueueAlreadyExists", message=message):
        sqs.create_queue(QueueName="again", Attributes={"DelaySeconds": "6"})


def test_a_name_rests_for_a_minute_after_its_queue_was_deleted(welkin, sqs, refused, bodies):
    url = sqs.create_queue(QueueName="phoenix")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="from another life")
    sqs.delete_queue(QueueUrl=url)
    for call in (sqs.delete_queue, sqs.receive_message, sqs.purge_queue, sqs.list_queue_tags):
        with refused("AWS.SimpleQueueService.NonExistentQueue", message="The specified queue does not exist"):
            call(QueueUrl=url)
    with refused("AWS.SimpleQueueService.NonExistentQueue"):
        sqs.get_queue_url(QueueName="phoenix")
    with refused("AWS.SimpleQueueService.QueueDeletedRecently", message="You must wait 60 seconds"):
        sqs.create_queue(QueueName="phoenix")
    welkin.advance("61s")
    assert sqs.create_queue(QueueName="phoenix")["QueueUrl"] == url
    assert bodies(url) == []


def test_queues_are_listed_by_prefix_and_page(sqs, refused):
    assert "QueueUrls" not in sqs.list_queues()
    for name in ("b-1", "a-3", "a-1", "a-2", "c"):
        sqs.create_queue(QueueName=name)

    def names(answer):
        return [url.rsplit("/", 1)[1] for url in answer.get("QueueUrls", [])]

    assert names(sqs.list_queues()) == ["a-1", "a-2", "a-3", "b-1", "c"]
    assert names(sqs.list_queues(QueueNamePrefix="a-")) == ["a-1", "a-2", "a-3"]
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix="a-", PaginationConfig={"PageSize": 2})
    assert [names(page) for page in pages] == [["a-1", "a-2"], ["a-3"]]
    exact = sqs.list_queues(MaxResults=5)
    assert len(exact["QueueUrls"]) == 5 and "NextToken" not in exact
    with refused("InvalidParameterValue"):
        sqs.list_queues(MaxResults=1001)
    with refused("InvalidParameterValue"):
        sqs.list_queues(MaxResults=2, NextToken="%")


def test_queues_of_accounts_and_regions_are_apart(welkin, sqs, account):
    sqs.create_queue(QueueName="here")
    assert "QueueUrls" not in welkin.client("sqs", account, region="eu-west-1").list_queues()
    assert "QueueUrls" not in welkin.client("sqs", welkin.account()).list_queues()


def test_attributes_are_set_and_told_by_name(welkin, sqs, queue, attributes):
    before = attributes(queue)
    welkin.advance("2s")
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "7", "DelaySeconds": "3"})
    after = attributes(queue)
    assert (after["VisibilityTimeout"], after["DelaySeconds"]) == ("7", "3")
    assert int(after["LastModifiedTimestamp"]) > int(before["LastModifiedTimestamp"])
    assert after["CreatedTimestamp"] == before["CreatedTimestamp"]
    one = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])["Attributes"]
    assert one == {"VisibilityTimeout": "7"}
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=queue)


def test_policies_are_kept_as_they_are_and_removed_by_an_empty_text(sqs, queue, account, attributes):
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sqs:*", "Resource": "*"},
        }
    )
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    assert attributes(queue)["Policy"] == policy
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": ""})
    assert "Policy" not in attributes(queue)


def test_purging_removes_everything_once_a_minute(welkin, sqs, queue, refused, bodies, receive, counts):
    for body in "abc":
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    in_flight = receive(queue, MaxNumberOfMessages=1)[0]
    sqs.purge_queue(QueueUrl=queue)
    assert counts(queue) == (0, 0, 0)
    assert bodies(queue) == []
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=in_flight["ReceiptHandle"])
    sqs.send_message(QueueUrl=queue, MessageBody="after")
    assert bodies(queue) == ["after"]
    with refused("AWS.SimpleQueueService.PurgeQueueInProgress", 403):
        sqs.purge_queue(QueueUrl=queue)
    welkin.advance("60s")
    sqs.purge_queue(QueueUrl=queue)
    assert counts(queue) == (0, 0, 0)


def test_addresses_that_are_none_are_refused(sqs, refused):
    for url in ("nonsense", "http://localhost/", "http://localhost/1234/q", "http://localhost/123456789012/"):
        with refused("InvalidAddress", 404, message=f"The address {url} is not valid for this endpoint."):
            sqs.send_message(QueueUrl=url, MessageBody="x")


def test_tags_are_added_listed_and_removed(sqs, refused):
    url = sqs.create_queue(QueueName="tagged", tags={"a": "1", "b": "2"})["QueueUrl"]
    sqs.tag_queue(QueueUrl=url, Tags={"b": "3", "c": ""})
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"a": "1", "b": "3", "c": ""}
    sqs.untag_queue(QueueUrl=url, TagKeys=["a", "b", "none"])
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"c": ""}
    sqs.untag_queue(QueueUrl=url, TagKeys=["c"])
    assert "Tags" not in sqs.list_queue_tags(QueueUrl=url)
    for tags in ({f"t{n}": "" for n in range(51)}, {"aws:x": "1"}, {"k" * 129: ""}, {"k": "v" * 257}):
        with refused("InvalidParameterValue"):
            sqs.tag_queue(QueueUrl=url, Tags=tags)
    assert "Tags" not in sqs.list_queue_tags(QueueUrl=url)
