//! What makes clients trust the mock, and find it under the real names: recipes, and the lines of a hosts file.

use crate::ambient::{Clock, Timestamp};
use crate::config::Config;
use crate::tls::authority::Authority;
use crate::tls::names::REAL;
use crate::tls::state_dir;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The authority of a configuration and the directory that keeps it.
pub(crate) fn authority(config: &Config, now: Timestamp) -> anyhow::Result<(Authority, PathBuf)> {
    let directory = match &config.state_dir {
        Some(directory) => directory.clone(),
        None => state_dir::default_directory()?,
    };
    Ok((Authority::open(&directory, now)?, directory))
}

/// The authority's certificate as PEM; made on first need.
///
/// # Errors
/// When the state directory cannot be used.
pub fn authority_pem(config: &Config) -> anyhow::Result<String> {
    Ok(authority(config, Clock::System.now())?.0.certificate_pem)
}

/// Where the authority's certificate lies; it is made on first need.
///
/// # Errors
/// When the state directory cannot be used.
pub fn authority_file(config: &Config) -> anyhow::Result<PathBuf> {
    Ok(authority(config, Clock::System.now())?.1.join("ca.pem"))
}

/// The recipes that make each kind of client trust the authority in `ca`.
pub fn recipes(ca: &Path) -> String {
    let ca = std::path::absolute(ca).unwrap_or_else(|_| ca.to_owned()).display().to_string().replace('\'', r"'\''");
    let truststore = "DIR/truststore.p12";
    let recipes = [
        ("Node", format!("export NODE_EXTRA_CA_CERTS='{ca}'")),
        ("Python requests", format!("export REQUESTS_CA_BUNDLE='{ca}'")),
        ("curl", format!("export CURL_CA_BUNDLE='{ca}'")),
        ("Go, Ruby, .NET on Linux", format!("export SSL_CERT_FILE='{ca}'")),
        ("PHP", format!("php -d openssl.cafile='{ca}' -d curl.cainfo='{ca}' …")),
        (
            "Java",
            format!(
                "myinfo-mock export DIR, then java -Djavax.net.ssl.trustStore={truststore} -Djavax.net.ssl.trustStorePassword=myinfo-mock …"
            ),
        ),
        ("myinfo-connector", format!("export MYINFO_CA='{ca}'")),
    ];
    let mut text = String::new();
    for (client, recipe) in recipes {
        let _ = writeln!(text, "# {client}\n{recipe}\n");
    }
    text + "# The authority can vouch for Myinfo's and Singpass's hosts and this machine only.\n"
}

/// The lines that lead the real names to this machine, and how to take them out again.
pub fn hosts() -> String {
    let mut text = String::from(
        "# Add these lines to /etc/hosts (as root); the mock must then listen with --https 127.0.0.1:443 # myinfo-mock\n",
    );
    for name in REAL {
        let _ = writeln!(text, "127.0.0.1 {name} # myinfo-mock");
    }
    text + "# To take them out again: sudo sed -i '/# myinfo-mock$/d' /etc/hosts # myinfo-mock\n"
}
