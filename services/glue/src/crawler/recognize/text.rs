//! The beginning of a file, as text.

/// The beginning of a file.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    text: String,
    /// Whether the file goes on.
    cut: bool,
}

impl Text {
    /// Of bytes; `None` if they are no text in UTF-8.
    pub(crate) fn of(bytes: Vec<u8>, cut: bool) -> Option<Self> {
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                // A character may be cut, too.
                let valid = error.utf8_error();
                let mut bytes = (cut && valid.error_len().is_none()).then(|| error.into_bytes())?;
                bytes.truncate(valid.valid_up_to());
                String::from_utf8(bytes).ok()?
            }
        };
        if text.contains('\0') {
            return None;
        }
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        };
        Some(Self { text, cut })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.cut
    }

    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// The lines that are there as a whole, without empty ones.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        let end = match self.cut {
            true => self.text.rfind('\n').map_or(0, |end| end + 1),
            false => self.text.len(),
        };
        self.text.get(..end).unwrap_or_default().lines().filter(|line| !line.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_utf8_has_without_nul() {
        let text = |bytes: &[u8], cut| Text::of(bytes.to_vec(), cut);
        assert!(text(b"a\0b", false).is_none());
        assert!(text(&[0xff, 0xfe], false).is_none());
        assert!(text("ä".as_bytes().get(..1).expect("a byte"), false).is_none());
        let cut = text("a\nä".as_bytes().get(..3).expect("bytes"), true).expect("a text");
        assert_eq!(cut.as_str(), "a\n");
        assert_eq!(text("\u{feff}a".as_bytes(), false).expect("a text").as_str(), "a");
    }

    #[test]
    fn a_line_that_is_cut_is_none() {
        let lines = |text: &str, cut| {
            let text = Text::of(text.as_bytes().to_vec(), cut).expect("a text");
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(lines("a\n\nb\r\nc", false), ["a", "b", "c"]);
        assert_eq!(lines("a\nb\nc", true), ["a", "b"]);
        assert!(lines("abc", true).is_empty());
    }
}
