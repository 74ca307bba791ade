//! Patterns that JSON documents match or do not: the language of SNS's filter policies and of EventBridge's rules.
//!
//! A pattern is a JSON object. Each of its keys must be in the document, with a value that one of the key's matchers
//! accepts; objects nest; `$or` needs one of several. References:
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html>,
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>.
//!
//! ```
//! let pattern = welkin_patterns::Pattern::parse(r#"{"price":[{"numeric":[">",0,"<=",150]}],"store":["a"]}"#)?;
//! assert!(pattern.matches(&serde_json::json!({ "price": 99.5, "store": ["a", "b"] })));
//! assert!(!pattern.matches(&serde_json::json!({ "price": 99.5 })));
//! # Ok::<(), welkin_patterns::Fault>(())
//! ```

mod cidr;
mod complexity;
mod dialect;
mod index;
mod matcher;
mod number;
mod parse;
mod pattern;
mod wildcard;

pub use complexity::Complexity;
pub use dialect::Dialect;
pub use index::Index;
pub use parse::Fault;
pub use pattern::Pattern;
