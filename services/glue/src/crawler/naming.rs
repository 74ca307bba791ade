//! Names of tables and partition keys.
//!
//! "The name of the table is based on the Amazon S3 prefix or folder name."
//! <https://docs.aws.amazon.com/glue/latest/dg/crawler-s3-folder-table-partition.html>

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::grouping::{Found, Part};

/// The longest name of a table.
///
/// Source: <https://docs.aws.amazon.com/glue/latest/webapi/API_TableInput.html>
const LONGEST: usize = 255;

/// What a folder or file is called in the catalog: in lower case, and with `_` for whatever is no letter, digit or `_`.
fn folded(name: &str) -> String {
    name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect()
}

/// The name of a table of what is at this key of the bucket.
pub(crate) fn table(prefix: &str, bucket: &str, key: &str) -> String {
    let key = key.trim_end_matches('/');
    let name = if key.is_empty() { bucket } else { key.rsplit('/').next().unwrap_or(key) };
    cut(&format!("{}{}", prefix.to_lowercase(), folded(name)), LONGEST)
}

/// The name that it has instead if there is another table of its name: "the crawler adds a hash string suffix to the
/// name".
// UNVERIFIED: of what the hash is; it has 32 digits.
pub(crate) fn with_suffix(name: &str, location: &str) -> String {
    let digest = Sha256::digest(location.as_bytes());
    let suffix: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{}_{suffix}", cut(name, LONGEST - 33))
}

fn cut(name: &str, most: usize) -> String {
    name.chars().take(most).collect()
}

/// The names of the partition keys of a table: those that all folders of a level have before `=`, else `partition_0` and
/// so on. A name that a column has is none.
// UNVERIFIED: the last; a table with two columns of a name could not be queried.
pub(crate) fn partition_keys(found: &Found) -> Vec<String> {
    let taken: BTreeSet<String> = found.shape.columns.iter().map(|(name, _)| name.to_lowercase()).collect();
    let mut keys: Vec<String> = Vec::new();
    for level in 0..found.depth {
        let mut names = found.parts.iter().map(|part| Some(part.folders.get(level)?.split_once('=')?.0));
        let first = names.next().flatten().filter(|name| !name.is_empty());
        let same = first.filter(|first| names.all(|name| name == Some(*first))).map(folded);
        let same = same.filter(|name| !taken.contains(name) && !keys.contains(name));
        keys.push(same.unwrap_or_else(|| format!("partition_{level}")));
    }
    keys
}

/// The values of a partition.
pub(crate) fn partition_values(part: &Part) -> Vec<String> {
    let value = |folder: &String| match folder.split_once('=') {
        Some((key, value)) if !key.is_empty() => value.to_owned(),
        _ => folder.clone(),
    };
    part.folders.iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::super::shape::{Amount, Compression, Shape};
    use super::*;

    #[test]
    fn tables_are_called_as_their_folders() {
        assert_eq!(table("", "my-bucket", ""), "my_bucket");
        assert_eq!(table("", "b", "a/Sales Data/"), "sales_data");
        assert_eq!(table("Raw_", "b", "legislators/persons.json"), "raw_persons_json");
        assert_eq!(table("", "b", "year=2017/"), "year_2017");
        let long = with_suffix(&"x".repeat(255), "s3://b/x/");
        assert_eq!((long.len(), long.as_bytes().first()), (255, Some(&b'x')));
        assert_ne!(with_suffix("x", "s3://b/x/"), with_suffix("x", "s3://c/x/"));
    }

    #[test]
    fn keys_are_called_as_their_folders_say() {
        let keys = |column: &str, folders: &[&[&str]]| {
            let part = |folders: &&[&str]| Part {
                folders: folders.iter().map(|name| (*name).to_owned()).collect(),
                shape: Shape::unknown(Compression::None),
                amount: Amount::default(),
            };
            let mut shape = Shape::unknown(Compression::None);
            shape.columns.push((column.to_owned(), welkin_sql::Type::VARCHAR));
            let parts: Vec<Part> = folders.iter().map(part).collect();
            let depth = folders.first().map_or(0, |folders| folders.len());
            partition_keys(&Found { key: String::new(), shape, amount: Amount::default(), depth, parts })
        };
        assert_eq!(keys("x", &[&["Year=2019", "month=1"], &["Year=2020", "month=2"]]), ["year", "month"]);
        assert_eq!(keys("x", &[&["a", "day=1"], &["b", "day=2"]]), ["partition_0", "day"]);
        assert_eq!(keys("x", &[&["day=1"], &["other=2"]]), ["partition_0"]);
        assert_eq!(keys("day", &[&["day=1"]]), ["partition_0"]);
        assert_eq!(keys("x", &[&["day=1", "day=2"]]), ["day", "partition_1"]);
    }
}
