//! XML: the elements of a tag are the records.
//!
//! <https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html#custom-classifier-xml>

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use welkin_sql::Type;

use super::Recognized;
use super::text::Text;
use crate::crawler::schema::widen;
use crate::crawler::shape::{Compression, Layout, Shape};

/// Elements within elements deeper than this are strings.
const DEPTH: usize = 64;

/// An element that is being read.
#[derive(Default)]
struct Element {
    name: String,
    fields: Vec<(Option<String>, Type)>,
    text: String,
}

impl Element {
    fn of(start: &BytesStart<'_>) -> Self {
        let mut element = Self { name: start.local_name().into_inner().to_owned(), ..Self::default() };
        for attribute in start.attributes().flatten() {
            element.add(attribute.key.local_name().into_inner().to_owned(), of_text(&attribute.value));
        }
        element
    }

    /// Adds a field; one that is there several times is an array.
    fn add(&mut self, name: String, ty: Type) {
        match self.fields.iter_mut().find(|(own, _)| own.as_deref() == Some(&name)) {
            Some((_, own)) => {
                let of = if let Type::Array(of) = &*own { (**of).clone() } else { own.clone() };
                *own = Type::array(widen(&of, &ty));
            }
            None => self.fields.push((Some(name), ty)),
        }
    }

    fn ty(self) -> Type {
        if self.fields.is_empty() { of_text(&self.text) } else { Type::Row(self.fields) }
    }
}

/// What a text could be.
fn of_text(text: &str) -> Type {
    let text = text.trim();
    if text.is_empty() {
        Type::Unknown
    } else if matches!(text, "true" | "false") {
        Type::Boolean
    } else if text.parse::<i32>().is_ok() {
        Type::Integer
    } else if text.parse::<i64>().is_ok() {
        Type::Bigint
    } else if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') && text.parse::<f64>().is_ok() {
        Type::Double
    } else {
        Type::VARCHAR
    }
}

/// XML in which there are elements of the tag that are not empty.
pub(super) fn recognize(
    text: &Text,
    compression: Compression,
    classification: &str,
    row_tag: &str,
) -> Option<Recognized> {
    if !text.as_str().trim_start().starts_with('<') {
        return None;
    }
    let rows = Rows::read(text, row_tag)?;
    let Type::Row(fields) = rows.ty else { return None };
    let columns = fields.into_iter().filter_map(|(name, ty)| Some((name?, ty))).collect();
    let layout = Layout::Xml { row_tag: row_tag.to_owned() };
    let shape = Shape { classification: classification.to_owned(), compression, layout, columns };
    Some(Recognized { shape, records: rows.count, bytes: rows.bytes, certainty: 1.0 })
}

struct Rows {
    ty: Type,
    count: u64,
    bytes: u64,
}

impl Rows {
    fn read(text: &Text, row_tag: &str) -> Option<Self> {
        let mut reader = Reader::from_str(text.as_str());
        let mut rows = Self { ty: Type::Unknown, count: 0, bytes: 0 };
        // The elements from that of a record on.
        let mut open: Vec<Element> = Vec::new();
        let mut deeper = 0usize;
        loop {
            match reader.read_event() {
                Ok(Event::Start(start)) if open.len() >= DEPTH => {
                    drop(start);
                    deeper += 1;
                }
                Ok(Event::Start(start)) if !open.is_empty() || start.local_name().into_inner() == row_tag => {
                    open.push(Element::of(&start));
                }
                Ok(Event::Empty(empty)) => {
                    if let Some(last) = open.last_mut() {
                        let element = Element::of(&empty);
                        last.add(element.name.clone(), element.ty());
                    }
                }
                Ok(Event::Text(found)) => {
                    if let Some(last) = open.last_mut() {
                        last.text.push_str(&found);
                    }
                }
                Ok(Event::CData(found)) => {
                    if let Some(last) = open.last_mut() {
                        last.text.push_str(&found);
                    }
                }
                Ok(Event::End(_)) if deeper > 0 => deeper -= 1,
                Ok(Event::End(_)) => match (open.pop(), open.last_mut()) {
                    (Some(element), Some(outer)) => outer.add(element.name.clone(), element.ty()),
                    (Some(row), None) => {
                        rows.ty = widen(&rows.ty, &row.ty());
                        (rows.count, rows.bytes) = (rows.count + 1, reader.buffer_position());
                    }
                    (None, _) => {}
                },
                Ok(Event::Eof) => break,
                Ok(_) => {}
                // What is cut is not well-formed.
                Err(_) if text.is_cut() => break,
                Err(_) => return None,
            }
        }
        (rows.count > 0).then_some(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use welkin_sql::hive_name;

    fn found(xml: &str, cut: bool) -> Option<(String, u64)> {
        let text = Text::of(xml.as_bytes().to_vec(), cut)?;
        let found = recognize(&text, Compression::None, "xml", "row")?;
        let columns = found.shape.columns.iter().map(|(name, ty)| format!("{name} {}", hive_name(ty)));
        Some((columns.collect::<Vec<_>>().join(", "), found.records))
    }

    #[test]
    fn the_elements_of_the_tag_are_records() {
        let xml = r#"<?xml version="1.0"?><all><row id="1"><name>x</name><tag>a</tag><tag>b</tag><at x="1.5"/></row>
            <row id="3000000000"><name>2</name><in><a>true</a></in></row></all>"#;
        let expected = "id bigint, name string, tag array<string>, at struct<x:double>, in struct<a:boolean>";
        assert_eq!(found(xml, false), Some((expected.to_owned(), 2)));
    }

    #[test]
    fn what_is_cut_tells_what_is_there_and_anything_else_is_none() {
        assert_eq!(found("<all><row><a>1</a></row><row><b", true), Some(("a int".to_owned(), 1)));
        assert_eq!(found("<all><row><a>1</a></all>", false), None);
        assert_eq!(found("<all><other/></all>", false), None);
        assert_eq!(found("row", false), None);
        assert!(found(&format!("<row><a>1</a>{}", "<a>".repeat(100_000)), true).is_none());
    }
}
