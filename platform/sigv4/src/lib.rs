//! AWS signatures, as servers need them: found in a request ([`present`]), verified ([`verify`]), while a body streams
//! too ([`ChunkDecoder`], [`EventVerifier`]), in browsers' forms ([`post_policy`]), and answered as each service does
//! when they are wrong ([`answer`]). And a signer ([`sign`]).
//!
//! Nothing here reads a clock, a socket or a store: time, secrets and requests are parameters.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>

mod answer;
mod canonical;
mod chunk_decoder;
mod chunk_signer;
mod chunk_string;
mod claim;
mod ecdsa;
mod encoding;
mod error;
mod event_verifier;
mod hash;
mod header;
mod payload;
pub mod post_policy;
mod presigned;
mod request;
mod rules;
mod scope;
mod secret;
pub mod sign;
mod signing_key;
mod time;
mod verify;

pub use answer::{Answer, Family, Protocol, answer};
pub use canonical::Style;
pub use chunk_decoder::ChunkDecoder;
pub use chunk_signer::ChunkSigner;
pub use claim::{Claim, Presented, present};
pub use error::{Error, ErrorKind, Location, Mismatch, PostError};
pub use event_verifier::EventVerifier;
pub use hash::sha256;
pub use payload::Payload;
pub use request::RequestView;
pub use rules::Rules;
pub use scope::{Algorithm, Scope};
pub use secret::{Credentials, Secret};
pub use signing_key::{KeyCache, SigningKey};
pub use verify::{Body, Seed, Verified, check_sha256, verify};
