//! The clients that are registered without any file: the published samples and the testbed's own.

use super::RSA;
use super::{ClientKey, ClientRegistration, PrivateKey, Secret};
use crate::jose::key::{read_private, read_public};
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

/// The built-in clients.
///
/// # Errors
/// When the embedded data do not parse, which a test rules out.
pub(super) fn built_in() -> anyhow::Result<Vec<ClientRegistration>> {
    let samples: Samples =
        serde_json::from_str(myinfo_fixtures::SAMPLE_CLIENTS_JSON).context("the embedded sample clients")?;
    let mut clients = vec![own()?];
    for sample in samples.v3 {
        let material = read_public(sample.public_pem.as_bytes(), RSA)?;
        let key = ClientKey::new(material, Some(sample.certificate_common_name))?;
        let first = registration(&sample.client_id, &sample.client_secret, "Myinfo self-test", sample.redirect_uris);
        for (id, secret, name) in FURTHER_SAMPLES {
            let mut further = registration(id, secret, name, first.redirect_uris.clone());
            further.key = Some(key.clone());
            clients.push(further);
        }
        clients.push(ClientRegistration { key: Some(key), ..first });
    }
    Ok(clients)
}

fn own() -> anyhow::Result<ClientRegistration> {
    let mut own = registration(
        keys::CLIENT_ID,
        keys::CLIENT_SECRET,
        "Testbed client",
        vec![keys::CLIENT_REDIRECT_URI.to_owned()],
    );
    own.key = Some(ClientKey::new(read_public(keys::CLIENT_CERT_PEM.as_bytes(), RSA)?, None)?);
    own.private_key = Some(PrivateKey(read_private(keys::CLIENT_KEY_PEM.as_bytes(), None, RSA)?));
    Ok(own)
}

fn registration(id: &str, secret: &str, name: &str, redirect_uris: Vec<String>) -> ClientRegistration {
    ClientRegistration {
        id: id.to_owned(),
        name: name.to_owned(),
        secret: Secret::new(secret),
        redirect_uris,
        attributes: None,
        flavour: None,
        sub: None,
        auto_login: None,
        esvc_ids: Vec::new(),
        key: None,
        private_key: None,
    }
}
