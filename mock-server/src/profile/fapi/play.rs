//! FAPI in the playground: PAR, the browser, token, userinfo, with the published keys of the testbed's own Myinfo app.

use super::client::OWN_MYINFO;
use super::service_keys::fixture;
use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use crate::jose::ec::public_jwk;
use crate::jose::ecdh_es::sha256_base64url;
use crate::jose::jws::{Alg, signing_input};
use crate::profile::play::{Draft, Play, Player, Step, form, in_json, in_location};
use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

/// The four requests.
pub(super) static PLAY: Play = Play {
    title: "Singpass FAPI",
    steps: &[
        Step {
            event: "par",
            says: "The whole request is pushed first, with a client assertion and a DPoP proof.",
            draft: par,
            sign: Some(sign),
            learn: |answer| learn(answer, "request_uri"),
            needs: &["request_uri"],
        },
        Step {
            event: "auth",
            says: "The browser is sent away; the header stands for the person who logs in and agrees.",
            draft: |player| Ok(auth(player)),
            sign: None,
            learn: |answer| in_location(answer, "code").map(|code| ("code", code)).into_iter().collect(),
            needs: &["code"],
        },
        Step {
            event: "token",
            says: "The code of the callback is exchanged for tokens, with an assertion and a proof of their own.",
            draft: token,
            sign: Some(sign),
            learn: |answer| learn(answer, "access_token"),
            needs: &["access_token"],
        },
        Step {
            event: "userinfo",
            says: "The person is asked for; the proof carries the hash of the access token.",
            draft: userinfo,
            sign: Some(sign),
            learn: |_| Vec::new(),
            needs: &[],
        },
    ],
};

/// What is asked for.
const SCOPE: &str = "openid uinfin name sex dob nationality regadd";
/// The key of the client's assertions.
const CLIENT_KEY: &str = "client-sig-p256";
/// The key of the proofs. A relying party makes one for each login; this one is published and belongs to no client.
const PROOF_KEY: &str = "stranger-sig-p256";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn learn(answer: &Answer, name: &'static str) -> Vec<(&'static str, String)> {
    in_json(answer, name).map(|value| (name, value)).into_iter().collect()
}

fn par(player: &Player<'_>) -> Result<Draft> {
    let pairs = [
        ("response_type", "code"),
        ("client_id", OWN_MYINFO),
        ("redirect_uri", &player.redirect_uri(OWN_MYINFO)),
        ("scope", SCOPE),
        ("state", player.known("state")),
        ("nonce", player.known("nonce")),
        ("code_challenge", &sha256_base64url(player.known("verifier"))),
        ("code_challenge_method", "S256"),
    ];
    authenticated(player, "/fapi/par", &pairs)
}

fn auth(player: &Player<'_>) -> Draft {
    let query = form(&[("client_id", OWN_MYINFO), ("request_uri", player.known("request_uri"))]);
    let draft = Draft::get(format!("{}/fapi/auth?{query}", player.base_url));
    draft.with(format!("X-Myinfo-Mock-Persona: {}", player.persona))
}

fn token(player: &Player<'_>) -> Result<Draft> {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", player.known("code")),
        ("redirect_uri", &player.redirect_uri(OWN_MYINFO)),
        ("client_id", OWN_MYINFO),
        ("code_verifier", player.known("verifier")),
    ];
    authenticated(player, "/fapi/token", &pairs)
}

fn authenticated(player: &Player<'_>, path: &str, pairs: &[(&str, &str)]) -> Result<Draft> {
    let with = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", "")];
    let draft = Draft::form(format!("{}{path}", player.base_url), &[pairs, &with].concat());
    let mut draft = draft.with("DPoP: ".to_owned());
    sign(player, &mut draft)?;
    Ok(draft)
}

fn userinfo(player: &Player<'_>) -> Result<Draft> {
    let draft = Draft::get(format!("{}/fapi/userinfo", player.base_url));
    let draft = draft.with(format!("Authorization: DPoP {}", player.known("access_token")));
    let mut draft = draft.with("DPoP: ".to_owned());
    sign(player, &mut draft)?;
    Ok(draft)
}

/// Makes assertion and proof anew, for the request as it is now; adds none where there was none.
fn sign(player: &Player<'_>, draft: &mut Draft) -> Result<()> {
    let proof = proof(player, draft)?;
    draft.replace("DPoP", &proof);
    let pairs = Pairs::parse(&draft.body).context("the form cannot be read")?;
    if pairs.value("client_assertion").is_some() {
        let assertion = assertion(player)?;
        let pairs =
            pairs.iter().map(|(name, value)| (name, if name == "client_assertion" { &*assertion } else { value }));
        draft.body = form(&pairs.collect::<Vec<_>>());
    }
    Ok(())
}

fn assertion(player: &Player<'_>) -> Result<String> {
    let now = player.app.clock.now().seconds();
    let header = json!({"typ": "JWT", "alg": "ES256", "kid": CLIENT_KEY});
    let claims = json!({
        "iss": OWN_MYINFO,
        "sub": OWN_MYINFO,
        "aud": format!("{}/fapi", player.base_url),
        "jti": player.app.entropy.hex(16),
        "iat": now,
        "exp": now + 60,
    });
    signed(player, CLIENT_KEY, &header, &claims)
}

fn proof(player: &Player<'_>, draft: &Draft) -> Result<String> {
    let key = fixture(PROOF_KEY)?;
    let jwk = public_jwk(key.curve, &key.any_kind()?)?;
    let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk});
    let mut claims = json!({
        "htm": draft.method,
        "htu": draft.address().0,
        "jti": player.app.entropy.hex(16),
        "iat": player.app.clock.now().seconds(),
    });
    let token = draft.header("Authorization").and_then(|value| value.strip_prefix("DPoP "));
    if let (Some(token), Some(claims)) = (token, claims.as_object_mut()) {
        claims.insert("ath".to_owned(), json!(sha256_base64url(token)));
    }
    signed(player, PROOF_KEY, &header, &claims)
}

fn signed(player: &Player<'_>, kid: &str, header: &Value, claims: &Value) -> Result<String> {
    let (key, nothing) = (fixture(kid)?, Map::new());
    let input = signing_input(header.as_object().unwrap_or(&nothing), claims.to_string().as_bytes());
    let signature = Alg::Es(key.curve).sign(&key.any_kind()?, input.as_bytes(), player.app.entropy.repeats())?;
    Ok(format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
}
