//! A server as one case has it: a client that keeps every rule, and what is known of the server.

use super::curl::Curl;
use super::login::Login;
use super::realms::Realms;
use crate::server::client::v3::OracleClient;
use anyhow::{Context, Result};
use reqwest::Client;
use serde_json::{Value, json};

/// A server as a case sees it.
#[derive(Debug)]
pub struct Instance {
    /// The client.
    pub client: OracleClient,
    /// A second registered client at the same server.
    pub other: Option<OracleClient>,
    /// Whether the second client may ask for nothing but the name.
    pub other_name_only: bool,
    /// How the person logs in.
    pub login: Login,
    /// What flows ask for.
    pub attributes: Vec<String>,
    /// The issuer of access tokens, where it is known.
    pub issuer: Option<String>,
    /// The NRIC or FIN of the person, where it is known.
    pub uinfin: Option<String>,
    /// Of another person.
    pub other_uinfin: Option<String>,
    /// What the server knows of the person, where it is known.
    pub person: Option<Value>,
    /// The certificate of the server's signatures, or their public key, as PEM.
    pub certificate: String,
    /// A redirect URI with a query of its own, where one is registered.
    pub redirect_uri_with_query: Option<String>,
    /// The common name of the client's certificate, where it is known.
    pub common_name: Option<String>,
    /// Whether both contexts are served.
    pub both_contexts: bool,
    /// How requests are written for whoever wants to send them again.
    pub curl: Curl,
    /// The realm's address at our own mock: its clock can be moved.
    pub(super) realm: Option<OwnRealm>,
}

/// A realm that was made at our own mock.
#[derive(Debug)]
pub(super) struct OwnRealm {
    pub(super) http: Client,
    pub(super) base_url: String,
    /// Where it is noted, to be taken away.
    pub(super) realms: Realms,
}

impl Instance {
    /// Whether the server's clock can be moved.
    pub const fn has_clock(&self) -> bool {
        self.realm.is_some()
    }

    /// Moves the clock of the server and of the clients.
    ///
    /// # Errors
    /// When the mock does not do it.
    pub async fn advance(&mut self, seconds: u64) -> Result<()> {
        OwnRealm::advance(self.realm.as_ref(), seconds).await?;
        self.client.ahead += seconds * 1000;
        if let Some(other) = &mut self.other {
            other.ahead += seconds * 1000;
        }
        Ok(())
    }

    /// Ends the realm.
    ///
    /// # Errors
    /// When the mock does not answer.
    pub async fn end(self) -> Result<()> {
        OwnRealm::end(self.realm.as_ref()).await
    }
}

impl OwnRealm {
    /// Moves the clock of a realm.
    ///
    /// # Errors
    /// When there is none, or the mock does not do it.
    pub(super) async fn advance(realm: Option<&Self>, seconds: u64) -> Result<()> {
        let Self { http, base_url, .. } = realm.context("the server has no admin API")?;
        let change = json!({"advance_seconds": seconds});
        http.post(format!("{base_url}/_mock/clock")).json(&change).send().await?.error_for_status()?;
        Ok(())
    }

    /// Ends a realm, where there is one.
    ///
    /// # Errors
    /// When the mock does not answer.
    pub(super) async fn end(realm: Option<&Self>) -> Result<()> {
        let Some(Self { http, base_url, realms }) = realm else { return Ok(()) };
        let Some((origin, name)) = base_url.split_once("/_realm/") else { return Ok(()) };
        realms.end(http, &format!("{origin}/_mock/realms/{name}")).await?;
        Ok(())
    }
}
