"""What SimulatePrincipalPolicy says is what the call then does: a thousand generated pairs."""

import collections
import concurrent.futures
import json
import xml.etree.ElementTree as ET

import pytest
from test_running import Load
from world import SCP, World

SEED, PAIRS, THREADS = 4_711, 1_000, 6

TYPES = {"aws:SourceIp": "ip", "aws:SecureTransport": "boolean", "aws:CurrentTime": "date",
         "aws:MultiFactorAuthPresent": "boolean", "aws:TokenIssueTime": "date"}


@pytest.fixture(scope="module")
def world(welkin):
    """RCPs are not simulated, so there are none."""
    return World(welkin, SEED, accounts=10, busy=8, kinds=(SCP,), services=("s3", "sqs", "kms", "sts"))


def can_be_simulated(case):
    """Users, and roles without session policies; a role's calls only where no resource policy bears on them."""
    caller = case["caller"]
    if caller["kind"] == "role":
        return case["session"] is None and case["owner"] == caller["account"] and case["resource_policy"] is None
    return caller["kind"] == "user"


def simulate(world, case):
    """What the simulator says: the decision, and whether the organization allows."""
    context = {}
    for n, (key, values) in enumerate(case["context"].items(), 1):
        name = f"ContextEntries.member.{n}"
        kind = TYPES.get(key, "stringList" if len(values) > 1 else "string")
        context |= {f"{name}.ContextKeyName": key, f"{name}.ContextKeyType": kind}
        context |= {f"{name}.ContextKeyValues.member.{m}": value for m, value in enumerate(values, 1)}
    if case["resource_policy"]:
        context["ResourcePolicy"] = json.dumps(case["resource_policy"])
    answer = world.root(case["caller"]["account"]).query(
        "iam", "SimulatePrincipalPolicy", PolicySourceArn=case["caller"]["arn"],
        ResourceOwner=f"arn:aws:iam::{case['owner']}:root",
        **{"ActionNames.member.1": case["action"], "ResourceArns.member.1": case["resource"]}, **context,
    )
    assert answer.status == 200, answer.text
    tree = ET.fromstring(answer.text)
    for element in tree.iter():
        element.tag = element.tag.rpartition("}")[2]
    [result] = tree.findall(".//EvaluationResults/member")
    [resource] = result.findall("ResourceSpecificResults/member")
    assert resource.findtext("EvalResourceDecision") == result.findtext("EvalDecision")
    return result.findtext("EvalDecision"), result.findtext("OrganizationsDecisionDetail/AllowedByOrganizations")


def test_the_call_does_what_the_simulator_said(world):
    load, pairs = Load(world, SEED), []
    while len(pairs) < PAIRS:
        caller, action, arn, keys, call = load.call()
        case = load.case(caller, action, arn, keys)
        if can_be_simulated(case):
            pairs.append((case, call))

    def both(pair):
        case, call = pair
        return simulate(world, case), call()

    outcomes = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(THREADS) as threads:
        for (case, _), ((decision, organization), answer) in zip(pairs, threads.map(both, pairs)):
            told = f"simulated {decision}, but {answer.status} {answer.text}\n{json.dumps(case, indent=1)}"
            assert (decision == "allowed") == answer.allowed, told
            assert not (answer.allowed and organization == "false"), told
            if not answer.allowed and "explicit deny" in answer.text:
                assert decision == "explicitDeny", told
            outcomes[case["caller"]["kind"], decision] += 1
    print(outcomes)
    for decision in ("allowed", "explicitDeny", "implicitDeny"):
        assert outcomes["user", decision] > PAIRS // 15 and outcomes["role", decision], outcomes
