//! Why calls were allowed or denied: kept for the latest calls, for `welkin explain`.

use std::collections::VecDeque;
use std::sync::Mutex;

use serde::Serialize;
use welkin_policy::Decision;

use crate::Timestamp;

/// One decision of a call, or of a call nested in it.
#[derive(Clone, Debug, Serialize)]
pub struct DecisionRecord {
    /// Id of the request from outside.
    pub request_id: String,
    /// When.
    pub time: Timestamp,
    /// The caller: ARN or name.
    pub principal: String,
    /// Service that called for the principal, in a nested call.
    pub via: Option<&'static str>,
    /// Action, e.g. `kms:Decrypt`.
    pub action: String,
    /// Resource.
    pub resource: String,
    /// What was decided, and by which policy and statement. Of a denial also how every policy fared; statements
    /// about other actions are left out.
    pub decision: Decision,
    /// Of a denial, what would allow it, each in words; all of it is needed.
    pub advice: Vec<String>,
}

/// Decisions kept: those of the latest calls of this process.
pub const KEPT: usize = 10_000;

#[derive(Default)]
pub(crate) struct Decisions(Mutex<VecDeque<DecisionRecord>>);

impl Decisions {
    pub(crate) fn push(&self, record: DecisionRecord) {
        let mut kept = self.0.lock().unwrap_or_else(|e| e.into_inner());
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back(record);
    }

    pub(crate) fn of(&self, request_id: &str) -> Vec<DecisionRecord> {
        let kept = self.0.lock().unwrap_or_else(|e| e.into_inner());
        kept.iter().filter(|record| record.request_id == request_id).cloned().collect()
    }
}

impl crate::Kernel {
    /// The decisions of a request, in order; empty if it demanded nothing, or is too long ago.
    pub fn decisions(&self, request_id: &str) -> Vec<DecisionRecord> {
        self.decisions.of(request_id)
    }
}
