//! The kinds of keys that are wanted, and why key material could not be used.

use super::form::Form;
use openssl::pkey::Id;

/// The kind of key that a caller needs, and who needs it: the messages name both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) kind: Kind,
    /// The profile that uses the key: `Myinfo v3`.
    pub(crate) by: &'static str,
}

/// A kind of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// RSA with so many bits at least.
    Rsa { bits: u32 },
}

/// Why key material could not be used. The texts name what was found and what belongs there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum KeyError {
    /// A private key stands where only a public one is needed.
    #[error(
        "this is a private key ({found}); a certificate or public key belongs here: keep the private key in the connector"
    )]
    PrivateInsteadOfPublic {
        /// What was found.
        found: String,
    },
    /// A certificate or public key stands where a private key is needed.
    #[error("this is a {found}; the private key that belongs to it is needed here")]
    PublicInsteadOfPrivate {
        /// What was found.
        found: String,
    },
    /// The private key is encrypted and no passphrase was given.
    #[error("this private key is encrypted ({found}) and no passphrase was given: set `passphrase`")]
    PassphraseMissing {
        /// What was found.
        found: String,
    },
    /// The passphrase does not open the key.
    #[error("the passphrase does not open this key ({found})")]
    PassphraseWrong {
        /// What was found.
        found: String,
    },
    /// A certificate signing request.
    #[error("this is a certificate signing request; the certificate that came back for it belongs here")]
    SigningRequest,
    /// Another kind of key than the one that is needed.
    #[error("this is an {found} key; {by} uses RSA keys of {bits} bits or more")]
    NotRsa {
        /// The kind of key.
        found: &'static str,
        /// Who needs it.
        by: &'static str,
        /// The size that is needed.
        bits: u32,
    },
    /// Too short.
    #[error("this RSA key has {found} bits; {by} wants {bits} or more")]
    TooShort {
        /// The size of the key.
        found: u32,
        /// Who needs it.
        by: &'static str,
        /// The size that is needed.
        bits: u32,
    },
    /// The form of another tool, or PEM that was damaged on its way.
    #[error("{0}")]
    Form(Form),
    /// None of the known formats.
    #[error("this is no key or certificate in a known format (PEM, DER, PKCS#12 or JWK){detail}")]
    Unknown {
        /// What was noticed, or nothing.
        detail: String,
    },
    /// Key and certificate do not belong together.
    #[error("the private key does not belong to the certificate: their public keys differ")]
    Mismatch,
}

impl Wanted {
    pub(super) fn check(self, id: Id, size: u32) -> Result<(), KeyError> {
        let Kind::Rsa { bits } = self.kind;
        match id {
            Id::RSA if size >= bits => Ok(()),
            Id::RSA => Err(KeyError::TooShort { found: size, by: self.by, bits }),
            Id::EC => Err(self.other("EC")),
            Id::ED25519 | Id::ED448 => Err(self.other("EdDSA")),
            _ => Err(self.other("unfamiliar")),
        }
    }

    pub(super) const fn other(self, found: &'static str) -> KeyError {
        let Kind::Rsa { bits } = self.kind;
        KeyError::NotRsa { found, by: self.by, bits }
    }
}
