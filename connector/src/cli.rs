//! The command line's shape, and how its settings become a connector.

mod fapi;
mod missing;

use self::fapi::FapiSettings;
use crate::log::LogLevel;
use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use myinfo_connector::Connector;
use myinfo_connector::quote::quoted;
use myinfo_connector::service::ATTRIBUTES;
use myinfo_connector::transport::{Transport, TransportOptions};
use myinfo_connector::v3::{self, Config, ConfigBuilder, Environment, Flavour};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A reference connector for Myinfo v3, Singpass FAPI 2.0 and the API before it: a REST service, and the steps of the flow by hand.
///
/// Without settings it is a demo against `myinfo-mock` on this machine.
#[derive(Debug, Parser)]
#[command(name = "myinfo-connector", version)]
pub(crate) struct Cli {
    /// Which protocol; the settings of FAPI, and of oidc before it, begin with --fapi
    #[arg(long, global = true, env = "MYINFO_PROFILE", value_name = "NAME", default_value = "v3")]
    pub(crate) profile: ProfileName,
    /// What is logged on standard error
    #[arg(long, global = true, env = "MYINFO_CONNECTOR_LOG", value_name = "LEVEL", default_value = "warn")]
    pub(crate) log: LogLevel,
    #[command(flatten)]
    v3: Settings,
    #[command(flatten)]
    fapi: FapiSettings,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the REST service and the demo pages
    Serve {
        /// Where to listen
        #[arg(long = "http", env = "MYINFO_CONNECTOR_HTTP", value_name = "ADDR", default_value = "127.0.0.1:3001", value_parser = place_to_listen)]
        address: SocketAddr,
        /// Allow an address other than loopback
        #[arg(long)]
        allow_remote: bool,
        /// Answer with the person document as it was signed, instead of the seven flattened items
        #[arg(long, env = "MYINFO_CONNECTOR_WHOLE_PERSON")]
        whole_person: bool,
    },
    /// Print the address to send a browser to (and, on standard error, v3's state)
    LoginUrl {
        /// FAPI and oidc: the file, new, that keeps what belongs to this login
        #[arg(long, value_name = "FILE")]
        kept: Option<PathBuf>,
    },
    /// Exchange a callback for the person and print it
    Person {
        /// The whole address at which the browser came back
        #[arg(long, value_name = "URL")]
        callback: String,
        /// v3: the state that login-url printed
        #[arg(long)]
        state: Option<String>,
        /// FAPI and oidc: the file that login-url wrote; it is deleted, for a login is finished once
        #[arg(long, value_name = "FILE")]
        kept: Option<PathBuf>,
    },
    /// Print what lets a shell complete this program's command line
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page; `myinfo-connector man | man -l -` shows it
    Man,
    /// Keys for FAPI
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make a private JWK Set, readable by its owner alone, and print the public one
    New {
        /// The file, new
        #[arg(value_name = "FILE", default_value = "client-jwks-private.json")]
        file: PathBuf,
    },
}

/// The protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileName {
    V3,
    Fapi,
    Oidc,
}

impl Cli {
    /// The connector of these settings.
    pub(crate) fn connector(&self) -> anyhow::Result<Connector> {
        let authority_pem = self.v3.ca.as_ref().map(read).transpose()?;
        let time_limit = self.v3.time_limit.map(Duration::from_secs);
        let transport = Transport::new(&TransportOptions { authority_pem, time_limit })?;
        // found by whoever starts it, and not by the first person who logs in
        transport.can_reach(self.address())?;
        self.configured(transport).map_err(|error| missing::told(error, self.profile))
    }

    fn configured(&self, transport: Transport) -> anyhow::Result<Connector> {
        Ok(match self.profile {
            ProfileName::V3 => Connector::with_network(self.v3.config()?, transport),
            ProfileName::Fapi => Connector::with_network(self.fapi.config()?, transport),
            ProfileName::Oidc => Connector::with_network(self.fapi.config_before()?, transport),
        })
    }

    /// The address that is called first: the service's own, which has https, where no other is given.
    fn address(&self) -> &str {
        match self.profile {
            ProfileName::V3 if !self.v3.is_custom() => "https:",
            ProfileName::V3 => self.v3.place(),
            ProfileName::Fapi | ProfileName::Oidc => self.fapi.place(),
        }
    }

    /// What the service says when it starts.
    pub(crate) fn banner(&self, address: SocketAddr) -> String {
        let (name, place, redirect, flag) = match self.profile {
            ProfileName::V3 => ("Myinfo", self.v3.place(), self.v3.redirect_url.as_deref(), "--redirect-url"),
            ProfileName::Fapi => ("Singpass", self.fapi.place(), self.fapi.redirect_url(), "--fapi-redirect-url"),
            ProfileName::Oidc => ("Singpass", self.fapi.host(), self.fapi.redirect_url(), "--fapi-redirect-url"),
        };
        let redirect = redirect.unwrap_or(demo::REDIRECT_URL);
        let home = redirect.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let open = if home.ends_with(&format!(":{}", address.port())) {
            format!("Open {home} in a browser; stop with Ctrl-C.")
        } else {
            format!(
                "It listens on http://{address}; stop with Ctrl-C.\n{name} will send the browser back to {redirect}: set {flag} if nothing forwards from there to here."
            )
        };
        format!("{name} connector for {place}. {open}")
    }
}

/// v3: where Myinfo is and who we are. The names are those of the `env` file that `myinfo-mock export` writes.
#[derive(Debug, Args)]
pub(crate) struct Settings {
    /// Which Myinfo [default: custom, at --base-url]
    #[arg(long, global = true, env = "MYINFO_ENVIRONMENT", value_name = "NAME")]
    environment: Option<Place>,
    /// A custom Myinfo, without /com/v3 at the end [default: <http://127.0.0.1:5156>]
    #[arg(long, global = true, env = "MYINFO_BASE_URL", value_name = "URL")]
    base_url: Option<String>,
    /// Whether the custom Myinfo behaves like the sandbox: plain JSON, no request signatures
    #[arg(long, global = true, env = "MYINFO_SANDBOX")]
    sandbox: bool,
    /// com for companies, gov for government
    #[arg(long, global = true, env = "MYINFO_CONTEXT", value_name = "CONTEXT", default_value = "com")]
    context: ContextName,
    /// The client id
    #[arg(long, global = true, env = "MYINFO_CLIENT_ID", value_name = "ID")]
    client_id: Option<String>,
    /// The client secret; better given by its environment variable
    #[arg(long, global = true, env = "MYINFO_CLIENT_SECRET", value_name = "SECRET", hide_env_values = true)]
    client_secret: Option<String>,
    /// The callback, exactly as registered
    #[arg(long, global = true, env = "MYINFO_REDIRECT_URL", value_name = "URL")]
    redirect_url: Option<String>,
    /// Our private key: PEM, PKCS#12 or JWK
    #[arg(long, global = true, env = "MYINFO_PRIVATE_KEY", value_name = "FILE")]
    private_key: Option<PathBuf>,
    /// The passphrase of the private key
    #[arg(long, global = true, env = "MYINFO_PRIVATE_KEY_PASSPHRASE", value_name = "TEXT", hide_env_values = true)]
    passphrase: Option<String>,
    /// Myinfo's certificate or public key; several while keys change, in several files or in one
    #[arg(long, global = true, env = "MYINFO_CERTIFICATE", value_name = "FILE", value_delimiter = ',')]
    myinfo_certificate: Vec<PathBuf>,
    /// The attributes to ask for, separated by commas
    #[arg(long, global = true, env = "MYINFO_ATTRIBUTES", value_name = "LIST", value_delimiter = ',')]
    attributes: Vec<String>,
    /// The purpose that the person reads
    #[arg(long, global = true, env = "MYINFO_PURPOSE", value_name = "TEXT")]
    purpose: Option<String>,
    /// The Singpass e-service id, for gov
    #[arg(long, global = true, env = "MYINFO_ESVC_ID", value_name = "ID")]
    esvc_id: Option<String>,
    /// A transaction number to send with person
    #[arg(long, global = true, env = "MYINFO_TXN_NO", value_name = "TEXT")]
    txn_no: Option<String>,
    /// An authority to trust instead of the system's, as PEM
    #[arg(long, global = true, env = "MYINFO_CA", value_name = "FILE")]
    ca: Option<PathBuf>,
    /// How long to wait for an answer of Myinfo, in seconds [default: 30]
    #[arg(long, global = true, env = "MYINFO_TIME_LIMIT", value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    time_limit: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Place {
    Sandbox,
    Test,
    Production,
    Custom,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ContextName {
    Com,
    Gov,
}

/// An IP address and a port; `localhost` and a port; or a port alone, on this machine.
fn place_to_listen(text: &str) -> Result<SocketAddr, String> {
    let local = text.strip_prefix("localhost:").unwrap_or(text);
    let port = if local.starts_with('+') { None } else { local.parse::<u16>().ok() };
    let written = text.parse().ok();
    written
        .or_else(|| port.map(|port| SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, port))))
        .ok_or_else(|| "expected an address such as 127.0.0.1:3001 or localhost:3001, or a port alone".to_owned())
}

/// The demo's settings: those of the mock's own client. They are public and protect nothing.
mod demo {
    pub(super) const BASE_URL: &str = "http://127.0.0.1:5156";
    pub(super) const CLIENT_ID: &str = "TESTBED-CLIENT";
    pub(super) const CLIENT_SECRET: &str = "testbed-client-secret";
    pub(super) const REDIRECT_URL: &str = "http://localhost:3001/callback";
    pub(super) const PRIVATE_KEY: &[u8] = include_bytes!("../../fixtures/keys/client-key.pem");
    pub(super) const ISSUER: &str = "http://127.0.0.1:5156/fapi";
    pub(super) const MYINFO_APP: &str = "TESTBEDxMYINFOxAPPx0000000000001";
    /// What the demo's page shows.
    pub(super) const MYINFO_SCOPE: &str = "openid uinfin name sex dob nationality birthcountry regadd";
    pub(super) const LOGIN_APP: &str = "TESTBEDxLOGINxAPPx00000000000002";
    pub(super) const LOGIN_SCOPE: &str = "openid user.identity name";
    pub(super) const FAPI_KEYS: &[u8] = include_bytes!("../../fixtures/keys/ec/client-jwks-private.json");
    pub(super) const MYINFO_CERTIFICATE: &[u8] = include_bytes!("../../fixtures/keys/myinfo-cert.pem");
}

impl Settings {
    /// Where it is, for people.
    fn place(&self) -> &str {
        match self.environment {
            None | Some(Place::Custom) => self.base_url.as_deref().unwrap_or(demo::BASE_URL),
            Some(Place::Sandbox) => "the Myinfo sandbox",
            Some(Place::Test) => "the Myinfo test environment",
            Some(Place::Production) => "Myinfo in production",
        }
    }

    /// Whether the address is one of one's own.
    const fn is_custom(&self) -> bool {
        matches!(self.environment, None | Some(Place::Custom))
    }

    fn config(&self) -> anyhow::Result<Config> {
        let custom = self.is_custom();
        if !custom && (self.base_url.is_some() || self.sandbox) {
            bail!(
                "--base-url and --sandbox describe a custom Myinfo; they do not go with the built-in address of --environment"
            );
        }
        let mut builder = Config::builder(self.environment()).context(match self.context {
            ContextName::Com => v3::Context::Com,
            ContextName::Gov => v3::Context::Gov,
        });
        builder = self.identity(builder, custom)?;
        if self.attributes.is_empty() {
            builder = builder.attributes(ATTRIBUTES);
        } else {
            builder = builder.attributes(self.attributes.iter().cloned());
        }
        if let Some(purpose) = &self.purpose {
            builder = builder.purpose(purpose);
        }
        if let Some(id) = &self.esvc_id {
            builder = builder.esvc_id(id);
        }
        if let Some(number) = &self.txn_no {
            builder = builder.txn_no(number);
        }
        let config = builder.build()?;
        tell(config.notes());
        Ok(config)
    }

    fn environment(&self) -> Environment {
        match self.environment {
            Some(Place::Sandbox) => Environment::Sandbox,
            Some(Place::Test) => Environment::Test,
            Some(Place::Production) => Environment::Production,
            None | Some(Place::Custom) => Environment::Custom {
                base_url: self.base_url.clone().unwrap_or_else(|| demo::BASE_URL.to_owned()),
                flavour: if self.sandbox { Flavour::Sandbox } else { Flavour::Protected },
            },
        }
    }

    /// Client and keys. A custom Myinfo is a mock's as a rule, so there what is not given is the demo's.
    fn identity(&self, mut builder: ConfigBuilder, custom: bool) -> anyhow::Result<ConfigBuilder> {
        let or_demo = |given: &Option<String>, demo: &str| match given {
            Some(given) => given.clone(),
            None if custom => demo.to_owned(),
            None => String::new(),
        };
        let redirect_url = or_demo(&self.redirect_url, demo::REDIRECT_URL);
        builder = builder
            .client(or_demo(&self.client_id, demo::CLIENT_ID), or_demo(&self.client_secret, demo::CLIENT_SECRET))
            .redirect_uri(redirect_url);
        builder = match &self.private_key {
            Some(path) => {
                let key = read(path)?;
                builder.private_key(&key, self.passphrase.as_deref()).with_context(|| shown(path))?
            }
            None if custom => builder.private_key(demo::PRIVATE_KEY, None)?,
            None => builder,
        };
        if self.myinfo_certificate.is_empty() && custom {
            return Ok(builder.myinfo_key(demo::MYINFO_CERTIFICATE)?);
        }
        for path in &self.myinfo_certificate {
            for key in blocks(read(path)?) {
                builder = builder.myinfo_key(&key).with_context(|| shown(path))?;
            }
        }
        Ok(builder)
    }
}

/// Says what could be read of the keys although it is not as it should be.
fn tell(notes: &[&str]) {
    for note in notes {
        let _ = writeln!(anstream::stderr(), "myinfo-connector: note on a key: {note}");
    }
}

/// The PEM blocks of a file, each by itself; a file that has not several stays whole.
fn blocks(content: Vec<u8>) -> Vec<Vec<u8>> {
    const BEGIN: &str = "-----BEGIN ";
    let text = String::from_utf8_lossy(&content);
    if text.matches(BEGIN).count() < 2 {
        return vec![content];
    }
    text.split(BEGIN).skip(1).map(|block| format!("{BEGIN}{block}").into_bytes()).collect()
}

fn read(path: &PathBuf) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", shown(path)))
}

/// The name of a file, unless it is none.
pub(crate) fn shown(path: &Path) -> String {
    quoted(&path.display().to_string()).trim_matches('`').to_owned()
}

#[cfg(test)]
mod tests {
    use super::place_to_listen;

    #[test]
    fn a_port_alone_is_this_machines() {
        for (text, address) in [("3002", "127.0.0.1:3002"), ("localhost:3002", "127.0.0.1:3002"), ("[::]:1", "[::]:1")]
        {
            assert_eq!(place_to_listen(text), Ok(address.parse().unwrap()), "{text}");
        }
        for text in ["", "localhost", "elsewhere:1", "65536", "+1", ":1"] {
            assert!(place_to_listen(text).is_err(), "{text}");
        }
    }
}
