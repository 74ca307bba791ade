//! Patterns of the model, which are in Java's dialect.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

use fancy_regex::{Regex, RegexBuilder};

/// Compiled patterns that are kept; when there are more, all are dropped and the busy ones come back.
const KEPT: usize = 256;
/// Steps of backtracking after which a match is given up.
const BACKTRACK_LIMIT: usize = 100_000;

type Compiled = Option<Arc<Regex>>;

static PATTERNS: LazyLock<RwLock<HashMap<&'static str, Compiled>>> = LazyLock::new(RwLock::default);

/// Whether `text` matches all of `pattern`. A pattern that does not compile, or takes too long,
/// forbids nothing.
pub(super) fn matches(pattern: &'static str, text: &str) -> bool {
    compiled(pattern).is_none_or(|regex| regex.is_match(text).unwrap_or(true))
}

fn compiled(pattern: &'static str) -> Compiled {
    if let Some(compiled) = PATTERNS.read().unwrap_or_else(|e| e.into_inner()).get(pattern) {
        return compiled.clone();
    }
    let compiled = compile(pattern).map(Arc::new);
    let mut patterns = PATTERNS.write().unwrap_or_else(|e| e.into_inner());
    if patterns.len() >= KEPT {
        patterns.clear();
    }
    patterns.insert(pattern, compiled.clone());
    compiled
}

/// Whether a pattern of the model compiles.
pub fn compiles(pattern: &str) -> bool {
    compile(pattern).is_some()
}

// UNVERIFIED: services match the whole text, also where a newer model would allow a match inside.
fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(&format!(r"\A(?:{})\z", translate(pattern)))
        .backtrack_limit(BACKTRACK_LIMIT)
        .delegate_size_limit(4 << 20)
        .build()
        .ok()
}

/// Rewrites what Java writes differently: surrogate pairs, POSIX class names, `\Z`, `\/`.
fn translate(pattern: &str) -> String {
    // Ranges over surrogate pairs, and ranges that cross them, mean the supplementary planes.
    let text = pattern
        .replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\x{10000}-\x{10FFFF}")
        .replace(r"\ud800\udc00-\udbff\udfff", r"\x{10000}-\x{10FFFF}")
        .replace(r"\uD800\uDC00-\uDBFF\uDFFD", r"\x{10000}-\x{10FFFD}")
        .replace(r"\uD83C[\uDC00-\uDFFF]", r"[\x{1F000}-\x{1F3FF}]")
        .replace(r"\uD800-\uDBFF", r"\x{10000}-\x{10FFFF}")
        .replace(r"\uDC00-\uDFFF", r"\x{10000}-\x{10FFFF}")
        .replace(r"\uD800-\uDFFF", r"\x{10000}-\x{10FFFF}")
        .replace(r"\p{IsAlphabetic}", r"\p{Alphabetic}")
        .replace(r"\p{IsDigit}", r"\p{Nd}")
        .replace(r"\p{IsLetter}", r"\p{L}")
        .replace(r"\p{Alnum}", "0-9A-Za-z")
        .replace(r"\p{Alpha}", "A-Za-z")
        .replace(r"\p{Digit}", "0-9")
        .replace(r"\p{Upper}", "A-Z")
        .replace(r"\p{Lower}", "a-z")
        .replace(r"\p{ASCII}", r"\x00-\x7F")
        .replace(r"\p{Graph}", r"\x21-\x7E")
        .replace(r"\p{Print}", r"\x20-\x7E")
        .replace(r"\p{Space}", r"\s")
        .replace(r"\p{Punct}", r"\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E")
        .replace(r"\Z", r"\z");
    in_classes(&text)
}

/// Escapes brackets that stand for themselves inside a class, and wraps POSIX ranges that stand outside one.
fn in_classes(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut depth = 0usize;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\\' => {
                out.push(char);
                out.extend(chars.next());
            }
            '[' => {
                depth += 1;
                out.push(char);
                if chars.peek() == Some(&'^') {
                    out.extend(chars.next());
                }
            }
            ']' => {
                depth = depth.saturating_sub(1);
                out.push(char);
            }
            // The engine reads these as set operations, Java as themselves.
            '~' | '-' if depth > 0 && chars.peek() == Some(&char) => {
                out.push('\\');
                out.push(char);
            }
            _ => out.push(char),
        }
    }
    out
}
