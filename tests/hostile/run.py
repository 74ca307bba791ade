"""Hostile input gets a clear error and harms nothing.

Tables of malformed, deep, long, cut-off and misleading requests of every protocol, each with the answer that AWS gives;
then thousands of requests made of valid ones by small changes. After all of it the same process still answers, it has
logged no panic, and its memory is what it was.
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "crash"))

import cbor_cases
import chunked_cases
import http_cases
import json_cases
import query_cases
import routing_cases
import xml_cases
from blast import blast
from client import Client
from server import Server

# Resident memory may grow by so much, in MB, under thousands of hostile requests.
MOST_GROWTH = 24
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def alive(client: Client) -> None:
    answer = client.call("sts", headers=FORM, body=b"Action=GetCallerIdentity&Version=2011-06-15")
    assert answer.status == 200 and b":user/hostile</Arn>" in answer.body, f"the server answers no more: {answer}"


def tables(client: Client) -> list[str]:
    """Sends every case; gives what was wrong."""
    upload = xml_cases.prepare(client)
    all_cases = [
        *json_cases.cases(),
        *query_cases.cases(),
        *xml_cases.cases(upload),
        *cbor_cases.cases(),
        *chunked_cases.cases(),
        *http_cases.cases(),
        *routing_cases.cases(),
    ]
    problems = []
    for case in all_cases:
        try:
            problem = case.problem(client)
        except AssertionError as error:
            problem = f"{case.name}: {error}"
        if problem:
            problems.append(problem)
            print(f"  {problem}", file=sys.stderr)
        alive(client)
    print(f"{len(all_cases) - len(problems)} of {len(all_cases)} hostile requests got the error that they should")
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=4000, help="requests made by change")
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="welkin-hostile-") as folder:
        server = Server(Path(folder) / "data")
        server.folder.mkdir()
        server.start()
        try:
            client = Client(server.port)
            client.become_user()
            problems = tables(client)
            # What is kept per connection, per thread and per service is there now.
            blast(client, options.count // 4, f"{options.seed} before")
            tables(client)
            before = resident_mb(server.process.pid)
            statuses = blast(client, options.count, options.seed)
            print(f"{sum(statuses.values())} requests made by change: statuses {dict(sorted(statuses.items()))}")
            alive(client)
            after = resident_mb(server.process.pid)
            print(f"resident memory {before:.1f} MB before them, {after:.1f} MB after")
            if after - before > MOST_GROWTH:
                problems.append(f"memory grew by {after - before:.1f} MB, more than {MOST_GROWTH}")
        except AssertionError as error:
            problems = [str(error)]
        finally:
            server.kill()
        log = server.log.read_text(errors="replace")
        if "panicked" in log:
            problems.append("the log tells of a panic: " + log[max(0, log.index("panicked") - 500) :][:2000])
    for problem in problems:
        print(f"FAILED {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
