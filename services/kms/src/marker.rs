//! Markers of listings: where the next page begins.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use welkin_kernel::Result;

use crate::errors::InvalidMarkerException;

/// The marker for what comes after the item named `last`.
pub(crate) fn after(last: &str) -> String {
    URL_SAFE_NO_PAD.encode(last)
}

/// The item after which a page begins.
pub(crate) fn read(marker: Option<&str>) -> Result<Option<String>> {
    let Some(marker) = marker else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(marker).map_err(|_| InvalidMarkerException)?;
    Ok(Some(String::from_utf8(bytes).map_err(|_| InvalidMarkerException)?))
}

/// A page of `limit` items out of what a listing for `limit + 1` found, and the marker of the next one.
pub(crate) fn page<T>(mut items: Vec<T>, limit: usize, name: impl Fn(&T) -> &str) -> (Vec<T>, Option<String>) {
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|item| after(name(item)));
    (items, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_with_a_marker_only_if_there_is_more() {
        let (page_, next) = page(vec!["a", "b", "c"], 2, |s| s);
        assert_eq!(page_, ["a", "b"]);
        assert_eq!(read(next.as_deref()).ok().flatten().as_deref(), Some("b"));
        assert_eq!(page(vec!["a", "b"], 2, |s| s).1, None);
        assert!(read(Some("%")).is_err_and(|e| e.is("InvalidMarkerException")));
    }
}
