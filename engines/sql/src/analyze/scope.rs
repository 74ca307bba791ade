//! Which names can be used where.

use std::rc::Rc;

use datafusion::arrow::datatypes::Field as ArrowField;
use datafusion::common::Column;
use datafusion::logical_expr::Expr;

use super::{Typed, column};
use crate::arrow::data_type;
use crate::error::{Code, Position, Result, SqlError};
use crate::syntax::ast::{Name, With};
use crate::types::Type;

/// A column of a relation, as a query sees it.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// The name of its relation: an alias, or catalog, schema and table.
    pub(crate) relation: Vec<String>,
    /// Its name, if it has one.
    pub(crate) name: Option<String>,
    pub(crate) ty: Type,
    /// Its name in the plan.
    pub(crate) column: String,
    /// Whether `*` leaves it out.
    pub(crate) hidden: bool,
}

impl Field {
    pub(crate) fn expr(&self) -> Expr {
        column(&self.column)
    }

    fn is(&self, relation: &[String], name: &str) -> bool {
        self.name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name)) && self.of(relation)
    }

    /// Whether it is of the relation that the name, or its end, tells.
    pub(crate) fn of(&self, relation: &[String]) -> bool {
        relation.is_empty() || self.relation.ends_with(relation)
    }
}

/// The names of an expression's surroundings.
#[derive(Default)]
pub(crate) struct Scope<'a> {
    pub(crate) fields: Vec<Field>,
    /// What ORDER BY may call by its alias.
    pub(crate) aliases: Vec<(String, Typed)>,
    /// The parameters of lambdas around the expression: name, type, column.
    pub(crate) params: Vec<(String, Type, String)>,
    /// The query around this one.
    pub(crate) outer: Option<&'a Scope<'a>>,
    pub(crate) env: Env,
    /// The windows that the query names.
    pub(crate) windows: Vec<(String, crate::syntax::ast::Window)>,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(fields: Vec<Field>, env: &Env, outer: Option<&'a Scope<'a>>) -> Self {
        Self { fields, env: env.clone(), outer, ..Self::default() }
    }

    /// The same with parameters of a lambda.
    pub(crate) fn with_params(&self, params: Vec<(String, Type, String)>) -> Scope<'a> {
        let mut all = params;
        all.extend(self.params.iter().cloned());
        Scope {
            fields: self.fields.clone(),
            aliases: self.aliases.clone(),
            params: all,
            outer: self.outer,
            env: self.env.clone(),
            windows: self.windows.clone(),
        }
    }

    /// The column that a dotted name means, and how many of its parts that took; the rest are fields of rows.
    pub(crate) fn resolve(&self, path: &[Name]) -> Result<Option<(Typed, usize)>> {
        // INVARIANT: a path has at least one name.
        let first = path[0].lower();
        if let Some((_, ty, column_name)) = self.params.iter().find(|(name, ..)| *name == first) {
            return Ok(Some((Typed::new(column(column_name), ty.clone()), 1)));
        }
        let mut aliased = self.aliases.iter().filter(|(name, _)| *name == first).map(|(_, typed)| typed);
        if let (1, Some(typed)) = (path.len(), aliased.next()) {
            if aliased.any(|other| other != typed) {
                return Err(ambiguous(path, path[0].at));
            }
            return Ok(Some((typed.clone(), 1)));
        }
        let mut scope = self;
        let mut level = 0;
        loop {
            if let Some((field, taken)) = scope.find(path)? {
                return Ok(Some((scope.reference(field, level), taken)));
            }
            match scope.outer {
                Some(outer) => scope = outer,
                None => return Ok(None),
            }
            level += 1;
        }
    }

    fn find(&self, path: &[Name]) -> Result<Option<(&Field, usize)>> {
        let parts: Vec<String> = path.iter().map(Name::lower).collect();
        for at in (0..parts.len()).rev() {
            let mut found = self.fields.iter().filter(|field| field.is(&parts[..at], &parts[at]));
            if let Some(first) = found.next() {
                if found.next().is_some() {
                    return Err(ambiguous(&path[..=at], path[0].at));
                }
                return Ok(Some((first, at + 1)));
            }
        }
        Ok(None)
    }

    fn reference(&self, field: &Field, level: usize) -> Typed {
        let expr = if level == 0 {
            field.expr()
        } else {
            let outer = ArrowField::new(&field.column, data_type(&field.ty), true);
            Expr::OuterReferenceColumn(outer.into(), Column::new_unqualified(&field.column))
        };
        Typed::new(expr, field.ty.clone())
    }
}

fn ambiguous(path: &[Name], at: Position) -> SqlError {
    let shown: Vec<&str> = path.iter().map(|name| name.text.as_str()).collect();
    SqlError::at(Code::AmbiguousName, at, format!("Column '{}' is ambiguous", shown.join(".")))
}

/// The named queries that can be used here.
#[derive(Clone, Default)]
pub(crate) struct Env(Option<Rc<Node>>);

struct Node {
    name: String,
    meaning: Meaning,
    rest: Env,
}

/// What a name of WITH stands for.
#[derive(Clone)]
pub(crate) enum Meaning {
    /// A query, with the names that it may use itself.
    Query(Rc<With>, Env),
    /// The rows of the step before, of a recursive query.
    Step(Rc<super::recursive::Step>),
}

impl Env {
    pub(crate) fn with(&self, name: String, meaning: Meaning) -> Env {
        Env(Some(Rc::new(Node { name, meaning, rest: self.clone() })))
    }

    pub(crate) fn get(&self, name: &str) -> Option<Meaning> {
        let mut env = self;
        while let Some(node) = &env.0 {
            if node.name == name {
                return Some(node.meaning.clone());
            }
            env = &node.rest;
        }
        None
    }
}
