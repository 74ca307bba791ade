//! A pull reader of XML elements, attributes and text. Entities other than the five predefined ones,
//! and document types, are refused.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::MAX_DEPTH;
use crate::parse_error::Fail;

/// An element that starts.
pub(crate) struct Start<'a>(BytesStart<'a>);

impl Start<'_> {
    /// Name without prefix.
    pub(crate) fn name(&self) -> &str {
        local(self.0.name().into_inner())
    }

    /// Value of an attribute, found by its whole name or by its name without prefix.
    pub(crate) fn attribute(&self, name: &str) -> Result<Option<String>, Fail> {
        for attribute in self.0.attributes() {
            let attribute = attribute.map_err(malformed)?;
            let key = attribute.key.into_inner();
            let bound = key.starts_with("xmlns");
            if !bound && (key == name || local(key) == local(name)) {
                let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(malformed)?;
                return Ok(Some(value.into_owned()));
            }
        }
        Ok(None)
    }
}

fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

fn malformed(error: impl std::fmt::Display) -> Fail {
    Fail::malformed(format!("The XML is not well-formed: {error}."))
}

/// What a pull gives.
pub(crate) enum Piece<'a> {
    Start(Start<'a>),
    Text(Cow<'a, str>),
    End,
    Eof,
}

/// Pulls pieces from a whole XML text.
pub(crate) struct Pull<'a> {
    reader: quick_xml::Reader<&'a [u8]>,
    depth: usize,
}

impl<'a> Pull<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Fail> {
        let text = std::str::from_utf8(bytes).map_err(|_| Fail::malformed("The body is not UTF-8."))?;
        let mut reader = quick_xml::Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Ok(Self { reader, depth: 0 })
    }

    /// The next piece; comments and processing instructions are passed over.
    pub(crate) fn next(&mut self) -> Result<Piece<'a>, Fail> {
        loop {
            return Ok(match self.reader.read_event().map_err(malformed)? {
                Event::Start(start) => {
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return Err(Fail::too_deep());
                    }
                    Piece::Start(Start(start))
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    Piece::End
                }
                Event::Text(text) => Piece::Text(text.xml10_content()),
                Event::CData(data) => Piece::Text(data.into_inner()),
                Event::GeneralRef(reference) => Piece::Text(Cow::Owned(resolve(&reference)?)),
                Event::DocType(_) => return Err(Fail::malformed("A document type is not allowed.")),
                Event::Eof if self.depth > 0 => return Err(Fail::malformed("The XML ends inside an element.")),
                Event::Eof => Piece::Eof,
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
            });
        }
    }

    /// The root element; `None` if there is nothing but space.
    pub(crate) fn root(&mut self) -> Result<Option<Start<'a>>, Fail> {
        loop {
            match self.next()? {
                Piece::Start(start) => return Ok(Some(start)),
                Piece::Text(text) if text.trim().is_empty() || text == "\u{feff}" => {}
                Piece::Eof => return Ok(None),
                Piece::Text(_) | Piece::End => return Err(Fail::malformed("The XML has no root element.")),
            }
        }
    }

    /// After the root's end: nothing but space may follow.
    pub(crate) fn finish(&mut self) -> Result<(), Fail> {
        match self.root()? {
            None => Ok(()),
            Some(_) => Err(Fail::malformed("The XML has two root elements.")),
        }
    }

    /// The next child element of the current one; `None` at its end. Text between is passed over.
    pub(crate) fn child(&mut self) -> Result<Option<Start<'a>>, Fail> {
        loop {
            match self.next()? {
                Piece::Start(start) => return Ok(Some(start)),
                Piece::End => return Ok(None),
                Piece::Text(_) => {}
                Piece::Eof => return Err(Fail::malformed("The XML ends inside an element.")),
            }
        }
    }

    /// Text of the current element, to its end.
    pub(crate) fn text(&mut self) -> Result<Cow<'a, str>, Fail> {
        let mut whole = Cow::Borrowed("");
        loop {
            match self.next()? {
                Piece::Text(text) if whole.is_empty() => whole = text,
                Piece::Text(text) => whole.to_mut().push_str(&text),
                Piece::End => return Ok(whole),
                Piece::Start(start) => {
                    return Err(Fail::malformed(format!("Unexpected element {} inside text.", start.name())));
                }
                Piece::Eof => return Err(Fail::malformed("The XML ends inside an element.")),
            }
        }
    }

    /// Passes over the rest of the current element.
    pub(crate) fn skip(&mut self) -> Result<(), Fail> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            if let Piece::Eof = self.next()? {
                break;
            }
        }
        Ok(())
    }
}

fn resolve(reference: &BytesRef<'_>) -> Result<String, Fail> {
    if let Some(char) = reference.resolve_char_ref().map_err(malformed)? {
        return Ok(char.to_string());
    }
    let text = match reference.xml10_content().as_ref() {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "apos" => "'",
        "quot" => "\"",
        _ => return Err(Fail::malformed("An entity is not defined.")),
    };
    Ok(text.to_owned())
}
