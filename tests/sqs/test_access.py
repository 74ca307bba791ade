"""Who may use a queue: identity policies, queue policies, other accounts."""

import json

import pytest


def allow(*actions, resource="*", **more):
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}],
    }


@pytest.fixture
def arn(attributes):
    return lambda url: attributes(url)["QueueArn"]


@pytest.fixture
def user(welkin, account):
    """SQS as a new user of the account with a policy."""
    return lambda policy=None: welkin.client("sqs", **welkin.user(account, policy))


@pytest.fixture
def share(sqs):
    """Sets the policy of a queue."""

    def share(url, principal, *actions, effect="Allow"):
        statement = {"Effect": effect, "Principal": principal, "Action": list(actions), "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})

    return share


def test_a_user_may_do_what_its_policy_says_and_no_more(queue, new_queue, user, arn, refused, counts):
    producer = user(allow("sqs:SendMessage", resource=arn(queue)))
    producer.send_message(QueueUrl=queue, MessageBody="x")
    producer.send_message_batch(QueueUrl=queue, Entries=[{"Id": "a", "MessageBody": "y"}])
    assert counts(queue) == (2, 0, 0)
    with refused("AccessDenied", 403, message="is not authorized to perform: sqs:ReceiveMessage on resource: arn:aws:sqs"):
        producer.receive_message(QueueUrl=queue)
    with refused("AccessDenied", 403):
        producer.send_message(QueueUrl=new_queue(), MessageBody="x")
    with refused("AccessDenied", 403):
        user().send_message(QueueUrl=queue, MessageBody="x")
    assert counts(queue) == (2, 0, 0)


@pytest.mark.parametrize(
    "action, call",
    [
        ("sqs:CreateQueue", lambda sqs, url: sqs.create_queue(QueueName="made-by-user")),
        ("sqs:ListQueues", lambda sqs, url: sqs.list_queues()),
        ("sqs:GetQueueUrl", lambda sqs, url: sqs.get_queue_url(QueueName=url.rsplit("/", 1)[1])),
        ("sqs:GetQueueAttributes", lambda sqs, url: sqs.get_queue_attributes(QueueUrl=url)),
        ("sqs:SetQueueAttributes", lambda sqs, url: sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "0"})),
        ("sqs:PurgeQueue", lambda sqs, url: sqs.purge_queue(QueueUrl=url)),
        ("sqs:TagQueue", lambda sqs, url: sqs.tag_queue(QueueUrl=url, Tags={"a": "b"})),
        ("sqs:UntagQueue", lambda sqs, url: sqs.untag_queue(QueueUrl=url, TagKeys=["a"])),
        ("sqs:ListQueueTags", lambda sqs, url: sqs.list_queue_tags(QueueUrl=url)),
        ("sqs:AddPermission", lambda sqs, url: sqs.add_permission(QueueUrl=url, Label="l", AWSAccountIds=["111122223333"], Actions=["*"])),
        ("sqs:ReceiveMessage", lambda sqs, url: sqs.receive_message(QueueUrl=url)),
        ("sqs:ListDeadLetterSourceQueues", lambda sqs, url: sqs.list_dead_letter_source_queues(QueueUrl=url)),
        ("sqs:DeleteQueue", lambda sqs, url: sqs.delete_queue(QueueUrl=url)),
    ],
)
def test_each_operation_needs_its_action(user, queue, refused, action, call):
    with refused("AccessDenied", 403, message=f"is not authorized to perform: {action}"):
        call(user(allow("sqs:Nothing")), queue)
    call(user(allow(action)), queue)


def test_tags_of_queues_and_requests_are_conditions(sqs, user, new_queue, refused):
    tagged, other = new_queue(), new_queue()
    sqs.tag_queue(QueueUrl=tagged, Tags={"team": "red"})
    red = user(allow("sqs:*", Condition={"StringEquals": {"aws:ResourceTag/team": "red"}}))
    red.send_message(QueueUrl=tagged, MessageBody="x")
    with refused("AccessDenied", 403):
        red.send_message(QueueUrl=other, MessageBody="x")
    maker = user(allow("sqs:CreateQueue", "sqs:TagQueue", Condition={"StringEquals": {"aws:RequestTag/team": "red"}}))
    maker.create_queue(QueueName="tagged-red", tags={"team": "red"})
    with refused("AccessDenied", 403):
        maker.create_queue(QueueName="tagged-blue", tags={"team": "blue"})


def test_a_queue_policy_gives_and_denies_within_the_account(account, queue, user, share, sqs, refused, counts):
    named = user()
    share(queue, {"AWS": "*"}, "sqs:SendMessage")
    named.send_message(QueueUrl=queue, MessageBody="x")
    share(queue, "*", "sqs:SendMessage", effect="Deny")
    with refused("AccessDenied", 403, message="explicit deny"):
        user(allow("sqs:*")).send_message(QueueUrl=queue, MessageBody="x")
    assert counts(queue) == (1, 0, 0)


def test_another_account_needs_both_policies(welkin, account, queue, share, refused, receive, arn):
    other = welkin.account()
    url = {"QueueUrl": queue, "MessageBody": "from elsewhere"}
    with refused("AccessDenied", 403):
        welkin.client("sqs", other).send_message(**url)
    share(queue, {"AWS": f"arn:aws:iam::{other}:root"}, "sqs:SendMessage", "sqs:GetQueueUrl", "sqs:DeleteQueue")
    sender = welkin.client("sqs", other)
    sender.send_message(**url)
    assert receive(queue)[0]["Attributes"]["SenderId"] == other
    with refused("AccessDenied", 403):
        welkin.client("sqs", **welkin.user(other)).send_message(**url)
    permitted = welkin.client("sqs", **welkin.user(other, allow("sqs:SendMessage", resource=arn(queue))))
    permitted.send_message(**url)
    found = sender.get_queue_url(QueueName=queue.rsplit("/", 1)[1], QueueOwnerAWSAccountId=account)
    assert found["QueueUrl"] == queue
    with refused("AccessDenied", 403):
        sender.receive_message(QueueUrl=queue)
    with refused("AccessDenied", 403):
        sender.delete_queue(QueueUrl=queue)


def test_queues_of_others_that_do_not_exist_are_told_as_such(welkin, account, refused):
    other = welkin.client("sqs", welkin.account())
    message = "The specified queue does not exist or you do not have access to it."
    with refused("AWS.SimpleQueueService.NonExistentQueue", message=message):
        other.get_queue_url(QueueName="none", QueueOwnerAWSAccountId=account)
    with refused("AWS.SimpleQueueService.NonExistentQueue", message=message):
        other.send_message(QueueUrl=f"{welkin.endpoint}/{account}/none", MessageBody="x")


def test_permissions_are_added_to_the_policy_and_removed(welkin, sqs, queue, refused, attributes, counts):
    other = welkin.account()
    sqs.add_permission(QueueUrl=queue, Label="send", AWSAccountIds=[other], Actions=["SendMessage", "GetQueueUrl"])
    policy = json.loads(attributes(queue)["Policy"])
    assert policy["Statement"] == [
        {
            "Sid": "send",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{other}:root"},
            "Action": ["SQS:SendMessage", "SQS:GetQueueUrl"],
            "Resource": attributes(queue)["QueueArn"],
        }
    ]
    sender = welkin.client("sqs", other)
    sender.send_message(QueueUrl=queue, MessageBody="x")
    assert counts(queue) == (1, 0, 0)
    with refused("InvalidParameterValue", message="Already exists."):
        sqs.add_permission(QueueUrl=queue, Label="send", AWSAccountIds=[other], Actions=["*"])
    sqs.remove_permission(QueueUrl=queue, Label="send")
    assert "Policy" not in attributes(queue)
    with refused("AccessDenied", 403):
        sender.send_message(QueueUrl=queue, MessageBody="x")
    with refused("InvalidParameterValue"):
        sqs.remove_permission(QueueUrl=queue, Label="send")


def test_permissions_are_held_against_the_limits(welkin, sqs, queue, refused, attributes):
    add = lambda **options: sqs.add_permission(
        **{"QueueUrl": queue, "Label": "l", "AWSAccountIds": [welkin.account()], "Actions": ["SendMessage"], **options}
    )
    for options in [{"Label": "a b"}, {"Label": "x" * 81}, {"AWSAccountIds": ["12"]}, {"Actions": ["CreateQueue"]}]:
        with refused("InvalidParameterValue"):
            add(**options)
    with refused("OverLimit", 403):
        add(Actions=["SendMessage"] * 8)
    for n in range(20):
        add(Label=f"l{n}")
    with refused("OverLimit", 403):
        add(Label="one-more")
    assert len(json.loads(attributes(queue)["Policy"])["Statement"]) == 20


def test_movement_tasks_need_the_rights_that_they_use(sqs, user, new_queue, arn, refused):
    dead = new_queue()
    new_queue(RedrivePolicy=json.dumps({"deadLetterTargetArn": arn(dead), "maxReceiveCount": 1}))
    actions = ["sqs:StartMessageMoveTask", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    with refused("AccessDenied", 403, message="sqs:DeleteMessage"):
        user(allow(*(action for action in actions if "Delete" not in action))).start_message_move_task(SourceArn=arn(dead))
    user(allow(*actions)).start_message_move_task(SourceArn=arn(dead))


def test_unknown_keys_and_wrong_secrets_are_refused(welkin, account, refused):
    with refused("InvalidClientTokenId", 403):
        welkin.client("sqs", key="AKIAXXXXXXXXXXXXXXXX").list_queues()
    user = welkin.user(account, allow("sqs:*"))
    with refused("SignatureDoesNotMatch", 403):
        welkin.client("sqs", **{**user, "secret": "wrong"}).list_queues()
