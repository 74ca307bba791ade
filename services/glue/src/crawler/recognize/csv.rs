//! Separated values: by the built-in classifier, or as a classifier of the caller's says.
//!
//! <https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html#classifier-builtin-rules>

use welkin_sql::{Type, hive_type};

use super::Recognized;
use super::text::Text;
use crate::classifier::{Csv, DATATYPES};
use crate::crawler::schema::Field;
use crate::crawler::schema::widen;
use crate::crawler::shape::{Compression, Layout, Separated, Shape};

/// Which delimiters there may be: comma, pipe, tab, semicolon and Ctrl-A.
const DELIMITERS: [char; 5] = [',', '|', '\t', ';', '\u{1}'];

/// "Except for the last column, every column in a potential header has content that is fewer than 150 characters."
const LONGEST_NAME: usize = 150;

/// Rows of which the types are looked at.
const ROWS: usize = 10_000;

/// A row has at most so many columns.
const COLUMNS: usize = 5000;

/// Separated values with one of the known delimiters. "The table schema must have at least two columns and two rows of
/// data."
pub(super) fn built_in(text: &Text, compression: Compression) -> Option<Recognized> {
    let lines: Vec<&str> = text.lines().take(ROWS).collect();
    if lines.len() < 2 {
        return None;
    }
    let parsed = DELIMITERS.iter().map(|delimiter| Rows::of(&lines, *delimiter, Some('"')));
    // Of delimiters by which all rows are equally long, the one that gives the most columns.
    let rows = parsed.filter(|rows| rows.are_even() && rows.width() >= 2).max_by_key(Rows::width)?;
    let header = rows.has_header();
    let names = if header { rows.first() } else { Vec::new() };
    let separated = Separated { delimiter: rows.delimiter, quote: None, header, quoted: rows.quoted, open_csv: false };
    Some(recognized(text, compression, columns(&names, &rows, usize::from(header)), separated, lines.len()))
}

/// Separated values as the rule has them.
pub(super) fn by_rule(text: &Text, compression: Compression, rule: &Csv) -> Option<Recognized> {
    let lines: Vec<&str> = text.lines().take(ROWS).collect();
    let delimiter = rule.delimiter.as_deref().and_then(|text| text.chars().next()).unwrap_or(',');
    let quote = rule.quote.as_deref().and_then(|text| text.chars().next());
    let mut rows = Rows::of(&lines, delimiter, quote.or(Some('"')));
    rows.trim = rule.disable_value_trimming != Some(true);
    let least = if rule.allow_single_column == Some(true) { 1 } else { 2 };
    if lines.is_empty() || !rows.are_even() || rows.width() < least {
        return None;
    }
    let given = rule.header.clone().unwrap_or_default();
    // "Each column name must be one of the file's": a header that is given is one for files as wide as it.
    if !given.is_empty() && given.len() != rows.width() {
        return None;
    }
    let header = match rule.contains_header.as_deref() {
        Some("PRESENT") => true,
        Some("ABSENT") => false,
        _ => rows.has_header(),
    };
    let names = match (given.is_empty(), header) {
        (false, _) => given,
        (true, true) => rows.first(),
        (true, false) => Vec::new(),
    };
    let mut columns = columns(&names, &rows, usize::from(header));
    if rule.custom_datatype_configured != Some(false) {
        for ((_, ty), name) in columns.iter_mut().zip(rule.custom_datatypes.iter().flatten()) {
            *ty = datatype(name).unwrap_or(Type::VARCHAR);
        }
    }
    // UNVERIFIED: which SerDe it is if the rule names none.
    let open_csv = match rule.serde.as_deref() {
        Some("OpenCSVSerDe") => true,
        Some("LazySimpleSerDe") => false,
        _ => quote.is_some(),
    };
    let separated = Separated { delimiter, quote, header, quoted: rows.quoted, open_csv };
    Some(recognized(text, compression, columns, separated, lines.len()))
}

fn datatype(name: &str) -> Option<Type> {
    let (_, ty) = DATATYPES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    hive_type(ty).ok()
}

fn recognized(
    text: &Text,
    compression: Compression,
    columns: Vec<Field>,
    separated: Separated,
    lines: usize,
) -> Recognized {
    let records = lines.saturating_sub(usize::from(separated.header)).max(1);
    let bytes: usize = text.lines().take(lines).map(|line| line.len() + 1).sum();
    let layout = Layout::Csv(separated);
    let shape = Shape { classification: "csv".to_owned(), compression, layout, columns };
    Recognized { shape, records: records as u64, bytes: bytes as u64, certainty: 1.0 }
}

/// Lines taken apart.
struct Rows {
    delimiter: char,
    rows: Vec<Vec<String>>,
    /// Whether a value was in quotes.
    quoted: bool,
    trim: bool,
}

impl Rows {
    fn of(lines: &[&str], delimiter: char, quote: Option<char>) -> Self {
        let mut rows = Self { delimiter, rows: Vec::new(), quoted: false, trim: true };
        for line in lines {
            let row = rows.split(line, quote);
            rows.rows.push(row);
        }
        rows
    }

    /// The values of a line. Within quotes a delimiter is a character, and a quote is written twice.
    fn split(&mut self, line: &str, quote: Option<char>) -> Vec<String> {
        let (mut values, mut value, mut within) = (Vec::new(), String::new(), false);
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            if within {
                if Some(c) != quote || chars.next_if_eq(&c).is_some() {
                    value.push(c);
                } else {
                    within = false;
                }
            } else if Some(c) == quote && value.is_empty() {
                (within, self.quoted) = (true, true);
            } else if c == self.delimiter {
                values.push(std::mem::take(&mut value));
            } else {
                value.push(c);
            }
        }
        values.push(value);
        values
    }

    fn width(&self) -> usize {
        self.rows.first().map_or(0, Vec::len)
    }

    fn are_even(&self) -> bool {
        let width = self.width();
        width <= COLUMNS && self.rows.iter().all(|row| row.len() == width)
    }

    fn value<'a>(&self, value: &'a str) -> &'a str {
        if self.trim { value.trim() } else { value }
    }

    fn first(&self) -> Vec<String> {
        let first = self.rows.first().map_or(&[][..], Vec::as_slice);
        first.iter().map(|name| self.value(name).to_owned()).collect()
    }

    /// The type of a column in the rows after some.
    fn ty(&self, column: usize, after: usize) -> Type {
        let values = self.rows.iter().skip(after).filter_map(|row| row.get(column));
        values.fold(Type::Unknown, |ty, value| widen(&ty, &of_value(self.value(value))))
    }

    /// "Every column in a potential header parses as a STRING data type … the last column can be empty throughout the
    /// file … one or more of the rows must parse as other than STRING type."
    fn has_header(&self) -> bool {
        let first = self.first();
        let last = first.len().saturating_sub(1);
        let trailing = self.rows.iter().all(|row| row.get(last).is_none_or(|value| value.is_empty()));
        let is_name = |(n, name): (usize, &String)| {
            let named = of_value(name) == Type::VARCHAR || (n == last && trailing);
            named && (n == last || name.chars().count() < LONGEST_NAME)
        };
        let mut names: Vec<String> = first.iter().map(|name| name.to_lowercase()).collect();
        names.sort_unstable();
        names.dedup();
        self.rows.len() > 1
            && names.len() == first.len()
            && first.iter().enumerate().all(is_name)
            && (0..first.len()).any(|n| !matches!(self.ty(n, 1), Type::Varchar(_) | Type::Unknown))
    }
}

/// The columns of rows, with these names as far as they go.
fn columns(names: &[String], rows: &Rows, after: usize) -> Vec<Field> {
    let one = |n: usize| {
        let name = names.get(n).filter(|name| !name.is_empty());
        // The documentation begins with col1, the service with col0.
        (name.cloned().unwrap_or_else(|| format!("col{n}")), rows.ty(n, after))
    };
    (0..rows.width()).map(one).collect()
}

/// What a value could be. Whole numbers are `bigint`; dates and times stay strings.
fn of_value(value: &str) -> Type {
    let numeric = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    if value.is_empty() {
        Type::Unknown
    } else if value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false") {
        Type::Boolean
    } else if !value.chars().all(numeric) || !value.chars().any(|c| c.is_ascii_digit()) {
        Type::VARCHAR
    } else if value.parse::<i64>().is_ok() {
        Type::Bigint
    } else if value.parse::<f64>().is_ok() {
        Type::Double
    } else {
        Type::VARCHAR
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use welkin_sql::hive_name;

    fn text(text: &str) -> Text {
        Text::of(text.as_bytes().to_vec(), false).expect("a text")
    }

    fn shown(found: Option<Recognized>) -> Option<(String, Separated)> {
        let found = found?;
        let column = |(name, ty): &Field| format!("{name} {}", hive_name(&crate::crawler::schema::known(ty)));
        let Layout::Csv(csv) = &found.shape.layout else { return None };
        Some((found.shape.columns.iter().map(column).collect::<Vec<_>>().join(", "), csv.clone()))
    }

    fn found(of: &str) -> Option<(String, Separated)> {
        shown(built_in(&text(of), Compression::None))
    }

    #[test]
    fn a_header_is_one_if_the_rows_below_are_different() {
        let (columns, csv) = found("id,name,price,ok\n1,apple,2.5,true\n2,pear,3,false\n").expect("CSV");
        assert_eq!(columns, "id bigint, name string, price double, ok boolean");
        assert!(csv.header && !csv.quoted && csv.delimiter == ',');
        // All strings: the first row cannot be told from the others.
        let (columns, csv) = found("id,name\na,b\nc,d\n").expect("CSV");
        assert_eq!((columns.as_str(), csv.header), ("col0 string, col1 string", false));
        // A number in the first row.
        let (columns, csv) = found("1,name\n2,b\n").expect("CSV");
        assert_eq!((columns.as_str(), csv.header), ("col0 bigint, col1 string", false));
        // A delimiter at the end.
        let (columns, csv) = found("id,name,\n1,b,\n").expect("CSV");
        assert_eq!((columns.as_str(), csv.header), ("id bigint, name string, col2 string", true));
        let long = "x".repeat(150);
        assert!(!found(&format!("{long},name\n1,b\n")).expect("CSV").1.header);
        assert!(found(&format!("name,{long}\n1,b\n")).expect("CSV").1.header);
        assert!(!found("a,A\n1,2\n").expect("CSV").1.header);
    }

    #[test]
    fn each_delimiter_is_found() {
        for delimiter in DELIMITERS {
            let rows = format!("id{delimiter}name\n1{delimiter}x\n2{delimiter}y\n");
            assert_eq!(found(&rows).expect("CSV").1.delimiter, delimiter);
        }
    }

    #[test]
    fn a_delimiter_in_quotes_is_none() {
        let (columns, csv) = found("id,name\n1,\"a, \"\"b\"\"\"\n2,c\n").expect("CSV");
        assert_eq!((columns.as_str(), csv.quoted), ("id bigint, name string", true));
    }

    #[test]
    fn one_column_one_row_and_uneven_rows_are_none() {
        for of in ["", "a\nb\n", "a,b\n", "a,b\n1,2,3\n", "some text, that\ngoes on\n"] {
            assert_eq!(found(of), None, "{of}");
        }
    }

    #[test]
    fn a_rule_says_what_cannot_be_seen() {
        let by = |rule: &Csv, of: &str| shown(by_rule(&text(of), Compression::None, rule));
        let rule = Csv {
            delimiter: Some("^".into()),
            quote: Some("'".into()),
            contains_header: Some("PRESENT".into()),
            ..Csv::default()
        };
        let (columns, csv) = by(&rule, "id^name\na^'b^c'\n").expect("CSV");
        assert_eq!((columns.as_str(), csv.header, csv.open_csv), ("id string, name string", true, true));
        let rule = Csv {
            header: Some(vec!["x".into(), "y".into()]),
            contains_header: Some("ABSENT".into()),
            custom_datatypes: Some(vec!["INT".into(), "DATE".into()]),
            custom_datatype_configured: Some(true),
            ..Csv::default()
        };
        assert_eq!(by(&rule, "1,2024-01-01\n").expect("CSV").0, "x int, y date");
        assert_eq!(by(&rule, "1,2,3\n"), None);
        let rule = Csv { allow_single_column: Some(true), contains_header: Some("PRESENT".into()), ..Csv::default() };
        assert_eq!(by(&rule, "id\n1\n").expect("CSV").0, "id bigint");
    }
}
