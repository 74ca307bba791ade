"""`welkin outbox`: what services have sent to people, listed, shown and answered."""

import re
import urllib.request


def test_mail_is_listed_and_shown_and_its_link_works(welkin, cli, account):
    sns, to = welkin.client("sns", account), f"{account}@example.com"
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=to)
    welkin.advance("1s")
    (listed,) = cli("outbox", "--to", to, "--json").json
    assert (listed["account"], listed["region"], listed["to"]) == (account, "us-east-1", to)
    assert listed["subject"] == "AWS Notification - Subscription Confirmation"
    table = cli("outbox", "--to", to).out
    assert listed["id"] in table and listed["subject"] in table
    assert cli("outbox", listed["id"], "--json").json == listed
    shown = cli("outbox", listed["id"]).out
    with urllib.request.urlopen(re.search(r"http\S+Action=ConfirmSubscription\S+", shown)[0]) as answer:
        assert answer.status == 200
    (subscription,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert subscription["SubscriptionArn"].startswith(topic + ":")


def test_a_text_message_is_answered(welkin, cli, account):
    sns, number = welkin.client("sns", account), "+49" + account
    sns.publish(PhoneNumber=number, Message="hello")
    (message,) = cli("outbox", "--to", number, "--json").json
    assert "hello" in cli("outbox", "--to", number).out
    assert cli("outbox", message["id"], "--answer", "STOP").out.strip() == "answered"
    welkin.advance("1s")
    assert sns.check_if_phone_number_is_opted_out(phoneNumber=number)["isOptedOut"] is True


def test_what_is_not_there_is_said_so(cli):
    none = cli("outbox", "0", "--json")
    assert none.code == 1 and "no message 0" in none.fault["message"]
    assert cli("outbox", "0", "--answer", "STOP").code == 1
    assert cli("outbox", "--answer", "STOP").code == 2
