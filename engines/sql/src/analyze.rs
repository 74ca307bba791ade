//! From the tree of a query to a plan: names, types, coercions and functions are resolved here, by Trino's rules, so that
//! DataFusion is left with expressions whose types fit already.
//!
//! Every column of a plan has a name of its own (`c17`), so that none is ever ambiguous; what a query calls it is kept
//! beside it, in a [`scope::Field`].

mod aggregate;
mod call;
mod expression;
mod group;
mod lambda;
mod literal;
mod query;
mod recursive;
mod relation;
mod scope;
mod select;
mod sort;
mod subquery;
mod unnest;
mod version;
mod window;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use datafusion::common::Column;
use datafusion::logical_expr::{Expr, LogicalPlan};

use crate::catalog::TableName;
use crate::error::{Code, Position, Result, SqlError};
use crate::function::cast::cast;
use crate::session::Session;
use crate::syntax::ast::Query;
use crate::table::Known;
use crate::types::Type;
use crate::types::coerce::coerces;

use scope::{Env, Field, Scope};

/// An expression of a plan and its type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Typed {
    pub(crate) expr: Expr,
    pub(crate) ty: Type,
}

/// A plan and what its columns are called.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) plan: LogicalPlan,
    pub(crate) fields: Vec<Field>,
}

/// Why analysis stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The query is wrong.
    Error(SqlError),
    /// A table must be looked up before it can go on.
    Table(TableName),
}

impl From<SqlError> for Stop {
    fn from(error: SqlError) -> Self {
        Stop::Error(error)
    }
}

/// What a query may become at most, so that WITH within WITH does not grow without end.
const RELATIONS: usize = 1000;

/// How many joins a query may have, those of its views and subqueries too: planning takes the cube of their number.
const JOINS: usize = 120;

/// Analyses a query over the tables that are known so far.
pub(crate) struct Analyzer<'a> {
    pub(crate) session: &'a Session,
    tables: &'a HashMap<TableName, Known>,
    /// The table that stopped the analysis.
    wanted: Cell<Option<TableName>>,
    names: Cell<usize>,
    relations: Cell<usize>,
    joins: Cell<usize>,
    views: Cell<usize>,
    /// The types of the columns that IN looks for values in.
    listed: RefCell<HashMap<String, Type>>,
    /// In a view: what its names mean.
    home: RefCell<Option<Session>>,
    /// Whether text that is compared with a time is read as one.
    text_as_time: bool,
}

impl<'a> Analyzer<'a> {
    pub(crate) fn new(session: &'a Session, tables: &'a HashMap<TableName, Known>) -> Self {
        Self {
            session,
            tables,
            wanted: Cell::new(None),
            names: Cell::new(0),
            relations: Cell::new(0),
            joins: Cell::new(0),
            views: Cell::new(0),
            listed: RefCell::default(),
            home: RefCell::new(None),
            text_as_time: false,
        }
    }

    pub(crate) fn reading_text_as_time(self, text_as_time: bool) -> Self {
        Self { text_as_time, ..self }
    }

    /// Plans a statement.
    pub(crate) fn statement(&self, query: &Query) -> std::result::Result<Planned, Stop> {
        let planned = self.query(query, &Env::default(), None);
        match self.wanted.take() {
            Some(name) => Err(Stop::Table(name)),
            None => Ok(planned?),
        }
    }

    /// A name that no column has yet.
    fn fresh(&self) -> String {
        let n = self.names.get();
        self.names.set(n + 1);
        format!("c{n}")
    }

    fn count_relation(&self, at: Position) -> Result<()> {
        self.relations.set(self.relations.get() + 1);
        if self.relations.get() > RELATIONS {
            return Err(SqlError::at(
                Code::NotSupported,
                at,
                "The query has too many relations after WITH and views are put in",
            ));
        }
        Ok(())
    }

    fn count_join(&self) -> Result<()> {
        self.joins.set(self.joins.get() + 1);
        if self.joins.get() > JOINS {
            return Err(SqlError::new(
                Code::NotSupported,
                format!("A query with more than {JOINS} joins is not supported"),
            ));
        }
        Ok(())
    }

    /// An expression that must be of a type.
    fn typed(&self, ast: &crate::syntax::ast::Expr, scope: &Scope<'_>, want: &Type, what: &str) -> Result<Expr> {
        let typed = self.expr(ast, scope)?;
        if !coerces(&typed.ty, want) {
            let message = format!("{what} must evaluate to a {want}: actual type {}", typed.ty);
            return Err(SqlError::at(Code::TypeMismatch, ast.at, message));
        }
        Ok(typed.into_type(want))
    }
}

impl Typed {
    pub(crate) fn new(expr: Expr, ty: Type) -> Self {
        Self { expr, ty }
    }

    /// The expression made another type, which it must be coercible or castable to.
    pub(crate) fn into_type(self, to: &Type) -> Expr {
        cast(self.expr, &self.ty, to)
    }
}

/// A column by its own name.
fn column(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}

/// A column of the result.
pub(crate) fn output(field: &Field) -> Expr {
    field.expr()
}

/// What went wrong in making a plan is a defect of this crate, unless it carries an error of ours.
fn planning(error: datafusion::error::DataFusionError) -> SqlError {
    crate::error::from_datafusion(error)
}
