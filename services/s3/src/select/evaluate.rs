//! The value of an expression for a record.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::error::{Result, SelectError};
use super::function::{self, like};
use super::syntax::{Binary, Expr, From, Name, Step, What};
use super::value::{Number, Value};

/// A record.
#[derive(Clone, Debug)]
pub(super) struct Record<'a> {
    /// JSON; of CSV a list of its fields.
    pub(super) value: Cow<'a, Value>,
    /// The names of the fields of CSV: none without a header.
    pub(super) columns: Option<&'a [String]>,
}

/// What an expression is evaluated in.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) from: &'a From,
    pub(super) record: &'a Record<'a>,
    /// Values of the aggregates, once they are known.
    pub(super) aggregates: &'a [Value],
    /// What the clock shows, in milliseconds since 1970.
    pub(super) now: i64,
}

/// The column that `_1` names, from 0.
// UNVERIFIED: that one beyond a record's last field is MISSING, and no error.
pub(super) fn position(name: &str) -> Option<usize> {
    name.strip_prefix('_')
        .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?
        .parse::<usize>()
        .ok()?
        .checked_sub(1)
}

/// The one place in a list of names that a name means.
///
/// # Errors
/// `AmbiguousFieldName` if there are several.
fn place<'a>(name: &Name, mut all: impl Iterator<Item = &'a str>) -> Result<Option<usize>> {
    let Some(first) = all.by_ref().position(|own| name.is(own)) else { return Ok(None) };
    if !name.quoted && all.any(|own| name.is(own)) {
        let message = format!("Field name matches to multiple fields in the file: {}", name.text);
        return Err(SelectError::new("AmbiguousFieldName", message));
    }
    Ok(Some(first))
}

/// The value that a step leads to.
fn step<'a>(value: &'a Value, step: &Step) -> Result<&'a Value> {
    Ok(match (step, value) {
        (Step::Name(name), Value::Map(all)) => {
            place(name, all.iter().map(|(own, _)| own.as_str()))?.map_or(&Value::Missing, |at| &all[at].1)
        }
        (Step::Index(at), Value::List(all)) => all.get(*at).unwrap_or(&Value::Missing),
        _ => &Value::Missing,
    })
}

fn walk<'a>(mut value: &'a Value, steps: &[Step]) -> Result<&'a Value> {
    for next in steps {
        value = step(value, next)?;
    }
    Ok(value)
}

/// The records that the path of FROM makes of a document. What `[*]` finds to be no list stands for itself.
pub(super) fn unnest(document: Value, from: &From) -> Result<Vec<Value>> {
    // The first `[*]` means each document.
    let path = from.path.strip_prefix(&[Step::Each]).unwrap_or(&from.path);
    let mut all = vec![document];
    for next in path {
        all = match next {
            Step::Each => all
                .into_iter()
                .flat_map(|value| match value {
                    Value::List(elements) => elements,
                    other => vec![other],
                })
                .collect(),
            _ => all.iter().map(|value| step(value, next).cloned()).collect::<Result<_>>()?,
        };
    }
    Ok(all)
}

impl Record<'_> {
    fn field(&self, name: &Name) -> Result<&Value> {
        match (&*self.value, self.columns) {
            (Value::List(fields), columns) => {
                let named = place(name, columns.unwrap_or_default().iter().map(String::as_str))?;
                let at = named.or_else(|| position(&name.text));
                Ok(at.and_then(|at| fields.get(at)).unwrap_or(&Value::Missing))
            }
            (value, _) => step(value, &Step::Name(name.clone())),
        }
    }
}

impl Scope<'_> {
    fn path(&self, name: &Name, steps: &[Step]) -> Result<Value> {
        let is_record = match &self.from.alias {
            Some(alias) => name.is(&alias.text),
            None => name.is("S3Object"),
        };
        let found = match (is_record, steps) {
            (true, [Step::Name(field), rest @ ..]) => walk(self.record.field(field)?, rest)?,
            (true, steps) => walk(&self.record.value, steps)?,
            (false, steps) => walk(self.record.field(name)?, steps)?,
        };
        Ok(found.clone())
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// The documented ones of evaluation.
    pub(super) fn value(&self, expr: &Expr) -> Result<Value> {
        Ok(match expr {
            Expr::Literal(value) => value.clone(),
            Expr::Path(name, steps) => self.path(name, steps)?,
            Expr::Negate(of) => negate(self.value(of)?)?,
            Expr::Not(of) => of_truth(self.truth(of)?.map(|it| !it)),
            Expr::Binary(op, left, right) => self.binary(*op, left, right)?,
            Expr::Between { of, low, high, not } => {
                let of = self.value(of)?;
                let from = of.compare(&self.value(low)?).map(Ordering::is_ge);
                let to = of.compare(&self.value(high)?).map(Ordering::is_le);
                of_truth(both(from, to).map(|it| it != *not))
            }
            Expr::In { of, list, not } => of_truth(self.is_in(of, list)?.map(|it| it != *not)),
            Expr::Like { of, pattern, escape, not } => {
                let escape = escape.as_ref().map(|escape| self.value(escape)).transpose()?;
                of_truth(like(&self.value(of)?, &self.value(pattern)?, escape.as_ref())?.map(|it| it != *not))
            }
            Expr::Is { of, what, not } => {
                let of = self.value(of)?;
                let is = match what {
                    What::Null => of.is_absent(),
                    What::Missing => of == Value::Missing,
                    What::Bool(it) => of == Value::Bool(*it),
                };
                Value::Bool(is != *not)
            }
            Expr::Case { of, when, otherwise } => self.case(of.as_deref(), when, otherwise.as_deref())?,
            Expr::Cast(of, to) => function::cast(self.value(of)?, *to)?,
            Expr::Call(called, args) => {
                let args = args.iter().map(|arg| self.value(arg)).collect::<Result<Vec<_>>>()?;
                function::call(*called, args, self.now)?
            }
            Expr::Aggregate(at) => self.aggregates.get(*at).cloned().unwrap_or(Value::Null),
        })
    }

    /// Whether an expression is true; `None` if that is not known.
    ///
    /// # Errors
    /// Those of the expression; and what is neither true nor false.
    pub(super) fn truth(&self, expr: &Expr) -> Result<Option<bool>> {
        match self.value(expr)? {
            Value::Bool(it) => Ok(Some(it)),
            value if value.is_absent() => Ok(None),
            other => {
                let message =
                    format!("The SQL expression contains an invalid data type: {} is no boolean", other.to_json());
                Err(SelectError::new("InvalidDataType", message))
            }
        }
    }

    fn binary(&self, op: Binary, left: &Expr, right: &Expr) -> Result<Value> {
        Ok(match op {
            Binary::And => match self.truth(left)? {
                Some(false) => Value::Bool(false),
                left => of_truth(both(left, self.truth(right)?)),
            },
            Binary::Or => match self.truth(left)? {
                Some(true) => Value::Bool(true),
                left => of_truth(both(left.map(|it| !it), self.truth(right)?.map(|it| !it)).map(|it| !it)),
            },
            Binary::Concat => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                if left.is_absent() || right.is_absent() {
                    Value::Null
                } else {
                    Value::Text(left.show() + &right.show())
                }
            }
            Binary::Plus | Binary::Minus | Binary::Times | Binary::Divided | Binary::Modulo => {
                arithmetic(op, &self.value(left)?, &self.value(right)?)?
            }
            _ => of_truth(comparison(op, &self.value(left)?, &self.value(right)?)),
        })
    }

    fn is_in(&self, of: &Expr, list: &[Expr]) -> Result<Option<bool>> {
        let of = self.value(of)?;
        let mut found = Some(false);
        for one in list {
            match comparison(Binary::Equal, &of, &self.value(one)?) {
                Some(true) => return Ok(Some(true)),
                Some(false) => {}
                None => found = None,
            }
        }
        Ok(found)
    }

    fn case(&self, of: Option<&Expr>, when: &[(Expr, Expr)], otherwise: Option<&Expr>) -> Result<Value> {
        let of = of.map(|of| self.value(of)).transpose()?;
        for (condition, then) in when {
            let holds = match &of {
                Some(of) => comparison(Binary::Equal, of, &self.value(condition)?),
                None => self.truth(condition)?,
            };
            if holds == Some(true) {
                return self.value(then);
            }
        }
        otherwise.map_or(Ok(Value::Null), |otherwise| self.value(otherwise))
    }
}

fn of_truth(truth: Option<bool>) -> Value {
    truth.map_or(Value::Null, Value::Bool)
}

fn both(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn comparison(op: Binary, left: &Value, right: &Value) -> Option<bool> {
    if left.is_absent() || right.is_absent() {
        return None;
    }
    let order = left.compare(right);
    match op {
        // What cannot be compared is not equal.
        // UNVERIFIED: and that it is neither less nor greater is not known, rather than an error.
        Binary::Equal => Some(order == Some(Ordering::Equal)),
        Binary::Unequal => Some(order != Some(Ordering::Equal)),
        Binary::Less => order.map(Ordering::is_lt),
        Binary::LessOrEqual => order.map(Ordering::is_le),
        Binary::Greater => order.map(Ordering::is_gt),
        _ => order.map(Ordering::is_ge),
    }
}

fn number(value: &Value) -> Result<Number> {
    let wrong =
        || SelectError::cast(format!("Attempt to use {} as a number failed in the SQL expression.", value.to_json()));
    value.number().ok_or_else(wrong)
}

fn negate(value: Value) -> Result<Value> {
    if value.is_absent() {
        return Ok(Value::Null);
    }
    Ok(match number(&value)? {
        Number::Int(int) => Value::Int(int.checked_neg().ok_or_else(SelectError::overflow)?),
        Number::Decimal(decimal) => Value::Decimal(decimal.negate()),
        Number::Float(float) => Value::Float(-float),
    })
}

/// Adds, subtracts, multiplies or divides.
///
/// # Errors
/// `CastFailed`, `IntegerOverflow`, `IllegalSqlFunctionArgument`.
pub(super) fn arithmetic(op: Binary, left: &Value, right: &Value) -> Result<Value> {
    if left.is_absent() || right.is_absent() {
        return Ok(Value::Null);
    }
    let (left, right) = (number(left)?, number(right)?);
    let by_zero = matches!(op, Binary::Divided | Binary::Modulo) && right.to_float() == 0.0;
    if by_zero {
        // UNVERIFIED: the code.
        return Err(SelectError::new("IllegalSqlFunctionArgument", "Division by zero in the SQL expression."));
    }
    if let (Number::Int(left), Number::Int(right)) = (left, right) {
        let result = match op {
            Binary::Plus => left.checked_add(right),
            Binary::Minus => left.checked_sub(right),
            Binary::Times => left.checked_mul(right),
            // UNVERIFIED: that integers are divided into integers.
            Binary::Divided => left.checked_div(right),
            _ => left.checked_rem(right),
        };
        return result.map(Value::Int).ok_or_else(SelectError::overflow);
    }
    if let (Some(left), Some(right)) = (left.to_decimal(), right.to_decimal()) {
        let result = match op {
            Binary::Plus => left.add(right),
            Binary::Minus => left.add(right.negate()),
            Binary::Times => left.multiply(right),
            Binary::Divided => left.divide(right),
            _ => left.remainder(right),
        };
        if let Some(result) = result {
            return Ok(Value::Decimal(result));
        }
    }
    let (left, right) = (left.to_float(), right.to_float());
    Ok(Value::Float(match op {
        Binary::Plus => left + right,
        Binary::Minus => left - right,
        Binary::Times => left * right,
        Binary::Divided => left / right,
        _ => left % right,
    }))
}
