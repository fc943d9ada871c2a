//! The authorise endpoint: what it accepts, what it refuses on a page, what it sends back to the relying party.

use crate::support::{rig, rig_with, told};
use myinfo_conformance::server::client::v3::OracleClient;
use std::collections::BTreeMap;
use url::Url;

fn pairs(url: &Url) -> BTreeMap<String, String> {
    url.query_pairs().into_owned().collect()
}

/// The callback of a login by `X-Myinfo-Mock-Persona`, after one change to the authorise address.
async fn callback(client: &OracleClient, attributes: &str, change: impl FnOnce(&mut Url)) -> Url {
    let mut url = client.authorise_url(attributes, "a state/1").unwrap();
    change(&mut url);
    client.callback(url, "S6005048A").await.unwrap()
}

/// Takes a parameter out of an address, or gives it another value.
fn with(url: &mut Url, name: &str, value: Option<&str>) {
    let kept: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(known, _)| known != name).collect();
    let mut query = url.query_pairs_mut();
    query.clear().extend_pairs(kept);
    if let Some(value) = value {
        query.append_pair(name, value);
    }
}

#[tokio::test]
async fn the_callback_has_code_and_state_and_nothing_else() {
    let rig = rig("com").await;
    let callback = callback(&rig.client, "name", |_| ()).await;
    let names: Vec<String> = callback.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["code", "state"]);
    let pairs = pairs(&callback);
    assert_eq!(pairs["state"], "a state/1");
    assert!(pairs["code"].len() == 40 && pairs["code"].bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
}

#[tokio::test]
async fn every_documented_parameter_is_accepted() {
    let rig = rig("com").await;
    for (name, value) in [
        ("response_type", "code"),
        ("authmode", "SINGPASS"),
        ("login_type", "QR"),
        ("appLaunchURL", "app://back"),
        ("sp_esvcId", "X"),
        ("scope", "openid"),
        ("nonce", "n"),
        ("code_challenge", "c"),
    ] {
        let callback = callback(&rig.client, "name", |url| with(url, name, Some(value))).await;
        assert!(pairs(&callback).contains_key("code"), "{name}: {callback}");
    }
}

#[tokio::test]
async fn an_unencoded_address_as_the_python_connector_sends_it_is_understood() {
    let rig = rig("com").await;
    let raw = format!(
        "GET /com/v3/authorise?client_id=TESTBED-CLIENT&attributes=name,sex&purpose=python-myinfo-connector&state=s&redirect_uri=http://localhost:3001/callback HTTP/1.1\r\nHost: {}\r\nX-Myinfo-Mock-Persona: S6005048A\r\nConnection: close\r\n\r\n",
        rig.mock.address()
    );
    let answer = raw_exchange(&rig.mock.address().to_string(), raw.as_bytes()).await;
    assert!(answer.contains("location: http://localhost:3001/callback?code="), "{answer}");
}

pub(crate) async fn raw_exchange(address: &str, bytes: &[u8]) -> String {
    use std::io::{Read, Write};
    let (address, bytes) = (address.to_owned(), bytes.to_vec());
    tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(&bytes).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn authorise_works_with_a_slash_and_with_a_nric_behind_it() {
    let rig = rig("gov").await;
    for tail in ["/", "//", "/S6005048A/"] {
        let callback = callback(&rig.client, "name", |url| {
            let path = format!("/gov/v3/authorise{tail}");
            url.set_path(&path);
        })
        .await;
        assert!(pairs(&callback).contains_key("code"), "{tail}: {callback}");
    }
}

#[tokio::test]
async fn an_unknown_client_or_redirect_uri_gets_a_page_and_no_redirect() {
    let rig = rig("com").await;
    for (name, value, part) in [
        ("client_id", Some("TESTBED-CLEINT"), "did you mean `TESTBED-CLIENT`"),
        ("client_id", None, "client_id is missing"),
        ("redirect_uri", Some("http://localhost:3001/callback/"), "redirect_uri_mismatch"),
        ("redirect_uri", Some("https://evil.example/"), "redirect_uri_mismatch"),
        ("redirect_uri", None, "redirect_uri_mismatch"),
    ] {
        let mut url = rig.client.authorise_url("name", "s").unwrap();
        with(&mut url, name, value);
        let answer = rig.client.http.get(url).header("X-Myinfo-Mock-Persona", "S6005048A").send().await.unwrap();
        assert!(answer.headers().get("location").is_none(), "{name}");
        let (status, page) = told(answer).await;
        let page = page.replace("<code>", "`").replace("</code>", "`");
        assert_eq!((status, page.contains(part)), (400, true), "{name} {value:?}: {page}");
    }
}

#[tokio::test]
async fn what_is_missing_comes_back_as_error_500_with_the_state() {
    let rig = rig("gov").await;
    for name in ["attributes", "purpose", "sp_esvcId"] {
        let pairs = pairs(&callback(&rig.client, "name", |url| with(url, name, None)).await);
        assert_eq!((pairs["error"].as_str(), pairs["state"].as_str()), ("500", "a state/1"), "{name}");
        assert!(pairs["error-description"].contains(name), "{pairs:?}");
    }
    let without_state = pairs(&callback(&rig.client, "name", |url| with(url, "state", None)).await);
    assert_eq!(without_state["error"], "500");
    assert!(!without_state.contains_key("state"));
    let other_type = pairs(&callback(&rig.client, "name", |url| with(url, "response_type", Some("token"))).await);
    assert_eq!(other_type["error"], "500");
}

#[tokio::test]
async fn unknown_and_forbidden_attributes_are_invalid_scope_with_their_texts() {
    let toml = format!(
        "[[client]]\nid = 'TESTBED-CLIENT'\nv3.secret = 's'\nredirect_uris = ['http://localhost:3001/callback']\nv3.attributes = ['name', 'vehicles.make']\nv3.certificate = '''{}'''",
        myinfo_fixtures::keys::CLIENT_CERT_PEM
    );
    let rig = rig_with("com", &toml, |builder| builder).await;
    for (attributes, text) in [
        ("name,nmae", "Invalid realm scope"),
        ("vehicles", "Invalid realm scope"),
        ("name sex", "Invalid realm scope"),
        ("name,sex", "Invalid client scope"),
        ("vehicles.vehicleno", "Invalid client scope"),
    ] {
        let pairs = pairs(&callback(&rig.client, attributes, |_| ()).await);
        assert_eq!(
            (pairs["error"].as_str(), pairs["error-description"].as_str()),
            ("invalid_scope", text),
            "{attributes}"
        );
        assert_eq!(pairs["state"], "a state/1");
    }
    assert!(pairs(&callback(&rig.client, "name,vehicles.make", |_| ()).await).contains_key("code"));
}

#[tokio::test]
async fn repeated_parameters_and_bad_text_get_a_page() {
    let rig = rig("com").await;
    for extra in ["state=2", "purpose=%ff%fe"] {
        let url = format!("{}&{extra}", rig.client.authorise_url("name", "s").unwrap());
        let (status, page) = told(rig.client.http.get(url).send().await.unwrap()).await;
        assert_eq!(status, 400, "{extra}: {page}");
    }
}

#[tokio::test]
async fn a_login_can_be_made_to_fail_in_the_documented_ways() {
    let rig = rig("com").await;
    for (ending, error) in [("error:access_denied", "access_denied"), ("error:503", "503"), ("error:500", "500")] {
        let url = rig.client.authorise_url("name", "s").unwrap();
        let pairs = pairs(&rig.client.callback(url, ending).await.unwrap());
        assert_eq!((pairs["error"].as_str(), pairs["state"].as_str()), (error, "s"));
        assert!(!pairs.contains_key("code"));
    }
    let url = rig.client.authorise_url("name", "s").unwrap();
    let answer = rig.client.http.get(url).header("X-Myinfo-Mock-Persona", "ANDI LAU").send().await.unwrap();
    let (status, page) = told(answer).await;
    assert_eq!((status, page.contains("ANDY LAU")), (400, true), "{page}");
}

#[tokio::test]
async fn pages_escape_everything_that_a_request_brings() {
    let rig = rig("com").await;
    let nasty = "<script>alert('x')</script>\"&";
    let mut url = rig.client.authorise_url("name", "s").unwrap();
    with(&mut url, "purpose", Some(nasty));
    let login = rig.client.http.get(url).send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
    let login = format!("{}{login}&q={}", rig.client.base_url, "%3Cscript%3E");
    let page = rig.client.http.get(&login).send().await.unwrap().text().await.unwrap();
    assert!(!page.contains("<script") && page.contains("data-test=\"nobody\""), "{page}");
    let transaction = login.split("transaction=").nth(1).unwrap().split('&').next().unwrap();
    let form = format!("transaction={transaction}&persona=T0000004Z");
    let chosen = rig.client.http.post(rig.client.endpoint("login")).body(form).send().await.unwrap();
    let consent = format!("{}{}", rig.client.base_url, chosen.headers()["location"].to_str().unwrap());
    let page = rig.client.http.get(consent).send().await.unwrap().text().await.unwrap();
    assert!(!page.contains("<script") && page.contains("alert("), "{page}");
    let unknown = rig.client.http.get(format!("{}/com/v3/authorise?client_id=%3Cscript%3E", rig.client.base_url));
    assert!(!unknown.send().await.unwrap().text().await.unwrap().contains("<script"));
}

#[tokio::test]
async fn a_login_transaction_ends_with_its_redirect_and_with_the_clock() {
    let rig = rig("com").await;
    let begin = || async {
        let url = rig.client.authorise_url("name", "s").unwrap();
        let answer = rig.client.http.get(url).send().await.unwrap();
        answer.headers()["location"].to_str().unwrap().split("transaction=").nth(1).unwrap().to_owned()
    };
    let post = |page: &'static str, form: String| rig.client.http.post(rig.client.endpoint(page)).body(form).send();
    let transaction = begin().await;
    let (status, _) = told(post("consent", format!("transaction={transaction}&decision=agree")).await.unwrap()).await;
    assert_eq!(status, 400, "nobody is logged in yet");
    post("login", format!("transaction={transaction}&persona=S6005048A")).await.unwrap();
    let (status, _) = told(post("consent", format!("transaction={transaction}&decision=maybe")).await.unwrap()).await;
    assert_eq!(status, 400);
    assert_eq!(post("consent", format!("transaction={transaction}&decision=agree")).await.unwrap().status(), 302);
    assert_eq!(post("consent", format!("transaction={transaction}&decision=agree")).await.unwrap().status(), 400);
    let old = begin().await;
    rig.clock.advance_seconds(15 * 60);
    assert_eq!(post("login", format!("transaction={old}&persona=S6005048A")).await.unwrap().status(), 400);
}
