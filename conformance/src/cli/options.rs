//! What the command line can say.

use crate::baseline::matches;
use crate::case::Case;
use crate::migration::Origin;
use crate::profile::ProfileId;
use crate::report::Report;
use crate::schema::ALL;
use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;

/// Judge a Myinfo connector: drive it through the whole flow, against a server that behaves and misbehaves on purpose.
///
/// Without anything else, the reference connector is judged.
#[derive(Debug, Parser)]
#[command(
    name = "myinfo-conformance",
    version,
    after_help = "Exit codes: 0 all as expected, 1 a requirement is broken, 2 usage, 3 target unusable, 4 nothing matched"
)]
pub struct Cli {
    #[command(flatten)]
    pub(super) check: Check,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Judge a connector (this is also what happens without a command)
    Check(Check),
    /// List the cases
    List(Which),
    /// Judge a server: the suite plays the client, and breaks one rule at a time
    Server(CheckServer),
    /// Judge failing cases again, from their replay files: a connector's without it, a server's at the server
    Replay {
        /// The files that `--replays` wrote
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Let a SHOULD fail like a MUST
        #[arg(long)]
        strict: bool,
    },
    /// Print what lets a shell complete this program's command line
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page; `myinfo-conformance man | man -l -` shows it
    Man,
    /// Help with drivers
    #[command(subcommand)]
    Driver(DriverCommand),
    /// Help with the files that describe finished web applications
    #[command(subcommand)]
    App(AppCommand),
    /// Print the JSON Schema of a kind of file, for editors: app, target or baseline
    Schema {
        /// The kind
        #[arg(value_parser = PossibleValuesParser::new(ALL.iter().map(|schema| schema.name)))]
        kind: String,
    },
    /// Say what a case tests, why, and what to do about a connector that fails it
    Explain {
        /// The id of a case, or its short name
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum DriverCommand {
    /// Write a working template of a driver
    Init {
        /// rust, node, python, java, go or ruby
        language: String,
        /// Where; the working directory's folder `driver` unless given
        #[arg(default_value = "driver")]
        folder: PathBuf,
    },
    /// Be the driver of the reference connector: JSON lines on standard input and output, as an example of a driver
    Reference,
    /// Talk with a driver before any case, and say what is not as the protocol says
    Lint {
        /// The command of the shell that starts it
        #[arg(value_name = "CMD")]
        command: String,
        /// How long it may take to answer, in seconds
        #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
        answer_seconds: u64,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum AppCommand {
    /// Write a file to begin with: every key with a comment
    Init {
        /// Where
        #[arg(default_value = "myinfo-app.toml")]
        file: PathBuf,
    },
    /// Say what is wrong or unusual in a file, line by line
    Lint {
        /// The file
        file: PathBuf,
        /// Start the application, too, and log in once
        #[arg(long = "try")]
        tries: bool,
    },
}

/// Which cases.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Which {
    /// Only cases whose id fits, for example 'v3.callback.*'; may repeat
    #[arg(long, value_name = "GLOB")]
    pub(super) only: Vec<String>,
    /// No cases whose id fits; may repeat
    #[arg(long, value_name = "GLOB")]
    pub(super) skip: Vec<String>,
    /// Only cases of a profile, that is a version of the protocol: v3, fapi or oidc; may repeat
    #[arg(long, value_name = "PROFILE")]
    pub(super) profile: Vec<ProfileId>,
}

impl Which {
    /// Whether a case is asked for.
    pub(super) fn wants<P>(&self, case: &Case<P>) -> bool {
        let of_profile = self.profile.is_empty() || self.profile.contains(&case.profile());
        let named = self.only.is_empty() || self.only.iter().any(|pattern| names(pattern, case));
        of_profile && named && !self.skip.iter().any(|pattern| names(pattern, case))
    }
}

/// Whether a pattern names a case.
pub(super) fn names<P>(pattern: &str, case: &Case<P>) -> bool {
    matches(pattern, case.id) || matches(pattern, case.code)
}

/// What every run can be told.
#[derive(Debug, Clone, Args)]
pub(super) struct How {
    #[command(flatten)]
    pub(super) which: Which,
    /// Let a SHOULD fail like a MUST
    #[arg(long)]
    pub(super) strict: bool,
    /// Known failures: a TOML file with reasons and days
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Write a file for each failing case into this folder, for `replay`
    #[arg(long, value_name = "FOLDER")]
    pub(super) replays: Option<PathBuf>,
    /// How many cases at once [default: 4, and 8 with the reference connector, which needs no process of its own]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(super) jobs: Option<u8>,
    /// Write a report: html, json, ndjson, junit, markdown, sarif, github or badge; may repeat
    #[arg(long, value_name = "FORMAT=FILE")]
    pub(super) report: Vec<Report>,
    /// Say only what somebody has to look at, and the numbers
    #[arg(short, long)]
    pub(super) quiet: bool,
}

#[derive(Debug, Clone, Args)]
pub(super) struct Check {
    /// A driver that speaks JSON lines: a command of the shell
    #[arg(long, value_name = "CMD", conflicts_with_all = ["exec", "app"])]
    pub(super) stdio: Option<String>,
    /// The same, with a process of its own for each case
    #[arg(long, value_name = "CMD", conflicts_with = "app")]
    pub(super) exec: Option<String>,
    /// A finished web application, described by a file
    #[arg(long, value_name = "FILE")]
    pub(super) app: Option<PathBuf>,
    #[command(flatten)]
    pub(super) how: How,
    /// Makes a run repeatable
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
    /// Judge a move to FAPI, too: what is left of v3, v4 or the API before FAPI (oidc); the end of the run and its reports have the steps
    #[arg(long, value_name = "API")]
    pub(super) migrating_from: Option<Origin>,
    /// Answer under the real host names, on port 443: for a connector that has them built in
    ///
    /// In a network of the run's own where the system gives one, else behind a proxy (auto). One case at a time
    #[arg(long, value_name = "WAY", num_args = 0..=1, require_equals = true, default_missing_value = "auto")]
    pub(super) real_names: Option<RealNames>,
    /// How long a driver may take to answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) answer_seconds: u64,
}

/// The ways in which the real host names lead to the suite's server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RealNames {
    /// A network of the run's own where the system gives one, else a proxy
    Auto,
    /// A network of the run's own, and no other way
    Network,
    /// A proxy, of which the target's programs are told by `HTTPS_PROXY`
    Proxy,
    /// Port 443 of this machine, to which its hosts file leads the names already
    Here,
}

#[derive(Debug, Clone, Args)]
pub(super) struct CheckServer {
    /// The server's address, such as `http://127.0.0.1:5156`; this project's own mock, started for this, unless given
    pub(super) url: Option<String>,
    /// What must be known of a server that is not this project's mock
    #[arg(long, value_name = "FILE")]
    pub(super) target: Option<PathBuf>,
    /// An authority to trust beside the system's, as PEM
    #[arg(long, value_name = "FILE")]
    pub(super) ca: Option<PathBuf>,
    #[command(flatten)]
    pub(super) how: How,
    /// Makes a run repeatable: names of realms and nonces follow from it; drawn, and said at the end, unless given
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// How long the server may take to answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) answer_seconds: u64,
}
