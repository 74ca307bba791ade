//! Paths of the older JSON functions: `$.store.book[0]["title"]`, `$.aws:s3:arn`.
//!
//! <https://trino.io/docs/current/functions/json.html#json_extract>,
//! <https://docs.aws.amazon.com/athena/latest/ug/extracting-data-from-JSON.html>

use serde_json::Value as Json;

use crate::error::{Result, SqlError};

enum Step {
    Member(String),
    Index(usize),
    Wild,
}

/// Follows a path. What is not there is `None`.
///
/// # Errors
/// `INVALID_FUNCTION_ARGUMENT` for what is no path.
pub(crate) fn follow(json: &Json, path: &str) -> Result<Option<Json>> {
    let steps = steps(path)?;
    if steps.iter().any(|step| matches!(step, Step::Wild)) {
        let mut found = vec![json];
        for step in &steps {
            found = found.into_iter().flat_map(|one| each(one, step)).collect();
        }
        return Ok(Some(Json::Array(found.into_iter().cloned().collect())));
    }
    let mut json = json;
    for step in &steps {
        match each(json, step).next() {
            Some(next) => json = next,
            None => return Ok(None),
        }
    }
    Ok(Some(json.clone()))
}

fn each<'j>(json: &'j Json, step: &Step) -> Box<dyn Iterator<Item = &'j Json> + 'j> {
    match (step, json) {
        (Step::Member(name), Json::Object(members)) => Box::new(members.get(name).into_iter()),
        // A quoted number is a place in an array too.
        (Step::Member(name), Json::Array(all)) => {
            Box::new(name.parse::<usize>().ok().and_then(|n| all.get(n)).into_iter())
        }
        (Step::Index(n), Json::Array(all)) => Box::new(all.get(*n).into_iter()),
        (Step::Index(n), Json::Object(members)) => Box::new(members.get(&n.to_string()).into_iter()),
        (Step::Wild, Json::Array(all)) => Box::new(all.iter()),
        (Step::Wild, Json::Object(members)) => Box::new(members.values()),
        _ => Box::new(std::iter::empty()),
    }
}

fn steps(path: &str) -> Result<Vec<Step>> {
    let fail = || SqlError::argument(format!("Invalid JSON path: '{path}'"));
    let text = path.trim();
    // A path without a root is a member's name, as Presto has it.
    let mut rest = text.strip_prefix('$').unwrap_or(text);
    let mut all = Vec::new();
    if rest.len() == text.len() && !rest.starts_with(['.', '[']) {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        if end == 0 {
            return Err(fail());
        }
        all.push(Step::Member(rest[..end].into()));
        rest = &rest[end..];
    }
    while !rest.is_empty() {
        if rest.starts_with("..") {
            return Err(SqlError::argument(format!("Invalid JSON path: '{path}' (recursive descent)")));
        }
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            match &after[..end] {
                "" => return Err(fail()),
                "*" => all.push(Step::Wild),
                name => all.push(Step::Member(name.into())),
            }
            rest = &after[end..];
        } else if let Some(after) = rest.strip_prefix('[') {
            let quote = after.chars().next().filter(|c| *c == '"' || *c == '\'');
            if let Some(quote) = quote {
                let mut name = String::new();
                let mut chars = after[1..].char_indices();
                let end = loop {
                    match chars.next() {
                        Some((_, '\\')) => name.extend(chars.next().map(|(_, c)| c)),
                        Some((at, c)) if c == quote => break at + 2,
                        Some((_, c)) => name.push(c),
                        None => return Err(fail()),
                    }
                };
                rest = after[end..].strip_prefix(']').ok_or_else(fail)?;
                all.push(Step::Member(name));
            } else {
                let (inside, after) = after.split_once(']').ok_or_else(fail)?;
                match inside.trim() {
                    "*" => all.push(Step::Wild),
                    "" => return Err(fail()),
                    inside => all.push(match inside.parse() {
                        Ok(place) => Step::Index(place),
                        Err(_) => Step::Member(inside.to_owned()),
                    }),
                }
                rest = after;
            }
        } else {
            return Err(fail());
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(path: &str) -> Option<String> {
        let json = serde_json::json!({"aws:s3:arn": "a", "b": [10, {"c d": 20}], "e": {"f": 1}});
        follow(&json, path).ok().flatten().map(|found| found.to_string())
    }

    #[test]
    fn paths_take_members_with_colons_brackets_and_places() {
        assert_eq!(get("$.aws:s3:arn").as_deref(), Some("\"a\""));
        assert_eq!(get("$[\"aws:s3:arn\"]").as_deref(), Some("\"a\""));
        assert_eq!(get("$.b[0]").as_deref(), Some("10"));
        assert_eq!(get("$.b[1]['c d']").as_deref(), Some("20"));
        assert_eq!(get("$.b[*]").as_deref(), Some("[10,{\"c d\":20}]"));
        assert_eq!(get("$.none"), None);
        assert_eq!(
            get("$"),
            Some(serde_json::json!({"aws:s3:arn": "a", "b": [10, {"c d": 20}], "e": {"f": 1}}).to_string())
        );
        assert!(follow(&Json::Null, "$.").is_err());
        assert!(follow(&Json::Null, "$[").is_err());
    }
}
