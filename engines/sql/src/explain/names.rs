//! What columns of a plan are called where people read it: what the query or the table calls them, if that is known.

use std::collections::{HashMap, HashSet};

/// Names that are shown, by those that the plan has.
#[derive(Default)]
pub(super) struct Names {
    shown: HashMap<String, String>,
    used: HashSet<String>,
}

impl Names {
    /// The name that is shown; the plan's own, if none was given.
    pub(super) fn get(&self, own: &str) -> String {
        self.shown.get(own).cloned().unwrap_or_else(|| self.render(own))
    }

    pub(super) fn knows(&self, own: &str) -> bool {
        self.shown.contains_key(own)
    }

    /// Gives a column a name that no other has: `n`, `n_0`, `n_1` …
    pub(super) fn give(&mut self, own: &str, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut n = 0usize;
        while !self.used.insert(name.clone()) {
            name = format!("{wanted}_{n}");
            n += 1;
        }
        self.shown.insert(own.to_owned(), name.clone());
        name
    }

    /// Calls a column what another one is called.
    pub(super) fn same(&mut self, own: &str, other: &str) {
        let name = self.get(other);
        self.shown.insert(own.to_owned(), name);
    }

    /// An expression with the names that are shown. Text in quotes stays as it is.
    pub(super) fn render(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut word = String::new();
        let mut quoted = false;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if !quoted && (c.is_alphanumeric() || matches!(c, '_' | '.')) {
                word.push(c);
                continue;
            }
            self.flush(&mut out, &mut word);
            match c {
                '"' => quoted = !quoted,
                // `c3@7`: where the column is.
                '@' if !quoted && chars.peek().is_some_and(char::is_ascii_digit) => {
                    while chars.next_if(char::is_ascii_digit).is_some() {}
                    continue;
                }
                _ => {}
            }
            out.push(c);
        }
        self.flush(&mut out, &mut word);
        out
    }

    fn flush(&self, out: &mut String, word: &mut String) {
        match self.shown.get(word.as_str()) {
            Some(name) => out.push_str(name),
            None => out.push_str(word),
        }
        word.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_have_the_names_that_are_shown() {
        let mut names = Names::default();
        assert_eq!(names.give("tc1.x0", "id"), "id");
        assert_eq!(names.give("c7", "id"), "id_0");
        names.same("c9", "c7");
        assert_eq!(names.render("tc1.x0 > c9@2 AND c7 = Utf8(\"c7\")"), "id > id_0 AND id_0 = Utf8(\"c7\")");
        assert_eq!(names.get("c10"), "c10");
    }
}
