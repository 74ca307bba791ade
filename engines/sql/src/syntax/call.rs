//! Names, and calls of functions with what may follow: FILTER, WITHIN GROUP, OVER.

use super::ast::*;
use super::lexer::{Token, syntax};
use super::parser::Parser;
use crate::error::{Position, Result};

impl Parser {
    pub(super) fn name_primary(&mut self, place: Position) -> Result<Expr> {
        if self.is_name(0) && self.is_symbol(1, "->") {
            let parameter = self.name()?;
            self.expect("->")?;
            let body = Box::new(self.expression()?);
            return Ok(Expr { kind: Kind::Lambda(vec![parameter], body), at: place });
        }
        // Words such as LEFT are no names, and no functions either.
        let name = self.name()?;
        if !self.is_symbol(0, "(") {
            return Ok(Expr { kind: Kind::Name(name), at: place });
        }
        self.next += 1;
        let kind = self.call(name.lower())?;
        Ok(Expr { kind, at: place })
    }

    fn call(&mut self, name: String) -> Result<Kind> {
        let mut call = Call { name, ..Call::default() };
        if self.is_symbol(0, "*") && self.is_symbol(1, ")") {
            self.next += 1;
            call.star = true;
        } else if !self.is_symbol(0, ")") {
            call.distinct = self.word("DISTINCT");
            if !call.distinct {
                self.word("ALL");
            }
            call.args = self.list(Self::expression)?;
            call.order = self.order()?;
        }
        self.expect(")")?;
        self.after_call(call)
    }

    fn after_call(&mut self, mut call: Call) -> Result<Kind> {
        if self.word("FILTER") {
            self.expect("(")?;
            self.expect_word("WHERE")?;
            call.filter = Some(self.expression()?);
            self.expect(")")?;
        }
        call.ignore_nulls = self.word("IGNORE NULLS");
        if !call.ignore_nulls {
            self.word("RESPECT NULLS");
        }
        if self.word("OVER") {
            call.over =
                Some(if self.symbol("(") { Over::Window(Box::new(self.window()?)) } else { Over::Named(self.name()?) });
        }
        Ok(Kind::Call(Box::new(call)))
    }

    /// `listagg(x, ', ' ON OVERFLOW …) WITHIN GROUP (ORDER BY …)`.
    ///
    /// <https://trino.io/docs/current/functions/aggregate.html#listagg>
    pub(super) fn listagg(&mut self) -> Result<Kind> {
        let mut call = Call { name: "listagg".into(), ..Call::default() };
        call.distinct = self.word("DISTINCT");
        call.args.push(self.expression()?);
        if self.symbol(",") {
            let at = self.at();
            match self.advance() {
                Token::Text(text) => call.args.push(Expr { kind: Kind::Text(text), at }),
                _ => return Err(syntax(at, "mismatched input. Expecting: <string>")),
            }
        }
        if self.word("ON OVERFLOW") && !self.word("ERROR") {
            self.expect_word("TRUNCATE")?;
            let filler = match self.peek().token.clone() {
                Token::Text(text) => {
                    self.advance();
                    text
                }
                _ => "...".into(),
            };
            let count = self.word("WITH");
            if !count {
                self.expect_word("WITHOUT")?;
            }
            self.expect_word("COUNT")?;
            call.overflow = Some((filler, count));
        }
        self.expect(")")?;
        self.expect_word("WITHIN")?;
        self.expect_word("GROUP")?;
        self.expect("(")?;
        call.order = self.order()?;
        self.expect(")")?;
        self.after_call(call)
    }

    /// What is in the parentheses of OVER, and the closing one.
    pub(super) fn window(&mut self) -> Result<Window> {
        let clause = ["PARTITION", "ORDER", "ROWS", "RANGE", "GROUPS"].iter().any(|word| self.is_word(0, word));
        let base = if !clause && self.is_name(0) { Some(self.name()?) } else { None };
        let partition = if self.word("PARTITION BY") { self.list(Self::expression)? } else { Vec::new() };
        let order = self.order()?;
        let at = self.at();
        let units = [("ROWS", FrameUnit::Rows), ("RANGE", FrameUnit::Range), ("GROUPS", FrameUnit::Groups)];
        let frame = match units.iter().find(|(word, _)| self.word(word)) {
            Some((_, unit)) => {
                let (start, end) = if self.word("BETWEEN") {
                    let start = self.bound()?;
                    self.expect_word("AND")?;
                    (start, self.bound()?)
                } else {
                    (self.bound()?, Bound::Current)
                };
                Some(Frame { unit: *unit, start, end, at })
            }
            None => None,
        };
        self.expect(")")?;
        Ok(Window { base, partition, order, frame })
    }

    fn bound(&mut self) -> Result<Bound> {
        if self.word("UNBOUNDED PRECEDING") {
            return Ok(Bound::UnboundedPreceding);
        }
        if self.word("UNBOUNDED FOLLOWING") {
            return Ok(Bound::UnboundedFollowing);
        }
        if self.word("CURRENT ROW") {
            return Ok(Bound::Current);
        }
        let offset = self.expression()?;
        if self.word("PRECEDING") {
            return Ok(Bound::Preceding(offset));
        }
        self.expect_word("FOLLOWING")?;
        Ok(Bound::Following(offset))
    }
}
