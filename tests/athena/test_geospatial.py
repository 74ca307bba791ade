"""Shapes in results, and the example of AWS's documentation: earthquakes by county.

https://docs.aws.amazon.com/athena/latest/ug/geospatial-example-queries.html
"""

import json


def test_results_show_shapes_as_text(sql, athena):
    execution = sql.run(
        "SELECT ST_Point(1, 2.5) AS g, to_spherical_geography(ST_Point(3, 4)) AS s, bing_tile(1, 2, 3) AS t, ST_AsBinary(ST_Point(0, 0)) AS b"
    )
    answer = athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["ResultSet"]
    shown = [datum["VarCharValue"] for datum in answer["Rows"][1]["Data"]]
    assert shown[:3] == ["POINT (1 2.5)", "POINT (3 4)", '{"x":1,"y":2,"zoom":3}']
    assert shown[3].startswith("01 01 00 00 00")
    types = [column["Type"] for column in answer["ResultSetMetadata"]["ColumnInfo"]]
    assert types == ["geometry", "sphericalgeography", "bingtile", "varbinary"]


def test_points_are_counted_by_areas(sql, s3, bucket):
    squares = {"West": "POLYGON ((0 0, 5 0, 5 9, 0 9, 0 0))", "East": "POLYGON ((5 0, 9 0, 9 9, 5 9, 5 0))"}
    counties = "".join(json.dumps({"name": name, "shape": shape}) + "\n" for name, shape in squares.items())
    s3.put_object(Bucket=bucket, Key="counties/a.json", Body=counties.encode())
    s3.put_object(Bucket=bucket, Key="quakes/a.csv", Body=b"1,1,4.5\n2,3,5.1\n7,7,2.0\n20,20,9.0\n")
    sql.run("CREATE DATABASE geo")
    sql.run(
        f"""CREATE EXTERNAL TABLE geo.counties (name string, shape string)
        ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://{bucket}/counties/'"""
    )
    sql.run(
        f"""CREATE EXTERNAL TABLE geo.quakes (longitude double, latitude double, magnitude double)
        ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://{bucket}/quakes/'"""
    )
    rows = sql.rows(
        """SELECT counties.name, count(*) AS cnt, max(magnitude) FROM geo.counties CROSS JOIN geo.quakes
        WHERE ST_CONTAINS(ST_GeometryFromText(counties.shape), ST_POINT(quakes.longitude, quakes.latitude))
        GROUP BY counties.name ORDER BY cnt DESC"""
    )
    assert rows == [("West", "2", "5.1"), ("East", "1", "2.0")]


def test_shapes_are_no_columns_of_tables(sql):
    sql.run("CREATE DATABASE IF NOT EXISTS geo")
    failed = sql.fails("CREATE TABLE geo.x WITH (format = 'PARQUET') AS SELECT ST_Point(1, 2) AS g")
    assert failed.startswith("NOT_SUPPORTED: Unsupported Hive type: Geometry")


def test_what_is_too_large_to_compute_with_is_refused(sql):
    huge = "ST_GeometryFromText('LINESTRING (1 1e300, -1e300 0, 1e17 1e17)')"
    assert sql.fails(f"SELECT ST_ConvexHull({huge})").startswith("INVALID_FUNCTION_ARGUMENT")
