"""Access keys: made, verified, taken out of use, removed."""

import re

from identity import Caller, allow, refused


def test_a_key_signs_as_its_user_until_it_is_removed(account):
    iam = account.iam
    made = iam.create_user(UserName="ada")["User"]
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", key["AccessKeyId"]) and len(key["SecretAccessKey"]) == 40
    ada = Caller.of(account.welkin, key)
    identity = ada.client("sts").get_caller_identity()
    assert (identity["Arn"], identity["UserId"], identity["Account"]) == (made["Arn"], made["UserId"], account.id)
    iam.update_access_key(UserName="ada", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    with refused("InvalidClientTokenId", 403):
        ada.arn()
    assert iam.list_access_keys(UserName="ada")["AccessKeyMetadata"][0]["Status"] == "Inactive"
    iam.update_access_key(UserName="ada", AccessKeyId=key["AccessKeyId"], Status="Active")
    assert ada.arn() == made["Arn"]
    iam.delete_access_key(UserName="ada", AccessKeyId=key["AccessKeyId"])
    with refused("InvalidClientTokenId", 403):
        ada.arn()


def test_a_wrong_secret_and_an_unknown_key_are_refused(account):
    ada = account.user("ada")
    with refused("SignatureDoesNotMatch", 403):
        Caller(account.welkin, ada.key, "wrong").arn()
    with refused("InvalidClientTokenId", 403):
        Caller(account.welkin, "AKIAIOSFODNN7EXAMPLE", "wrong").arn()


def test_a_user_has_two_keys_at_most(account):
    account.user("ada")
    account.iam.create_access_key(UserName="ada")
    with refused("LimitExceeded", 409, "Cannot exceed quota for AccessKeysPerUser: 2"):
        account.iam.create_access_key(UserName="ada")
    assert len(account.iam.list_access_keys(UserName="ada")["AccessKeyMetadata"]) == 2


def test_a_user_manages_its_own_keys_without_naming_itself(account):
    ada = account.user("ada", allow("iam:*AccessKey*", account.arn("user/${aws:username}"))).client("iam")
    key = ada.create_access_key()["AccessKey"]
    assert key["UserName"] == "ada"
    assert {k["AccessKeyId"] for k in ada.list_access_keys()["AccessKeyMetadata"]} >= {key["AccessKeyId"]}
    account.user("bob")
    with refused("AccessDenied", 403):
        ada.create_access_key(UserName="bob")


def test_a_key_of_another_user_is_not_found(account):
    account.user("ada")
    bob = account.user("bob")
    with refused("NoSuchEntity", 404, f"The Access Key with id {bob.key} cannot be found."):
        account.iam.delete_access_key(UserName="ada", AccessKeyId=bob.key)
    assert bob.arn() == account.arn("user/bob")


def test_the_root_user_may_have_keys(account):
    root = Caller.of(account.welkin, account.iam.create_access_key()["AccessKey"])
    assert root.arn() == account.arn("root")
    assert account.iam.get_account_summary()["SummaryMap"]["AccountAccessKeysPresent"] == 1


def test_a_user_who_was_made_again_does_not_inherit_keys(account):
    ada = account.user("ada", allow("*"))
    iam = account.iam
    iam.delete_access_key(UserName="ada", AccessKeyId=ada.key)
    iam.delete_user_policy(UserName="ada", PolicyName="own")
    iam.delete_user(UserName="ada")
    iam.create_user(UserName="ada")
    with refused("InvalidClientTokenId", 403):
        ada.arn()
    assert iam.list_access_keys(UserName="ada")["AccessKeyMetadata"] == []
