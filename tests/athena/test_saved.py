"""Named queries, prepared statements, data catalogs, capacity reservations."""


def test_named_queries(athena, refused):
    token = "t" * 32
    saved = {"Name": "all", "Database": "shop", "QueryString": "SELECT 1", "ClientRequestToken": token}
    query = athena.create_named_query(**saved)["NamedQueryId"]
    assert athena.create_named_query(**saved)["NamedQueryId"] == query
    with refused("InvalidRequestException", message="Idempotent parameters do not match"):
        athena.create_named_query(**{**saved, "QueryString": "SELECT 2"})
    athena.update_named_query(NamedQueryId=query, Name="every", QueryString="SELECT 3", Description="d")
    found = athena.get_named_query(NamedQueryId=query)["NamedQuery"]
    assert (found["Name"], found["QueryString"], found["Description"]) == ("every", "SELECT 3", "d")
    assert (found["WorkGroup"], found["Database"]) == ("primary", "shop")
    others = [athena.create_named_query(Name=n, Database="d", QueryString="SELECT 1")["NamedQueryId"] for n in "ab"]
    first = athena.list_named_queries(MaxResults=2)
    rest = athena.list_named_queries(MaxResults=2, NextToken=first["NextToken"])
    assert sorted(first["NamedQueryIds"] + rest["NamedQueryIds"]) == sorted([query, *others])
    batch = athena.batch_get_named_query(NamedQueryIds=[query, "none"])
    assert [it["NamedQueryId"] for it in batch["NamedQueries"]] == [query]
    assert [it["NamedQueryId"] for it in batch["UnprocessedNamedQueryIds"]] == ["none"]
    athena.delete_named_query(NamedQueryId=query)
    with refused("InvalidRequestException"):
        athena.get_named_query(NamedQueryId=query)


def test_prepared_statements_by_the_api(athena, sql, refused):
    own = {"StatementName": "pick", "WorkGroup": "primary"}
    athena.create_prepared_statement(**own, QueryStatement="SELECT ? AS a, ? AS b")
    with refused("InvalidRequestException"):
        athena.create_prepared_statement(**own, QueryStatement="SELECT 1")
    assert sql.rows("EXECUTE pick USING 'x?', 2 + 1") == [("x?", "3")]
    assert sql.rows("EXECUTE pick", ExecutionParameters=["'y'", "4"]) == [("y", "4")]
    with refused("InvalidRequestException", message="Incorrect number of parameters: expected 2 but found 1"):
        sql.start("EXECUTE pick USING 1")
    athena.update_prepared_statement(**own, QueryStatement="SELECT 5 AS five")
    assert sql.rows("EXECUTE pick") == [("5",)]
    assert [it["StatementName"] for it in athena.list_prepared_statements(WorkGroup="primary")["PreparedStatements"]] == [
        "pick"
    ]
    batch = athena.batch_get_prepared_statement(WorkGroup="primary", PreparedStatementNames=["pick", "none"])
    assert [it["StatementName"] for it in batch["PreparedStatements"]] == ["pick"]
    assert [it["StatementName"] for it in batch["UnprocessedPreparedStatementNames"]] == ["none"]
    athena.delete_prepared_statement(**own)
    with refused("ResourceNotFoundException"):
        athena.get_prepared_statement(**own)


def test_prepared_statements_by_sql(athena, sql, refused):
    sql.run("PREPARE one FROM SELECT ? + 1 AS n")
    found = athena.get_prepared_statement(StatementName="one", WorkGroup="primary")["PreparedStatement"]
    assert found["QueryStatement"] == "SELECT ? + 1 AS n"
    assert sql.rows("EXECUTE one USING 41") == [("42",)]
    sql.run("DEALLOCATE PREPARE one")
    with refused("ResourceNotFoundException"):
        athena.get_prepared_statement(StatementName="one", WorkGroup="primary")


def test_parameters_of_a_query(sql):
    assert sql.rows("SELECT ? AS a WHERE ? > 1", ExecutionParameters=["'x'", "2"]) == [("x",)]


def test_data_catalogs(athena, sql, account, refused):
    own = athena.get_data_catalog(Name="AwsDataCatalog")["DataCatalog"]
    assert (own["Type"], own["Parameters"]["catalog-id"]) == ("GLUE", account)
    athena.create_data_catalog(Name="again", Type="GLUE", Parameters={"catalog-id": account})
    function = f"arn:aws:lambda:us-east-1:{account}:function:f"
    athena.create_data_catalog(Name="fed", Type="LAMBDA", Parameters={"function": function})
    with refused("InvalidRequestException"):
        athena.create_data_catalog(Name="bad", Type="GLUE")
    names = [it["CatalogName"] for it in athena.list_data_catalogs()["DataCatalogsSummary"]]
    assert names == ["AwsDataCatalog", "again", "fed"]
    sql.run("CREATE DATABASE there")
    assert [it["Name"] for it in athena.list_databases(CatalogName="again")["DatabaseList"]] == ["there"]
    reason = sql.fails("SELECT * FROM fed.a.b")
    assert reason.startswith("NOT_SUPPORTED: ") and "fed" in reason
    with refused("NotImplemented", 501):
        athena.list_databases(CatalogName="fed")
    athena.update_data_catalog(Name="fed", Type="GLUE", Parameters={"catalog-id": account})
    assert athena.get_data_catalog(Name="fed")["DataCatalog"]["Type"] == "GLUE"
    athena.delete_data_catalog(Name="fed")
    with refused("InvalidRequestException"):
        athena.get_data_catalog(Name="fed")


def test_capacity_reservations(athena, refused):
    athena.create_capacity_reservation(Name="r", TargetDpus=24)
    athena.update_capacity_reservation(Name="r", TargetDpus=28)
    found = athena.get_capacity_reservation(Name="r")["CapacityReservation"]
    assert (found["Status"], found["TargetDpus"], found["AllocatedDpus"]) == ("ACTIVE", 28, 28)
    with refused("InvalidRequestException"):
        athena.delete_capacity_reservation(Name="r")
    athena.cancel_capacity_reservation(Name="r")
    assert [it["Status"] for it in athena.list_capacity_reservations()["CapacityReservations"]] == ["CANCELLED"]
    athena.delete_capacity_reservation(Name="r")
    assert athena.list_capacity_reservations()["CapacityReservations"] == []


def test_notebooks_are_refused_by_name(athena, refused):
    with refused("NotImplemented", 501):
        athena.create_notebook(WorkGroup="primary", Name="n")
