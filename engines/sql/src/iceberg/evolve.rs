//! Changes of columns and properties.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-evolving-table-schema.html>,
//! <https://iceberg.apache.org/spec/#schema-evolution>

use super::create;
use super::metadata::Metadata;
use super::types::{Field, Kind, Schema};
use crate::error::{Code, Result, SqlError};
use crate::types::Type;

/// A change.
#[derive(Clone, Debug)]
pub enum Evolution {
    /// New columns: names, types, comments.
    AddColumns(Vec<(String, Type, Option<String>)>),
    /// A column that is dropped.
    DropColumn(String),
    /// A column that is called otherwise, or has a wider type.
    ChangeColumn {
        /// Its name.
        from: String,
        /// Its new name.
        to: String,
        /// Its new type.
        ty: Type,
        /// Its new comment, if it gets one.
        comment: Option<String>,
    },
    /// Properties, as Athena has them.
    SetProperties(Vec<(String, String)>),
    /// Names of properties, as Athena has them.
    UnsetProperties(Vec<String>),
}

fn wrong(message: String) -> SqlError {
    SqlError::new(Code::InvalidTableProperty, message)
}

fn missing(name: &str) -> SqlError {
    SqlError::new(Code::ColumnNotFound, format!("Column '{name}' does not exist"))
}

impl Evolution {
    /// The metadata after the change.
    ///
    /// # Errors
    /// It cannot be.
    pub fn apply(&self, metadata: &Metadata) -> Result<Metadata> {
        if metadata.format_version != 2 {
            let message = "changes of Iceberg tables of format version 1 are not supported";
            return Err(SqlError::new(Code::NotSupported, message));
        }
        let mut next = metadata.clone();
        let mut fields = metadata.schema()?.fields.clone();
        match self {
            Evolution::SetProperties(properties) => {
                for (key, value) in properties {
                    let (key, value) = create::property(key, value)?;
                    next.properties.insert(key, value);
                }
                return Ok(next);
            }
            Evolution::UnsetProperties(keys) => {
                for key in keys {
                    next.properties.remove(create::property_name(key)?);
                }
                return Ok(next);
            }
            Evolution::AddColumns(columns) => {
                let mut last = metadata.last_column_id;
                let mut draw = || {
                    last = last.saturating_add(1);
                    last
                };
                for (name, ty, doc) in columns {
                    if fields.iter().any(|field| field.name.eq_ignore_ascii_case(name)) {
                        return Err(wrong(format!("Column '{name}' already exists")));
                    }
                    let id = draw();
                    let kind = Kind::of(ty, &mut draw)?;
                    fields.push(Field { id, name: name.clone(), required: false, kind, doc: doc.clone() });
                }
                next.last_column_id = last;
            }
            Evolution::DropColumn(name) => {
                let at = place(&fields, name)?;
                let id = fields[at].id;
                if metadata.partition_specs.iter().any(|spec| spec.fields.iter().any(|by| by.source_id == id)) {
                    return Err(wrong(format!("Cannot drop partition field: {name}")));
                }
                fields.remove(at);
            }
            Evolution::ChangeColumn { from, to, ty, comment } => {
                let at = place(&fields, from)?;
                if !from.eq_ignore_ascii_case(to) && fields.iter().any(|field| field.name.eq_ignore_ascii_case(to)) {
                    return Err(wrong(format!("Column '{to}' already exists")));
                }
                change(&mut fields[at], to, ty, comment.as_ref())?;
            }
        }
        // A schema of these columns may be there already.
        let known = next.schemas.iter().find(|schema| schema.fields == fields).map(|schema| schema.schema_id);
        next.current_schema_id = known.unwrap_or_else(|| {
            let id = next.schemas.iter().map(|schema| schema.schema_id).max().unwrap_or(-1) + 1;
            next.schemas.push(Schema::new(id, fields));
            id
        });
        Ok(next)
    }
}

fn place(fields: &[Field], name: &str) -> Result<usize> {
    fields.iter().position(|field| field.name.eq_ignore_ascii_case(name)).ok_or_else(|| missing(name))
}

fn change(field: &mut Field, name: &str, ty: &Type, comment: Option<&String>) -> Result<()> {
    let mut none = || 0;
    let new = Kind::of(ty, &mut none)?;
    let fits = match (&field.kind, &new) {
        (Kind::Primitive(own), Kind::Primitive(new)) => own.becomes(*new),
        // What is in it keeps its ids: it can be called otherwise, but not be of another type.
        (own, _) => own.hive() == new.hive(),
    };
    if !fits {
        return Err(wrong(format!("Cannot change column type: {}: {} -> {}", field.name, field.kind.ty(), new.ty())));
    }
    if matches!(new, Kind::Primitive(_)) {
        field.kind = new;
    }
    name.clone_into(&mut field.name);
    if let Some(comment) = comment {
        field.doc = Some(comment.clone());
    }
    Ok(())
}
