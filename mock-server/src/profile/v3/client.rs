//! What a client is to v3: its table `[client.v3]`, and the client together with it.

use super::certificate;
use crate::config::fields::name_of;
use crate::config::file::{FLAVOURS, ODD_CHARACTERS, has_odd_characters};
use crate::config::reader::{Findings, TableReader};
use crate::config::section::ClientKeys;
use crate::config::shown::{Shown, ShownValue};
use crate::config::{ClientRegistration, Flavour, RSA, Secret, read_material, read_passphrase};
use crate::jose::jwk::thumbprint;
use crate::jose::key::{KeyError, PublicMaterial, read_private, read_public};
use crate::persona::catalogue::{Catalogue, Version};
use josekit::jws::alg::rsassa::RsassaJwsVerifier;
use josekit::jws::{JwsVerifier, RS256};
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use serde_json::{Value, json};
use std::path::Path;

/// v3's part of a client.
#[derive(Clone)]
pub(super) struct V3Client {
    /// The client secret.
    pub(super) secret: Secret,
    /// The attributes that this client may ask for; absent means all.
    pub(super) attributes: Option<Vec<String>>,
    /// The flavour of this client; absent means the server's.
    pub(super) flavour: Option<Flavour>,
    /// What `sub` is for this client; absent means UUID for com and UIN/FIN for gov.
    pub(super) sub: Option<SubKind>,
    /// The Singpass e-service ids of a government client; empty means any.
    pub(super) esvc_ids: Vec<String>,
    /// The certificate or public key; absent for a sandbox client that has none.
    pub(super) key: Option<ClientKey>,
    /// The private key, where the mock has it: for `export` and the doctor.
    pub(super) private_key: Option<PKey<Private>>,
}

/// What the `sub` of an access token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SubKind {
    /// A UUID that stands for this person at this client (com since spec 3.1.1).
    Uuid,
    /// The NRIC or FIN (gov).
    Uinfin,
}

const SUBS: [(&str, SubKind); 2] = [("uuid", SubKind::Uuid), ("uinfin", SubKind::Uinfin)];

/// A client's public key in the forms in which v3 uses it.
#[derive(Debug, Clone)]
pub(super) struct ClientKey {
    /// As it was given.
    pub(super) material: PublicMaterial,
    /// For its request signatures.
    pub(super) verifier: RsassaJwsVerifier,
    /// What names it in the documents that are encrypted for it.
    pub(super) kid: String,
    /// Other certificates of the same text, which did not issue this one.
    pub(super) beside: Vec<X509>,
}

impl ClientKey {
    /// Prepares a key; `kid` names it, or else the common name of its certificate, or its thumbprint.
    pub(super) fn new(material: PublicMaterial, kid: Option<String>) -> anyhow::Result<Self> {
        let kid = kid.or_else(|| material.common_name()).map_or_else(|| thumbprint(&material.key), Ok)?;
        Ok(Self {
            verifier: RS256.verifier_from_der(material.key.public_key_to_der()?)?,
            kid,
            material,
            beside: Vec::new(),
        })
    }

    /// Whether the key made this signature over the text.
    pub(super) fn verifier_accepts(&self, text: &str, signature: &[u8]) -> bool {
        self.verifier.verify(text.as_bytes(), signature).is_ok()
    }
}

/// A client of v3: what it is to everybody, and what it is to v3.
#[derive(Clone, Copy)]
pub(super) struct Client<'a> {
    pub(super) id: &'a str,
    pub(super) common: &'a ClientRegistration,
    pub(super) v3: &'a V3Client,
}

impl<'a> Client<'a> {
    /// The client, where it is one of v3's.
    pub(super) fn of(common: &'a ClientRegistration) -> Option<Self> {
        Some(Self { id: &common.id, common, v3: common.profiles.get()? })
    }
}

/// The keys of `[client.v3]`.
pub(super) const KEYS: &[&str] =
    &["secret", "certificate", "kid", "private_key", "passphrase", "attributes", "flavour", "sub", "esvc_ids"];

/// Reads `[client.v3]`.
pub(super) fn read(
    client: &mut ClientRegistration,
    mut table: TableReader<'_, '_>,
    folder: &Path,
    findings: &mut Findings<'_>,
) {
    let before = findings.count();
    let span = table.span();
    let secret = table.string("secret", findings).map(|(secret, _)| secret);
    match &secret {
        None if findings.count() == before => {
            findings.note(&span, table.key("secret"), "is missing; every client of v3 has one");
        }
        Some(secret) if has_odd_characters(secret) => {
            findings.note(&table.place(&["secret"]), table.key("secret"), ODD_CHARACTERS);
        }
        None | Some(_) => {}
    }
    let attributes = read_attributes(&mut table, findings);
    let flavour = table.one_of("flavour", &FLAVOURS, findings);
    let sub = table.one_of("sub", &SUBS, findings);
    let esvc_ids = table.strings("esvc_ids", findings).unwrap_or_default().into_iter().map(|(id, _)| id).collect();
    let (key, private_key) = read_keys(&mut table, folder, findings);
    if key.is_none() && flavour != Some(Flavour::Sandbox) && findings.count() == before {
        let message = "is missing; without a certificate or public key only `flavour = \"sandbox\"` works";
        findings.note(&span, table.key("certificate"), message);
    }
    table.finish(findings);
    let secret = Secret::new(secret.unwrap_or_default());
    register(client, V3Client { secret, attributes, flavour, sub, esvc_ids, key, private_key });
}

/// Makes a client one of v3's.
pub(super) fn register(client: &mut ClientRegistration, own: V3Client) {
    client.secrets.push(own.secret.clone());
    client.profiles.put(own);
}

fn read_attributes(table: &mut TableReader<'_, '_>, findings: &mut Findings<'_>) -> Option<Vec<String>> {
    let listed = table.strings("attributes", findings)?;
    let catalogue = Catalogue::embedded()?;
    for (attribute, span) in &listed {
        if !catalogue.is_scope(Version::V3, attribute) {
            let said = if findings.has_room() { what_was_meant(catalogue, attribute) } else { String::new() };
            findings.note(span, table.key("attributes"), format!("`{attribute}` is no v3 attribute{said}"));
        }
    }
    Some(listed.into_iter().map(|(attribute, _)| attribute).collect())
}

fn what_was_meant(catalogue: &Catalogue, attribute: &str) -> String {
    if let Some(other) = catalogue.elsewhere(Version::V3, attribute) {
        return format!("; {other}");
    }
    let near = catalogue.nearest_scopes(Version::V3, attribute);
    near.first().map_or_else(String::new, |best| format!("; did you mean `{best}`?"))
}

fn read_keys(
    table: &mut TableReader<'_, '_>,
    folder: &Path,
    findings: &mut Findings<'_>,
) -> (Option<ClientKey>, Option<PKey<Private>>) {
    let kid = table.string("kid", findings).map(|(kid, _)| kid);
    let passphrase = read_passphrase(table, findings);
    let key = read_material(table, "certificate", folder, findings).and_then(|(bytes, span)| {
        let read = read_public(&bytes, RSA).map_err(|error| error.to_string());
        let key = read.and_then(|material| ClientKey::new(material, kid).map_err(|error| error.to_string()));
        let key = key.map(|key| {
            let beside = key.material.certificate.as_ref().map(|first| certificate::beside(first, &bytes));
            ClientKey { beside: beside.unwrap_or_default(), ..key }
        });
        key.map_err(|error| findings.note(&span, table.key("certificate"), error)).ok()
    });
    let private = read_material(table, "private_key", folder, findings).and_then(|(bytes, span)| {
        let read = read_private(&bytes, passphrase.as_deref(), RSA);
        let read = read.and_then(|private| match &key {
            Some(key) if !key.material.key.public_eq(&private) => Err(KeyError::Mismatch),
            _ => Ok(private),
        });
        read.map_err(|error| findings.note(&span, table.key("private_key"), error.to_string())).ok()
    });
    (key, private)
}

/// v3's part of a client as the admin API shows it: without its secret and keys.
pub(super) fn describe(client: &ClientRegistration) -> Option<Value> {
    let v3 = Client::of(client)?.v3;
    Some(json!({
        "attributes": v3.attributes,
        "flavour": v3.flavour.map(Flavour::name),
        "sub": v3.sub.map(|sub| name_of(&SUBS, &sub)),
        "esvc_ids": v3.esvc_ids,
        "key": v3.key.as_ref().map(|key| json!({
            "kid": key.kid,
            "thumbprint": thumbprint(&key.material.key).ok(),
            "bits": key.material.key.bits(),
            "certificate": key.material.certificate.is_some(),
        })),
    }))
}

/// v3's part of a client, for `config show`.
pub(super) fn shown(client: &ClientRegistration) -> Option<Vec<Shown>> {
    let v3 = Client::of(client)?.v3;
    let kid = v3.key.as_ref().map(|key| key.kid.clone());
    Some(vec![
        Shown::new("secret", ShownValue::Secret(v3.secret.clone())),
        Shown::as_written("certificate", "none: this client has no key"),
        Shown::text("kid", kid, "none: this client has no key"),
        Shown::as_written("private_key", "none"),
        Shown::as_written("passphrase", "none"),
        Shown::texts("attributes", v3.attributes.as_ref(), "everything"),
        Shown::text("flavour", v3.flavour.map(|flavour| flavour.name().to_owned()), "the server's"),
        Shown::text("sub", v3.sub.map(|sub| name_of(&SUBS, &sub).to_owned()), "uuid for com, uinfin for gov"),
        Shown::texts("esvc_ids", Some(&v3.esvc_ids).filter(|ids| !ids.is_empty()), "any"),
    ])
}

/// The keys of a client that v3 knows.
pub(super) fn keys(client: &ClientRegistration) -> ClientKeys<'_> {
    let v3 = Client::of(client).map(|client| client.v3);
    ClientKeys {
        private: v3.and_then(|v3| v3.private_key.as_ref()),
        public: v3.and_then(|v3| v3.key.as_ref()).map(|key| &key.material.key),
    }
}
