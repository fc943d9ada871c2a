//! The API before FAPI in the playground: the browser, token, userinfo, with the published keys of the testbed's own Myinfo app.

use crate::profile::fapi::client::OWN_MYINFO;
use crate::profile::fapi::play::{asked, assert_anew, exchanged, open_for_client, with_assertion};
use crate::profile::opened;
use crate::profile::play::{Draft, Play, Player, Step, form, in_json};
use crate::profile::returned::{self, Issuer};
use anyhow::Result;

/// The three requests.
pub(super) const PLAYS: &[Play] = &[Play {
    id: "oidc",
    title: "Singpass before FAPI",
    client: OWN_MYINFO,
    asks_for: "openid uinfin name sex dob nationality regadd",
    issuer: |player| Some(Issuer { name: player.base_url.to_owned(), announced: false }),
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
            compares: returned::id_token,
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
            compares: |_, _, _| Vec::new(),
            demands: |_| None,
        },
    ],
}];

fn auth(player: &Player<'_>) -> Draft {
    Draft::get(format!("{}/auth?{}", player.base_url, form(&asked(player)))).with(player.persona_header())
}

fn token(player: &Player<'_>) -> Result<Draft> {
    let mut draft = Draft::form(format!("{}/token", player.base_url), &with_assertion(exchanged(player)));
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
