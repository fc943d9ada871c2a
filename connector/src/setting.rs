//! The settings without which nothing works, by name.

use std::fmt;

/// A setting that every connector of its kind needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Setting {
    /// The client id.
    ClientId,
    /// v3's client secret.
    ClientSecret,
    /// The callback.
    RedirectUri,
    /// What v3 is asked for.
    Attributes,
    /// What FAPI, or the API before it, is asked for.
    Scope,
    /// What a person reads of v3's consent.
    Purpose,
    /// Whom v3's documents are signed by.
    MyinfoKey,
    /// The key with which v3's requests are signed, and for which its documents are encrypted.
    PrivateKey,
    /// The Singpass e-service id of v3's government.
    EserviceId,
    /// The key with which client assertions are signed.
    SigningKey,
    /// The key for which documents are encrypted.
    EncryptionKey,
}

impl fmt::Display for Setting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::ClientId => "the client id",
            Self::ClientSecret => "the client secret",
            Self::RedirectUri => "the redirect URI",
            Self::Attributes => "the list of attributes",
            Self::Scope => "the scope",
            Self::Purpose => "the purpose",
            Self::MyinfoKey => "Myinfo's certificate or public key",
            Self::PrivateKey => "the private key",
            Self::EserviceId => "the e-service id, which government needs,",
            Self::SigningKey => "the signing key",
            Self::EncryptionKey => "the encryption key",
        })
    }
}
