//! The right values were signed, and changed on the wire: joined raw, without percent-encoding.

use super::{Judged, Row};
use crate::diagnosis::authorization;
use crate::support::{Rig, newest, now, rig_with};
use myinfo_conformance::server::client::v3::{Draft, OracleClient};
use myinfo_fixtures::keys::CLIENT_CERT_PEM;
use myinfo_oracle::v3::sign;
use std::fmt::Write as _;

const CHANGED: &[&str] = &["changed-after-signing"];

/// Client, secret, redirect URI and state, what to expect.
const ROWS: &[(Row, [&str; 4])] = &[
    (
        Row { name: "+ in the secret", ids: CHANGED, says: "client_secret" },
        ["PLUS", "a+secret+more", "http://localhost:3001/cb", ""],
    ),
    (
        Row { name: "& in the secret", ids: CHANGED, says: "client_secret" },
        ["AND", "a&secret&more", "http://localhost:3001/cb", ""],
    ),
    (
        Row { name: "& and = in the secret", ids: CHANGED, says: "client_secret" },
        ["EQUAL", "a&secret=more", "http://localhost:3001/cb", ""],
    ),
    (
        Row { name: "% in the secret", ids: CHANGED, says: "client_secret" },
        ["PERCENT", "a%41secret", "http://localhost:3001/cb", ""],
    ),
    (
        Row { name: "a query in the redirect URI", ids: CHANGED, says: "redirect_uri" },
        ["QUERY", "a-secret", "http://localhost:3001/cb?app=1&lang=en", ""],
    ),
    (
        Row { name: "+ in the redirect URI", ids: CHANGED, says: "redirect_uri" },
        ["URI", "a-secret", "http://localhost:3001/cb?q=a+b", ""],
    ),
    (
        Row { name: "+ in the state of authorise", ids: CHANGED, says: "state" },
        ["PLAIN", "a-secret", "http://localhost:3001/cb", "a+state"],
    ),
    (
        Row { name: "& in the state of authorise", ids: CHANGED, says: "state" },
        ["PLAIN", "a-secret", "http://localhost:3001/cb", "a&b=c"],
    ),
    (
        Row { name: "+ in secret and state", ids: CHANGED, says: "client_secret" },
        ["PLUS", "a+secret+more", "http://localhost:3001/cb", "a+state"],
    ),
];

fn client(rig: &Rig, [id, secret, redirect_uri, _]: [&str; 4]) -> OracleClient {
    let mut client = OracleClient::over(rig.client.http.clone(), &rig.mock.base_url(), "com", now).unwrap();
    id.clone_into(&mut client.client_id);
    secret.clone_into(&mut client.client_secret);
    redirect_uri.clone_into(&mut client.redirect_uri);
    id.clone_into(&mut client.nonce);
    client
}

async fn code(client: &OracleClient, state: &str) -> String {
    let url = client.authorise_url("name", if state.is_empty() { "s" } else { state }).unwrap();
    let callback = client.callback(url, "S6005048A").await.unwrap();
    callback.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned()
}

async fn send_raw(client: &OracleClient, draft: &Draft) {
    let header = authorization(draft, &sign(&draft.base_string(), &client.key));
    let body: Vec<String> = draft.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = client.http.post(&draft.url).header("Content-Type", "application/x-www-form-urlencoded");
    request.header("Authorization", header).body(body.join("&")).send().await.unwrap();
}

/// Every row's outcome.
pub(super) async fn judged() -> Vec<Judged> {
    let mut toml = String::new();
    let mut known = std::collections::BTreeSet::new();
    for (_, [id, secret, uri, _]) in ROWS.iter().filter(|(_, [id, ..])| known.insert(*id)) {
        let _ = write!(
            toml,
            "[[client]]\nid = '{id}'\nv3.secret = '{secret}'\nredirect_uris = ['{uri}']\nv3.certificate = '''{CLIENT_CERT_PEM}'''\n"
        );
    }
    let rig = rig_with("com", &toml, |builder| builder).await;
    let mut judged = Vec::new();
    for (place, (row, values)) in ROWS.iter().enumerate() {
        let mut client = client(&rig, *values);
        client.nonce += &place.to_string();
        let mut draft = client.token_draft(&code(&client, values[3]).await);
        if !values[3].is_empty() {
            draft.set("state", values[3]);
        }
        send_raw(&client, &draft).await;
        judged.push(row.judge(&newest(&rig).await["refused"]));
    }
    // what nobody knows has two readings
    let mut client = client(&rig, ROWS[6].1);
    client.nonce += "two";
    let mut draft = client.token_draft(&code(&client, "s").await);
    draft.set("state", "un+known");
    send_raw(&client, &draft).await;
    let row = Row { name: "+ in a value that nobody knows", ids: &["plus-either-way"], says: "either" };
    judged.push(row.judge(&newest(&rig).await["refused"]));
    judged.push(escaped(&rig).await);
    for (row, sent) in OTHER_SECRETS {
        judged.push(other_secret(&rig, row, sent).await);
    }
    judged
}

const ANOTHER_SENT: &[&str] = &["another-secret-sent"];
/// What is sent in place of the secret that was signed.
const OTHER_SECRETS: &[(Row, &str)] = &[
    (
        Row { name: "a secret of last year sent", ids: ANOTHER_SENT, says: "the registered client_secret was signed" },
        "old",
    ),
    (Row { name: "no secret sent", ids: ANOTHER_SENT, says: "another one stands in the body" }, ""),
    (Row { name: "another client's secret sent", ids: ANOTHER_SENT, says: "in the body" }, "a&secret&more"),
];

/// The registered secret was signed, and another one sent.
async fn other_secret(rig: &Rig, row: &Row, sent: &str) -> Judged {
    let mut client = client(rig, ROWS[6].1);
    client.nonce += row.name;
    let mut draft = client.token_draft(&code(&client, "s").await);
    let header = authorization(&draft, &sign(&draft.base_string(), &client.key));
    draft.set("client_secret", sent);
    client.request(&draft, Some(&header)).send().await.unwrap();
    row.judge(&newest(rig).await["refused"])
}

const ESCAPED: Row = Row { name: "spaces signed as +, sent as %20", ids: &["plus-for-space"], says: "state" };

/// A space that was sent as one, and signed as `+`: the wire proves it.
async fn escaped(rig: &Rig) -> Judged {
    let mut client = client(rig, ROWS[6].1);
    client.nonce += "escaped";
    let mut draft = client.token_draft(&code(&client, "s").await);
    draft.set("state", "a state");
    let header = authorization(&draft, &sign(&draft.base_string().replace("a state", "a+state"), &client.key));
    let body: Vec<String> =
        draft.parameters.iter().map(|(name, value)| format!("{name}={}", crate::diagnosis::encode(value))).collect();
    let request = client.http.post(&draft.url).header("Content-Type", "application/x-www-form-urlencoded");
    request.header("Authorization", header).body(body.join("&")).send().await.unwrap();
    ESCAPED.judge(&newest(rig).await["refused"])
}

/// What the rows expect.
pub(super) fn ids() -> impl Iterator<Item = &'static [&'static str]> {
    ROWS.iter().map(|(row, _)| row.ids).chain([ESCAPED.ids, ANOTHER_SENT])
}
