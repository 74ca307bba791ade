"""5. A user who works from the office's addresses only, and switches to a role from anywhere."""

from cloud import Account, allow, refused

OFFICE, ELSEWHERE = "127.0.0.10", "127.0.0.20"


def source_ip():
    account = Account()
    outside = {"NotIpAddress": {"aws:SourceIp": [f"{OFFICE}/32"]}, "Bool": {"aws:ViaAWSService": "false"}}
    stay = {"Effect": "Deny", "NotAction": "sts:AssumeRole", "Resource": "*", "Condition": outside}
    ada = account.user("ada", allow("*"), stay)
    role = account.role("support", account.id, allow("s3:ListAllMyBuckets"))

    office, elsewhere = ada.at(OFFICE), ada.at(ELSEWHERE)
    assert office.client("iam").list_users()["Users"]
    with refused("AccessDenied", saying="with an explicit deny"):
        elsewhere.client("iam").list_users()

    switched = elsewhere.assume(role).at(ELSEWHERE)
    assert switched.client("s3").list_buckets()["Buckets"] == []
    with refused("AccessDenied"):
        switched.client("iam").list_users()
    print("     the role that was switched to is bound by its own policies")

    # A service that acts for the user has other addresses than the user, so the denial leaves its calls alone.
    key = account.root.client("kms").create_key()["KeyMetadata"]["KeyId"]
    queue = account.root.client("sqs").create_queue(QueueName="q", Attributes={"KmsMasterKeyId": key})["QueueUrl"]
    office.client("sqs").send_message(QueueUrl=queue, MessageBody="by KMS, for the user")
    with refused("AccessDeniedException"):
        elsewhere.client("kms").generate_data_key(KeyId=key, KeySpec="AES_256")
