"""8. A KMS key that another account may use. 10. Encryption context: what was bound to a ciphertext must be told again."""

from cloud import Account, allow, document, refused


def shared_key():
    owner, second = Account(), Account()
    kms = owner.root.client("kms")
    key = kms.create_key(Description="shared")["KeyMetadata"]["Arn"]
    ada = second.user("ada", allow(["kms:Encrypt", "kms:Decrypt"], key))
    with refused("AccessDeniedException"):
        ada.client("kms").encrypt(KeyId=key, Plaintext=b"x")
    policy = document(
        allow("kms:*", Principal={"AWS": owner.arn("root")}),
        allow(["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"], Principal={"AWS": second.arn("root")}),
    )
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
    secret = ada.client("kms").encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=secret)["Plaintext"] == b"secret", "it is the same key"
    bob = second.user("bob")
    with refused("AccessDeniedException", saying="because no identity-based policy allows"):
        bob.client("kms").decrypt(CiphertextBlob=secret, KeyId=key)
    with refused("AccessDeniedException"):
        ada.client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    print("     both the key's policy and the user's own must permit")


def encryption_context():
    kms = Account().root.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    context = {"department": "finance", "file": "q3"}
    secret = kms.encrypt(KeyId=key, Plaintext=b"secret", EncryptionContext=context)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=secret, EncryptionContext=context)["Plaintext"] == b"secret"
    turned = dict(reversed(context.items()))
    assert kms.decrypt(CiphertextBlob=secret, EncryptionContext=turned)["Plaintext"] == b"secret", "the order is of no account"
    print("     with the context that it was encrypted with: decrypted")
    for other in ({}, {"department": "finance"}, {**context, "file": "q4"}, {**context, "more": "x"}, {"Department": "finance", "file": "q3"}):
        with refused("InvalidCiphertextException"):
            kms.decrypt(CiphertextBlob=secret, EncryptionContext=other)
    stranger = kms.create_key()["KeyMetadata"]["KeyId"]
    with refused("IncorrectKeyException"):
        kms.decrypt(CiphertextBlob=secret, EncryptionContext=context, KeyId=stranger)
