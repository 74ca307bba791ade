"""Subscriptions: made, confirmed, listed, configured, ended."""

import json
import re
import urllib.error
import urllib.request

import pytest

QUEUE = "arn:aws:sqs:us-east-1:111122223333:q"


def state(sns, arn):
    return sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]


def mails(welkin, to):
    return [message for message in welkin.admin("GET", "outbox") if message["to"] == to]


def link(message, action):
    return re.search(rf"http://\S+Action={action}\S+", message["text"]).group()


def follow(url):
    """Follows a link, without a signature."""
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode()


def test_a_queue_of_the_same_account_is_subscribed_at_once(sns, topic, new_queue, account, attributes):
    queue = new_queue()
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)["SubscriptionArn"]
    assert arn.startswith(topic + ":")
    assert sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)["SubscriptionArn"] == arn
    listed = {"SubscriptionArn": arn, "Owner": account, "Protocol": "sqs", "Endpoint": queue.arn, "TopicArn": topic}
    assert sns.list_subscriptions()["Subscriptions"] == [listed]
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == [listed]
    assert attributes(topic)["SubscriptionsConfirmed"] == "1"
    found = state(sns, arn)
    assert (found["PendingConfirmation"], found["RawMessageDelivery"]) == ("false", "false")
    assert found["SubscriptionPrincipal"] == f"arn:aws:iam::{account}:root"
    sns.unsubscribe(SubscriptionArn=arn)
    assert sns.list_subscriptions()["Subscriptions"] == []
    assert attributes(topic)["SubscriptionsDeleted"] == "1"
    sns.unsubscribe(SubscriptionArn=arn)


@pytest.mark.parametrize(
    "protocol, endpoint, code, message",
    [
        ("pigeon", "x", "InvalidParameter", "does not support this protocol string: pigeon"),
        ("lambda", "arn:aws:lambda:us-east-1:1:function:f", "NotImplemented", "lambda"),
        ("firehose", "arn:aws:firehose:us-east-1:1:deliverystream/s", "NotImplemented", "firehose"),
        ("application", "arn:aws:sns:us-east-1:111122223333:endpoint/GCM/a/b", "InvalidParameter", "Endpoint does not exist"),
        ("application", QUEUE, "InvalidParameter", "Endpoint"),
        ("sqs", "q", "InvalidParameter", "SQS endpoint ARN"),
        ("sqs", QUEUE + ".fifo", "InvalidParameter", "FIFO SQS Queues can not be subscribed to standard SNS topics"),
        ("http", "https://localhost", "InvalidParameter", "Endpoint must match the specified protocol"),
        ("email", "nobody", "InvalidParameter", "Email address"),
        ("sms", "call me", "InvalidParameter", "Invalid SMS endpoint"),
    ],
)
def test_endpoints_are_held_against_their_protocol(sns, topic, refused, protocol, endpoint, code, message):
    with refused(code, 501 if code == "NotImplemented" else 400, message=message):
        sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_mail_is_sent_to_those_who_follow_the_link(welkin, sns, topic, account, settle, refused, attributes):
    to = f"{account}@example.com"
    assert sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=to)["SubscriptionArn"] == "pending confirmation"
    (listed,) = sns.list_subscriptions()["Subscriptions"]
    assert listed["SubscriptionArn"] == "PendingConfirmation"
    assert attributes(topic)["SubscriptionsPending"] == "1"
    sns.publish(TopicArn=topic, Message="too early")
    settle()
    (invitation,) = mails(welkin, to)
    assert "Subscription Confirmation" in invitation["subject"] and topic in invitation["text"]
    answer = follow(link(invitation, "ConfirmSubscription"))
    (listed,) = sns.list_subscriptions()["Subscriptions"]
    assert listed["SubscriptionArn"] in answer and listed["SubscriptionArn"].startswith(topic)
    assert state(sns, listed["SubscriptionArn"])["ConfirmationWasAuthenticated"] == "false"
    sns.publish(TopicArn=topic, Message="hello", Subject="Greeting")
    settle()
    mail = mails(welkin, to)[-1]
    assert (mail["subject"], mail["text"].splitlines()[0]) == ("Greeting", "hello")
    follow(link(mail, "Unsubscribe"))
    settle()
    assert sns.list_subscriptions()["Subscriptions"] == []
    farewell = mails(welkin, to)[-1]
    assert "deactivated" in farewell["text"]
    follow(link(farewell, "ConfirmSubscription"))
    assert sns.list_subscriptions()["Subscriptions"] == [listed]


def test_a_confirmation_that_was_signed_can_forbid_unsigned_ends(welkin, sns, topic, account, settle, refused):
    to = f"{account}@example.com"
    sns.subscribe(TopicArn=topic, Protocol="email-json", Endpoint=to)
    settle()
    letter = json.loads(mails(welkin, to)[-1]["text"])
    assert letter["Type"] == "SubscriptionConfirmation"
    options = {"TopicArn": topic, "Token": letter["Token"], "AuthenticateOnUnsubscribe": "true"}
    arn = sns.confirm_subscription(**options)["SubscriptionArn"]
    assert sns.confirm_subscription(**options)["SubscriptionArn"] == arn
    assert state(sns, arn)["ConfirmationWasAuthenticated"] == "true"
    url = f"{welkin.endpoint}/?Action=Unsubscribe&Version=2010-03-31&SubscriptionArn={arn}"
    with pytest.raises(urllib.error.HTTPError) as error:
        follow(url)
    assert error.value.code == 403 and "AuthorizationError" in error.value.read().decode()
    assert state(sns, arn)["PendingConfirmation"] == "false"
    with refused("InvalidParameter", message="Token"):
        sns.confirm_subscription(TopicArn=topic, Token="x" * 128)


def test_a_subscription_that_nobody_confirms_ends_after_two_days(welkin, sns, topic, account, settle, refused):
    to = f"{account}@example.com"
    options = {"TopicArn": topic, "Protocol": "email", "Endpoint": to, "ReturnSubscriptionArn": True}
    arn = sns.subscribe(**options)["SubscriptionArn"]
    settle()
    assert state(sns, arn)["PendingConfirmation"] == "true"
    token = re.search(r"Token=(\w+)", mails(welkin, to)[-1]["text"]).group(1)
    welkin.advance("49h")
    assert sns.list_subscriptions()["Subscriptions"] == []
    with refused("InvalidParameter", message="Token"):
        sns.confirm_subscription(TopicArn=topic, Token=token)


def test_a_queue_of_another_account_confirms_by_the_message_it_gets(welkin, sns, topic, new_queue, settle, account):
    other = welkin.account()
    queue = new_queue(owner=other)
    options = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": queue.arn}
    assert sns.subscribe(**options)["SubscriptionArn"] == "pending confirmation"
    settle()
    (letter,) = queue.notices()
    assert (letter["Type"], letter["TopicArn"]) == ("SubscriptionConfirmation", topic)
    friend = welkin.client("sns", other)
    arn = friend.confirm_subscription(TopicArn=topic, Token=letter["Token"])["SubscriptionArn"]
    assert state(sns, arn)["Owner"] == account
    sns.publish(TopicArn=topic, Message="hello")
    settle()
    assert [notice["Message"] for notice in queue.notices()] == ["hello"]


def test_another_account_subscribes_its_queue_where_the_policy_lets_it(welkin, sns, topic, share, new_queue, refused, settle):
    other = welkin.account()
    friend, queue = welkin.client("sns", other), new_queue(owner=other)
    options = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": queue.arn}
    with refused("AuthorizationError", 403):
        friend.subscribe(**options)
    share(topic, {"AWS": other}, "SNS:Subscribe", Condition={"StringEquals": {"sns:Protocol": "sqs"}})
    arn = friend.subscribe(**options)["SubscriptionArn"]
    assert state(friend, arn)["Owner"] == other and state(sns, arn)["Owner"] == other
    assert [each["SubscriptionArn"] for each in friend.list_subscriptions()["Subscriptions"]] == [arn]
    assert sns.list_subscriptions()["Subscriptions"] == []
    with refused("AuthorizationError", 403):
        friend.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    with refused("AuthorizationError", 403):
        welkin.client("sns", welkin.account()).get_subscription_attributes(SubscriptionArn=arn)
    with refused("AuthorizationError", 403):
        welkin.client("sns", welkin.account()).unsubscribe(SubscriptionArn=arn)
    sns.publish(TopicArn=topic, Message="hello")
    settle()
    assert [notice["Message"] for notice in queue.notices()] == ["hello"]


def test_end_points_are_conditions(user, topic, refused, account):
    mine = user("sns:Subscribe", Condition={"StringLike": {"sns:Endpoint": "*@example.com"}})
    options = {"TopicArn": topic, "Protocol": "email"}
    assert mine.subscribe(Endpoint="a@example.com", **options)["SubscriptionArn"] == "pending confirmation"
    with refused("AuthorizationError", 403, message="sns:Subscribe"):
        mine.subscribe(Endpoint="a@example.org", **options)


def test_attributes_of_subscriptions_are_set_and_taken_back(sns, topic, new_queue, subscribe, refused):
    queue, letters = new_queue(), new_queue()
    arn = subscribe(topic, queue, RawMessageDelivery="true")

    def set(name, value):
        sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=value)

    with refused("InvalidParameter", message="Subscription already exists with different attributes"):
        subscribe(topic, queue, FilterPolicy='{"a":["b"]}')
    assert state(sns, arn)["RawMessageDelivery"] == "true"
    redrive = json.dumps({"deadLetterTargetArn": letters.arn})
    for name, value in [("FilterPolicy", '{"a":["b"]}'), ("RedrivePolicy", redrive)]:
        set(name, value)
        assert json.loads(state(sns, arn)[name]) == json.loads(value)
        set(name, "")
        assert name not in state(sns, arn)
    for name, value, message in [
        ("Colour", "red", "AttributeName"),
        ("RawMessageDelivery", "maybe", "RawMessageDelivery"),
        ("FilterPolicy", '{"a":"b"}', "must be an object or an array"),
        ("FilterPolicy", '{"a":{"b":["c"]}}', "does not support nested filter policy"),
        ("FilterPolicy", json.dumps({"a": list(range(151))}), "too complex"),
        ("FilterPolicy", json.dumps({str(n): [1] for n in range(6)}), "more than 5 keys"),
        ("FilterPolicyScope", "Everything", "FilterPolicyScope"),
        ("RedrivePolicy", '{"deadLetterTargetArn":"q"}', "invalid arn"),
        ("RedrivePolicy", json.dumps({"deadLetterTargetArn": letters.arn + ".fifo"}), "DLQ"),
        ("DeliveryPolicy", '{"healthyRetryPolicy":{"minDelayTarget":0}}', "minDelayTarget"),
    ]:
        with refused("InvalidParameter", message=message):
            set(name, value)
    with refused("NotImplemented", 501, message="SubscriptionRoleArn"):
        set("SubscriptionRoleArn", "arn:aws:iam::1:role/r")
    with refused("NotFound", 404, message="Subscription does not exist"):
        state(sns, topic + ":00000000-0000-0000-0000-000000000000")
    with refused("InvalidParameter", message="An ARN must have at least 6 elements, not 1"):
        state(sns, "PendingConfirmation")


def test_only_protocols_with_envelopes_can_go_without(sns, topic, refused):
    with refused("InvalidParameter", message="Delivery protocol [email] does not support raw message delivery."):
        options = {"Protocol": "email", "Endpoint": "a@example.com", "Attributes": {"RawMessageDelivery": "true"}}
        sns.subscribe(TopicArn=topic, **options)


@pytest.mark.parametrize(
    "action, call",
    [
        ("sns:Subscribe", lambda sns, topic, arn: sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+4915112345678")),
        ("sns:ListSubscriptions", lambda sns, topic, arn: sns.list_subscriptions()),
        ("sns:ListSubscriptionsByTopic", lambda sns, topic, arn: sns.list_subscriptions_by_topic(TopicArn=topic)),
        ("sns:GetSubscriptionAttributes", lambda sns, topic, arn: sns.get_subscription_attributes(SubscriptionArn=arn)),
        ("sns:SetSubscriptionAttributes", lambda sns, topic, arn: sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="RawMessageDelivery", AttributeValue="true")),
        ("sns:Unsubscribe", lambda sns, topic, arn: sns.unsubscribe(SubscriptionArn=arn)),
        ("sns:Publish", lambda sns, topic, arn: sns.publish(TopicArn=topic, Message="x")),
    ],
)
def test_each_operation_needs_its_action(user, topic, new_queue, subscribe, refused, action, call):
    arn = subscribe(topic, new_queue())
    with refused("AuthorizationError", 403, message=f"is not authorized to perform: {action}"):
        call(user("sns:Nothing"), topic, arn)
    call(user(action), topic, arn)


def test_a_token_needs_the_right_to_use_it(welkin, sns, topic, account, settle, user, refused):
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=f"{account}@example.com")
    settle()
    token = re.search(r"Token=(\w+)", mails(welkin, f"{account}@example.com")[-1]["text"]).group(1)
    with refused("AuthorizationError", 403, message="sns:ConfirmSubscription"):
        user("sns:Nothing").confirm_subscription(TopicArn=topic, Token=token)
    arn = user("sns:ConfirmSubscription").confirm_subscription(TopicArn=topic, Token=token)["SubscriptionArn"]
    assert state(sns, arn)["PendingConfirmation"] == "false"


def test_subscriptions_are_listed_by_the_hundred_and_go_with_their_topic(sns, topic, settle):
    for number in range(101):
        sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint=f"+49151{number:08}")
    for operation in (sns.list_subscriptions, lambda **more: sns.list_subscriptions_by_topic(TopicArn=topic, **more)):
        first = operation()
        rest = operation(NextToken=first["NextToken"])
        assert (len(first["Subscriptions"]), len(rest["Subscriptions"]), "NextToken" in rest) == (100, 1, False)
        assert len({each["Endpoint"] for each in first["Subscriptions"] + rest["Subscriptions"]}) == 101
    sns.delete_topic(TopicArn=topic)
    settle()
    assert sns.list_subscriptions()["Subscriptions"] == []
