"""The tool: looks into every enabled Region of every account, many at a time, and merges what it finds."""

import queue
import threading
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import ClientError

from company import ROLE

# Regions of one account at the same time.
AT_ONCE = 6


class Scan:
    """One run, by one session. `called` is which Region of which account was called."""

    def __init__(self, session):
        self.session = session
        self.regions = self._regions()
        self.called, self.warnings = set(), []

    def _regions(self):
        """The Regions that the caller's own account has enabled."""
        wanted = ["ENABLED", "ENABLED_BY_DEFAULT"]
        pages = self.session.client("account").get_paginator("list_regions").paginate(
            RegionOptStatusContains=wanted, PaginationConfig={"PageSize": 10}
        )
        return [region["RegionName"] for page in pages for region in page["Regions"]]

    def accounts(self):
        pages = self.session.client("organizations").get_paginator("list_accounts").paginate(
            PaginationConfig={"PageSize": 2}
        )
        return [account["Id"] for page in pages for account in page["Accounts"]]

    def run(self):
        """Every finding of every account, one thread for each account."""
        found = queue.Queue()
        threads = [threading.Thread(target=self._account, args=(account, found)) for account in self.accounts()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted((found.get() for _ in range(found.qsize())), key=lambda one: tuple(one.values()))

    def _account(self, account, found):
        try:
            taken = self.session.assume(f"arn:aws:iam::{account}:role/{ROLE}")
            with ThreadPoolExecutor(AT_ONCE) as pool:
                findings = list(pool.map(lambda region: self._region(taken, account, region), self.regions))
        except ClientError as error:
            self.warnings.append(f"WARNING: Unable to look into account:  {account} {error}")
            found.put({"Account": account})
            return
        for finding in (finding for region in findings for finding in region):
            found.put(finding)

    def _region(self, taken, account, region):
        self.called.add((account, region))
        findings = []
        for page in taken.client("sqs", region).get_paginator("list_queues").paginate():
            names = [url.rsplit("/", 1)[1] for url in page.get("QueueUrls", [])]
            findings += [{"Account": account, "Region": region, "Kind": "queue", "Name": name} for name in names]
        for page in taken.client("kms", region).get_paginator("list_aliases").paginate():
            names = [alias["AliasName"] for alias in page["Aliases"] if alias.get("TargetKeyId")]
            findings += [{"Account": account, "Region": region, "Kind": "alias", "Name": name} for name in names]
        return findings
