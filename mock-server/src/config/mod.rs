//! What a server is configured with: parsed once at the edge, not re-checked inside.

pub(crate) mod address;
pub(crate) mod fields;
pub(crate) mod file;
mod findings;
mod material;
pub(crate) mod reader;
pub(crate) mod schema;
mod secret;
pub(crate) mod section;
pub(crate) mod shown;
pub(crate) mod sources;

use self::section::Section;
use self::sources::Sources;
use crate::jose::key::{Kind, Wanted};
use crate::parts::Settings;
use crate::tls::authority::Identity;
use openssl::pkey::{PKey, Private};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use self::address::{listen_address, tls_fault};
pub use crate::tls::fault::TlsFault;
pub(crate) use material::{read_material, read_passphrase};
pub use reader::{ConfigError, Problem};
pub use secret::Secret;

/// The RSA keys of the service and of clients.
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
    /// Redirect URIs of every client, beside its own.
    pub redirect_uris: Vec<String>,
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
    /// The keys of the service.
    pub(crate) service: ServiceKeys,
    /// How many exchanges the journal keeps.
    pub journal_exchanges: usize,
    /// Whether answers carry the address of their transaction's page.
    pub explain: bool,
    /// What the admin API asks for; absent means that it asks for nothing on loopback, and for a made-up one elsewhere.
    pub admin_token: Option<Secret>,
    /// What could be read although it is not as it should be: an indented key, for example.
    pub remarks: Vec<Problem>,
    /// Each profile's settings.
    pub(crate) profiles: Settings,
    /// What it was read from.
    pub(crate) sources: Sources,
}

impl Config {
    /// The built-in configuration with what a file's text says on top; relative paths in it start at `folder`.
    pub(crate) fn read(text: &str, folder: &Path, sections: &[&Section]) -> Result<Self, Vec<Problem>> {
        let (config, problems) = Self::read_all(text, folder, sections)?;
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }

    /// Lets every login be this persona, whatever the file says.
    pub fn choose_auto_login(&mut self, persona: impl Into<String>) {
        self.auto_login = Some(persona.into());
        self.sources.forget("server.auto_login");
    }

    /// Refuses a file that says that there is an admin token, and leaves it out, where no option gives it either.
    pub(crate) fn check_admin_token(&self) -> anyhow::Result<()> {
        if self.admin_token.as_ref().is_none_or(|token| !token.reveal().is_empty()) {
            return Ok(());
        }
        let place = self.sources.place("server.admin_token").map_or_else(String::new, |place| format!("{place}: "));
        anyhow::bail!(
            "{place}`server.admin_token` is left out: write it in, give --admin-token or MYINFO_MOCK_ADMIN_TOKEN, or delete \
             the line to start without a token"
        )
    }
}

/// The keys of the mock service, by their kind.
#[derive(Debug, Clone)]
pub(crate) struct ServiceKeys {
    /// Signs tokens and documents with RS256.
    pub(crate) rsa: ServiceKey,
}

/// A key of the mock service.
#[derive(Clone)]
pub(crate) struct ServiceKey {
    pub(crate) private: PKey<Private>,
    /// The certificate as PEM.
    pub(crate) certificate_pem: String,
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

/// A registered client (relying party). What it is to each profile, the profile keeps in it.
#[derive(Debug, Clone)]
pub struct ClientRegistration {
    /// The client id, also the `app_id` of v3's signatures.
    pub id: String,
    /// The name that the consent page shows.
    pub name: String,
    /// The exact redirect URIs.
    pub redirect_uris: Vec<String>,
    /// The persona that logs in at this client without a page.
    pub auto_login: Option<String>,
    /// What must never be shown, wherever it stands.
    pub(crate) secrets: Vec<Secret>,
    /// Each profile's part.
    pub(crate) profiles: Settings,
}
