//! What a profile reads of the configuration: its own table, and its own part of every client.

use super::reader::{Findings, TableReader};
use super::shown::Shown;
use super::{ClientRegistration, Config};
use crate::ambient::Timestamp;
use openssl::pkey::{PKey, Private, Public};
use serde_json::Value;
use std::path::Path;

/// The part of the configuration that is a profile's.
#[derive(Debug)]
pub(crate) struct Section {
    /// What its tables are called: `[v3]`, `[client.v3]`.
    pub(crate) name: &'static str,
    /// Puts in what holds without any file: default settings, sample clients.
    pub(crate) built_in: fn(&mut Config) -> anyhow::Result<()>,
    /// Reads the profile's settings; paths in them start at the folder.
    pub(crate) settings: fn(&mut Config, TableReader<'_, '_>, &Path, &mut Findings<'_>),
    /// Reads the profile's part of a client; paths in it start at the folder.
    pub(crate) client: fn(&mut ClientRegistration, TableReader<'_, '_>, &Path, &mut Findings<'_>),
    /// The keys of that part, for whoever writes them into the client's own table.
    pub(crate) client_keys: &'static [&'static str],
    /// Whether a client is registered for the profile.
    pub(crate) speaks: fn(&ClientRegistration) -> bool,
    /// The profile's part of a client without secrets and keys, as the admin API shows it.
    pub(crate) describe: fn(&ClientRegistration) -> Option<Value>,
    /// What its settings are set to, for `config show`.
    pub(crate) shown: fn(&Config) -> Vec<Shown>,
    /// Its part of a client, for the same.
    pub(crate) client_shown: fn(&ClientRegistration) -> Option<Vec<Shown>>,
    /// What is odd about a client at this moment, and makes it unusable to nobody.
    pub(crate) warnings: fn(&ClientRegistration, Timestamp) -> Vec<String>,
    /// The keys of a client that the profile knows.
    pub(crate) keys: for<'c> fn(&'c ClientRegistration) -> ClientKeys<'c>,
}

/// The keys of a client, as far as they are known.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct ClientKeys<'c> {
    pub(crate) private: Option<&'c PKey<Private>>,
    pub(crate) public: Option<&'c PKey<Public>>,
}
