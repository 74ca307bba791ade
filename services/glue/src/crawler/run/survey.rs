//! Finds out what a run has to write: lists and reads what the crawler's targets are, and compares it with the catalog.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use welkin_kernel::Cx;

use super::reader::{Listed, Reader};
use super::{Failure, Stopped, Trouble};
use crate::catalog::fold;
use crate::classifier::Classifier;
use crate::crawler::Crawler;
use crate::crawler::configuration::Configuration;
use crate::crawler::definition::{DeleteBehavior, RecrawlBehavior};
use crate::crawler::grouping::{File, Folder, Found, Part, Rules};
use crate::crawler::naming;
use crate::crawler::plan::{Act, BY, Change, Plan, There};
use crate::crawler::role::Session;
use crate::crawler::shape::Amount;
use crate::crawler::target::{CatalogTarget, S3Target, bucket_and_key};
use crate::table::TableInput;

type Outcome<T> = std::result::Result<T, Trouble>;

/// What a run has to write, and the session with which it can.
pub(super) struct Surveyed {
    pub(super) deeds: Vec<(Act, Value)>,
    pub(super) session: Session,
}

/// A table that was found, and where: `s3://bucket/folder/`.
struct Located {
    location: String,
    bucket: String,
    found: Found,
}

/// Finds out what a run has to write.
pub(super) async fn survey(
    cx: &mut Cx,
    crawler: &Crawler,
    classifiers: &[Classifier],
    stopped: Stopped,
) -> Outcome<Surveyed> {
    let configuration = Configuration::parse(crawler.definition.configuration.as_deref())?;
    let now = cx.now();
    let reader = Reader::new(cx, crawler, stopped).await?;
    let policy = crawler.definition.schema_change_policy;
    let database = fold(crawler.definition.database.as_deref().unwrap_or("default"));
    let plan = Plan {
        crawler: &crawler.name,
        database: &database,
        update: policy.update(),
        delete: policy.delete(),
        configuration,
        now,
    };
    let mut survey = Survey { reader, crawler, classifiers, plan, deeds: Vec::new() };
    if crawler.definition.targets.catalog.is_empty() {
        survey.folders().await?;
    }
    for target in &crawler.definition.targets.catalog {
        survey.catalog(target).await?;
    }
    if survey.reader.read == 0
        && let Some(why) = survey.reader.unread.first()
    {
        return Err(Trouble::Failure(Failure::Failed(why.clone())));
    }
    Ok(Surveyed { deeds: survey.deeds, session: survey.reader.session })
}

/// What is found out, and by what.
pub(super) struct Survey<'a> {
    pub(super) reader: Reader<'a>,
    crawler: &'a Crawler,
    classifiers: &'a [Classifier],
    pub(super) plan: Plan<'a>,
    pub(super) deeds: Vec<(Act, Value)>,
}

impl Survey<'_> {
    /// What there is to write of objects.
    async fn folders(&mut self) -> Outcome<()> {
        let database = self.plan.database;
        // UNVERIFIED: that a database which is not there is made.
        let old = if self.reader.has_database(database).await? {
            self.reader.tables(database).await?
        } else {
            self.deeds.push((Act::CreateDatabase, json!({ "DatabaseInput": { "Name": database } })));
            Vec::new()
        };
        let only_new = self.crawler.definition.recrawl_behavior == RecrawlBehavior::NewFoldersOnly;
        let mut found: Vec<Located> = Vec::new();
        for target in &self.crawler.definition.targets.s3 {
            let Some((bucket, path)) = target.location() else { continue };
            let (key, mut objects) = self.objects(target, bucket, path).await?;
            if only_new {
                objects = self.known(&old, bucket, objects).await?;
            }
            let known = self.known_keys(&old, bucket);
            for table in self.tables(target, (bucket, &key), objects, &known).await? {
                let location = format!("s3://{bucket}/{}", table.key);
                if found.iter().all(|other| other.location != location) {
                    found.push(Located { location, bucket: bucket.to_owned(), found: table });
                }
            }
        }
        self.check_threshold(found.len())?;
        if !self.reader.unread.is_empty() || only_new {
            // What was not read may be there all the same.
            self.plan.delete = DeleteBehavior::Log;
        }
        let mut named = self.named(&old, &found);
        for (located, name) in found.iter().zip(&named) {
            let own = old.iter().find(|table| table.name == *name);
            let partitions = match own {
                Some(table) if !table.partition_keys().is_empty() => self.reader.partitions(database, name).await?,
                _ => Vec::new(),
            };
            let change = Change {
                name,
                location: &located.location,
                found: &located.found,
                old: own,
                partitions: &partitions,
                kept: false,
            };
            self.deeds.extend(self.plan.table(&change)?);
        }
        for target in &self.crawler.definition.targets.iceberg {
            self.iceberg(target, &old, &mut named).await?;
        }
        self.lost(&old, &named)
    }

    fn check_threshold(&self, tables: usize) -> Outcome<()> {
        match self.plan.configuration.table_threshold {
            Some(most) if tables as u64 > most => Err(Trouble::Failure(Failure::Failed(format!(
                "The number of tables detected by crawler: {tables} is greater than the table threshold value \
                 provided: {most}. Failing crawler without writing to Data Catalog."
            )))),
            _ => Ok(()),
        }
    }

    /// Objects of a target that are not left out, and the key of the folder that they are in.
    async fn objects(&mut self, target: &S3Target, bucket: &str, path: &str) -> Outcome<(String, Vec<Listed>)> {
        let exclusions = target.exclusions()?;
        let mut objects = self.reader.list(bucket, path).await?;
        let folder = match path {
            "" => String::new(),
            path if path.ends_with('/') => path.to_owned(),
            // The path may be that of an object.
            path if objects.iter().any(|object| object.key == path) => {
                objects.retain(|object| object.key == path);
                path.rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("{folder}/"))
            }
            path => format!("{path}/"),
        };
        objects.retain(|object| {
            let below = object.key.strip_prefix(&folder);
            below.is_some_and(|below| !is_hidden(below) && !exclusions.iter().any(|glob| glob.matches(below)))
        });
        Ok((folder, objects))
    }

    /// The keys of the crawler's tables in a bucket.
    fn known_keys(&self, old: &[TableInput], bucket: &str) -> BTreeSet<String> {
        let own = old.iter().filter(|table| is_of(table, &self.crawler.name));
        let at = own.filter_map(|table| table.storage_descriptor.as_ref()?.location.as_deref());
        at.filter_map(bucket_and_key).filter(|(own, _)| *own == bucket).map(|(_, key)| folder(key)).collect()
    }

    /// The tables of objects below a folder.
    async fn tables(
        &mut self,
        target: &S3Target,
        (bucket, key): (&str, &str),
        objects: Vec<Listed>,
        known: &BTreeSet<String>,
    ) -> Outcome<Vec<Found>> {
        let configuration = self.plan.configuration;
        let rules = Rules { combine: configuration.combine, level: configuration.table_level, tables: known };
        let single = objects.len() == 1 && target.location().is_some_and(|(_, path)| objects[0].key == path);
        let folder = self.folder(bucket, key, &objects, target.sample_size()).await?;
        if folder.files.is_empty() && folder.folders.is_empty() {
            return Ok(Vec::new());
        }
        let mut tables = folder.tables(key, rules);
        if single && let (Some(table), Some(object)) = (tables.first_mut(), objects.first()) {
            table.key.clone_from(&object.key);
        }
        Ok(tables)
    }

    /// What objects below a folder are. Of each folder's only as many are read as the sample is to have.
    async fn folder(&mut self, bucket: &str, key: &str, objects: &[Listed], sample: Option<usize>) -> Outcome<Folder> {
        let mut folder = Folder::default();
        // Of each folder how many files were read, and what the last one was.
        let mut read: BTreeMap<&str, (usize, File)> = BTreeMap::new();
        for object in objects {
            let Some(below) = object.key.strip_prefix(key) else { continue };
            let parent = below.rsplit_once('/').map_or("", |(parent, _)| parent);
            let known = read.get(parent).filter(|(count, _)| sample.is_some_and(|most| *count >= most));
            let (shape, amount) = match known {
                Some((_, like)) => (like.shape.clone(), alike(like.amount, object.size)),
                None => {
                    let Some(found) = self.reader.recognize(bucket, object, self.classifiers).await? else { continue };
                    let count = read.get(parent).map_or(0, |(count, _)| *count);
                    let file = File { name: String::new(), shape: found.0.clone(), amount: found.1 };
                    read.insert(parent, (count + 1, file));
                    found
                }
            };
            folder.add(below, |name| File { name, shape, amount });
        }
        Ok(folder)
    }

    /// The names of tables, of which none is another one's.
    fn named(&self, old: &[TableInput], found: &[Located]) -> Vec<String> {
        let mut names = Vec::new();
        for located in found {
            let name = self.name(old, &names, (&located.bucket, &located.found.key), &located.location);
            names.push(name);
        }
        names
    }

    /// The name of a table: the one that it has, or a new one that no other table has.
    pub(super) fn name(
        &self,
        old: &[TableInput],
        taken: &[String],
        (bucket, key): (&str, &str),
        location: &str,
    ) -> String {
        let prefix = self.crawler.definition.table_prefix.as_deref().unwrap_or_default();
        let plain = naming::table(prefix, bucket, key);
        let suffixed = naming::with_suffix(&plain, location);
        let has = |name: &String| old.iter().any(|table| table.name == *name && is_at(table, location));
        let free = !taken.contains(&plain) && old.iter().all(|table| table.name != plain);
        let own = [&plain, &suffixed].into_iter().find(|name| has(name) && !taken.contains(name)).cloned();
        own.unwrap_or(if free { plain } else { suffixed })
    }

    /// What becomes of the crawler's tables whose data are no more.
    fn lost(&mut self, old: &[TableInput], named: &[String]) -> Outcome<()> {
        let targets = &self.crawler.definition.targets;
        let of_s3 = targets.s3.iter().filter_map(S3Target::location);
        let of_iceberg =
            targets.iceberg.iter().flat_map(|target| target.paths()).filter_map(|path| bucket_and_key(path));
        let roots = of_s3.chain(of_iceberg).map(|(bucket, path)| folder(&format!("s3://{bucket}/{path}")));
        let roots: Vec<String> = roots.collect();
        for table in old.iter().filter(|table| is_of(table, &self.crawler.name) && !named.contains(&table.name)) {
            let at = table.storage_descriptor.as_ref().and_then(|it| it.location.as_deref()).unwrap_or_default();
            if roots.iter().any(|root| folder(at).starts_with(root)) {
                self.deeds.extend(self.plan.lost(table)?);
            }
        }
        Ok(())
    }

    /// Of objects those that are in none of the folders which the crawler has seen. What is new below a table becomes
    /// its partition, as it is told nothing else than the table.
    // UNVERIFIED: that it is so, and that new objects below a table which are no partitions are passed over.
    async fn known(&mut self, old: &[TableInput], bucket: &str, objects: Vec<Listed>) -> Outcome<Vec<Listed>> {
        let mut rest = objects;
        for table in old.iter().filter(|table| is_of(table, &self.crawler.name)) {
            let location = table.storage_descriptor.as_ref().and_then(|it| it.location.as_deref());
            let Some((own, key)) = location.and_then(bucket_and_key).filter(|(own, _)| *own == bucket) else {
                continue;
            };
            let below = |object: &Listed| object.key == key || object.key.starts_with(&folder(key));
            let (within, others): (Vec<Listed>, Vec<Listed>) = rest.into_iter().partition(below);
            rest = others;
            if table.partition_keys().is_empty() || within.is_empty() {
                continue;
            }
            let there = self.reader.partitions(self.plan.database, &table.name).await?;
            self.new_partitions(table, &format!("s3://{own}/{}", folder(key)), &folder(key), &within, &there).await?;
        }
        Ok(rest)
    }

    /// Adds the folders that are no partitions yet.
    async fn new_partitions(
        &mut self,
        table: &TableInput,
        location: &str,
        key: &str,
        objects: &[Listed],
        there: &[There],
    ) -> Outcome<()> {
        let depth = table.partition_keys().len();
        let mut fresh: BTreeMap<Vec<String>, Vec<&Listed>> = BTreeMap::new();
        for object in objects {
            let below = object.key.strip_prefix(key).unwrap_or_default();
            let mut folders: Vec<String> = below.split('/').map(str::to_owned).collect();
            folders.pop();
            if folders.len() == depth {
                fresh.entry(folders).or_default().push(object);
            }
        }
        let bucket = bucket_and_key(location).map_or("", |(bucket, _)| bucket);
        let mut parts = Vec::new();
        for (folders, objects) in fresh {
            let mut found: Option<Part> = None;
            let values = naming::partition_values(&Part {
                folders: folders.clone(),
                shape: crate::crawler::shape::Shape::unknown(crate::crawler::shape::Compression::None),
                amount: Amount::default(),
            });
            if there.iter().any(|old| old.values == values) {
                continue;
            }
            for object in objects {
                let recognized = self.reader.recognize(bucket, object, self.classifiers).await?;
                let Some((shape, amount)) = recognized else { continue };
                match &mut found {
                    Some(part) => part.amount.add(amount),
                    None => found = Some(Part { folders: folders.clone(), shape, amount }),
                }
            }
            parts.extend(found);
        }
        let Some(first) = parts.first() else { return Ok(()) };
        let found = Found { key: key.to_owned(), shape: first.shape.clone(), amount: Amount::default(), depth, parts };
        let change =
            Change { name: &table.name, location, found: &found, old: Some(table), partitions: there, kept: true };
        self.deeds.extend(self.plan.table(&change)?);
        Ok(())
    }

    /// What there is to write of tables that are targets.
    async fn catalog(&mut self, target: &CatalogTarget) -> Outcome<()> {
        let database = fold(&target.database_name);
        for name in &target.tables {
            let name = fold(name);
            let table = self.reader.table(&database, &name).await?;
            let location = table.storage_descriptor.as_ref().and_then(|it| it.location.as_deref());
            let Some((bucket, key)) = location.and_then(bucket_and_key) else {
                // UNVERIFIED: the wording.
                let why = format!("Table {name} is not in Amazon S3, which is all that Welkin's crawlers crawl.");
                return Err(Trouble::Failure(Failure::Failed(why)));
            };
            let key = folder(key);
            let objects = self.reader.list(bucket, &key).await?;
            let objects: Vec<Listed> = objects
                .into_iter()
                .filter(|object| object.key.strip_prefix(&key).is_some_and(|below| !is_hidden(below)))
                .collect();
            let folder = self.folder(bucket, &key, &objects, None).await?;
            let level = 1 + key.matches('/').count() as u64;
            let rules = Rules { combine: true, level: Some(level), tables: &BTreeSet::new() };
            let found = folder.tables(&key, rules);
            // Where there is nothing, or what no one table can have, the table stays as it is.
            let [found] = found.as_slice() else { continue };
            let partitions = match table.partition_keys().is_empty() {
                true => Vec::new(),
                false => self.reader.partitions(&database, &name).await?,
            };
            let location = format!("s3://{bucket}/{key}");
            let change = Change {
                name: &name,
                location: &location,
                found,
                old: Some(&table),
                partitions: &partitions,
                kept: true,
            };
            let plan = Plan { database: &database, delete: DeleteBehavior::Log, ..self.plan_of() };
            self.deeds.extend(plan.table(&change)?);
        }
        Ok(())
    }

    fn plan_of(&self) -> Plan<'_> {
        let Plan { crawler, database, update, delete, configuration, now } = self.plan;
        Plan { crawler, database, update, delete, configuration, now }
    }
}

/// How much a file of a size has that is like another one.
fn alike(like: Amount, size: u64) -> Amount {
    let average = like.record_bytes.checked_div(like.records).unwrap_or(0).max(1);
    let records = if like.records == 0 { 0 } else { (size / average).max(1) };
    Amount { objects: 1, bytes: size, records, record_bytes: records.saturating_mul(average) }
}

/// A location or key as that of a folder.
fn folder(location: &str) -> String {
    if location.is_empty() || location.ends_with('/') { location.to_owned() } else { format!("{location}/") }
}

fn is_at(table: &TableInput, location: &str) -> bool {
    let own = table.storage_descriptor.as_ref().and_then(|it| it.location.as_deref());
    own.is_some_and(|own| folder(own) == folder(location))
}

fn is_of(table: &TableInput, crawler: &str) -> bool {
    table.parameters.as_ref().and_then(|all| all.get(BY)).is_some_and(|by| by == crawler)
}

/// Whether Athena does not read what is at a path: files and folders that begin with `_` or `.`.
///
/// <https://docs.aws.amazon.com/athena/latest/ug/tables-location-format.html>
// UNVERIFIED: that crawlers pass over the same.
fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with(['_', '.']))
}
