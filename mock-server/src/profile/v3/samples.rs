//! The clients that are registered without any file: the published samples and the testbed's own.

use super::client::{ClientKey, V3Client, register};
use super::settings::V3Settings;
use crate::config::{ClientRegistration, Config, RSA, Secret};
use crate::jose::key::{read_private, read_public};
use crate::parts::Settings;
use anyhow::Context;
use myinfo_fixtures::keys;
use serde::Deserialize;

/// The part of the samples' file that v3 uses.
#[derive(Deserialize)]
struct Samples {
    v3: Vec<Sample>,
}

#[derive(Deserialize)]
struct Sample {
    client_id: String,
    client_secret: String,
    redirect_uris: Vec<String>,
    certificate_common_name: String,
    public_pem: String,
}

/// The published settings of the second and third sample, which share the first one's key (`spec` §7).
const FURTHER_SAMPLES: [(&str, &str, &str); 2] = [
    ("STG2-MYINFO-DEMO-APP", "outzuu7n3bxzcvdyrv98y3picshnkydf1r4ybwas", "Myinfo demo application"),
    ("STG2-MYINFOBIZ-SELF-TEST", "44d953c796cccebcec9bdc826852857ab412fbe2", "Myinfo Business self-test"),
];

/// Puts in the default settings and the built-in clients.
///
/// # Errors
/// When the embedded data do not parse, which a test rules out.
pub(super) fn built_in(config: &mut Config) -> anyhow::Result<()> {
    config.profiles.put(V3Settings::default());
    let samples: Samples =
        serde_json::from_str(myinfo_fixtures::SAMPLE_CLIENTS_JSON).context("the embedded sample clients")?;
    let mut clients = vec![own()?];
    for sample in samples.v3 {
        let material = read_public(sample.public_pem.as_bytes(), RSA)?;
        let key = ClientKey::new(material, Some(sample.certificate_common_name))?;
        let first = (sample.client_id.as_str(), sample.client_secret.as_str(), "Myinfo self-test");
        for (id, secret, name) in FURTHER_SAMPLES.into_iter().chain([first]) {
            let mut client = common(id, name, sample.redirect_uris.clone());
            register(&mut client, of_v3(secret, key.clone()));
            clients.push(client);
        }
    }
    config.clients.extend(clients.into_iter().map(|client| (client.id.clone(), client)));
    Ok(())
}

fn own() -> anyhow::Result<ClientRegistration> {
    let mut own = common(keys::CLIENT_ID, "Testbed client", vec![keys::CLIENT_REDIRECT_URI.to_owned()]);
    let key = ClientKey::new(read_public(keys::CLIENT_CERT_PEM.as_bytes(), RSA)?, None)?;
    let private_key = Some(read_private(keys::CLIENT_KEY_PEM.as_bytes(), None, RSA)?);
    register(&mut own, V3Client { private_key, ..of_v3(keys::CLIENT_SECRET, key) });
    Ok(own)
}

fn common(id: &str, name: &str, redirect_uris: Vec<String>) -> ClientRegistration {
    ClientRegistration {
        id: id.to_owned(),
        name: name.to_owned(),
        redirect_uris,
        auto_login: None,
        secrets: Vec::new(),
        profiles: Settings::default(),
    }
}

fn of_v3(secret: &str, key: ClientKey) -> V3Client {
    V3Client {
        secret: Secret::new(secret),
        attributes: None,
        flavour: None,
        sub: None,
        esvc_ids: Vec::new(),
        key: Some(key),
        private_key: None,
    }
}
