//! Another configuration for a server that runs: what is taken over, what waits for a restart, and what is said of it.

use crate::MockServer;
use crate::conclude::NEWS;
use crate::config::Config;
use crate::journal::notices::Notice;
use crate::persona::uinfin::mask_all;
use crate::quote::without_keys;
use crate::text::visible;
use std::path::PathBuf;

/// What became of a configuration that was read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reload {
    /// It says nothing new.
    Same,
    /// It holds from now on; a line for each change.
    Taken(Vec<String>),
    /// It cannot be used, and why; the one before it stays.
    Kept(String),
}

impl MockServer {
    /// Reads the configuration again. One that can be used holds from the next request on, in the realm without a name: logins
    /// under way, the journal, and what the admin API changed stay. One that cannot leaves everything as it is. The log and
    /// the journal tell either.
    ///
    /// What listeners were started with stays until a restart: addresses, TLS, the state directory, the admin token, how long
    /// clients may take, and the size of the journal.
    pub fn reload(&self, read: impl FnOnce() -> anyhow::Result<Config>) -> Reload {
        let reload = match read().and_then(|config| self.take(config)) {
            Ok(lines) if lines.is_empty() => Reload::Same,
            Ok(lines) => Reload::Taken(lines),
            Err(error) => Reload::Kept(without_keys(&format!("{error:#}"))),
        };
        self.tell(&reload);
        reload
    }

    /// The files and folders that the configuration of this moment was read from, but for its own file.
    pub fn read_from(&self) -> Vec<PathBuf> {
        let app = self.realms.default();
        let files = app.config.sources.files().map(PathBuf::from);
        files.chain(app.config.personas.clone()).collect()
    }

    fn take(&self, mut config: Config) -> anyhow::Result<Vec<String>> {
        let app = self.realms.default();
        let waits = keep_fixed(&app.config, &mut config);
        let tables = app.config.sources.other_tables(&config.sources);
        let mut lines: Vec<String> = tables.into_iter().map(|table| format!("{table} changed")).collect();
        let (next, changes) = app.under(config)?;
        lines.extend(changes.lines());
        if !waits.is_empty() {
            lines.push(format!("{} as before until a restart", waits.join(", ")));
        }
        if !lines.is_empty() {
            self.realms.replace_default(next);
        }
        Ok(lines)
    }

    fn tell(&self, reload: &Reload) {
        let (taken, lines) = match reload {
            Reload::Same => return,
            Reload::Taken(lines) => (true, lines.clone()),
            Reload::Kept(why) => (false, why.lines().map(|line| line.trim().to_owned()).collect()),
        };
        let says: Vec<String> = lines.iter().map(|line| visible(&mask_all(line))).collect();
        let app = self.realms.default();
        if !app.journal.notices.add(Notice { at: app.clock.now(), taken, says: says.clone() }) {
            return;
        }
        let said = says.join("\n  ");
        if taken {
            tracing::info!(target: NEWS, "the configuration was read again:\n  {said}");
        } else {
            tracing::warn!("the configuration was read again and cannot be used; the one before it stays:\n  {said}");
        }
    }
}

/// A TLS certificate and key of one's own.
fn pems(config: &Config) -> Option<(&str, &str)> {
    config.tls.as_ref().map(|own| (own.chain_pem.as_str(), own.key_pem.as_str()))
}

/// Gives a configuration what cannot change while the server runs; names of that what it has otherwise.
fn keep_fixed(old: &Config, new: &mut Config) -> Vec<&'static str> {
    let differs = [
        ("http", old.http != new.http),
        ("https", old.https != new.https),
        ("proxy", old.proxy != new.proxy),
        ("https_fault", old.https_faults != new.https_faults),
        ("tls", pems(old) != pems(new)),
        ("state_dir", old.state_dir != new.state_dir),
        ("admin_token", old.admin_token != new.admin_token),
        ("client_seconds", old.patience != new.patience),
        ("journal_exchanges", old.journal_exchanges != new.journal_exchanges),
    ];
    (new.http, new.https, new.proxy) = (old.http, old.https, old.proxy);
    new.https_faults.clone_from(&old.https_faults);
    new.tls.clone_from(&old.tls);
    new.state_dir.clone_from(&old.state_dir);
    new.admin_token.clone_from(&old.admin_token);
    (new.patience, new.journal_exchanges) = (old.patience, old.journal_exchanges);
    differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
