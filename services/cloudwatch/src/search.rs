//! `SEARCH`: metrics by what their names and dimensions hold.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html>.

use std::collections::{BTreeMap, BTreeSet};

use welkin_kernel::{Cx, Page, Result};

use crate::errors::invalid;
use crate::math::function::search_key;
use crate::math::parse::Expression;
use crate::math::value::Points;
use crate::metric::Metric;
use crate::query::{Query, What, points};
use crate::read::Span;
use crate::series::{LISTED, Series};
use crate::statistic::Statistic;

/// Time series that a search finds at most.
const MOST: usize = 100;

/// The results of all searches in queries, by the search.
///
/// # Errors
/// `ValidationError` for a search that is none.
pub(crate) async fn all(
    cx: &mut Cx,
    queries: &[Query],
    (from, to): (i64, i64),
    period: i64,
) -> Result<BTreeMap<String, Vec<Points>>> {
    let mut searches = Vec::new();
    for query in queries {
        if let What::Expression(expression) = &query.what {
            collect(expression, &mut searches);
        }
    }
    let mut found = BTreeMap::new();
    for parts in searches {
        let key = search_key(parts).map_err(invalid)?;
        let (Some(Expression::Text(text)), Some(Expression::Text(stat))) = (parts.first(), parts.get(1)) else {
            continue;
        };
        let wanted = Search::parse(text).ok_or_else(|| invalid(format_args!("SEARCH cannot read '{text}'")))?;
        let statistic = Statistic::parse(stat);
        let statistic = statistic.ok_or_else(|| invalid(format_args!("The statistic {stat} is not supported.")))?;
        let period = match parts.get(2) {
            #[allow(clippy::cast_possible_truncation)] // It is in the range.
            Some(Expression::Number(number)) if (1.0..=86_400.0).contains(number) => *number as i64,
            _ => period,
        };
        let span = Span { from: from.div_euclid(period) * period, to, period };
        let mut series = Vec::new();
        for metric in wanted.metrics(cx).await? {
            let mut its = points(cx, &metric, span, statistic, None).await?;
            its.label = label(&metric);
            series.push(its);
        }
        found.insert(key, series);
    }
    Ok(found)
}

fn collect<'a>(expression: &'a Expression, searches: &mut Vec<&'a [Expression]>) {
    match expression {
        Expression::Number(_) | Expression::Text(_) | Expression::Name(_) => {}
        Expression::Negated(inner) => collect(inner, searches),
        Expression::Operation(_, left, right) => {
            collect(left, searches);
            collect(right, searches);
        }
        Expression::Call(name, parts) if name == "SEARCH" => searches.push(parts),
        Expression::Call(_, parts) | Expression::Array(parts) => {
            parts.iter().for_each(|part| collect(part, searches));
        }
    }
}

/// UNVERIFIED: AWS tells apart what was found by what differs; here it is the dimensions' values and the name.
fn label(metric: &Metric) -> String {
    let mut words: Vec<&str> = metric.dimensions.values().map(String::as_str).collect();
    words.push(&metric.name);
    words.join(" ")
}

/// A search that was read.
#[derive(Debug, PartialEq)]
struct Search {
    /// Namespace and names of exactly the dimensions, where given.
    schema: Option<(String, BTreeSet<String>)>,
    condition: Condition,
}

#[derive(Debug, PartialEq)]
enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    /// Of a property, or of any; whether all of it is meant; the text.
    Term(Option<String>, bool, String),
}

impl Search {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (schema, rest) = match text.strip_prefix('{') {
            None => (None, text),
            Some(rest) => {
                let (schema, rest) = rest.split_once('}')?;
                let mut names = schema.split(',').map(|name| name.trim().trim_matches('"').to_owned());
                (Some((names.next()?, names.collect())), rest)
            }
        };
        let words = words(rest)?;
        let mut reader = Reader { words: &words, at: 0 };
        let condition = reader.any()?;
        (reader.at == words.len()).then_some(Self { schema, condition })
    }

    async fn metrics(&self, cx: &mut Cx) -> Result<Vec<Metric>> {
        let since = cx.now().secs() - LISTED;
        let namespace = self.schema.as_ref().map(|(namespace, _)| namespace.as_str());
        let place = cx.here();
        let series = Series::list(cx, place, namespace, None, Page::ALL).await?;
        let mut metrics: Vec<Metric> = series
            .into_iter()
            .filter(|it| it.active > since)
            .map(|it| it.metric)
            .filter(|metric| self.has_schema(metric) && self.condition.holds(metric))
            .collect();
        metrics.truncate(MOST);
        Ok(metrics)
    }

    fn has_schema(&self, metric: &Metric) -> bool {
        self.schema.as_ref().is_none_or(|(namespace, names)| {
            *namespace == metric.namespace && metric.dimensions.keys().eq(names.iter())
        })
    }
}

impl Condition {
    fn holds(&self, metric: &Metric) -> bool {
        match self {
            Self::All(all) => all.iter().all(|it| it.holds(metric)),
            Self::Any(any) => any.iter().any(|it| it.holds(metric)),
            Self::Not(inner) => !inner.holds(metric),
            Self::Term(None, exact, text) => {
                let dimensions = metric.dimensions.iter().flat_map(|(name, value)| [name, value]);
                [&metric.namespace, &metric.name].into_iter().chain(dimensions).any(|it| matches(it, *exact, text))
            }
            Self::Term(Some(property), exact, text) => match property.as_str() {
                "Namespace" => matches(&metric.namespace, *exact, text),
                "MetricName" => matches(&metric.name, *exact, text),
                dimension => metric.dimensions.get(dimension).is_some_and(|value| matches(value, *exact, text)),
            },
        }
    }
}

/// Whether a text is, or has in its words those of, another.
fn matches(text: &str, exact: bool, wanted: &str) -> bool {
    if exact {
        return text == wanted;
    }
    let own: BTreeSet<String> = tokens(text).into_iter().collect();
    tokens(wanted).iter().all(|word| own.contains(word))
}

/// Words of a text: `FailedRequests` is `failed` and `requests`, and all of it.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    for part in text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()) {
        tokens.push(part.to_lowercase());
        let mut word = String::new();
        let mut before = ' ';
        for c in part.chars() {
            let is_new = (c.is_uppercase() && !before.is_uppercase()) || c.is_numeric() != before.is_numeric();
            if is_new && !word.is_empty() {
                tokens.push(std::mem::take(&mut word));
            }
            word.extend(c.to_lowercase());
            before = c;
        }
        tokens.push(word);
    }
    tokens
}

/// Words of a search: signs, bare words, and quoted ones with a mark before them.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' | ')' | '=' => 1,
            '"' => rest.get(1..)?.find('"')? + 2,
            _ => rest.find(|c: char| c.is_whitespace() || "()=\"".contains(c)).unwrap_or(rest.len()),
        };
        words.push(rest.get(..length)?.to_owned());
        rest = rest.get(length..)?.trim_start();
    }
    Some(words)
}

struct Reader<'a> {
    words: &'a [String],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        self.at += usize::from(found);
        found
    }

    fn any(&mut self) -> Option<Condition> {
        let mut any = vec![self.every()?];
        while self.take("OR") {
            any.push(self.every()?);
        }
        if any.len() == 1 { any.pop() } else { Some(Condition::Any(any)) }
    }

    fn every(&mut self) -> Option<Condition> {
        let mut all = Vec::new();
        while !matches!(self.peek(), None | Some(")" | "OR")) {
            if !self.take("AND") {
                all.push(self.one()?);
            }
        }
        if all.len() == 1 { all.pop() } else { Some(Condition::All(all)) }
    }

    fn one(&mut self) -> Option<Condition> {
        if self.take("NOT") {
            return Some(Condition::Not(Box::new(self.one()?)));
        }
        if self.take("(") {
            let inner = self.any()?;
            return self.take(")").then_some(inner);
        }
        let word = self.peek()?.to_owned();
        self.at += 1;
        if self.take("=") {
            return self.of(word.trim_matches('"'));
        }
        Some(term(None, &word))
    }

    /// What stands after `property=`: a term, or terms in parentheses.
    fn of(&mut self, property: &str) -> Option<Condition> {
        let mut any = Vec::new();
        let is_list = self.take("(");
        loop {
            let word = self.peek().filter(|word| !matches!(*word, "(" | ")" | "="))?.to_owned();
            self.at += 1;
            any.push(term(Some(property.to_owned()), &word));
            if !is_list {
                return any.pop();
            }
            if self.take(")") {
                return Some(Condition::Any(any));
            }
            self.take("OR");
        }
    }
}

fn term(property: Option<String>, word: &str) -> Condition {
    let quoted = word.strip_prefix('"').and_then(|word| word.strip_suffix('"'));
    Condition::Term(property, quoted.is_some(), quoted.unwrap_or(word).to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::metric::Dimension;

    fn finds(search: &str) -> bool {
        let search = Search::parse(search).unwrap();
        let dimensions = [Dimension { name: "QueueName".to_owned(), value: "orders-1".to_owned() }];
        let metric = Metric::new("AWS/SQS", "NumberOfMessagesSent", &dimensions).unwrap();
        search.has_schema(&metric) && search.condition.holds(&metric)
    }

    #[test]
    fn searches_go_by_words_and_by_whole_texts() {
        for yes in [
            r#"{AWS/SQS,QueueName} MetricName="NumberOfMessagesSent""#,
            "{AWS/SQS,QueueName}",
            "messages",
            "numberofmessagessent",
            "sqs NOT lambda",
            r#"QueueName="orders-1" OR QueueName="x""#,
            "QueueName=(a OR orders)",
            "MetricName=(\"NumberOfMessagesSent\" OR \"Other\") AND orders",
        ] {
            assert!(finds(yes), "{yes}");
        }
        for no in [
            "{AWS/SQS}",
            "{AWS/SNS,QueueName}",
            r#"MetricName="NumberOfMessages""#,
            "mess",
            "NOT sqs",
            r#"QueueName="orders""#,
        ] {
            assert!(!finds(no), "{no}");
        }
        assert_eq!(Search::parse("(a"), None);
        assert_eq!(Search::parse("{a"), None);
    }
}
