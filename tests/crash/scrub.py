"""After a crash: what is stored is whole, all of it is there, and nothing is left over."""

import json
import subprocess
import urllib.request

from ledger import Lost
from server import Server, binary


def scrub(server: Server) -> dict:
    """Sweeps, then scrubs by the operator's command. Raises Lost if that finds anything."""
    request = urllib.request.Request(f"{server.endpoint}/_welkin/sweep", b"", method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        swept = json.load(answer)
    command = [binary(), "scrub", "--endpoint", server.endpoint, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if not done.stdout:
        raise AssertionError(f"scrub: {done.stderr}")
    found = json.loads(done.stdout)
    wrong = {name: found[name] for name in ("lost", "damaged", "illegible", "orphaned") if found[name] != []}
    if wrong or done.returncode != 0:
        raise Lost(f"scrub found {wrong or done.stderr}")
    return found | {"swept": swept["blobs"]}
