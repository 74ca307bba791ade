//! Recognises files: custom classifiers first, in their order, then the built-in ones.
//!
//! "If a classifier returns certainty=1.0 … AWS Glue then uses the output of that classifier. If no classifier returns
//! certainty=1.0, AWS Glue uses the output of the classifier that has the highest certainty":
//! <https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html>

pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod log;
pub(crate) mod text;
pub(crate) mod xml;

use welkin_sql::{Description, Format};

use super::shape::{Compression, Layout, Shape};
use crate::classifier::{Classifier, Rule};
use text::Text;

/// What a classifier makes of a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Recognized {
    pub(crate) shape: Shape,
    /// Records that were seen, and the bytes of them as they are when they are not compressed.
    pub(crate) records: u64,
    pub(crate) bytes: u64,
    /// From 0 to 1.
    pub(crate) certainty: f64,
}

/// What a file is that begins so; `UNKNOWN` if no classifier says.
pub(crate) fn recognize(text: &Text, compression: Compression, classifiers: &[Classifier]) -> Recognized {
    let mut best: Option<Recognized> = None;
    let custom = classifiers.iter().map(|classifier| by_rule(text, compression, &classifier.rule));
    // The order of the documentation. What it has beside these is not recognised: Binary JSON, Ion, and XML without
    // the tag of its rows.
    let built_in: [fn(&Text, Compression) -> Option<Recognized>; 3] = [json::built_in, log::built_in, csv::built_in];
    for found in custom.chain(built_in.into_iter().map(|classifier| classifier(text, compression))) {
        let Some(found) = found.filter(|found| found.certainty > 0.0) else { continue };
        if found.certainty >= 1.0 {
            return found;
        }
        if best.as_ref().is_none_or(|best| best.certainty < found.certainty) {
            best = Some(found);
        }
    }
    best.unwrap_or_else(|| Recognized {
        shape: Shape::unknown(compression),
        records: text.lines().count() as u64,
        bytes: text.len() as u64,
        certainty: 0.0,
    })
}

fn by_rule(text: &Text, compression: Compression, rule: &Rule) -> Option<Recognized> {
    match rule {
        Rule::Grok { classification, pattern, custom } => {
            log::by_pattern(text, compression, classification, pattern, custom.as_deref())
        }
        Rule::Xml { classification, row_tag } => xml::recognize(text, compression, classification, row_tag.as_deref()?),
        Rule::Json { path } => json::by_path(text, compression, path),
        Rule::Csv(rule) => csv::by_rule(text, compression, rule),
    }
}

/// What a file is that tells its columns itself.
pub(crate) fn described(format: Format, file: Description, size: u64) -> Recognized {
    let (classification, layout) = match format {
        Format::Avro => ("avro", Layout::Avro(file.schema.unwrap_or_default())),
        Format::Orc => ("orc", Layout::Orc),
        _ => ("parquet", Layout::Parquet),
    };
    let compression = Compression::None;
    let shape = Shape { classification: classification.to_owned(), compression, layout, columns: file.columns };
    Recognized { shape, records: file.rows, bytes: file.bytes.unwrap_or(size), certainty: 1.0 }
}
