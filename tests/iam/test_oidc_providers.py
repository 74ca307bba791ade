"""OpenID Connect providers: URL, audiences, thumbprints."""

import pytest
from identity import allow, refused

URL = "https://token.actions.githubusercontent.com"
PRINT = "6938fd4d98bab03faadb97b34396831e3780aea1"


def test_a_provider_is_made_shown_changed_and_removed(account):
    iam = account.iam
    made = iam.create_open_id_connect_provider(Url=URL, ClientIDList=["sts.amazonaws.com"], ThumbprintList=[PRINT])
    arn = made["OpenIDConnectProviderArn"]
    assert arn == account.arn("oidc-provider/token.actions.githubusercontent.com")
    named = {"OpenIDConnectProviderArn": arn}
    got = iam.get_open_id_connect_provider(**named)
    assert (got["Url"], got["ClientIDList"], got["ThumbprintList"]) == (URL[8:], ["sts.amazonaws.com"], [PRINT])
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == [{"Arn": arn}]
    with refused("EntityAlreadyExists", 409, f"Provider with url {URL} already exists."):
        iam.create_open_id_connect_provider(Url=URL)
    for _ in range(2):
        iam.add_client_id_to_open_id_connect_provider(**named, ClientID="other")
    assert iam.get_open_id_connect_provider(**named)["ClientIDList"] == ["sts.amazonaws.com", "other"]
    for _ in range(2):
        iam.remove_client_id_from_open_id_connect_provider(**named, ClientID="sts.amazonaws.com")
    assert iam.get_open_id_connect_provider(**named)["ClientIDList"] == ["other"]
    iam.update_open_id_connect_provider_thumbprint(**named, ThumbprintList=["0" * 40])
    assert iam.get_open_id_connect_provider(**named)["ThumbprintList"] == ["0" * 40]
    iam.delete_open_id_connect_provider(**named)
    with refused("NoSuchEntity", 404, f"OpenIDConnect Provider not found for arn {arn}"):
        iam.get_open_id_connect_provider(**named)


@pytest.mark.parametrize("url", ["http://a.example.com", "a.example.com", "https://a.example.com:x", "https://a?b"])
def test_what_is_no_issuer_is_refused(account, url):
    with refused("InvalidInput", 400):
        account.iam.create_open_id_connect_provider(Url=url)


def test_limits(account):
    iam = account.iam
    with refused("InvalidInput", 400, "Thumbprint list must contain fewer than 5 entries."):
        iam.create_open_id_connect_provider(Url=URL, ThumbprintList=[PRINT] * 6)
    ids = [f"client-{n}" for n in range(101)]
    with refused("LimitExceeded", 409, "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100"):
        iam.create_open_id_connect_provider(Url=URL, ClientIDList=ids)
    arn = iam.create_open_id_connect_provider(Url=URL, ClientIDList=ids[:100])["OpenIDConnectProviderArn"]
    with refused("LimitExceeded", 409):
        iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="one-more")


def test_a_provider_is_named_in_policies_by_its_url(account):
    resource = account.arn("oidc-provider/a.example.com/*")
    ada = account.user("ada", allow("iam:*OpenIDConnectProvider*", resource)).client("iam")
    arn = ada.create_open_id_connect_provider(Url="https://a.example.com/pool")["OpenIDConnectProviderArn"]
    assert ada.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["Url"] == "a.example.com/pool"
    with refused("AccessDenied", 403):
        ada.create_open_id_connect_provider(Url=URL)
    with refused("AccessDenied", 403):
        ada.list_open_id_connect_providers()
