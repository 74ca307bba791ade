//! Numbers that look random and are the same in every run.

/// A sequence of numbers (SplitMix64), which a table's row and nothing else decides.
pub(crate) struct Chance(u64);

impl Chance {
    /// The sequence of a row of a table.
    pub(crate) fn of(table: u64, row: u64) -> Self {
        let mut chance = Self(table.wrapping_mul(0xd134_2543_de82_ef95) ^ row.wrapping_mul(0xaf25_1af3_b0f0_25b5));
        // The first numbers of neighbours are alike before they have been mixed once.
        chance.0 = chance.next();
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let n = self.0;
        let n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        n ^ n >> 31
    }

    /// A number between these, both included.
    pub(crate) fn between(&mut self, least: i64, most: i64) -> i64 {
        let span = most.saturating_sub(least).unsigned_abs() + 1;
        least + (self.next() % span) as i64
    }

    /// One of these.
    pub(crate) fn pick(&mut self, words: &[&'static str]) -> &'static str {
        let at = self.next() as usize % words.len().max(1);
        words.get(at).copied().unwrap_or_default()
    }

    /// A text of letters, digits, comma and space, between these lengths: the specification's "random v-string".
    pub(crate) fn letters(&mut self, least: i64, most: i64) -> String {
        const OF: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ, ";
        let length = self.between(least, most);
        (0..length).map(|_| char::from(OF[self.next() as usize % OF.len()])).collect()
    }
}
