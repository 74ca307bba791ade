//! welkin-gateway
