//! What a value can be held against.

use serde_json::Value;

use crate::Dialect;
use crate::cidr::Cidr;
use crate::number::Decimal;
use crate::wildcard::Wildcard;

/// One of the alternatives of a key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Matcher {
    /// The same text, number, truth value or null.
    Exact(Value),
    /// There is a value.
    Exists,
    /// There is no value.
    Absent,
    Text(Text),
    /// All comparisons hold.
    Numeric(Vec<(Comparison, Decimal)>),
    /// A value, and none of these.
    NoneOf(Vec<Value>),
    /// A value, and not such a text.
    NotText(Vec<Text>),
}

/// A property of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    Prefix(String),
    Suffix(String),
    /// In lower case.
    PrefixIgnoringCase(String),
    /// In lower case.
    SuffixIgnoringCase(String),
    /// In lower case.
    IgnoringCase(String),
    Wildcard(Wildcard),
    Cidr(Cidr),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Matcher {
    /// Whether it accepts what a document has under the key.
    pub(crate) fn accepts(&self, found: Option<&Value>, dialect: Dialect) -> bool {
        match found {
            None => *self == Self::Absent,
            Some(value) => self.accepts_value(value, dialect),
        }
    }

    fn accepts_value(&self, value: &Value, dialect: Dialect) -> bool {
        match self {
            // One of several values is enough, however deep in arrays.
            _ if value.is_array() => {
                value.as_array().is_some_and(|values| values.iter().any(|value| self.accepts_value(value, dialect)))
            }
            Self::Exact(wanted) => equal(wanted, value, dialect),
            // Only leaves exist.
            Self::Exists => !value.is_object(),
            Self::Absent => false,
            Self::Text(text) => value.as_str().is_some_and(|value| text.fits(value)),
            Self::Numeric(comparisons) => {
                let number = if let Value::Number(number) = value { Decimal::of(number, dialect) } else { None };
                number
                    .is_some_and(|number| comparisons.iter().all(|(comparison, than)| comparison.holds(number, *than)))
            }
            Self::NoneOf(unwanted) => {
                !value.is_object() && !unwanted.iter().any(|unwanted| equal(unwanted, value, dialect))
            }
            Self::NotText(texts) => {
                !value.is_object() && !value.as_str().is_some_and(|value| texts.iter().any(|text| text.fits(value)))
            }
        }
    }

    /// The wildcards in it.
    pub(crate) fn wildcards(&self) -> impl Iterator<Item = &Wildcard> {
        let texts = match self {
            Self::Text(text) => std::slice::from_ref(text),
            Self::NotText(texts) => texts,
            _ => &[],
        };
        texts.iter().filter_map(|text| if let Text::Wildcard(wildcard) = text { Some(wildcard) } else { None })
    }
}

/// Numbers are equal by their value.
// UNVERIFIED: the guide to EventBridge says that 300, 300.0 and 3.0e2 are not equal, and the library that AWS publishes for
// its patterns that they are, as SNS's guide does.
fn equal(wanted: &Value, value: &Value, dialect: Dialect) -> bool {
    match (wanted, value) {
        (Value::Number(wanted), Value::Number(value)) => {
            match (Decimal::of(wanted, dialect), Decimal::of(value, dialect)) {
                (Some(wanted), Some(value)) => wanted == value,
                _ => wanted == value,
            }
        }
        _ => wanted == value,
    }
}

impl Text {
    fn fits(&self, value: &str) -> bool {
        match self {
            Self::Prefix(prefix) => value.starts_with(prefix.as_str()),
            Self::Suffix(suffix) => value.ends_with(suffix.as_str()),
            Self::PrefixIgnoringCase(lower) => value.to_lowercase().starts_with(lower.as_str()),
            Self::SuffixIgnoringCase(lower) => value.to_lowercase().ends_with(lower.as_str()),
            Self::IgnoringCase(lower) => value.to_lowercase() == *lower,
            Self::Wildcard(wildcard) => wildcard.matches(value),
            Self::Cidr(cidr) => cidr.contains(value),
        }
    }
}

impl Comparison {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "=" => Self::Equal,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    fn holds(self, number: Decimal, than: Decimal) -> bool {
        match self {
            Self::Equal => number == than,
            Self::Less => number < than,
            Self::LessOrEqual => number <= than,
            Self::Greater => number > than,
            Self::GreaterOrEqual => number >= than,
        }
    }
}
