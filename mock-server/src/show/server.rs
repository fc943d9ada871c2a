//! The settings that belong to no profile, as `config show` prints them.

use crate::config::shown::{Shown, ShownValue};
use crate::config::{ClientRegistration, Config};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// `[server]`.
pub(super) fn shown(config: &Config) -> Vec<Shown> {
    let address = |address: Option<SocketAddr>| address.map(|address| address.to_string());
    let faults = config.https_faults.iter().map(|(fault, address)| format!("{}={address}", fault.name()));
    let token = config.admin_token.clone().map(ShownValue::Guard);
    let otherwise = ShownValue::Unset("nothing is asked for on loopback");
    vec![
        Shown::text("http", address(Some(config.http)), ""),
        Shown::text("https", address(config.https), "off"),
        Shown::text("proxy", address(config.proxy), "off"),
        Shown::texts("https_faults", Some(&faults.collect()), ""),
        directory("state_dir", config.state_dir.as_deref(), "below the user's data directory"),
        Shown::texts("public_urls", Some(&config.public_urls), ""),
        Shown::texts("redirect_uris", Some(&config.redirect_uris), ""),
        directory("personas", config.personas.as_deref(), "those that are built in"),
        Shown::text("flavour", Some(config.flavour.name().to_owned()), ""),
        Shown::text("auto_login", config.auto_login.clone(), "the login page asks"),
        Shown::new("explain", ShownValue::Flag(config.explain)),
        Shown::new("admin_token", token.unwrap_or(otherwise)),
        Shown::new("client_seconds", ShownValue::Number(config.patience.as_secs())),
        Shown::new(
            "journal_exchanges",
            ShownValue::Number(u64::try_from(config.journal_exchanges).unwrap_or_default()),
        ),
    ]
}

/// `[tls]`.
pub(super) fn tls() -> Vec<Shown> {
    let otherwise = "the mock's own authority vouches";
    vec![Shown::as_written("key", otherwise), Shown::as_written("certificate", otherwise)]
}

/// `[service.rsa]`.
pub(super) fn service_key() -> Vec<Shown> {
    let otherwise = "the testbed's published key";
    vec![
        Shown::as_written("key", otherwise),
        Shown::as_written("certificate", otherwise),
        Shown::as_written("passphrase", "none"),
    ]
}

/// What belongs to no profile of a client, behind its id.
pub(super) fn client(client: &ClientRegistration) -> Vec<Shown> {
    vec![
        Shown::text("name", Some(client.name.clone()).filter(|name| *name != client.id), "the id"),
        Shown::texts("redirect_uris", Some(&client.redirect_uris), ""),
        Shown::text("auto_login", client.auto_login.clone(), "the server's"),
    ]
}

fn directory(key: &'static str, directory: Option<&Path>, otherwise: &'static str) -> Shown {
    match directory.map(whole) {
        Some(None) => Shown::new(key, ShownValue::Unset("its name is no UTF-8, give it as an option")),
        whole => Shown::text(key, whole.flatten(), otherwise),
    }
}

/// The name of a file or folder from the root on, so that it means the same in a file elsewhere.
pub(super) fn whole(path: &Path) -> Option<String> {
    let whole = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
    whole.to_str().map(str::to_owned)
}
