//! Which type becomes which by itself.
//!
//! Trino widens, and never narrows, without being asked:
//! <https://trino.io/docs/current/functions/conversion.html>

use super::Type;

/// Whether a value of one type may stand where the other is expected.
pub(crate) fn coerces(from: &Type, to: &Type) -> bool {
    common(from, to).as_ref() == Some(to)
}

/// The type that both become, if there is one.
pub(crate) fn common(left: &Type, right: &Type) -> Option<Type> {
    use super::Sketch::{HyperLogLog, P4HyperLogLog};
    use Type::*;
    if left == right {
        return Some(left.clone());
    }
    match (left, right) {
        (Unknown, other) | (other, Unknown) => Some(other.clone()),
        (Varchar(a), Varchar(b)) => Some(Varchar(a.zip(*b).map(|(a, b)| a.max(b)))),
        (Char(a), Char(b)) => Some(Char(*a.max(b))),
        (Char(n), Varchar(m)) | (Varchar(m), Char(n)) => Some(match m {
            Some(m) if *m <= 65_536 => Char(*n.max(m)),
            _ => Varchar(None),
        }),
        (Decimal(..), Decimal(..)) => Some(wider(left, right)),
        (Decimal(..), int) if int.is_integer() => Some(wider(left, &as_decimal(int)?)),
        (int, Decimal(..)) if int.is_integer() => Some(wider(&as_decimal(int)?, right)),
        (Decimal(..), Double) | (Double, Decimal(..)) => Some(Double),
        (Decimal(..), Real) | (Real, Decimal(..)) => Some(Real),
        (a, b) if a.is_numeric() && b.is_numeric() => Some(if rank(a) > rank(b) { a.clone() } else { b.clone() }),
        (Date, Timestamp(p)) | (Timestamp(p), Date) => Some(Timestamp(*p)),
        (Date, TimestampTz(p)) | (TimestampTz(p), Date) => Some(TimestampTz(*p)),
        (Timestamp(a), Timestamp(b)) => Some(Timestamp(*a.max(b))),
        (Timestamp(a), TimestampTz(b)) | (TimestampTz(a), Timestamp(b)) | (TimestampTz(a), TimestampTz(b)) => {
            Some(TimestampTz(*a.max(b)))
        }
        (Sketch(HyperLogLog), Sketch(P4HyperLogLog)) | (Sketch(P4HyperLogLog), Sketch(HyperLogLog)) => {
            Some(Sketch(P4HyperLogLog))
        }
        (Time(a), Time(b)) => Some(Time(*a.max(b))),
        (Array(a), Array(b)) => Some(Type::array(common(a, b)?)),
        (Map(k1, v1), Map(k2, v2)) => Some(Type::map(common(k1, k2)?, common(v1, v2)?)),
        (Row(a), Row(b)) if a.len() == b.len() => a
            .iter()
            .zip(b)
            .map(|((name, a), (other, b))| {
                Some((if name == other { name.clone() } else { name.clone().or(other.clone()) }, common(a, b)?))
            })
            .collect::<Option<_>>()
            .map(Row),
        _ => None,
    }
}

fn rank(number: &Type) -> u8 {
    match number {
        Type::Tinyint => 0,
        Type::Smallint => 1,
        Type::Integer => 2,
        Type::Bigint => 3,
        Type::Real => 4,
        _ => 5,
    }
}

/// The decimal that holds every value of an integer type.
pub(crate) fn as_decimal(number: &Type) -> Option<Type> {
    match number {
        Type::Tinyint => Some(Type::Decimal(3, 0)),
        Type::Smallint => Some(Type::Decimal(5, 0)),
        Type::Integer => Some(Type::Decimal(10, 0)),
        Type::Bigint => Some(Type::Decimal(19, 0)),
        Type::Decimal(..) => Some(number.clone()),
        _ => None,
    }
}

fn wider(left: &Type, right: &Type) -> Type {
    let (Type::Decimal(p1, s1), Type::Decimal(p2, s2)) = (left, right) else { return left.clone() };
    let scale = *s1.max(s2);
    let whole = (p1 - s1).max(p2 - s2);
    Type::Decimal((whole + scale).min(38), scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_widen_and_text_does_not_become_a_number() {
        assert_eq!(common(&Type::Integer, &Type::Bigint), Some(Type::Bigint));
        assert_eq!(common(&Type::Integer, &Type::Decimal(4, 2)), Some(Type::Decimal(12, 2)));
        assert_eq!(common(&Type::Decimal(4, 2), &Type::Double), Some(Type::Double));
        assert_eq!(common(&Type::VARCHAR, &Type::Integer), None);
        assert!(coerces(&Type::Varchar(Some(3)), &Type::VARCHAR));
        assert!(!coerces(&Type::Bigint, &Type::Integer));
    }
}
