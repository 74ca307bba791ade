//! URI templates of REST operations, as the model writes them.
//! <https://smithy.io/2.0/spec/http-bindings.html#http-trait>

/// A parsed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template {
    /// What the path consists of, before a greedy label.
    pub(super) segments: Vec<Segment>,
    /// What follows a greedy label, from its slash (`"/policy"`, mostly `""`); `None` without one.
    pub(super) greedy: Option<&'static str>,
    /// Whether the path ends with a slash.
    pub(super) slash: bool,
    /// Names and values that the query string must have; any value where it is `None`.
    pub(super) query: Vec<(&'static str, Option<&'static str>)>,
}

/// A segment of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// This text.
    Literal(&'static str),
    /// Anything but nothing.
    Label,
}

impl Template {
    /// Parses what stands in the model; which labels there are is the wire's matter.
    pub(super) fn parse(uri: &'static str) -> Self {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let mut template = Self { segments: Vec::new(), greedy: None, slash: path.ends_with('/'), query: Vec::new() };
        let query = query.split('&').filter(|pair| !pair.is_empty());
        template.query.extend(query.map(|pair| match pair.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (pair, None),
        }));
        let mut rest = path.strip_prefix('/').unwrap_or(path);
        while !rest.is_empty() {
            let (segment, tail) = rest.split_once('/').unwrap_or((rest, ""));
            if segment.ends_with("+}") {
                template.greedy = Some(rest.get(segment.len()..).unwrap_or_default());
                template.slash = false;
                break;
            }
            let is_label = segment.starts_with('{') && segment.ends_with('}');
            template.segments.push(if is_label { Segment::Label } else { Segment::Literal(segment) });
            rest = tail;
        }
        template
    }
}

#[cfg(test)]
mod tests {
    use super::Segment::{Label, Literal};
    use super::*;

    #[test]
    fn templates() {
        let select = vec![("select", None), ("select-type", Some("2"))];
        for (uri, segments, greedy, slash, query) in [
            ("/", vec![], None, true, vec![]),
            ("/{Bucket}?list-type=2", vec![Label], None, false, vec![("list-type", Some("2"))]),
            ("/{Bucket}/{Key+}?select&select-type=2", vec![Label], Some(""), false, select),
            ("/a/{name+}/policy", vec![Literal("a")], Some("/policy"), false, vec![]),
            ("/policies/{Arn}/?List", vec![Literal("policies"), Label], None, true, vec![("List", None)]),
        ] {
            assert_eq!(Template::parse(uri), Template { segments, greedy, slash, query }, "{uri}");
        }
    }
}
