//! The service's keys: the one that signs, the set that is published, and how both change while the server runs.

use super::known_tokens;
use super::settings::FapiSettings;
use crate::ambient::Entropy;
use crate::app::App;
use crate::jose::ec::{Curve, EcPrivate, EcPublic, public_jwk};
use anyhow::{Context, Result};
use myinfo_fixtures::keys::ec;
use openssl::pkey::{PKey, Private};
use serde_json::{Map, Value, json};
use std::sync::{Arc, LazyLock};

/// The keys of a moment.
#[derive(Debug, Clone)]
pub(super) struct ServiceKeys {
    pub(super) kid: String,
    pub(super) curve: Curve,
    pub(super) signing: PKey<Private>,
    /// The public half, which also opens what was signed.
    pub(super) public: EcPublic,
    /// The same as PEM: what everybody knows.
    pub(super) public_pem: String,
    /// A key that no registration knows, for faults. It is published with the testbed and protects nothing.
    pub(super) stranger: PKey<Private>,
    /// The members of the JWK Set, public ones alone.
    pub(super) published: Vec<Value>,
    /// The keys that signed before, the latest first: tokens that they made live on.
    earlier: Vec<EcPublic>,
    /// How often the signing key changed.
    changes: u64,
}

/// The keys of the fixtures, read once.
static FIRST: LazyLock<Result<Arc<ServiceKeys>, String>> =
    LazyLock::new(|| ServiceKeys::read().map(Arc::new).map_err(|error| format!("{error:#}")));

/// The keys of a realm since they were changed; nothing before.
#[derive(Debug, Default)]
struct Changed(Option<Arc<ServiceKeys>>);

/// How many keys that signed before are remembered.
const EARLIER: usize = 10;

/// What can be changed, each with what it does. DOC, JWKS endpoint: rotation happens unannounced.
pub(super) const CHANGES: &[(&str, &str)] = &[
    ("announced", "the published next key signs from now on; both stay published"),
    ("overlap", "a new key signs from now on and is published; the old one stays published"),
    ("now", "a new key signs from now on and is published in place of the old one"),
    ("same-kid", "a new key signs from now on and is published under the old one's kid"),
    ("late", "a new key signs from now on, and is not published before `publish`"),
    ("publish", "publishes the key that signs, where it is not"),
    ("retire", "takes every signing key out of the set but the one that signs"),
];

/// The keys that hold now.
pub(super) fn of(app: &App, settings: &FapiSettings) -> Arc<ServiceKeys> {
    app.memory().of::<Changed>().0.clone().unwrap_or_else(|| Arc::clone(&settings.keys))
}

/// Changes the keys of a realm; a reset undoes it.
///
/// # Errors
/// When there is no such change, or it cannot be made.
pub(super) fn change(app: &App, how: &str) -> Result<()> {
    let settings = FapiSettings::of(&app.config).context("FAPI is not configured")?;
    let keys = of(app, settings).changed(how, &app.entropy)?;
    app.memory().of::<Changed>().0 = Some(Arc::new(keys));
    known_tokens::forget(app);
    Ok(())
}

/// Which key signs, and which are published.
pub(super) fn show(app: &App) -> Map<String, Value> {
    let Some(settings) = FapiSettings::of(&app.config) else { return Map::new() };
    let keys = of(app, settings);
    let published: Value = keys.published.iter().filter_map(|jwk| jwk.get("kid").cloned()).collect();
    [("signing".to_owned(), json!(keys.kid)), ("published".to_owned(), published)].into_iter().collect()
}

impl ServiceKeys {
    /// The keys that every server begins with.
    pub(super) fn first() -> Result<Arc<Self>> {
        FIRST.clone().map_err(anyhow::Error::msg)
    }

    fn read() -> Result<Self> {
        let published: Value = serde_json::from_str(ec::SERVICE_JWKS)?;
        let own = fixture(ec::SERVICE_KID)?;
        let (signing, public) = (own.any_kind()?, own.public()?);
        Ok(Self {
            kid: ec::SERVICE_KID.to_owned(),
            curve: own.curve,
            signing,
            public_pem: pem(&public)?,
            public,
            stranger: fixture("stranger-sig-p256")?.any_kind()?,
            published: published.get("keys").and_then(Value::as_array).cloned().context("the embedded JWK Set")?,
            earlier: Vec::new(),
            changes: 0,
        })
    }

    /// The set as it is published.
    pub(super) fn set(&self) -> Value {
        json!({"keys": self.published})
    }

    /// The keys that a token of this service may be signed by.
    pub(super) fn verifying(&self) -> impl Iterator<Item = &EcPublic> {
        std::iter::once(&self.public).chain(&self.earlier)
    }

    fn changed(&self, how: &str, entropy: &Entropy) -> Result<Self> {
        let old = self.kid.clone();
        Ok(match how {
            "announced" => self.signing_with(ec::SERVICE_NEXT_KID, fixture(ec::SERVICE_NEXT_KID)?.any_kind()?)?,
            "overlap" => self.with_new_key(&self.next_kid(), entropy)?.with_published()?,
            "now" => self.with_new_key(&self.next_kid(), entropy)?.without(&old).with_published()?,
            "same-kid" => self.with_new_key(&old, entropy)?.without(&old).with_published()?,
            "late" => self.with_new_key(&self.next_kid(), entropy)?,
            "publish" => self.clone().without(&old).with_published()?,
            "retire" => self.clone().alone(),
            other => {
                let known: Vec<&str> = CHANGES.iter().map(|(id, _)| *id).collect();
                anyhow::bail!("`{other}` is no change of keys; there are {}", known.join(", "))
            }
        })
    }

    /// A kid that was never used, in the form of the real ones.
    fn next_kid(&self) -> String {
        format!("alias/testbed-auth-api-signing-key-{}-alias", self.changes + 2)
    }

    fn with_new_key(&self, kid: &str, entropy: &Entropy) -> Result<Self> {
        self.signing_with(kid, PKey::from_ec_key(Curve::P256.generate(entropy)?)?)
    }

    fn signing_with(&self, kid: &str, signing: PKey<Private>) -> Result<Self> {
        let members = public_jwk(Curve::P256, &signing)?;
        let public = EcPublic::from_jwk(&members)?;
        let mut keys = self.clone();
        keys.earlier.insert(0, self.public.clone());
        keys.earlier.truncate(EARLIER);
        keys.changes += 1;
        Ok(Self { kid: kid.to_owned(), curve: Curve::P256, signing, public_pem: pem(&public)?, public, ..keys })
    }

    fn without(mut self, kid: &str) -> Self {
        self.published.retain(|jwk| jwk.get("kid").is_none_or(|known| known != kid));
        self
    }

    /// With the signing key in front of the set, as Singpass' sample has it: without `alg`.
    fn with_published(mut self) -> Result<Self> {
        let mut jwk: Map<String, Value> = public_jwk(self.curve, &self.signing)?;
        jwk.insert("kid".into(), json!(self.kid));
        jwk.insert("use".into(), json!("sig"));
        self.published.insert(0, Value::Object(jwk));
        Ok(self)
    }

    fn alone(mut self) -> Self {
        let (kid, sig) = (Value::from(self.kid.as_str()), Value::from("sig"));
        self.published.retain(|jwk| jwk.get("use") != Some(&sig) || jwk.get("kid") == Some(&kid));
        self
    }
}

/// A key of the fixtures.
pub(super) fn fixture(kid: &str) -> Result<EcPrivate> {
    let jwk = ec::private(kid);
    let members = jwk.as_ref().and_then(Value::as_object).with_context(|| format!("the embedded key {kid}"))?;
    Ok(EcPrivate::from_jwk(members)?)
}

fn pem(public: &EcPublic) -> Result<String> {
    Ok(String::from_utf8(public.key.public_key_to_pem()?)?)
}
