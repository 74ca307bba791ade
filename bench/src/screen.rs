//! What the benchmark tells whoever runs it.

use std::io::Write;

/// A line of the result.
pub(crate) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody is left to be told if the reader went away.
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

/// A line on how it goes.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
