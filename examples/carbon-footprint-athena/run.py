"""An estimate of Scope 1 carbon emissions from gas bills, by Athena. See README.md."""

import pathlib
import struct
import tempfile
import uuid

from client import Athena, Aws
from data import BILL, FACTOR, FACTOR_TERMS, FACTORS, MONTHS, bills, write
from statements import BILLS_OF_2020, FOOTPRINT, GAS_EMISSION_FACTOR, GAS_UTILIZATION

# Of this prefix, and of no other that begins with it, the table's files are.
FOLDER = "Scope 1 Sample Data"


def real(number):
    """The nearest number of 32 bits."""
    return struct.unpack("f", struct.pack("f", number))[0]


def shown(number):
    """A number of 32 bits, with the fewest digits that tell it from its neighbours."""
    number = real(number)
    return next(text for digits in range(1, 10) if real(float(text := f"{number:.{digits}g}")) == number)


def upload(aws, bucket, folder):
    """Both data sets, and a file beside them that is none of theirs."""
    write(folder / "gasutilization.csv", BILL, bills())
    write(folder / "gas_emission_factor.csv", ("fuel_id", "gas_name", "emission_factor"), FACTORS)
    write(folder / "other.csv", BILL, [(1, "June", 2020, *range(8))])
    for name, prefix in (
        ("gasutilization", "gasutilization"),
        ("gas_emission_factor", "gas_emission_factor"),
        ("other", "gasutilization2"),
    ):
        aws("s3", "cp", str(folder / f"{name}.csv"), f"s3://{bucket}/{FOLDER}/{prefix}/{name}.csv")
    listed = aws("s3", "ls", f"s3://{bucket}/{FOLDER}/")
    assert listed.split() == ["PRE", "gas_emission_factor/", "PRE", "gasutilization/", "PRE", "gasutilization2/"]


def tables(aws, athena, bucket):
    """1: both statements succeed, and the catalog has the columns as they were declared."""
    for statement, name, columns in (
        (GAS_UTILIZATION, "gasutilization", list(BILL)),
        (GAS_EMISSION_FACTOR, "gas_emission_factor", ["fuel_id", "gas_name", "emission_factor"]),
    ):
        made = athena.run(statement.format(bucket=bucket))
        assert made["StatementType"] == "DDL"
        table = aws.json("glue", "get-table", "--database-name", athena.database, "--name", name)["Table"]
        storage = table["StorageDescriptor"]
        assert [column["Name"] for column in storage["Columns"]] == columns
        assert storage["Location"] == f"s3://{bucket}/{FOLDER}/{name}"
        assert (table["Parameters"]["classification"], table["Parameters"]["skip.header.line.count"]) == ("csv", "1")
        print(f"{name}: {len(columns)} columns")
    assert "g-nr1_schedule_charge" in BILL and len(BILL) == 11


def bills_of_a_year(athena):
    """2: twelve bills, no header line, nothing of other years or of other folders."""
    types, rows = athena.ask(BILLS_OF_2020)
    assert list(types) == list(BILL)
    assert types == {name: "float" for name in BILL} | {"fuel_id": "integer", "month": "varchar", "year": "integer"}
    assert [row["month"] for row in rows] == MONTHS
    expected = [bill for bill in bills() if bill[2] == 2020]
    for row, bill in zip(rows, expected, strict=True):
        assert (row["fuel_id"], row["year"]) == (str(bill[0]), "2020")
        assert [real(float(row[name])) for name in BILL[3:]] == [real(number) for number in bill[3:]]
    print(f"bills of 2020: {len(rows)}")


def footprint(athena):
    """3 and 4: the product in 32 bits, the quoted alias as it was written, and only fuels that have a factor."""
    execution = athena.run(FOOTPRINT)
    text, rows = athena.file(execution)
    names = ["estimated_CO2e_impact", "month", "year", "totalcharge", "usage_therms", "usage_scf"]
    assert text.splitlines()[0] == ",".join(f'"{name}"' for name in names)
    factors = {fuel: factor for fuel, _, factor in FACTORS}
    with_factor = [bill for bill in bills() if bill[0] in factors]
    assert len(rows) == len(with_factor) == 24, "wood has no factor and is not there"
    assert {row["year"] for row in rows} == {"2020", "2021"}
    found = {(row["year"], row["month"]): row for row in rows}
    for bill in with_factor:
        product = real(real(bill[4]) * real(float(factors[bill[0]])))
        assert real(float(found[str(bill[2]), bill[1]]["estimated_CO2e_impact"])) == product
    first = found["2020", "January"]
    impact = first["estimated_CO2e_impact"]
    assert real(float(first["usage_scf"])) == 100
    assert impact == shown(real(100) * real(float(FACTOR))), impact
    assert abs(float(impact) - 5.449555) < 1e-6
    print(f"100 scf of natural gas: {impact} kg CO2e")
    types, same = athena.rows(execution)
    assert types["estimated_CO2e_impact"] == "float" and same == rows


def numbers(athena):
    """The article's sums, exact: literals with a point are decimals. And what is no number in a file is NULL."""
    sums = {
        FACTOR_TERMS: FACTOR,
        f"100 * {FACTOR}": "5.449555",
        "100000 * 1.556": "155600",
        "1000 * 8.81": "8810",
        "8.78 + 25 * .00038 + 298 * .00008": "8.81334",
    }
    items = [f'{terms} AS "{terms}", {terms} = {sum} AS "{n}"' for n, (terms, sum) in enumerate(sums.items())]
    types, [row] = athena.ask(f"SELECT {', '.join(items)}")
    for n, (terms, sum) in enumerate(sums.items()):
        assert (row[str(n)], types[terms]) == ("true", "decimal") and float(row[terms]) == float(sum), row
        print(f"{terms} = {row[terms]}")
    [row] = athena.ask("SELECT gas_name, emission_factor FROM gas_emission_factor WHERE fuel_id = 3")[1]
    assert row == {"gas_name": "coke oven gas", "emission_factor": None}


def view(athena):
    """The join as a view, by year: what a dashboard shows."""
    athena.run(f"CREATE VIEW footprint AS {FOOTPRINT.removesuffix(';')}")
    types, rows = athena.ask(
        'SELECT year, count(*) AS bills, sum("estimated_co2e_impact") AS kg FROM footprint GROUP BY year ORDER BY year'
    )
    assert types == {"year": "integer", "bills": "bigint", "kg": "float"}
    factors = {fuel: float(factor) for fuel, _, factor in FACTORS if factor != "n/a"}
    for row in rows:
        expected = sum(bill[4] * factors[bill[0]] for bill in bills() if str(bill[2]) == row["year"])
        assert row["bills"] == "12" and abs(float(row["kg"]) - expected) < 1e-3 * expected
        print(f"{row['year']}: {row['kg']} kg CO2e from {row['bills']} bills")
    assert [row["year"] for row in rows] == ["2020", "2021"]


def main():
    account = str(uuid.uuid4().int % 900_000_000_000 + 100_000_000_000)
    aws, bucket = Aws(account), f"sustainability-{account}"
    aws("s3", "mb", f"s3://{bucket}")
    athena = Athena(aws, "sustainability", f"s3://{bucket}/results/")
    with tempfile.TemporaryDirectory() as folder:
        upload(aws, bucket, pathlib.Path(folder))
    athena.run("CREATE DATABASE sustainability")
    tables(aws, athena, bucket)
    bills_of_a_year(athena)
    footprint(athena)
    numbers(athena)
    view(athena)


if __name__ == "__main__":
    main()
