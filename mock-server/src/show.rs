//! `config show`: the whole configuration, without secrets and keys.

use crate::config::Config;
use crate::profile;
use crate::quote::without_keys;
use crate::text::{on_lines, visible};
use std::fmt::Write;

/// The text.
///
/// # Errors
/// When OpenSSL cannot read the service's key.
pub fn summary(config: &Config) -> anyhow::Result<String> {
    let mut text = String::new();
    writeln!(text, "http         {}", config.http)?;
    let urls = if config.public_urls.is_empty() { "none".to_owned() } else { config.public_urls.join(" ") };
    writeln!(text, "public URLs  {urls}")?;
    writeln!(text, "flavour      {}", config.flavour.name())?;
    let auto_login = config.auto_login.as_deref().unwrap_or("none: the login page asks");
    writeln!(text, "auto-login   {}", without_keys(auto_login))?;
    let own = config.personas.as_ref().map(|directory| format!("built-in and {}", directory.display()));
    writeln!(text, "personas     {}", own.unwrap_or_else(|| "built-in".to_owned()))?;
    writeln!(text, "service kid  {}", crate::export::service_kid(config)?)?;
    for client in config.clients.values() {
        writeln!(text, "\nclient {} ({})", client.id, visible(&client.name))?;
        writeln!(text, "  redirect URIs  {}", client.redirect_uris.join(" "))?;
    }
    for section in profile::protocols(profile::ALL).sections() {
        text.push_str(&(section.show)(config));
    }
    Ok(on_lines(&text))
}
