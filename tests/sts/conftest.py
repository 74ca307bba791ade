from identity import account, other  # noqa: F401
