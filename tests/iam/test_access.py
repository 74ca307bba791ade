"""Every operation needs the action of its name: whoever lacks it is refused, and so is who is denied it."""

import json

import pytest
from botocore.exceptions import ClientError

SOME_UUID = "01234567-89ab-cdef-0123-456789abcdef"

# Values for members of which not any text will do.
VALUES = {
    "PolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": []}),
    "AssumeRolePolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": []}),
    "ServiceName": "codecommit.amazonaws.com",
    "AWSServiceName": "spot.amazonaws.com",
    "Url": "https://issuer.example",
    "Status": "Inactive",
    "ActionNames": ["s3:ListBucket"],
    "PolicyInputList": [json.dumps({"Version": "2012-10-17", "Statement": []})],
    "JobId": SOME_UUID,
    "ServiceNamespaces": ["s3"],
    "ServiceNamespace": "s3",
    "SAMLMetadataDocument": "x" * 1000,
    "AuthenticationCode1": "123456",
    "AuthenticationCode2": "654321",
    "PrivateKeyId": "A" * 22,
    "VersionId": "v1",
    "ServiceSpecificCredentialId": "ACCA" + "0" * 16,
    "OrganizationsPolicyId": "p-12345678",
    "EntityPath": "o-abcdefghij/r-abcd",
    "DeletionTaskId": "task/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot/" + SOME_UUID,
    "GlobalEndpointTokenVersion": "v1Token",
}

# An access key that is not there is nobody's, and told as one that one may not see, whatever policies say.
HIDDEN = "GetAccessKeyLastUsed"


def arn_of(operation, account):
    kinds = {
        "SAMLProvider": "saml-provider/p",
        "OpenIDConnectProvider": "oidc-provider/issuer.example",
        "MFADevice": "mfa/d",
        "ServerCertificate": "server-certificate/c",
        "ServiceLastAccessed": "user/u",
        "GrantingServiceAccess": "user/u",
        "PrincipalPolicy": "user/u",
    }
    kind = next((kind for part, kind in kinds.items() if part in operation), "policy/p")
    return f"arn:aws:iam::{account}:{kind}"


def minimal(shape, name, operation, account):
    """A value that the model allows."""
    if name in VALUES:
        return VALUES[name]
    if shape.type_name == "structure":
        return {
            member: minimal(shape.members[member], member, operation, account) for member in shape.required_members
        }
    if shape.type_name == "list":
        least = max(1, shape.metadata.get("min", 0))
        return [minimal(shape.member, name, operation, account)] * least
    if shape.type_name == "string":
        if shape.metadata.get("enum"):
            return shape.metadata["enum"][0]
        if name.endswith("Arn") or name == "SerialNumber":
            return arn_of(operation, account)
        return "a" * max(8, shape.metadata.get("min", 0))
    return {"integer": 1, "boolean": True}[shape.type_name]


def call(client, operation, account):
    model = client.meta.service_model.operation_model(operation)
    given = minimal(model.input_shape, "", operation, account) if model.input_shape else {}
    method = {value: key for key, value in client.meta.method_to_api_mapping.items()}[operation]
    return getattr(client, method)(**given)


def answer(client, operation, account):
    """Code and message with which an operation answers."""
    try:
        call(client, operation, account)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    return "Success", ""


@pytest.fixture(scope="module")
def operations(welkin):
    works = welkin.admin("GET", "coverage")["iam"]["works"]
    assert len(works) > 150
    return works


def test_who_has_no_permission_may_do_nothing(welkin, operations):
    account = welkin.account()
    nobody = welkin.client("iam", **welkin.user(account))
    wrong = {}
    for operation in operations:
        code, message = answer(nobody, operation, account)
        if code != "AccessDenied" or f"is not authorized to perform: iam:{operation} on resource:" not in message:
            wrong[operation] = (code, message)
    assert not wrong


def answers(welkin, operations, statements):
    """What each operation answers to a user whose policy has the statements that its action and some others are in."""
    account = welkin.account()
    for part in range(0, len(operations), 30):
        some = operations[part : part + 30]
        policy = {"Version": "2012-10-17", "Statement": statements([f"iam:{operation}" for operation in some])}
        user = welkin.client("iam", **welkin.user(account, policy))
        for operation in some:
            yield operation, *answer(user, operation, account)


def test_a_denial_of_one_action_denies_its_operation(welkin, operations):
    def statements(actions):
        return [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": actions, "Resource": "*"},
        ]

    wrong = {}
    for operation, code, message in answers(welkin, operations, statements):
        if code != "AccessDenied" or ("with an explicit deny" not in message and operation != HIDDEN):
            wrong[operation] = (code, message)
    assert not wrong


def test_the_action_alone_is_enough_to_be_let_in(welkin, operations):
    def statements(actions):
        return [{"Effect": "Allow", "Action": [*actions, "iam:PassRole"], "Resource": "*"}]

    wrong = {}
    for operation, code, message in answers(welkin, operations, statements):
        # What it names may not be there; but it is not forbidden.
        if code == "AccessDenied" and operation != HIDDEN:
            wrong[operation] = (code, message)
    assert not wrong
