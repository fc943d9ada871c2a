//! Myinfo v3, a file for each step. A step is a pair of pure functions: `prepare` and `accept`.

pub mod authorise;
mod base_string;
mod config;
pub mod person;
pub mod token;

use crate::ambient::Stamp;
use crate::error::Error;
use crate::jose::jws;
use crate::setting::Setting;
use base_string::{Signed, base_string};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
pub use config::{Config, ConfigBuilder, Context, Environment, Flavour};

/// The `PKI_SIGN` header over a request (specification, security section).
fn sign(config: &Config, stamp: &Stamp, signed: &Signed<'_>) -> Result<String, Error> {
    let Some(key) = &config.private_key else {
        return Err(Error::Missing(Setting::PrivateKey));
    };
    let timestamp = stamp.timestamp.to_string();
    let text = base_string(signed, &config.client_id, stamp);
    let signature = jws::sign(text.as_bytes(), key, jws::Alg::Rs256)?;
    Ok(format!(
        r#"PKI_SIGN app_id="{}",nonce="{}",signature_method="RS256",signature="{}",timestamp="{timestamp}""#,
        config.client_id,
        stamp.nonce,
        BASE64_STANDARD.encode(signature),
    ))
}
