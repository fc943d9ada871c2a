//! The start page: where everything is, and ready configuration for every client and every known connector.

use super::render;
use crate::http::exchange::Answer;
use crate::refusal::Failure;
use askama::Template;

/// What this is, and how to point a connector at it.
#[derive(Template)]
#[template(path = "start.html")]
pub(crate) struct StartPage<'a> {
    pub(crate) origin: &'a str,
    pub(crate) base: &'a str,
    pub(crate) clients: Vec<ClientRow<'a>>,
    pub(crate) personas: usize,
    pub(crate) flavour: &'a str,
}

impl StartPage<'_> {
    /// The connectors of a protocol, each with its configuration for this address.
    fn connectors(&self, api: &str) -> Vec<(&'static Connector, String)> {
        let own = CONNECTORS.iter().filter(|connector| connector.api == api);
        own.map(|connector| (connector, connector.text.replace(WRITTEN_FOR, self.origin))).collect()
    }
}

/// A registered client on the start page.
pub(crate) struct ClientRow<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    /// The lines that it is configured with.
    pub(crate) settings: String,
}

/// A connector that is known to work here, and how it is configured.
struct Connector {
    /// `fapi`, `v3` or `oidc`.
    api: &'static str,
    id: &'static str,
    name: &'static str,
    /// What else is to be known.
    note: &'static str,
    text: &'static str,
}

/// The address that the texts were written for, as in the documents.
const WRITTEN_FOR: &str = "http://127.0.0.1:5156";

/// A row a connector: its API, id, name and note; its text stands in the file of this id, and in `docs/`.
macro_rules! connectors {
    ($($api:literal $id:literal $name:literal $note:literal)*) => {
        &[$(Connector {
            api: $api,
            id: $id,
            name: $name,
            note: $note,
            text: include_str!(concat!("../../templates/connectors/", $id, ".txt")),
        },)*]
    };
}

const CONNECTORS: &[Connector] = connectors! {
    "fapi" "connector-fapi" "myinfo-connector (the demo application of this project)" "Run in CI. Open http://localhost:3001/ then."
    "fapi" "openid-client" "openid-client (npm)" "Run in CI with version 6.9.0."
    "fapi" "requests-oauth2client" "requests_oauth2client (PyPI)" "Run in CI with version 1.8.0. Fetch userinfo with auth=token, and open it with jwskate."
    "v3" "connector-v3" "myinfo-connector (the demo application of this project)" "Run in CI. Open http://localhost:3001/ then."
    "v3" "gov-client" "@opengovsg/myinfo-gov-client (npm)" "Run in CI with version 4.1.2."
    "v3" "nodejs" "myinfo-connector-nodejs (official)" "Run in CI. It speaks TLS to port 443 alone: lead the real host names here (docs/real-names.md), and start it with NODE_EXTRA_CA_CERTS=myinfo-client/ca.pem."
    "v3" "python-django" "myinfo-connector-python (Django)" "Read, not run."
    "v3" "java" "myinfo-connector-java (official)" "Read, not run. It speaks TLS alone: start the mock with --https 127.0.0.1:5443. How store.jks is made stands in docs/v3.md."
    "v3" "dotnet" "myinfo-connector-dotnet (official)" "Read, not run."
    "v3" "rails" "myinfo-rails" "Read, not run. It speaks TLS to port 443: lead the real host names here (docs/real-names.md), and start it with SSL_CERT_FILE=myinfo-client/ca.pem."
    "oidc" "connector-oidc" "myinfo-connector (the demo application of this project)" "Run in CI. Open http://localhost:3001/ then."
    "oidc" "singpass-client" "singpass-client (PyPI)" "Run in CI with version 0.1.2."
};

/// Renders the start page.
pub(crate) fn start(page: &StartPage<'_>) -> Result<Answer, Failure> {
    render(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_have_the_same_configuration() {
        let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/");
        let read = |name: &str| std::fs::read_to_string(format!("{docs}{name}")).unwrap();
        let documented = read("v3.md") + &read("fapi.md");
        let outside = CONNECTORS.iter().filter(|connector| !connector.id.starts_with("connector-"));
        for connector in outside {
            assert!(documented.contains(connector.text), "docs/ has another text for {}", connector.id);
        }
    }
}
