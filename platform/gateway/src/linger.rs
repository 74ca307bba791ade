//! Closing a connection so that the last answer arrives.
//!
//! A socket that is closed while bytes of the client are unread is reset, and the client may lose
//! what was written to it before. So the server closes its half and reads on for a moment (RFC 9112,
//! section 9.6).

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

/// How long a farewell may take.
pub(crate) const FAREWELL: Duration = Duration::from_secs(1);

/// Writes `last`, and closes.
pub(crate) async fn close<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, last: &str) {
    let farewell = async {
        stream.write_all(last.as_bytes()).await?;
        stream.shutdown().await?;
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await
    };
    // Whoever does not take the farewell in time is left.
    let _ = tokio::time::timeout(FAREWELL, farewell).await;
}
