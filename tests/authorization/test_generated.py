"""The evaluator that guards the calls against the reference, on generated cases."""

import collections
import json
import subprocess

import census
import reference
from generator import MANAGEMENT, Generator

CASES, SEED = 10_000, 20_261_120


def line(case):
    """A case as `welkin policy` reads it. Control policies that bind nobody are left out, as the kernel does."""
    text = lambda policy: policy and json.dumps(policy)  # noqa: E731
    exempt = {"scps": case["caller"].get("account") == MANAGEMENT, "rcps": case["owner"] == MANAGEMENT}
    levels = {
        kind: [] if exempt[kind] else [[text(policy) for policy in level] for level in case[kind]] for kind in exempt
    }
    return json.dumps(levels | {
        "caller": case["caller"], "action": case["action"], "resource": case["resource"], "owner": case["owner"],
        "context": case["context"], "rule": case["rule"],
        "identity": [text(policy) for policy in case["identity"]],
        "session": case["session"] and [text(policy) for policy in case["session"]],
        "boundary": text(case["boundary"]), "resource_policy": text(case["resource_policy"]),
        "endpoint": text(case["endpoint"]),
    })


def decided(program, cases):
    """What Welkin decides, case by case."""
    lines = "\n".join(map(line, cases)) + "\n"
    done = subprocess.run([program, "policy"], input=lines, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(answer) for answer in done.stdout.splitlines()]
    assert len(answers) == len(cases)
    return answers


def test_no_case_is_decided_otherwise(program):
    generator = Generator(SEED)
    cases = [generator.case() for _ in range(CASES)]
    outcomes, disagreements = collections.Counter(), []
    for case, answer in zip(cases, decided(program, cases)):
        expected = reference.decide(case)
        outcomes[expected] += 1
        if "error" in answer:
            disagreements.append((case, answer, expected))
            continue
        same = answer["outcome"] == answer["explained"] == expected.outcome
        # What lacks an Allow is told, too.
        if same and expected.outcome == "implicitDeny":
            same = expected.because in answer["missing"]
        if not same:
            disagreements.append((case, answer, expected))
    counts = census.count(cases)
    report(outcomes, counts)
    if disagreements:
        case, answer, expected = min(disagreements, key=lambda found: len(json.dumps(found[0])))
        raise AssertionError(f"{len(disagreements)} disagreements, e.g. {expected}, but {answer}:\n{json.dumps(case, indent=1)}")
    absent = [name for name in census.wanted() if counts[name] < 5]
    assert not absent, f"the generator hardly makes {absent}"
    by_outcome = collections.Counter()
    for decision, number in outcomes.items():
        by_outcome[decision.outcome] += number
    assert min(by_outcome[name] for name in ("allowed", "explicitDeny", "implicitDeny")) > CASES // 8, by_outcome
    reasons = {"identity", "resource", "boundary", "session", "scp", "rcp", "endpoint"}
    for outcome in ("explicitDeny", "implicitDeny"):
        lacking = [reason for reason in reasons if outcomes[outcome, reason] < 10]
        assert not lacking, f"hardly any {outcome} because of {lacking}"


def report(outcomes, counts):
    print(f"\n{CASES} cases of seed {SEED}")
    for (outcome, because), number in sorted(outcomes.items()):
        print(f"  {number:6} {outcome} ({because})")
    for name, number in sorted(counts.items()):
        print(f"  {number:6} {name}")
