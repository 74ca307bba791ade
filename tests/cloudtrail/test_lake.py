"""CloudTrail Lake: event data stores, channels, and the events that they keep."""

import base64
import hashlib
import json
import urllib.request

import pytest
from test_trails import refused, trails  # noqa: F401

MANAGEMENT = {"Field": "eventCategory", "Equals": ["Management"]}
AUDIT = [{"Name": "outside", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["ActivityAuditLog"]}]}]


def kept(welkin, text):
    """How many events with this text all stores keep. Nothing but SQL shows events, so it is counted in an export."""
    with urllib.request.urlopen(f"{welkin.endpoint}/_welkin/export", timeout=60) as answer:
        return answer.read().count(text.encode())


@pytest.fixture
def outside(trails):  # noqa: F811
    """A store for events of other sources: its ARN."""
    return trails.create_event_data_store(Name="outside", AdvancedEventSelectors=AUDIT, TerminationProtectionEnabled=False)["EventDataStoreArn"]


def pages(call, member):
    """What a listing answers with one thing to a page."""
    token, pages = {}, []
    while True:
        answer = call(MaxResults=1, **token)
        pages.append(answer[member])
        if "NextToken" not in answer:
            return pages
        token = {"NextToken": answer["NextToken"]}


def destinations(arn):
    return [{"Type": "EVENT_DATA_STORE", "Location": arn}]


def test_a_store_is_made_shown_changed_and_listed(welkin, account, trails):  # noqa: F811
    made = trails.create_event_data_store(Name="mine", TagsList=[{"Key": "a", "Value": "1"}])
    arn = made["EventDataStoreArn"]
    assert arn.startswith(f"arn:aws:cloudtrail:us-east-1:{account}:eventdatastore/")
    assert (made["Status"], made["TagsList"]) == ("CREATED", [{"Key": "a", "Value": "1"}])
    for name in (arn, arn.split("/")[1]):
        shown = trails.get_event_data_store(EventDataStore=name)
        assert (shown["Name"], shown["Status"], shown["FederationStatus"]) == ("mine", "ENABLED", "DISABLED")
    assert (shown["RetentionPeriod"], shown["BillingMode"]) == (366, "EXTENDABLE_RETENTION_PRICING")
    assert (shown["MultiRegionEnabled"], shown["TerminationProtectionEnabled"], shown["OrganizationEnabled"]) == (True, True, False)
    assert shown["AdvancedEventSelectors"] == [{"Name": "Default management events", "FieldSelectors": [MANAGEMENT]}]

    writes = [{"FieldSelectors": [MANAGEMENT, {"Field": "readOnly", "Equals": ["false"]}]}]
    updated = trails.update_event_data_store(EventDataStore=arn, Name="other", RetentionPeriod=90, AdvancedEventSelectors=writes)
    assert (updated["Name"], updated["RetentionPeriod"], updated["AdvancedEventSelectors"]) == ("other", 90, writes)
    assert updated["UpdatedTimestamp"] > updated["CreatedTimestamp"]
    fixed = trails.create_event_data_store(Name="fixed", BillingMode="FIXED_RETENTION_PRICING", StartIngestion=False)
    assert fixed["RetentionPeriod"] == 2557
    assert trails.get_event_data_store(EventDataStore=fixed["EventDataStoreArn"])["Status"] == "STOPPED_INGESTION"
    listed = pages(trails.list_event_data_stores, "EventDataStores")
    assert sorted(store["Name"] for page in listed for store in page) == ["fixed", "other"] and len(listed[0]) == 1

    refused("EventDataStoreAlreadyExistsException", trails.create_event_data_store, Name="other")
    refused("EventDataStoreNotFoundException", trails.get_event_data_store, EventDataStore=arn[:-1] + "x")
    refused("EventDataStoreARNInvalidException", trails.get_event_data_store, EventDataStore=arn.replace("eventdatastore", "trail"))
    refused("InvalidParameterException", trails.update_event_data_store, EventDataStore=arn)
    refused("InvalidParameterException", trails.create_event_data_store, Name="long", BillingMode="FIXED_RETENTION_PRICING", RetentionPeriod=3000)
    refused("InvalidParameterException", trails.update_event_data_store, EventDataStore=arn, BillingMode="FIXED_RETENTION_PRICING")
    refused("InvalidEventSelectorsException", trails.update_event_data_store, EventDataStore=arn, AdvancedEventSelectors=AUDIT)
    refused("InvalidNextTokenException", trails.list_event_data_stores, NextToken="!!!!")
    assert "OrganizationEnabled" in refused("NotImplemented", trails.create_event_data_store, Name="more", OrganizationEnabled=True)
    data = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]
    assert "Data" in refused("NotImplemented", trails.create_event_data_store, Name="more", AdvancedEventSelectors=data)
    for number in range(8):
        trails.create_event_data_store(Name=f"store-{number}", StartIngestion=False)
    refused("EventDataStoreMaxLimitExceededException", trails.create_event_data_store, Name="more")
    assert welkin.client("cloudtrail", account, region="eu-west-1").list_event_data_stores()["EventDataStores"] == []


def test_a_store_keeps_what_it_selects_for_its_retention(start):
    with start("--memory") as welkin:
        account = welkin.account()
        trails, kms = welkin.root(account, "cloudtrail"), welkin.root(account, "kms")  # noqa: F811
        elsewhere = welkin.client("kms", account, region="eu-west-1")
        reads = [{"FieldSelectors": [MANAGEMENT, {"Field": "readOnly", "Equals": ["true"]}]}]
        all_of_it = trails.create_event_data_store(Name="all", RetentionPeriod=200)["EventDataStoreArn"]
        trails.create_event_data_store(Name="here", RetentionPeriod=7, MultiRegionEnabled=False, AdvancedEventSelectors=reads)
        kms.list_keys()
        elsewhere.list_keys()
        kms.create_key()
        listed, created = '"eventName":"ListKeys"', '"eventName":"CreateKey"'
        assert (kept(welkin, listed), kept(welkin, created)) == (3, 1), "two by one store, one by the other"
        trails.stop_event_data_store_ingestion(EventDataStore=all_of_it)
        kms.create_key()
        assert kept(welkin, created) == 1
        refused("InvalidEventDataStoreStatusException", trails.stop_event_data_store_ingestion, EventDataStore=all_of_it)
        trails.start_event_data_store_ingestion(EventDataStore=all_of_it)
        refused("InvalidEventDataStoreStatusException", trails.start_event_data_store_ingestion, EventDataStore=all_of_it)
        kms.create_key()
        assert kept(welkin, created) == 2
        welkin.advance("9d")
        assert kept(welkin, listed) == 2, "seven days are over"
        welkin.advance("120d")
        assert kept(welkin, listed) == 2 and trails.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "ListKeys"}])["Events"] == []
        trails.update_event_data_store(EventDataStore=all_of_it, RetentionPeriod=100, TerminationProtectionEnabled=False)
        welkin.advance("1d")
        assert kept(welkin, listed) == 0, "a shorter retention holds for what is there"

        kms.list_keys()
        trails.delete_event_data_store(EventDataStore=all_of_it)
        assert trails.get_event_data_store(EventDataStore=all_of_it)["Status"] == "PENDING_DELETION"
        kms.create_key()
        assert (kept(welkin, listed), kept(welkin, created)) == (2, 0)
        welkin.advance("6d")
        assert trails.restore_event_data_store(EventDataStore=all_of_it)["Status"] == "ENABLED"
        welkin.advance("2d")
        assert trails.get_event_data_store(EventDataStore=all_of_it)["Status"] == "ENABLED"
        trails.delete_event_data_store(EventDataStore=all_of_it)
        welkin.advance("8d")
        refused("EventDataStoreNotFoundException", trails.get_event_data_store, EventDataStore=all_of_it)
        assert kept(welkin, listed) == 0


def test_a_store_is_deleted_when_nothing_holds_it(trails, outside):  # noqa: F811
    arn = trails.create_event_data_store(Name="mine")["EventDataStoreArn"]
    refused("EventDataStoreTerminationProtectedException", trails.delete_event_data_store, EventDataStore=arn)
    refused("InvalidEventDataStoreStatusException", trails.restore_event_data_store, EventDataStore=arn)
    refused("InvalidEventDataStoreCategoryException", trails.stop_event_data_store_ingestion, EventDataStore=outside)
    channel = trails.create_channel(Name="way", Source="Custom", Destinations=destinations(outside))["ChannelArn"]
    refused("ChannelExistsForEDSException", trails.delete_event_data_store, EventDataStore=outside)
    trails.delete_channel(Channel=channel)
    trails.delete_event_data_store(EventDataStore=outside)
    refused("InactiveEventDataStoreException", trails.delete_event_data_store, EventDataStore=outside)
    refused("InactiveEventDataStoreException", trails.update_event_data_store, EventDataStore=outside, Name="new")
    refused("InactiveEventDataStoreException", trails.create_channel, Name="way", Source="Custom", Destinations=destinations(outside))


def test_a_channel_is_made_shown_changed_and_listed(account, trails, outside):  # noqa: F811
    made = trails.create_channel(Name="way", Source="Custom", Destinations=destinations(outside), Tags=[{"Key": "a", "Value": "1"}])
    arn = made["ChannelArn"]
    assert arn.startswith(f"arn:aws:cloudtrail:us-east-1:{account}:channel/") and made["Tags"] == [{"Key": "a", "Value": "1"}]
    assert trails.get_channel(Channel=arn.split("/")[1])["Destinations"] == destinations(outside)
    trails.create_channel(Name="partner", Source="Clumio", Destinations=destinations(outside))
    assert trails.update_channel(Channel=arn, Name="path")["Name"] == "path"
    listed = pages(trails.list_channels, "Channels")
    assert sorted(channel["Name"] for page in listed for channel in page) == ["partner", "path"] and len(listed[0]) == 1

    calls = trails.create_event_data_store(Name="calls")["EventDataStoreArn"]
    more = {"Source": "Custom", "Destinations": destinations(outside)}
    refused("ChannelAlreadyExistsException", trails.create_channel, Name="path", **more)
    refused("ChannelAlreadyExistsException", trails.create_channel, Name="new", **{**more, "Source": "Clumio"})
    refused("ChannelAlreadyExistsException", trails.update_channel, Channel=arn, Name="partner")
    refused("InvalidSourceException", trails.create_channel, Name="new", **{**more, "Source": "Nobody"})
    refused("InvalidEventDataStoreCategoryException", trails.create_channel, Name="new", **{**more, "Destinations": destinations(calls)})
    refused("EventDataStoreNotFoundException", trails.update_channel, Channel=arn, Destinations=destinations(calls[:-1] + "x"))
    refused("InvalidParameterException", trails.update_channel, Channel=arn, Destinations=[{"Type": "AWS_SERVICE", "Location": "x.amazonaws.com"}])
    refused("ChannelNotFoundException", trails.get_channel, Channel=arn[:-1] + "x")
    refused("ChannelARNInvalidException", trails.get_channel, Channel=calls)
    trails.delete_channel(Channel=arn)
    refused("ChannelNotFoundException", trails.delete_channel, Channel=arn)


def audit_event(account, **other):
    return {"version": "1.0", "userIdentity": {"type": "User", "principalId": "p"}, "eventSource": "app.example.com",
            "eventName": "Login", "eventTime": "2026-01-02T03:04:05Z", "UID": "u-1", "recipientAccountId": account, **other}


def test_events_come_in_through_a_channel(start):
    with start("--memory") as welkin:
        account = welkin.account()
        trails, data = welkin.root(account, "cloudtrail"), welkin.root(account, "cloudtrail-data")  # noqa: F811
        store = trails.create_event_data_store(Name="outside", AdvancedEventSelectors=AUDIT, RetentionPeriod=3653)["EventDataStoreArn"]
        channel = trails.create_channel(Name="way", Source="Custom", Destinations=destinations(store))["ChannelArn"]
        assert "IngestionStatus" not in trails.get_channel(Channel=channel)
        good = json.dumps(audit_event(account))
        checksum = base64.b64encode(hashlib.sha256(good.encode()).digest()).decode()
        without = json.dumps({key: value for key, value in audit_event(account).items() if key != "UID"})
        answer = data.put_audit_events(channelArn=channel, auditEvents=[
            {"id": "a", "eventData": good, "eventDataChecksum": checksum},
            {"id": "b", "eventData": good + " ", "eventDataChecksum": checksum},
            {"id": "c", "eventData": "no JSON"},
            {"id": "d", "eventData": without},
            {"id": "e", "eventData": json.dumps(audit_event("111122223333"))},
            {"id": "f", "eventData": json.dumps(audit_event(account, eventTime="yesterday"))},
            {"id": "g", "eventData": json.dumps(audit_event(account, UID="u-2"))},
        ])
        assert [event["id"] for event in answer["successful"]] == ["a", "g"]
        assert {event["id"]: event["errorCode"] for event in answer["failed"]} == {
            "b": "InvalidChecksum", "c": "InvalidData", "d": "FieldNotFound", "e": "InvalidRecipient", "f": "InvalidData",
        }
        assert kept(welkin, '"eventName":"Login"') == 2 and kept(welkin, '"UID":"u-2"') == 1
        status = trails.get_channel(Channel=channel)["IngestionStatus"]
        assert status["LatestIngestionSuccessEventID"] == answer["successful"][1]["eventID"]
        assert "LatestIngestionErrorCode" not in status
        one = {"id": "a", "eventData": good}
        refused("DuplicatedAuditEventId", data.put_audit_events, channelArn=channel, auditEvents=[one, one])
        refused("ChannelNotFound", data.put_audit_events, channelArn=channel[:-1] + "x", auditEvents=[one])
        refused("InvalidChannelARN", data.put_audit_events, channelArn=store, auditEvents=[one])

        other = welkin.account()
        foreign = welkin.root(other, "cloudtrail-data")
        refused("AccessDeniedException", foreign.put_audit_events, channelArn=channel, auditEvents=[one])
        policy = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{other}:root"}, "Action": "cloudtrail-data:PutAuditEvents",
            "Resource": channel, "Condition": {"StringEquals": {"cloudtrail:ExternalId": "secret"}},
        }]}
        trails.put_resource_policy(ResourceArn=channel, ResourcePolicy=json.dumps(policy))
        refused("AccessDeniedException", foreign.put_audit_events, channelArn=channel, auditEvents=[one])
        assert foreign.put_audit_events(channelArn=channel, externalId="secret", auditEvents=[one])["failed"] == []
        assert kept(welkin, '"eventName":"Login"') == 3
        # Their time is in the past, and so is the end of their retention.
        welkin.advance("1d")
        assert kept(welkin, '"eventName":"Login"') == 3


def test_policies_and_tags_of_stores_and_channels(welkin, account, trails, outside):  # noqa: F811
    channel = trails.create_channel(Name="way", Source="Custom", Destinations=destinations(outside))["ChannelArn"]
    other = welkin.account()
    foreign = welkin.root(other, "cloudtrail")
    refused("AccessDeniedException", foreign.get_event_data_store, EventDataStore=outside)
    for arn in (outside, channel):
        refused("ResourcePolicyNotFoundException", trails.get_resource_policy, ResourceArn=arn)
        action = "cloudtrail:GetEventDataStore" if arn == outside else "cloudtrail-data:PutAuditEvents"
        policy = json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": other}, "Action": action, "Resource": arn}]})
        assert trails.put_resource_policy(ResourceArn=arn, ResourcePolicy=policy)["ResourcePolicy"] == policy
        assert trails.get_resource_policy(ResourceArn=arn)["ResourcePolicy"] == policy
        trails.add_tags(ResourceId=arn, TagsList=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
        trails.remove_tags(ResourceId=arn, TagsList=[{"Key": "a"}])
        (tags,) = trails.list_tags(ResourceIdList=[arn])["ResourceTagList"]
        assert tags == {"ResourceId": arn, "TagsList": [{"Key": "b", "Value": "2"}]}
    assert foreign.get_event_data_store(EventDataStore=outside)["Name"] == "outside"
    trails.delete_resource_policy(ResourceArn=outside)
    refused("AccessDeniedException", foreign.get_event_data_store, EventDataStore=outside)
    refused("ResourcePolicyNotFoundException", trails.delete_resource_policy, ResourceArn=outside)
    refused("ResourcePolicyNotValidException", trails.put_resource_policy, ResourceArn=outside, ResourcePolicy="{}")
    refused("ResourceNotFoundException", trails.get_resource_policy, ResourceArn=outside[:-1] + "x")
    refused("ResourceARNNotValidException", trails.get_resource_policy, ResourceArn="nothing")
    refused("ResourceTypeNotSupportedException", trails.get_resource_policy, ResourceArn=outside.replace("eventdatastore", "trail"))


def test_each_operation_needs_its_action(welkin, account, trails, outside):  # noqa: F811
    channel = trails.create_channel(Name="way", Source="Custom", Destinations=destinations(outside))["ChannelArn"]
    nobody = welkin.client("cloudtrail", **welkin.user(account))
    store, of_channel, resource = {"EventDataStore": outside}, {"Channel": channel}, {"ResourceArn": outside}
    for call, options in (
        ("create_event_data_store", {"Name": "new"}), ("get_event_data_store", store), ("list_event_data_stores", {}),
        ("update_event_data_store", {**store, "Name": "new"}), ("delete_event_data_store", store), ("restore_event_data_store", store),
        ("start_event_data_store_ingestion", store), ("stop_event_data_store_ingestion", store),
        ("create_channel", {"Name": "new", "Source": "Custom", "Destinations": destinations(outside)}), ("get_channel", of_channel),
        ("update_channel", {**of_channel, "Name": "new"}), ("list_channels", {}), ("delete_channel", of_channel),
        ("put_resource_policy", {**resource, "ResourcePolicy": "{}"}), ("get_resource_policy", resource),
        ("delete_resource_policy", resource),
    ):
        refused("AccessDeniedException", getattr(nobody, call), **options)
    by_tag = {"Effect": "Allow", "Action": "cloudtrail:GetEventDataStore", "Resource": outside,
              "Condition": {"StringEquals": {"aws:ResourceTag/team": "audit"}}}
    reader = welkin.client("cloudtrail", **welkin.user(account, {"Version": "2012-10-17", "Statement": [by_tag]}))
    refused("AccessDeniedException", reader.get_event_data_store, **store)
    trails.add_tags(ResourceId=outside, TagsList=[{"Key": "team", "Value": "audit"}])
    assert reader.get_event_data_store(**store)["Name"] == "outside"
    data = welkin.client("cloudtrail-data", **welkin.user(account))
    refused("AccessDeniedException", data.put_audit_events, channelArn=channel, auditEvents=[{"id": "a", "eventData": "{}"}])
