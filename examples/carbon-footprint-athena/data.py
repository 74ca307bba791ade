"""The two data sets: gas bills and emission factors, as CSV files with header lines."""

import csv
import itertools
import pathlib

MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]  # fmt: skip

BILL = (
    "fuel_id", "month", "year", "usage_therms", "usage_scf", "g-nr1_schedule_charge",
    "accountfee", "gas_ppps", "netcharge", "taxpercentage", "totalcharge",
)  # fmt: skip

NATURAL_GAS, PROPANE, WOOD = 1, 2, 7

# kg CO2e for a standard cubic foot of natural gas: CO2, and CH4 and N2O by their global warming potentials.
# Source: the EPA's emission factors and the IPCC's fourth report, as the article has them.
FACTOR_TERMS = "0.05444 + 25 * 0.00000103 + 298 * 0.0000001"
FACTOR = "0.05449555"

# Wood has no factor. The third line is no number, as files of people have it.
FACTORS = [(NATURAL_GAS, "natural gas", FACTOR), (PROPANE, "propane", "0.1548"), (3, "coke oven gas", "n/a")]


def bill(fuel, month, year, scf):
    """A bill: a therm is about 96.7 standard cubic feet."""
    therms = round(scf / 96.7, 2)
    charge, fee, programs = round(therms * 1.65, 2), 5.0, round(therms * 0.05, 2)
    net = round(charge + fee + programs, 2)
    return (fuel, month, year, therms, scf, charge, fee, programs, net, 7.5, round(net * 1.075, 2))


def bills():
    """Twelve bills for each of two years, the first for 100 scf; and one in a third year for a fuel without a factor."""
    usages = itertools.chain([100], itertools.count(120, 35))
    monthly = [
        bill(NATURAL_GAS if year == 2020 or n % 2 else PROPANE, month, year, next(usages))
        for year in (2020, 2021)
        for n, month in enumerate(MONTHS)
    ]
    return [*monthly, bill(WOOD, "January", 2022, 900)]


def write(path, header, rows):
    with pathlib.Path(path).open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return path
