//! Comments: sentences of the specification's grammar (clause 4.2.2.14).

use crate::chance::Chance;
use crate::words::{ADJECTIVES, ADVERBS, AUXILIARIES, NOUNS, PREPOSITIONS, TERMINATORS, VERBS};

/// A text between these lengths.
pub(crate) fn comment(chance: &mut Chance, least: i64, most: i64) -> String {
    let length = usize::try_from(chance.between(least, most)).unwrap_or(0);
    let mut text = String::with_capacity(length + 64);
    while text.len() < length {
        if !text.is_empty() {
            text.push(' ');
        }
        sentence(chance, &mut text);
    }
    // INVARIANT: the words are ASCII.
    text.truncate(length);
    text
}

fn sentence(chance: &mut Chance, text: &mut String) {
    noun_phrase(chance, text);
    text.push(' ');
    verb_phrase(chance, text);
    match chance.between(0, 4) {
        0 => (),
        1 => prepositional(chance, text),
        2 => {
            text.push(' ');
            noun_phrase(chance, text);
        }
        3 => {
            prepositional(chance, text);
            text.push(' ');
            noun_phrase(chance, text);
        }
        _ => {
            prepositional(chance, text);
            prepositional(chance, text);
        }
    }
    text.push_str(chance.pick(TERMINATORS));
}

fn prepositional(chance: &mut Chance, text: &mut String) {
    text.push(' ');
    text.push_str(chance.pick(PREPOSITIONS));
    text.push_str(" the ");
    noun_phrase(chance, text);
}

fn noun_phrase(chance: &mut Chance, text: &mut String) {
    match chance.between(0, 3) {
        0 => (),
        1 => words(chance, text, &[ADJECTIVES]),
        2 => {
            text.push_str(chance.pick(ADJECTIVES));
            text.push_str(", ");
            words(chance, text, &[ADJECTIVES]);
        }
        _ => words(chance, text, &[ADVERBS, ADJECTIVES]),
    }
    text.push_str(chance.pick(NOUNS));
}

fn verb_phrase(chance: &mut Chance, text: &mut String) {
    if chance.between(0, 1) == 1 {
        words(chance, text, &[AUXILIARIES]);
    }
    text.push_str(chance.pick(VERBS));
    if chance.between(0, 1) == 1 {
        text.push(' ');
        text.push_str(chance.pick(ADVERBS));
    }
}

/// One word of each list, with a space behind each.
fn words(chance: &mut Chance, text: &mut String, lists: &[&[&'static str]]) {
    for list in lists {
        text.push_str(chance.pick(list));
        text.push(' ');
    }
}
