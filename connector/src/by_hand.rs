//! The steps of the flow by hand, and keys: what the command line does besides serving.

use crate::cli::{Cli, ProfileName, shown};
use anyhow::{Context, bail};
use myinfo_connector::ambient::System;
use myinfo_connector::key::OwnKeys;
use myinfo_connector::{Kept, Person, State};
use serde_json::Value;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

/// Begins a login. v3's state goes to standard error; what the others keep is secret, and goes into a file.
pub(crate) async fn login_url(cli: &Cli, kept: Option<&Path>) -> anyhow::Result<String> {
    if cli.profile != ProfileName::V3 && kept.is_none() {
        bail!("--kept FILE is needed: what belongs to this login has to be kept until the callback");
    }
    let login = cli.connector()?.begin().await?;
    match (cli.profile, kept) {
        (ProfileName::Fapi | ProfileName::Oidc, Some(path)) => {
            let content = serde_json::to_vec(&login.kept).context("what the login keeps cannot be written")?;
            write_new(path, &content).with_context(|| "the login begins anew with another file")?;
        }
        _ => {
            let _ = writeln!(anstream::stderr(), "state: {}", login.kept.state().as_str());
        }
    }
    Ok(format!("{}\n", login.url))
}

/// Finishes a login.
pub(crate) async fn person(
    cli: &Cli,
    callback: &str,
    state: Option<&str>,
    kept: Option<&Path>,
) -> anyhow::Result<String> {
    let kept = match (cli.profile, state, kept) {
        (ProfileName::V3, Some(state), _) => Kept::new(State::from_session(state)),
        (ProfileName::V3, None, _) => bail!("--state is needed: what login-url printed"),
        (ProfileName::Fapi | ProfileName::Oidc, _, Some(path)) => taken(path)?,
        (ProfileName::Fapi | ProfileName::Oidc, _, None) => {
            bail!("--kept FILE is needed: the file that login-url wrote")
        }
    };
    let person = cli.connector()?.finish(callback, kept).await?;
    Ok(format!("{:#}\n", printed(&person)))
}

/// The items of the document; what the ID token says where there is none.
fn printed(person: &Person) -> Value {
    let identity = person.identity().filter(|_| person.items().is_empty());
    Value::Object(identity.map_or_else(|| person.items(), |identity| identity.claims()).clone())
}

/// Reads what a login kept, and takes it away: whatever comes of it, the login is over.
fn taken(path: &Path) -> anyhow::Result<Kept> {
    let content = fs::read(path).with_context(|| format!("{} cannot be read", shown(path)))?;
    let kept =
        serde_json::from_slice(&content).map_err(|_| anyhow::anyhow!("{} is not what login-url wrote", shown(path)))?;
    fs::remove_file(path).with_context(|| format!("{} cannot be deleted", shown(path)))?;
    Ok(kept)
}

/// Makes new keys in a new file, and gives the public set, as it is registered.
pub(crate) fn new_keys(path: &Path) -> anyhow::Result<String> {
    let keys = OwnKeys::fresh(&System)?;
    write_new(path, keys.private_set()?.as_bytes())?;
    let _ = writeln!(
        anstream::stderr(),
        "{} holds the private keys, readable by its owner alone. Register the set below at the developer portal.",
        shown(path)
    );
    Ok(format!("{:#}\n", keys.public_set()?))
}

/// Writes a file that was not there, for its owner alone. What is there is never overwritten.
fn write_new(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let failed = || format!("{} cannot be written: it must be a new file in a folder that is there", shown(path));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(failed)?;
    file.write_all(content).with_context(failed)
}
