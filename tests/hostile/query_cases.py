"""The query protocol: STS and IAM."""

from cases import Case

FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
STS, IAM = "Version=2011-06-15", "Version=2010-05-08"
BODIES = [
    ("no action", "sts", STS, 400, {"MissingAction"}),
    ("unknown action", "sts", f"Action=DoAsIWish&{STS}", 400, {"InvalidAction"}),
    ("action of another service", "iam", f"Action=SendMessage&{IAM}", 400, {"InvalidAction"}),
    ("escape of no byte", "iam", f"Action=CreateUser&{IAM}&UserName=%zz", 400, {"ValidationError", "MalformedInput", "MalformedQueryString"}),
    ("escape of no UTF-8", "iam", f"Action=CreateUser&{IAM}&UserName=%ff%fe", 400, {"ValidationError", "MalformedInput", "MalformedQueryString"}),
    ("10,000 levels", "iam", f"Action=CreateUser&{IAM}&UserName=deep&Tags.member.1" + ".Key" * 10_000 + "=a", 400, {"ValidationError", "MalformedInput"}),
    ("index beyond all integers", "iam", f"Action=CreateUser&{IAM}&UserName=far&Tags.member.99999999999999999999.Key=a", 400, {"ValidationError", "MalformedInput"}),
    ("index 0", "iam", f"Action=CreateUser&{IAM}&UserName=zero&Tags.member.0.Key=a", 400, {"ValidationError", "MalformedInput"}),
    ("list where a string is wanted", "iam", f"Action=CreateUser&{IAM}&UserName.member.1=a", 400, {"ValidationError", "MalformedInput"}),
    ("missing member", "iam", f"Action=CreateUser&{IAM}", 400, {"ValidationError"}),
    ("number that is none", "iam", f"Action=ListUsers&{IAM}&MaxItems=ten", 400, {"ValidationError", "MalformedInput", "InvalidParameterValue"}),
    ("policy of 10,000 lists", "iam", f"Action=PutUserPolicy&{IAM}&UserName=hostile&PolicyName=b&PolicyDocument=" + "%5B" * 10_000, 400, {"MalformedPolicyDocument"}),
]
MANY = f"Action=CreateUser&{IAM}&UserName=many&" + "&".join(f"x{number}=1" for number in range(200_000))


def cases() -> list[Case]:
    found = [
        Case(
            f"query: {name}",
            lambda client, service=service, body=body: client.call(service, headers=FORM, body=body.encode()),
            {status},
            codes,
        )
        for name, service, body, status, codes in BODIES
    ]
    found.append(
        Case(
            "query: 200,000 parameters",
            lambda client: client.call("iam", headers=FORM, body=MANY.encode()),
            {400, 413},
            {"ValidationError", "MalformedInput", "MalformedQueryString", "RequestEntityTooLarge"},
        )
    )
    return found
