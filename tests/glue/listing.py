"""Listings in pages."""


def pages(call, member, **options):
    """All pages of a listing: a list for each."""
    found, token = [], None
    while True:
        answer = call(**options, **({"NextToken": token} if token else {}))
        found.append(answer[member])
        token = answer.get("NextToken")
        if not token:
            return found
