"""Ten questions about security that people ask most, as calls. See README.md."""

import time

import cross_account
import guardrails
import keys
import second_factor
import source_address
import vpc

QUESTIONS = [
    (1, "a policy for one VPC", vpc.one_vpc),
    (2, "a session with a second factor", second_factor.mfa_session),
    (3, "access to some instances only", vpc.some_instances),
    (4, "validation of certificates by e-mail", "ACM belongs to a later issue; nothing is shown here"),
    (5, "a policy for source addresses, and switching roles", source_address.source_ip),
    (6, "access across accounts", cross_account.two_policies),
    (7, "service control policies and IAM policies", guardrails.scp_and_iam),
    (8, "keys that accounts share", keys.shared_key),
    (9, "weekly notifications of Trusted Advisor", "Trusted Advisor belongs to a later issue; nothing is shown here"),
    (10, "encryption context", keys.encryption_context),
]


def main():
    started = time.monotonic()
    shown = 0
    for number, question, show in QUESTIONS:
        print(f"{number:>2}. {question}", flush=True)
        if isinstance(show, str):
            print(f"     {show}")
            continue
        show()
        shown += 1
    assert shown == 8
    print(f"\n{shown} of {len(QUESTIONS)} shown in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
