"""What all operations of KMS have in common, each tried with each: keys that are not there, that are elsewhere, that
cannot be used, or that are not the caller's; grant tokens and dry runs; pages.

The errors of an operation are those of its page in the API reference; what can be done in which state is the table of
<https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html#key-state-table>.
"""

import itertools
import uuid

import pytest
from botocore.exceptions import ClientError

from .importer import Importer
from .refusal import refused

OFF, STATE, CANNOT = "DisabledException", "KMSInvalidStateException", "UnsupportedOperationException"
KINDS = {
    "symmetric": {},
    "signing": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    "agreeing": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"},
    "lattice": {"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"},
    "mac": {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    "wide": {"MultiRegion": True},
    "external": {"Origin": "EXTERNAL"},
}
SIGNED = {"Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"}
MACCED = {"Message": b"x", "MacAlgorithm": "HMAC_SHA_256"}
PRINCIPAL = "arn:aws:iam::111122223333:role/r"
GRANT = "0" * 64


class Op:
    """An operation on a key: of which kind, the call, and what it answers of a disabled key and of one to be deleted."""

    def __init__(self, kind, call, disabled=None, deleted=None, alias=False, dry=False, tokens=False):
        self.kind, self.call, self.disabled, self.deleted = kind, call, disabled, deleted
        self.alias, self.dry, self.tokens = alias, dry, tokens


def use(kind, call):
    """An operation that uses a key: it takes aliases, grant tokens and dry runs."""
    return Op(kind, call, OFF, STATE, alias=True, dry=True, tokens=True)


_names = itertools.count()
OPERATIONS = {
    "CancelKeyDeletion": Op("symmetric", lambda k, w, key: k.cancel_key_deletion(KeyId=key), STATE),
    "CreateAlias": Op("symmetric", lambda k, w, key: k.create_alias(AliasName=f"alias/every-{next(_names)}", TargetKeyId=key), None, STATE),
    "CreateGrant": Op("symmetric", lambda k, w, key, **m: k.create_grant(KeyId=key, GranteePrincipal=PRINCIPAL, Operations=["Decrypt"], **m), OFF, STATE, dry=True, tokens=True),
    "Decapsulate": use("lattice", lambda k, w, key, **m: k.decapsulate(KeyId=key, EncapsulationAlgorithm="ML_KEM", SharedSecretCiphertextBlob=w.encapsulated(key), **m)),
    "Decrypt": use("symmetric", lambda k, w, key, **m: k.decrypt(KeyId=key, CiphertextBlob=w.blob(key), **m)),
    "DeleteImportedKeyMaterial": Op("external", lambda k, w, key: k.delete_imported_key_material(KeyId=key)),
    "DeriveSharedSecret": use("agreeing", lambda k, w, key, **m: k.derive_shared_secret(KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=w.peer, **m)),
    "DescribeKey": Op("symmetric", lambda k, w, key: k.describe_key(KeyId=key), alias=True),
    "DisableKey": Op("mac", lambda k, w, key: k.disable_key(KeyId=key), None, STATE),
    "DisableKeyRotation": Op("symmetric", lambda k, w, key: k.disable_key_rotation(KeyId=key), OFF, STATE),
    "EnableKey": Op("wide", lambda k, w, key: k.enable_key(KeyId=key), None, STATE),
    "EnableKeyRotation": Op("symmetric", lambda k, w, key: k.enable_key_rotation(KeyId=key), OFF, STATE),
    "Encapsulate": use("lattice", lambda k, w, key, **m: k.encapsulate(KeyId=key, EncapsulationAlgorithm="ML_KEM", **m)),
    "Encrypt": use("symmetric", lambda k, w, key, **m: k.encrypt(KeyId=key, Plaintext=b"x", **m)),
    "GenerateDataKey": use("symmetric", lambda k, w, key, **m: k.generate_data_key(KeyId=key, KeySpec="AES_256", **m)),
    "GenerateDataKeyPair": use("symmetric", lambda k, w, key, **m: k.generate_data_key_pair(KeyId=key, KeyPairSpec="ECC_NIST_P256", **m)),
    "GenerateDataKeyPairWithoutPlaintext": use("symmetric", lambda k, w, key, **m: k.generate_data_key_pair_without_plaintext(KeyId=key, KeyPairSpec="ECC_NIST_P256", **m)),
    "GenerateDataKeyWithoutPlaintext": use("symmetric", lambda k, w, key, **m: k.generate_data_key_without_plaintext(KeyId=key, KeySpec="AES_256", **m)),
    "GenerateMac": use("mac", lambda k, w, key, **m: k.generate_mac(KeyId=key, **MACCED, **m)),
    "GetKeyLastUsage": Op("symmetric", lambda k, w, key: k.get_key_last_usage(KeyId=key)),
    "GetKeyPolicy": Op("symmetric", lambda k, w, key: k.get_key_policy(KeyId=key)),
    "GetKeyRotationStatus": Op("symmetric", lambda k, w, key: k.get_key_rotation_status(KeyId=key)),
    "GetParametersForImport": Op("external", lambda k, w, key: k.get_parameters_for_import(KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"), None, STATE),
    "GetPublicKey": Op("signing", lambda k, w, key, **m: k.get_public_key(KeyId=key, **m), OFF, STATE, alias=True, tokens=True),
    "ImportKeyMaterial": Op("external", lambda k, w, key: k.import_key_material(**{**w.importing(key), "KeyId": key}), None, STATE),
    "ListAliases": Op("symmetric", lambda k, w, key: k.list_aliases(KeyId=key)),
    "ListGrants": Op("symmetric", lambda k, w, key: k.list_grants(KeyId=key)),
    "ListKeyPolicies": Op("symmetric", lambda k, w, key: k.list_key_policies(KeyId=key)),
    "ListKeyRotations": Op("symmetric", lambda k, w, key: k.list_key_rotations(KeyId=key)),
    "ListResourceTags": Op("symmetric", lambda k, w, key: k.list_resource_tags(KeyId=key)),
    "PutKeyPolicy": Op("symmetric", lambda k, w, key: k.put_key_policy(KeyId=key, Policy=w.policy)),
    "ReEncrypt": use("symmetric", lambda k, w, key, **m: k.re_encrypt(CiphertextBlob=w.known, DestinationKeyId=key, **m)),
    "ReplicateKey": Op("wide", lambda k, w, key: k.replicate_key(KeyId=key, ReplicaRegion="eu-north-1"), OFF, STATE),
    "RetireGrant": Op("symmetric", lambda k, w, key, **m: k.retire_grant(KeyId=key, GrantId=w.grant(key, 0), **m), dry=True),
    "RevokeGrant": Op("symmetric", lambda k, w, key, **m: k.revoke_grant(KeyId=key, GrantId=w.grant(key, 1), **m), dry=True),
    "RotateKeyOnDemand": Op("symmetric", lambda k, w, key: k.rotate_key_on_demand(KeyId=key), OFF, STATE),
    "ScheduleKeyDeletion": Op("agreeing", lambda k, w, key: k.schedule_key_deletion(KeyId=key), None, STATE),
    "Sign": use("signing", lambda k, w, key, **m: k.sign(KeyId=key, **SIGNED, **m)),
    "TagResource": Op("symmetric", lambda k, w, key: k.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "1"}]), None, STATE),
    "UntagResource": Op("symmetric", lambda k, w, key: k.untag_resource(KeyId=key, TagKeys=["a"]), None, STATE),
    "UpdateAlias": Op("symmetric", lambda k, w, key: k.update_alias(AliasName=w.moving, TargetKeyId=key), None, STATE),
    "UpdateKeyDescription": Op("symmetric", lambda k, w, key: k.update_key_description(KeyId=key, Description="d"), None, STATE),
    "UpdatePrimaryRegion": Op("wide", lambda k, w, key: k.update_primary_region(KeyId=key, PrimaryRegion="eu-west-1"), OFF, STATE),
    "Verify": use("signing", lambda k, w, key, **m: k.verify(KeyId=key, **SIGNED, Signature=w.signature(key), **m)),
    "VerifyMac": use("mac", lambda k, w, key, **m: k.verify_mac(KeyId=key, **MACCED, Mac=w.code(key), **m)),
}

# Operations that are on no key.
OTHERS = {
    "CreateKey": lambda k, w: k.create_key(),
    "DeleteAlias": lambda k, w: k.delete_alias(AliasName=w.moving),
    "GenerateRandom": lambda k, w: k.generate_random(NumberOfBytes=8),
    "ListKeys": lambda k, w: k.list_keys(),
    "ListRetirableGrants": lambda k, w: k.list_retirable_grants(RetiringPrincipal=PRINCIPAL),
}


class World:
    """A key of each kind in each state, and what operations need of each."""

    def __init__(self, welkin, account):
        self.account, self.kms = account, welkin.client("kms", account)
        self.keys, self.stuff, kms = {}, {}, self.kms
        for kind, state in itertools.product(KINDS, ("enabled", "disabled", "deleted")):
            # Import parameters are given once in four seconds.
            welkin.advance("5s")
            self.keys[kind, state] = kms.create_key(**KINDS[kind])["KeyMetadata"]["Arn"]
        importer = Importer(welkin, kms)
        self.peer = kms.get_public_key(KeyId=self.keys["agreeing", "enabled"])["PublicKey"]
        for (kind, state), key in self.keys.items():
            welkin.advance("5s")
            self.stuff[key] = self.prepare(kind, key, importer)
        self.known = self.stuff[self.keys["symmetric", "enabled"]]["blob"]
        self.policy = kms.get_key_policy(KeyId=self.keys["symmetric", "enabled"])["Policy"]
        # Aliases move between keys of one type, and this one is moved from the enabled key each time.
        self.moving = "alias/moving"
        kms.create_alias(AliasName=self.moving, TargetKeyId=self.keys["symmetric", "enabled"])
        for (_, state), key in self.keys.items():
            welkin.advance("1s")
            if state == "disabled":
                kms.disable_key(KeyId=key)
            if state == "deleted":
                kms.schedule_key_deletion(KeyId=key)

    def prepare(self, kind, key, importer):
        kms = self.kms
        if kind == "external":
            request = importer.request({"KeyId": key}, b"m" * 32)
            kms.import_key_material(**request)
            return {"importing": request}
        if kind == "wide":
            kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
        if kind == "symmetric":
            grants = [kms.create_grant(KeyId=key, GranteePrincipal=PRINCIPAL, Operations=["Decrypt"])["GrantId"] for _ in range(2)]
            return {"blob": kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"], "grants": grants}
        if kind == "signing":
            return {"signature": kms.sign(KeyId=key, **SIGNED)["Signature"]}
        if kind == "mac":
            return {"code": kms.generate_mac(KeyId=key, **MACCED)["Mac"]}
        if kind == "lattice":
            return {"encapsulated": kms.encapsulate(KeyId=key, EncapsulationAlgorithm="ML_KEM")["SharedSecretCiphertextBlob"]}
        return {}

    def of(self, key, what, otherwise):
        """Something of a key, if it is one of these."""
        return self.stuff.get(key, {}).get(what, otherwise)

    def importing(self, key):
        return self.of(key, "importing", self.stuff[self.keys["external", "enabled"]]["importing"])

    def blob(self, key):
        return self.of(key, "blob", self.known)

    def signature(self, key):
        return self.of(key, "signature", b"s" * 70)

    def code(self, key):
        return self.of(key, "code", b"c" * 32)

    def encapsulated(self, key):
        return self.of(key, "encapsulated", b"e" * 1088)

    def grant(self, key, number):
        return self.of(key, "grants", [GRANT, GRANT])[number]


@pytest.fixture(scope="module")
def world(welkin):
    return World(welkin, welkin.account())


@pytest.fixture(autouse=True)
def rates(welkin):
    """Some operations let one call through in four seconds."""
    welkin.advance("5s")


@pytest.fixture(params=OPERATIONS, ids=str)
def name(request):
    return request.param


def test_all_operations_are_here(world):
    """But those of custom key stores, which are refused by name."""
    known = {name for name in world.kms.meta.service_model.operation_names if "CustomKeyStore" not in name}
    assert set(OPERATIONS) | set(OTHERS) == known and len(known) == 50


def test_a_key_that_is_not_there_is_not_found(world, name):
    operation, real = OPERATIONS[name], world.keys[OPERATIONS[name].kind, "enabled"]
    unknown = str(uuid.uuid4())
    there = real.rsplit("/", 1)[0]
    for key, text in (
        ("nothing", "Invalid keyId 'nothing'"),
        (unknown, f"Key '{there}/{unknown}' does not exist"),
        (f"{there}/{unknown}", f"Key '{there}/{unknown}' does not exist"),
    ):
        assert refused("NotFoundException", operation.call, world.kms, world, key) == text
    for key in (real.replace(":kms:", ":sqs:"), real.replace(":key/", ":store/"), "arn:aws:kms"):
        assert refused("InvalidArnException", operation.call, world.kms, world, key) == f"Invalid arn {key}"


def test_a_key_of_another_region_is_not_found(world, name):
    operation = OPERATIONS[name]
    key = world.keys[operation.kind, "enabled"].replace("us-east-1", "eu-west-1")
    assert refused("NotFoundException", operation.call, world.kms, world, key) == "Invalid arn eu-west-1"


def test_an_alias_is_taken_where_the_reference_says_so(world, name):
    operation, kms = OPERATIONS[name], world.kms
    key = world.keys[operation.kind, "enabled"]
    alias = f"alias/of-{name}"
    kms.create_alias(AliasName=alias, TargetKeyId=key)
    arn = key.rsplit(":", 1)[0] + f":{alias}"
    try:
        if not operation.alias:
            refused("NotFoundException", operation.call, kms, world, alias)
            return
        world.stuff[alias] = world.stuff[arn] = world.stuff[key]
        operation.call(kms, world, alias)
        operation.call(kms, world, arn)
        message = refused("NotFoundException", operation.call, kms, world, alias + "-not")
        assert message == f"Alias {arn}-not is not found."
    finally:
        kms.delete_alias(AliasName=alias)


@pytest.mark.parametrize("state", ["disabled", "deleted"])
def test_the_state_of_a_key_decides(world, name, state):
    operation = OPERATIONS[name]
    key, expected = world.keys[operation.kind, state], getattr(operation, state)
    if expected:
        message = refused(expected, operation.call, world.kms, world, key)
        if name != "CancelKeyDeletion":
            # A primary key waits for its replicas.
            waiting = "pending replica deletion" if operation.kind == "wide" else "pending deletion"
            assert message == f"{key} is {'disabled' if expected == OFF else waiting}."
    else:
        operation.call(world.kms, world, key)
    if name in ("EnableKey", "CancelKeyDeletion", "ScheduleKeyDeletion"):
        restore(world.kms, key, state)


def restore(kms, key, state):
    """Brings a key back to its state."""
    now = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    is_waiting = now in ("PendingDeletion", "PendingReplicaDeletion")
    if is_waiting and state != "deleted":
        kms.cancel_key_deletion(KeyId=key)
    if state == "disabled":
        kms.disable_key(KeyId=key)
    if state == "deleted" and not is_waiting:
        kms.schedule_key_deletion(KeyId=key)


def test_who_has_no_permission_is_denied(welkin, world, name):
    operation = OPERATIONS[name]
    key, user = world.keys[operation.kind, "enabled"], welkin.user(world.account)
    message = refused("AccessDeniedException", operation.call, welkin.client("kms", **user), world, key)
    action = "kms:ReEncrypt" if name == "ReEncrypt" else f"kms:{name}"
    assert f"is not authorized to perform: {action}" in message and "identity-based policy" in message


def test_another_account_cannot_tell_whether_a_key_is_there(welkin, world, name):
    operation, stranger = OPERATIONS[name], welkin.client("kms", welkin.account())
    real = world.keys[operation.kind, "enabled"]
    gone = real.rsplit("/", 1)[0] + f"/{uuid.uuid4()}"
    for key in (real, gone):
        with pytest.raises(ClientError) as caught:
            operation.call(stranger, world, key)
        code = caught.value.response["Error"]["Code"]
        # An alias points to a key of its own account, so that there is nothing to be permitted.
        assert code == ("NotFoundException" if name == "UpdateAlias" else "AccessDeniedException"), caught.value


@pytest.mark.parametrize("name", [name for name, operation in OPERATIONS.items() if operation.dry])
def test_a_dry_run_says_what_would_be_and_changes_nothing(welkin, world, name):
    operation, kms = OPERATIONS[name], world.kms
    key = world.keys[operation.kind, "enabled"]
    before = [grant["GrantId"] for grant in kms.list_grants(KeyId=key)["Grants"]]
    message = refused("DryRunOperationException", operation.call, kms, world, key, DryRun=True)
    assert message == "The request would have succeeded, but the DryRun option is set."
    assert [grant["GrantId"] for grant in kms.list_grants(KeyId=key)["Grants"]] == before
    if operation.disabled:
        refused(OFF, operation.call, kms, world, world.keys[operation.kind, "disabled"], DryRun=True)
    nobody = welkin.client("kms", **welkin.user(world.account))
    refused("AccessDeniedException", operation.call, nobody, world, key, DryRun=True)


@pytest.mark.parametrize("name", [name for name, operation in OPERATIONS.items() if operation.tokens])
def test_grant_tokens_must_be_some(world, name):
    operation, kms = OPERATIONS[name], world.kms
    key = world.keys[operation.kind, "enabled"]
    refused("InvalidGrantTokenException", operation.call, kms, world, key, GrantTokens=["none"])
    refused("ValidationException", operation.call, kms, world, key, GrantTokens=["t"] * 11)
    grant = kms.create_grant(KeyId=key, GranteePrincipal=PRINCIPAL, Operations=["DescribeKey"])
    operation.call(kms, world, key, GrantTokens=[grant["GrantToken"]])
    kms.revoke_grant(KeyId=key, GrantId=grant["GrantId"])


@pytest.mark.parametrize("name", OTHERS)
def test_operations_on_no_key_need_their_action_too(welkin, world, name):
    user = welkin.user(world.account)
    message = refused("AccessDeniedException", OTHERS[name], welkin.client("kms", **user), world)
    assert f"is not authorized to perform: kms:{name}" in message


def test_an_alias_that_is_not_there_is_not_found(world):
    for name, call in (("delete_alias", {}), ("update_alias", {"TargetKeyId": world.keys["symmetric", "enabled"]})):
        message = refused("NotFoundException", getattr(world.kms, name), AliasName="alias/none", **call)
        assert message == f"Alias arn:aws:kms:us-east-1:{world.account}:alias/none is not found."


def listings(world):
    """Every listing: the call, the member, what it lists, and how many it gives at most."""
    kms, key = world.kms, {"KeyId": world.keys["symmetric", "enabled"]}
    return {
        "ListAliases": (kms.list_aliases, "Aliases", 50, 100, {}),
        "ListGrants": (kms.list_grants, "Grants", 50, 100, key),
        "ListKeyRotations": (kms.list_key_rotations, "Rotations", 100, 1000, key),
        "ListKeys": (kms.list_keys, "Keys", 100, 1000, {}),
        "ListResourceTags": (kms.list_resource_tags, "Tags", 50, 50, key),
        "ListRetirableGrants": (kms.list_retirable_grants, "Grants", 50, 100, {"RetiringPrincipal": PRINCIPAL}),
    }


@pytest.fixture(scope="module")
def listed(welkin):
    """An account with more of everything than a page has."""
    world = World.__new__(World)
    world.account = welkin.account()
    world.kms = kms = welkin.client("kms", world.account)
    world.keys = {("symmetric", "enabled"): kms.create_key()["KeyMetadata"]["Arn"]}
    key = world.keys["symmetric", "enabled"]
    keys = [key]
    for number in range(120):
        if number % 5 == 0:
            welkin.advance("1s")
        keys.append(kms.create_key()["KeyMetadata"]["Arn"])
        kms.create_grant(KeyId=key, GranteePrincipal=PRINCIPAL, RetiringPrincipal=PRINCIPAL, Operations=["Decrypt"])
        kms.create_alias(AliasName=f"alias/listed-{number}", TargetKeyId=keys[-1])
    for number in range(20):
        welkin.advance("1s")
        kms.rotate_key_on_demand(KeyId=key)
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": f"tag-{number}", "TagValue": ""} for number in range(50)])
    return world


@pytest.mark.parametrize("name", ["ListAliases", "ListGrants", "ListKeyRotations", "ListKeys", "ListResourceTags", "ListRetirableGrants"])
def test_a_listing_comes_in_pages(listed, name):
    call, member, default, most, given = listings(listed)[name]
    count = {"ListKeys": 121, "ListKeyRotations": 20, "ListResourceTags": 50}.get(name, 120)
    first = call(**given)
    assert len(first[member]) == min(default, count) and first["Truncated"] == (count > default)
    assert ("NextMarker" in first) == first["Truncated"]
    assert len(call(**given, Limit=1000)[member]) == min(most, count)
    # Pages of seven make up the whole, and nothing comes twice.
    seen, marker = [], {}
    while True:
        page = call(**given, Limit=7, **marker)
        seen.extend(page[member])
        if not page["Truncated"]:
            break
        assert len(page[member]) == 7
        marker = {"Marker": page["NextMarker"]}
    assert len(seen) == count and len({repr(sorted(item.items(), key=str)) for item in seen}) == count
    for limit in (0, 1001):
        message = refused("ValidationException", call, **given, Limit=limit)
        assert "1 validation error detected" in message and "limit" in message
    refused("InvalidMarkerException", call, **given, Marker="%")


def test_the_only_policy_of_a_key_is_default(world):
    kms, key = world.kms, world.keys["symmetric", "enabled"]
    listed = kms.list_key_policies(KeyId=key, Limit=1)
    assert (listed["PolicyNames"], listed["Truncated"]) == (["default"], False)
    for limit in (0, 1001):
        refused("ValidationException", kms.list_key_policies, KeyId=key, Limit=limit)
    refused("NotFoundException", kms.get_key_policy, KeyId=key, PolicyName="other")


@pytest.mark.parametrize("name, code, given", [
    ("encrypt", "ValidationException", {"Plaintext": b"x" * 4097}),
    ("encrypt", "ValidationException", {"Plaintext": b""}),
    ("encrypt", "ValidationException", {"Plaintext": b"x", "EncryptionContext": {"k": "v" * 8200}}),
    ("encrypt", "InvalidKeyUsageException", {"Plaintext": b"x", "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}),
    ("encrypt", "ValidationException", {"Plaintext": b"x", "EncryptionAlgorithm": "ROT13"}),
    ("decrypt", "ValidationException", {"CiphertextBlob": b"x" * 6145}),
    ("decrypt", "InvalidCiphertextException", {"CiphertextBlob": b"x" * 100}),
    ("generate_data_key", "ValidationException", {}),
    ("generate_data_key", "ValidationException", {"NumberOfBytes": 1025}),
    ("generate_data_key", "ValidationException", {"NumberOfBytes": 0}),
    ("generate_data_key", "ValidationException", {"NumberOfBytes": 32, "KeySpec": "AES_256"}),
    ("generate_data_key", "ValidationException", {"KeySpec": "AES_512"}),
    ("generate_data_key_pair", "ValidationException", {"KeyPairSpec": "RSA_1024"}),
    ("schedule_key_deletion", "ValidationException", {"PendingWindowInDays": 6}),
    ("schedule_key_deletion", "ValidationException", {"PendingWindowInDays": 31}),
    ("enable_key_rotation", "ValidationException", {"RotationPeriodInDays": 89}),
    ("enable_key_rotation", "ValidationException", {"RotationPeriodInDays": 2561}),
    ("update_key_description", "ValidationException", {"Description": "d" * 8193}),
    ("put_key_policy", "MalformedPolicyDocumentException", {"Policy": "{}"}),
    ("put_key_policy", "LimitExceededException", {"Policy": "x" * 32769}),
    ("tag_resource", "TagException", {"Tags": [{"TagKey": "aws:a", "TagValue": ""}]}),
    ("tag_resource", "ValidationException", {"Tags": [{"TagKey": "k" * 129, "TagValue": ""}]}),
    ("tag_resource", "ValidationException", {"Tags": [{"TagKey": "k", "TagValue": "v" * 257}]}),
    ("create_grant", "ValidationException", {"Operations": ["Decrypt"]}),
    ("create_grant", "ValidationException", {"GranteePrincipal": PRINCIPAL, "Operations": ["Dance"]}),
    ("create_grant", "ValidationException", {"GranteePrincipal": PRINCIPAL, "Operations": ["Sign"]}),
    ("create_grant", "ValidationException", {"GranteePrincipal": PRINCIPAL, "Operations": ["Decrypt"], "Name": "n" * 257}),
    ("create_grant", "InvalidArnException", {"GranteePrincipal": "arn:aws:s3:::bucket", "Operations": ["Decrypt"]}),
    ("create_grant", "InvalidArnException", {"GranteePrincipal": PRINCIPAL, "RetiringPrincipal": "me", "Operations": ["Decrypt"]}),
    ("revoke_grant", "NotFoundException", {"GrantId": GRANT}),
    ("revoke_grant", "InvalidGrantIdException", {"GrantId": "none"}),
    ("retire_grant", "NotFoundException", {"GrantId": GRANT}),
    ("retire_grant", "InvalidGrantIdException", {"GrantId": "none"}),
    ("retire_grant", "ValidationException", {}),
    ("list_grants", "InvalidGrantIdException", {"GrantId": "none"}),
    ("sign", "InvalidKeyUsageException", SIGNED),
    ("generate_mac", "InvalidKeyUsageException", MACCED),
    ("get_public_key", "UnsupportedOperationException", {}),
    ("import_key_material", "UnsupportedOperationException", {"ImportToken": b"x", "EncryptedKeyMaterial": b"x", "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}),
    ("replicate_key", "UnsupportedOperationException", {"ReplicaRegion": "eu-west-1"}),
    ("update_primary_region", "NotFoundException", {"PrimaryRegion": "eu-west-1"}),
])
def test_parameters_of_a_symmetric_key(world, name, code, given):
    refused(code, getattr(world.kms, name), KeyId=world.keys["symmetric", "enabled"], **given)


@pytest.mark.parametrize("name, code, given", [
    ("sign", "ValidationException", {"Message": b"x" * 4097, "SigningAlgorithm": "ECDSA_SHA_256"}),
    ("sign", "ValidationException", {"Message": b"x", "MessageType": "DIGEST", "SigningAlgorithm": "ECDSA_SHA_256"}),
    ("sign", "InvalidKeyUsageException", {"Message": b"x", "SigningAlgorithm": "RSASSA_PSS_SHA_256"}),
    ("verify", "KMSInvalidSignatureException", {**SIGNED, "Signature": b"nonsense"}),
    ("encrypt", "InvalidKeyUsageException", {"Plaintext": b"x"}),
    ("enable_key_rotation", "UnsupportedOperationException", {}),
    ("rotate_key_on_demand", "UnsupportedOperationException", {}),
    ("get_key_rotation_status", "UnsupportedOperationException", {}),
    ("get_parameters_for_import", "UnsupportedOperationException", {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}),
    ("delete_imported_key_material", "UnsupportedOperationException", {}),
])
def test_parameters_of_a_signing_key(world, name, code, given):
    refused(code, getattr(world.kms, name), KeyId=world.keys["signing", "enabled"], **given)


@pytest.mark.parametrize("name, code, given", [
    ("create_alias", "InvalidAliasNameException", {"AliasName": "alias/aws/mine"}),
    ("create_alias", "InvalidAliasNameException", {"AliasName": "nothing"}),
    ("create_alias", "ValidationException", {"AliasName": "alias/" + "a" * 251}),
    ("create_alias", "ValidationException", {"AliasName": "alias/a b"}),
    ("generate_random", "ValidationException", {"NumberOfBytes": 1025}),
    ("generate_random", "ValidationException", {"NumberOfBytes": 0}),
    ("create_key", "ValidationException", {"KeySpec": "RSA_1024"}),
    ("create_key", "ValidationException", {"KeySpec": "HMAC_256"}),
    ("create_key", "ValidationException", {"KeySpec": "RSA_2048", "CustomerMasterKeySpec": "RSA_2048"}),
    ("create_key", "ValidationException", {"Description": "d" * 8193}),
    ("create_key", "MalformedPolicyDocumentException", {"Policy": "{}"}),
    ("create_key", "TagException", {"Tags": [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "a", "TagValue": "2"}]}),
    ("list_retirable_grants", "InvalidArnException", {"RetiringPrincipal": "me"}),
    ("list_retirable_grants", "ValidationException", {}),
])
def test_parameters_of_what_is_on_no_key(world, name, code, given):
    more = {"TargetKeyId": world.keys["symmetric", "enabled"]} if name == "create_alias" else {}
    refused(code, getattr(world.kms, name), **more, **given)
