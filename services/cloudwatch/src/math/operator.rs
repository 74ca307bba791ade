//! Operators of expressions.

/// An operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    AtMost,
    AtLeast,
    Less,
    Greater,
    Plus,
    Minus,
    Times,
    Over,
    Power,
}

impl Operator {
    /// The operator that is written so.
    pub(crate) fn of(text: &str) -> Option<Self> {
        Some(match text {
            "||" | "OR" => Self::Or,
            "&&" | "AND" => Self::And,
            "==" => Self::Equal,
            "!=" => Self::Unequal,
            "<=" => Self::AtMost,
            ">=" => Self::AtLeast,
            "<" => Self::Less,
            ">" => Self::Greater,
            "+" => Self::Plus,
            "-" => Self::Minus,
            "*" => Self::Times,
            "/" => Self::Over,
            "^" => Self::Power,
            _ => return None,
        })
    }

    /// How strongly it binds.
    pub(crate) fn strength(self) -> u8 {
        match self {
            Self::Or => 0,
            Self::And => 1,
            Self::Equal | Self::Unequal => 2,
            Self::AtMost | Self::AtLeast | Self::Less | Self::Greater => 3,
            Self::Plus | Self::Minus => 4,
            Self::Times | Self::Over => 5,
            Self::Power => 6,
        }
    }

    /// Its value; `None` where there is none, as of a division by zero.
    #[allow(clippy::float_cmp)] // That is what the operators mean.
    pub(crate) fn of_numbers(self, left: f64, right: f64) -> Option<f64> {
        let truth = |is: bool| if is { 1.0 } else { 0.0 };
        let value = match self {
            Self::Or => truth(left != 0.0 || right != 0.0),
            Self::And => truth(left != 0.0 && right != 0.0),
            Self::Equal => truth(left == right),
            Self::Unequal => truth(left != right),
            Self::AtMost => truth(left <= right),
            Self::AtLeast => truth(left >= right),
            Self::Less => truth(left < right),
            Self::Greater => truth(left > right),
            Self::Plus => left + right,
            Self::Minus => left - right,
            Self::Times => left * right,
            Self::Over => left / right,
            Self::Power => left.powf(right),
        };
        value.is_finite().then_some(value)
    }
}
