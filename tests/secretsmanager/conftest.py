"""Fixtures of the Secrets Manager tests."""

import pytest


@pytest.fixture
def secrets(welkin, account):
    """Secrets Manager as the root user of a fresh account."""
    return welkin.client("secretsmanager", account)


@pytest.fixture
def secret(secrets, name):
    """A secret with a value: its ARN."""
    return secrets.create_secret(Name=name("s"), SecretString="one")["ARN"]


@pytest.fixture
def value(secrets):
    """The value of a secret in clear."""
    return lambda secret, **options: secrets.get_secret_value(SecretId=secret, **options)["SecretString"]
