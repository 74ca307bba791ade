//! welkin-blob
