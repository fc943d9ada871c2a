//! `doctor token` with what people paste: more than a token, another thing than a token, tokens for a mock elsewhere.

use super::party::{LOGIN, MYINFO, Party, with};
use myinfo_fixtures::keys::ec;
use myinfo_mock_server::config::Config;
use myinfo_mock_server::doctor::Report;
use myinfo_mock_server::doctor::token::{TokenOptions, token};
use serde_json::{Value, json};
use std::path::Path;

/// A configuration that knows the party's server by its address.
fn config(party: &Party) -> Config {
    let mut config = Config::from_toml("", Path::new(".")).unwrap();
    config.add_public_url(&party.mock.base_url()).unwrap();
    config
}

fn looked_at(party: &Party, content: &str) -> Report {
    token(&config(party), content, &TokenOptions::default()).unwrap()
}

/// What is said of a proof for userinfo, with this as its access token.
fn proved(party: &Party, proof: &str, access_token: &str) -> anyhow::Result<Report> {
    let options = TokenOptions { access_token: Some(access_token.to_owned()), ..TokenOptions::default() };
    token(&config(party), proof, &options)
}

#[tokio::test]
async fn an_access_token_may_come_with_its_scheme_or_in_the_whole_answer() {
    let party = Party::new(MYINFO).await;
    let tokens = party.tokens().await;
    let access_token = tokens["access_token"].as_str().unwrap();
    let proof = party.proof("GET", &format!("{}/userinfo", party.issuer()), Some(access_token)).signed();
    for (given, out_of) in [
        (format!("DPoP {access_token}"), "out of a header"),
        (format!("bearer {access_token}\n"), "out of a header"),
        (format!("Authorization: DPoP {access_token}"), "out of a header"),
        (tokens.to_string(), "its access_token"),
        (format!("access_token={access_token}&token_type=DPoP"), "the access_token of a form"),
        (json!(access_token).to_string(), "out of a JSON string (quotes)"),
    ] {
        let report = proved(&party, &proof, &given).unwrap();
        assert!(report.healthy && report.text.contains("fapi.dpop.token-hash"), "{given}: {}", report.text);
        let says = format!("the access token was unpacked: {out_of}");
        assert!(report.text.contains(&says), "{says}: {}", report.text);
    }
    let plain = proved(&party, &proof, &format!("{access_token}\n")).unwrap();
    assert!(plain.healthy && !plain.text.contains("unpacked"), "{}", plain.text);
}

#[tokio::test]
async fn a_token_is_taken_out_of_the_form_that_carried_it() {
    let party = Party::new(MYINFO).await;
    let assertion = party.assertion().signed();
    let kind = "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    for form in [
        format!("client_assertion={assertion}&client_assertion_type=x"),
        format!("grant_type=authorization_code&{kind}&client_assertion={}\n", assertion.replace('.', "%2E")),
        format!("http://localhost/?client_assertion={assertion}"),
    ] {
        let report = looked_at(&party, &form);
        let begin = "unpacked   the client_assertion of a form\nthis is    a client assertion";
        assert!(report.healthy && report.text.starts_with(begin), "{form}: {}", report.text);
    }
    let tokens = party.tokens().await;
    let (id_token, access_token) = (tokens["id_token"].as_str().unwrap(), tokens["access_token"].as_str().unwrap());
    let both = looked_at(&party, &format!("#access_token={access_token}&id_token={id_token}"));
    for told in ["the id_token of a form", "the access_token of a form"] {
        assert!(both.text.contains(&format!("unpacked   {told}\n")), "{told}: {}", both.text);
    }
    // what belongs to v3 alone is unpacked, too
    let other = looked_at(&party, "access_token=abc");
    assert!(other.text.starts_with("unpacked   the access_token of a form\n"), "{}", other.text);
}

#[tokio::test]
async fn what_is_no_access_token_is_named() {
    let party = Party::new(MYINFO).await;
    let tokens = party.tokens().await;
    let proof = party.proof("GET", &format!("{}/userinfo", party.issuer()), Some("a")).signed();
    for (given, says) in [
        ("{\"id_token\": \"a.b.c\"}", "a token answer without `access_token`"),
        ("client_assertion=a.b.c&code=1", "a form without it"),
        ("{\"error\": \"invalid_grant\"}", "JSON without `access_token`"),
        (" \n", "is empty"),
    ] {
        let told = proved(&party, &proof, given).unwrap_err().to_string();
        assert!(told.contains("--access-token") && told.contains(says), "{told}");
    }
    for (given, says) in [
        (proof.as_str(), "what was given with --access-token is a DPoP proof"),
        (tokens["id_token"].as_str().unwrap(), "what was given with --access-token is an encrypted document"),
    ] {
        let report = proved(&party, &proof, given).unwrap();
        assert!(!report.healthy && report.text.contains(says), "{says}: {}", report.text);
    }
}

#[tokio::test]
async fn all_clients_that_have_the_key_are_named() {
    let party = Party::new(MYINFO).await;
    let report = looked_at(&party, &party.assertion().signed());
    let line = report.text.replace("\n           ", " ");
    let both = format!("of {LOGIN} (`use`: `sig`), which is also the key client-sig-p256 of {MYINFO}");
    assert!(line.contains(&both), "{}", report.text);
}

#[tokio::test]
async fn a_token_for_a_mock_elsewhere_says_how_the_doctor_learns_of_it() {
    let party = Party::new(MYINFO).await;
    let of_assertion = |audience: &str| {
        let mut made = party.assertion();
        with(&mut made.claims, "aud", audience);
        looked_at(&party, &made.signed())
    };
    let of_proof = |url: &str| looked_at(&party, &party.proof("POST", url, None).signed());
    for (report, says) in [
        (of_assertion("http://127.0.0.1:59999/fapi"), "say so with --http 127.0.0.1:59999"),
        (of_proof("http://127.0.0.1:59999/fapi/par"), "say so with --http 127.0.0.1:59999"),
        (of_proof("http://mock.internal:8080/fapi/token"), "say so with --public-url"),
    ] {
        assert!(!report.healthy && report.text.replace("\n           ", " ").contains(says), "{says}: {}", report.text);
    }
    for known in [party.issuer(), "https://stg-id.singpass.gov.sg/fapi".to_owned()] {
        let report = of_assertion(&known);
        assert!(report.healthy && !report.text.contains("say so with"), "{}", report.text);
    }
}

#[tokio::test]
async fn a_list_as_audience_is_noted_where_it_is_taken() {
    let party = Party::new(MYINFO).await;
    let mut made = party.assertion();
    with(&mut made.claims, "aud", json!([party.issuer()]));
    let report = looked_at(&party, &made.signed());
    assert!(report.healthy && report.text.contains("`aud` is a list with the issuer in it"), "{}", report.text);
    with(&mut made.claims, "aud", json!([party.issuer(), "another"]));
    assert!(!looked_at(&party, &made.signed()).healthy);
}

#[tokio::test]
async fn keys_that_were_pasted_for_a_token_are_recognised_and_not_shown() {
    let party = Party::new(MYINFO).await;
    let single = ec::private("client-sig-p256").unwrap();
    let secret = single["d"].as_str().unwrap();
    for (content, says) in [
        (ec::CLIENT_JWKS, "this is a JWK Set, no token: `myinfo-mock doctor jwks FILE`"),
        (ec::CLIENT_JWKS_PRIVATE, "this is a JWK Set, no token"),
        (&single.to_string(), "this is a JWK, a key and no token"),
    ] {
        let report = looked_at(&party, content);
        assert!(!report.healthy && report.text.contains(says), "{}", report.text);
        assert!(!report.text.contains(secret) && report.text.len() < 300, "{}", report.text);
    }
}

#[tokio::test]
async fn a_signature_is_held_against_the_set_that_was_given() {
    let party = Party::new(MYINFO).await;
    let tokens = party.tokens().await;
    let jwks = |name: &str, set: &str| TokenOptions {
        jwks: Some((name.to_owned(), set.as_bytes().to_vec())),
        ..TokenOptions::default()
    };
    let look = |options| token(&config(&party), tokens["access_token"].as_str().unwrap(), &options).unwrap().text;
    let text = look(jwks("theirs.json", ec::STRANGER_JWKS));
    assert!(
        text.contains("signed it, not a key of the JWK Set that was given") && !text.contains("Singpass' key"),
        "{text}"
    );
    let published: Value = serde_json::from_str(ec::SERVICE_JWKS).unwrap();
    let text = look(jwks("published.json", &published.to_string()));
    assert!(text.contains("signed by  alias/testbed") && !text.contains("signed it, not"), "{text}");
}

#[tokio::test]
async fn a_query_in_the_address_of_a_proof_is_noted() {
    let party = Party::new(MYINFO).await;
    let proof = |path: &str| {
        let mut proof = party.proof("GET", &party.issuer(), Some("a"));
        proof.claims["htu"] = format!("{}{path}", party.issuer()).into();
        proof.signed()
    };
    let report = looked_at(&party, &proof("/userinfo?attributes=name"));
    assert!(report.healthy && report.text.contains("`htu` has a query or fragment"), "{}", report.text);
    assert!(!looked_at(&party, &proof("/userinfo")).text.contains("query or fragment"));
}
