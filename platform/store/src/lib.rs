//! welkin-store
