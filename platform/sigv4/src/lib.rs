//! welkin-sigv4
