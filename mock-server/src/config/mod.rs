//! What a server is configured with: parsed once at the edge, not re-checked inside.

pub(crate) mod file;
pub(crate) mod reader;
mod samples;
mod v3;

use crate::http::pairs::Repeats;
use crate::jose::jwk::thumbprint;
use crate::jose::key::{Kind, PublicMaterial, Wanted};
use crate::refusal::CodeType;
use crate::tls::authority::Identity;
use josekit::jws::RS256;
use josekit::jws::alg::rsassa::RsassaJwsVerifier;
use openssl::pkey::{PKey, Private};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use crate::persona::selection::MissingItems;
pub use crate::tls::fault::TlsFault;
pub use reader::{ConfigError, Problem};

/// The keys of v3.
pub(crate) const RSA: Wanted = Wanted { kind: Kind::Rsa { bits: 2048 }, by: "Myinfo v3" };

/// A complete configuration: every client registered, every key read.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where plain HTTP is served.
    pub http: SocketAddr,
    /// Where HTTPS is served, if it is.
    pub https: Option<SocketAddr>,
    /// Where the forward proxy for the real host names listens, if it does.
    pub proxy: Option<SocketAddr>,
    /// Listeners whose certificate is wrong on purpose.
    pub https_faults: Vec<(TlsFault, SocketAddr)>,
    /// Where the authority is kept; absent means below the user's data directory.
    pub state_dir: Option<PathBuf>,
    /// A TLS certificate and key of one's own, instead of the mock's authority.
    pub(crate) tls: Option<Identity>,
    /// Base URLs under which clients reach this server, beside the `Host` that they send.
    pub public_urls: Vec<String>,
    /// The flavour of clients that have none of their own.
    pub flavour: Flavour,
    /// The persona that every login takes without a page.
    pub auto_login: Option<String>,
    /// How long a client may take to send the head, and the body, of a request.
    pub patience: Duration,
    /// A directory of persona files, over or beside the built-in ones.
    pub personas: Option<PathBuf>,
    /// The registered clients by their id.
    pub clients: BTreeMap<String, ClientRegistration>,
    /// The key that signs tokens and documents, with its certificate.
    pub service: ServiceKey,
    /// How many exchanges the journal keeps.
    pub journal_exchanges: usize,
    /// Whether answers carry the address of their transaction's page.
    pub explain: bool,
    /// What the admin API asks for; absent means that it asks for nothing on loopback, and for a made-up one elsewhere.
    pub admin_token: Option<Secret>,
    /// The settings of the v3 profile.
    pub v3: V3Settings,
}

/// The key pair of the mock service.
#[derive(Clone)]
pub struct ServiceKey {
    /// The private key.
    pub private: PKey<Private>,
    /// The certificate as PEM.
    pub certificate_pem: String,
}

impl std::fmt::Debug for ServiceKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ServiceKey([redacted])")
    }
}

/// How a client's token and person requests are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flavour {
    /// As in the test and production environments: `PKI_SIGN`, the person as JWE of JWS.
    #[default]
    Test,
    /// As in the sandbox environment: no signatures, the person as plain JSON, the token still a signed JWT.
    Sandbox,
}

impl Flavour {
    /// The flavour of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "test" => Some(Self::Test),
            "sandbox" => Some(Self::Sandbox),
            _ => None,
        }
    }

    /// The name in configuration and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Sandbox => "sandbox",
        }
    }
}

/// What the `sub` of an access token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubKind {
    /// A UUID that stands for this person at this client (com since spec 3.1.1).
    Uuid,
    /// The NRIC or FIN (gov).
    Uinfin,
}

/// A secret that no log and no `Debug` shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for comparing and for `export`.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[redacted]")
    }
}

/// A registered client (relying party).
#[derive(Debug, Clone)]
pub struct ClientRegistration {
    /// The client id, also the `app_id` of signatures.
    pub id: String,
    /// The name that the consent page shows.
    pub name: String,
    /// The client secret.
    pub secret: Secret,
    /// The exact redirect URIs.
    pub redirect_uris: Vec<String>,
    /// The attributes that this client may ask for; absent means all.
    pub attributes: Option<Vec<String>>,
    /// The flavour of this client; absent means the server's.
    pub flavour: Option<Flavour>,
    /// What `sub` is for this client; absent means UUID for com and UIN/FIN for gov.
    pub sub: Option<SubKind>,
    /// The persona that logs in at this client without a page.
    pub auto_login: Option<String>,
    /// The Singpass e-service ids of a government client; empty means any.
    pub esvc_ids: Vec<String>,
    /// The certificate or public key; absent for a sandbox client that has none.
    pub key: Option<ClientKey>,
    /// The private key, where the mock has it: for `export` only.
    pub private_key: Option<PrivateKey>,
}

/// A client's private key; never printed.
#[derive(Clone)]
pub struct PrivateKey(pub(crate) PKey<Private>);

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("PrivateKey([redacted])")
    }
}

/// A client's public key in the forms in which the server uses it.
#[derive(Debug, Clone)]
pub struct ClientKey {
    /// As it was given.
    pub(crate) material: PublicMaterial,
    /// For its request signatures.
    pub(crate) verifier: RsassaJwsVerifier,
    /// What names it in the documents that are encrypted for it.
    pub(crate) kid: String,
}

impl ClientKey {
    /// Prepares a key; `kid` names it, or else the common name of its certificate, or its thumbprint.
    pub(crate) fn new(material: PublicMaterial, kid: Option<String>) -> anyhow::Result<Self> {
        let kid = kid.or_else(|| material.common_name()).map_or_else(|| thumbprint(&material.key), Ok)?;
        Ok(Self { verifier: RS256.verifier_from_der(material.key.public_key_to_der()?)?, kid, material })
    }
}

/// The settings of the v3 profile. Where the documents leave a question open, the default is the suggested answer.
#[expect(clippy::struct_excessive_bools, reason = "each is one setting of the file, named there")]
#[derive(Debug, Clone)]
pub struct V3Settings {
    /// Open question 1: how the description parameter of an error redirect is spelt.
    pub error_description: DescriptionSpelling,
    /// Open question 2: the status of a wrong signature, 500 by document, 401 hinted.
    pub bad_signature_status: u16,
    /// Open question 2: the type of `code` in error bodies of token.
    pub token_error_code: CodeType,
    /// Open question 2: the type of `code` in error bodies of person.
    pub person_error_code: CodeType,
    /// Whether error bodies have the older third member `fields`.
    pub error_fields: bool,
    /// Open question 3: how far a timestamp may be off, in seconds.
    pub skew_seconds: u64,
    /// Open question 3: how long a nonce is remembered, in seconds; at least twice the skew.
    pub nonce_window_seconds: u64,
    /// Open question 3: how long an authorisation code lives, in seconds.
    pub code_lifetime_seconds: u64,
    /// How long an access token lives, in seconds (recorded: 1800).
    pub token_lifetime_seconds: u64,
    /// Open question 4: the status of the page for an unknown client.
    pub unknown_client_status: u16,
    /// The status of the page for an unregistered redirect URI.
    pub redirect_mismatch_status: u16,
    /// Open question 5: the `realm` of gov tokens, and the last part of their `iss`.
    pub gov_realm: String,
    /// The origin in `iss`; absent means the origin that the client called.
    pub issuer_origin: Option<String>,
    /// Open question 6: whether a reused code also revokes the token given out for it.
    pub code_reuse_revokes_token: bool,
    /// Open question 7: which `invalid_scope` text an unknown attribute gets; a forbidden one gets the other.
    pub unknown_attribute_text: ScopeText,
    /// Open question 8: whether a client that asks for gzip gets it.
    pub gzip: bool,
    /// Open question 9: what a repeated parameter does.
    pub repeated_parameters: Repeats,
    /// Whether `401` instead of `403` is answered for an attribute outside the consent.
    pub unconsented_attribute_status: u16,
    /// Whether the callback carries `scope`, `iss` and `client_id` too, as gov and the years 2019–2021 did.
    pub legacy_callback: bool,
    /// Whether the token answer has a `refresh_token`, as recorded in 2022.
    pub refresh_token: bool,
    /// Whether the sandbox wants the Bearer token on person (myinfo-rails sends none there).
    pub sandbox_bearer: bool,
    /// Whether the older spelling `Unformatted` of the address type is sent.
    pub unformatted_mixed_case: bool,
    /// What an item is sent as that a persona does not have.
    pub missing_items: MissingItems,
}

/// The name of the description parameter of an error redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DescriptionSpelling {
    /// `error-description`, as screenshots of the real service show.
    Hyphen,
    /// `error_description`, as the document says.
    Underscore,
    /// Both.
    Both,
}

/// The two texts of `invalid_scope`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeText {
    /// `Invalid realm scope`.
    Realm,
    /// `Invalid client scope`.
    Client,
}

impl Default for V3Settings {
    fn default() -> Self {
        Self {
            error_description: DescriptionSpelling::Hyphen,
            bad_signature_status: 500,
            token_error_code: CodeType::Text,
            person_error_code: CodeType::Number,
            error_fields: false,
            skew_seconds: 300,
            nonce_window_seconds: 600,
            code_lifetime_seconds: 300,
            token_lifetime_seconds: 1800,
            unknown_client_status: 400,
            redirect_mismatch_status: 400,
            gov_realm: "myinfo-gov".to_owned(),
            issuer_origin: None,
            code_reuse_revokes_token: false,
            unknown_attribute_text: ScopeText::Realm,
            gzip: false,
            repeated_parameters: Repeats::Refuse,
            unconsented_attribute_status: 403,
            legacy_callback: false,
            refresh_token: true,
            sandbox_bearer: true,
            unformatted_mixed_case: false,
            missing_items: MissingItems::Unavailable,
        }
    }
}
