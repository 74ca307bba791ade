"""User-defined functions."""

from listing import pages


def names(functions):
    return [function["FunctionName"] for function in functions]


def test_a_function_is_created_shown_changed_and_deleted(glue, database, account, refused):
    definition = {
        "FunctionName": "addOne",
        "ClassName": "org.example.AddOne",
        "OwnerName": "ann",
        "OwnerType": "USER",
        "FunctionType": "REGULAR_FUNCTION",
        "ResourceUris": [{"ResourceType": "JAR", "Uri": "s3://b/f.jar"}],
    }
    glue.create_user_defined_function(DatabaseName="DB", FunctionInput=definition)
    where = {"DatabaseName": "db", "FunctionName": "addOne"}
    shown = glue.get_user_defined_function(**where)["UserDefinedFunction"]
    assert {key: shown[key] for key in definition} == definition
    assert (shown["DatabaseName"], shown["CatalogId"]) == ("db", account) and shown["CreateTime"]
    with refused("AlreadyExistsException"):
        glue.create_user_defined_function(DatabaseName="db", FunctionInput=definition)
    glue.update_user_defined_function(**where, FunctionInput={"FunctionName": "addOne", "ClassName": "Other"})
    assert glue.get_user_defined_function(**where)["UserDefinedFunction"]["ClassName"] == "Other"
    with refused("InvalidInputException"):
        glue.update_user_defined_function(**where, FunctionInput={"FunctionName": "renamed"})
    glue.delete_user_defined_function(**where)
    for call in (glue.get_user_defined_function, glue.delete_user_defined_function):
        with refused("EntityNotFoundException"):
            call(**where)
    with refused("EntityNotFoundException"):
        glue.update_user_defined_function(**where, FunctionInput={})
    with refused("InvalidInputException"):
        glue.create_user_defined_function(DatabaseName="db", FunctionInput={})
    with refused("EntityNotFoundException", message="Database none not found."):
        glue.create_user_defined_function(DatabaseName="none", FunctionInput=definition)


def test_functions_are_listed_in_pages_by_pattern_and_across_databases(glue, database):
    glue.create_database(DatabaseInput={"Name": "other"})
    for name, kind in (("a1", "REGULAR_FUNCTION"), ("a2", "AGGREGATE_FUNCTION"), ("b1", "REGULAR_FUNCTION")):
        glue.create_user_defined_function(DatabaseName="db", FunctionInput={"FunctionName": name, "FunctionType": kind})
    glue.create_user_defined_function(DatabaseName="other", FunctionInput={"FunctionName": "a1"})

    def listed(**options):
        return names(glue.get_user_defined_functions(**options)["UserDefinedFunctions"])

    assert listed(DatabaseName="db", Pattern="*") == ["a1", "a2", "b1"]
    assert listed(DatabaseName="db", Pattern="a.*") == ["a1", "a2"]
    assert listed(DatabaseName="db", Pattern="*", FunctionType="REGULAR_FUNCTION") == ["a1", "b1"]
    assert listed(Pattern="a1") == ["a1", "a1"]
    found = pages(glue.get_user_defined_functions, "UserDefinedFunctions", Pattern=".*", MaxResults=3)
    assert [names(page) for page in found] == [["a1", "a2", "b1"], ["a1"]]


def test_a_database_has_a_hundred_functions_at_most(glue, database, refused):
    for number in range(100):
        glue.create_user_defined_function(DatabaseName="db", FunctionInput={"FunctionName": f"f{number}"})
    with refused("ResourceNumberLimitExceededException"):
        glue.create_user_defined_function(DatabaseName="db", FunctionInput={"FunctionName": "one-more"})
