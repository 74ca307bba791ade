//! welkin-policy
