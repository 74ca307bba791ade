//! Rules of composite alarms.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html>.

use super::State;

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rule {
    Constant(bool),
    /// Whether an alarm is in a state.
    Is(State, String),
    Not(Box<Rule>),
    All(Vec<Rule>),
    Any(Vec<Rule>),
    /// Whether so many of some alarms are (or are not) in a state.
    AtLeast(usize, bool, State, Vec<String>),
}

/// Nesting at most.
const DEEPEST: usize = 64;

impl Rule {
    /// Reads a rule; `None` if it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let words = words(text)?;
        let mut reader = Reader { words: &words, at: 0, depth: 0 };
        let rule = reader.any()?;
        (reader.at == words.len()).then_some(rule)
    }

    /// Whether it holds, with the states of alarms by name.
    pub(crate) fn holds(&self, state: &impl Fn(&str) -> Option<State>) -> bool {
        match self {
            Self::Constant(it) => *it,
            Self::Is(wanted, name) => state(name) == Some(*wanted),
            Self::Not(inner) => !inner.holds(state),
            Self::All(all) => all.iter().all(|it| it.holds(state)),
            Self::Any(any) => any.iter().any(|it| it.holds(state)),
            Self::AtLeast(least, is, wanted, names) => {
                names.iter().filter(|name| (state(name) == Some(*wanted)) == *is).count() >= *least
            }
        }
    }

    /// Names of the alarms in it.
    pub(crate) fn alarms(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.collect(&mut names);
        names.sort_unstable();
        names.dedup();
        names
    }

    fn collect(&self, names: &mut Vec<String>) {
        match self {
            Self::Constant(_) => {}
            Self::Is(_, name) => names.push(name.clone()),
            Self::Not(inner) => inner.collect(names),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.collect(names)),
            Self::AtLeast(_, _, _, own) => names.extend(own.iter().cloned()),
        }
    }
}

/// A name as rules have it: quoted, bare, or the ARN.
fn name_of(word: &str) -> String {
    let word = word.strip_prefix('"').and_then(|word| word.strip_suffix('"')).unwrap_or(word);
    if !word.starts_with("arn:") {
        return word.to_owned();
    }
    word.splitn(7, ':').nth(6).unwrap_or(word).to_owned()
}

fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' | ')' | ',' => 1,
            '"' => rest.get(1..)?.find('"')? + 2,
            _ => rest.find(|c: char| c.is_whitespace() || "(),".contains(c)).unwrap_or(rest.len()),
        };
        words.push(rest.get(..length)?.to_owned());
        rest = rest.get(length..)?.trim_start();
    }
    Some(words)
}

struct Reader<'a> {
    words: &'a [String],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<String> {
        let word = self.words.get(self.at).cloned();
        self.at += 1;
        word
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.words.get(self.at).is_some_and(|next| next == word);
        self.at += usize::from(found);
        found
    }

    fn any(&mut self) -> Option<Rule> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut any = vec![self.every()?];
        while self.take("OR") {
            any.push(self.every()?);
        }
        self.depth -= 1;
        if any.len() == 1 { any.pop() } else { Some(Rule::Any(any)) }
    }

    fn every(&mut self) -> Option<Rule> {
        let mut all = vec![self.one()?];
        while self.take("AND") {
            all.push(self.one()?);
        }
        if all.len() == 1 { all.pop() } else { Some(Rule::All(all)) }
    }

    fn one(&mut self) -> Option<Rule> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let word = self.next()?;
        let rule = match word.as_str() {
            "TRUE" => Rule::Constant(true),
            "FALSE" => Rule::Constant(false),
            "NOT" => Rule::Not(Box::new(self.one()?)),
            "(" => {
                let inner = self.any()?;
                self.take(")").then_some(inner)?
            }
            "AT_LEAST" => self.at_least()?,
            state => {
                let state = state_of(state)?;
                self.take("(").then_some(())?;
                let name = self.name()?;
                self.take(")").then_some(Rule::Is(state, name))?
            }
        };
        self.depth -= 1;
        Some(rule)
    }

    fn name(&mut self) -> Option<String> {
        self.next().filter(|word| !matches!(word.as_str(), "(" | ")" | ",")).map(|word| name_of(&word))
    }

    /// `AT_LEAST(2, ALARM, (a, b, c))`, also of a percentage.
    fn at_least(&mut self) -> Option<Rule> {
        self.take("(").then_some(())?;
        let number = self.next()?;
        self.take(",").then_some(())?;
        let is = !self.take("NOT");
        let state = state_of(&self.next()?)?;
        (self.take(",") && self.take("(")).then_some(())?;
        let mut names = vec![self.name()?];
        while self.take(",") {
            names.push(self.name()?);
        }
        (self.take(")") && self.take(")")).then_some(())?;
        let least = match number.strip_suffix('%') {
            Some(percent) => (percent.parse::<usize>().ok()? * names.len()).div_ceil(100),
            None => number.parse().ok()?,
        };
        (1..=names.len()).contains(&least).then_some(Rule::AtLeast(least, is, state, names))
    }
}

fn state_of(word: &str) -> Option<State> {
    match word {
        "ALARM" => Some(State::Alarm),
        "OK" => Some(State::Ok),
        "INSUFFICIENT_DATA" => Some(State::InsufficientData),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn holds(text: &str) -> bool {
        let states = |name: &str| match name {
            "up" => Some(State::Alarm),
            "a b" => Some(State::Ok),
            "new" => Some(State::InsufficientData),
            _ => None,
        };
        Rule::parse(text).unwrap().holds(&states)
    }

    #[test]
    fn rules_hold_by_the_states_of_alarms() {
        for yes in [
            "TRUE",
            "ALARM(up)",
            "ALARM(\"up\") AND OK(\"a b\")",
            "ALARM(arn:aws:cloudwatch:us-east-1:111122223333:alarm:up)",
            "NOT ALARM(new) AND INSUFFICIENT_DATA(new)",
            "FALSE OR (ALARM(up) AND NOT (FALSE))",
            "AT_LEAST(1, ALARM, (up, new))",
            "AT_LEAST(50%, NOT OK, (up, \"a b\", new))",
        ] {
            assert!(holds(yes), "{yes}");
        }
        for no in ["FALSE", "OK(up)", "ALARM(gone)", "ALARM(up) AND FALSE", "AT_LEAST(2, ALARM, (up, new))"] {
            assert!(!holds(no), "{no}");
        }
        assert_eq!(Rule::parse("ALARM(b) OR OK(a) AND ALARM(b)").unwrap().alarms(), ["a", "b"]);
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        let deep = "(".repeat(500);
        for text in ["", "ALARM", "ALARM()", "ALARM(a", "ALARM(a) OK(b)", "alarm(a)", "AT_LEAST(3, ALARM, (a))", &deep]
        {
            assert_eq!(Rule::parse(text), None, "{text}");
        }
    }
}
