//! Cases of what makes a signed request a fresh one: its timestamp and its nonce.

use super::wrongly_signed::shift;
use crate::case::server::{Plan, ServerCase, verbs};
use crate::server::client::v3::ApiCall;
use crate::server::trial::Defect::Signed;
use crate::server::trial::Trial;
use crate::verdict::Step;
use crate::verdict::{Level, Stop};

/// The cases, in their order.
pub(super) const CASES: &[ServerCase] = &[
    ServerCase {
        id: "v3.server-signature.timestamp",
        code: "SRV-SIG-11",
        level: Level::Must,
        clauses: &["v3-sign-timestamp", "v3-sign-clock"],
        other: "sends timestamps that are an hour or eight hours off, in seconds, or no number",
        good: "refuses with 401",
        why: "An old request could be sent again for ever",
        fix: "Compare the timestamp, in milliseconds, with the clock, and refuse what is minutes off",
        plan: Plan::Token(
            &[401],
            &[
                ("with a timestamp an hour behind", Signed(|draft| shift(draft, -3_600_000))),
                ("with a timestamp an hour ahead", Signed(|draft| shift(draft, 3_600_000))),
                ("with a timestamp eight hours behind", Signed(|draft| shift(draft, -28_800_000))),
                ("with a timestamp eight hours ahead", Signed(|draft| shift(draft, 28_800_000))),
                (
                    "with a timestamp in seconds",
                    Signed(|draft| {
                        draft.header.timestamp.truncate(10);
                    }),
                ),
                ("with a timestamp that is no number", Signed(|draft| "now".clone_into(&mut draft.header.timestamp))),
            ],
        ),
    },
    ServerCase {
        id: "v3.server-signature.nonce-again",
        code: "SRV-SIG-12",
        level: Level::Must,
        clauses: &["v3-sign-nonce"],
        other: "uses a nonce again: that of a token request in both requests, that of a person request in another one",
        good: "refuses with 401",
        why: "The nonce is what tells a repeated request from a new one",
        fix: "Remember the nonces of each app_id for as long as timestamps are taken, over all endpoints",
        plan: verbs!(nonce_again),
    },
];

pub(super) async fn nonce_again(trial: &mut Trial) -> Step {
    let first = trial.draft(ApiCall::Token).await?;
    let answer = trial.send(&first).await;
    if answer.as_ref().is_ok_and(|answer| answer.status != 200) || answer.is_err() {
        return Err(Stop::Inconclusive(
            "the control failed: a token request that keeps every rule was refused".to_owned(),
        ));
    }
    for (what, endpoint) in [("in a second token request", ApiCall::Token), ("in a person request", ApiCall::Person)] {
        let mut draft = trial.draft(endpoint).await?;
        draft.header.nonce.clone_from(&first.header.nonce);
        trial.when(what);
        let answer = trial.send(&draft).await;
        trial.refused(answer, &[401])?;
    }
    let first = trial.draft(ApiCall::Person).await?;
    if !trial.send(&first).await.is_ok_and(|answer| answer.status == 200) {
        return Err(Stop::Inconclusive(
            "the control failed: a person request that keeps every rule was refused".to_owned(),
        ));
    }
    let mut draft = trial.draft(ApiCall::Person).await?;
    draft.header.nonce.clone_from(&first.header.nonce);
    trial.when("in a second person request");
    let answer = trial.send(&draft).await;
    trial.refused(answer, &[401])
}
