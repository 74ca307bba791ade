"""Text messages: settings, telephones that opt out, and the sandbox."""

import re

import pytest


@pytest.fixture
def number(account):
    """A telephone that no other test has."""
    return "+49" + account


@pytest.fixture
def received(welkin, number):
    """What the telephone got, oldest first."""
    return lambda: [one for one in welkin.admin("GET", "outbox") if one["to"] == number]


@pytest.fixture
def reply(welkin, received, settle):
    """The holder of the telephone answers the last message."""

    def reply(text):
        welkin.admin("POST", f"outbox/{received()[-1]['id']}/answer", {"text": text})
        settle()

    return reply


def test_settings_are_kept_by_region_and_held_against_the_rules(sns, welkin, account, refused):
    assert sns.get_sms_attributes()["attributes"] == {"MonthlySpendLimit": "1"}
    sns.set_sms_attributes(attributes={"DefaultSMSType": "Transactional", "DefaultSenderID": "Welkin", "MonthlySpendLimit": "20"})
    everything = sns.get_sms_attributes()["attributes"]
    assert everything == {"DefaultSMSType": "Transactional", "DefaultSenderID": "Welkin", "MonthlySpendLimit": "20"}
    assert sns.get_sms_attributes(attributes=["DefaultSMSType"])["attributes"] == {"DefaultSMSType": "Transactional"}
    assert welkin.client("sns", account, region="eu-west-1").get_sms_attributes()["attributes"] == {"MonthlySpendLimit": "1"}
    for name, value in [("DefaultSMSType", "Urgent"), ("DefaultSenderID", "12345"), ("MonthlySpendLimit", "-1"), ("Colour", "red")]:
        with refused("InvalidParameter", message=name):
            sns.set_sms_attributes(attributes={name: value})
    for name in ["DeliveryStatusIAMRole", "DeliveryStatusSuccessSamplingRate", "UsageReportS3Bucket"]:
        with refused("NotImplemented", 501, message=name):
            sns.set_sms_attributes(attributes={"MonthlySpendLimit": "30", name: "x"})
    assert sns.get_sms_attributes()["attributes"] == everything, "nothing is half set"


@pytest.mark.parametrize(
    "name, kind, value",
    [
        ("AWS.SNS.SMS.SMSType", "String", "Urgent"),
        ("AWS.SNS.SMS.SenderID", "String", "12345"),
        ("AWS.SNS.SMS.MaxPrice", "Number", "-1"),
    ],
)
def test_how_a_text_message_is_sent_is_held_against_the_rules(sns, number, received, refused, name, kind, value):
    attributes = {name: {"DataType": kind, "StringValue": value}}
    with refused("InvalidParameter", message=name):
        sns.publish(PhoneNumber=number, Message="x", MessageAttributes=attributes)
    with refused("InvalidParameter", message="Message too long"):
        sns.publish(PhoneNumber=number, Message="x" * 1601)
    assert received() == []
    good = {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}}
    sns.publish(PhoneNumber=number, Message="x", MessageAttributes=good)
    assert [one["text"] for one in received()] == ["x"]


def test_a_telephone_that_says_stop_gets_no_more(welkin, sns, topic, number, received, reply, settle, account, refused):
    opted_out = lambda: sns.check_if_phone_number_is_opted_out(phoneNumber=number)["isOptedOut"]  # noqa: E731
    sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint=number)
    sns.publish(TopicArn=topic, Message="one")
    settle()
    assert (received()[0]["text"], received()[0]["account"]) == ("one", account)
    reply("thanks")
    assert not opted_out()
    reply(" stop ")
    assert opted_out()
    assert sns.list_phone_numbers_opted_out()["phoneNumbers"] == [number]
    sns.publish(TopicArn=topic, Message="two")
    assert sns.publish(PhoneNumber=number, Message="three")["MessageId"]
    settle()
    assert len(received()) == 1
    other = welkin.client("sns", welkin.account())
    assert other.check_if_phone_number_is_opted_out(phoneNumber=number)["isOptedOut"] is False
    with refused("OptedOut"):
        sns.create_sms_sandbox_phone_number(PhoneNumber=number)
    sns.opt_in_phone_number(phoneNumber=number)
    assert not opted_out() and sns.list_phone_numbers_opted_out()["phoneNumbers"] == []
    sns.publish(PhoneNumber=number, Message="four")
    assert [one["text"] for one in received()] == ["one", "four"]
    reply("STOP")
    with refused("InvalidParameter", message="30 days"):
        sns.opt_in_phone_number(phoneNumber=number)
    welkin.advance("31d")
    sns.opt_in_phone_number(phoneNumber=number)
    assert not opted_out()
    for call in (sns.check_if_phone_number_is_opted_out, sns.opt_in_phone_number):
        with refused("InvalidParameter", message="PhoneNumber"):
            call(phoneNumber="call me")


def test_numbers_that_opted_out_are_listed_by_the_hundred(welkin, sns, account, settle):
    numbers = [f"+{account}{n:03}" for n in range(101)]
    for number in numbers:
        sns.publish(PhoneNumber=number, Message="x")
    ids = {one["to"]: one["id"] for one in welkin.admin("GET", "outbox")}
    for number in numbers:
        welkin.admin("POST", f"outbox/{ids[number]}/answer", {"text": "STOP"})
    settle()
    first = sns.list_phone_numbers_opted_out()
    rest = sns.list_phone_numbers_opted_out(nextToken=first["nextToken"])
    assert first["phoneNumbers"] + rest["phoneNumbers"] == sorted(set(numbers)) and "nextToken" not in rest


def test_a_number_is_verified_by_the_password_it_gets(welkin, sns, number, received, refused):
    assert sns.get_sms_sandbox_account_status()["IsInSandbox"] is False
    sns.create_sms_sandbox_phone_number(PhoneNumber=number, LanguageCode="de-DE")
    assert sns.list_sms_sandbox_phone_numbers()["PhoneNumbers"] == [{"PhoneNumber": number, "Status": "Pending"}]
    text = received()[0]["text"]
    assert text.startswith("Ihr Bestätigungscode lautet ")
    password = re.search(r"\d{6}", text)[0]
    wrong = f"{(int(password) + 1) % 1_000_000:06}"
    with refused("VerificationException"):
        sns.verify_sms_sandbox_phone_number(PhoneNumber=number, OneTimePassword=wrong)
    with refused("UserError", message="24 hours"):
        sns.delete_sms_sandbox_phone_number(PhoneNumber=number)
    welkin.advance("16m")
    with refused("VerificationException"):
        sns.verify_sms_sandbox_phone_number(PhoneNumber=number, OneTimePassword=password)
    sns.create_sms_sandbox_phone_number(PhoneNumber=number)
    password = re.search(r"\d{6}", received()[-1]["text"])[0]
    sns.verify_sms_sandbox_phone_number(PhoneNumber=number, OneTimePassword=password)
    assert sns.list_sms_sandbox_phone_numbers()["PhoneNumbers"] == [{"PhoneNumber": number, "Status": "Verified"}]
    with refused("UserError", message="already verified"):
        sns.create_sms_sandbox_phone_number(PhoneNumber=number)
    welkin.advance("1d")
    sns.delete_sms_sandbox_phone_number(PhoneNumber=number)
    for call in (sns.delete_sms_sandbox_phone_number, lambda **it: sns.verify_sms_sandbox_phone_number(OneTimePassword="12345", **it)):
        with refused("ResourceNotFound", 404):
            call(PhoneNumber=number)


def test_ten_numbers_can_be_verified_and_are_listed_in_pages(sns, account, refused):
    numbers = sorted(f"+2{n}{account}" for n in range(10))
    for number in numbers:
        sns.create_sms_sandbox_phone_number(PhoneNumber=number)
    with refused("UserError", message="10"):
        sns.create_sms_sandbox_phone_number(PhoneNumber="+3" + account)
    first = sns.list_sms_sandbox_phone_numbers(MaxResults=7)
    rest = sns.list_sms_sandbox_phone_numbers(MaxResults=7, NextToken=first["NextToken"])
    assert [one["PhoneNumber"] for one in first["PhoneNumbers"] + rest["PhoneNumbers"]] == numbers


def test_accounts_of_a_strict_welkin_are_in_the_sandbox(start, tmp_path, number):
    with start("--data", tmp_path) as own:
        key = own.user("123456789012", {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    with start("--data", tmp_path, "--strict") as own:
        sns = own.client("sns", **key)
        got = lambda: [one["text"] for one in own.admin("GET", "outbox") if one["to"] == number]  # noqa: E731
        assert sns.get_sms_sandbox_account_status()["IsInSandbox"] is True
        sns.publish(PhoneNumber=number, Message="unheard")
        assert got() == []
        sns.create_sms_sandbox_phone_number(PhoneNumber=number)
        password = re.search(r"\d{6}", got()[0])[0]
        sns.verify_sms_sandbox_phone_number(PhoneNumber=number, OneTimePassword=password)
        sns.publish(PhoneNumber=number, Message="heard")
        assert got()[1:] == ["heard"]
        topic = sns.create_topic(Name="t")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://127.0.0.1:9/")
        own.advance("1s")
        assert [job for job in own.admin("GET", "jobs") if job["name"] == "sns/deliver"] == [], "it is never called"


def test_origination_numbers_and_data_protection_are_refused_by_name(sns, topic, refused):
    for call in (
        lambda: sns.list_origination_numbers(),
        lambda: sns.get_data_protection_policy(ResourceArn=topic),
        lambda: sns.put_data_protection_policy(ResourceArn=topic, DataProtectionPolicy="{}"),
    ):
        with refused("NotImplemented", 501):
            call()


@pytest.mark.parametrize(
    "action, call",
    [
        ("SetSMSAttributes", lambda sns, number: sns.set_sms_attributes(attributes={"DefaultSMSType": "Promotional"})),
        ("GetSMSAttributes", lambda sns, number: sns.get_sms_attributes()),
        ("CheckIfPhoneNumberIsOptedOut", lambda sns, number: sns.check_if_phone_number_is_opted_out(phoneNumber=number)),
        ("ListPhoneNumbersOptedOut", lambda sns, number: sns.list_phone_numbers_opted_out()),
        ("OptInPhoneNumber", lambda sns, number: sns.opt_in_phone_number(phoneNumber=number)),
        ("CreateSMSSandboxPhoneNumber", lambda sns, number: sns.create_sms_sandbox_phone_number(PhoneNumber=number)),
        ("ListSMSSandboxPhoneNumbers", lambda sns, number: sns.list_sms_sandbox_phone_numbers()),
        ("GetSMSSandboxAccountStatus", lambda sns, number: sns.get_sms_sandbox_account_status()),
    ],
)
def test_each_operation_needs_its_action(user, number, refused, action, call):
    with refused("AuthorizationError", 403, message=f"is not authorized to perform: sns:{action}"):
        call(user("sns:Nothing"), number)
    call(user(f"sns:{action}"), number)


def test_verifying_and_deleting_need_their_actions(user, number, refused):
    for action, call in [
        ("VerifySMSSandboxPhoneNumber", lambda sns: sns.verify_sms_sandbox_phone_number(PhoneNumber=number, OneTimePassword="12345")),
        ("DeleteSMSSandboxPhoneNumber", lambda sns: sns.delete_sms_sandbox_phone_number(PhoneNumber=number)),
    ]:
        with refused("AuthorizationError", 403, message=f"sns:{action}"):
            call(user("sns:Nothing"))
        with refused("ResourceNotFound", 404):
            call(user(f"sns:{action}"))
