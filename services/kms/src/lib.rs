//! welkin-kms
