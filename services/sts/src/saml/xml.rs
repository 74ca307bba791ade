//! XML documents as trees that keep what canonicalisation needs: prefixes and declarations.
//!
//! Document types and processing instructions are refused; comments are passed over, so that a text is whole
//! whatever comments stand in it.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

/// Deepest nesting of elements.
const DEEPEST: usize = 64;

/// Elements of a document at most.
const MOST: usize = 10_000;

/// Attributes and declarations of an element at most.
const MOST_ATTRIBUTES: usize = 100;

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// The document is not well-formed, or has what is not allowed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// A document.
#[derive(Debug)]
pub(crate) struct Document {
    elements: Vec<Element>,
}

/// An element, by its place in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id(usize);

/// An element.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) parent: Option<Id>,
    pub(crate) prefix: String,
    pub(crate) local: String,
    /// Declarations that stand here: prefix, empty for the default, and name of the namespace.
    pub(crate) declarations: Vec<(String, String)>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) children: Vec<Child>,
}

/// An attribute that is no declaration.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) prefix: String,
    pub(crate) local: String,
    pub(crate) value: String,
}

/// What stands in an element.
#[derive(Debug)]
pub(crate) enum Child {
    Element(Id),
    Text(String),
}

impl Document {
    /// Reads a whole document.
    pub(crate) fn parse(text: &str) -> Result<Self, Malformed> {
        let mut reader = quick_xml::Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let mut document = Self { elements: Vec::new() };
        let mut open: Vec<Id> = Vec::new();
        loop {
            match reader.read_event().map_err(|_| Malformed)? {
                Event::Start(start) => {
                    let only_one = open.is_empty() && !document.elements.is_empty();
                    if only_one || open.len() >= DEEPEST || document.elements.len() >= MOST {
                        return Err(Malformed);
                    }
                    let id = document.add(&start, open.last().copied())?;
                    open.push(id);
                }
                Event::End(_) => {
                    open.pop().ok_or(Malformed)?;
                }
                Event::Text(text) => document.add_text(open.last(), &text.xml10_content())?,
                Event::CData(data) => document.add_text(open.last(), &data.xml10_content())?,
                Event::GeneralRef(reference) => {
                    let resolved = match reference.resolve_char_ref().map_err(|_| Malformed)? {
                        Some(char) => char.to_string(),
                        None => quick_xml::escape::resolve_predefined_entity(&reference).ok_or(Malformed)?.to_owned(),
                    };
                    open.last().ok_or(Malformed)?;
                    document.add_text(open.last(), &resolved)?;
                }
                Event::Comment(_) | Event::Decl(_) => {}
                Event::DocType(_) | Event::PI(_) | Event::Empty(_) => return Err(Malformed),
                Event::Eof => break,
            }
        }
        if !open.is_empty() || document.elements.is_empty() {
            return Err(Malformed);
        }
        document.check_names()?;
        Ok(document)
    }

    fn add(&mut self, start: &BytesStart<'_>, parent: Option<Id>) -> Result<Id, Malformed> {
        let (prefix, local) = split(start.name().into_inner());
        let mut element = Element {
            parent,
            prefix: prefix.to_owned(),
            local: local.to_owned(),
            declarations: Vec::new(),
            attributes: Vec::new(),
            children: Vec::new(),
        };
        for (count, attribute) in start.attributes().enumerate() {
            if count >= MOST_ATTRIBUTES {
                return Err(Malformed);
            }
            let attribute = attribute.map_err(|_| Malformed)?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| Malformed)?.into_owned();
            match split(attribute.key.into_inner()) {
                ("", "xmlns") => element.declarations.push((String::new(), value)),
                ("xmlns", prefix) => {
                    let allowed = !value.is_empty() && !matches!(prefix, "xmlns" | "xml") && value != XML;
                    if !allowed || value == XMLNS {
                        return Err(Malformed);
                    }
                    element.declarations.push((prefix.to_owned(), value));
                }
                (prefix, local) => {
                    element.attributes.push(Attribute { prefix: prefix.to_owned(), local: local.to_owned(), value });
                }
            }
        }
        let id = Id(self.elements.len());
        self.elements.push(element);
        if let Some(parent) = parent {
            self.elements[parent.0].children.push(Child::Element(id));
        }
        Ok(id)
    }

    fn add_text(&mut self, parent: Option<&Id>, text: &str) -> Result<(), Malformed> {
        let Some(parent) = parent else {
            return if text.trim_matches([' ', '\t', '\r', '\n', '\u{feff}']).is_empty() {
                Ok(())
            } else {
                Err(Malformed)
            };
        };
        let children = &mut self.elements[parent.0].children;
        match children.last_mut() {
            Some(Child::Text(whole)) => whole.push_str(text),
            _ if text.is_empty() => {}
            _ => children.push(Child::Text(text.to_owned())),
        }
        Ok(())
    }

    /// Every prefix is declared, and no two attributes of an element are the same.
    fn check_names(&self) -> Result<(), Malformed> {
        for id in self.ids() {
            let element = self.element(id);
            self.namespace_of(id, &element.prefix).ok_or(Malformed)?;
            let mut names = Vec::new();
            for attribute in &element.attributes {
                let name = (self.attribute_namespace(id, attribute).ok_or(Malformed)?, attribute.local.as_str());
                if names.contains(&name) {
                    return Err(Malformed);
                }
                names.push(name);
            }
        }
        Ok(())
    }

    /// The outermost element.
    pub(crate) fn root(&self) -> Id {
        Id(0)
    }

    /// All elements, in the order in which they begin.
    pub(crate) fn ids(&self) -> impl Iterator<Item = Id> {
        (0..self.elements.len()).map(Id)
    }

    /// The element at its place.
    pub(crate) fn element(&self, id: Id) -> &Element {
        // INVARIANT: an `Id` is handed out only for an element of the document, and none is ever removed.
        &self.elements[id.0]
    }

    /// The namespace that a prefix stands for in an element; `Some("")` for none, `None` if it is not declared.
    pub(crate) fn namespace_of(&self, id: Id, prefix: &str) -> Option<&str> {
        if prefix == "xml" {
            return Some(XML);
        }
        let mut at = Some(id);
        while let Some(id) = at {
            let element = self.element(id);
            if let Some((_, namespace)) = element.declarations.iter().find(|(declared, _)| declared == prefix) {
                return Some(namespace);
            }
            at = element.parent;
        }
        prefix.is_empty().then_some("")
    }

    /// The namespace of an attribute: one without prefix has none.
    pub(crate) fn attribute_namespace(&self, id: Id, attribute: &Attribute) -> Option<&str> {
        if attribute.prefix.is_empty() { Some("") } else { self.namespace_of(id, &attribute.prefix) }
    }

    /// Whether the element has this name.
    pub(crate) fn is(&self, id: Id, namespace: &str, local: &str) -> bool {
        let element = self.element(id);
        element.local == local && self.namespace_of(id, &element.prefix) == Some(namespace)
    }

    /// Elements that stand in this one.
    pub(crate) fn elements(&self, id: Id) -> impl Iterator<Item = Id> {
        self.element(id).children.iter().filter_map(|child| match child {
            Child::Element(id) => Some(*id),
            Child::Text(_) => None,
        })
    }

    /// Elements of this name that stand in this one.
    pub(crate) fn children<'a>(&'a self, id: Id, namespace: &'a str, local: &'a str) -> impl Iterator<Item = Id> + 'a {
        self.elements(id).filter(move |child| self.is(*child, namespace, local))
    }

    /// The element of this name that stands in this one, if there is exactly one.
    pub(crate) fn child(&self, id: Id, namespace: &str, local: &str) -> Option<Id> {
        let mut children = self.children(id, namespace, local);
        let first = children.next();
        if children.next().is_some() { None } else { first }
    }

    /// The text of an element that holds nothing else.
    pub(crate) fn text(&self, id: Id) -> Option<&str> {
        match self.element(id).children.as_slice() {
            [] => Some(""),
            [Child::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The value of an attribute without prefix.
    pub(crate) fn attribute(&self, id: Id, local: &str) -> Option<&str> {
        let attributes = &self.element(id).attributes;
        attributes.iter().find(|a| a.prefix.is_empty() && a.local == local).map(|a| a.value.as_str())
    }
}

fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_malformed_or_not_allowed_is_refused() {
        let deep = format!("{}{}", "<a>".repeat(65), "</a>".repeat(65));
        let wide: String = (0..101).map(|n| format!(" a{n}=''")).collect();
        let wide = format!("<a{wide}/>");
        for text in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>text",
            "<a b='1' b='2'/>",
            "<p:a/>",
            "<a p:b=''/>",
            "<a xmlns:p='u' xmlns:q='u' p:b='' q:b=''/>",
            "<a xmlns:p=''/>",
            "<a>&unknown;</a>",
            "<!DOCTYPE a><a/>",
            "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
            "<?pi?><a/>",
            "<a><?pi?></a>",
            deep.as_str(),
            wide.as_str(),
        ] {
            assert_eq!(Document::parse(text).err(), Some(Malformed), "{text}");
        }
    }

    #[test]
    fn a_text_is_whole_whatever_stands_in_it() {
        let document = Document::parse(
            "<?xml version='1.0'?><a b='x&#10;y\nz'>one<!-- two -->&lt;<![CDATA[<three>]]>&#x34;\r\n</a>",
        );
        let document = document.unwrap();
        assert_eq!(document.text(document.root()), Some("one<<three>4\n"));
        assert_eq!(document.attribute(document.root(), "b"), Some("x\ny z"));
    }

    #[test]
    fn names_have_the_namespace_that_is_declared_nearest() {
        let document = Document::parse("<a xmlns='u' xmlns:p='v'><b xmlns=''><p:c/></b></a>").unwrap();
        let [a, b, c] = [0, 1, 2].map(Id);
        assert!(document.is(a, "u", "a") && document.is(b, "", "b") && document.is(c, "v", "c"));
        assert_eq!(document.child(a, "", "b"), Some(b));
        assert_eq!(document.child(a, "u", "b"), None);
    }
}
