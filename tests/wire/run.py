"""Holds Welkin's codecs against botocore's, over all services: `python tests/wire/run.py --welkin PATH`.

PATH is the `welkin` binary (run as `welkin wire`) or the example `wire` of `welkin-wire`. Needs the
packages in requirements.txt; botocore's protocol suites are read from its sdist on PyPI.
"""

import argparse
import collections
import multiprocessing
import os
import pathlib
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import botocore

import cases
import exclusions
import models
import suites
from driver import Driver
from report import Report


def command(path):
    return [path] if pathlib.Path(path).stem == "wire" else [path, "wire"]


def run_service(job):
    name, path = job
    report = Report()
    global DRIVER
    if "DRIVER" not in globals():
        DRIVER = Driver(command(path))
    started = time.time()
    cases.Service(name, DRIVER, report).run()
    return name, time.time() - started, report


def patterns(driver, report):
    """All patterns of all services compile, but for those that are listed."""
    names = models.service_names()
    unknown, count = set(), 0
    for answer in driver.batch([{"do": "patterns", "service": name} for name in names]):
        count += answer["count"]
        unknown.update(answer["unknown"])
    report.compare(("all", "patterns", "model", "validate"), sorted(exclusions.PATTERNS), sorted(unknown))
    print("%d patterns, %d that do not compile" % (count, len(unknown)))


def size(name):
    folder = pathlib.Path(botocore.__file__).parent / "data" / name
    return sum(file.stat().st_size for file in folder.rglob("service-2.json*"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--welkin", required=True, help="the welkin binary, or the example `wire`")
    parser.add_argument("--services", nargs="*", help="only these services, without the protocol suites")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--cache", default="target/wire", help="where the sdist is kept")
    parser.add_argument("--show", type=int, default=40, help="failures to print")
    options = parser.parse_args()
    wanted = (pathlib.Path(__file__).parent / "requirements.txt").read_text().split("botocore==")[1].split()[0]
    if botocore.__version__ != wanted:
        sys.exit("botocore is %s, wanted %s" % (botocore.__version__, wanted))
    started = time.time()
    total = Report()
    if not options.services:
        suite_started = time.time()
        driver = Driver(command(options.welkin))
        counts = suites.run(driver, total, pathlib.Path(options.cache), wanted)
        print("protocol suites: %d input cases, %d output cases, %.1f s" % (*counts, time.time() - suite_started))
        patterns(driver, total)
        driver.close()
    names = options.services or sorted(models.service_names(), key=size, reverse=True)
    with multiprocessing.Pool(options.jobs) as pool:
        for name, seconds, report in pool.imap_unordered(run_service, [(name, options.welkin) for name in names]):
            total.add(report)
            if seconds > 8:
                print("%s: %.1f s" % (name, seconds))
    for (protocol, side), count in sorted(total.sides.items()):
        print("%-20s %-7s %7d cases" % (protocol, side, count))
    print("%d services, %d operations, %d error shapes, %d cases, %.0f s" % (
        len(names), len(total.operations), len(total.errors), total.cases, time.time() - started))
    for exclusion in total.exclusions:
        print("excluded: %s %s %s %s: %s" % exclusion)
    print("%d excluded" % len(total.exclusions))
    for where, problem in total.failures[: options.show]:
        print("FAILED %s\n    %s" % (" ".join(where), problem))
    if total.failures:
        by_service = collections.Counter((where[0], where[2], where[3]) for where, _ in total.failures)
        print("%d failures: %s" % (len(total.failures), by_service.most_common(25)))
        sys.exit(1)


if __name__ == "__main__":
    main()
