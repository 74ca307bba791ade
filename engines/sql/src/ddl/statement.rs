//! Which statement a text is.

use super::ast::{Property, Statement};
use super::cursor::{Cursor, Parsed};
use super::error::DdlError;
use super::lexer::{Kind, Strings};
use crate::explain::{ExplainType, PlanFormat};

/// What Trino says it expects where a statement begins.
///
/// Source: reports of users, such as <https://github.com/guardian/athena-cli/issues/39>.
const BEGINNINGS: &str = "'ALTER', 'ANALYZE', 'CALL', 'COMMIT', 'CREATE', 'DEALLOCATE', 'DELETE', 'DESC', 'DESCRIBE', \
                          'DROP', 'EXECUTE', 'EXPLAIN', 'GRANT', 'INSERT', 'PREPARE', 'RESET', 'REVOKE', 'ROLLBACK', \
                          'SET', 'SHOW', 'START', 'UNLOAD', 'UPDATE', 'USE', <query>";

/// What a query begins with.
const QUERIES: &[&str] = &["select", "with", "values", "table"];

/// Statements of which Athena says that it does not support them.
///
/// Source: <https://docs.aws.amazon.com/athena/latest/ug/unsupported-ddl.html>
const UNSUPPORTED: &[&str] = &[
    "analyze", "call", "commit", "grant", "import", "export", "load", "lock", "unlock", "reload", "reset", "revoke",
    "rollback", "set", "start", "truncate", "use",
];

/// Parses a statement. The text of a query is not looked into: it comes back as [`Statement::Query`].
///
/// # Errors
/// What is wrong with the text. [`DdlError::Syntax`] is what Athena answers at once, the others are of a query that
/// fails.
pub fn parse(text: &str) -> Result<Statement, DdlError> {
    let mut trino = Cursor::new(text, Strings::Trino);
    if let Ok(cursor) = &mut trino {
        if cursor.peek(0).is_symbol("(") || QUERIES.iter().any(|word| cursor.is(word)) {
            return Ok(Statement::Query);
        }
        if cursor.is("create table") && is_ctas(cursor) {
            return create_table_as(cursor);
        }
        if cursor.is("create view") || cursor.is("create or replace view") {
            return create_view(cursor);
        }
    }
    let cursor = &mut Cursor::new(text, Strings::Hive)?;
    if cursor.take("create") {
        return create(cursor);
    }
    if cursor.take("drop") {
        return drop(cursor);
    }
    if cursor.take("alter") {
        return alter(cursor);
    }
    if cursor.take("msck") {
        cursor.what = "msck statement";
        cursor.expect("repair table")?;
        let name = cursor.table()?;
        cursor.expect_end()?;
        return Ok(Statement::RepairTable(name));
    }
    if cursor.take("show") {
        return cursor.show().map(Statement::Show);
    }
    if cursor.take("describe") || cursor.take("desc") {
        return cursor.describe().map(Statement::Show);
    }
    around_queries(&mut trino?)
}

fn around_queries(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    if cursor.take("insert") {
        return insert(cursor);
    }
    if cursor.take("unload") {
        return unload(cursor);
    }
    if cursor.take("prepare") {
        let name = cursor.name_as_written()?;
        cursor.expect("from")?;
        return Ok(Statement::Prepare { name, statement: cursor.rest()? });
    }
    if cursor.take("execute") {
        return execute(cursor);
    }
    if cursor.take("deallocate") {
        cursor.expect("prepare")?;
        let name = cursor.name_as_written()?;
        cursor.expect_end()?;
        return Ok(Statement::Deallocate { name });
    }
    if cursor.take("explain") {
        return explain(cursor);
    }
    if cursor.take("merge") {
        return cursor.merge();
    }
    if cursor.take("update") {
        return cursor.update();
    }
    if cursor.take("delete") {
        return cursor.delete();
    }
    if cursor.take("optimize") {
        return cursor.optimize();
    }
    if cursor.take("vacuum") {
        return cursor.vacuum();
    }
    let first = cursor.peek(0);
    if UNSUPPORTED.iter().any(|word| first.is_word(word)) {
        return Err(DdlError::Semantic("Queries of this type are not supported".into()));
    }
    Err(cursor.error(format!("mismatched input '{}'. Expecting: {BEGINNINGS}", first.shown())))
}

fn create(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    cursor.what = "ddl statement";
    if cursor.take("database") || cursor.take("schema") {
        return cursor.create_database();
    }
    if cursor.take("external table") {
        return cursor.create_table(true);
    }
    if cursor.take("table") {
        return cursor.create_table(false);
    }
    if ["or replace", "protected", "function", "role"].iter().any(|words| cursor.is(words)) {
        return Err(cursor.as_trino()?.mismatch("VIEW"));
    }
    Err(cursor.unrecognized())
}

/// Whether a table is made of a query: its name is followed by `WITH (` or `AS`.
fn is_ctas(cursor: &Cursor<'_>) -> bool {
    let mut by = 2;
    if cursor.peek(by).is_word("if") && cursor.peek(by + 1).is_word("not") {
        by += 3;
    }
    while cursor.peek(by + 1).is_symbol(".") {
        by += 2;
    }
    by += 1;
    cursor.peek(by).is_word("as") || (cursor.peek(by).is_word("with") && cursor.peek(by + 1).is_symbol("("))
}

fn create_view(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    cursor.expect("create")?;
    let or_replace = cursor.take("or replace");
    cursor.expect("view")?;
    let name = cursor.table()?;
    cursor.expect("as")?;
    Ok(Statement::CreateView { name, or_replace, query: cursor.rest()? })
}

fn create_table_as(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    cursor.expect("create table")?;
    let if_not_exists = cursor.if_not_exists();
    let name = cursor.table()?;
    let properties = if cursor.take("with") { cursor.list(property)? } else { Vec::new() };
    cursor.expect("as")?;
    let without = cursor.ends_with("with no data");
    if !without {
        cursor.ends_with("with data");
    }
    Ok(Statement::CreateTableAs { name, if_not_exists, properties, query: cursor.rest()?, with_data: !without })
}

/// `name = value`
fn property(cursor: &mut Cursor<'_>) -> Parsed<(String, Property)> {
    let name = cursor.name()?;
    cursor.expect_symbol("=")?;
    let kind = cursor.peek(0).kind.clone();
    let value = match kind {
        Kind::Single(_) => Property::Text(cursor.string()?),
        Kind::Number => Property::Number(cursor.number()?),
        _ if cursor.take("true") => Property::Boolean(true),
        _ if cursor.take("false") => Property::Boolean(false),
        _ if cursor.take("array") => {
            cursor.expect_symbol("[")?;
            let mut texts = vec![cursor.string()?];
            while cursor.symbol(",") {
                texts.push(cursor.string()?);
            }
            cursor.expect_symbol("]")?;
            Property::Texts(texts)
        }
        _ => return Err(cursor.mismatch("<expression>")),
    };
    Ok((name, value))
}

fn drop(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    cursor.what = "ddl statement";
    let statement = if cursor.take("database") || cursor.take("schema") {
        cursor.what = "drop database statement";
        let if_exists = cursor.if_exists();
        let name = cursor.name()?;
        let cascade = cursor.take("cascade");
        if !cascade {
            cursor.take("restrict");
        }
        Statement::DropDatabase { name, if_exists, cascade }
    } else if cursor.take("table") {
        cursor.what = "drop table statement";
        let if_exists = cursor.if_exists();
        Statement::DropTable { name: cursor.table()?, if_exists }
    } else if cursor.take("view") {
        cursor.what = "drop view statement";
        let if_exists = cursor.if_exists();
        Statement::DropView { name: cursor.table()?, if_exists }
    } else {
        return Err(cursor.unrecognized());
    };
    cursor.expect_end()?;
    Ok(statement)
}

fn alter(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    cursor.what = "ddl statement";
    if cursor.take("database") || cursor.take("schema") {
        return cursor.alter_database();
    }
    if cursor.take("table") {
        return cursor.alter_table();
    }
    Err(cursor.unrecognized())
}

fn insert(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    cursor.expect("into")?;
    let name = cursor.table()?;
    // `(a, b) SELECT …`, but `(SELECT …)` is a query.
    let is_query = QUERIES.iter().any(|word| cursor.peek(1).is_word(word));
    let columns = if cursor.peek(0).is_symbol("(") && !is_query { cursor.list(Cursor::name)? } else { Vec::new() };
    Ok(Statement::Insert { name, columns, query: cursor.rest()? })
}

fn unload(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    let query = cursor.parenthesized()?;
    cursor.expect("to")?;
    let location = cursor.string()?;
    let properties = if cursor.take("with") { cursor.list(property)? } else { Vec::new() };
    cursor.expect_end()?;
    Ok(Statement::Unload { query, location, properties })
}

fn execute(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    let name = cursor.name_as_written()?;
    let mut parameters = Vec::new();
    if cursor.take("using") {
        loop {
            parameters.push(parameter(cursor)?);
            if !cursor.symbol(",") {
                break;
            }
        }
    }
    cursor.expect_end()?;
    Ok(Statement::Execute { name, parameters })
}

/// One expression of `USING`, as text: what stands until the next comma outside of parentheses.
fn parameter(cursor: &mut Cursor<'_>) -> Parsed<String> {
    let start = cursor.peek(0).start;
    let mut end = start;
    let mut depth = 0u32;
    while !cursor.is_end() && (depth > 0 || !cursor.peek(0).is_symbol(",")) {
        let token = cursor.advance();
        if token.is_symbol("(") || token.is_symbol("[") {
            depth += 1;
        } else if token.is_symbol(")") || token.is_symbol("]") {
            depth = depth.saturating_sub(1);
        }
        end = token.end();
    }
    if start == end { Err(cursor.mismatch("<expression>")) } else { Ok(cursor.source[start..end].to_owned()) }
}

fn explain(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    let analyze = cursor.take("analyze");
    let (mut of, mut format) = (ExplainType::default(), None);
    // A parenthesis may begin the options, or the query.
    let has_options = cursor.peek(1).is_word("format") || cursor.peek(1).is_word("type");
    if cursor.peek(0).is_symbol("(") && has_options {
        cursor.list(|cursor| {
            if cursor.take("format") {
                format = Some(one_of(cursor, FORMATS.get(usize::from(analyze)..).unwrap_or_default())?);
            } else if !analyze && cursor.take("type") {
                of = one_of(cursor, TYPES)?;
            } else {
                return Err(cursor.mismatch(if analyze { "FORMAT" } else { "FORMAT', 'TYPE" }));
            }
            Ok(())
        })?;
    }
    // UNVERIFIED: the wording.
    if of == ExplainType::Io && format.is_some_and(|format| format != PlanFormat::Json) {
        return Err(DdlError::Semantic("EXPLAIN (TYPE IO) is written in the format JSON alone".into()));
    }
    Ok(Statement::Explain { analyze, of, format, statement: cursor.rest()? })
}

/// Values of the option FORMAT; what was run is not drawn.
const FORMATS: &[(&str, PlanFormat)] =
    &[("GRAPHVIZ", PlanFormat::Graphviz), ("JSON", PlanFormat::Json), ("TEXT", PlanFormat::Text)];

/// Values of the option TYPE.
const TYPES: &[(&str, ExplainType)] = &[
    ("DISTRIBUTED", ExplainType::Distributed),
    ("IO", ExplainType::Io),
    ("LOGICAL", ExplainType::Logical),
    ("VALIDATE", ExplainType::Validate),
];

fn one_of<T: Copy>(cursor: &mut Cursor<'_>, choice: &[(&str, T)]) -> Parsed<T> {
    for (word, value) in choice {
        if cursor.take(word) {
            return Ok(*value);
        }
    }
    let words: Vec<&str> = choice.iter().map(|(word, _)| *word).collect();
    Err(cursor.mismatch(&words.join("', '")))
}
