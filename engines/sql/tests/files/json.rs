//! JSON: OpenX's SerDe and Hive's.

use crate::lake::{HIVE_JSON, LAZY, Lake, OPENX, table, with};

const COLUMNS: [(&str, &str); 5] = [
    ("id", "int"),
    ("name", "string"),
    ("tags", "array<string>"),
    ("place", "struct<city:string,zip:int>"),
    ("more", "map<string,double>"),
];

#[tokio::test]
async fn objects_are_rows() {
    let content = "{\"ID\":1,\"Name\":\"a\\u00e9\",\"tags\":[\"x\",null],\"Place\":{\"City\":\"P\",\"zip\":\"12\"},\"more\":{\"k\":1.5}}\n\
                   {\"name\":{\"raw\": [1,2]},\"id\":null,\"unknown\":[1]}\n\
                   {\"id\":\"7\",\"name\":5,\"tags\":[],\"place\":{},\"more\":{}}\n";
    for serde in [OPENX, HIVE_JSON] {
        let lake = Lake::one(table(serde, &COLUMNS), content);
        assert_eq!(
            lake.rows(
                "SELECT id, name, cardinality(tags), tags[1], place.city, place.zip, more['k'] FROM t WHERE id = 1"
            )
            .await,
            ["1|aé|2|x|P|12|1.5"]
        );
        assert_eq!(
            lake.rows("SELECT id, name, tags, place, more FROM t WHERE id IS NULL").await,
            ["NULL|{\"raw\": [1,2]}|NULL|NULL|NULL"]
        );
        assert_eq!(
            lake.rows("SELECT name, cardinality(tags), place.city, cardinality(more) FROM t WHERE id = 7").await,
            ["5|0|NULL|0"]
        );
    }
}

#[tokio::test]
async fn a_row_that_is_no_json_fails_the_query() {
    let lake = Lake::one(table(OPENX, &COLUMNS), "{\"id\":1}\n{\"id\":\n");
    assert!(
        lake.error("SELECT * FROM t")
            .await
            .starts_with("HIVE_CURSOR_ERROR: Row is not a valid JSON Object - JSONException: ")
    );
    let lake = Lake::one(table(HIVE_JSON, &COLUMNS), "{\"id\":1\n}\n");
    assert!(lake.error("SELECT * FROM t").await.starts_with("HIVE_CURSOR_ERROR: JsonParseException: "));
    let lake = Lake::one(table(OPENX, &COLUMNS), "{\"id\":1,\"ID\":2}\n");
    assert_eq!(
        lake.error("SELECT id FROM t").await,
        "HIVE_CURSOR_ERROR: Row is not a valid JSON Object - JSONException: Duplicate key \"id\""
    );
    let lenient = with(table(OPENX, &COLUMNS), &[("ignore.malformed.json", "true")]);
    let lake = Lake::one(lenient, "{\"id\":1}\nnot json\n\n{\"id\":2}\n");
    assert_eq!(lake.rows("SELECT id FROM t").await, ["1", "NULL", "NULL", "2"]);
}

#[tokio::test]
async fn a_value_of_another_type_fails_the_query() {
    let lake = Lake::one(table(OPENX, &COLUMNS), "{\"id\":\"one\",\"name\":\"x\"}\n");
    assert_eq!(
        lake.error("SELECT * FROM t").await,
        "HIVE_BAD_DATA: Error parsing field value '\"one\"' for field 0: For input string: \"\"one\"\""
    );
    assert_eq!(lake.rows("SELECT name FROM t").await, ["x"]);
    let lake = Lake::one(table(HIVE_JSON, &COLUMNS), "{\"place\":5}\n");
    assert!(
        lake.error("SELECT * FROM t").await.starts_with("HIVE_BAD_DATA: Error parsing field value '5' for field 3")
    );
    let lenient = with(table(OPENX, &COLUMNS), &[("use.null.for.invalid.data", "true")]);
    assert_eq!(
        Lake::one(lenient, "{\"id\":\"one\",\"name\":\"x\"}\n").rows("SELECT id, name FROM t").await,
        ["NULL|x"]
    );
}

/// <https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html>
#[tokio::test]
async fn keys_can_have_other_names_than_columns() {
    let of = table(OPENX, &[("ts", "string"), ("a_b", "int"), ("userid", "string")]);
    let of = with(
        of,
        &[
            ("case.insensitive", "FALSE"),
            ("dots.in.keys", "true"),
            ("mapping.ts", "timestamp"),
            ("mapping.userid", "userId"),
        ],
    );
    let lake = Lake::one(of, "{\"timestamp\":\"now\",\"a.b\":5,\"userId\":\"u\",\"userid\":\"v\",\"TS\":\"x\"}\n");
    assert_eq!(lake.rows("SELECT * FROM t").await, ["now|5|u"]);
}

#[tokio::test]
async fn arrays_are_rows_to_openx_alone() {
    let columns = [("a", "int"), ("b", "string"), ("s", "struct<x:int,y:string>")];
    let lake = Lake::one(table(OPENX, &columns), "[1,\"x\",[2,\"y\"]]\n[3]\n");
    assert_eq!(lake.rows("SELECT a, b, s.x, s.y FROM t").await, ["1|x|2|y", "3|NULL|NULL|NULL"]);
    let lake = Lake::one(table(HIVE_JSON, &columns), "[1,\"x\"]\n");
    assert!(lake.error("SELECT * FROM t").await.starts_with("HIVE_CURSOR_ERROR: "));
}

#[tokio::test]
async fn times_and_numbers_are_read_in_their_forms() {
    let columns = [("ts", "timestamp"), ("d", "date"), ("n", "bigint"), ("p", "decimal(5,2)"), ("b", "boolean")];
    let lake = Lake::one(
        table(OPENX, &columns),
        "{\"ts\":\"2020-02-29T10:11:12.345Z\",\"d\":\"2020-02-29\",\"n\":12.9,\"p\":1.005,\"b\":true}\n\
         {\"ts\":\"2020-02-29 10:11:12\",\"n\":9007199254740993,\"p\":\"3\",\"b\":\"false\"}\n\
         {\"ts\":1582934400000}\n",
    );
    assert_eq!(
        lake.rows("SELECT * FROM t").await,
        [
            "2020-02-29 10:11:12.345|2020-02-29|12|1.01|true",
            "2020-02-29 10:11:12.000|NULL|9007199254740993|3.00|false",
            "2020-02-29 00:00:00.000|NULL|NULL|NULL|NULL"
        ]
    );
}

#[tokio::test]
async fn deep_objects_do_not_exhaust_the_stack() {
    let deep = format!("{{\"name\":{}1{}}}\n", "[".repeat(200_000), "]".repeat(200_000));
    let lake = Lake::one(table(OPENX, &COLUMNS), &deep);
    assert_eq!(lake.rows("SELECT length(name) FROM t").await, ["400001"]);
    let lake = Lake::one(table(LAZY, &[("a", "string")]), &deep);
    assert_eq!(lake.rows("SELECT count(*) FROM t").await, ["1"]);
}
