//! What was derived from stored state, kept in memory.

use std::collections::HashMap;
use std::sync::Mutex;

/// A bounded cache of what was derived from stored state: each value holds for one stamp of that state.
///
/// The state's owner keeps a row with a stamp that every change draws anew at random. A call reads that
/// row, so a change conflicts with it; if the stamp is the one a value was kept under, the value is current.
pub struct StampCache<V> {
    half: usize,
    generations: Mutex<Generations<V>>,
}

/// Values that were used lately, and those that were before; the latter are dropped when the former are many.
struct Generations<V> {
    young: HashMap<Box<str>, (u64, V)>,
    old: HashMap<Box<str>, (u64, V)>,
}

impl<V: Clone> StampCache<V> {
    /// A cache of `most` values.
    pub fn new(most: usize) -> Self {
        let generations = Generations { young: HashMap::new(), old: HashMap::new() };
        Self { half: (most / 2).max(1), generations: Mutex::new(generations) }
    }

    /// The value of `key`, if it was kept under this stamp.
    pub fn get(&self, key: &str, stamp: u64) -> Option<V> {
        let mut generations = self.lock();
        if let Some((kept, value)) = generations.young.get(key) {
            return (*kept == stamp).then(|| value.clone());
        }
        let (key, (kept, value)) = generations.old.remove_entry(key)?;
        if kept != stamp {
            return None;
        }
        self.insert(&mut generations, key, (kept, value.clone()));
        Some(value)
    }

    /// Keeps the value of `key` under this stamp.
    pub fn put(&self, key: &str, stamp: u64, value: V) {
        let mut generations = self.lock();
        generations.old.remove(key);
        self.insert(&mut generations, key.into(), (stamp, value));
    }

    fn insert(&self, generations: &mut Generations<V>, key: Box<str>, value: (u64, V)) {
        if generations.young.len() >= self.half {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(key, value);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Generations<V>> {
        self.generations.lock().unwrap_or_else(|e| e.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_holds_for_its_stamp_only() {
        let cache = StampCache::new(8);
        cache.put("a", 1, "one");
        assert_eq!((cache.get("a", 1), cache.get("a", 2), cache.get("b", 1)), (Some("one"), None, None));
        cache.put("a", 2, "two");
        assert_eq!((cache.get("a", 1), cache.get("a", 2)), (None, Some("two")));
    }

    #[test]
    fn it_is_bounded_and_keeps_what_is_used() {
        let cache = StampCache::new(8);
        for n in 0..100 {
            cache.put("used", 1, 0);
            cache.put(&n.to_string(), 1, n);
            assert_eq!(cache.get("used", 1), Some(0));
        }
        let kept = (0..100).filter(|n| cache.get(&n.to_string(), 1).is_some()).count();
        assert!(kept < 8, "{kept}");
    }
}
