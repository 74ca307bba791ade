//! From text to a tree: Trino's grammar of SELECT.
//!
//! <https://trino.io/docs/current/sql/select.html>

pub(crate) mod ast;
mod call;
mod expression;
mod format;
mod lexer;
mod parser;
mod relation;
mod reserved;
mod type_name;

pub(crate) use parser::parse;
pub(crate) use type_name::parse_type;
