//! Faults on purpose.

/// How often which fault is injected, and the seed that decides when. Rates are between 0 and 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Faults {
    /// Decides which calls fail. The same calls with the same seed fail again.
    pub seed: u64,
    /// Commits that fail with [`Error::Conflict`](crate::Error::Conflict) though nothing conflicts.
    pub conflict_rate: f64,
    /// Commits that fail with [`Error::Unavailable`](crate::Error::Unavailable).
    pub error_rate: f64,
    /// Commits that fail with [`Error::CommitUnknown`](crate::Error::CommitUnknown). Half of them happened.
    pub unknown_rate: f64,
    /// Reads that fail with [`Error::Unavailable`](crate::Error::Unavailable).
    pub read_error_rate: f64,
}

/// A fault that has been decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Conflict,
    Fail,
    /// The commit does not happen, and nobody knows.
    LoseRequest,
    /// The commit happens, and nobody knows.
    LoseAnswer,
}

/// A sequence of faults: SplitMix64 over the seed (Steele, Lea and Flood, 2014).
#[derive(Debug, Clone)]
pub(super) struct Dice {
    pub(super) faults: Faults,
    state: u64,
}

impl Dice {
    pub(super) fn new(faults: Faults) -> Self {
        Self { faults, state: faults.seed }
    }

    pub(super) fn commit(&mut self) -> Option<Fault> {
        let faults = self.faults;
        if faults.conflict_rate + faults.error_rate + faults.unknown_rate <= 0.0 {
            return None;
        }
        let thrown = self.throw();
        let conflict = faults.conflict_rate;
        let fail = conflict + faults.error_rate;
        let request = fail + faults.unknown_rate / 2.0;
        match thrown {
            _ if thrown < conflict => Some(Fault::Conflict),
            _ if thrown < fail => Some(Fault::Fail),
            _ if thrown < request => Some(Fault::LoseRequest),
            _ if thrown < fail + faults.unknown_rate => Some(Fault::LoseAnswer),
            _ => None,
        }
    }

    pub(super) fn read(&mut self) -> Option<Fault> {
        (self.faults.read_error_rate > 0.0 && self.throw() < self.faults.read_error_rate).then_some(Fault::Fail)
    }

    /// A number from 0 to 1.
    fn throw(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    }
}
