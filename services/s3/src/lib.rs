//! welkin-s3
