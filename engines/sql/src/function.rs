//! The functions: which there are, and which of them a call means.
//!
//! <https://trino.io/docs/current/functions.html>,
//! <https://docs.aws.amazon.com/athena/latest/ug/functions-env3.html>

pub(crate) mod aggregate;
pub(crate) mod cast;
mod geospatial;
pub(crate) mod operator;
mod signature;
pub(crate) mod sketch;
pub(crate) mod udf;

mod array;
mod binary;
mod datetime;
pub(crate) mod datetime_column;
pub(crate) mod datetime_format;
mod distribution;
mod format;
mod hash;
mod json;
pub(crate) mod json_path;
mod lambda;
pub(crate) mod map;
pub(crate) mod math;
mod regexp;
mod string;
mod unit;
mod url;
pub(crate) mod various;
mod vector;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::error::Result;
use crate::types::Type;
use crate::value::Value;

pub(crate) use signature::{Binding, Pattern, Signature};

/// How a function computes its result from the arguments of one row.
#[derive(Clone, Copy)]
pub(crate) enum Run {
    /// From values alone.
    Plain(fn(&[Value]) -> Result<Value>),
    /// Also from the types of arguments and result.
    Typed(fn(&Types, &[Value]) -> Result<Value>),
}

/// The types of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Types {
    pub(crate) args: Vec<Type>,
    pub(crate) result: Type,
}

/// One form of a function.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) signature: Signature,
    pub(crate) run: Run,
    /// Whether it sees NULLs, rather than answering NULL to them.
    pub(crate) sees_null: bool,
    /// Whether equal arguments give equal results.
    pub(crate) stable: bool,
}

/// A list of functions in the making.
#[derive(Default)]
pub(crate) struct List(Vec<Function>);

impl List {
    fn add(&mut self, name: &'static str, signature: &str, run: Run) -> &mut Function {
        self.0.push(Function { name, signature: Signature::parse(signature), run, sees_null: false, stable: true });
        // INVARIANT: one was just pushed.
        let last = self.0.len() - 1;
        &mut self.0[last]
    }

    /// A function that answers NULL when an argument is.
    pub(crate) fn plain(
        &mut self,
        name: &'static str,
        signature: &str,
        run: fn(&[Value]) -> Result<Value>,
    ) -> &mut Function {
        self.add(name, signature, Run::Plain(run))
    }

    /// The same, which looks at types.
    pub(crate) fn typed(
        &mut self,
        name: &'static str,
        signature: &str,
        run: fn(&Types, &[Value]) -> Result<Value>,
    ) -> &mut Function {
        self.add(name, signature, Run::Typed(run))
    }
}

impl Function {
    /// Lets it see NULLs.
    pub(crate) fn with_nulls(&mut self) {
        self.sees_null = true;
    }
}

static ALL: LazyLock<HashMap<&'static str, Vec<Function>>> = LazyLock::new(|| {
    let mut list = List::default();
    for register in [
        string::register,
        array::register,
        binary::register,
        datetime::register,
        datetime_format::register,
        distribution::register,
        format::register,
        geospatial::register,
        hash::register,
        json::register,
        lambda::register,
        map::register,
        math::register,
        regexp::register,
        sketch::register,
        unit::register,
        url::register,
        various::register,
        vector::register,
    ] {
        register(&mut list);
    }
    let mut all: HashMap<&'static str, Vec<Function>> = HashMap::new();
    for function in list.0 {
        all.entry(function.name).or_default().push(function);
    }
    all
});

/// Every form of a function of this name.
pub(crate) fn named(name: &str) -> Option<&'static [Function]> {
    ALL.get(name).map(Vec::as_slice)
}

/// Functions that Trino documents and that are not here. A call of one is refused by its name, rather than told that
/// there is no such function.
#[rustfmt::skip]
const REFUSED: &[&str] = &[
    "color", "bar", "render", "rgb", "learn_classifier", "learn_libsvm_classifier", "learn_regressor",
    "learn_libsvm_regressor", "classify", "regress", "features", "evaluate_classifier_predictions",
    "spooky_hash_v2_32", "spooky_hash_v2_64", "word_stem", "from_iso8601_timestamp_nanos", "reduce_agg",
    "geometry_from_hadoop_shape", "spatial_partitioning", "spatial_partitions", "st_geomfromkml",
];

/// Whether a function of this name is documented and not here.
pub(crate) fn is_refused(name: &str) -> bool {
    REFUSED.contains(&name)
}
