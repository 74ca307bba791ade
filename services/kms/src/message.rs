//! Messages that are signed: `Message` and `MessageType` of `Sign` and `Verify`.

use welkin_kernel::{Error, Result};

use crate::algorithm::SigningAlgorithm;
use crate::asymmetric::Message;
use crate::errors::ValidationException;
use crate::key::Key;
use crate::key::spec::Family;
use crate::names::names;

names! {
    /// What a message is.
    #[derive(Default)]
    pub(crate) enum MessageType {
        #[default]
        Raw = "RAW",
        Digest = "DIGEST",
        ExternalMu = "EXTERNAL_MU",
    }
}

impl MessageType {
    /// The message as the key and the algorithm can take it.
    ///
    /// # Errors
    /// `ValidationException`: they cannot, or it has the wrong length.
    pub(crate) fn read<'a>(self, message: &'a [u8], key: &Key, algorithm: SigningAlgorithm) -> Result<Message<'a>> {
        match (self, key.spec.family()) {
            // UNVERIFIED: the wording, for Ed25519 and EXTERNAL_MU.
            (Self::Raw, _) if algorithm != SigningAlgorithm::Ed25519Ph => Ok(Message::Raw(message)),
            (Self::Digest, _) => match algorithm.digest() {
                Some(hash) if hash.output_len() == message.len() => Ok(Message::Digest(message)),
                Some(_) => Err(ValidationException::because(format!(
                    "Digest is invalid length for algorithm {}.",
                    algorithm.name()
                ))),
                None => Err(self.incompatible(key, algorithm)),
            },
            (Self::ExternalMu, Family::MlDsa) => match message.try_into() {
                Ok(mu) => Ok(Message::ExternalMu(mu)),
                Err(_) => Err(ValidationException::because("The message of type EXTERNAL_MU must be 64 bytes long.")),
            },
            _ => Err(self.incompatible(key, algorithm)),
        }
    }

    fn incompatible(self, key: &Key, algorithm: SigningAlgorithm) -> Error {
        let (name, what) = match key.spec.family() {
            Family::Ecc if algorithm.name().starts_with("ED25519") => ("signing algorithm", algorithm.name()),
            _ => ("key spec", key.spec.name()),
        };
        ValidationException::because(format!("Message type {} is incompatible with {name} {what}.", self.name()))
    }
}
