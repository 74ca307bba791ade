//! Where members stand in HTTP messages: labels, query strings, headers.

pub(crate) mod headers;
pub(crate) mod labels;
