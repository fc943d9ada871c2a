//! Who may use a realm and who lives in it: clients and personas, replaced as a whole when one of them changes.

use crate::config::{ClientRegistration, Secret};
use crate::persona::{Persona, Personas};
use openssl::sha::Sha256;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The clients and personas of a realm at one moment. A request sees one edition from its beginning to its end.
#[derive(Debug)]
pub(crate) struct Book {
    pub(crate) clients: BTreeMap<String, ClientRegistration>,
    pub(crate) personas: Personas,
    /// Grows with every change, so that what was computed from an older edition is not mistaken for new.
    pub(crate) edition: u64,
    /// The persona behind each `sub` that is a UUID: one for each client and persona, and one for whoever asks.
    subjects: HashMap<String, String>,
    /// Every few characters in a row of a registered secret, and the secrets that are shorter.
    parts: HashSet<Vec<u8>>,
}

/// How many characters in a row of a secret are a part of it that must not be seen.
const PART: usize = 6;

impl Book {
    pub(crate) fn new(clients: BTreeMap<String, ClientRegistration>, personas: Personas, edition: u64) -> Self {
        let subjects = clients
            .keys()
            .map(String::as_str)
            .chain([""])
            .flat_map(|client| personas.iter().map(|persona| (uuid_of(client, &persona.id), persona.id.clone())))
            .collect();
        let secrets = || clients.values().flat_map(|client| &client.secrets).map(|secret| secret.reveal().as_bytes());
        let parts =
            secrets().flat_map(|secret| secret.windows(secret.len().clamp(1, PART))).map(<[u8]>::to_vec).collect();
        Self { clients, personas, edition, subjects, parts }
    }

    /// The registered client of that id.
    pub(crate) fn client(&self, id: &str) -> Option<&ClientRegistration> {
        self.clients.get(id)
    }

    /// The persona behind a `sub`.
    pub(crate) fn persona_of_subject(&self, subject: &str) -> Option<&Persona> {
        let id = self.subjects.get(subject).map_or(subject, String::as_str);
        self.personas.iter().find(|persona| persona.id == id)
    }

    /// Whether a text, what stands where a parameter's name does, holds a part of a registered secret or is a short one.
    pub(crate) fn shows_secret(&self, text: &str) -> bool {
        let text = text.as_bytes();
        self.parts.contains(text) || text.windows(PART).any(|part| self.parts.contains(part))
    }

    /// The text without any registered client's secret, wherever it stands, percent-encoded or not.
    pub(crate) fn mask_secrets(&self, text: &str) -> String {
        let secrets = self.clients.values().flat_map(|client| &client.secrets).map(Secret::reveal);
        // a secret of a few letters would blank out half of every sentence
        secrets.filter(|secret| secret.len() >= 8).fold(text.to_owned(), |text, secret| {
            let once = crate::text::encode(secret);
            let twice = crate::text::encode(&once);
            text.replace(&twice, "[redacted]").replace(&once, "[redacted]").replace(secret, "[redacted]")
        })
    }
}

/// A UUID that stands for one persona at one client: always the same, and telling nothing.
pub(crate) fn uuid_of(client: &str, persona: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(client.as_bytes());
    hasher.update(&[0]);
    hasher.update(persona.as_bytes());
    let hex = crate::text::hex(hasher.finish().get(..16).unwrap_or_default());
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    // version 4, variant 1, as the recorded ones
    format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}
