//! What a test can do to a store in memory.

use super::{Dice, Faults, Memory};
use crate::{Durability, Store, engine::Engine, watch::Hub};
use std::sync::{Arc, PoisonError, atomic::Ordering};

/// The other end of a store in memory: the power switch. See [`Store::simulated`].
#[derive(Debug, Clone)]
pub struct Simulation {
    memory: Memory,
}

impl Simulation {
    pub(crate) fn of(memory: Memory) -> Self {
        Self { memory }
    }

    #[cfg(test)]
    pub(super) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Makes every commit so far survive a crash. With [`Durability::Fsync`] each acknowledged commit already does.
    pub fn sync(&self) {
        let mut state = self.memory.0.write();
        state.synced = state.version;
    }

    /// Ends the store, its open transactions and all its clones, and starts another from what was durable:
    /// commits after the last durable one are lost.
    #[must_use]
    pub fn crash(&self) -> (Store, Simulation) {
        let shared = &self.memory.0;
        let state = shared.write();
        shared.crashed.store(true, Ordering::Release);
        let copy = self.copy(state.map.as_of(state.synced), state.version, shared.durability);
        shared.hub.changed_all();
        copy
    }

    /// Another store with the same data, which goes its own way.
    #[must_use]
    pub fn fork(&self) -> (Store, Simulation) {
        let state = self.memory.0.write();
        self.copy(state.map.as_of(state.version), state.version, self.memory.0.durability)
    }

    /// Changes the faults from now on.
    pub fn set_faults(&self, faults: Faults) {
        *self.memory.0.dice.lock().unwrap_or_else(PoisonError::into_inner) = Dice::new(faults);
    }

    fn copy(&self, map: super::Map, version: u64, durability: Durability) -> (Store, Simulation) {
        let hub = Arc::new(Hub::default());
        let dice = self.memory.0.dice.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let memory = Memory::restore(map, version, durability, dice, hub.clone());
        (Store::new(Engine::Memory(memory.clone()), hub), Simulation { memory })
    }
}
