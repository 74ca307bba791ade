//! The grammar of expressions, by recursive descent.

use super::like::Like;
use super::token::{Token, tokens, unexpected};
use super::value::{Datum, KeyType};
use super::{Comparison, Key, Node, Wrong};

/// Brackets and NOTs within one another at most: an expression has 2,048 characters at most, and the stack has an end.
const DEEPEST: usize = 64;

/// Parses a whole expression.
pub(super) fn parse(text: &str, keys: &[Key], types: &[KeyType]) -> Result<Node, Wrong> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, keys, types };
    let node = parser.or()?;
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(parser.unexpected()),
    }
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    keys: &'a [Key],
    types: &'a [KeyType],
}

/// A side of a comparison.
enum Operand {
    Key(usize),
    Text(String),
    Number(String),
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn unexpected(&self) -> Wrong {
        let rest: Vec<String> = self.tokens.iter().skip(self.at).map(ToString::to_string).collect();
        unexpected(&rest.join(" "))
    }

    fn is_word(&self, ahead: usize, word: &str) -> bool {
        matches!(self.tokens.get(self.at + ahead), Some(Token::Word(found)) if found.eq_ignore_ascii_case(word))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(0, word);
        self.at += usize::from(found);
        found
    }

    fn need_word(&mut self, word: &str) -> Result<(), Wrong> {
        if self.take_word(word) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(found)) if *found == sign);
        self.at += usize::from(found);
        found
    }

    fn need_sign(&mut self, sign: &str) -> Result<(), Wrong> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn or(&mut self) -> Result<Node, Wrong> {
        let mut nodes = vec![self.and()?];
        while self.take_word("or") {
            nodes.push(self.and()?);
        }
        Ok(one_or(nodes, Node::Or))
    }

    fn and(&mut self) -> Result<Node, Wrong> {
        let mut nodes = vec![self.not()?];
        while self.take_word("and") {
            nodes.push(self.not()?);
        }
        Ok(one_or(nodes, Node::And))
    }

    fn not(&mut self) -> Result<Node, Wrong> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Wrong("Invalid partition expression! It is nested too deeply.".to_owned()));
        }
        let node = if self.take_word("not") {
            Node::Not(Box::new(self.not()?))
        } else if self.take_sign("(") {
            let node = self.or()?;
            self.need_sign(")")?;
            node
        } else {
            self.condition()?
        };
        self.depth -= 1;
        Ok(node)
    }

    /// A condition on one key.
    fn condition(&mut self) -> Result<Node, Wrong> {
        let left = self.operand()?;
        if let Some(comparison) = self.comparison() {
            let right = self.operand()?;
            return self.compare(&left, comparison, &right);
        }
        let Operand::Key(key) = left else { return Err(self.unexpected()) };
        if self.take_word("is") {
            // Values are texts of at least one character, and none of them is null: this is so of Glue itself
            // (<https://github.com/trinodb/trino/issues/13150>, <https://github.com/aws/aws-sdk/issues/670>).
            let not = self.take_word("not");
            self.need_word("null")?;
            return Ok(Node::Always(not));
        }
        let not = self.take_word("not");
        let node = if self.take_word("in") {
            self.within(key)?
        } else if self.take_word("between") {
            let low = self.literal(key)?;
            self.need_word("and")?;
            Node::Between(key, low, self.literal(key)?)
        } else if self.take_word("like") {
            match self.operand()? {
                Operand::Text(pattern) => Node::Like(key, Like::new(&pattern)),
                _ => return Err(self.unexpected()),
            }
        } else {
            return Err(self.unexpected());
        };
        Ok(if not { Node::Not(Box::new(node)) } else { node })
    }

    fn within(&mut self, key: usize) -> Result<Node, Wrong> {
        self.need_sign("(")?;
        let mut literals = vec![self.literal(key)?];
        while self.take_sign(",") {
            literals.push(self.literal(key)?);
        }
        self.need_sign(")")?;
        Ok(Node::In(key, literals))
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let Some(Token::Sign(sign)) = self.peek() else { return None };
        let comparison = match *sign {
            "=" => Comparison::Equal,
            "<>" | "!=" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return None,
        };
        self.at += 1;
        Some(comparison)
    }

    fn compare(&self, left: &Operand, comparison: Comparison, right: &Operand) -> Result<Node, Wrong> {
        match (left, right) {
            (Operand::Key(key), literal) if !matches!(literal, Operand::Key(_)) => {
                Ok(Node::Compare(*key, comparison, self.typed(*key, literal)?))
            }
            (literal, Operand::Key(key)) if !matches!(literal, Operand::Key(_)) => {
                Ok(Node::Compare(*key, comparison.turned(), self.typed(*key, literal)?))
            }
            // UNVERIFIED: that keys cannot be compared with one another, nor literals.
            _ => Err(Wrong("Invalid partition expression! A partition key is compared with a literal.".to_owned())),
        }
    }

    fn literal(&mut self, key: usize) -> Result<Datum, Wrong> {
        let operand = self.operand()?;
        self.typed(key, &operand)
    }

    fn typed(&self, key: usize, literal: &Operand) -> Result<Datum, Wrong> {
        let Some(kind) = self.types.get(key) else { return Err(self.unexpected()) };
        match literal {
            Operand::Text(text) => kind.datum(text),
            Operand::Number(text) => kind.number(text),
            Operand::Key(_) => Err(self.unexpected()),
        }
    }

    fn operand(&mut self) -> Result<Operand, Wrong> {
        let from = self.at;
        let operand = match self.next() {
            Some(Token::Text(text)) => Operand::Text(text),
            Some(Token::Number(number)) => Operand::Number(number),
            Some(Token::Sign("-")) => match self.next() {
                Some(Token::Number(number)) => Operand::Number(format!("-{number}")),
                _ => return Err(self.back(from)),
            },
            Some(Token::Word(name)) if !is_keyword(&name) => self.key(&name)?,
            Some(Token::Name(name)) => self.key(&name)?,
            _ => return Err(self.back(from)),
        };
        self.refuse_arithmetic(from)?;
        Ok(operand)
    }

    fn back(&mut self, to: usize) -> Wrong {
        self.at = to;
        self.unexpected()
    }

    fn key(&self, name: &str) -> Result<Operand, Wrong> {
        if matches!(self.peek(), Some(Token::Sign("("))) {
            return Err(Wrong(format!("Unsupported expression '{name}'")));
        }
        match self.keys.iter().position(|key| key.name.eq_ignore_ascii_case(name)) {
            Some(key) => Ok(Operand::Key(key)),
            // UNVERIFIED: the wording.
            None => Err(Wrong(format!("Invalid partition expression! '{name}' is not a partition key of the table."))),
        }
    }

    /// Arithmetic is no part of the grammar; it is told as in
    /// <https://github.com/awslabs/aws-glue-data-catalog-client-for-apache-hive-metastore/issues/45>.
    fn refuse_arithmetic(&mut self, from: usize) -> Result<(), Wrong> {
        let is_arithmetic = |token: Option<&Token>| matches!(token, Some(Token::Sign("-" | "+" | "*" | "/" | "||")));
        if !is_arithmetic(self.peek()) {
            return Ok(());
        }
        while is_arithmetic(self.peek()) {
            self.at += 2;
        }
        let end = self.at.min(self.tokens.len());
        let words: Vec<String> =
            self.tokens.get(from..end).unwrap_or_default().iter().map(ToString::to_string).collect();
        Err(Wrong(format!("Unsupported expression '{}'", words.join(" "))))
    }
}

fn is_keyword(word: &str) -> bool {
    ["and", "or", "not", "in", "between", "like", "is", "null"].iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn one_or(mut nodes: Vec<Node>, many: impl FnOnce(Vec<Node>) -> Node) -> Node {
    match nodes.pop() {
        Some(only) if nodes.is_empty() => only,
        Some(last) => {
            nodes.push(last);
            many(nodes)
        }
        None => many(nodes),
    }
}
