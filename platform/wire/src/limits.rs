//! Limits that hold for every parser.

/// Depth to which bodies may nest. AWS services stop between 32 (DynamoDB) and about 100 levels; no
/// model needs more, and every reader here recurses once per level, so the stack stays small.
pub const MAX_DEPTH: usize = 100;

/// Number of parameters of a form or query string. EC2's largest requests stay far below it.
pub const MAX_PARAMETERS: usize = 100_000;
