//! EXPLAIN: the plan of a query, as it would be run or as it was.
//!
//! What is told is this engine's own plan, in the layout and with the operators' names that Trino has for the same
//! things. A distributed plan is one fragment; exchanges within a process are local ones, those between workers remote ones.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/athena-explain-statement.html>,
//! <https://trino.io/docs/current/sql/explain.html>

mod graphviz;
mod io;
mod json;
mod logical;
mod names;
mod physical;
mod text;

use std::collections::HashMap;

use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::ExecutionPlan;

pub(crate) use physical::Figures;

use crate::catalog::{Column, TableName};
use crate::error::{Result, from_datafusion};
use crate::table::Known;
use names::Names;

/// What EXPLAIN tells of: its option `TYPE`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExplainType {
    /// What is computed.
    #[default]
    Logical,
    /// How it is computed.
    Distributed,
    /// Whether it could be.
    Validate,
    /// What is read.
    Io,
}

/// How a plan is written: the option `FORMAT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanFormat {
    /// A tree of lines.
    Text,
    /// A graph in the language DOT.
    Graphviz,
    /// JSON.
    Json,
}

/// A query that is planned.
pub(crate) struct Explained<'a> {
    pub(crate) columns: &'a [Column],
    pub(crate) tables: &'a HashMap<TableName, Known>,
}

/// A part of a plan.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// The operator: `TableScan`.
    name: String,
    /// What it works with: `table = awsdatacatalog:db:t`.
    descriptor: Vec<(&'static str, String)>,
    /// Names and types of what comes out.
    outputs: Vec<(String, String)>,
    /// More of it, a thing a line.
    details: Vec<String>,
    /// What it did, if it was run.
    figures: Option<Figures>,
    children: Vec<Node>,
}

impl Node {
    /// `Filter[filterPredicate = a > 1]`
    fn title(&self) -> String {
        let of = self.descriptor.iter().map(|(key, value)| format!("{key} = {value}")).collect::<Vec<_>>().join(", ");
        format!("{}[{of}]", self.name)
    }

    /// `[a:integer, b:varchar]`
    fn layout(&self) -> String {
        let one = |(name, ty): &(String, String)| format!("{name}:{ty}");
        format!("[{}]", self.outputs.iter().map(one).collect::<Vec<_>>().join(", "))
    }

    fn output_names(&self) -> String {
        let names: Vec<&str> = self.outputs.iter().map(|(name, _)| name.as_str()).collect();
        format!("[{}]", names.join(", "))
    }

    /// The whole tree, the root first, with the number of each node.
    fn walk<'a>(
        &'a self,
        number: &mut usize,
        visit: &mut impl FnMut(usize, &'a Node, Option<usize>),
        of: Option<usize>,
    ) {
        let own = *number;
        visit(own, self, of);
        for child in &self.children {
            *number += 1;
            child.walk(number, visit, Some(own));
        }
    }
}

/// The plan under the names that the query gives its columns.
fn output(columns: &[Column], child: Node) -> Node {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let differ = columns.iter().zip(&child.outputs).filter(|(column, (name, _))| column.name != *name);
    Node {
        name: "Output".into(),
        descriptor: vec![("columnNames", format!("[{}]", names.join(", ")))],
        details: differ.map(|(column, (name, _))| format!("{} := {name}", column.name)).collect(),
        outputs: columns
            .iter()
            .zip(&child.outputs)
            .map(|(column, (name, _))| (name.clone(), column.ty.to_string()))
            .collect(),
        figures: None,
        children: vec![child],
    }
}

/// What comes out of a part of a plan: its columns by the names that are shown.
fn outputs(schema: &Schema, names: &Names) -> Vec<(String, String)> {
    schema.fields().iter().map(|field| (names.get(field.name()), type_name(field.data_type()))).collect()
}

/// The type that values of a plan's column have, as far as their stored form tells.
fn type_name(of: &DataType) -> String {
    match of {
        DataType::Null => "unknown".into(),
        DataType::Boolean => "boolean".into(),
        DataType::Int8 => "tinyint".into(),
        DataType::Int16 => "smallint".into(),
        DataType::Int32 => "integer".into(),
        DataType::Int64 | DataType::UInt64 => "bigint".into(),
        DataType::Float32 => "real".into(),
        DataType::Float64 => "double".into(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "varchar".into(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "varbinary".into(),
        DataType::Date32 => "date".into(),
        DataType::Time64(_) => "time".into(),
        DataType::Timestamp(..) => "timestamp".into(),
        DataType::Interval(_) => "interval year to month".into(),
        DataType::Duration(_) => "interval day to second".into(),
        DataType::List(item) | DataType::LargeList(item) => format!("array({})", type_name(item.data_type())),
        DataType::Struct(fields) => {
            let fields: Vec<String> = fields.iter().map(|field| type_name(field.data_type())).collect();
            format!("row({})", fields.join(", "))
        }
        other => other.to_string().to_lowercase(),
    }
}

impl Explained<'_> {
    /// The logical plan, written.
    pub(crate) fn logical(&self, optimized: &LogicalPlan, format: PlanFormat) -> String {
        let node = output(self.columns, logical::node(optimized, self.tables, &mut Names::default()));
        match format {
            PlanFormat::Text => text::logical(&node),
            PlanFormat::Json => json::logical(&node),
            PlanFormat::Graphviz => graphviz::write("logical_plan", &node),
        }
    }

    /// The plan that is run, written; with figures, if it was.
    pub(crate) fn distributed(&self, plan: &dyn ExecutionPlan, format: PlanFormat, ran: Option<u64>) -> Result<String> {
        let node = output(self.columns, physical::node(plan, &mut Names::default(), ran.is_some())?);
        Ok(match format {
            PlanFormat::Text => text::distributed(&node, ran),
            PlanFormat::Json => json::distributed(&node, ran),
            PlanFormat::Graphviz => graphviz::write("distributed_plan", &node),
        })
    }

    /// The tables that are read, as JSON.
    pub(crate) fn io(&self, optimized: &LogicalPlan) -> Result<String> {
        io::write(optimized, self.tables).map_err(from_datafusion)
    }
}
