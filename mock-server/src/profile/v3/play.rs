//! v3 in the playground: authorise, token, person, signed with the published key of the testbed's own client.

use super::base_string::base_string;
use super::pki_sign::PkiSign;
use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use crate::jose::nested::unverified;
use crate::profile::opened;
use crate::profile::play::{Draft, Play, Player, Step, form, in_json};
use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use josekit::jwe::RSA_OAEP;
use josekit::jws::RS256;
use myinfo_fixtures::keys::{CLIENT_ID, CLIENT_KEY_PEM, CLIENT_SECRET};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;

/// The three requests.
pub(super) const PLAYS: &[Play] = &[Play {
    id: "v3",
    title: "Myinfo v3",
    client: CLIENT_ID,
    asks_for: "uinfin,name,sex,dob,nationality,regadd",
    issuer: |_| None,
    steps: &[
        Step::of_browser("authorise", |player| Ok(authorise(player))),
        Step {
            event: "token",
            says: "The code of the callback is exchanged for an access token; the request is signed.",
            draft: token,
            sign: Some(sign),
            learn: learn_token,
            needs: &["access_token", "sub"],
            opens: |_| Vec::new(),
            compares: |_, _, _| Vec::new(),
            demands: |_| None,
        },
        Step {
            event: "person",
            says: "The person is asked for, with the token, signed again; the answer is encrypted for the client.",
            draft: person,
            sign: Some(sign),
            learn: |_| Vec::new(),
            needs: &[],
            opens: |answer| opened::whole(answer, "The person document", open),
            compares: |_, _, _| Vec::new(),
            demands: |_| None,
        },
    ],
}];

fn authorise(player: &Player<'_>) -> Draft {
    let query = form(&[
        ("client_id", CLIENT_ID),
        ("attributes", player.play.asks_for),
        ("purpose", "playing a relying party"),
        ("state", player.known("state")),
        ("redirect_uri", &player.redirect_uri()),
    ]);
    let draft = Draft::get(format!("{}/com/v3/authorise?{query}", player.base_url));
    draft.with(player.persona_header())
}

fn token(player: &Player<'_>) -> Result<Draft> {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", player.known("code")),
        ("redirect_uri", &player.redirect_uri()),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
    ];
    let draft = Draft::form(format!("{}/com/v3/token", player.base_url), &pairs);
    let mut draft = draft.with("Authorization: PKI_SIGN".to_owned());
    sign(player, &mut draft)?;
    Ok(draft)
}

fn learn_token(answer: &Answer) -> Vec<(&'static str, String)> {
    let Some(token) = in_json(answer, "access_token") else { return Vec::new() };
    let claims = unverified(&token, 1).unwrap_or_default();
    let sub = claims.get("sub").and_then(|sub| sub.as_str()).map(|sub| ("sub", sub.to_owned()));
    std::iter::once(("access_token", token.clone())).chain(sub).collect()
}

fn person(player: &Player<'_>) -> Result<Draft> {
    let query = form(&[("client_id", CLIENT_ID), ("attributes", player.play.asks_for)]);
    let url = format!("{}/com/v3/person/{}/?{query}", player.base_url, player.known("sub"));
    let mut draft = Draft::get(url).with(format!("Authorization: Bearer {}", player.known("access_token")));
    sign(player, &mut draft)?;
    Ok(draft)
}

/// Makes the header anew, for the request as it is now; a Bearer token in it stays.
fn sign(player: &Player<'_>, draft: &mut Draft) -> Result<()> {
    let (url, query) = draft.address();
    let parameters = Pairs::parse(if draft.method == "POST" { &draft.body } else { query });
    let mut header = PkiSign {
        app_id: CLIENT_ID.to_owned(),
        nonce: player.app.entropy.hex(16),
        signature_method: RS256.to_string(),
        signature: String::new(),
        timestamp: player.app.clock.now().0.to_string(),
    };
    let text = base_string(&draft.method, url, &header, &parameters.context("the parameters cannot be read")?);
    let key = PKey::private_key_from_pem(CLIENT_KEY_PEM.as_bytes())?;
    header.signature =
        BASE64_STANDARD.encode(Signer::new(MessageDigest::sha256(), &key)?.sign_oneshot_to_vec(text.as_bytes())?);
    let bearer = draft.header("Authorization").and_then(|value| value.split_once("Bearer ")).map(|(_, token)| token);
    let bearer = bearer.map_or_else(String::new, |token| format!(",Bearer {token}"));
    let PkiSign { app_id, nonce, signature_method, signature, timestamp } = header;
    let value = format!(
        r#"PKI_SIGN app_id="{app_id}",nonce="{nonce}",signature_method="{signature_method}",signature="{signature}",timestamp="{timestamp}"{bearer}"#
    );
    draft.replace("Authorization", &value);
    Ok(())
}

/// What was encrypted for the client's key.
fn open(document: &str) -> Result<Vec<u8>, String> {
    let key = RSA_OAEP.decrypter_from_pem(CLIENT_KEY_PEM).map_err(|error| error.to_string())?;
    // which of the two it was, RSA-OAEP tells nobody
    let why = "it was encrypted for another key, or its header, key, IV, text or tag was changed on the way";
    josekit::jwe::deserialize_compact(document, &key).map(|(plaintext, _)| plaintext).map_err(|_| why.to_owned())
}
