//! Stands for your application: it wants a person's name. Nothing in here knows that it talks to a mock.

use myinfo_connector::fapi::{Config, Environment};
use myinfo_connector::key::OwnKeys;
use myinfo_connector::{Connector, Error};

/// The connector of an application that was registered under this id, with these keys.
///
/// # Errors
/// When the settings cannot be used.
pub fn connector(issuer: String, client_id: &str, keys: &OwnKeys) -> Result<Connector, Error> {
    let config = Config::builder(Environment::Custom { issuer })
        .client_id(client_id)
        .redirect_uri("http://localhost:8080/callback")
        .scopes("openid uinfin name")
        .keys(keys.private_set()?.as_bytes())?
        .build()?;
    Connector::new(config)
}
