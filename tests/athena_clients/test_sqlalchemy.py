"""PyAthena's dialect of SQLAlchemy: tables made, filled, asked and read back from the catalog."""

import datetime
from decimal import Decimal
from urllib.parse import quote_plus

import pytest
import sqlalchemy
from sqlalchemy import Column, MetaData, Table, case, cast, func, inspect, select, text, types
from sqlalchemy.exc import DatabaseError, NoSuchTableError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


@pytest.fixture
def engine(environment, welkin, account, database, staging):
    """An engine, by its address alone."""
    url = (
        f"awsathena+rest://{account}:any@athena.us-east-1.amazonaws.com:443/db"
        f"?s3_staging_dir={quote_plus(staging)}&poll_interval=0.02"
    )
    engine = sqlalchemy.create_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine):
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def fruit(engine, bucket):
    """A table that the dialect makes."""
    table = Table(
        "fruit",
        MetaData(schema="db"),
        Column("id", types.Integer, comment="the number"),
        Column("name", types.String),
        Column("price", types.DECIMAL(9, 2)),
        Column("weight", types.Float),
        Column("ripe", types.Boolean),
        Column("day", types.Date),
        Column("at", types.TIMESTAMP),
        comment="all of it",
        awsathena_location=f"s3://{bucket}/fruit/",
        awsathena_row_format="DELIMITED FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\\\\\'",
        awsathena_file_format="TEXTFILE",
    )
    table.create(engine)
    return table


ROWS = [
    {
        "id": n,
        "name": name,
        "price": Decimal(price),
        "weight": n / 2,
        "ripe": n % 2 == 0,
        "day": datetime.date(2024, 1, n),
        "at": datetime.datetime(2024, 1, n, 12, 30, 0, 250000),
    }
    for n, (name, price) in enumerate([("apple", "2.50"), ("pear's", "3.00"), ("f\tig", "0.75")], start=1)
]


def test_a_table_is_made_filled_and_asked(fruit, connection, glue):
    made = glue.get_table(DatabaseName="db", Name="fruit")["Table"]
    columns = {column["Name"]: column["Type"] for column in made["StorageDescriptor"]["Columns"]}
    assert columns["price"] == "decimal(9,2)" and columns["at"] == "timestamp" and made["Parameters"]["comment"] == "all of it"
    connection.execute(fruit.insert(), ROWS)
    rows = connection.execute(select(fruit).order_by(fruit.c.id)).mappings().all()
    assert [dict(row) for row in rows] == ROWS
    c = fruit.c
    assert connection.execute(select(func.count(), func.sum(c.price)).where(c.name.like("%a%"))).one() == (2, Decimal("5.50"))
    assert connection.scalars(select(c.id).where(c.name.in_(["apple", "pear's"])).order_by(c.id.desc())).all() == [2, 1]
    assert connection.scalars(select(c.id).where(c.day >= datetime.date(2024, 1, 2)).order_by(c.id).limit(1)).all() == [2]
    assert connection.scalars(select(c.id).order_by(c.id).offset(1).limit(1)).all() == [2]
    assert connection.scalar(select(c.name).where(c.at == datetime.datetime(2024, 1, 2, 12, 30, 0, 250000))) == "pear's"
    shown = select(case((c.ripe, "yes"), else_="no"), cast(c.id, types.String)).order_by(c.id)
    assert connection.execute(shown).all() == [("no", "1"), ("yes", "2"), ("no", "3")]
    other = fruit.alias()
    pairs = select(c.id, other.c.id).join(other, other.c.id > c.id).order_by(c.id, other.c.id)
    assert connection.execute(pairs).all() == [(1, 2), (1, 3), (2, 3)]
    newest = select(c.id, func.row_number().over(order_by=c.day.desc()).label("n")).subquery()
    assert connection.scalars(select(newest.c.id).where(newest.c.n == 1)).all() == [3]
    assert connection.execute(text("SELECT :a + 1, :b"), {"a": 1, "b": "it's"}).one() == (2, "it's")


def test_rows_are_inserted_from_a_query(fruit, connection):
    connection = connection.execution_options(preserve_rowcount=True)
    assert connection.execute(fruit.insert().values(**ROWS[0])).rowcount == 1
    more = select(fruit.c.id + 10, fruit.c.name)
    assert connection.execute(fruit.insert().from_select(["id", "name"], more)).rowcount == 1
    assert connection.execute(select(fruit.c.id, fruit.c.price).order_by(fruit.c.id)).all() == [
        (1, Decimal("2.50")),
        (11, None),
    ]


def test_the_catalog_is_reflected(orders, kinds, connection, engine):
    connection.execute(text("CREATE VIEW cheap AS SELECT id, fruit FROM orders WHERE price < 2"))
    found = inspect(engine)
    assert found.get_schema_names() == ["db"]
    assert sorted(found.get_table_names()) == ["kinds", "orders"]
    assert found.get_table_names(schema="db") == found.get_table_names()
    assert found.get_view_names() == ["cheap"]
    columns = {column["name"]: column for column in found.get_columns("orders")}
    assert list(columns) == ["id", "fruit", "price", "dt"]
    assert isinstance(columns["id"]["type"], types.INTEGER) and columns["id"]["comment"] == "the number"
    assert (columns["price"]["type"].precision, columns["price"]["type"].scale) == (9, 2)
    assert columns["dt"]["dialect_options"]["awsathena_partition"] is True
    assert [column["name"] for column in found.get_columns("cheap")] == ["id", "fruit"]
    of_kinds = {column["name"]: str(column["type"]) for column in found.get_columns("kinds")}
    assert of_kinds["a_bigint"] == "BIGINT" and of_kinds["a_char"] == "CHAR(3)" and of_kinds["a_date"] == "DATE"
    assert found.has_table("orders") and not found.has_table("none")
    with pytest.raises(NoSuchTableError):
        found.get_columns("none")
    assert found.get_view_definition("cheap") == "CREATE VIEW db.cheap AS \nSELECT id, fruit FROM orders WHERE price < 2"
    assert found.get_table_options("orders")["awsathena_location"].endswith("/orders/")
    with pytest.raises(NoSuchTableError):
        found.get_view_definition("none")


def test_a_reflected_table_is_asked_and_made_again(orders, connection, engine):
    table = Table("orders", MetaData(), autoload_with=engine)
    rows = connection.execute(select(table.c.id, table.c.dt).where(table.c.fruit == "apple").order_by(table.c.id)).all()
    assert rows == [(1, "2024-01-01"), (3, "2024-01-02")]
    table.drop(engine)
    assert not inspect(engine).has_table("orders")
    table.create(engine)
    connection.execute(text("MSCK REPAIR TABLE orders"))
    assert connection.execute(select(func.count()).select_from(table)).scalar() == 4


class Base(DeclarativeBase):
    pass


def test_objects_are_mapped(engine, bucket):
    class Animal(Base):
        __tablename__ = "animals"
        __table_args__ = {"awsathena_location": f"s3://{bucket}/animals/", "awsathena_file_format": "TEXTFILE"}
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str | None]

    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Animal(id=1, name="ant"), Animal(id=2, name=None)])
        session.commit()
        found = session.scalars(select(Animal).order_by(Animal.id)).all()
        assert [(animal.id, animal.name) for animal in found] == [(1, "ant"), (2, None)]
    Base.metadata.drop_all(engine)
    assert inspect(engine).get_table_names() == []


def test_errors_are_athenas(connection):
    with pytest.raises(OperationalError, match="TABLE_NOT_FOUND"):
        connection.execute(text("SELECT * FROM none"))
    with pytest.raises(DatabaseError, match="mismatched input"):
        connection.execute(text("SELEKT 1"))
