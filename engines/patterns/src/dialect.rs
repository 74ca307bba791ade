//! In which the languages of filter policies and event patterns differ.

/// Whose language a pattern is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Filter policies of SNS's subscriptions.
    FilterPolicy,
    /// Event patterns of EventBridge's rules.
    EventPattern,
}

impl Dialect {
    /// The greatest absolute value of a number.
    ///
    /// Sources: <https://docs.aws.amazon.com/sns/latest/dg/numeric-value-matching.html>,
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#filtering-numeric-matching>
    pub(crate) const fn greatest(self) -> f64 {
        match self {
            Self::FilterPolicy => 1e9,
            Self::EventPattern => 5e9,
        }
    }

    /// The parts of one that are told apart: five or six digits behind the point.
    pub(crate) const fn parts(self) -> f64 {
        match self {
            Self::FilterPolicy => 1e5,
            Self::EventPattern => 1e6,
        }
    }

    /// The range of numbers, as errors tell it.
    pub(crate) const fn range(self) -> &'static str {
        match self {
            Self::FilterPolicy => "between -1.0E9 and 1.0E9, inclusive",
            Self::EventPattern => "between -5.0E9 and 5.0E9, inclusive",
        }
    }
}
