//! Aggregates that are functions of a list of rows, and how DataFusion calls them.
//!
//! <https://trino.io/docs/current/functions/aggregate.html>

mod collect;
mod extreme;
mod geospatial;
mod sketch;
mod statistic;

use std::cmp::Ordering;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::Result as DfResult;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature as DfSignature, Volatility};

use super::{Signature, Types};
use crate::arrow::{data_type, scalar, value};
use crate::error::Result;
use crate::types::Type;
use crate::value::{Ordered, Value};

pub(crate) use collect::{Overflow, listagg};

/// A row of arguments.
pub(crate) type Row = Vec<Value>;
/// The result of rows.
pub(crate) type Finish = fn(&Types, &[Row]) -> Result<Value>;
/// Fewer rows with the same result.
pub(crate) type Reduce = fn(&Types, Vec<Row>) -> Result<Vec<Row>>;

/// One form of an aggregate.
pub(crate) struct Aggregate {
    pub(crate) name: &'static str,
    pub(crate) signature: Signature,
    pub(crate) finish: Finish,
    pub(crate) reduce: Option<Reduce>,
    /// Which argument's NULL leaves a row out; none does when it is past them.
    pub(crate) skips: Skip,
}

/// Which rows are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Skip {
    /// Those with any NULL.
    Any,
    /// Those whose argument at this place is NULL.
    At(usize),
    /// None.
    None,
}

#[derive(Default)]
pub(super) struct List(Vec<Aggregate>);

impl List {
    fn add(&mut self, name: &'static str, signature: &str, skips: Skip, finish: Finish) -> &mut Aggregate {
        let signature = Signature::parse(signature);
        self.0.push(Aggregate { name, signature, finish, reduce: None, skips });
        // INVARIANT: one was just pushed.
        let last = self.0.len() - 1;
        &mut self.0[last]
    }
}

static ALL: LazyLock<HashMap<&'static str, Vec<Aggregate>>> = LazyLock::new(|| {
    let mut list = List::default();
    collect::register(&mut list);
    extreme::register(&mut list);
    geospatial::register(&mut list);
    sketch::register(&mut list);
    statistic::register(&mut list);
    let mut all: HashMap<&'static str, Vec<Aggregate>> = HashMap::new();
    for aggregate in list.0 {
        all.entry(aggregate.name).or_default().push(aggregate);
    }
    all
});

/// Every form of an aggregate of this name.
pub(crate) fn named(name: &str) -> Option<&'static [Aggregate]> {
    ALL.get(name).map(Vec::as_slice)
}

/// How the rows of an aggregate are ordered: for each key behind the arguments, whether it descends, and where NULLs are.
pub(crate) type Order = Vec<(Type, bool, bool)>;

/// What finishes: a function, or one with settings of its own.
#[derive(Clone)]
pub(crate) enum Finisher {
    Plain(Finish),
    Listagg(Overflow),
}

/// An aggregate as DataFusion sees it. Its name tells everything about it.
#[derive(Clone)]
pub(crate) struct RowUdaf {
    name: String,
    types: Types,
    order: Order,
    finish: Finisher,
    reduce: Option<Reduce>,
    skips: Skip,
    signature: DfSignature,
}

impl RowUdaf {
    pub(crate) fn udaf(
        name: &str,
        types: Types,
        order: Order,
        finish: Finisher,
        reduce: Option<Reduce>,
        skips: Skip,
    ) -> Arc<AggregateUDF> {
        let mut full = format!("{name}:{:?}:{order:?}", types);
        if let Finisher::Listagg(overflow) = &finish {
            full.push_str(&format!("{overflow:?}"));
        }
        let reduce = reduce.filter(|_| order.is_empty());
        let signature = DfSignature::variadic_any(Volatility::Immutable);
        Arc::new(AggregateUDF::new_from_impl(Self { name: full, types, order, finish, reduce, skips, signature }))
    }

    fn columns(&self) -> Vec<Type> {
        self.types.args.iter().chain(self.order.iter().map(|(of, ..)| of)).cloned().collect()
    }

    fn state_type(&self) -> Type {
        Type::array(Type::Row(self.columns().into_iter().map(|of| (None, of)).collect()))
    }

    fn rows(&self, args: &[ArrayRef]) -> Vec<Row> {
        let types = self.columns();
        let count = args.first().map_or(0, |first| first.len());
        let row = |n: usize| -> Row { types.iter().zip(args).map(|(of, column)| value(of, column, n)).collect() };
        (0..count).map(row).filter(|row| self.counts(row)).collect()
    }

    fn counts(&self, row: &Row) -> bool {
        match self.skips {
            Skip::Any => !row[..self.types.args.len()].iter().any(Value::is_null),
            Skip::At(n) => !row.get(n).is_some_and(Value::is_null),
            Skip::None => true,
        }
    }

    fn compare(&self, a: &Row, b: &Row) -> Ordering {
        let keys = self.types.args.len();
        for (n, (_, descending, nulls_first)) in self.order.iter().enumerate() {
            let (a, b) = (&a[keys + n], &b[keys + n]);
            let order = match (a.is_null(), b.is_null()) {
                (true, true) => Ordering::Equal,
                (true, false) => {
                    if *nulls_first {
                        Ordering::Less
                    } else {
                        Ordering::Greater
                    }
                }
                (false, true) => {
                    if *nulls_first {
                        Ordering::Greater
                    } else {
                        Ordering::Less
                    }
                }
                (false, false) if *descending => b.order(a),
                (false, false) => a.order(b),
            };
            if order.is_ne() {
                return order;
            }
        }
        Ordering::Equal
    }

    fn finish(&self, rows: &[Row], distinct: bool) -> Result<Value> {
        let args = self.types.args.len();
        let mut rows = rows.to_vec();
        if !self.order.is_empty() {
            rows.sort_by(|a, b| self.compare(a, b));
        }
        rows.iter_mut().for_each(|row| row.truncate(args));
        if distinct {
            let mut seen = std::collections::BTreeSet::new();
            rows.retain(|row| seen.insert(row.iter().cloned().map(Ordered).collect::<Vec<_>>()));
        }
        match &self.finish {
            Finisher::Plain(finish) => finish(&self.types, &rows),
            Finisher::Listagg(overflow) => listagg(overflow, &rows),
        }
    }
}

impl fmt::Debug for RowUdaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
impl PartialEq for RowUdaf {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
impl Eq for RowUdaf {}
impl Hash for RowUdaf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl AggregateUDFImpl for RowUdaf {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &DfSignature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> DfResult<DataType> {
        Ok(data_type(&self.types.result))
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> DfResult<Box<dyn Accumulator>> {
        Ok(Box::new(Rows { of: self.clone(), distinct: args.is_distinct, rows: VecDeque::new(), reduce_at: 4096 }))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> DfResult<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format!("{}[rows]", args.name), data_type(&self.state_type()), true))])
    }
}

/// The rows so far.
#[derive(Debug)]
struct Rows {
    of: RowUdaf,
    distinct: bool,
    rows: VecDeque<Row>,
    reduce_at: usize,
}

impl Rows {
    fn add(&mut self, rows: Vec<Row>) -> DfResult<()> {
        self.rows.extend(rows);
        if let (Some(reduce), true) = (self.of.reduce, self.rows.len() > self.reduce_at && !self.distinct) {
            let rows = std::mem::take(&mut self.rows);
            self.rows = reduce(&self.of.types, rows.into())?.into();
            self.reduce_at = self.rows.len() * 2 + 4096;
        }
        Ok(())
    }
}

impl Accumulator for Rows {
    fn update_batch(&mut self, values: &[ArrayRef]) -> DfResult<()> {
        let rows = self.of.rows(values);
        self.add(rows)
    }

    fn evaluate(&mut self) -> DfResult<ScalarValue> {
        let result = self.of.finish(self.rows.make_contiguous(), self.distinct)?;
        Ok(scalar(&self.of.types.result, &result)?)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.rows.iter().map(|row| row.iter().map(heap).sum::<usize>() + 24).sum::<usize>()
    }

    fn state(&mut self) -> DfResult<Vec<ScalarValue>> {
        let rows = self.rows.iter().map(|row| Value::Row(row.clone().into())).collect();
        Ok(vec![scalar(&self.of.state_type(), &Value::array(rows))?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> DfResult<()> {
        let lists = states[0].as_list::<i32>();
        for n in 0..lists.len() {
            if let Value::Array(rows) = value(&self.of.state_type(), lists, n) {
                let rows = rows.iter().map(|row| row.as_array().map(<[Value]>::to_vec)).collect::<Result<_>>()?;
                self.add(rows)?;
            }
        }
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> DfResult<()> {
        // Rows leave a window in the order in which they came.
        let gone = self.of.rows(values).len();
        self.rows.drain(..gone.min(self.rows.len()));
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        // What has been reduced cannot be taken apart, but windows that slide are shorter than that.
        self.of.reduce.is_none()
    }
}

fn heap(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::Text(it) => it.len(),
            Value::Bytes(it) => it.len(),
            Value::Array(all) | Value::Row(all) => all.iter().map(heap).sum(),
            Value::Map(all) => all.iter().map(|(k, v)| heap(k) + heap(v)).sum(),
            _ => 0,
        }
}
