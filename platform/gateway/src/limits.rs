//! What one client may cost.

use std::time::Duration;

/// Limits of the listener. The defaults suit a machine of developers as well as a CI runner.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a request's head (request line and headers). Beyond: 431. Default 64 KiB.
    pub header_bytes: usize,
    /// Headers of a request. Beyond: 431. Default 200.
    pub headers: usize,
    /// Open connections. Beyond: 503 and the connection is closed. Default 10,000.
    pub connections: usize,
    /// Time from the first byte of a head (or of a TLS handshake) to its last. Beyond: 408. Default 10 s.
    pub head_time: Duration,
    /// Time a connection may stand without a request. Beyond: closed without a word, as RFC 9112
    /// section 9.5 allows. Default 75 s.
    pub idle_time: Duration,
    /// Time without a byte of a body that is being read. Beyond: [`crate::BodyTimeout`], which is 408
    /// where the gateway reads and `RequestTimeout` where S3 does. Default 30 s.
    pub body_stall: Duration,
    /// Time a client may leave an answer unread. Beyond: the connection is dropped. Default 60 s.
    pub write_stall: Duration,
    /// Bytes of a body that the router buffers to find the operation (forms of the query protocols).
    /// Beyond: 413. Default 16 MiB.
    pub buffered_body: usize,
    /// Bodies of known length up to this are read before the handler runs, so that it need not stream.
    /// Default 16 KiB.
    pub eager_body: usize,
    /// Concurrent streams of an HTTP/2 connection. Default 256.
    pub h2_streams: u32,
    /// Streams a client may reset before they were accepted; beyond, the connection is ended with
    /// `ENHANCE_YOUR_CALM` (CVE-2023-44487). Default 32.
    pub h2_pending_resets: usize,
    /// Streams the server resets for the client's protocol errors before it ends the connection. Default 256.
    pub h2_error_resets: usize,
    /// Time in-flight requests are given to finish at shutdown. Default 10 s.
    pub shutdown_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_bytes: 64 << 10,
            headers: 200,
            connections: 10_000,
            head_time: Duration::from_secs(10),
            idle_time: Duration::from_secs(75),
            body_stall: Duration::from_secs(30),
            write_stall: Duration::from_secs(60),
            buffered_body: 16 << 20,
            eager_body: 16 << 10,
            h2_streams: 256,
            h2_pending_resets: 32,
            h2_error_resets: 256,
            shutdown_time: Duration::from_secs(10),
        }
    }
}
