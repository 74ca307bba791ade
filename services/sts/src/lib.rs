//! welkin-sts
