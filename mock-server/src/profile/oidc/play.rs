//! The API before FAPI in the playground: the browser, token, userinfo, with the published keys of the testbed's own Myinfo app.

use crate::jose::ecdh_es::sha256_base64url;
use crate::profile::fapi::client::OWN_MYINFO;
use crate::profile::fapi::play::{ASSERTION_TYPE, assert_anew, open_for_client};
use crate::profile::opened;
use crate::profile::play::{Draft, Play, Player, Step, form, in_json};
use anyhow::Result;

/// The three requests.
pub(super) const PLAYS: &[Play] = &[Play {
    id: "oidc",
    title: "Singpass before FAPI",
    client: OWN_MYINFO,
    asks_for: "openid uinfin name sex dob nationality regadd",
    steps: &[
        Step::of_browser("auth", |player| Ok(auth(player))),
        Step {
            event: "token",
            says: "The code of the callback is exchanged for tokens, with a client assertion.",
            draft: token,
            sign: Some(sign),
            learn: |answer| in_json(answer, "access_token").map(|token| ("access_token", token)).into_iter().collect(),
            needs: &["access_token"],
            opens: |answer| opened::member(answer, ("id_token", "The ID token"), open_for_client),
            demands: |_| None,
        },
        Step {
            event: "userinfo",
            says: "The person is asked for, with the access token alone.",
            draft: |player| Ok(userinfo(player)),
            sign: None,
            learn: |_| Vec::new(),
            needs: &[],
            opens: |answer| opened::whole(answer, "The person document", open_for_client),
            demands: |_| None,
        },
    ],
}];

fn auth(player: &Player<'_>) -> Draft {
    let query = form(&[
        ("response_type", "code"),
        ("client_id", player.play.client),
        ("redirect_uri", &player.redirect_uri()),
        ("scope", player.play.asks_for),
        ("state", player.known("state")),
        ("nonce", player.known("nonce")),
        ("code_challenge", &sha256_base64url(player.known("verifier"))),
        ("code_challenge_method", "S256"),
    ]);
    Draft::get(format!("{}/auth?{query}", player.base_url)).with(player.persona_header())
}

fn token(player: &Player<'_>) -> Result<Draft> {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", player.known("code")),
        ("redirect_uri", &player.redirect_uri()),
        ("client_id", player.play.client),
        ("code_verifier", player.known("verifier")),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", ""),
    ];
    let mut draft = Draft::form(format!("{}/token", player.base_url), &pairs);
    sign(player, &mut draft)?;
    Ok(draft)
}

fn userinfo(player: &Player<'_>) -> Draft {
    let draft = Draft::get(format!("{}/userinfo", player.base_url));
    draft.with(format!("Authorization: Bearer {}", player.known("access_token")))
}

/// Makes the assertion anew. Its audience is the issuer, which is the host.
fn sign(player: &Player<'_>, draft: &mut Draft) -> Result<()> {
    assert_anew(player, draft, player.base_url)
}
