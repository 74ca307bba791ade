"""Session policies, tags, source identities, session tokens and federated users."""

from identity import Caller, allow, deny, document, refused, trust

TAGGED = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]


def test_a_session_policy_limits_a_session(account):
    ada = account.user("ada", allow("sts:AssumeRole"))
    role = account.role("r", trust({"AWS": account.id}), allow("iam:*"))
    policy = document(allow("iam:ListUsers"), allow("s3:*"))
    answer = ada.client("sts").assume_role(RoleArn=role, RoleSessionName="s1", Policy=policy)
    assert 0 < answer["PackedPolicySize"] <= 100
    session = Caller.of(account.welkin, answer["Credentials"]).client("iam")
    assert session.list_users()
    with refused("AccessDenied", 403, "because no session policy allows the iam:ListRoles action"):
        session.list_roles()
    assert ada.assume(role).client("iam").list_roles()["Roles"], "other sessions of the role are not limited"


def test_managed_session_policies_limit_a_session(account):
    ada = account.user("ada", allow("sts:AssumeRole"))
    role = account.role("r", trust({"AWS": account.id}), allow("iam:*"))
    arn = account.iam.create_policy(PolicyName="p", PolicyDocument=document(allow("iam:ListUsers")))["Policy"]["Arn"]
    session = ada.assume(role, PolicyArns=[{"arn": arn}]).client("iam")
    assert session.list_users()
    with refused("AccessDenied", 403):
        session.list_roles()
    account.iam.delete_policy(PolicyArn=arn)
    with refused("AccessDenied", 403):
        session.list_users()
    session = ada.assume(role, PolicyArns=[{"arn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}]).client("iam")
    assert session.list_roles()["Roles"]
    with refused("AccessDenied", 403):
        session.create_group(GroupName="g")
    with refused("ValidationError", 400):
        ada.assume(role, PolicyArns=[{"arn": "arn:aws:iam::111122223333:policy/of-another-account"}])


def test_a_session_policy_has_a_grammar_and_a_size(account):
    import hashlib

    ada = account.user("ada", allow("sts:AssumeRole"))
    role = account.role("r", trust({"AWS": account.id}))
    with refused("MalformedPolicyDocument", 400):
        ada.assume(role, Policy="{}")
    noise = [hashlib.sha256(bytes([n])).hexdigest() for n in range(200)]
    with refused("PackedPolicyTooLarge", 400, "of allotted space, please use smaller policy."):
        ada.assume(role, Policy=document(*[allow("s3:GetObject", f"arn:aws:s3:::{text}/*") for text in noise]))


def test_session_tags_are_the_principals_tags(account):
    ada = account.user("ada", allow(TAGGED))
    condition = {"StringEquals": {"aws:PrincipalTag/team": "a"}}
    role = account.role(
        "r", trust({"AWS": account.id}, TAGGED), allow("iam:ListUsers", Condition=condition),
        Tags=[{"Key": "team", "Value": "none"}],
    )
    with refused("AccessDenied", 403):
        ada.assume(role).client("iam").list_users()
    assert ada.assume(role, Tags=[{"Key": "team", "Value": "a"}]).client("iam").list_users()
    with refused("AccessDenied", 403):
        ada.assume(role, Tags=[{"Key": "team", "Value": "b"}]).client("iam").list_users()


def test_session_tags_need_their_own_permission(account):
    ada = account.user("ada", allow(TAGGED))
    plain = account.role("plain", trust({"AWS": account.id}))
    with refused("AccessDenied", 403, "is not authorized to perform: sts:TagSession on resource: " + plain):
        ada.assume(plain, Tags=[{"Key": "team", "Value": "a"}])
    some = account.role("some", trust({"AWS": account.id}, TAGGED, Condition={"StringEquals": {"aws:RequestTag/team": "a"}}))
    assert ada.assume(some, Tags=[{"Key": "team", "Value": "a"}])
    with refused("AccessDenied", 403):
        ada.assume(some, Tags=[{"Key": "team", "Value": "b"}])
    with refused("InvalidParameterValue", 400, "is reserved"):
        ada.assume(some, Tags=[{"Key": "AWS:team", "Value": "a"}])
    with refused("NotImplemented", 501, "ProvidedContexts"):
        ada.assume(some, ProvidedContexts=[{"ProviderArn": "arn:aws:iam::aws:contextProvider/IdentityCenter", "ContextAssertion": "x" * 8}])
    with refused("InvalidParameterValue", 400, "Duplicate tag keys"):
        ada.assume(some, Tags=[{"Key": "team", "Value": "a"}, {"Key": "Team", "Value": "a"}])


def test_transitive_tags_pass_on_along_a_chain(account, other):
    ada = account.user("ada", allow(TAGGED))
    condition = {"StringEquals": {"aws:PrincipalTag/team": "a"}}
    first = account.role("first", trust({"AWS": account.id}, TAGGED), allow(TAGGED))
    second = other.role("second", trust({"AWS": account.id}, TAGGED), allow("iam:ListUsers", Condition=condition))
    tags = [{"Key": "team", "Value": "a"}]
    passing = ada.assume(first, Tags=tags, TransitiveTagKeys=["team"])
    assert passing.assume(second).client("iam").list_users()["Users"] == []
    with refused("InvalidParameterValue", 400):
        passing.assume(second, Tags=tags)
    with refused("AccessDenied", 403):
        ada.assume(first, Tags=tags).assume(second).client("iam").list_users()
    with refused("InvalidParameterValue", 400, "must be included in the requested tags"):
        ada.assume(first, Tags=tags, TransitiveTagKeys=["cost"])


def test_a_source_identity_is_permitted_kept_and_never_changed(account, other):
    ada = account.user("ada", allow(TAGGED))
    plain = account.role("plain", trust({"AWS": account.id}))
    with refused("AccessDenied", 403, "sts:SetSourceIdentity"):
        ada.assume(plain, SourceIdentity="ada")
    named = {"StringEquals": {"sts:SourceIdentity": "ada"}}
    first = account.role("first", trust({"AWS": account.id}, TAGGED, Condition=named), allow(TAGGED))
    with refused("AccessDenied", 403):
        ada.assume(first, SourceIdentity="bob")
    answer = ada.client("sts").assume_role(RoleArn=first, RoleSessionName="s1", SourceIdentity="ada")
    assert answer["SourceIdentity"] == "ada"
    one = Caller.of(account.welkin, answer["Credentials"])
    kept = {"StringEquals": {"aws:SourceIdentity": "ada"}}
    second = other.role("second", trust({"AWS": account.id}, TAGGED), allow("iam:ListUsers", Condition=kept))
    assert one.assume(second).client("iam").list_users()["Users"] == []
    with refused("AccessDenied", 403):
        one.assume(second, SourceIdentity="bob")


def test_a_session_token_has_the_users_rights_but_not_iam(account):
    ada = account.user("ada", allow("*"))
    answer = ada.client("sts").get_session_token(DurationSeconds=900)["Credentials"]
    session = Caller.of(account.welkin, answer)
    assert session.arn() == account.arn("user/ada")
    with refused("InvalidClientTokenId", 403):
        session.client("iam").list_users()
    role = account.role("r", trust({"AWS": account.arn("user/ada")}))
    assert session.assume(role)
    with refused("AccessDenied", 403, "Cannot call GetSessionToken with session credentials"):
        session.client("sts").get_session_token()
    with refused("AccessDenied", 403, "Cannot call GetFederationToken with session credentials"):
        session.client("sts").get_federation_token(Name="bob")
    account.welkin.advance("16m")
    with refused("ExpiredToken", 403):
        session.arn()


def test_a_session_token_is_nothing_without_its_user(account):
    ada = account.user("ada", allow("sts:GetAccessKeyInfo"))
    role = account.role("r", trust({"AWS": account.arn("user/ada")}))
    session = Caller.of(account.welkin, ada.client("sts").get_session_token()["Credentials"])
    assert session.assume(role)
    account.iam.delete_access_key(UserName="ada", AccessKeyId=ada.key)
    assert session.assume(role), "sessions outlive the key they were made with"
    account.iam.delete_user_policy(UserName="ada", PolicyName="own")
    account.iam.delete_user(UserName="ada")
    with refused("InvalidClientTokenId", 403):
        session.assume(role)


def test_a_token_that_was_changed_is_refused(account):
    ada = account.user("ada")
    credentials = ada.client("sts").get_session_token()["Credentials"]
    token = credentials["SessionToken"]
    other = "A" if token[40] != "A" else "B"
    for changed in (token[:40] + other + token[41:], token[:-4], "nonsense"):
        with refused("InvalidClientTokenId", 403):
            Caller(account.welkin, credentials["AccessKeyId"], credentials["SecretAccessKey"], changed).arn()
    with refused("InvalidClientTokenId", 403):
        Caller(account.welkin, credentials["AccessKeyId"], credentials["SecretAccessKey"]).arn()


def test_the_root_users_sessions_last_an_hour(account):
    import datetime

    sts = account.client("sts")
    expiry = sts.get_session_token(DurationSeconds=43200)["Credentials"]["Expiration"]
    short = sts.get_session_token(DurationSeconds=900)["Credentials"]["Expiration"]
    assert datetime.timedelta(minutes=40) < expiry - short < datetime.timedelta(minutes=46)


def test_a_federated_user_may_do_what_both_sides_permit(account):
    ada = account.user("ada", allow("sts:GetFederationToken"), allow("sts:GetAccessKeyInfo"))
    sts = ada.client("sts")
    answer = sts.get_federation_token(Name="guest", Policy=document(allow("sts:*")))
    assert answer["FederatedUser"]["Arn"] == f"arn:aws:sts::{account.id}:federated-user/guest"
    assert answer["FederatedUser"]["FederatedUserId"] == f"{account.id}:guest"
    guest = Caller.of(account.welkin, answer["Credentials"])
    assert guest.arn() == answer["FederatedUser"]["Arn"]
    with refused("InvalidClientTokenId", 403):
        guest.client("iam").list_users()
    with refused("AccessDenied", 403):
        guest.client("sts").get_session_token()
    bob = account.user("bob")
    with refused("AccessDenied", 403, f"sts:GetFederationToken on resource: arn:aws:sts::{account.id}:federated-user/guest"):
        bob.client("sts").get_federation_token(Name="guest")


def test_the_root_users_federated_users_are_limited_by_managed_policies_too(account):
    arn = "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
    answer = account.client("sts").get_federation_token(Name="guest", PolicyArns=[{"arn": arn}], DurationSeconds=7200)
    guest = Caller.of(account.welkin, answer["Credentials"])
    assert "QueueUrls" not in guest.client("sqs").list_queues()
    with refused("AccessDenied", 403, "because no session policy allows"):
        guest.client("sqs").create_queue(QueueName="q")
    account.welkin.advance("61m")
    with refused("ExpiredToken", 403):
        guest.client("sqs").list_queues()
