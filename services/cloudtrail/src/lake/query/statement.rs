//! The text of a query: ids and ARNs of event data stores in it become names that SQL can have.

/// A text whose stores are quoted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) text: String,
    /// The stores as they are named, ids or ARNs in lower case, each once.
    pub(super) stores: Vec<String>,
}

/// Where the id of a store stands in its ARN.
const KIND: &str = ":eventdatastore/";

impl Statement {
    /// Quotes the stores of a statement, wherever they stand outside of texts and comments.
    pub(super) fn of(statement: &str) -> Self {
        let mut made = Self { text: String::with_capacity(statement.len() + 16), stores: Vec::new() };
        let mut rest = statement;
        while !rest.is_empty() {
            let taken = made.take(rest);
            rest = rest.get(taken..).unwrap_or_default();
        }
        made
    }

    /// Takes what comes next; tells how many bytes it is.
    fn take(&mut self, rest: &str) -> usize {
        let upto = |end: &str, from: usize| {
            let found = rest.get(from..).and_then(|inner| inner.find(end));
            found.map_or(rest.len(), |at| from + at + end.len())
        };
        if let Some(store) = store(rest) {
            self.name(store);
            self.text.push_str(&format!("\"{}\"", store.to_lowercase()));
            return store.len();
        }
        let taken = if rest.starts_with('\'') {
            upto("'", 1)
        } else if rest.starts_with('"') {
            let taken = upto("\"", 1);
            let name = rest.get(1..taken.saturating_sub(1)).unwrap_or_default();
            if store(name) == Some(name) {
                self.name(name);
            }
            taken
        } else if rest.starts_with("--") {
            upto("\n", 2)
        } else if rest.starts_with("/*") {
            upto("*/", 2)
        } else {
            let word = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            let first = rest.chars().next().map_or(0, char::len_utf8);
            word.max(first)
        };
        self.text.push_str(rest.get(..taken).unwrap_or_default());
        taken
    }

    fn name(&mut self, store: &str) {
        let store = store.to_lowercase();
        if !self.stores.contains(&store) {
            self.stores.push(store);
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The id or ARN of a store with which a text begins.
fn store(text: &str) -> Option<&str> {
    if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("arn:")) {
        let end = text.find(|c: char| !(is_word(c) || matches!(c, ':' | '/' | '-')));
        let arn = text.get(..end.unwrap_or(text.len()))?;
        let (_, id) = arn.rsplit_once(KIND)?;
        return (uuid(id) == Some(id)).then_some(arn);
    }
    uuid(text)
}

/// The UUID with which a text begins, if nothing goes on with it.
fn uuid(text: &str) -> Option<&str> {
    let id = text.get(..36)?;
    let dashes = [8, 13, 18, 23];
    let fits = |(at, byte): (usize, u8)| if dashes.contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() };
    let ends = text.get(36..)?.chars().next().is_none_or(|c| !(is_word(c) || c == '-'));
    (ends && id.bytes().enumerate().all(fits)).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "a1b2c3d4-5678-90ab-cdef-1234567890ab";

    #[test]
    fn stores_are_quoted_where_they_are_names() {
        let arn = format!("arn:aws:cloudtrail:us-east-1:111122223333:eventdatastore/{ID}");
        for (text, expected) in [
            (format!("SELECT * FROM {ID}"), format!("SELECT * FROM \"{ID}\"")),
            (format!("select a from {}\n--x", ID.to_uppercase()), format!("select a from \"{ID}\"\n--x")),
            (format!("SELECT a FROM {ID};"), format!("SELECT a FROM \"{ID}\";")),
            (format!("SELECT a FROM \"{ID}\" e"), format!("SELECT a FROM \"{ID}\" e")),
            (format!("SELECT {ID}.a FROM {ID}"), format!("SELECT \"{ID}\".a FROM \"{ID}\"")),
        ] {
            assert_eq!(Statement::of(&text), Statement { text: expected, stores: vec![ID.to_owned()] }, "{text}");
        }
        let both = Statement::of(&format!("SELECT 1 FROM {arn} a JOIN {ID} b ON true"));
        assert_eq!(both.stores, [arn.clone(), ID.to_owned()]);
        assert_eq!(both.text, format!("SELECT 1 FROM \"{arn}\" a JOIN \"{ID}\" b ON true"));
    }

    #[test]
    fn texts_comments_and_other_words_are_left_alone() {
        for text in [
            format!("SELECT '{ID}' -- {ID}\n/* {ID} */"),
            format!("SELECT 'it''s {ID}'"),
            format!("SELECT x{ID}, {ID}0, {ID}-1"),
            "SELECT 'ä' || \"ö\", 12345678-1234".to_owned(),
            "SELECT 'open".to_owned(),
        ] {
            assert_eq!(Statement::of(&text), Statement { text: text.clone(), stores: vec![] }, "{text}");
        }
    }
}
