"""KMS under load: keys, aliases, ciphertexts."""

import random

from botocore.exceptions import ClientError
from ledger import Ledger, Lost


class Keys:
    """Keys, aliases and ciphertexts of one thread."""

    def __init__(self, client) -> None:
        self.client = client
        self.keys = [client.create_key()["KeyMetadata"]["KeyId"]]
        self.aliases = [f"alias/crash-{number}" for number in range(20)]
        self.ledger = Ledger("alias")
        self.ciphertexts: list[tuple[bytes, bytes, str]] = []
        self.fresh = 0
        self.count = 0

    def step(self, chance: random.Random) -> None:
        what = chance.random()
        if what < 0.04 and len(self.keys) < 200:
            self.keys.append(self.client.create_key()["KeyMetadata"]["KeyId"])
            self.ledger.acknowledged += 1
        elif what < 0.4:
            self.alias(chance)
        else:
            self.encrypt(chance)

    def alias(self, chance: random.Random) -> None:
        name, key = chance.choice(self.aliases), chance.choice(self.keys)
        if name not in self.ledger.present():
            self.ledger.begin(name, key)
            self.client.create_alias(AliasName=name, TargetKeyId=key)
            self.ledger.acknowledge(name, key)
        elif chance.random() < 0.5:
            self.ledger.begin(name, key)
            self.client.update_alias(AliasName=name, TargetKeyId=key)
            self.ledger.acknowledge(name, key)
        else:
            self.ledger.begin(name, None)
            self.client.delete_alias(AliasName=name)
            self.ledger.acknowledge(name, None)

    def encrypt(self, chance: random.Random) -> None:
        self.count += 1
        plain, key = f"secret {self.count}".encode(), chance.choice(self.keys)
        answer = self.client.encrypt(KeyId=key, Plaintext=plain, EncryptionContext={"n": str(self.count)})
        self.ciphertexts.append((plain, answer["CiphertextBlob"], str(self.count)))
        self.fresh += 1
        self.ledger.acknowledged += 1

    def check(self) -> None:
        listed = {
            alias["AliasName"]: alias["TargetKeyId"]
            for page in self.client.get_paginator("list_aliases").paginate()
            for alias in page["Aliases"]
            if alias["AliasName"].startswith("alias/crash-")
        }
        for name in sorted(set(listed) | set(self.ledger.names())):
            self.ledger.found(name, listed.get(name))
        known = {key["KeyId"] for page in self.client.get_paginator("list_keys").paginate() for key in page["Keys"]}
        if missing := set(self.keys) - known:
            raise Lost(f"keys {missing} are gone")
        old = self.ciphertexts[: len(self.ciphertexts) - self.fresh]
        fresh = self.ciphertexts[len(old) :]
        for plain, sealed, number in random.sample(fresh, min(40, len(fresh))) + random.sample(old, min(20, len(old))):
            try:
                opened = self.client.decrypt(CiphertextBlob=sealed, EncryptionContext={"n": number})["Plaintext"]
            except ClientError as error:
                raise Lost(f"ciphertext {number} cannot be decrypted: {error}") from error
            if opened != plain:
                raise Lost(f"ciphertext {number} gave {opened!r} for {plain!r}")
        self.fresh = 0
