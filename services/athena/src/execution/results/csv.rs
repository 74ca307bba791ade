//! Rows out of a result's file, as its bytes come.

/// Reads rows until there are enough.
pub(super) struct Rows {
    /// Whether values are quoted and separated by commas; else a line is one value.
    is_csv: bool,
    most: usize,
    rows: Vec<Vec<Option<String>>>,
    /// What has come and is no whole row yet.
    rest: Vec<u8>,
    /// How much of `rest` was looked at, and whether that ends within quotes.
    seen: usize,
    quoted: bool,
    /// Bytes of the rows.
    read: u64,
}

impl Rows {
    /// Of a result of a query.
    pub(super) fn of_csv(most: usize) -> Self {
        Self { is_csv: true, most, rows: Vec::new(), rest: Vec::new(), seen: 0, quoted: false, read: 0 }
    }

    /// Of a result of another statement.
    pub(super) fn of_lines(most: usize) -> Self {
        Self { is_csv: false, ..Self::of_csv(most) }
    }

    /// Whether nothing more needs to be read: there are enough rows, and there is something after them.
    pub(super) fn are_enough(&self) -> bool {
        self.rows.len() >= self.most && !self.rest.is_empty()
    }

    /// Takes what comes next.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
        let mut begin = 0;
        while self.rows.len() < self.most
            && let Some(end) = self.line_end()
        {
            let line = String::from_utf8_lossy(&self.rest[begin..end]).into_owned();
            self.take(&line);
            self.read += (end + 1 - begin) as u64;
            begin = end + 1;
        }
        self.rest.drain(..begin);
        self.seen -= begin;
    }

    /// The next end of a line outside of quotes.
    fn line_end(&mut self) -> Option<usize> {
        while let Some(byte) = self.rest.get(self.seen) {
            self.seen += 1;
            match byte {
                b'"' if self.is_csv => self.quoted = !self.quoted,
                b'\n' if !self.quoted => return Some(self.seen - 1),
                _ => {}
            }
        }
        None
    }

    fn take(&mut self, line: &str) {
        let row = if self.is_csv { values(line) } else { vec![Some(line.to_owned())] };
        self.rows.push(row);
    }

    /// The rows, how many bytes they had, and whether there are more.
    pub(super) fn finish(mut self) -> (Vec<Vec<Option<String>>>, u64, bool) {
        if self.rows.len() < self.most && !self.rest.is_empty() {
            let line = String::from_utf8_lossy(&self.rest).into_owned();
            self.read += self.rest.len() as u64;
            self.rest.clear();
            self.take(&line);
        }
        let more = !self.rest.is_empty();
        (self.rows, self.read, more)
    }
}

/// The values of a line: in quotes, or nothing for NULL.
fn values(line: &str) -> Vec<Option<String>> {
    let mut values = Vec::new();
    let mut rest = line;
    loop {
        match rest.strip_prefix('"') {
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                values.push(None);
                rest = &rest[end..];
            }
            Some(text) => {
                let (value, after) = unquote(text);
                values.push(Some(value));
                rest = after;
            }
        }
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None => return values,
        }
    }
}

/// A value up to its closing quote, and what comes after it.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('"') {
        value.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                value.push('"');
                rest = after;
            }
            None => return (value, rest),
        }
    }
    value.push_str(rest);
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_however_the_bytes_come() {
        let file = b"\"a\",\"b\"\n\"x\"\"y\n,z\",\n,\"\"\n";
        for size in [1, 3, 100] {
            let mut rows = Rows::of_csv(10);
            file.chunks(size).for_each(|chunk| rows.read(chunk));
            let (rows, read, more) = rows.finish();
            assert_eq!(rows[0], [Some("a".to_owned()), Some("b".to_owned())]);
            assert_eq!(rows[1], [Some("x\"y\n,z".to_owned()), None]);
            assert_eq!(rows[2], [None, Some(String::new())]);
            assert_eq!((read, more), (file.len() as u64, false));
        }
    }

    #[test]
    fn a_page_ends_where_the_next_one_begins() {
        let mut rows = Rows::of_lines(1);
        rows.read(b"one\ntw");
        assert!(rows.are_enough());
        let (first, read, more) = rows.finish();
        assert_eq!((first, read, more), (vec![vec![Some("one".to_owned())]], 4, true));
        let mut rows = Rows::of_lines(5);
        rows.read(b"two");
        assert_eq!(rows.finish(), (vec![vec![Some("two".to_owned())]], 3, false));
    }
}
