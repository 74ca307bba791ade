//! Exclusive canonical XML without comments: <https://www.w3.org/TR/xml-exc-c14n/>.

use std::collections::BTreeMap;

use super::xml::{Child, Document, Id};

/// The canonical form of an element, without the element `except` in it. `inclusive` are the prefixes that are
/// treated as inclusive canonical XML does; `#default` is the default namespace.
pub(super) fn canonical(document: &Document, apex: Id, except: Option<Id>, inclusive: &[&str]) -> String {
    let inclusive: Vec<&str> =
        inclusive.iter().map(|prefix| if *prefix == "#default" { "" } else { *prefix }).collect();
    let mut writer = Writer { document, except, inclusive, declared: Vec::new(), out: String::new() };
    writer.element(apex);
    writer.out
}

struct Writer<'a> {
    document: &'a Document,
    except: Option<Id>,
    inclusive: Vec<&'a str>,
    /// Prefixes and namespaces that the output has declared where it is; the nearest are the last.
    declared: Vec<(&'a str, &'a str)>,
    out: String,
}

impl<'a> Writer<'a> {
    // The depth is bounded: the document was parsed with a limit.
    fn element(&mut self, id: Id) {
        let document = self.document;
        let element = document.element(id);
        let name = qualified(&element.prefix, &element.local);
        self.out.push('<');
        self.out.push_str(&name);

        let above = self.declared.len();
        for (prefix, namespace) in self.declarations(id) {
            if prefix.is_empty() {
                self.out.push_str(" xmlns=\"");
            } else {
                self.out.push_str(&format!(" xmlns:{prefix}=\""));
            }
            escape_attribute(namespace, &mut self.out);
            self.out.push('"');
            self.declared.push((prefix, namespace));
        }
        let mut attributes: Vec<_> = element.attributes.iter().collect();
        attributes.sort_by_key(|a| (document.attribute_namespace(id, a), a.local.as_str()));
        for attribute in attributes {
            self.out.push_str(&format!(" {}=\"", qualified(&attribute.prefix, &attribute.local)));
            escape_attribute(&attribute.value, &mut self.out);
            self.out.push('"');
        }
        self.out.push('>');
        for child in &element.children {
            match child {
                Child::Element(child) if Some(*child) == self.except => {}
                Child::Element(child) => self.element(*child),
                Child::Text(text) => escape_text(text, &mut self.out),
            }
        }
        self.declared.truncate(above);
        self.out.push_str(&format!("</{name}>"));
    }

    /// The declarations to be written in an element, sorted by prefix: those that it uses visibly, or that are
    /// asked for, and that stand for something else above.
    fn declarations(&self, id: Id) -> BTreeMap<&'a str, &'a str> {
        let document = self.document;
        let element = document.element(id);
        let used = element.attributes.iter().map(|a| a.prefix.as_str()).filter(|prefix| !prefix.is_empty());
        let used = used.chain([element.prefix.as_str()]).chain(self.inclusive.iter().copied());
        let mut declarations = BTreeMap::new();
        for prefix in used.filter(|prefix| *prefix != "xml") {
            let Some(namespace) = document.namespace_of(id, prefix) else { continue };
            let above = self.declared.iter().rev().find(|(declared, _)| *declared == prefix).map(|(_, above)| *above);
            // No default namespace is what there is at the beginning.
            if above.unwrap_or_default() != namespace {
                declarations.insert(prefix, namespace);
            }
        }
        declarations
    }
}

fn qualified(prefix: &str, local: &str) -> String {
    if prefix.is_empty() { local.to_owned() } else { format!("{prefix}:{local}") }
}

fn escape_text(text: &str, out: &mut String) {
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
}

fn escape_attribute(text: &str, out: &mut String) {
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(text: &str, local: &str, inclusive: &[&str]) -> String {
        let document = Document::parse(text).unwrap();
        let apex = document.ids().find(|id| document.element(*id).local == local).unwrap();
        canonical(&document, apex, None, inclusive)
    }

    /// The examples of the specification, section 2.2, and of canonical XML, section 3.
    #[test]
    fn elements_look_the_same_wherever_they_stand() {
        let inner = r#"<n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"></n3:stuff></n1:elem2>"#;
        let one = r#"<n0:pdu xmlns:n0="http://a.example" xmlns:n1="http://example.net" xmlns:n3="ftp://example.org"><n1:elem2 xml:lang="en"><n3:stuff/></n1:elem2></n0:pdu>"#;
        let two = r#"<n2:pdu xmlns:n1="http://example.com" xmlns:n2="http://foo.example" xml:space="retain"><n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2></n2:pdu>"#;
        assert_eq!(of(one, "elem2", &[]), inner);
        assert_eq!(of(two, "elem2", &[]), inner);
    }

    #[test]
    fn prefixes_that_are_asked_for_are_declared_at_the_top() {
        let text = r#"<a xmlns="d" xmlns:p="u" xmlns:q="v"><b>p:text</b></a>"#;
        assert_eq!(of(text, "b", &[]), r#"<b xmlns="d">p:text</b>"#);
        assert_eq!(of(text, "b", &["p", "none"]), r#"<b xmlns="d" xmlns:p="u">p:text</b>"#);
        let prefixed = r#"<a xmlns="d" xmlns:p="u"><p:b><c xmlns=""/></p:b></a>"#;
        assert_eq!(of(prefixed, "b", &[]), r#"<p:b xmlns:p="u"><c></c></p:b>"#);
        assert_eq!(of(prefixed, "b", &["#default"]), r#"<p:b xmlns="d" xmlns:p="u"><c xmlns=""></c></p:b>"#);
    }

    proptest::proptest! {
        /// Whatever is read, its canonical form says the same: it is its own canonical form.
        #[test]
        fn a_canonical_form_is_its_own(
            inner in "(<a/>|<p:b x='[ -%]{0,3}'/>|<a xmlns='[uv]?'>|</a>|<p:b xmlns:p='[uv]' p:y='1'>|</p:b>|[ -%]{0,4}|&lt;|&#13;){0,16}",
        ) {
            let around = format!("<a xmlns:p='w'>{inner}</a>");
            if let Ok(document) = Document::parse(&around) {
                let form = canonical(&document, document.root(), None, &[]);
                let again = Document::parse(&form).unwrap();
                proptest::prop_assert_eq!(canonical(&again, again.root(), None, &[]), form);
            }
        }

        #[test]
        fn nothing_that_is_read_panics(text in ".{0,200}") {
            let _ = Document::parse(&text);
        }
    }

    #[test]
    fn attributes_are_sorted_and_characters_escaped() {
        let text = "<e xmlns:a='z' xmlns:b='y' b:x='1' a:x='2' z='3' c='&quot;&lt;&gt;&#9;&#10;&#13;'>&amp;&lt;&gt;\"&#13;</e>";
        let expected = "<e xmlns:a=\"z\" xmlns:b=\"y\" c=\"&quot;&lt;>&#x9;&#xA;&#xD;\" z=\"3\" b:x=\"1\" a:x=\"2\">&amp;&lt;&gt;\"&#xD;</e>";
        assert_eq!(of(text, "e", &[]), expected);
    }
}
