"""Operations that are not held against botocore, by name, with the reason. Aim: none."""

# (service, operation, protocol or None for all, "input" or "output" or "error"): reason
EXCLUSIONS = {}


def reason(service, operation, protocol, side):
    return EXCLUSIONS.get((service, operation, protocol, side)) or EXCLUSIONS.get((service, operation, None, side))


# Members that are not generated, by shape: reason
MEMBERS = {
    ("s3", shape, "Event"): "deprecated: bound to the same element as the list Events, which botocore reads into both"
    for shape in ("TopicConfigurationDeprecated", "QueueConfigurationDeprecated", "CloudFunctionConfiguration")
}

# Patterns that Welkin's engine does not compile, and that therefore forbid nothing: reason
PATTERNS = {}
