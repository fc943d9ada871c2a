//! The command line's shape: flags, environment variables, sub-commands.

use anyhow::bail;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use myinfo_mock_server::NEWS;
use myinfo_mock_server::config::{Config, Flavour, Secret, TlsFault, listen_address, tls_fault};
use myinfo_mock_server::personas::Form;
use myinfo_mock_server::show::Given;
use std::net::SocketAddr;
use std::path::PathBuf;
use tracing_subscriber::EnvFilter;

/// A mock of Singpass FAPI 2.0 (Myinfo v5, Login), of the API before it and of Myinfo v3 that says what is wrong with a request.
#[derive(Debug, Parser)]
#[command(name = "myinfo-mock", version, args_conflicts_with_subcommands = false)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: ServeOptions,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What the server starts with.
#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// Where plain HTTP is served [default: 127.0.0.1:5156]
    #[arg(long, global = true, env = "MYINFO_MOCK_HTTP", value_name = "ADDR", value_parser = listen_address)]
    http: Option<SocketAddr>,
    /// Serve HTTPS, too, with a certificate for this machine and the real host names
    #[arg(long, global = true, env = "MYINFO_MOCK_HTTPS", value_name = "ADDR", value_parser = listen_address)]
    https: Option<SocketAddr>,
    /// Serve as a forward proxy for the real host names, too
    #[arg(long, global = true, env = "MYINFO_MOCK_PROXY", value_name = "ADDR", value_parser = listen_address)]
    proxy: Option<SocketAddr>,
    /// Serve HTTPS with a faulty certificate: expired, wrong-host, unknown-authority or self-signed; may repeat
    #[arg(long, global = true, env = "MYINFO_MOCK_HTTPS_FAULT", value_name = "KIND=ADDR", value_delimiter = ',', value_parser = tls_fault)]
    https_fault: Vec<(TlsFault, SocketAddr)>,
    /// Where the mock's authority is kept [default: below the user's data directory]
    #[arg(long, global = true, env = "MYINFO_MOCK_STATE_DIR", value_name = "DIR")]
    state_dir: Option<PathBuf>,
    /// A base URL under which clients reach this server; may repeat
    #[arg(long, global = true, env = "MYINFO_MOCK_PUBLIC_URL", value_name = "URL", value_delimiter = ',')]
    public_url: Vec<String>,
    /// A redirect URI for every client, beside its own; may repeat
    #[arg(long, global = true, env = "MYINFO_MOCK_REDIRECT_URI", value_name = "URI", value_delimiter = ',')]
    redirect_uri: Vec<String>,
    /// A TOML file with clients, keys and settings
    #[arg(long, global = true, env = "MYINFO_MOCK_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// A directory of persona files, over or beside the built-in ones
    #[arg(long, global = true, env = "MYINFO_MOCK_PERSONAS", value_name = "DIR")]
    personas: Option<PathBuf>,
    /// The persona (NRIC, FIN or name) that every login takes, without pages
    #[arg(long, global = true, env = "MYINFO_MOCK_AUTO_LOGIN", value_name = "PERSONA")]
    auto_login: Option<String>,
    /// test: signed and encrypted; sandbox: plain JSON [default: test]
    #[arg(long, global = true, env = "MYINFO_MOCK_FLAVOUR", value_name = "FLAVOUR", value_parser = ["test", "sandbox"])]
    flavour: Option<String>,
    /// Put the address of the page that explains an answer into its header X-Myinfo-Mock-Explain
    #[arg(long, global = true, env = "MYINFO_MOCK_EXPLAIN")]
    explain: bool,
    /// What the admin API below /_mock asks for [default: nothing on loopback, a made-up one elsewhere]
    #[arg(long, global = true, env = "MYINFO_MOCK_ADMIN_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    admin_token: Option<String>,
    /// Read --config, the files that it names, and --personas again whenever they change
    #[arg(long, global = true, env = "MYINFO_MOCK_WATCH")]
    pub(crate) watch: bool,
    /// Repeat codes, tokens and new keys in every run with the same requests; on loopback only
    #[arg(long, global = true, env = "MYINFO_MOCK_SEED", value_name = "N", value_parser = seed_number)]
    pub(crate) seed: Option<u64>,
    /// What is logged on standard error; personal numbers at debug and trace only
    #[arg(long, global = true, env = "MYINFO_MOCK_LOG", value_name = "LEVEL", default_value = "warn")]
    pub(crate) log: LogLevel,
    /// How the log looks
    #[arg(long, global = true, env = "MYINFO_MOCK_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
    /// Allow an address other than loopback: the mock then answers to anybody who reaches it
    #[arg(long, global = true, env = "MYINFO_MOCK_ALLOW_REMOTE")]
    allow_remote: bool,
    /// Which of them were given, and how.
    #[arg(skip)]
    pub(crate) given: Given,
}

/// What is logged.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LogLevel {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl LogLevel {
    /// What the log lets through. Beside warnings stand the news: a login that succeeded is worth a line.
    pub(crate) fn filter(self) -> EnvFilter {
        match self {
            Self::Off => EnvFilter::new("off"),
            Self::Error => EnvFilter::new("error"),
            Self::Warn => EnvFilter::new(format!("warn,{NEWS}=info")),
            Self::Info => EnvFilter::new("info"),
            Self::Debug => EnvFilter::new("debug"),
            Self::Trace => EnvFilter::new("trace"),
        }
    }
}

/// How the log looks.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve until SIGINT or SIGTERM (this is also what happens without a command)
    Serve,
    /// Ask the mock at --http whether it is well; exit 0 if so, 1 if not
    Health,
    /// Write the files that a client needs: keys, certificates, settings
    Export {
        /// Where to write them; made if it does not exist
        directory: PathBuf,
        /// The client [default: the mock's own, whose private key it has]
        #[arg(long, value_name = "ID")]
        client: Option<String>,
    },
    /// Print what lets a shell complete this program's command line
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page; `myinfo-mock man | man -l -` shows it
    Man,
    /// Print what makes each kind of client trust the mock's authority
    Trust,
    /// Print the lines of a hosts file that lead the real names to this machine
    Hosts,
    /// Check or show the configuration
    Config {
        /// What to do with it
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// List the faults that the server can be told to have, or show one
    Faults {
        /// The fault
        id: Option<String>,
    },
    /// Say what is wrong with a request or token out of a file, without a server
    Doctor {
        /// What is to be looked at
        #[command(subcommand)]
        command: DoctorCommand,
    },
    /// List, show or check personas
    Persona {
        /// What to do with them
        #[command(subcommand)]
        command: PersonaCommand,
    },
}

/// What to do with a configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check a file; every mistake is named with its line and key
    Check {
        /// The TOML file
        file: PathBuf,
    },
    /// Print what the server would start with as a file for --config, each value with where it comes from
    Show {
        /// Print secrets and keys, too; without it they are left out
        #[arg(long)]
        show_secrets: bool,
    },
    /// Print the JSON Schema of a file, for editors
    Schema,
}

/// What the doctor looks at.
#[derive(Debug, Subcommand)]
pub(crate) enum DoctorCommand {
    /// A request as HTTP text, or all requests of an HTTP archive (HAR)
    Request {
        /// The file; `-` is standard input
        file: PathBuf,
    },
    /// A client's JWK Set for FAPI: a file, or the address that it is served at
    Jwks {
        /// The file, `-` for standard input, or an address that begins with https:// or http://
        #[arg(value_name = "FILE|URL")]
        source: String,
    },
    /// A token, a document, a client assertion, a DPoP proof, or an answer with one of them
    Token {
        /// The file; `-` is standard input
        file: PathBuf,
        /// A key or certificate of your own; may repeat
        #[arg(long, value_name = "FILE")]
        key: Vec<PathBuf>,
        /// The JWK Set that signatures are held against, instead of the keys that are known
        #[arg(long, value_name = "FILE")]
        jwks: Option<PathBuf>,
        /// The access token that a DPoP proof is for
        #[arg(long, value_name = "FILE")]
        access_token: Option<PathBuf>,
        /// The passphrase of encrypted keys
        #[arg(long, value_name = "TEXT", env = "MYINFO_MOCK_PASSPHRASE", hide_env_values = true)]
        passphrase: Option<String>,
        /// Show personal data
        #[arg(long)]
        personal: bool,
    },
}

/// What to do with personas.
#[derive(Debug, Subcommand)]
pub(crate) enum PersonaCommand {
    /// The personas, a line each with their properties
    List {
        /// Only whom all these words mean: PR, female, over 60, no address, a name, a number
        words: Vec<String>,
    },
    /// One persona's document as it would be sent today
    Show {
        /// NRIC, FIN or name
        id: String,
        /// All that this version sends, in its form; the whole record unless given
        #[arg(long = "as", value_name = "VERSION")]
        form: Option<FormName>,
    },
    /// What differs between two versions of one persona's document
    Diff {
        /// NRIC, FIN or name
        id: String,
        /// The version that is left
        from: FormName,
        /// The version that is moved to
        to: FormName,
    },
    /// Check a persona file: errors and warnings
    Check {
        /// The JSON file
        file: PathBuf,
    },
}

/// A seed; what was given is told by whoever asks.
fn seed_number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("give a whole number from 0 to {}, for example 7", u64::MAX))
}

impl ServeOptions {
    /// The files and folders that the command line names for the configuration.
    pub(crate) fn places(&self) -> Vec<PathBuf> {
        [&self.config, &self.personas].into_iter().flatten().cloned().collect()
    }

    /// The file's configuration with the flags on top.
    pub(crate) fn config(&self) -> anyhow::Result<Config> {
        let mut config = match &self.config {
            Some(file) => Config::from_file_with(file, self.personas.as_deref())?,
            None => Config::built_in()?,
        };
        if let Some(address) = self.http {
            config.http = address;
        }
        config.https = self.https.or(config.https);
        config.proxy = self.proxy.or(config.proxy);
        config.https_faults.extend(&self.https_fault);
        if self.state_dir.is_some() {
            config.state_dir.clone_from(&self.state_dir);
        }
        for url in &self.public_url {
            config.add_public_url(url)?;
        }
        for uri in &self.redirect_uri {
            config.add_redirect_uri(uri)?;
        }
        if let Some(personas) = &self.personas {
            if !personas.is_dir() {
                bail!("--personas: `{}` is no directory", personas.display());
            }
            config.personas = Some(personas.clone());
        }
        if let Some(persona) = &self.auto_login {
            config.choose_auto_login(persona);
        }
        if let Some(flavour) = self.flavour.as_deref().and_then(Flavour::from_name) {
            config.flavour = flavour;
        }
        config.explain |= self.explain;
        if let Some(token) = &self.admin_token {
            if token.len() < 8 || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                bail!("--admin-token needs eight characters or more, printable ASCII, no spaces");
            }
            config.admin_token = Some(Secret::new(token));
        }
        let faulty = config.https_faults.iter().map(|(_, address)| *address);
        let addresses = [Some(config.http), config.https, config.proxy].into_iter().flatten().chain(faulty);
        if let Some(address) = addresses.into_iter().find(|address| !address.ip().is_loopback() && !self.allow_remote) {
            bail!(
                "{address} is not a loopback address: anybody who reaches it could use the mock. Pass --allow-remote if that is meant"
            );
        }
        Ok(config)
    }
}

/// A version of the person document.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FormName {
    V3,
    V5,
}

impl From<FormName> for Form {
    fn from(name: FormName) -> Self {
        match name {
            FormName::V3 => Self::V3,
            FormName::V5 => Self::V5,
        }
    }
}
