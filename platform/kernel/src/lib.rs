//! welkin-kernel
