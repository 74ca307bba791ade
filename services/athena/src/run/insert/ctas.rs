//! CREATE TABLE AS SELECT.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html>

use std::collections::BTreeMap;

use welkin_kernel::{Cx, Result};
use welkin_sql::ddl::{Formats, Property, TableReference};
use welkin_sql::{Column as EngineColumn, Encoding, FileFormat, Lines, hive_name};

use super::target::{self, Target};
use super::{Written, format, outcome, produce};
use crate::execution::{Execution, Failure, Outcome};
use crate::run::glue::{Column, SerdeInfo, StorageDescriptor, Table};
use crate::run::query::{self, Stopped};
use crate::run::{ddl, failure, iceberg};
use crate::workgroup::WorkGroup;

/// The table that is made.
pub(super) struct New {
    pub(super) name: TableReference,
    pub(super) if_not_exists: bool,
    pub(super) with_data: bool,
}

/// Properties that are understood; the others are refused.
const KNOWN: &[&str] = &[
    "format",
    "write_compression",
    "parquet_compression",
    "orc_compression",
    "compression_level",
    "bucketed_by",
    "bucket_count",
    "field_delimiter",
    "external_location",
    "partitioned_by",
    "table_type",
    "is_external",
];

/// Where and how the table is written.
fn target(
    execution: &Execution,
    new: &New,
    properties: &BTreeMap<String, Property>,
) -> std::result::Result<Target, Failure> {
    if let Some(unknown) = properties.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        return Err(failure::not_supported(&format!("the property {unknown} of CREATE TABLE AS SELECT")));
    }
    let output = execution.results.output_location.as_deref().unwrap_or_default();
    let folder = match properties.get("external_location") {
        Some(Property::Text(location)) => format!("{}/", location.trim_end_matches('/')),
        _ => format!("{}/tables/{}/", output.rsplit_once('/').map_or(output, |(folder, _)| folder), execution.id),
    };
    let (bucketed_by, buckets) = buckets(properties)?;
    let name = format::text(properties, "format").unwrap_or("PARQUET");
    Ok(Target {
        name: new.name.to_string(),
        folder,
        must_be_empty: true,
        is_new: true,
        with_data: new.with_data,
        format: format::of_properties(name, compression(properties, name)?, properties)?,
        columns: None,
        given: Vec::new(),
        partitioned_by: format::names(properties, "partitioned_by"),
        bucketed_by,
        buckets,
    })
}

/// The compression that was asked for: by the property of all formats, or by that of one.
fn compression<'a>(
    properties: &'a BTreeMap<String, Property>,
    format: &str,
) -> std::result::Result<Option<&'a str>, Failure> {
    let own = format!("{}_compression", format.to_lowercase());
    if let Some(other) =
        ["parquet_compression", "orc_compression"].into_iter().find(|key| *key != own && properties.contains_key(*key))
    {
        // UNVERIFIED: the wording.
        return Err(format::invalid(format_args!("{other} may not be specified for the format {format}")));
    }
    match (format::text(properties, "write_compression"), format::text(properties, &own)) {
        (Some(_), Some(_)) => {
            Err(format::invalid(format_args!("Only one of write_compression and {own} may be specified")))
        }
        (all, one) => Ok(all.or(one)),
    }
}

/// By what rows are put into buckets, and into how many.
fn buckets(properties: &BTreeMap<String, Property>) -> std::result::Result<(Vec<String>, u32), Failure> {
    let columns = format::names(properties, "bucketed_by");
    let count = match properties.get("bucket_count") {
        Some(Property::Number(count)) => u32::try_from(*count).unwrap_or(u32::MAX),
        _ => 0,
    };
    match (columns.is_empty(), count) {
        (true, 0) | (false, 1..=1_000_000) => Ok((columns, count)),
        (false, 1_000_001..) => Err(format::invalid("bucket_count should be no more than 1000000")),
        _ => Err(format::invalid("bucketed_by and bucket_count must be specified together")),
    }
}

/// What a table is told of its format: classes, properties of its SerDe, and its own properties.
fn described(format: &FileFormat) -> (Option<Formats>, BTreeMap<String, String>, BTreeMap<String, String>) {
    let mut serde = BTreeMap::from([("serialization.format".to_owned(), "1".to_owned())]);
    let (name, compression) = match &format.encoding {
        Encoding::Parquet => ("PARQUET", "parquet.compression"),
        Encoding::Orc => ("ORC", "orc.compress"),
        Encoding::Avro => ("AVRO", "write.compression"),
        Encoding::Lines(Lines::Json) => ("JSONFILE", "write.compression"),
        Encoding::Lines(Lines::Text { field, .. }) => {
            serde.insert("field.delim".into(), field.clone());
            serde.insert("serialization.format".into(), field.clone());
            ("TEXTFILE", "write.compression")
        }
    };
    let own = BTreeMap::from([(compression.to_owned(), format::codec_name(format.codec, &format.encoding).to_owned())]);
    (Formats::named(name), serde, own)
}

/// The table as Glue keeps it.
fn table(new: &New, target: &Target, columns: &[EngineColumn], second: i64) -> Table {
    let (formats, serde, mut parameters) = described(&target.format);
    parameters.insert("EXTERNAL".to_owned(), "TRUE".to_owned());
    parameters.insert("transient_lastDdlTime".to_owned(), second.to_string());
    let column = |column: &EngineColumn| Column {
        name: column.name.to_lowercase(),
        ty: Some(hive_name(&column.ty)),
        comment: None,
        ..Column::default()
    };
    let (keys, stored): (Vec<Column>, Vec<Column>) =
        columns.iter().map(column).partition(|column| target.partitioned_by.contains(&column.name));
    Table {
        name: new.name.table.clone(),
        owner: Some("hadoop".into()),
        storage_descriptor: Some(StorageDescriptor {
            columns: stored,
            location: Some(target.folder.clone()),
            input_format: formats.as_ref().map(|formats| formats.input.clone()),
            output_format: formats.as_ref().map(|formats| formats.output.clone()),
            serde_info: Some(SerdeInfo {
                name: None,
                serialization_library: formats.map(|formats| formats.serde),
                parameters: serde,
            }),
            number_of_buckets: (target.buckets > 0).then_some(target.buckets.into()),
            bucket_columns: target.bucketed_by.clone(),
            ..StorageDescriptor::default()
        }),
        partition_keys: keys,
        table_type: Some("EXTERNAL_TABLE".into()),
        parameters,
        ..Table::default()
    }
}

/// What is said where a workgroup says where tables go.
///
/// <https://docs.aws.amazon.com/athena/latest/ug/workgroups-settings-override.html>
const ENFORCED: &str = "The Create Table As Select query failed because it was submitted with an 'external_location' \
    property to an Athena Workgroup that enforces a centralized output location for all queries. Please remove the \
    'external_location' property and resubmit the query.";

/// Whether the query's workgroup has the last word on where results go.
async fn has_its_own(cx: &mut Cx, execution: &Execution) -> Result<bool> {
    let place = cx.here();
    let Some(group) = WorkGroup::get(cx, place, &execution.group).await? else { return Ok(false) };
    let results = group.configuration.result_configuration.as_ref();
    Ok(group.configuration.is_enforced() && results.is_some_and(|results| results.output_location.is_some()))
}

/// Makes a table of the rows of a query.
///
/// # Errors
/// What is no fault of the query's.
pub(super) async fn run(
    cx: &mut Cx,
    execution: &Execution,
    new: &New,
    properties: &[(String, Property)],
    sql: &str,
    stopped: Stopped,
) -> Result<std::result::Result<Outcome, Failure>> {
    let properties: BTreeMap<String, Property> = properties.iter().cloned().collect();
    if matches!(properties.get("table_type"), Some(Property::Text(kind)) if kind.eq_ignore_ascii_case("iceberg")) {
        let table = (&new.name, new.if_not_exists, new.with_data);
        return iceberg::create_as(cx, execution, table, &properties, sql, stopped).await;
    }
    let target = match target(execution, new, &properties) {
        Ok(target) => target,
        Err(failure) => return Ok(Err(failure)),
    };
    if properties.contains_key("external_location") && has_its_own(cx, execution).await? {
        return Ok(Err(Failure::user(failure::USER, ENFORCED)));
    }
    let place = match ddl::free(cx, execution, &new.name, new.if_not_exists).await? {
        Ok(Some(place)) => place,
        Ok(None) => return Ok(Ok(Outcome { updated: Some(0), ..Outcome::default() })),
        Err(failure) => return Ok(Err(failure)),
    };
    let surroundings = query::surroundings(cx, execution).await?;
    let written: Written = match produce(cx, execution, &surroundings, sql, &target, stopped).await? {
        Ok(written) => written,
        Err(failure) => return Ok(Err(failure)),
    };
    let table = table(new, &target, &written.columns, cx.now().secs());
    if let Err(failure) = ddl::create(cx, execution, &place, &table).await? {
        return Ok(Err(failure));
    }
    if !target.partitioned_by.is_empty() {
        let new = written.partitions.iter().cloned().map(|values| {
            let folder = format!("{}{}", target.folder, target::folder(&target.partitioned_by, &values));
            (values, folder)
        });
        if let Err(failure) = ddl::add(cx, execution, &place, &table, new.collect()).await? {
            return Ok(Err(failure));
        }
    }
    outcome(cx, execution, &written).await
}
