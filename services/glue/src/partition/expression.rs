//! Expressions by which partitions are chosen.
//!
//! "The expression uses SQL syntax similar to the SQL WHERE filter clause", with `=`, `<>`, `>`, `<`, `>=`, `<=`, AND,
//! OR, IN, BETWEEN, LIKE, NOT and IS NULL over the partition keys:
//! <https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html>
//!
//! [`token`] makes words of the text, [`grammar`] a tree of the words, with literals in the type of the key that they
//! are compared with; the tree is evaluated over the values of each partition.

mod grammar;
mod like;
mod token;
mod value;

use like::Like;
use value::{Datum, KeyType};

/// A partition key: its name, and its type as the table declares it.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) kind: String,
}

/// What is wrong with an expression, in the words of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong(pub(crate) String);

/// A parsed expression.
#[derive(Debug)]
pub(crate) struct Expression {
    node: Node,
    types: Vec<KeyType>,
}

/// Whether a value is of a type that expressions can ask for.
pub(crate) fn is_of_type(value: &str, kind: &str) -> bool {
    KeyType::of(kind).and_then(|kind| kind.datum(value)).is_ok()
}

/// A node of the tree. Keys are numbers of partition keys.
#[derive(Debug, PartialEq)]
enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Compare(usize, Comparison, Datum),
    In(usize, Vec<Datum>),
    Between(usize, Datum, Datum),
    Like(usize, Like),
    /// Whether it holds for every partition or for none: IS NULL and IS NOT NULL.
    Always(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }

    /// The comparison that holds when the sides are exchanged.
    fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }
}

impl Expression {
    /// Parses an expression over the partition keys of a table.
    ///
    /// # Errors
    /// What is wrong with it, or with the types of the keys: "If an type is encountered that is not valid, an exception
    /// is thrown" of all keys, not only those that the expression names
    /// (<https://github.com/aws/aws-sdk-cpp/discussions/2417>).
    pub(crate) fn parse(text: &str, keys: &[Key]) -> Result<Self, Wrong> {
        let types = keys.iter().map(|key| KeyType::of(&key.kind)).collect::<Result<Vec<_>, _>>()?;
        let node = grammar::parse(text, keys, &types)?;
        Ok(Self { node, types })
    }

    /// Whether the partition with these values is chosen.
    ///
    /// # Errors
    /// A value is not of its key's type.
    pub(crate) fn matches(&self, values: &[String]) -> Result<bool, Wrong> {
        self.holds(&self.node, values)
    }

    fn holds(&self, node: &Node, values: &[String]) -> Result<bool, Wrong> {
        match node {
            Node::And(nodes) => {
                for node in nodes {
                    if !self.holds(node, values)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Node::Or(nodes) => {
                for node in nodes {
                    if self.holds(node, values)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Node::Not(node) => Ok(!self.holds(node, values)?),
            Node::Compare(key, comparison, literal) => Ok(comparison.holds(self.datum(*key, values)?.cmp(literal))),
            Node::In(key, literals) => Ok(literals.contains(&self.datum(*key, values)?)),
            Node::Between(key, low, high) => {
                let value = self.datum(*key, values)?;
                Ok(*low <= value && value <= *high)
            }
            Node::Like(key, like) => Ok(values.get(*key).is_some_and(|value| like.matches(value))),
            Node::Always(holds) => Ok(*holds),
        }
    }

    fn datum(&self, key: usize, values: &[String]) -> Result<Datum, Wrong> {
        match (values.get(key), self.types.get(key)) {
            (Some(value), Some(kind)) => kind.datum(value),
            _ => Err(Wrong("The partition has fewer values than the table has partition keys.".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [(&str, &str); 8] = [
        ("country", "string"),
        ("year", "int"),
        ("day", "date"),
        ("at", "timestamp"),
        ("price", "decimal(10,2)"),
        ("big", "bigint"),
        ("code", "char(2)"),
        ("name", "varchar(10)"),
    ];

    const ROW: [&str; 8] =
        ["Chile", "2020", "2020-08-15", "2020-08-15 10:00:00", "9.50", "9000000000", "cl", "O'Higgins"];

    fn keys() -> Vec<Key> {
        KEYS.iter().map(|(name, kind)| Key { name: (*name).to_owned(), kind: (*kind).to_owned() }).collect()
    }

    fn evaluate(text: &str) -> Result<bool, Wrong> {
        let row: Vec<String> = ROW.iter().map(|value| (*value).to_owned()).collect();
        Expression::parse(text, &keys())?.matches(&row)
    }

    #[test]
    fn comparisons_are_by_the_type_of_the_key() {
        for (text, expected) in [
            ("country = 'Chile'", true),
            ("country = 'chile'", false),
            ("country <> 'Peru'", true),
            ("country != 'Peru'", true),
            ("country < 'Chill'", true),
            ("country > 'B'", true),
            ("year = 2020", true),
            ("year = '2020'", true),
            ("year > 999", true),
            ("year >= 2020 and year <= 2020", true),
            ("year < 2020", false),
            ("year > -1", true),
            ("2019 < year", true),
            ("2019 >= year", false),
            ("day = '2020-08-15'", true),
            ("day > '2020-08-14'", true),
            ("day < '2020-8-16'", true),
            ("at = '2020-08-15 10:00:00'", true),
            ("at = '2020-08-15 10:00:00.000'", true),
            ("at > '2020-08-15'", true),
            ("at < '2020-08-15 10:00:00.000000001'", true),
            ("price = 9.5", true),
            ("price > 10", false),
            ("price < 9.51", true),
            ("price = '09.500'", true),
            ("big > 8999999999", true),
            ("code = 'cl'", true),
            ("name = 'O''Higgins'", true),
        ] {
            assert_eq!(evaluate(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn logical_operators_bind_as_in_sql() {
        for (text, expected) in [
            ("country = 'Peru' or country = 'Chile' and year = 2020", true),
            ("(country = 'Peru' or country = 'Chile') and year = 2019", false),
            ("not country = 'Peru' and year = 2020", true),
            ("NOT (country = 'Chile' AND year = 2020)", false),
            ("not not country = 'Chile'", true),
            ("((((year = 2020))))", true),
            ("country in ('Peru', 'Chile')", true),
            ("country NOT IN ('Peru', 'Chile')", false),
            ("year in (2019, 2020)", true),
            ("not year in (2019)", true),
            ("year between 2019 and 2020 and country = 'Chile'", true),
            ("year not between 2019 and 2020", false),
            ("day between '2020-08-01' and '2020-08-31'", true),
            ("country like 'Ch%'", true),
            ("country like '_hile'", true),
            ("country like 'hile'", false),
            ("country not like '%e'", false),
            ("country is null", false),
            ("country IS NOT NULL", true),
        ] {
            assert_eq!(evaluate(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn keys_are_found_whatever_their_case_and_quotes() {
        for text in ["COUNTRY = 'Chile'", "`country` = 'Chile'", "\"Country\" = 'Chile'", "  country='Chile'\r\n\t"] {
            assert_eq!(evaluate(text), Ok(true), "{text}");
        }
    }

    #[test]
    fn what_the_grammar_does_not_have_is_refused() {
        for text in [
            "",
            "country",
            "country =",
            "= 'Chile'",
            "country = 'Chile",
            "country == 'Chile'",
            "country = 'Chile' and",
            "country = 'Chile' year = 2020",
            "(country = 'Chile'",
            "country = 'Chile')",
            "country in ()",
            "country in ('a'",
            "year between 1",
            "country is 'a'",
            "lower(country) = 'chile'",
            "country = year",
            "1 = 1",
            "unknown = 1",
            "country like 5",
            "; drop table",
            "year = 1 # 2",
        ] {
            assert!(evaluate(text).is_err(), "{text}");
        }
        let deep = format!("{}year = 2020{}", "(".repeat(900), ")".repeat(900));
        assert!(evaluate(&deep).is_err());
    }

    #[test]
    fn arithmetic_is_told_as_the_service_tells_it() {
        let expected = Err(Wrong("Unsupported expression '2021 - 01 - 01'".to_owned()));
        assert_eq!(evaluate("day = 2021-01-01"), expected);
    }

    #[test]
    fn literals_must_be_of_the_type_of_the_key() {
        let wrong = |text: &str| evaluate(text).expect_err("it is not of the type").0;
        assert_eq!(wrong("year = '__HIVE_DEFAULT_PARTITION__'"), "For input string: \"__HIVE_D\" is not an integer.");
        assert!(wrong("year = 'x'").contains("\"x\""));
        assert!(wrong("day = 'yesterday'").contains("yesterda"));
        assert!(wrong("day = '2020-02-30'").contains("2020-02-"));
        assert!(wrong("at = '25:00'").contains("25:00"));
        assert!(wrong("price = 'cheap'").contains("cheap"));
    }

    #[test]
    fn values_that_are_not_of_the_type_are_told_when_they_are_compared() {
        let keys = [Key { name: "n".to_owned(), kind: "int".to_owned() }];
        let expression = Expression::parse("n >= 0", &keys).expect("it is one");
        let told = expression.matches(&["null".to_owned()]);
        assert_eq!(told, Err(Wrong("For input string: \"null\" is not an integer.".to_owned())));
        assert_eq!(expression.matches(&["7".to_owned()]), Ok(true));
    }

    #[test]
    fn keys_of_other_types_are_refused_even_if_they_are_not_asked_for() {
        for kind in ["double", "boolean", "float", "binary", "array<int>", "struct<a:int>"] {
            let keys = ["int", kind].map(|kind| Key { name: format!("k{}", kind.len()), kind: kind.to_owned() });
            assert!(Expression::parse("k3 = 1", &keys).is_err(), "{kind}");
        }
    }
}
