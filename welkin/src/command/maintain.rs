//! Commands that look after the stored bytes of a running Welkin.

use clap::Args;
use http::Method;
use serde_json::Value as Json;

use super::{Target, block_on};
use crate::fault::Fault;
use crate::{admin_client, screen};

/// Remove the stored bytes that nothing refers to.
#[derive(Args, Debug)]
pub(crate) struct Sweep {
    #[command(flatten)]
    target: Target,
}

impl Sweep {
    pub(crate) fn run(self) -> Result<(), Fault> {
        let swept = block_on(admin_client::json(&self.target, Method::POST, "sweep", None))?;
        let told = format!("{} blobs, {} bytes are removed", swept["blobs"], swept["bytes"]);
        screen::line(&if self.target.json { swept.to_string() } else { told });
        Ok(())
    }
}

/// Verify everything that is stored: that all of it is there, intact, and needed.
#[derive(Args, Debug)]
pub(crate) struct Scrub {
    #[command(flatten)]
    target: Target,
}

impl Scrub {
    pub(crate) fn run(self) -> Result<(), Fault> {
        let scrubbed = block_on(admin_client::json(&self.target, Method::POST, "scrub", None))?;
        let list = |name: &str| scrubbed[name].as_array().into_iter().flatten().filter_map(Json::as_str);
        let told = format!("{} blobs, {} bytes are read", scrubbed["blobs"], scrubbed["bytes"]);
        let orphaned = match list("orphaned").count() {
            0 => String::new(),
            count => format!("; nothing refers to {count} of the blobs: 'welkin sweep' removes them"),
        };
        screen::line(&if self.target.json { scrubbed.to_string() } else { told + &orphaned });
        let bad: Vec<String> = ["lost", "damaged", "illegible"]
            .iter()
            .flat_map(|name| list(name).map(move |what| format!("{name}: {what}")))
            .collect();
        if bad.is_empty() {
            return Ok(());
        }
        Err(Fault::new(
            "some of what is stored is damaged or lost",
            bad.join("; "),
            "export what can still be read, look after the disk, and write the rest again",
        ))
    }
}

/// Remove from disk what was deleted: until then it is left in files that nothing reads any more.
#[derive(Args, Debug)]
pub(crate) struct Expunge {
    #[command(flatten)]
    target: Target,
}

impl Expunge {
    pub(crate) fn run(self) -> Result<(), Fault> {
        let expunged = block_on(admin_client::json(&self.target, Method::POST, "expunge", None))?;
        let told = "what was deleted is in no file of the state any more".to_owned();
        screen::line(&if self.target.json { expunged.to_string() } else { told });
        Ok(())
    }
}
