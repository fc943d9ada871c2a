//! A server on a clock that stands still, and a client made of the oracle's rules.

use anyhow::Result;
use myinfo_conformance::http;
use myinfo_conformance::server::client::v3::{Draft, OracleClient};
use myinfo_mock_server::ambient::{Clock, ManualClock, Timestamp};
use myinfo_mock_server::config::Config;
use myinfo_mock_server::{MockServer, MockServerBuilder};
use reqwest::{Client, Response};
use serde_json::Value;
use std::path::Path;

/// The moment at which every test takes place: 14 November 2023, 22:13:20 UTC.
pub(crate) const NOW: u64 = 1_700_000_000_000;

pub(crate) fn now() -> u64 {
    NOW
}

/// A server, its clock, and a client for it.
pub(crate) struct Rig {
    pub(crate) mock: MockServer,
    pub(crate) clock: ManualClock,
    pub(crate) client: OracleClient,
}

pub(crate) async fn rig(context: &'static str) -> Rig {
    rig_with(context, "", |builder| builder).await
}

/// A client for servers without TLS: it reads none of the authorities of this machine, which takes longer than a whole flow.
pub(crate) fn plain_http() -> Client {
    http::builder().tls_certs_only([]).build().unwrap()
}

/// A rig whose server reads `toml` and is changed by `more`.
pub(crate) async fn rig_with(
    context: &'static str,
    toml: &str,
    more: impl FnOnce(MockServerBuilder) -> MockServerBuilder,
) -> Rig {
    let config = Config::from_toml(toml, Path::new(".")).unwrap_or_else(|problems| panic!("{problems:?}"));
    let clock = ManualClock::starting_at(Timestamp(NOW));
    let builder = MockServer::builder()
        .config(config)
        .address(([127, 0, 0, 1], 0).into())
        .clock(Clock::Manual(clock.clone()))
        .seed(1);
    let mock = more(builder).start().await.unwrap();
    let client = OracleClient::over(plain_http(), &mock.base_url(), context, now).unwrap();
    Rig { mock, clock, client }
}

/// An HTTP client that reaches a server by a name without a port, and the base URL with that name: what the server makes of
/// its own address is then the same in every run.
pub(crate) fn by_name(mock: &MockServer) -> (Client, String) {
    const NAME: &str = "mock.localhost";
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    (builder.resolve(NAME, mock.address()).build().unwrap(), format!("http://{NAME}"))
}

/// What the admin API answers to a GET, as JSON.
pub(crate) async fn admin(rig: &Rig, path: &str) -> Value {
    let answer = rig.client.http.get(format!("{}/_mock/{path}", rig.mock.base_url())).send().await.unwrap();
    answer.json().await.unwrap()
}

/// The newest exchange in the journal.
pub(crate) async fn newest(rig: &Rig) -> Value {
    // not the list of all of them, which grows with every row of a test
    let newest = admin(rig, "exchanges?limit=1").await["newest"].clone();
    admin(rig, &format!("exchanges/{newest}")).await
}

/// Status and body of an answer.
pub(crate) async fn told(answer: Response) -> (u16, String) {
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Sends a draft after one change, and says what came.
pub(crate) async fn changed(
    client: &OracleClient,
    draft: &Draft,
    change: impl FnOnce(&mut Draft),
) -> Result<(u16, String)> {
    let mut draft = draft.clone();
    draft.header.nonce.push_str("-changed");
    change(&mut draft);
    Ok(told(client.send(&draft).await?).await)
}
