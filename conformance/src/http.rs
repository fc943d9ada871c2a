//! The HTTP client of everything that the suite asks for itself.

use anyhow::Result;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};

/// An HTTP client that follows no redirects and uses no proxy.
///
/// # Errors
/// When it cannot be set up.
pub fn client() -> Result<Client> {
    Ok(builder().build()?)
}

/// The same, to be completed.
pub fn builder() -> ClientBuilder {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().redirect(Policy::none()).no_proxy().gzip(false)
}
