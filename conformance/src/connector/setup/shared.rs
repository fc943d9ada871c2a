//! The members of a setup that every profile has, and key material as drivers ask for it.

use serde::{Deserialize, Serialize};

/// What every profile has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Common {
    /// The server's address, without the path of a profile.
    pub base_url: String,
    /// The client id.
    pub client_id: String,
    /// The callback, as registered.
    pub redirect_uri: String,
    /// The accepted issuer of tokens.
    pub issuer: String,
    /// The authority of the server's TLS, as PEM, where the base URL is https.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// How long the connector may wait for an answer of the server, in seconds, where a case bounds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u64>,
}

/// Key material in the format that the driver asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyMaterial {
    /// The format's name.
    pub format: String,
    /// The text, for formats that are text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The bytes in Base64, for formats that are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// The passphrase, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<String>,
}
