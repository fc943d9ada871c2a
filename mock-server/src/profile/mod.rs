//! The profiles of the protocol: a plain list, one entry each. Add a profile here.

mod astray;
pub(crate) mod config;
pub(crate) mod elsewhere;
mod run;
mod v3;

pub(crate) use run::{examine, routes};

use crate::call::Call;
use crate::config::section::Section;
use crate::config::{ClientRegistration, Config};
use crate::examination::Examination;
use crate::http::exchange::Answer;
use crate::protocol::{Endpoint, Protocol, Protocols};
use warp::http::StatusCode;

/// Every profile that the server speaks.
pub(crate) static ALL: &[&Profile] = &[&v3::PROFILE];

/// A profile: its data, and the code behind its endpoints.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) protocol: Protocol,
    /// From these follow routes, allowed methods, the journal's events and the paths that a 404 names.
    pub(crate) endpoints: &'static [Served],
    /// How an error looks that no handler made.
    pub(crate) error: fn(StatusCode, &str) -> Answer,
    /// Its part of the configuration.
    pub(crate) section: Section,
    /// What a client needs, given the address of this server.
    pub(crate) export: fn(&Config, &ClientRegistration, &str) -> anyhow::Result<Export>,
}

/// What `export` writes for a client.
#[derive(Debug, Default)]
pub(crate) struct Export {
    /// Files by their names.
    pub(crate) files: Vec<(&'static str, Vec<u8>)>,
    /// Variables of the file `env`.
    pub(crate) variables: Vec<(&'static str, String)>,
}

/// The passphrase of the exported PKCS#12 files; it guards nothing, but most readers refuse an empty one.
pub const P12_PASSPHRASE: &str = "myinfo-mock";

/// An endpoint and who answers there.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) endpoint: Endpoint,
    pub(crate) work: Work,
    pub(crate) handler: Handler,
}

/// What answers a request, examining every rule as it goes.
pub(crate) type Handler = fn(&Call<'_>, &mut Examination) -> Answer;

/// What a handler costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Microseconds: it runs where it is.
    Light,
    /// Signatures and encryption: it runs on a blocking thread, so that it does not hold up the loop that accepts
    /// connections.
    Heavy,
}

/// What the profiles are made of, as data.
pub(crate) fn protocols(profiles: &'static [&'static Profile]) -> Protocols {
    let endpoints = profiles.iter().flat_map(|profile| profile.endpoints).map(|served| &served.endpoint);
    Protocols::new(profiles.iter().map(|profile| &profile.protocol).collect(), endpoints.collect())
}
