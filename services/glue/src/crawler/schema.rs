//! Columns: how alike those of two files are, and what they are together.

use welkin_sql::Type;

/// A column: its name and type.
pub(crate) type Field = (String, Type);

/// Schemas of which this share of the columns is the same are similar, and folders of which this share is similar are
/// one table.
///
/// Source: "if the partition threshold is higher than 70%, then schemas are denoted as partitions of a table":
/// <https://repost.aws/knowledge-center/glue-crawler-detect-schema>
// UNVERIFIED: that the same measure is taken for columns.
pub(crate) const ALIKE: (usize, usize) = (7, 10);

/// Whether a part of a whole is as much as it takes to be alike.
pub(crate) fn is_most(part: usize, whole: usize) -> bool {
    part * ALIKE.1 >= whole * ALIKE.0
}

/// A type that has the values of both.
pub(crate) fn widen(a: &Type, b: &Type) -> Type {
    match (a, b) {
        (a, b) if a == b => a.clone(),
        (Type::Unknown, other) | (other, Type::Unknown) => other.clone(),
        (Type::Array(a), Type::Array(b)) => Type::array(widen(a, b)),
        (Type::Map(key, a), Type::Map(other, b)) => Type::map(widen(key, other), widen(a, b)),
        (Type::Row(a), Type::Row(b)) => Type::Row(widen_fields(a, b)),
        (Type::Decimal(p, s), Type::Decimal(q, t)) => {
            let scale = (*s).max(*t);
            let whole = (p - p.min(s)).max(q - q.min(t));
            Type::Decimal((whole + scale).clamp(1, 38), scale.min(38))
        }
        _ => match (width(a), width(b)) {
            (Some(a_wide), Some(b_wide)) => {
                if a_wide >= b_wide {
                    a.clone()
                } else {
                    b.clone()
                }
            }
            _ => Type::VARCHAR,
        },
    }
}

/// The order of numbers, of which each has the values of those before it, more or less exactly.
fn width(ty: &Type) -> Option<u8> {
    Some(match ty {
        Type::Tinyint => 1,
        Type::Smallint => 2,
        Type::Integer => 3,
        Type::Bigint => 4,
        Type::Decimal(..) => 5,
        Type::Real => 6,
        Type::Double => 7,
        _ => return None,
    })
}

fn widen_fields(a: &[(Option<String>, Type)], b: &[(Option<String>, Type)]) -> Vec<(Option<String>, Type)> {
    let mut all = a.to_vec();
    for (name, ty) in b {
        match all.iter_mut().find(|(own, _)| own == name) {
            Some((_, own)) => *own = widen(own, ty),
            None => all.push((name.clone(), ty.clone())),
        }
    }
    all
}

/// The columns of both, those of the first one first. Names are the same in whatever case.
pub(crate) fn merge(a: &mut Vec<Field>, b: &[Field]) {
    for (name, ty) in b {
        match a.iter_mut().find(|(own, _)| own.eq_ignore_ascii_case(name)) {
            Some((_, own)) => *own = widen(own, ty),
            None => a.push((name.clone(), ty.clone())),
        }
    }
}

/// Whether most columns of both are the same, by name and kind.
pub(crate) fn are_similar(a: &[Field], b: &[Field]) -> bool {
    let same =
        |(name, ty): &&Field| b.iter().any(|(other, of)| other.eq_ignore_ascii_case(name) && are_of_one_kind(ty, of));
    is_most(a.iter().filter(same).count(), a.len().max(b.len()))
}

fn are_of_one_kind(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Unknown, _) | (_, Type::Unknown) | (Type::Row(_), Type::Row(_)) | (Type::Map(..), Type::Map(..)) => true,
        (Type::Array(a), Type::Array(b)) => are_of_one_kind(a, b),
        _ => a == b || (width(a).is_some() && width(b).is_some()),
    }
}

/// A type of which nothing but NULL is known is a string.
pub(crate) fn known(ty: &Type) -> Type {
    match ty {
        Type::Unknown => Type::VARCHAR,
        Type::Array(of) => Type::array(known(of)),
        Type::Map(key, of) => Type::map(known(key), known(of)),
        // A struct without fields is none that Hive knows.
        Type::Row(fields) if fields.is_empty() => Type::VARCHAR,
        Type::Row(fields) => Type::Row(fields.iter().map(|(name, ty)| (name.clone(), known(ty))).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use welkin_sql::{hive_name, hive_type};

    fn widened(a: &str, b: &str) -> String {
        let ty = |text: &str| hive_type(text).expect(text);
        assert_eq!(widen(&ty(a), &ty(b)), widen(&ty(a), &widen(&ty(b), &ty(a))));
        hive_name(&widen(&ty(a), &ty(b)))
    }

    fn fields(text: &str) -> Vec<Field> {
        let one = |part: &str| part.split_once(' ').map(|(name, ty)| (name.to_owned(), hive_type(ty).expect(ty)));
        text.split(", ").filter_map(one).collect()
    }

    #[test]
    fn types_widen_as_little_as_they_can() {
        for (a, b, together) in [
            ("int", "int", "int"),
            ("int", "bigint", "bigint"),
            ("bigint", "double", "double"),
            ("int", "string", "string"),
            ("boolean", "int", "string"),
            ("decimal(5,2)", "decimal(10,4)", "decimal(10,4)"),
            ("array<int>", "array<string>", "array<string>"),
            ("struct<a:int>", "struct<a:double,b:string>", "struct<a:double,b:string>"),
            ("struct<a:int>", "int", "string"),
        ] {
            assert_eq!(widened(a, b), together, "{a} {b}");
        }
        assert_eq!(widen(&Type::Unknown, &Type::Date), Type::Date);
        assert_eq!(hive_name(&known(&Type::array(Type::Unknown))), "array<string>");
    }

    #[test]
    fn schemas_are_similar_if_most_columns_are_the_same() {
        let similar = |a: &str, b: &str| are_similar(&fields(a), &fields(b));
        assert!(similar("a int, b string", "A bigint, b string"));
        // https://docs.aws.amazon.com/glue/latest/dg/crawler-grouping-policy.html
        assert!(!similar("a int, b int", "c int, d int"));
        assert!(!similar("a int, b int", "a int, b string"));
        assert!(similar("a int, b int, c int", "a int, b int, c int, d int"));
        assert!(!similar("a int, b int", "a int, b int, c int"));
        assert!(similar("", ""));
        let mut all = fields("a int, b string");
        merge(&mut all, &fields("B string, c int, a double"));
        assert_eq!(all, fields("a double, b string, c int"));
    }
}
