//! welkin-cloudtrail
