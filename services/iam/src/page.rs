//! Listings in pages: `Marker` and `MaxItems`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use welkin_kernel::{Cx, IntoKey, Key, Page, Place, Resource, Result};

use crate::errors::ValidationError;

/// Items of a page unless the caller says otherwise.
const USUAL: u32 = 100;

/// Rows read at once.
const BATCH: usize = 200;

/// Which page the caller wants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) marker: Option<&'a str>,
    pub(crate) max_items: Option<u32>,
}

/// A page, and the marker of the next one if there is one.
#[derive(Debug)]
pub(crate) struct Paged<T> {
    pub(crate) items: Vec<T>,
    pub(crate) marker: Option<String>,
}

impl<T> Paged<T> {
    /// The page with other items.
    pub(crate) fn map<U>(self, change: impl FnMut(T) -> U) -> Paged<U> {
        Paged { items: self.items.into_iter().map(change).collect(), marker: self.marker }
    }

    /// Whether there is another page.
    pub(crate) fn is_truncated(&self) -> bool {
        self.marker.is_some()
    }
}

impl Wanted<'_> {
    fn limit(&self) -> usize {
        self.max_items.unwrap_or(USUAL) as usize
    }

    /// Where the page begins: after the item with this name.
    fn after(&self) -> Result<Option<String>> {
        let Some(marker) = self.marker else { return Ok(None) };
        let decoded = BASE64.decode(marker).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        decoded.map(Some).ok_or_else(|| ValidationError::because("Invalid Marker."))
    }

    /// A page of the rows under `prefix` that `keep` accepts. `name` is the text by which a row's key can be made
    /// again with `key`.
    pub(crate) async fn rows<R: Resource>(
        &self,
        cx: &mut Cx,
        place: Place,
        prefix: impl IntoKey + Copy,
        name: impl Fn(&R) -> String,
        key: impl Fn(&str) -> Key,
        keep: impl Fn(&R) -> bool,
    ) -> Result<Paged<R>> {
        let mut after = self.after()?.map(|name| key(&name));
        let mut items = Vec::new();
        loop {
            let batch = cx.list::<R>(place, prefix, Page::of(BATCH, after.as_ref())).await?;
            let last = batch.len() < BATCH;
            after = batch.last().map(Resource::key);
            for row in batch.into_iter().filter(&keep) {
                if items.len() == self.limit() {
                    let marker = items.last().map(|row| BASE64.encode(name(row)));
                    return Ok(Paged { items, marker });
                }
                items.push(row);
            }
            if last {
                return Ok(Paged { items, marker: None });
            }
        }
    }

    /// A page of items that are at hand, sorted by `name`.
    pub(crate) fn of<T>(&self, mut items: Vec<T>, name: impl Fn(&T) -> String) -> Result<Paged<T>> {
        items.sort_by_cached_key(&name);
        if let Some(after) = self.after()? {
            items.retain(|item| name(item) > after);
        }
        let more = items.len() > self.limit();
        items.truncate(self.limit());
        let marker = items.last().filter(|_| more).map(|item| BASE64.encode(name(item)));
        Ok(Paged { items, marker })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn pages_follow_on_each_other_and_hold_everything_once() {
        let all: Vec<String> = (0..25).map(|n| format!("item-{n:02}")).collect();
        let (mut seen, mut marker) = (Vec::new(), None::<String>);
        loop {
            let wanted = Wanted { marker: marker.as_deref(), max_items: Some(10) };
            let page = wanted.of(all.iter().rev().cloned().collect(), String::clone).unwrap();
            seen.extend(page.items);
            marker = page.marker;
            if marker.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn a_marker_that_is_none_is_refused() {
        let wanted = Wanted { marker: Some("%%%"), max_items: None };
        assert!(wanted.of(vec![String::new()], String::clone).unwrap_err().is("ValidationError"));
    }
}
