//! Which REST operations of a group of services a request can mean: a trie over path segments.
//!
//! Of those that match, the most specific count: segment by segment a literal beats a label beats a
//! greedy label, then a final slash as the template has it, then more parameters that the query
//! string or headers must have. What is left over (mostly one) is returned.

use welkin_model::{Location, Operation, Service};

use super::query_string;
use super::s3;
use super::template::{Segment, Template};

/// A REST operation of a service.
pub(super) type Target = (&'static Service, &'static Operation);

/// What a request offers to match.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offer<'a> {
    pub(super) method: &'a str,
    /// The path, percent-encoded.
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) headers: &'a http::HeaderMap,
}

/// The outcome of a look-up.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The most specific operations; more than one if services or operations share a URI.
    pub(super) best: Vec<Target>,
    score: Score,
    /// A service that has the path, if for other methods or parameters.
    pub(super) path_of: Option<&'static Service>,
}

/// Specificity: segments, final slash, conditions.
type Score = (u64, bool, u32);

/// A trie over the paths of several services.
#[derive(Debug, Default)]
pub(super) struct Matcher {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    /// Children by literal, sorted once all are there.
    literals: Vec<(&'static str, usize)>,
    label: Option<usize>,
    here: Vec<Rule>,
    /// Operations whose next segment is a greedy label, with what must follow it.
    greedy: Vec<(&'static str, Rule)>,
}

#[derive(Debug)]
struct Rule {
    target: Target,
    slash: bool,
    /// Must be in the query string.
    query: Vec<(&'static str, Option<&'static str>)>,
    /// Must be there too, in S3; elsewhere they only count when others lack them.
    conditions: Vec<Condition>,
    strict: bool,
}

/// A parameter by which operations of one URI are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// A name in the query string.
    Query(&'static str),
    /// A header.
    Header(&'static str),
}

impl Matcher {
    /// A matcher of the REST operations of `services`.
    pub(super) fn new(services: impl IntoIterator<Item = &'static Service>) -> Self {
        let mut matcher = Self { nodes: vec![Node::default()] };
        for service in services {
            for operation in service.operations.iter().filter(|operation| !s3::is_superseded(service, operation)) {
                matcher.add(service, operation);
            }
        }
        for node in &mut matcher.nodes {
            node.literals.sort_unstable();
        }
        matcher
    }

    fn add(&mut self, service: &'static Service, operation: &'static Operation) {
        let template = Template::parse(operation.uri);
        let at = template.segments.iter().fold(0, |at, segment| self.child(at, *segment));
        let strict = service.id == s3::ID;
        let conditions = if strict { s3::conditions(operation.name) } else { required(service, operation) };
        let rule =
            Rule { target: (service, operation), slash: template.slash, query: template.query, conditions, strict };
        let Some(node) = self.nodes.get_mut(at) else { return };
        match template.greedy {
            Some(suffix) => node.greedy.push((suffix, rule)),
            None => node.here.push(rule),
        }
    }

    fn child(&mut self, at: usize, segment: Segment) -> usize {
        let new = self.nodes.len();
        // INVARIANT: `at` is 0 or was returned by this function, so the node exists.
        let node = &mut self.nodes[at];
        let known = match segment {
            Segment::Literal(text) => node.literals.iter().find(|(literal, _)| *literal == text).map(|(_, at)| *at),
            Segment::Label => node.label,
        };
        if let Some(known) = known {
            return known;
        }
        match segment {
            Segment::Literal(text) => node.literals.push((text, new)),
            Segment::Label => node.label = Some(new),
        }
        self.nodes.push(Node::default());
        new
    }

    /// The most specific operations that a request can mean, among services that `wanted` takes.
    pub(super) fn find(&self, offer: &Offer<'_>, wanted: &dyn Fn(&Service) -> bool) -> Found {
        let mut found = Found::default();
        let path = offer.path.strip_prefix('/').unwrap_or(offer.path);
        let mut walk = Walk { matcher: self, offer, wanted, found: &mut found };
        walk.descend(0, path, 0, 31);
        found
    }
}

/// Required parameters of an operation outside path and body.
fn required(service: &'static Service, operation: &'static Operation) -> Vec<Condition> {
    let input = operation.input.and_then(|input| service.shape(input).structure());
    let members = input.map(|input| input.members.as_slice()).unwrap_or_default();
    let members = members.iter().filter(|member| member.required && !member.host_label);
    let conditions = members.filter_map(|member| {
        let name = member.location_name.unwrap_or(member.name);
        match member.location {
            Location::QueryString => Some(Condition::Query(name)),
            Location::Header => Some(Condition::Header(name)),
            _ => None,
        }
    });
    conditions.collect()
}

struct Walk<'a> {
    matcher: &'a Matcher,
    offer: &'a Offer<'a>,
    wanted: &'a dyn Fn(&Service) -> bool,
    found: &'a mut Found,
}

impl Walk<'_> {
    /// Matches `rest` of the path from the node `at`. `shift` is the place of the next segment in the
    /// score, two bits each; segments beyond the thirty-first share the last place. The depth is
    /// bounded by the trie's.
    fn descend(&mut self, at: usize, rest: &str, score: u64, shift: u32) {
        let matcher = self.matcher;
        let Some(node) = matcher.nodes.get(at) else { return };
        if rest.is_empty() {
            let slash = self.offer.path.ends_with('/');
            for rule in &node.here {
                self.consider(rule, score, rule.slash == slash);
            }
            return;
        }
        let bits = |kind: u64, shift: u32| kind << shift.saturating_mul(2);
        let next = shift.saturating_sub(1);
        let (segment, tail) = rest.split_once('/').unwrap_or((rest, ""));
        if !segment.is_empty() {
            if let Some(child) = node.literal(segment) {
                self.descend(child, tail, score | bits(3, shift), next);
            }
            if let Some(child) = node.label {
                self.descend(child, tail, score | bits(2, shift), next);
            }
        }
        for (suffix, rule) in &node.greedy {
            if rest.strip_suffix(suffix).is_some_and(|value| !value.is_empty()) {
                let more = if suffix.is_empty() { 0 } else { bits(3, next) };
                self.consider(rule, score | bits(1, shift) | more, true);
            }
        }
    }

    fn consider(&mut self, rule: &Rule, segments: u64, slash: bool) {
        let offer = self.offer;
        let (service, operation) = rule.target;
        if !(self.wanted)(service) {
            return;
        }
        self.found.path_of = Some(service);
        if operation.method != offer.method || !rule.query.iter().all(|wanted| offer.has_pair(wanted)) {
            return;
        }
        let Some(met) = rule.met(offer) else { return };
        let literals = u32::try_from(rule.query.len()).unwrap_or(u32::MAX);
        let score = (segments, slash, literals.saturating_mul(64).saturating_add(met));
        let found = &mut *self.found;
        if found.best.is_empty() || score > found.score {
            found.best.clear();
            found.score = score;
        }
        if score == found.score {
            found.best.push(rule.target);
        }
    }
}

impl Node {
    fn literal(&self, segment: &str) -> Option<usize> {
        let decoded;
        let segment = if segment.contains('%') {
            decoded = percent_encoding::percent_decode_str(segment).decode_utf8_lossy();
            decoded.as_ref()
        } else {
            segment
        };
        let at = self.literals.binary_search_by(|(literal, _)| (*literal).cmp(segment)).ok()?;
        self.literals.get(at).map(|(_, child)| *child)
    }
}

impl Rule {
    /// How well the conditions are met: more when all of many are, least when some are not; `None`
    /// where that is out of the question.
    fn met(&self, offer: &Offer<'_>) -> Option<u32> {
        if self.conditions.iter().all(|condition| offer.meets(*condition)) {
            return Some(u32::try_from(self.conditions.len()).unwrap_or(u32::MAX).saturating_add(1).min(63));
        }
        if self.strict { None } else { Some(0) }
    }
}

impl Offer<'_> {
    fn has_pair(&self, (name, value): &(&str, Option<&str>)) -> bool {
        query_string::pairs(self.query)
            .any(|(key, text)| query_string::is(key, name) && value.is_none_or(|value| query_string::is(text, value)))
    }

    fn meets(&self, condition: Condition) -> bool {
        match condition {
            Condition::Query(name) => query_string::has(self.query, name),
            Condition::Header(name) => self.headers.contains_key(name),
        }
    }
}
