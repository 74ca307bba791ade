//! Scopes: parts of S3, as `s3://bucket/prefix*`.

use welkin_kernel::Partition;

/// All of S3, a bucket, keys that begin in a way, or one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    /// `None` is all of S3.
    pub(super) bucket: Option<String>,
    /// How keys begin, or the key.
    pub(super) prefix: String,
    pub(super) is_object: bool,
}

/// The scheme of a scope.
const SCHEME: &str = "s3://";

impl Scope {
    /// Reads a scope; `None` if it is none.
    pub(super) fn read(text: &str, is_object: bool) -> Option<Self> {
        let path = text.strip_prefix(SCHEME).or_else(|| text.strip_prefix("S3://"))?;
        if is_object {
            let (bucket, key) = path.split_once('/')?;
            let is_key = !bucket.is_empty() && !key.is_empty() && !key.ends_with('*');
            return is_key.then(|| Self { bucket: Some(bucket.to_owned()), prefix: key.to_owned(), is_object: true });
        }
        let path = path.strip_suffix('*').unwrap_or(path);
        if path.is_empty() {
            return (text.len() == SCHEME.len()).then(|| Self {
                bucket: None,
                prefix: String::new(),
                is_object: false,
            });
        }
        let (bucket, prefix) = match path.split_once('/') {
            Some((bucket, prefix)) => (bucket, prefix),
            // A star right after the name would stand for other buckets, too.
            None if text.ends_with('*') => return None,
            None => (path, ""),
        };
        let is_one = !bucket.is_empty() && !bucket.contains('*') && !prefix.contains('*');
        is_one.then(|| Self { bucket: Some(bucket.to_owned()), prefix: prefix.to_owned(), is_object: false })
    }

    /// Whether all that is in the other scope is in this one.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match (&self.bucket, self.is_object) {
            (None, _) => true,
            (bucket, true) => *bucket == other.bucket && other.is_object && self.prefix == other.prefix,
            (bucket, false) => *bucket == other.bucket && other.prefix.starts_with(&self.prefix),
        }
    }

    /// How much it says: of two scopes that cover the same, the one that says more is closer.
    pub(super) fn closeness(&self) -> (bool, usize, bool) {
        (self.bucket.is_some(), self.prefix.len(), self.is_object)
    }

    /// The ARNs of its bucket, and of its objects.
    pub(super) fn arns(&self, partition: Partition) -> Option<(String, String)> {
        let bucket = format!("arn:{partition}:s3:::{}", self.bucket.as_ref()?);
        let star = if self.is_object { "" } else { "*" };
        let objects = format!("{bucket}/{}{star}", self.prefix);
        Some((bucket, objects))
    }
}

/// The scope of a grant: that of its location, and what is appended to it.
pub(super) fn of_grant(location: &str, appended: Option<&str>) -> String {
    let Some(appended) = appended else { return location.to_owned() };
    let base = location.strip_suffix('*').unwrap_or(location);
    let is_bucket = base.len() > SCHEME.len() && base.get(SCHEME.len()..).is_some_and(|path| !path.contains('/'));
    match is_bucket {
        true => format!("{base}/{appended}"),
        false => format!("{base}{appended}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn scopes_are_uris_with_a_star_at_their_end() {
        let read = |text: &str| Scope::read(text, false).map(|scope| (scope.bucket, scope.prefix));
        let of = |bucket: &str, prefix: &str| Some((Some(bucket.to_owned()), prefix.to_owned()));
        assert_eq!(read("s3://"), Some((None, String::new())));
        assert_eq!(read("s3://b"), of("b", ""));
        assert_eq!(read("s3://b/*"), of("b", ""));
        assert_eq!(read("s3://b/p*"), of("b", "p"));
        assert_eq!(read("s3://b/p/q"), of("b", "p/q"));
        for wrong in ["", "b", "s3:/b", "s3://*", "s3://b*", "s3:///p", "s3://b/p*/q"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert!(Scope::read("s3://b/k", true).is_some());
        for wrong in ["s3://", "s3://b", "s3://b/", "s3://b/k*"] {
            assert_eq!(Scope::read(wrong, true), None, "{wrong}");
        }
    }

    #[test]
    fn a_scope_covers_what_is_in_it() {
        let read = |text: &str, is_object| Scope::read(text, is_object).unwrap();
        let covers = |scope: &str, target: &str| read(scope, false).covers(&read(target, false));
        assert!(covers("s3://", "s3://b/p*") && covers("s3://b", "s3://b/p*") && covers("s3://b/p*", "s3://b/p/q*"));
        assert!(!covers("s3://b", "s3://b2/p*") && !covers("s3://b/p/*", "s3://b/p*") && !covers("s3://b", "s3://"));
        let object = read("s3://b/k", true);
        assert!(read("s3://b/*", false).covers(&object) && object.covers(&object));
        assert!(!object.covers(&read("s3://b/k*", false)));
    }

    #[test]
    fn the_scope_of_a_grant_is_appended_to_its_locations() {
        assert_eq!(of_grant("s3://", Some("b/*")), "s3://b/*");
        assert_eq!(of_grant("s3://b", Some("p*")), "s3://b/p*");
        assert_eq!(of_grant("s3://b/p*", Some("q")), "s3://b/pq");
        assert_eq!(of_grant("s3://b/p/", None), "s3://b/p/");
    }
}
