//! The table of targets: what Welkin delivers to. One more is a line here and a file in `delivery`.

use welkin_kernel::{Arn, Place, Result};

use crate::errors::{invalid_parameter, not_implemented};

/// What a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Queue,
    Topic,
    Bus,
    Stream,
    ApiDestination,
}

/// Service of the ARN, how its resource begins, and what it is.
const KINDS: [(&str, &str, Kind); 5] = [
    ("sqs", "", Kind::Queue),
    ("sns", "", Kind::Topic),
    ("events", "event-bus/", Kind::Bus),
    ("kinesis", "stream/", Kind::Stream),
    ("events", "api-destination/", Kind::ApiDestination),
];

/// Targets that EventBridge has and Welkin does not.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html>
const OTHERS: [(&str, &str); 19] = [
    ("appsync", "AppSync APIs"),
    ("batch", "Batch job queues"),
    ("codebuild", "CodeBuild projects"),
    ("codepipeline", "CodePipeline pipelines"),
    ("ec2", "actions of EC2"),
    ("ecs", "ECS tasks"),
    ("execute-api", "API Gateway APIs"),
    ("firehose", "Firehose streams"),
    ("glue", "Glue workflows"),
    ("inspector", "Inspector assessment templates"),
    ("lambda", "Lambda functions"),
    ("logs", "CloudWatch log groups"),
    ("redshift", "Redshift clusters"),
    ("redshift-serverless", "Redshift Serverless workgroups"),
    ("sagemaker", "SageMaker pipelines"),
    ("ssm", "actions of Systems Manager"),
    ("ssm-incidents", "Incident Manager response plans"),
    ("states", "Step Functions state machines"),
    ("events", "other resources of EventBridge"),
];

impl Kind {
    /// What an ARN is.
    ///
    /// # Errors
    /// `ValidationException` if it is none or cannot be a target, `NotImplemented` if Welkin does not know it yet.
    pub(crate) fn of(text: &str) -> Result<Self> {
        let malformed = || invalid_parameter(text, "Provided Arn is not in correct format.");
        let arn: Arn = text.parse().map_err(|_| malformed())?;
        let known = KINDS.iter().find(|(service, resource, _)| {
            arn.service() == *service && arn.resource().starts_with(resource) && arn.resource().len() > resource.len()
        });
        if let Some((_, _, kind)) = known {
            return if arn.account().is_some() && arn.region().is_some() { Ok(*kind) } else { Err(malformed()) };
        }
        match OTHERS.iter().find(|(service, _)| arn.service() == *service) {
            Some((_, what)) => Err(not_implemented(format_args!("{what} as targets ({text})"))),
            None => Err(malformed()),
        }
    }

    /// Whether it is reached by a role alone. Queues, topics and buses of other accounts have policies.
    ///
    /// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html>
    pub(crate) fn needs_role(self, arn: &str, here: Place) -> bool {
        match self {
            Self::Queue | Self::Topic => false,
            Self::ApiDestination | Self::Stream => true,
            Self::Bus => {
                let arn = arn.parse::<Arn>().ok();
                arn.is_some_and(|arn| arn.account() == Some(here.account) || arn.region() != Some(here.region))
            }
        }
    }

    pub(crate) fn is_fifo_queue(self, arn: &str) -> bool {
        self == Self::Queue && arn.ends_with(".fifo")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_known_and_what_is_not_is_refused_by_name() {
        for (arn, kind) in [
            ("arn:aws:sqs:us-east-1:111122223333:q", Kind::Queue),
            ("arn:aws:sns:us-east-1:111122223333:t", Kind::Topic),
            ("arn:aws:events:us-east-1:111122223333:event-bus/b", Kind::Bus),
            ("arn:aws:events:us-east-1:111122223333:api-destination/d/0", Kind::ApiDestination),
            ("arn:aws:kinesis:us-east-1:111122223333:stream/s", Kind::Stream),
        ] {
            assert_eq!(Kind::of(arn).expect("a target"), kind);
        }
        for (arn, code) in [
            ("arn:aws:lambda:us-east-1:111122223333:function:f", "NotImplemented"),
            ("arn:aws:events:us-east-1:111122223333:rule/r", "NotImplemented"),
            ("arn:aws:iam::111122223333:role/r", "ValidationException"),
            ("arn:aws:sqs:::q", "ValidationException"),
            ("q", "ValidationException"),
        ] {
            assert!(Kind::of(arn).is_err_and(|error| error.is(code)), "{arn}");
        }
    }
}
