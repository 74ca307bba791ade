//! Partition projection: enum, integer, date, injected, and where partitions are.

use crate::lake::{LAZY, Lake, by, table, with};

fn projected(keys: &[(&str, &str)], properties: &[(&str, &str)]) -> Lake {
    let of = with(by(table(LAZY, &[("a", "string")]), keys), &[("projection.enabled", "TRUE")]);
    Lake::default().table("t", with(of, properties))
}

#[tokio::test]
async fn members_of_an_enumeration_are_partitions() {
    let lake = projected(
        &[("region", "string")],
        &[("projection.region.type", " Enum "), ("projection.region.values", "us-east-1,eu-west-1,a b")],
    )
    .file("t/region=us-east-1/f", "one\n")
    .file("t/region=a b/f", "two\n")
    .file("t/region=other/f", "not projected\n");
    assert_eq!(lake.rows("SELECT * FROM t ORDER BY 1").await, ["one|us-east-1", "two|a b"]);
    assert_eq!(lake.listed(), ["t/region=a b/", "t/region=eu-west-1/", "t/region=us-east-1/"]);
    assert_eq!(lake.rows("SELECT a FROM t WHERE region LIKE 'us%'").await, ["one"]);
    assert_eq!(lake.listed(), ["t/region=us-east-1/"]);
    assert_eq!(lake.rows("SELECT a FROM t WHERE region = 'other'").await, [""; 0]);
    assert_eq!(lake.listed(), [""; 0]);
}

#[tokio::test]
async fn integers_have_ranges_intervals_and_digits() {
    let properties = [
        ("projection.n.type", "integer"),
        ("projection.n.range", "-2, 9"),
        ("projection.n.interval", "3"),
        ("projection.n.digits", "2"),
    ];
    let lake = projected(&[("n", "int")], &properties).file("t/n=01/f", "one\n").file("t/n=07/f", "seven\n");
    assert_eq!(lake.rows("SELECT * FROM t ORDER BY n").await, ["one|1", "seven|7"]);
    assert_eq!(lake.listed(), ["t/n=-02/", "t/n=01/", "t/n=04/", "t/n=07/"]);
    assert_eq!(lake.rows("SELECT * FROM t WHERE n > 4 AND n < 100").await, ["seven|7"]);
    assert_eq!(lake.listed(), ["t/n=07/"]);
    // A range that is wide is not gone through when the query wants one of it.
    let wide = [("projection.n.type", "integer"), ("projection.n.range", "0,9223372036854775807")];
    let lake = projected(&[("n", "bigint")], &wide).file("t/n=9223372036854775807/f", "last\n");
    assert_eq!(lake.rows("SELECT a FROM t WHERE n = 9223372036854775807").await, ["last"]);
    assert!(lake.error("SELECT a FROM t").await.starts_with("HIVE_EXCEEDED_PARTITION_LIMIT: "));
    let texts = projected(&[("n", "string")], &properties).file("t/n=01/f", "one\n");
    assert_eq!(texts.rows("SELECT * FROM t WHERE n = '01'").await, ["one|01"]);
}

#[tokio::test]
async fn dates_go_by_their_interval_until_now() {
    let lake = projected(
        &[("day", "string")],
        &[
            ("projection.day.type", "date"),
            ("projection.day.range", "NOW-3DAYS,NOW"),
            ("projection.day.format", "yyyy-MM-dd"),
        ],
    );
    assert_eq!(lake.rows("SELECT count(*) FROM t").await, ["0"]);
    assert_eq!(lake.listed(), ["t/day=2021-06-12/", "t/day=2021-06-13/", "t/day=2021-06-14/", "t/day=2021-06-15/"]);

    let lake = projected(
        &[("month", "string")],
        &[
            ("projection.month.type", "date"),
            ("projection.month.range", "2017-01,2017-12"),
            ("projection.month.format", "yyyy-MM"),
            ("projection.month.interval", "4"),
        ],
    );
    assert_eq!(lake.rows("SELECT count(*) FROM t").await, ["0"]);
    assert_eq!(lake.listed(), ["t/month=2017-01/", "t/month=2017-05/", "t/month=2017-09/"]);

    let lake = projected(
        &[("hour", "string")],
        &[
            ("projection.hour.type", "date"),
            ("projection.hour.range", "2021/06/15/10, NOW + 1 HOURS "),
            ("projection.hour.format", "yyyy/MM/dd/HH"),
            ("projection.hour.interval", "1"),
            ("projection.hour.interval.unit", "hours"),
            ("storage.location.template", "s3://lake/logs/${hour}/"),
        ],
    )
    .file("logs/2021/06/15/13/f", "at one\n");
    assert_eq!(lake.rows("SELECT * FROM t").await, ["at one|2021/06/15/13"]);
    assert_eq!(
        lake.listed(),
        ["logs/2021/06/15/10/", "logs/2021/06/15/11/", "logs/2021/06/15/12/", "logs/2021/06/15/13/"]
    );
}

#[tokio::test]
async fn dates_are_values_of_their_columns_types() {
    let properties = [
        ("projection.day.type", "date"),
        ("projection.day.range", "20210601,20210630"),
        ("projection.day.format", "yyyyMMdd"),
    ];
    let lake = projected(&[("day", "date")], &properties).file("t/day=20210602/f", "one\n");
    assert_eq!(lake.rows("SELECT * FROM t WHERE day < DATE '2021-06-04'").await, ["one|2021-06-02"]);
    assert_eq!(lake.listed(), ["t/day=20210601/", "t/day=20210602/", "t/day=20210603/"]);
    assert_eq!(lake.rows("SELECT count(*) FROM t WHERE month(day) = 7").await, ["0"]);
    assert_eq!(lake.listed(), [""; 0]);
    let lake = projected(&[("day", "int")], &properties).file("t/day=20210602/f", "one\n");
    assert_eq!(lake.rows("SELECT * FROM t WHERE day % 10 = 2").await, ["one|20210602"]);
}

/// <https://docs.aws.amazon.com/athena/latest/ug/partition-projection-dynamic-id-partitioning.html>
#[tokio::test]
async fn injected_values_come_from_the_query() {
    let lake = projected(
        &[("device_id", "string")],
        &[("projection.device_id.type", "injected"), ("storage.location.template", "s3://lake/prefix/${device_id}")],
    )
    .file("prefix/b6319dc2-48c1-4cd5/f", "one\n")
    .file("prefix/other/f", "two\n");
    let sql = "SELECT a FROM t WHERE device_id IN ('b6319dc2-48c1-4cd5', 'none')";
    assert_eq!(lake.rows(sql).await, ["one"]);
    assert_eq!(lake.listed(), ["prefix/b6319dc2-48c1-4cd5/", "prefix/none/"]);
    assert_eq!(lake.rows("SELECT * FROM t WHERE device_id = 'oth' || 'er'").await, ["two|other"]);
    for sql in ["SELECT * FROM t", "SELECT * FROM t WHERE device_id > 'a'", "SELECT * FROM t WHERE a = 'one'"] {
        assert_eq!(
            lake.error(sql).await,
            "CONSTRAINT_VIOLATION: For the injected projected partition column device_id, the WHERE clause must contain \
             only static equality conditions, and at least one such condition must be present."
        );
    }
}

#[tokio::test]
async fn several_columns_make_every_combination() {
    let lake = projected(
        &[("region", "string"), ("n", "int")],
        &[
            ("projection.region.type", "enum"),
            ("projection.region.values", "us,eu"),
            ("projection.n.type", "integer"),
            ("projection.n.range", "1,2"),
            ("storage.location.template", "s3://lake/x/${n}/${region}/${n}"),
        ],
    )
    .file("x/2/eu/2/f", "one\n");
    assert_eq!(lake.rows("SELECT * FROM t").await, ["one|eu|2"]);
    assert_eq!(lake.listed(), ["x/1/eu/1/", "x/1/us/1/", "x/2/eu/2/", "x/2/us/2/"]);
    assert_eq!(lake.rows("SELECT * FROM t WHERE region || cast(n AS varchar) = 'eu2'").await, ["one|eu|2"]);
    assert_eq!(lake.listed(), ["x/2/eu/2/"]);
}

#[tokio::test]
async fn properties_that_make_no_sense_are_told() {
    let of = |properties: &[(&str, &str)]| projected(&[("n", "int")], properties);
    assert_eq!(
        of(&[]).error("SELECT * FROM t").await,
        "INVALID_TABLE_PROPERTY: Table default.t is configured for partition projection, but the following partition \
         columns are missing projection configuration: [n]"
    );
    for (properties, named) in [
        (&[("projection.n.type", "list")][..], "projection.n.type"),
        (&[("projection.n.type", "enum")], "projection.n.values"),
        (&[("projection.n.type", "integer")], "projection.n.range"),
        (&[("projection.n.type", "integer"), ("projection.n.range", "1-5")], "projection.n.range"),
        (&[("projection.n.type", "integer"), ("projection.n.range", "5,1")], "projection.n.range"),
        (
            &[("projection.n.type", "integer"), ("projection.n.range", "1,5"), ("projection.n.interval", "0")],
            "projection.n.interval",
        ),
        (&[("projection.n.type", "date"), ("projection.n.range", "2020,2021")], "projection.n.format"),
        (
            &[
                ("projection.n.type", "date"),
                ("projection.n.range", "2020-01-01,tomorrow"),
                ("projection.n.format", "yyyy-MM-dd"),
            ],
            "projection.n.range",
        ),
        (
            &[
                ("projection.n.type", "date"),
                ("projection.n.range", "2020010100,NOW"),
                ("projection.n.format", "yyyyMMddHH"),
            ],
            "projection.n.interval.unit",
        ),
        (
            &[
                ("projection.n.type", "integer"),
                ("projection.n.range", "1,5"),
                ("storage.location.template", "s3://lake/x/"),
            ],
            "storage.location.template",
        ),
    ] {
        let error = of(properties).error("SELECT * FROM t").await;
        assert!(error.starts_with(&format!("INVALID_TABLE_PROPERTY: Invalid table property {named}: ")), "{error}");
    }
}
