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

/// Rewrites what Java writes differently.
fn translate(pattern: &str) -> String {
    // Ranges over surrogate pairs, and ranges that cross them, mean the supplementary planes.
    let text = pattern
        .replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\x{10000}-\x{10FFFF}")
        .replace(r"\ud800\udc00-\udbff\udfff", r"\x{10000}-\x{10FFFF}")
        .replace(r"\uD800\uDC00-\uDBFF\uDFFD", r"\x{10000}-\x{10FFFD}")
        .replace(r"\uD800\uDBFF-\uDC00\uDFFF", r"\x{10000}-\x{10FFFF}")
        .replace(r"\uD83C[\uDC00-\uDFFF]", r"[\x{1F000}-\x{1F3FF}]")
        .replace(r"\uD800-\uDBFF", r"\x{10000}-\x{10FFFF}")
        .replace(r"\uDC00-\uDFFF", r"\x{10000}-\x{10FFFF}")
        .replace(r"\uD800-\uDFFF", r"\x{10000}-\x{10FFFF}")
        // A condition that is repeated is that condition.
        .replace(r"(?!\.)+", r"(?!\.)")
        // S3 Control's own pattern leaves out the ARNs of buckets, by which its documentation tags them:
        // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging.html>
        .replace("arn:[^:]+:s3(express)?:[^:].*", "arn:[^:]+:s3(express)?:.*")
        // Nor does it have the slash in the ARNs of Multi-Region Access Points.
        .replace(r"^[a-zA-Z0-9\:.-]{3,200}$", r"^[a-zA-Z0-9\:./-]{3,200}$");
    // UNVERIFIED: "not blank" also holds of several lines, such as definitions of schemas as people write them.
    if text == r".*\S.*" { format!("(?s:{})", rewrite(&text)) } else { rewrite(&text) }
}

/// What an escape means in Java, where the engine takes it for something else: its short classes are
/// ASCII, and it has POSIX names.
fn java_class(escape: &str) -> Option<&'static str> {
    Some(match escape {
        r"\w" => "[0-9A-Za-z_]",
        r"\W" => "[^0-9A-Za-z_]",
        r"\d" | r"\p{Digit}" => "[0-9]",
        r"\D" => "[^0-9]",
        r"\s" | r"\p{Space}" => r"[ \t\n\x0B\x0C\r]",
        r"\S" => r"[^ \t\n\x0B\x0C\r]",
        r"\p{Alnum}" => "[0-9A-Za-z]",
        r"\p{Alpha}" => "[A-Za-z]",
        r"\p{Upper}" => "[A-Z]",
        r"\p{Lower}" => "[a-z]",
        r"\p{ASCII}" => r"[\x00-\x7F]",
        r"\p{Graph}" => r"[\x21-\x7E]",
        r"\p{Print}" => r"[\x20-\x7E]",
        r"\p{Blank}" => r"[ \t]",
        r"\p{XDigit}" => "[0-9A-Fa-f]",
        r"\p{Punct}" => r"[\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E]",
        r"\p{LD}" => r"[\p{L}\p{Nd}]",
        r"\p{all}" => r"[\x{0}-\x{10FFFF}]",
        r"\p{IsAlphabetic}" => r"[\p{Alphabetic}]",
        r"\p{IsDigit}" => r"[\p{Nd}]",
        r"\p{IsLetter}" => r"[\p{L}]",
        r"\000" => r"\x00",
        r"\037" => r"\x1F",
        r"\Z" => r"\z",
        _ => return None,
    })
}

/// Counts of repetition above which a repetition counts as unbounded: the engine unrolls them, and
/// the shape's greatest length says the same.
const MAX_COUNT: u32 = 100;

/// Replaces Java's classes, escapes what only the engine takes for an operator inside a class, and cuts
/// great counts.
fn rewrite(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let (mut depth, mut after_class) = (0usize, false);
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let mut taken = char.len_utf8();
        let next = rest.get(taken..).and_then(|rest| rest.chars().next());
        let was_after_class = std::mem::take(&mut after_class);
        match char {
            '\\' => {
                taken = escape_length(rest);
                let escape = rest.get(..taken).unwrap_or(rest);
                after_class = matches!(next, Some('w' | 'W' | 'd' | 'D' | 's' | 'S' | 'p' | 'P'));
                out.push_str(java_class(escape).unwrap_or(escape));
            }
            '[' => {
                depth += 1;
                out.push('[');
                if next == Some('^') {
                    taken += 1;
                    out.push('^');
                }
            }
            ']' => {
                depth = depth.saturating_sub(1);
                out.push(']');
            }
            // A class cannot begin a range.
            '-' if depth > 0 && was_after_class && next != Some(']') => out.push_str("\\-"),
            // The engine reads these as set operations, Java as themselves.
            '~' | '-' if depth > 0 && next == Some(char) => {
                out.push('\\');
                out.push(char);
            }
            '{' if depth == 0 => match count(rest) {
                // An anchor that is repeated is that anchor.
                Some((length, ..)) if out.ends_with('$') && !out.ends_with("\\$") => taken = length,
                Some((length, least, most)) if most.is_some_and(|most| most > MAX_COUNT) || least > MAX_COUNT => {
                    taken = length;
                    out.push_str(&format!("{{{},}}", least.min(MAX_COUNT)));
                }
                _ => out.push('{'),
            },
            _ => out.push(char),
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    out
}

/// Length of the escape at the front: `\p{…}` and `\x{…}` are one.
fn escape_length(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    let Some((at, char)) = chars.next() else { return text.len() };
    if char == '0' && text.get(1..4).is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit())) {
        return 4;
    }
    let braced = matches!(char, 'p' | 'P' | 'x') && matches!(chars.next(), Some((_, '{')));
    match text.find('}').filter(|_| braced) {
        Some(end) => end + 1,
        None => at + char.len_utf8(),
    }
}

/// Length, least and most of a `{m,n}` at the front.
fn count(text: &str) -> Option<(usize, u32, Option<u32>)> {
    let inside = text.strip_prefix('{')?;
    let (inside, _) = inside.split_once('}')?;
    let (least, most) = match inside.split_once(',') {
        None => (inside.parse().ok()?, Some(inside.parse().ok()?)),
        Some((least, "")) => (least.parse().ok()?, None),
        Some((least, most)) => (least.parse().ok()?, Some(most.parse().ok()?)),
    };
    Some((inside.len() + 2, least, most))
}
