//! Randomness and ids: seeded by the operating system, or by a test.

use std::sync::Mutex;

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};

/// The kernel's source of randomness.
#[derive(Debug)]
pub struct Chance(Mutex<ChaCha20Rng>);

impl Chance {
    /// Seeded by the operating system.
    ///
    /// # Panics
    /// When the operating system gives no randomness: no key or id could be trusted.
    pub fn from_system() -> Self {
        let mut seed = [0; 32];
        // INVARIANT: getrandom(2) on an open system does not fail.
        aws_lc_rs::rand::fill(&mut seed).expect("the operating system gives randomness");
        Self(Mutex::new(ChaCha20Rng::from_seed(seed)))
    }

    /// Repeatable, for tests and simulations.
    pub fn from_seed(seed: u64) -> Self {
        Self(Mutex::new(ChaCha20Rng::seed_from_u64(seed)))
    }

    /// Fills `bytes`.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).fill_bytes(bytes);
    }

    /// Fresh bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A random number below `bound`; 0 if `bound` is 0.
    pub fn below(&self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        u64::from_le_bytes(self.bytes()) % bound
    }

    /// A version 4 UUID. Reference: RFC 9562, section 5.4.
    pub fn uuid(&self) -> String {
        let mut b: [u8; 16] = self.bytes();
        b[6] = b[6] & 0x0f | 0x40;
        b[8] = b[8] & 0x3f | 0x80;
        let h = hex::encode(b);
        format!("{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..])
    }

    /// `length` characters of `alphabet`, each equally likely up to the modulo of a byte.
    pub fn text(&self, length: usize, alphabet: &[u8]) -> String {
        (0..length)
            .map(|_| char::from(alphabet[usize::try_from(self.below(alphabet.len() as u64)).unwrap_or(0)]))
            .collect()
    }

    /// A unique id of IAM's form: `prefix` and 17 characters of base 32, e.g. `AIDA…` and `AROA…`.
    pub fn unique_id(&self, prefix: &str) -> String {
        format!("{prefix}{}", self.text(17, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
    }

    /// Hexadecimal digits, lower case.
    pub fn hex(&self, digits: usize) -> String {
        self.text(digits, b"0123456789abcdef")
    }
}
