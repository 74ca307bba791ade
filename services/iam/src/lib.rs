//! welkin-iam
