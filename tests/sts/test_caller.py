"""Who calls, whose key it is, and messages that only STS reads."""

from identity import Caller, allow, refused, trust


def test_everybody_is_told_who_they_are(account):
    root = account.client("sts").get_caller_identity()
    assert (root["Arn"], root["UserId"], root["Account"]) == (account.arn("root"), account.id, account.id)
    ada = account.user("ada")
    assert ada.arn() == account.arn("user/ada"), "no permission is needed"
    user_id = account.iam.get_user(UserName="ada")["User"]["UserId"]
    assert ada.client("sts").get_caller_identity()["UserId"] == user_id
    role = account.role("r", trust({"AWS": account.arn("user/ada")}), Path="/p/")
    session = ada.assume(role, "s1").client("sts").get_caller_identity()
    role_id = account.iam.get_role(RoleName="r")["Role"]["RoleId"]
    assert session["Arn"] == f"arn:aws:sts::{account.id}:assumed-role/r/s1"
    assert session["UserId"] == f"{role_id}:s1"


def test_every_region_answers(account):
    ada = account.user("ada")
    for region in ("us-east-1", "eu-west-1", "ap-southeast-2"):
        assert ada.client("sts", region=region).get_caller_identity()["Account"] == account.id


def test_a_key_tells_its_account(account, other):
    ada = account.user("ada")
    assert other.client("sts").get_access_key_info(AccessKeyId=ada.key)["Account"] == account.id
    session = Caller.of(account.welkin, ada.client("sts").get_session_token()["Credentials"])
    assert other.client("sts").get_access_key_info(AccessKeyId=session.key)["Account"] == account.id
    with refused("AccessDenied", 403):
        ada.client("sts").get_access_key_info(AccessKeyId=ada.key)
    with refused("ValidationError", 400):
        other.client("sts").get_access_key_info(AccessKeyId="NOTANACCESSKEYID1234")


def test_a_message_that_was_not_encoded_here_is_not_decoded(account):
    with refused("InvalidAuthorizationMessageException", 400):
        account.client("sts").decode_authorization_message(EncodedMessage="bm90IG9uZSBvZiBvdXJz")
    ada = account.user("ada", allow("sts:GetAccessKeyInfo"))
    with refused("AccessDenied", 403, "sts:DecodeAuthorizationMessage"):
        ada.client("sts").decode_authorization_message(EncodedMessage="bm90IG9uZSBvZiBvdXJz")


def test_nobody_is_not_told(account):
    import botocore

    with refused("MissingAuthenticationToken", 403):
        account.client("sts", signature_version=botocore.UNSIGNED).get_caller_identity()


def test_what_is_not_there_is_refused_by_name(account):
    for operation, arguments in (
        ("get_delegated_access_token", {"TradeInToken": "x"}),
        ("get_web_identity_token", {"Audience": ["x"], "SigningAlgorithm": "ES384"}),
    ):
        with refused("NotImplemented", 501, "Welkin does not implement sts Get"):
            getattr(account.client("sts"), operation)(**arguments)
