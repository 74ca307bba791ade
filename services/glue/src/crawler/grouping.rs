//! Which tables there are in the folders of a target, and which folders are partitions of them.
//!
//! "When the majority of schemas at a folder level are similar, the crawler creates partitions of a table instead of
//! separate tables": <https://docs.aws.amazon.com/glue/latest/dg/crawler-s3-folder-table-partition.html>
//!
//! UNVERIFIED, and as follows: a folder whose files are alike is a table; folders with nothing but such folders in them,
//! all equally deep, are one table if most of these are alike, which a single one always is. Files that are not alike, and
//! files beside folders, are a table each. A folder that is a table of the crawler's already stays one.

use std::collections::{BTreeMap, BTreeSet};

use super::schema;
use super::shape::{Amount, Shape};

/// A folder: what is in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Folder {
    pub(crate) files: Vec<File>,
    pub(crate) folders: BTreeMap<String, Folder>,
}

/// A file that was recognised.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) shape: Shape,
    pub(crate) amount: Amount,
}

/// A table that was found.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The key of its folder, with a slash at its end unless it is the bucket; or that of its file.
    pub(crate) key: String,
    pub(crate) shape: Shape,
    pub(crate) amount: Amount,
    /// How many levels of folders are partitions.
    pub(crate) depth: usize,
    pub(crate) parts: Vec<Part>,
}

/// A partition that was found.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// The names of its folders below the table's.
    pub(crate) folders: Vec<String>,
    pub(crate) shape: Shape,
    pub(crate) amount: Amount,
}

/// What is made one table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'a> {
    /// Whatever is of one format.
    pub(crate) combine: bool,
    /// At which level tables are, where the bucket is the first one.
    pub(crate) level: Option<u64>,
    /// Keys of what is a table already.
    pub(crate) tables: &'a BTreeSet<String>,
}

impl Folder {
    /// Adds a file by its path below this folder.
    pub(crate) fn add(&mut self, path: &str, file: impl FnOnce(String) -> File) {
        let mut folder = self;
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_some() {
                folder = folder.folders.entry(part.to_owned()).or_default();
            } else {
                folder.files.push(file(part.to_owned()));
                return;
            }
        }
    }

    /// The tables in it. `key` is its own, with a slash at its end unless it is the bucket.
    pub(crate) fn tables(&self, key: &str, rules: Rules<'_>) -> Vec<Found> {
        let level = 1 + key.matches('/').count() as u64;
        // Below the level of tables everything is partitions; above it nothing is.
        let forced =
            rules.combine || rules.tables.contains(key) || rules.level.is_some_and(|of_tables| level >= of_tables);
        let apart = rules.level.is_some_and(|of_tables| level < of_tables);
        let mut below = Vec::new();
        for (name, folder) in &self.folders {
            below.push((name, folder.tables(&format!("{key}{name}/"), rules)));
        }
        if self.folders.is_empty() && !apart {
            return of_files(&self.files, key, forced);
        }
        let tables = !forced && below.iter().any(|(name, _)| rules.tables.contains(&format!("{key}{name}/")));
        if self.files.is_empty()
            && !tables
            && !apart
            && let Some(table) = of_folders(&below, key, forced)
        {
            return vec![table];
        }
        let mut all: Vec<Found> = below.into_iter().flat_map(|(_, tables)| tables).collect();
        if forced
            && !self.files.is_empty()
            && let Some(table) = flat(&self.files, &all, key)
        {
            return vec![table];
        }
        all.extend(self.files.iter().map(|file| single(file, key)));
        all
    }
}

fn single(file: &File, key: &str) -> Found {
    let key = format!("{key}{}", file.name);
    Found { key, shape: file.shape.clone(), amount: file.amount, depth: 0, parts: Vec::new() }
}

/// Shapes of which most are alike, and how many of each there are.
struct Shapes<'a>(Vec<(&'a Shape, usize)>);

/// So many shapes are compared with all others.
const COMPARED: usize = 50;

impl<'a> Shapes<'a> {
    fn of(all: impl Iterator<Item = &'a Shape>) -> Self {
        let mut counted: Vec<(&Shape, usize)> = Vec::new();
        for shape in all {
            match counted.iter_mut().find(|(other, _)| *other == shape) {
                Some((_, count)) => *count += 1,
                None => counted.push((shape, 1)),
            }
        }
        Self(counted)
    }

    /// What they are together; nothing if they cannot be, or would not be by themselves and are not forced to.
    fn together(&self, forced: bool) -> Option<Shape> {
        let (first, rest) = self.0.split_first()?;
        if rest.iter().any(|(other, _)| !first.0.is_compatible(other)) {
            return None;
        }
        let all: usize = self.0.iter().map(|(_, count)| count).sum();
        let like = |one: &Shape| self.0.iter().filter(|(other, _)| one.is_similar(other)).map(|(_, count)| count).sum();
        if !forced && !self.0.iter().take(COMPARED).any(|(one, _)| schema::is_most(like(one), all)) {
            return None;
        }
        let mut together = first.0.clone();
        rest.iter().for_each(|(other, _)| together.merge(other));
        Some(together)
    }
}

fn total(amounts: impl Iterator<Item = Amount>) -> Amount {
    let mut total = Amount::default();
    amounts.for_each(|amount| total.add(amount));
    total
}

/// The tables of files in one folder.
fn of_files(files: &[File], key: &str, forced: bool) -> Vec<Found> {
    match Shapes::of(files.iter().map(|file| &file.shape)).together(forced) {
        Some(shape) => {
            let amount = total(files.iter().map(|file| file.amount));
            vec![Found { key: key.to_owned(), shape, amount, depth: 0, parts: Vec::new() }]
        }
        None => files.iter().map(|file| single(file, key)).collect(),
    }
}

/// The table whose partitions folders are.
fn of_folders(below: &[(&String, Vec<Found>)], key: &str, forced: bool) -> Option<Found> {
    let mut tables = Vec::new();
    for (name, found) in below {
        match found.as_slice() {
            [table] if table.key == format!("{key}{name}/") => tables.push((*name, table)),
            _ => return None,
        }
    }
    let depth = tables.first()?.1.depth;
    if tables.iter().any(|(_, table)| table.depth != depth) {
        return None;
    }
    let shape = Shapes::of(tables.iter().map(|(_, table)| &table.shape)).together(forced)?;
    let amount = total(tables.iter().map(|(_, table)| table.amount));
    let mut parts = Vec::new();
    for (name, table) in tables {
        if table.depth == 0 {
            parts.push(Part { folders: vec![name.clone()], shape: table.shape.clone(), amount: table.amount });
        }
        parts.extend(table.parts.iter().map(|part| Part {
            folders: std::iter::once(name.clone()).chain(part.folders.iter().cloned()).collect(),
            ..part.clone()
        }));
    }
    Some(Found { key: key.to_owned(), shape, amount, depth: depth + 1, parts })
}

/// A table of files and folders side by side: it has no partitions.
fn flat(files: &[File], tables: &[Found], key: &str) -> Option<Found> {
    let shapes = files.iter().map(|file| &file.shape).chain(tables.iter().map(|table| &table.shape));
    let shape = Shapes::of(shapes).together(true)?;
    let amounts = files.iter().map(|file| file.amount).chain(tables.iter().map(|table| table.amount));
    Some(Found { key: key.to_owned(), shape, amount: total(amounts), depth: 0, parts: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::super::shape::{Compression, Layout};
    use super::*;
    use welkin_sql::Type;

    /// Files by their paths, each with the format and the names of its columns: `json:a,b`.
    fn tables(files: &[(&str, &str)], rules: Rules<'_>) -> Vec<String> {
        let mut root = Folder::default();
        for (path, shape) in files {
            let (classification, columns) = shape.split_once(':').expect("a shape");
            let shape = Shape {
                classification: classification.to_owned(),
                compression: Compression::None,
                layout: Layout::Json { path: None },
                columns: columns.split(',').map(|name| (name.to_owned(), Type::Integer)).collect(),
            };
            root.add(path, |name| File { name, shape, amount: Amount { objects: 1, ..Amount::default() } });
        }
        let shown = |table: &Found| {
            let parts = table.parts.iter().map(|part| part.folders.join("/")).collect::<Vec<_>>().join(" ");
            let columns: Vec<&str> = table.shape.columns.iter().map(|(name, _)| name.as_str()).collect();
            let objects = table.amount.objects;
            assert!(
                table.parts.is_empty() || table.parts.iter().map(|part| part.amount.objects).sum::<u64>() == objects
            );
            format!("{} {} [{parts}]", table.key, columns.join(","))
        };
        root.tables("", rules).iter().map(shown).collect()
    }

    static NONE: BTreeSet<String> = BTreeSet::new();
    const PLAIN: Rules<'static> = Rules { combine: false, level: None, tables: &NONE };
    const COMBINE: Rules<'static> = Rules { combine: true, level: None, tables: &NONE };

    /// <https://docs.aws.amazon.com/glue/latest/dg/crawler-s3-folder-table-partition.html>
    #[test]
    fn folders_that_are_alike_are_partitions_of_one_table() {
        let files = [
            ("table1/partition1/file.txt", "json:a,b"),
            ("table1/partition2/file.txt", "json:a,b"),
            ("table2/partition4/file.txt", "json:a,b"),
        ];
        assert_eq!(tables(&files, PLAIN), [" a,b [table1/partition1 table1/partition2 table2/partition4]"]);
        let files = [
            ("table1/partition1/file.txt", "json:a,b"),
            ("table1/partition2/file.txt", "json:a,b"),
            ("table2/partition4/file.txt", "json:c,d"),
        ];
        assert_eq!(tables(&files, PLAIN), ["table1/ a,b [partition1 partition2]", "table2/ c,d [partition4]"]);
    }

    /// <https://docs.aws.amazon.com/glue/latest/dg/crawler-grouping-policy.html>
    #[test]
    fn schemas_that_are_not_similar_are_combined_only_on_demand() {
        let files = [("year=2017/data1.json", "json:A,B"), ("year=2018/data2.json", "json:C,D")];
        assert_eq!(tables(&files, PLAIN), ["year=2017/ A,B []", "year=2018/ C,D []"]);
        assert_eq!(tables(&files, COMBINE), [" A,B,C,D [year=2017 year=2018]"]);
        let files = [("x/a", "json:A"), ("x/b", "csv:A"), ("y/c", "json:A")];
        assert_eq!(tables(&files, COMBINE), ["x/a A []", "x/b A []", "y/ A []"]);
    }

    #[test]
    fn files_that_are_not_alike_are_tables_of_their_own() {
        assert_eq!(tables(&[("a", "json:x"), ("b", "json:y")], PLAIN), ["a x []", "b y []"]);
        assert_eq!(tables(&[("a", "json:x"), ("f/b", "json:x")], PLAIN), ["f/ x []", "a x []"]);
        assert_eq!(tables(&[("a", "json:x"), ("f/b", "json:x")], COMBINE), [" x []"]);
        // Most are alike: the one that is not is in the table, too.
        let mut files = vec![("a", "json:x,y"), ("b", "json:x,y"), ("c", "json:x,y"), ("d", "json:z")];
        assert_eq!(tables(&files, PLAIN), [" x,y,z []"]);
        files.pop();
        files.push(("d", "csv:x,y"));
        assert_eq!(tables(&files, PLAIN).len(), 4);
    }

    #[test]
    fn what_is_a_table_stays_one() {
        let files = [("t/x=1/a", "json:x")];
        let known = BTreeSet::from(["t/".to_owned()]);
        assert_eq!(tables(&files, PLAIN), [" x [t/x=1]"]);
        assert_eq!(tables(&files, Rules { tables: &known, ..PLAIN }), ["t/ x [x=1]"]);
        assert_eq!(tables(&files, Rules { tables: &known, ..COMBINE }), [" x [t/x=1]"]);
        let files = [("t/x=1/a", "json:x"), ("t/x=2/a", "json:y")];
        assert_eq!(tables(&files, Rules { tables: &known, ..PLAIN }), ["t/ x,y [x=1 x=2]"]);
    }

    #[test]
    fn folders_that_are_not_equally_deep_are_tables_of_their_own() {
        assert_eq!(tables(&[("f/a", "json:x"), ("g/h/b", "json:x")], PLAIN), ["f/ x []", "g/ x [h]"]);
        let deep = format!("{}a", "f/".repeat(500));
        assert_eq!(tables(&[(&deep, "json:x")], PLAIN).len(), 1);
    }

    /// <https://docs.aws.amazon.com/glue/latest/dg/crawler-table-level.html>
    #[test]
    fn tables_are_at_the_level_that_is_told() {
        let files = [("a/month=1/x", "json:x"), ("a/month=2/x", "json:y"), ("b/month=1/x", "json:x")];
        let at = |level| tables(&files, Rules { combine: false, level: Some(level), tables: &NONE });
        assert_eq!(at(1), [" x,y [a/month=1 a/month=2 b/month=1]"]);
        assert_eq!(at(2), ["a/ x,y [month=1 month=2]", "b/ x [month=1]"]);
        assert_eq!(at(3), ["a/month=1/ x []", "a/month=2/ y []", "b/month=1/ x []"]);
    }
}
