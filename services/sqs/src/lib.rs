//! welkin-sqs
