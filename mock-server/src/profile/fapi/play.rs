//! FAPI in the playground: PAR, the browser, token, and userinfo where it is a Myinfo app, with the published keys of the testbed's
//! own apps.

use super::client::{OWN_LOGIN, OWN_MYINFO};
use super::service_keys::fixture;
use super::settings::FapiSettings;
use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use crate::jose::ec::public_jwk;
use crate::jose::ecdh_es::sha256_base64url;
use crate::jose::jwe_open::{Unopened, open};
use crate::jose::jws::{Alg, signing_input};
use crate::profile::opened;
use crate::profile::play::{Draft, Play, Player, Step, form, header_of, in_json};
use crate::profile::returned::{self, Issuer};
use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use warp::http::HeaderName;

/// A login of each kind of app.
pub(super) const PLAYS: &[Play] = &[
    Play {
        id: "fapi",
        title: "Singpass FAPI, Myinfo app",
        client: OWN_MYINFO,
        asks_for: "openid uinfin name sex dob nationality regadd",
        issuer: |player| Some(issuer(player)),
        steps: &[PAR, AUTH, TOKEN, USERINFO],
    },
    Play {
        id: "fapi-login",
        title: "Singpass FAPI, Login app",
        client: OWN_LOGIN,
        asks_for: "openid user.identity name email mobileno",
        issuer: |player| Some(issuer(player)),
        steps: &[PAR_OF_LOGIN, AUTH, TOKEN],
    },
];

const PAR: Step = Step {
    event: "par",
    says: "The whole request is pushed first, with a client assertion and a DPoP proof.",
    draft: |player| par(player, None),
    sign: Some(sign),
    learn: |answer| learn(answer, "request_uri"),
    needs: &["request_uri"],
    opens: |_| Vec::new(),
    compares: |_, _, _| Vec::new(),
    demands,
};
const PAR_OF_LOGIN: Step = Step {
    says: "The whole request is pushed first; a Login app says in authentication_context_type what the login is for.",
    draft: |player| par(player, Some(("authentication_context_type", "APP_AUTHENTICATION_DEFAULT"))),
    ..PAR
};
const AUTH: Step = Step::of_browser("auth", |player| Ok(auth(player)));
const TOKEN: Step = Step {
    event: "token",
    says: "The code of the callback is exchanged for tokens, with an assertion and a proof of their own.",
    draft: token,
    sign: Some(sign),
    learn: |answer| learn(answer, "access_token"),
    needs: &["access_token"],
    opens: |answer| opened::member(answer, ("id_token", "The ID token"), open_for_client),
    compares: returned::id_token,
    demands,
};
const USERINFO: Step = Step {
    event: "userinfo",
    says: "The person is asked for; the proof carries the hash of the access token.",
    draft: userinfo,
    sign: Some(sign),
    learn: |answer| nonce(answer, NONCE_OF_USERINFO),
    needs: &[],
    opens: |answer| opened::whole(answer, "The person document", open_for_client),
    compares: |_, _, _| Vec::new(),
    demands,
};

/// The key of the client's assertions.
const CLIENT_KEY: &str = "client-sig-p256";
/// The key that documents are encrypted for.
const OPENING_KEY: &str = "client-enc-p256";
/// The key of the proofs. A relying party makes one for each login; this one is published and belongs to no client.
const PROOF_KEY: &str = "stranger-sig-p256";
/// What the nonces are called that the servers demand: the authorisation server's, and the one of userinfo. RFC 9449 §9.
const NONCE_OF_SERVER: &str = "dpop_nonce";
const NONCE_OF_USERINFO: &str = "userinfo_dpop_nonce";
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn issuer(player: &Player<'_>) -> Issuer {
    let announced = FapiSettings::of(&player.app.config).is_some_and(|settings| settings.redirect_iss);
    Issuer { name: format!("{}/fapi", player.base_url), announced }
}

/// A member of the answer, and the nonce that comes with it: the next proof is to carry it, whatever the answer. RFC 9449 §8.2.
fn learn(answer: &Answer, name: &'static str) -> Vec<(&'static str, String)> {
    let member = in_json(answer, name).map(|value| (name, value));
    member.into_iter().chain(nonce(answer, NONCE_OF_SERVER)).collect()
}

fn nonce(answer: &Answer, name: &'static str) -> Vec<(&'static str, String)> {
    header_of(answer, &DPOP_NONCE).map(|value| (name, value.to_owned())).into_iter().collect()
}

/// RFC 9449 §8: the same request is sent once more, with the nonce in its proof.
fn demands(answer: &Answer) -> Option<&'static str> {
    let wanted = in_json(answer, "error").is_some_and(|error| error == "use_dpop_nonce");
    (wanted && header_of(answer, &DPOP_NONCE).is_some()).then_some(
        "A nonce is demanded in the DPoP proof, and stands in the header DPoP-Nonce. The request below is the same, with a new proof that carries it.",
    )
}

/// A document that was encrypted for the client's key.
pub(in crate::profile) fn open_for_client(document: &str) -> Result<Vec<u8>, String> {
    let key = fixture(OPENING_KEY).map_err(|error| format!("{error:#}"))?;
    open(document, &key).map_err(|unopened| match unopened {
        Unopened::AnotherKey => "it was encrypted for another key, or its second part was changed".to_owned(),
        Unopened::Changed(what) => what,
    })
}

fn par(player: &Player<'_>, more: Option<(&'static str, &str)>) -> Result<Draft> {
    let more = more.map(|(name, value)| (name, value.to_owned()));
    authenticated(player, "/fapi/par", asked(player).into_iter().chain(more).collect())
}

/// What is asked for, whether it is pushed or stands in the browser's address.
pub(in crate::profile) fn asked(player: &Player<'_>) -> Vec<(&'static str, String)> {
    let pairs = [
        ("response_type", "code"),
        ("client_id", player.play.client),
        ("redirect_uri", &player.redirect_uri()),
        ("scope", player.play.asks_for),
        ("state", player.known("state")),
        ("nonce", player.known("nonce")),
        ("code_challenge", &sha256_base64url(player.known("verifier"))),
        ("code_challenge_method", "S256"),
    ];
    pairs.map(|(name, value)| (name, value.to_owned())).into()
}

fn auth(player: &Player<'_>) -> Draft {
    let query = form(&[("client_id", player.play.client), ("request_uri", player.known("request_uri"))]);
    let draft = Draft::get(format!("{}/fapi/auth?{query}", player.base_url));
    draft.with(player.persona_header())
}

fn token(player: &Player<'_>) -> Result<Draft> {
    authenticated(player, "/fapi/token", exchanged(player))
}

/// What is exchanged for tokens, and what proves that it is this login's.
pub(in crate::profile) fn exchanged(player: &Player<'_>) -> Vec<(&'static str, String)> {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", player.known("code")),
        ("redirect_uri", &player.redirect_uri()),
        ("client_id", player.play.client),
        ("code_verifier", player.known("verifier")),
    ];
    pairs.map(|(name, value)| (name, value.to_owned())).into()
}

fn authenticated(player: &Player<'_>, path: &str, pairs: Vec<(&'static str, String)>) -> Result<Draft> {
    let draft = Draft::form(format!("{}{path}", player.base_url), &with_assertion(pairs));
    let mut draft = draft.with("DPoP: ".to_owned());
    sign(player, &mut draft)?;
    Ok(draft)
}

/// The pairs with a place for the client assertion. RFC 7523 §2.2.
pub(in crate::profile) fn with_assertion(pairs: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
    let own = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", "")];
    pairs.into_iter().chain(own.map(|(name, value)| (name, value.to_owned()))).collect()
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
    assert_anew(player, draft, &format!("{}/fapi", player.base_url))
}

/// Makes the form's client assertion anew, for this audience; adds none where there was none.
pub(in crate::profile) fn assert_anew(player: &Player<'_>, draft: &mut Draft, audience: &str) -> Result<()> {
    let pairs = Pairs::parse(&draft.body).context("the form cannot be read")?;
    if pairs.value("client_assertion").is_some() {
        let assertion = assertion(player, audience)?;
        let pairs =
            pairs.iter().map(|(name, value)| (name, if name == "client_assertion" { &*assertion } else { value }));
        draft.body = form(&pairs.collect::<Vec<_>>());
    }
    Ok(())
}

fn assertion(player: &Player<'_>, audience: &str) -> Result<String> {
    let now = player.app.clock.now().seconds();
    let header = json!({"typ": "JWT", "alg": "ES256", "kid": CLIENT_KEY});
    let claims = json!({
        "iss": player.play.client,
        "sub": player.play.client,
        "aud": audience,
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
    let token = draft.header("Authorization").and_then(|value| value.strip_prefix("DPoP "));
    let nonce = player.known(if token.is_some() { NONCE_OF_USERINFO } else { NONCE_OF_SERVER });
    let always = [
        ("htm", json!(draft.method)),
        ("htu", json!(draft.address().0)),
        ("jti", json!(player.app.entropy.hex(16))),
        ("iat", json!(player.app.clock.now().seconds())),
    ];
    let ath = token.map(|token| ("ath", json!(sha256_base64url(token))));
    let nonce = (!nonce.is_empty()).then(|| ("nonce", json!(nonce)));
    let claims = always.into_iter().chain(ath).chain(nonce).map(|(name, value)| (name.to_owned(), value));
    signed(player, PROOF_KEY, &header, &Value::Object(claims.collect()))
}

fn signed(player: &Player<'_>, kid: &str, header: &Value, claims: &Value) -> Result<String> {
    let (key, nothing) = (fixture(kid)?, Map::new());
    let input = signing_input(header.as_object().unwrap_or(&nothing), claims.to_string().as_bytes());
    let signature = Alg::Es(key.curve).sign(&key.any_kind()?, input.as_bytes(), player.app.entropy.repeats())?;
    Ok(format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
}
