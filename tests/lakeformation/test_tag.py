"""LF-tags: what they are, what they are on, and what is granted by them."""

import pytest
from conftest import DATABASE, columns, table


@pytest.fixture
def tagged(closed):
    """Tags `team` and `level`."""
    closed.lf.create_lf_tag(TagKey="Team", TagValues=["Sales", "HR"])
    closed.lf.create_lf_tag(TagKey="level", TagValues=["public", "secret"])
    return closed


def pair(key, value):
    return {"TagKey": key, "TagValues": [value]}


def policy(kind, *pairs):
    return {"LFTagPolicy": {"ResourceType": kind, "Expression": list(pairs)}}


def shown(pairs):
    return {one["TagKey"]: one["TagValues"] for one in pairs}


def test_tags_are_kept_in_lower_case_changed_and_deleted(tagged, refused):
    lf = tagged.lf
    assert lf.get_lf_tag(TagKey="TEAM")["TagValues"] == ["hr", "sales"]
    assert shown(lf.list_lf_tags()["LFTags"]) == {"level": ["public", "secret"], "team": ["hr", "sales"]}
    with refused("InvalidInputException", message="already exists"):
        lf.create_lf_tag(TagKey="team", TagValues=["x"])
    lf.update_lf_tag(TagKey="team", TagValuesToAdd=["it"], TagValuesToDelete=["hr"])
    assert lf.get_lf_tag(TagKey="team")["TagValues"] == ["it", "sales"]
    with refused("EntityNotFoundException"):
        lf.update_lf_tag(TagKey="team", TagValuesToDelete=["hr"])
    lf.delete_lf_tag(TagKey="team")
    for call in (lf.get_lf_tag, lf.delete_lf_tag, lf.update_lf_tag):
        with refused("EntityNotFoundException"):
            call(TagKey="team")


def test_tags_are_listed_in_pages(tagged):
    first = tagged.lf.list_lf_tags(MaxResults=1)
    second = tagged.lf.list_lf_tags(MaxResults=1, NextToken=first["NextToken"])
    assert [one["TagKey"] for one in first["LFTags"] + second["LFTags"]] == ["level", "team"]
    assert "NextToken" not in second


def test_only_who_may_creates_and_sees_tags(tagged, refused):
    ann = tagged.person("ann")
    lf = ann.client("lakeformation")
    with refused("AccessDeniedException"):
        lf.create_lf_tag(TagKey="mine", TagValues=["x"])
    with refused("AccessDeniedException"):
        lf.get_lf_tag(TagKey="team")
    assert lf.list_lf_tags()["LFTags"] == []
    tagged.lf.grant_permissions(Principal=ann.principal, Resource={"LFTag": {"TagKey": "team", "TagValues": ["hr"]}}, Permissions=["DESCRIBE"])
    assert lf.get_lf_tag(TagKey="team")["TagValues"] == ["hr"]
    tagged.lf.grant_permissions(Principal=ann.principal, Resource={"Catalog": {}}, Permissions=["CREATE_LF_TAG"])
    lf.create_lf_tag(TagKey="mine", TagValues=["x"])
    lf.delete_lf_tag(TagKey="mine")


def test_tags_are_inherited_and_overridden(tagged):
    lf = tagged.lf
    assert lf.add_lf_tags_to_resource(Resource=DATABASE, LFTags=[pair("team", "sales"), pair("level", "public")])["Failures"] == []
    lf.add_lf_tags_to_resource(Resource=columns("price"), LFTags=[pair("level", "secret")])
    found = lf.get_resource_lf_tags(Resource=table())
    assert shown(found["LFTagOnDatabase"]) == shown(found["LFTagsOnTable"]) == {"team": ["sales"], "level": ["public"]}
    by_column = {one["Name"]: shown(one["LFTags"]) for one in found["LFTagsOnColumns"]}
    assert by_column["price"]["level"] == ["secret"] and by_column["id"]["level"] == ["public"]
    assigned = lf.get_resource_lf_tags(Resource=table(), ShowAssignedLFTags=True)
    assert assigned["LFTagsOnTable"] == [] and [one["Name"] for one in assigned["LFTagsOnColumns"]] == ["price"]
    assert lf.remove_lf_tags_from_resource(Resource=columns("price"), LFTags=[pair("level", "secret")])["Failures"] == []
    failures = lf.remove_lf_tags_from_resource(Resource=columns("price"), LFTags=[pair("level", "secret")])["Failures"]
    assert failures[0]["Error"]["ErrorCode"] == "EntityNotFoundException"


def test_what_cannot_be_assigned_is_told(tagged, refused):
    failures = tagged.lf.add_lf_tags_to_resource(
        Resource=DATABASE, LFTags=[pair("team", "sales"), pair("team", "none"), pair("none", "x"), {"TagKey": "level", "TagValues": ["public", "secret"]}]
    )["Failures"]
    assert [failure["Error"]["ErrorCode"] for failure in failures] == ["EntityNotFoundException"] * 2 + ["InvalidInputException"]
    with refused("EntityNotFoundException"):
        tagged.lf.add_lf_tags_to_resource(Resource=table("none"), LFTags=[pair("team", "sales")])
    with refused("InvalidInputException", message="Update not allowed"):
        tagged.lf.update_lf_tag(TagKey="team", TagValuesToDelete=["sales"])
    ann = tagged.person("ann")
    tagged.grant(ann, DATABASE, "DESCRIBE")
    failures = ann.client("lakeformation").add_lf_tags_to_resource(Resource=DATABASE, LFTags=[pair("level", "public")])["Failures"]
    assert failures[0]["Error"]["ErrorCode"] == "AccessDeniedException"


def test_a_grant_by_tags_reaches_what_has_them(tagged):
    ann = tagged.reader("ann")
    tagged.grant(ann, policy("TABLE", pair("team", "sales"), pair("level", "public")), "SELECT", "DESCRIBE")
    assert "Insufficient" in ann.fails("SELECT * FROM shop.orders")
    tagged.lf.add_lf_tags_to_resource(Resource=DATABASE, LFTags=[pair("team", "sales")])
    tagged.lf.add_lf_tags_to_resource(Resource=table(), LFTags=[pair("level", "public")])
    assert len(ann.rows("SELECT * FROM shop.orders")) == 5
    # A column that has another value is not read.
    tagged.lf.add_lf_tags_to_resource(Resource=columns("price"), LFTags=[pair("level", "secret")])
    assert ann.rows("SELECT * FROM shop.orders LIMIT 1")[0] == ("id", "fruit", "country")
    # If only a column has the right one, it alone is.
    tagged.lf.add_lf_tags_to_resource(Resource=table(), LFTags=[pair("level", "secret")])
    tagged.lf.add_lf_tags_to_resource(Resource=columns("id"), LFTags=[pair("level", "public")])
    assert ann.rows("SELECT * FROM shop.orders LIMIT 1")[0] == ("id",)
    tagged.lf.delete_lf_tag(TagKey="team")
    assert "Insufficient" in ann.fails("SELECT * FROM shop.orders")


def test_a_grant_on_databases_by_tags(tagged):
    ann = tagged.person("ann")
    tagged.grant(ann, policy("DATABASE", pair("team", "*")), "CREATE_TABLE", "DESCRIBE")
    glue = ann.client("glue")
    assert glue.get_databases()["DatabaseList"] == []
    tagged.lf.add_lf_tags_to_resource(Resource=DATABASE, LFTags=[pair("team", "hr")])
    assert [database["Name"] for database in glue.get_databases()["DatabaseList"]] == ["shop"]
    glue.create_table(DatabaseName="shop", TableInput={"Name": "mine"})


def test_databases_and_tables_are_found_by_tags(tagged):
    lf = tagged.lf
    lf.add_lf_tags_to_resource(Resource=DATABASE, LFTags=[pair("team", "sales")])
    lf.add_lf_tags_to_resource(Resource=columns("price"), LFTags=[pair("level", "secret")])
    found = lf.search_databases_by_lf_tags(Expression=[pair("team", "sales")])["DatabaseList"]
    assert [one["Database"]["Name"] for one in found] == ["shop"] and shown(found[0]["LFTags"]) == {"team": ["sales"]}
    assert lf.search_databases_by_lf_tags(Expression=[pair("team", "hr")])["DatabaseList"] == []
    found = lf.search_tables_by_lf_tags(Expression=[pair("level", "secret")])["TableList"]
    assert [one["Table"]["Name"] for one in found] == ["orders"]
    ann = tagged.person("ann").client("lakeformation")
    assert ann.search_tables_by_lf_tags(Expression=[pair("level", "secret")])["TableList"] == []


def test_expressions_have_names(tagged, refused):
    lf = tagged.lf
    lf.create_lf_tag_expression(Name="public-sales", Description="d", Expression=[pair("team", "sales"), pair("level", "public")])
    found = lf.get_lf_tag_expression(Name="public-sales")
    assert shown(found["Expression"]) == {"team": ["sales"], "level": ["public"]} and found["Description"] == "d"
    with refused("InvalidInputException"):
        lf.create_lf_tag_expression(Name="public-sales", Expression=[pair("team", "sales")])
    with refused("EntityNotFoundException"):
        lf.create_lf_tag_expression(Name="x", Expression=[pair("none", "sales")])
    ann = tagged.reader("ann")
    by_name = {"LFTagPolicy": {"ResourceType": "TABLE", "ExpressionName": "public-sales"}}
    tagged.grant(ann, by_name, "SELECT")
    lf.add_lf_tags_to_resource(Resource=table(), LFTags=[pair("team", "sales")])
    assert "Insufficient" in ann.fails("SELECT * FROM shop.orders")
    lf.update_lf_tag_expression(Name="public-sales", Expression=[pair("team", "sales")])
    assert len(ann.rows("SELECT * FROM shop.orders")) == 5
    with refused("InvalidInputException"):
        lf.delete_lf_tag_expression(Name="public-sales")
    tagged.revoke(ann, by_name, "SELECT")
    lf.delete_lf_tag_expression(Name="public-sales")
    assert lf.list_lf_tag_expressions()["LFTagExpressions"] == []
    with refused("EntityNotFoundException"):
        lf.get_lf_tag_expression(Name="public-sales")
