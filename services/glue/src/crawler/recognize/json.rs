//! JSON: the fields of its objects, one after the other, are the columns.
//!
//! A text is read as it is, without a tree of it, so that one which is cut tells what its beginning does.

use welkin_sql::Type;

use super::Recognized;
use super::text::Text;
use crate::classifier::json_path::JsonPath;
use crate::crawler::schema::{Field, widen};
use crate::crawler::shape::{Compression, Layout, Shape};

/// Values within values deeper than this are strings.
const DEPTH: usize = 64;

/// Fields of an object beyond this many are not told apart any more.
const FIELDS: usize = 2000;

/// What a text of JSON has.
struct Documents {
    /// The type of all of them.
    ty: Type,
    count: u64,
    /// Elements of documents that are arrays.
    elements: u64,
    /// How much of the text they are.
    bytes: u64,
}

/// JSON whose objects are the records. "The crawler treats the data as one object, that is, just an array" if it is one:
/// <https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html#custom-classifier-json>
pub(super) fn built_in(text: &Text, compression: Compression) -> Option<Recognized> {
    let documents = documents(text)?;
    let columns = match documents.ty {
        Type::Row(fields) => columns(fields),
        array @ Type::Array(_) => vec![("array".to_owned(), array)],
        _ => return None,
    };
    let layout = Layout::Json { path: None };
    Some(recognized(columns, layout, compression, (documents.count, documents.bytes)))
}

/// JSON of which a path names the records.
pub(super) fn by_path(text: &Text, compression: Compression, path: &str) -> Option<Recognized> {
    let parsed = JsonPath::parse(path)?;
    let documents = documents(text)?;
    let Type::Row(fields) = parsed.within(&documents.ty)? else { return None };
    let records = if parsed.is_of_elements() { documents.elements } else { documents.count };
    let layout = Layout::Json { path: Some(path.to_owned()) };
    Some(recognized(columns(fields), layout, compression, (records, documents.bytes)))
}

fn recognized(
    columns: Vec<Field>,
    layout: Layout,
    compression: Compression,
    (records, bytes): (u64, u64),
) -> Recognized {
    let shape = Shape { classification: "json".to_owned(), compression, layout, columns };
    Recognized { shape, records, bytes, certainty: 1.0 }
}

fn columns(fields: Vec<(Option<String>, Type)>) -> Vec<Field> {
    fields.into_iter().filter_map(|(name, ty)| Some((name?, ty))).collect()
}

/// Reads all documents of a text; `None` if it has something else.
fn documents(text: &Text) -> Option<Documents> {
    let mut reader = Reader { bytes: text.as_str().as_bytes(), at: 0, ended: false, elements: 0 };
    let (mut ty, mut count, mut bytes) = (Type::Unknown, 0u64, 0);
    loop {
        reader.space();
        if !matches!(reader.peek(), Some(b'{' | b'[')) {
            break;
        }
        let document = reader.value(0)?;
        if reader.ended {
            // A document that is cut tells what there is of it, if there is no whole one.
            if !text.is_cut() {
                return None;
            }
            if count == 0 {
                (ty, count, bytes) = (document, 1, reader.bytes.len());
            }
            break;
        }
        (ty, count, bytes) = (if count == 0 { document } else { widen(&ty, &document) }, count + 1, reader.at);
    }
    let rest = reader.peek().is_none() || reader.ended;
    (count > 0 && rest).then_some(Documents { ty, count, elements: reader.elements, bytes: bytes as u64 })
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Whether the text ended within a value.
    ended: bool,
    elements: u64,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// The byte that is there next after space. At the end of the text it says so.
    fn next(&mut self) -> Option<u8> {
        self.space();
        let next = self.peek();
        self.ended |= next.is_none();
        next
    }

    /// The type of a value, or of as much of it as there is; `None` if it is none.
    fn value(&mut self, depth: usize) -> Option<Type> {
        let Some(first) = self.next() else { return Some(Type::Unknown) };
        match first {
            b'{' if depth < DEPTH => self.object(depth),
            b'[' if depth < DEPTH => self.array(depth),
            b'{' | b'[' => self.skip(),
            b'"' => self.string().map(|_| Type::VARCHAR),
            b't' => self.word("true", Type::Boolean),
            b'f' => self.word("false", Type::Boolean),
            b'n' => self.word("null", Type::Unknown),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Type> {
        self.at += 1;
        let mut fields: Vec<(Option<String>, Type)> = Vec::new();
        let mut first = true;
        loop {
            match self.next() {
                None => return Some(Type::Row(fields)),
                Some(b'}') if first => {
                    self.at += 1;
                    return Some(Type::Row(fields));
                }
                Some(b'"') => {}
                Some(_) => return None,
            }
            first = false;
            let name = self.string()?;
            match self.next() {
                None => return Some(Type::Row(fields)),
                Some(b':') => self.at += 1,
                Some(_) => return None,
            }
            let ty = self.value(depth + 1)?;
            let full = fields.len() >= FIELDS;
            match fields.iter_mut().find(|(own, _)| own.as_deref() == Some(&name)) {
                Some((_, own)) => *own = widen(own, &ty),
                None if full => {}
                None => fields.push((Some(name), ty)),
            }
            match self.next() {
                None => return Some(Type::Row(fields)),
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Some(Type::Row(fields));
                }
                Some(_) => return None,
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Type> {
        self.at += 1;
        let mut of = Type::Unknown;
        if self.next() == Some(b']') {
            self.at += 1;
            return Some(Type::array(of));
        }
        loop {
            if self.ended {
                return Some(Type::array(of));
            }
            of = widen(&of, &self.value(depth + 1)?);
            self.elements += u64::from(depth == 0);
            match self.next() {
                None => return Some(Type::array(of)),
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Some(Type::array(of));
                }
                Some(_) => return None,
            }
        }
    }

    /// Passes over a value whose parts are too deep to be told.
    fn skip(&mut self) -> Option<Type> {
        let mut depth = 0u64;
        while let Some(next) = self.next() {
            match next {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                break;
            }
        }
        Some(Type::VARCHAR)
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                None => {
                    self.ended = true;
                    return Some(String::new());
                }
                Some(b'\\') => self.at += 2,
                Some(b'"') => {
                    self.at += 1;
                    return serde_json::from_slice(self.bytes.get(start..self.at)?).ok();
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn word(&mut self, word: &str, ty: Type) -> Option<Type> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            return Some(ty);
        }
        if word.as_bytes().starts_with(rest) {
            (self.at, self.ended) = (self.bytes.len(), true);
            return Some(Type::Unknown);
        }
        None
    }

    fn number(&mut self) -> Option<Type> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) {
            self.at += 1;
        }
        let text = std::str::from_utf8(self.bytes.get(start..self.at)?).ok()?;
        if self.peek().is_none() {
            self.ended = true;
            return Some(Type::Unknown);
        }
        serde_json::from_str::<serde_json::Number>(text).ok()?;
        Some(match text.parse::<i64>() {
            Ok(number) if i32::try_from(number).is_ok() => Type::Integer,
            Ok(_) => Type::Bigint,
            Err(_) => Type::Double,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use welkin_sql::hive_name;

    fn found(text: &str, cut: bool, path: Option<&str>) -> Option<(String, u64)> {
        let text = Text::of(text.as_bytes().to_vec(), cut)?;
        let found = match path {
            Some(path) => by_path(&text, Compression::None, path),
            None => built_in(&text, Compression::None),
        }?;
        let columns = found.shape.columns.iter().map(|(name, ty)| format!("{name} {}", hive_name(ty)));
        Some((columns.collect::<Vec<_>>().join(", "), found.records))
    }

    fn columns(text: &str) -> String {
        found(text, false, None).expect(text).0
    }

    #[test]
    fn fields_have_the_types_of_their_values() {
        let text = r#"{"i": 1, "l": 3000000000, "d": 1.5, "e": 1e3, "b": true, "s": "x", "n": null,
            "o": {"a": 1, "b": [1, 2.5]}, "a": [{"x": 1}, {"y": "z"}], "empty": []}"#;
        let expected = "i int, l bigint, d double, e double, b boolean, s string, n string, \
            o struct<a:int,b:array<double>>, a array<struct<x:int,y:string>>, empty array<string>";
        assert_eq!(columns(text), expected);
    }

    #[test]
    fn records_are_one_after_the_other_with_lines_or_without() {
        assert_eq!(
            found("{\"a\":1}\n{\"a\":\"x\",\"b\":2}{\"a\":null}", false, None),
            Some(("a string, b int".into(), 3))
        );
    }

    #[test]
    fn an_array_is_a_column_unless_a_path_says_what_records_are() {
        let text = r#"[{"type": "constituency", "id": "x"}, {"type": "constituency", "id": "y"}]"#;
        assert_eq!(found(text, false, None), Some(("array array<struct<type:string,id:string>>".into(), 1)));
        assert_eq!(found(text, false, Some("$[*]")), Some(("type string, id string".into(), 2)));
        assert_eq!(found(text, false, Some("$.none")), None);
    }

    #[test]
    fn a_text_that_is_cut_tells_what_its_beginning_does() {
        assert_eq!(found("{\"a\":1}\n{\"a\":2.5,\"b\":", true, None), Some(("a int".into(), 1)));
        assert_eq!(
            found(r#"{"records":[{"a":1},{"b":"x"},{"c":12"#, true, None).expect("JSON").0,
            "records array<struct<a:int,b:string,c:string>>"
        );
        assert_eq!(found(r#"{"a":1,"b":tr"#, true, None).expect("JSON").0, "a int, b string");
        assert_eq!(found("{\"a\":1", false, None), None);
    }

    #[test]
    fn what_is_no_json_is_not_recognised() {
        for text in ["", "a,b\n1,2", "1\n2", "\"x\"", "{a:1}", "{\"a\":1}x", "{\"a\":01x}", "[1,]", "{\"a\":1,}", "{]"]
        {
            assert_eq!(found(text, false, None), None, "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let text = format!("{}{}", "{\"a\":".repeat(10_000), "1".to_owned() + &"}".repeat(10_000));
        assert!(found(&text, false, None).is_some());
        let open = "[".repeat(1 << 20);
        assert!(found(&open, true, None).is_some());
    }
}
