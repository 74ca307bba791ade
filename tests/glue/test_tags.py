"""Tags of databases and connections."""


def test_databases_and_connections_are_tagged(glue, arn, refused):
    glue.create_database(DatabaseInput={"Name": "db"}, Tags={"a": "1"})
    network = {"Name": "c", "ConnectionType": "NETWORK", "ConnectionProperties": {}}
    glue.create_connection(ConnectionInput=network, Tags={"a": "1"})
    for resource in (arn("database/db"), arn("connection/c")):
        glue.tag_resource(ResourceArn=resource, TagsToAdd={"b": "2", "a": "3"})
        assert glue.get_tags(ResourceArn=resource)["Tags"] == {"a": "3", "b": "2"}
        glue.untag_resource(ResourceArn=resource, TagsToRemove=["a", "none"])
        assert glue.get_tags(ResourceArn=resource)["Tags"] == {"b": "2"}
    glue.update_database(Name="db", DatabaseInput={"Name": "db"})
    assert glue.get_tags(ResourceArn=arn("database/db"))["Tags"] == {"b": "2"}, "an update leaves the tags"


def test_tags_have_their_rules(glue, database, arn, refused):
    with refused("InvalidInputException"):
        glue.tag_resource(ResourceArn=arn("database/db"), TagsToAdd={"aws:x": "1"})
    glue.tag_resource(ResourceArn=arn("database/db"), TagsToAdd={f"k{number}": "" for number in range(50)})
    with refused("InvalidInputException"):
        glue.tag_resource(ResourceArn=arn("database/db"), TagsToAdd={"one-more": ""})
    assert len(glue.get_tags(ResourceArn=arn("database/db"))["Tags"]) == 50
    for resource in (arn("database/none"), arn("connection/none"), arn("job/none"), arn("table/db/t")):
        with refused("EntityNotFoundException"):
            glue.get_tags(ResourceArn=resource)
        with refused("EntityNotFoundException"):
            glue.tag_resource(ResourceArn=resource, TagsToAdd={"a": "1"})


def test_tags_are_conditions(glue, user, arn, refused):
    glue.create_database(DatabaseInput={"Name": "red"}, Tags={"team": "red"})
    glue.create_database(DatabaseInput={"Name": "blue"})
    statement = {"StringEqualsIfExists": {"aws:ResourceTag/team": "red"}}
    reader = user("glue:GetDatabase", Condition=statement)
    assert reader.get_database(Name="red")["Database"]["Name"] == "red"
    glue.tag_resource(ResourceArn=arn("database/blue"), TagsToAdd={"team": "blue"})
    with refused("AccessDeniedException"):
        reader.get_database(Name="blue")


def test_a_database_made_with_tags_needs_the_right_to_tag(user, refused):
    options = {"DatabaseInput": {"Name": "tagged"}, "Tags": {"team": "red"}}
    with refused("AccessDeniedException", message="glue:TagResource"):
        user("glue:CreateDatabase").create_database(**options)
    condition = {"StringEquals": {"aws:RequestTag/team": "red"}}
    maker = user("glue:CreateDatabase", "glue:TagResource", Condition={"StringEqualsIfExists": condition["StringEquals"]})
    maker.create_database(**options)
