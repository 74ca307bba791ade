//! Paths of JSON classifiers: which part of a document the records are.
//!
//! "AWS Glue supports a subset of JsonPath":
//! <https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html#custom-classifier-json>

use welkin_sql::Type;

/// Such as `$[*]` or `$.records[*].detail`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JsonPath(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// `.name`, `['name']`
    Field(String),
    /// `.*`
    Fields,
    /// `[*]`, `[0]`
    Elements,
}

impl JsonPath {
    /// Reads a path; `None` if it is none of those that Glue supports: `$`, `*`, `.name`, `['name']` and `[index]`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut rest = text.trim().strip_prefix('$')?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let (name, after) = after.split_at(end);
                if name.is_empty() {
                    return None;
                }
                steps.push(if name == "*" { Step::Fields } else { Step::Field(name.to_owned()) });
                rest = after;
            } else {
                let (inside, after) = rest.strip_prefix('[')?.split_once(']')?;
                let quoted = inside.strip_prefix('\'').and_then(|name| name.strip_suffix('\''));
                steps.push(match (quoted, inside) {
                    (Some(name), _) if !name.is_empty() => Step::Field(name.to_owned()),
                    (None, "*") => Step::Elements,
                    (None, index) if index.parse::<u32>().is_ok() => Step::Elements,
                    _ => return None,
                });
                rest = after;
            }
        }
        Some(Self(steps))
    }

    /// Whether each element of a document that is an array is a record.
    pub(crate) fn is_of_elements(&self) -> bool {
        self.0.first() == Some(&Step::Elements)
    }

    /// The type of what the path names in documents of a type.
    pub(crate) fn within(&self, document: &Type) -> Option<Type> {
        let mut found = document.clone();
        for step in &self.0 {
            found = match (step, found) {
                (Step::Field(name), Type::Row(fields)) => {
                    fields.into_iter().find(|(own, _)| own.as_deref() == Some(name))?.1
                }
                (Step::Fields, Type::Row(fields)) => {
                    let all = fields.into_iter().map(|(_, ty)| ty);
                    all.reduce(|all, one| crate::crawler::schema::widen(&all, &one))?
                }
                (Step::Elements | Step::Fields, Type::Array(of)) => *of,
                _ => return None,
            };
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_parts_of_documents() {
        let document = welkin_sql::hive_type("struct<id:int,items:array<struct<a:int,b:string>>>").expect("a type");
        let within =
            |path: &str| JsonPath::parse(path).expect(path).within(&document).map(|ty| welkin_sql::hive_name(&ty));
        assert_eq!(within("$.id").as_deref(), Some("int"));
        assert_eq!(within("$.items[*]").as_deref(), Some("struct<a:int,b:string>"));
        assert_eq!(within("$['items'][0].b").as_deref(), Some("string"));
        assert_eq!(within("$.items[*].*").as_deref(), Some("string"));
        assert_eq!(within("$"), Some(welkin_sql::hive_name(&document)));
        assert_eq!(within("$.none"), None);
        assert_eq!(within("$[*]"), None);
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in ["", "a", "$a", "$.", "$..a", "$[", "$[a]", "$['']", "$[-1]"] {
            assert_eq!(JsonPath::parse(text), None, "{text}");
        }
    }
}
