//! Tables of files: each SerDe, partitions and their projection, and files that are not what they should be.

mod bad;
mod hostile;
mod json;
mod kms;
mod lake;
mod parquet;
mod projection;
mod text;
