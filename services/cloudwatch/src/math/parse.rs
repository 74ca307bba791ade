//! Text of an expression → its tree.

use super::Fault;
use super::operator::Operator;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    Number(f64),
    Text(String),
    /// The id of another query, or a word such as `REPEAT`.
    Name(String),
    Negated(Box<Expression>),
    Operation(Operator, Box<Expression>, Box<Expression>),
    Call(String, Vec<Expression>),
    /// `[m1, m2]`.
    Array(Vec<Expression>),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Name(String),
    Sign(&'static str),
}

const SIGNS: [&str; 19] =
    ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "^", "(", ")", "[", "]", ",", "!"];

/// Depth of nesting at most.
const DEEPEST: usize = 64;

/// Reads an expression.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Expression, Fault> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
    let expression = parser.expression(0)?;
    match parser.tokens.get(parser.at) {
        None => Ok(expression),
        Some(token) => Err(format!("Unexpected {}", shown(Some(token)))),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = if first.is_ascii_digit() || first == '.' {
            number(rest)?
        } else if first == '\'' || first == '"' {
            let inner = rest.get(1..).unwrap_or_default();
            let end = inner.find(first).ok_or("A text has no end")?;
            (Token::Text(inner.get(..end).unwrap_or_default().to_owned()), end + 2)
        } else if first.is_ascii_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            (Token::Name(rest.get(..end).unwrap_or_default().to_owned()), end)
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
            let sign = sign.ok_or_else(|| format!("Unexpected character '{first}'"))?;
            (Token::Sign(sign), sign.len())
        };
        tokens.push(token);
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(tokens)
}

fn number(text: &str) -> Result<(Token, usize), Fault> {
    let plain = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let exponent = text.get(plain..).and_then(|rest| rest.strip_prefix(['e', 'E'])).map_or(0, |rest| {
        let sign = usize::from(rest.starts_with(['+', '-']));
        let digits = rest.bytes().skip(sign).take_while(u8::is_ascii_digit).count();
        if digits == 0 { 0 } else { 1 + sign + digits }
    });
    let length = plain + exponent;
    let digits = text.get(..length).unwrap_or_default();
    let number = digits.parse().map_err(|_| format!("'{digits}' is no number"))?;
    Ok((Token::Number(number), length))
}

fn shown(token: Option<&Token>) -> String {
    match token {
        None => "end of expression".to_owned(),
        Some(Token::Number(number)) => format!("'{number}'"),
        Some(Token::Text(text) | Token::Name(text)) => format!("'{text}'"),
        Some(Token::Sign(sign)) => format!("'{sign}'"),
    }
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn take(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Sign(next)) if *next == sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), Fault> {
        if self.take(sign) {
            return Ok(());
        }
        Err(format!("Expected '{sign}' instead of {}", shown(self.tokens.get(self.at))))
    }

    /// The operator that stands here, if it binds at least as strongly as `least`.
    fn operator(&self, least: u8) -> Option<Operator> {
        let operator = match self.tokens.get(self.at)? {
            Token::Sign(sign) => Operator::of(sign)?,
            Token::Name(word) => Operator::of(word)?,
            _ => return None,
        };
        (operator.strength() >= least).then_some(operator)
    }

    fn expression(&mut self, least: u8) -> Result<Expression, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("The expression is nested too deeply".to_owned());
        }
        let mut left = self.term()?;
        while let Some(operator) = self.operator(least) {
            self.at += 1;
            // Powers are taken from the right.
            let right = self.expression(operator.strength() + u8::from(operator != Operator::Power))?;
            left = Expression::Operation(operator, Box::new(left), Box::new(right));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn term(&mut self) -> Result<Expression, Fault> {
        if self.take("-") {
            return Ok(Expression::Negated(Box::new(self.expression(Operator::Power.strength())?)));
        }
        if self.take("+") {
            return self.expression(Operator::Power.strength());
        }
        if self.take("(") {
            let inner = self.expression(0)?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.take("[") {
            return Ok(Expression::Array(self.list("]")?));
        }
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        match token {
            Some(Token::Number(number)) => Ok(Expression::Number(number)),
            Some(Token::Text(text)) => Ok(Expression::Text(text)),
            Some(Token::Name(name)) if self.take("(") => Ok(Expression::Call(name, self.list(")")?)),
            Some(Token::Name(name)) => Ok(Expression::Name(name)),
            other => Err(format!("Unexpected {}", shown(other.as_ref()))),
        }
    }

    /// Expressions with commas between them, up to a sign.
    fn list(&mut self, end: &str) -> Result<Vec<Expression>, Fault> {
        let mut list = Vec::new();
        if self.take(end) {
            return Ok(list);
        }
        loop {
            list.push(self.expression(0)?);
            if self.take(end) {
                return Ok(list);
            }
            self.expect(",")?;
        }
    }
}

impl Expression {
    /// Calls `each` with every name in it.
    pub(crate) fn names(&self, each: &mut impl FnMut(&str)) {
        match self {
            Self::Number(_) | Self::Text(_) => {}
            Self::Name(name) => each(name),
            Self::Negated(inner) => inner.names(each),
            Self::Operation(_, left, right) => {
                left.names(each);
                right.names(each);
            }
            Self::Call(_, parts) | Self::Array(parts) => parts.iter().for_each(|part| part.names(each)),
        }
    }

    /// Whether it calls a function of this name.
    pub(crate) fn calls(&self, function: &str) -> bool {
        match self {
            Self::Number(_) | Self::Text(_) | Self::Name(_) => false,
            Self::Negated(inner) => inner.calls(function),
            Self::Operation(_, left, right) => left.calls(function) || right.calls(function),
            Self::Call(name, parts) => name == function || parts.iter().any(|part| part.calls(function)),
            Self::Array(parts) => parts.iter().any(|part| part.calls(function)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Written with all its parentheses.
    fn tree(expression: &Expression) -> String {
        match expression {
            Expression::Number(number) => number.to_string(),
            Expression::Text(text) => format!("'{text}'"),
            Expression::Name(name) => name.clone(),
            Expression::Negated(inner) => format!("(-{})", tree(inner)),
            Expression::Operation(operator, left, right) => format!("({} {operator:?} {})", tree(left), tree(right)),
            Expression::Call(name, parts) => {
                format!("{name}({})", parts.iter().map(tree).collect::<Vec<_>>().join(","))
            }
            Expression::Array(parts) => format!("[{}]", parts.iter().map(tree).collect::<Vec<_>>().join(",")),
        }
    }

    #[test]
    fn operators_bind_as_in_arithmetic() {
        let of = |text| tree(&parse(text).unwrap());
        assert_eq!(of("m1+m2*3"), "(m1 Plus (m2 Times 3))");
        assert_eq!(of("-m1^2^3"), "(-(m1 Power (2 Power 3)))");
        assert_eq!(of("(a-b)-c"), "((a Minus b) Minus c)");
        assert_eq!(of("a-b-c"), "((a Minus b) Minus c)");
        assert_eq!(of("a > 1 && b <= 2 || c"), "(((a Greater 1) And (b AtMost 2)) Or c)");
        assert_eq!(of("a > 1 AND b < 2"), "((a Greater 1) And (b Less 2))");
        assert_eq!(of("SUM([m1, FILL(m2,REPEAT)])/1.5e3"), "(SUM([m1,FILL(m2,REPEAT)]) Over 1500)");
        assert_eq!(of("METRICS('err')"), "METRICS('err')");
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for text in ["", "m1+", "(m1", "m1 m2", "SUM(m1", "m1 $ m2", "'a", "1.2.3", &"(".repeat(200)] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
