"""Classifiers: how they are kept, and what crawlers make of data by them."""

import pytest

from crawling import columns

GROK = {"Name": "g", "Classification": "mine", "GrokPattern": "%{WORD:w} %{INT:n:int}"}
KINDS = {
    "GrokClassifier": (GROK, {"CustomPatterns": "X [0-9]+"}),
    "XMLClassifier": ({"Name": "x", "Classification": "xml", "RowTag": "row"}, {"RowTag": "other"}),
    "JsonClassifier": ({"Name": "j", "JsonPath": "$[*]"}, {"JsonPath": "$.records[*]"}),
    "CsvClassifier": (
        {
            "Name": "c",
            "Delimiter": "|",
            "QuoteSymbol": "'",
            "ContainsHeader": "PRESENT",
            "Header": ["a", "b"],
            "DisableValueTrimming": True,
            "AllowSingleColumn": False,
            "CustomDatatypeConfigured": True,
            "CustomDatatypes": ["INT", "STRING"],
            "Serde": "OpenCSVSerDe",
        },
        {"Delimiter": ";"},
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_classifier_is_made_changed_shown_and_deleted(glue, refused, kind):
    given, change = KINDS[kind]
    glue.create_classifier(**{kind: given})
    shown = glue.get_classifier(Name=given["Name"])["Classifier"]
    assert shown.keys() == {kind}
    assert shown[kind].items() >= given.items() and shown[kind]["Version"] == 1
    glue.update_classifier(**{kind: {"Name": given["Name"], **change}})
    shown = glue.get_classifier(Name=given["Name"])["Classifier"][kind]
    assert shown.items() >= {**given, **change}.items() and shown["Version"] == 2
    assert shown["LastUpdated"] >= shown["CreationTime"]
    with refused("AlreadyExistsException"):
        glue.create_classifier(**{kind: given})
    glue.delete_classifier(Name=given["Name"])
    for call in (
        lambda: glue.get_classifier(Name=given["Name"]),
        lambda: glue.delete_classifier(Name=given["Name"]),
        lambda: glue.update_classifier(**{kind: {"Name": given["Name"], **change}}),
    ):
        with refused("EntityNotFoundException"):
            call()


def test_classifiers_are_listed_in_pages(glue):
    for n in range(5):
        glue.create_classifier(JsonClassifier={"Name": f"j{n}", "JsonPath": "$"})
    pages = list(glue.get_paginator("get_classifiers").paginate(PaginationConfig={"PageSize": 2}))
    names = [[it["JsonClassifier"]["Name"] for it in page["Classifiers"]] for page in pages]
    assert names == [["j0", "j1"], ["j2", "j3"], ["j4"]]


def test_what_is_no_classifier_is_refused(glue, refused):
    glue.create_classifier(GrokClassifier=GROK)
    for given in (
        {},
        {"GrokClassifier": GROK, "JsonClassifier": {"Name": "j", "JsonPath": "$"}},
        {"GrokClassifier": {**GROK, "Name": "n", "GrokPattern": "%{NOSUCH:x}"}},
        {"GrokClassifier": {**GROK, "Name": "n", "GrokPattern": "("}},
        {"JsonClassifier": {"Name": "n", "JsonPath": "records"}},
        {"CsvClassifier": {"Name": "n", "Delimiter": ",", "QuoteSymbol": ","}},
        {"CsvClassifier": {"Name": "n", "Header": ["a", "A"]}},
        {"CsvClassifier": {"Name": "n", "CustomDatatypes": ["NOSUCH"]}},
    ):
        with refused("InvalidInputException"):
            glue.create_classifier(**given)
    with refused("ValidationException"):
        glue.create_classifier(CsvClassifier={"Name": "n", "Delimiter": ",,"})
    with refused("InvalidInputException"):
        glue.update_classifier(JsonClassifier={"Name": "g", "JsonPath": "$"})


def test_a_grok_classifier_makes_columns_of_lines(lake):
    lake.glue.create_classifier(
        GrokClassifier={
            "Name": "mine",
            "Classification": "orders",
            "GrokPattern": r"\[%{STAMP:at}\] %{WORD:fruit} %{INT:count:int}",
            "CustomPatterns": r"STAMP \d{4}-\d{2}-\d{2}",
        }
    )
    files = {"data/a.log": "[2024-01-01] apple 3\n[2024-01-02] pear -4\n"}
    table = lake.crawl(files, Classifiers=["mine"])["data"]
    assert table["Parameters"]["classification"] == "orders"
    assert columns(table) == "at string, fruit string, count int"
    assert lake.select("SELECT fruit, count FROM db.data ORDER BY count") == [("pear", "-4"), ("apple", "3")]


def test_a_json_classifier_tells_what_the_records_are(lake):
    files = {"data/a.json": '[{"type": "constituency", "id": 1}, {"type": "x", "id": 2}]'}
    table = lake.crawl(files)["data"]
    assert columns(table) == "array array<struct<type:string,id:int>>"
    lake.glue.create_classifier(JsonClassifier={"Name": "j", "JsonPath": "$[*]"})
    lake.glue.update_crawler(Name="c", Classifiers=["j"])
    assert lake.run() == {"TABLE": {"UPDATE": 1}}
    table = lake.tables()["data"]
    assert columns(table) == "type string, id int"
    assert (table["Parameters"]["jsonPath"], table["Parameters"]["classification"]) == ("$[*]", "json")


def test_an_xml_classifier_tells_what_the_records_are(lake):
    lake.glue.create_classifier(XMLClassifier={"Name": "x", "Classification": "xml", "RowTag": "row"})
    files = {"data/a.xml": '<all><row id="1"><name>a</name><in><b>1.5</b></in></row><row id="2"><name>b</name></row></all>'}
    table = lake.crawl(files, Classifiers=["x"])["data"]
    assert table["Parameters"]["classification"] == "xml"
    assert columns(table) == "id int, name string, in struct<b:double>"


def test_a_csv_classifier_says_what_cannot_be_seen(lake):
    lake.glue.create_classifier(
        CsvClassifier={
            "Name": "s",
            "Delimiter": "^",
            "QuoteSymbol": "'",
            "ContainsHeader": "PRESENT",
            "Serde": "OpenCSVSerDe",
        }
    )
    table = lake.crawl({"data/a.txt": "fruit^note\napple^'red^green'\npear^none\n"}, Classifiers=["s"])["data"]
    assert columns(table) == "fruit string, note string"
    assert table["Parameters"]["skip.header.line.count"] == "1"
    rows = lake.select("SELECT fruit, note FROM db.data ORDER BY fruit")
    assert rows == [("apple", "red^green"), ("pear", "none")]


def test_the_first_classifier_that_is_certain_decides(lake):
    for name in ("a", "b"):
        pattern = "%{GREEDYDATA:all}" if name == "a" else "%{WORD:word}"
        grok = {"Name": name, "Classification": name, "GrokPattern": pattern}
        lake.glue.create_classifier(GrokClassifier=grok)
    table = lake.crawl({"data/x": "id,name\n1,apple\n"}, Classifiers=["b", "a"])["data"]
    assert table["Parameters"]["classification"] == "b"
    # One that is gone is passed over.
    lake.glue.delete_classifier(Name="b")
    lake.run()
    assert lake.tables()["data"]["Parameters"]["classification"] == "a"
