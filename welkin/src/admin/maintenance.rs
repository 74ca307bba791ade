//! Sweep and scrub of what is stored; removal from disk of what was deleted.

use http::StatusCode;
use serde_json::json;
use welkin_kernel::Trouble;

use super::{Answer, failed};
use crate::fault::Fault;
use crate::server::Server;

/// Removes the blobs that nothing refers to.
pub(super) async fn sweep(server: &Server) -> Answer {
    if server.kernel.store().is_shared() {
        let fault = Fault::new(
            "the state is shared with other processes, whose calls cannot be waited for",
            "",
            "each process sweeps by itself, a minute after its start and once a day",
        );
        return Err((StatusCode::CONFLICT, fault));
    }
    let swept = server.kernel.sweep().await.map_err(failed)?;
    Ok(json!({ "blobs": swept.blobs, "bytes": swept.bytes }))
}

/// Verifies what is stored, and holds it against what is referred to.
pub(super) async fn scrub(server: &Server) -> Answer {
    let scrubbed = server.kernel.scrub().await.map_err(failed)?;
    let told = |troubles: &[Trouble]| troubles.iter().map(ToString::to_string).collect::<Vec<_>>();
    let orphaned = scrubbed.orphaned.as_ref();
    Ok(json!({
        "blobs": scrubbed.blobs,
        "bytes": scrubbed.bytes,
        "damaged": told(&scrubbed.damaged),
        "lost": told(&scrubbed.lost),
        "orphaned": orphaned.map(|blobs| blobs.iter().map(ToString::to_string).collect::<Vec<_>>()),
        "illegible": scrubbed.illegible,
    }))
}

/// Removes from the store's files what was deleted.
pub(super) async fn expunge(server: &Server) -> Answer {
    if server.kernel.expunge().await.map_err(failed)? {
        return Ok(json!({ "expunged": true }));
    }
    let fault = Fault::new(
        "the state is kept in PostgreSQL, which itself decides when it reuses the space of what was deleted",
        "",
        "run VACUUM FULL on the database, and see to the retention of its write-ahead log and its backups",
    );
    Err((StatusCode::CONFLICT, fault))
}
