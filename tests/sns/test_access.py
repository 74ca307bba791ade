"""Who may use a topic: identity policies, topic policies, other accounts."""

import pytest


@pytest.mark.parametrize(
    "action, call",
    [
        ("sns:CreateTopic", lambda sns, arn: sns.create_topic(Name="made-by-user")),
        ("sns:ListTopics", lambda sns, arn: sns.list_topics()),
        ("sns:GetTopicAttributes", lambda sns, arn: sns.get_topic_attributes(TopicArn=arn)),
        ("sns:SetTopicAttributes", lambda sns, arn: sns.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="x")),
        ("sns:AddPermission", lambda sns, arn: sns.add_permission(TopicArn=arn, Label="l", AWSAccountId=["111122223333"], ActionName=["Publish"])),
        ("sns:RemovePermission", lambda sns, arn: sns.remove_permission(TopicArn=arn, Label="l")),
        ("sns:TagResource", lambda sns, arn: sns.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}])),
        ("sns:UntagResource", lambda sns, arn: sns.untag_resource(ResourceArn=arn, TagKeys=["a"])),
        ("sns:ListTagsForResource", lambda sns, arn: sns.list_tags_for_resource(ResourceArn=arn)),
        ("sns:DeleteTopic", lambda sns, arn: sns.delete_topic(TopicArn=arn)),
    ],
)
def test_each_operation_needs_its_action(user, topic, refused, action, call):
    with refused("AuthorizationError", 403, message=f"is not authorized to perform: {action}"):
        call(user("sns:Nothing"), topic)
    call(user(action), topic)


def test_a_topic_made_with_tags_needs_the_right_to_tag(user, refused):
    options = {"Name": "tagged", "Tags": [{"Key": "team", "Value": "red"}]}
    with refused("AuthorizationError", 403, message="sns:TagResource"):
        user("sns:CreateTopic").create_topic(**options)
    condition = {"StringEquals": {"aws:RequestTag/team": "red"}}
    made = user("sns:CreateTopic", "sns:TagResource", Condition=condition).create_topic(**options)
    assert made["TopicArn"].endswith(":tagged")


def test_tags_of_topics_are_conditions(sns, user, new_topic, refused):
    tagged, other = new_topic(), new_topic()
    sns.tag_resource(ResourceArn=tagged, Tags=[{"Key": "team", "Value": "red"}])
    red = user("sns:GetTopicAttributes", Condition={"StringEquals": {"aws:ResourceTag/team": "red"}})
    assert red.get_topic_attributes(TopicArn=tagged)["Attributes"]["TopicArn"] == tagged
    with refused("AuthorizationError", 403):
        red.get_topic_attributes(TopicArn=other)


def test_other_accounts_need_the_policy_of_the_topic(topic, share, welkin, refused):
    friend, stranger = welkin.account(), welkin.account()
    with refused("AuthorizationError", 403):
        welkin.client("sns", friend).get_topic_attributes(TopicArn=topic)
    share(topic, {"AWS": friend}, "SNS:GetTopicAttributes")
    found = welkin.client("sns", friend).get_topic_attributes(TopicArn=topic)["Attributes"]
    assert found["TopicArn"] == topic
    with refused("AuthorizationError", 403):
        welkin.client("sns", friend).delete_topic(TopicArn=topic)
    with refused("AuthorizationError", 403):
        welkin.client("sns", stranger).get_topic_attributes(TopicArn=topic)
    with refused("AuthorizationError", 403):
        welkin.client("sns", stranger).get_topic_attributes(TopicArn=topic + "x")


def test_a_denial_in_the_policy_of_the_topic_counts_and_its_root_mends_it(sns, topic, share, refused, user):
    share(topic, "*", "SNS:GetTopicAttributes", "SNS:SetTopicAttributes", Effect="Deny")
    with refused("AuthorizationError", 403, message="explicit deny"):
        user("sns:*").get_topic_attributes(TopicArn=topic)
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue="")
    assert user("sns:*").get_topic_attributes(TopicArn=topic)["Attributes"]["TopicArn"] == topic
