//! Redirect URIs: registered ones, character by character; and what differs in one that is not.

use super::Rule;
use crate::config::address::redirect_problem;
use crate::doctor::catalogue::REDIRECT_DIFF;
use crate::doctor::difference::{Comparison, kind_of_address_difference};
use crate::refusal::Refusal;
use std::borrow::Cow;
use warp::http::StatusCode;

/// What a profile says where a redirect URI is not right.
pub(crate) struct RedirectPolicy {
    pub(crate) rule: &'static Rule,
    pub(crate) status: StatusCode,
    /// What the wire says.
    pub(crate) message: Cow<'static, str>,
}

impl RedirectPolicy {
    /// The address is one of those that are registered for a client.
    pub(crate) fn check_registered(&self, sent: &str, client: &str, registered: &[String]) -> Result<(), Refusal> {
        if registered.iter().any(|registered| registered == sent) {
            return Ok(());
        }
        let mut hint = format!("redirect_uri is `{sent}`; registered for {client} is {}", registered.join(", "));
        let refusal = |hint: String| match how_to_register(sent, client) {
            Some(how) => self.refusal(hint).fixed_by(format!("{}: {how}", self.rule.fix)),
            None => self.refusal(hint),
        };
        let Some(nearest) = nearest_address(sent, registered) else { return Err(refusal(hint)) };
        let comparison = Comparison::new(nearest, sent);
        let same = comparison.first_difference().unwrap_or_default();
        match kind_of_address_difference(nearest, sent) {
            Some(kind) => hint = format!("{hint}; the difference: {kind}"),
            None if same >= 8 => hint = format!("{hint}; they differ after {same} characters"),
            None => {}
        }
        Err(refusal(hint).compared(comparison))
    }

    /// The address is that of the authorisation request.
    pub(crate) fn check_same(&self, sent: &str, authorised: &str) -> Result<(), Refusal> {
        if sent == authorised {
            return Ok(());
        }
        let kind = kind_of_address_difference(authorised, sent)
            .map_or_else(String::new, |kind| format!("; the difference: {kind}"));
        let hint = format!("redirect_uri is `{sent}`; this login began with `{authorised}`{kind}");
        Err(self.refusal(hint).compared(Comparison::new(authorised, sent)))
    }

    fn refusal(&self, hint: String) -> Refusal {
        Refusal::new(self.status, self.message.as_ref(), self.rule, hint).diagnosed(REDIRECT_DIFF)
    }
}

/// What makes an address a registered one, to be pasted; nothing where it can be none, or would not stay whole in a shell.
fn how_to_register(sent: &str, client: &str) -> Option<String> {
    let usable = redirect_problem(sent).is_none() && !sent.contains('\'') && sent.len() <= 200;
    usable.then(|| format!("myinfo-mock --redirect-uri '{sent}', or PATCH /_mock/clients/{client} while it runs"))
}

/// The registered address that the sent one resembles most.
fn nearest_address<'r>(sent: &str, registered: &'r [String]) -> Option<&'r str> {
    let shared = |candidate: &str| sent.chars().zip(candidate.chars()).take_while(|(a, b)| a == b).count();
    // one that differs in a way which has a name explains more than one that is merely long alike
    let simple = registered.iter().find(|candidate| kind_of_address_difference(candidate, sent).is_some());
    simple.or_else(|| registered.iter().max_by_key(|candidate| shared(candidate))).map(String::as_str)
}
