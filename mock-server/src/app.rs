//! The state of one server: configuration, clock, chance, keys, personas, and what is remembered between requests.

use crate::ambient::{Clock, Entropy};
use crate::config::{ClientRegistration, Config, SubKind};
use crate::keys;
use crate::persona::{Persona, Personas, dates};
use crate::profile::v3::Context;
use crate::profile::v3::callback::Outcome;
use crate::profile::v3::grant::{Grant, Transaction};
use crate::rule::nested_jwe::{SignedDocuments, SigningKey};
use crate::rule::replay::NonceCache;
use crate::rule::scope::Catalogue;
use crate::store::ExpiringMap;
use anyhow::Context as _;
use openssl::sha::Sha256;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Everything a handler may use.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) catalogue: Catalogue,
    pub(crate) personas: Personas,
    pub(crate) signing: SigningKey,
    pub(crate) documents: SignedDocuments,
    /// The certificate of the mock's own authority, where TLS is served with it.
    pub(crate) authority_pem: Option<String>,
    memory: Mutex<Memory>,
    /// The persona behind each `sub` that is a UUID; the UUID is one for each client and persona.
    subjects: HashMap<String, String>,
}

/// What is remembered between requests.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) transactions: ExpiringMap<String, Transaction>,
    pub(crate) grants: ExpiringMap<String, Grant>,
    pub(crate) revoked: ExpiringMap<String, ()>,
    pub(crate) nonces: NonceCache,
}

/// How many logins may be under way at once; beyond that the oldest is dropped.
const TRANSACTIONS: usize = 10_000;
/// How many codes are remembered, used ones included.
const GRANTS: usize = 10_000;

impl App {
    pub(crate) fn new(config: Config, clock: Clock, entropy: Entropy) -> anyhow::Result<Self> {
        let catalogue = Catalogue::load().context("the embedded attribute catalogue")?;
        let mut personas = Personas::built_in()?;
        if let Some(directory) = &config.personas {
            personas = personas.with_directory(directory, &catalogue, dates::singapore_day(clock.now()))?;
        }
        let public = keys::public_half(&config.service.private)?;
        let signing = SigningKey::new(&config.service.private, keys::thumbprint(&public)?)?;
        let subjects = config
            .clients
            .keys()
            .flat_map(|client| personas.iter().map(|persona| (uuid_of(client, &persona.id), persona.id.clone())))
            .collect();
        Ok(Self {
            clock,
            entropy,
            catalogue,
            personas,
            signing,
            subjects,
            documents: SignedDocuments::new(),
            authority_pem: None,
            memory: Mutex::new(Memory {
                transactions: ExpiringMap::new("transactions", TRANSACTIONS),
                grants: ExpiringMap::new("codes", GRANTS),
                revoked: ExpiringMap::new("revoked tokens", GRANTS),
                nonces: NonceCache::new(),
            }),
            config,
        })
    }

    /// Refuses to start with an automatic login of somebody who does not exist; names every one.
    pub(crate) fn check_auto_logins(&self) -> anyhow::Result<()> {
        let of_server = self.config.auto_login.as_deref().map(|wanted| ("the server".to_owned(), wanted));
        let of_clients = self
            .config
            .clients
            .values()
            .filter_map(|client| Some((format!("the client {}", client.id), client.auto_login.as_deref()?)));
        let problems: Vec<String> = of_server
            .into_iter()
            .chain(of_clients)
            .filter_map(|(whose, wanted)| {
                Outcome::named(self, wanted).err().map(|refusal| format!("auto-login of {whose}: {}", refusal.hint))
            })
            .collect();
        if problems.is_empty() { Ok(()) } else { Err(anyhow::anyhow!(problems.join("\n  "))) }
    }

    /// The text without any registered client's secret, wherever it stands.
    pub(crate) fn mask_secrets(&self, text: &str) -> String {
        let secrets = self.config.clients.values().map(|client| client.secret.reveal());
        // a secret of a few letters would blank out half of every sentence
        secrets
            .filter(|secret| secret.len() >= 8)
            .fold(text.to_owned(), |text, secret| text.replace(secret, "[redacted]"))
    }

    /// The registered client of that id.
    pub(crate) fn client(&self, id: &str) -> Option<&ClientRegistration> {
        self.config.clients.get(id)
    }

    /// What is remembered; hold it briefly.
    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The `sub` by which this client knows the persona.
    pub(crate) fn subject(client: &ClientRegistration, context: Context, persona: &Persona) -> String {
        match client.sub.unwrap_or(context.default_sub()) {
            SubKind::Uuid => uuid_of(&client.id, &persona.id),
            SubKind::Uinfin => persona.id.clone(),
        }
    }

    /// The persona behind a `sub`.
    pub(crate) fn persona_of_subject(&self, subject: &str) -> Option<&Persona> {
        let id = self.subjects.get(subject).map_or(subject, String::as_str);
        self.personas.iter().find(|persona| persona.id == id)
    }
}

/// A UUID that stands for one persona at one client: always the same, and telling nothing.
fn uuid_of(client: &str, persona: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(client.as_bytes());
    hasher.update(&[0]);
    hasher.update(persona.as_bytes());
    let hex = hasher.finish().iter().take(16).fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    // version 4, variant 1, as the recorded ones
    format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}
