//! welkin-organizations
