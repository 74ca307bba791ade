//! Metrics: a namespace, a name and dimensions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use welkin_kernel::{Error, Result};

use crate::errors::invalid_value;

/// A dimension as the API has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Dimension {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// A metric. The order of its dimensions means nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Metric {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) dimensions: BTreeMap<String, String>,
}

/// What the data of a metric are kept under: a digest of it, so that who writes need not look anything up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MetricId(pub(crate) [u8; 16]);

impl Metric {
    /// The metric that the API names.
    ///
    /// # Errors
    /// `InvalidParameterValue` if a dimension is there twice.
    pub(crate) fn new(namespace: &str, name: &str, dimensions: &[Dimension]) -> Result<Self> {
        let map: BTreeMap<_, _> = dimensions.iter().map(|it| (it.name.clone(), it.value.clone())).collect();
        if map.len() != dimensions.len() {
            // UNVERIFIED: the wording.
            return Err(invalid_value("No repetition of dimension names is allowed."));
        }
        Ok(Self { namespace: namespace.to_owned(), name: name.to_owned(), dimensions: map })
    }

    /// Its id.
    pub(crate) fn id(&self) -> MetricId {
        let mut digest = Sha256::new();
        let dimensions = self.dimensions.iter().flat_map(|(name, value)| [name, value]);
        for part in [&self.namespace, &self.name].into_iter().chain(dimensions) {
            digest.update(u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
            digest.update(part.as_bytes());
        }
        let mut id = [0; 16];
        id.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
        MetricId(id)
    }

    /// Its dimensions as the API has them.
    pub(crate) fn dimensions(&self) -> Vec<Dimension> {
        let pairs = self.dimensions.iter();
        pairs.map(|(name, value)| Dimension { name: name.clone(), value: value.clone() }).collect()
    }
}

/// Holds the text of a name against the rules of names: what can be printed in ASCII, and not blank alone.
///
/// # Errors
/// `InvalidParameterValue`
pub(crate) fn check_text(parameter: &str, text: &str) -> Result<(), Error> {
    if text.chars().all(|c| c.is_ascii() && !c.is_ascii_control()) && !text.trim().is_empty() {
        return Ok(());
    }
    // UNVERIFIED: the wording.
    Err(invalid_value(format_args!(
        "The value {text:?} for parameter {parameter} contains non-ASCII characters or is blank."
    )))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn metric(dimensions: &[(&str, &str)]) -> Metric {
        let dimensions: Vec<_> =
            dimensions.iter().map(|(n, v)| Dimension { name: (*n).to_owned(), value: (*v).to_owned() }).collect();
        Metric::new("ns", "m", &dimensions).unwrap()
    }

    #[test]
    fn the_order_of_dimensions_means_nothing_and_their_ends_do() {
        assert_eq!(metric(&[("a", "1"), ("b", "2")]).id(), metric(&[("b", "2"), ("a", "1")]).id());
        assert_ne!(metric(&[("a", "12")]).id(), metric(&[("a1", "2")]).id());
        assert_ne!(metric(&[("a", "b"), ("c", "d")]).id(), metric(&[("a", "bcd")]).id());
    }

    #[test]
    fn a_dimension_is_there_once() {
        let twice = vec![Dimension { name: "a".to_owned(), value: "1".to_owned() }; 2];
        assert!(Metric::new("ns", "m", &twice).is_err());
    }
}
