//! A task: an object of the manifest, and what became of it.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Error, IntoKey, Key, Resource, Result, Scope};

use super::csv;

/// A task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Task {
    pub(super) job: String,
    pub(super) number: u64,
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) outcome: Option<Outcome>,
}

/// What became of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Outcome {
    pub(super) status: u16,
    /// The code of the error; `None` if there was none.
    pub(super) error: Option<String>,
    pub(super) message: String,
}

/// An object that a manifest lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Listed {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) version: Option<String>,
}

impl Resource for Task {
    const KIND: &'static str = "s3/batch-task";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.job, self.number).into_key()
    }
}

impl Outcome {
    /// It is done; `message` is told of it.
    pub(super) fn done(message: impl Into<String>) -> Self {
        Self { status: 200, error: None, message: message.into() }
    }

    /// What a call of S3 answered that did not do it.
    ///
    /// # Errors
    /// What is no answer, or one of those after which S3 is asked again.
    pub(super) fn refused(error: Error) -> Result<Self> {
        match error.answer() {
            Some(answer) if answer.status.is_none_or(|status| status < 500) => Ok(Self {
                status: answer.status.unwrap_or(400),
                error: Some(answer.code.clone().into_owned()),
                message: answer.message.clone(),
            }),
            _ => Err(error),
        }
    }
}

impl Task {
    /// Whether it was done, if it is over.
    pub(super) fn succeeded(&self) -> Option<bool> {
        self.outcome.as_ref().map(|outcome| outcome.error.is_none())
    }

    /// Its row in a completion report.
    ///
    /// The examples of the user guide have the status of HTTP before the code of the error, other than the schema that
    /// the report's manifest names.
    // UNVERIFIED: that keys are encoded as in manifests.
    pub(super) fn reported(&self) -> Option<String> {
        let outcome = self.outcome.as_ref()?;
        let status = if outcome.error.is_none() { "succeeded" } else { "failed" };
        let row = [
            self.bucket.as_str(),
            &csv::encode_key(&self.key),
            self.version.as_deref().unwrap_or_default(),
            status,
            &outcome.status.to_string(),
            outcome.error.as_deref().unwrap_or_default(),
            &outcome.message,
        ];
        Some(csv::line(row))
    }
}
