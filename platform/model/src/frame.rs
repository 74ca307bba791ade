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
