//! Reads the compact frames that `cargo xtask` writes (`xtask/src/pack.rs`).
//!
//! A frame is a table of strings followed by a body of varints. In the body 0 is "no string" and
//! n is string n-1. Strings are slices of the frame, which lives as long as the program.

/// The embedded facts are not what this program was built to read.
#[derive(Debug)]
pub(crate) struct Corrupt;

/// Result of reading.
pub(crate) type Read<T> = Result<T, Corrupt>;

/// A frame being read.
pub(crate) struct Frame {
    strings: Vec<&'static str>,
    body: &'static [u8],
}

impl Frame {
    /// Opens a frame: takes its strings apart.
    pub(crate) fn open(bytes: &'static [u8]) -> Read<Frame> {
        let mut frame = Frame { strings: Vec::new(), body: bytes };
        let lengths = frame.many(Frame::count)?;
        let total = lengths.iter().try_fold(0_usize, |sum, length| sum.checked_add(*length)).ok_or(Corrupt)?;
        let mut text = std::str::from_utf8(frame.take(total)?).map_err(|_| Corrupt)?;
        frame.strings.reserve_exact(lengths.len());
        for length in lengths {
            let (string, rest) = text.split_at_checked(length).ok_or(Corrupt)?;
            frame.strings.push(string);
            text = rest;
        }
        Ok(frame)
    }

    fn take(&mut self, length: usize) -> Read<&'static [u8]> {
        let (taken, rest) = self.body.split_at_checked(length).ok_or(Corrupt)?;
        self.body = rest;
        Ok(taken)
    }

    /// A number in LEB128.
    pub(crate) fn number(&mut self) -> Read<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.body.split_first().ok_or(Corrupt)?;
            self.body = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Corrupt)
    }

    /// A number that fits the type asked for.
    pub(crate) fn narrow<T: TryFrom<u64>>(&mut self) -> Read<T> {
        T::try_from(self.number()?).map_err(|_| Corrupt)
    }

    /// A count or an index.
    pub(crate) fn count(&mut self) -> Read<usize> {
        self.narrow()
    }

    /// A double.
    pub(crate) fn double(&mut self) -> Read<f64> {
        let bytes = self.take(8)?.try_into().map_err(|_| Corrupt)?;
        Ok(f64::from_le_bytes(bytes))
    }

    /// A string or none.
    pub(crate) fn maybe(&mut self) -> Read<Option<&'static str>> {
        match self.count()?.checked_sub(1) {
            None => Ok(None),
            Some(number) => self.strings.get(number).copied().map(Some).ok_or(Corrupt),
        }
    }

    /// A string.
    pub(crate) fn string(&mut self) -> Read<&'static str> {
        self.maybe()?.ok_or(Corrupt)
    }

    /// A counted list.
    pub(crate) fn many<T>(&mut self, mut one: impl FnMut(&mut Frame) -> Read<T>) -> Read<Vec<T>> {
        let count = self.count()?;
        // An item is at least one byte long: a count that the body cannot hold reserves nothing.
        let mut items = Vec::with_capacity(count.min(self.body.len()));
        for _ in 0..count {
            items.push(one(self)?);
        }
        Ok(items)
    }

    /// A list of strings.
    pub(crate) fn list(&mut self) -> Read<Vec<&'static str>> {
        self.many(Frame::string)
    }

    /// Booleans, as the bits of one number.
    pub(crate) fn flags(&mut self) -> Read<Flags> {
        self.number().map(Flags)
    }

    /// Whether everything was read.
    pub(crate) fn is_finished(&self) -> bool {
        self.body.is_empty()
    }
}

/// Booleans, taken one after the other.
pub(crate) struct Flags(u64);

impl Flags {
    /// The next boolean.
    pub(crate) fn next(&mut self) -> bool {
        let bit = self.0 & 1 == 1;
        self.0 >>= 1;
        bit
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Frame;

    /// Strings "ab" and "c", then the body.
    const STRINGS: &[u8] = &[2, 2, 1, b'a', b'b', b'c'];

    fn frame(body: &[u8]) -> Frame {
        Frame::open([STRINGS, body].concat().leak()).unwrap()
    }

    #[test]
    fn reads_what_was_written() {
        let mut frame = frame(&[1, 2, 0, 0xac, 0x02, 0b101, 2, 2, 1]);
        assert_eq!(frame.string().unwrap(), "ab");
        assert_eq!(frame.maybe().unwrap(), Some("c"));
        assert_eq!(frame.maybe().unwrap(), None);
        assert_eq!(frame.number().unwrap(), 300);
        let mut flags = frame.flags().unwrap();
        assert_eq!([flags.next(), flags.next(), flags.next(), flags.next()], [true, false, true, false]);
        assert_eq!(frame.list().unwrap(), ["c", "ab"]);
        assert!(frame.is_finished());
    }

    #[test]
    fn refuses_what_is_cut_short_or_out_of_range() {
        assert!(frame(&[3]).string().is_err(), "a third string");
        assert!(frame(&[0]).string().is_err(), "no string where one is needed");
        assert!(frame(&[]).number().is_err());
        assert!(frame(&[0x80]).number().is_err(), "a number that does not end");
        assert!(frame(&[0xff; 11]).number().is_err(), "a number that is too long");
        assert!(frame(&[0x80, 0x08]).narrow::<u8>().is_err());
        assert!(frame(&[0xff, 0xff, 0xff, 0xff, 0x0f, 1]).list().is_err(), "a list longer than the frame");
        assert!(frame(&[0; 7]).double().is_err());
        assert!(Frame::open(&[1, 5, b'a']).is_err(), "a string longer than the frame");
        assert!(Frame::open(&[1, 1, 0xff]).is_err(), "a string that is not UTF-8");
        assert!(Frame::open(&[2, 1, 2, 0xc3, 0xa4, b'a']).is_err(), "a string that ends inside a character");
    }
}
