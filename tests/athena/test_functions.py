"""Every function that the documentation names is there, or refused by its name."""

import pathlib

import pytest

LISTED = pathlib.Path(__file__).with_name("trino_functions.txt").read_text().splitlines()
PAGES = dict(line.split(": ") for line in LISTED if not line.startswith("#"))

# Teradata's functions, which the engine does not know.
ABSENT = {"char2hexint", "index", "to_char", "to_date", "to_timestamp"}

# What the engine refuses by name.
REFUSED = {
    *("bar", "color", "render", "rgb"),
    *("from_iso8601_timestamp_nanos", "geometry_from_hadoop_shape", "reduce_agg"),
    *("spooky_hash_v2_32", "spooky_hash_v2_64", "word_stem"),
}

# What is known only in its own form.
FORMS = {"now": "now()", "typeof": "typeof(1)"}

# Six arguments that no function takes.
ODD = "ROW(1, 2), ROW(3), ROW(4), ROW(5), ROW(6), ROW(7)"


def judge(name, status):
    """What came of a call: a function of other parameters is not found either, but is told as one that there is."""
    reason = status.get("StateChangeReason", "")
    if status["State"] == "SUCCEEDED":
        return "there"
    if f"Function '{name}' not registered" in reason:
        return "absent"
    return "refused" if f"Function {name} is not supported" in reason else "there"


@pytest.mark.parametrize("page", PAGES)
def test_functions_of_the_documentation(sql, page):
    calls = {name: FORMS.get(name, f'"{name}"({ODD})') for name in PAGES[page].split()}
    started = {name: sql.start(f"SELECT {call}") for name, call in calls.items()}
    ended = {name: sql.wait(query)["Status"] for name, query in started.items()}
    came = {name: judge(name, status) for name, status in ended.items()}
    assert came == {
        name: "absent" if name in ABSENT else "refused" if name in REFUSED else "there" for name in calls
    }
    assert all(status["State"] == "SUCCEEDED" for name, status in ended.items() if name in FORMS)
