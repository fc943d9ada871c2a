//! The parameters of v3: how they are read, and what is odd about them without breaking a rule.

use super::call::Call;
use super::rules;
use crate::doctor::catalogue::FORWARDED;
use crate::examination::Examination;
use crate::http::pairs::Pairs;
use crate::refusal::Refusal;
use crate::rule::{common, extra_parameters};
use crate::text::{is_name, listed};

/// What authorise knows.
pub(super) const AUTHORISE_PARAMETERS: &[&str] = &[
    "client_id",
    "attributes",
    "purpose",
    "state",
    "redirect_uri",
    "response_type",
    "authmode",
    "login_type",
    "appLaunchURL",
    "sp_esvcId",
];
/// What it wants, `sp_esvcId` for gov alone.
pub(super) const AUTHORISE_REQUIRED: &[&str] = &["client_id", "redirect_uri", "attributes", "purpose", "state", OF_GOV];
/// What token knows.
pub(super) const TOKEN_PARAMETERS: &[&str] =
    &["code", "client_id", "client_secret", "redirect_uri", "grant_type", "state"];
/// What it wants.
pub(super) const TOKEN_REQUIRED: &[&str] = &["client_id", "client_secret", "code", "redirect_uri"];
/// What person and person-basic know.
pub(super) const PERSON_PARAMETERS: &[&str] =
    &["client_id", "attributes", "sp_esvcId", "txnNo", "subentity", "subentity_id"];

/// What person wants, `sp_esvcId` for gov alone.
pub(super) const PERSON_REQUIRED: &[&str] = &["client_id", "attributes", OF_GOV];
/// The one that is required of the government's clients alone.
pub(super) const OF_GOV: &str = "sp_esvcId";

/// The parameters whose values are no secrets.
pub(super) const SHOWN: &[&str] = &[
    "client_id",
    "attributes",
    "grant_type",
    "redirect_uri",
    "state",
    "sp_esvcId",
    "txnNo",
    "txn_no",
    "subentity",
    "subentity_id",
    "purpose",
    "response_type",
    "authmode",
    "login_type",
    "appLaunchURL",
];

/// Where a parameter belongs that an endpoint of v3 does not know.
const ELSEWHERE: &[(&str, &str)] = &[
    ("scope", "v4 and FAPI have `scope`; v3 has `attributes`"),
    ("purpose_id", "v4 has `purpose_id`; v3 has `purpose`"),
    ("code_challenge", "PKCE belongs to v4 and FAPI"),
    ("code_challenge_method", "PKCE belongs to v4 and FAPI"),
    ("code_verifier", "PKCE belongs to v4 and FAPI"),
    ("nonce", "OpenID Connect and FAPI have `nonce`; in v3 it stands in the Authorization header"),
    ("request_uri", "pushed requests belong to FAPI"),
    ("client_assertion", "client assertions belong to v4 and FAPI"),
    ("client_assertion_type", "client assertions belong to v4 and FAPI"),
    ("txn_no", "it is called `txnNo` since 3.1.0"),
    ("sp_esvcid", "names are case-sensitive: `sp_esvcId`"),
    ("esvcid", "it is called `sp_esvcId`"),
    ("txnno", "names are case-sensitive: `txnNo`"),
    ("client_secret", "the secret belongs to token alone"),
    ("access_token", "the token belongs to the Authorization header"),
    ("refresh_token", "v3 has no endpoint that takes it"),
];

/// The pairs of a person request's query.
pub(super) fn read_query(call: &Call<'_>) -> Result<Pairs, Refusal> {
    if let Err(problem) = call.incoming.body {
        return Err(Refusal::from((common::BODY, problem)));
    }
    call.incoming
        .query_pairs(call.settings.repeated_parameters)
        .map_err(|problem| Refusal::from((rules::QUERY, problem)))
}

/// The required parameters that are missing, and what was sent in their place under another name; nothing where none is.
pub(super) fn missing<'n>(pairs: &Pairs, required: impl Iterator<Item = &'n str>, known: &[&str]) -> Option<String> {
    let missing: Vec<&str> = required.collect();
    let said = listed(missing.iter().copied())?;
    let strange = pairs.iter().map(|(name, _)| name).filter(|name| !known.contains(name) && is_name(name));
    let strange: Vec<(&str, String)> = strange.map(|name| (name, bare(name))).collect();
    let meant = missing.iter().filter_map(|name| {
        let wanted = bare(name);
        let (sent, _) = strange.iter().find(|(_, sent)| *sent == wanted)?;
        Some(format!("`{sent}` is to be called `{name}`"))
    });
    let meant: Vec<String> = meant.collect();
    Some(if meant.is_empty() { format!("{said} missing") } else { format!("{said} missing ({})", meant.join(", ")) })
}

/// A name without case and marks.
fn bare(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect()
}

/// Notes unknown parameters and forwarding headers.
pub(super) fn note_odd_requests(call: &Call<'_>, exam: &mut Examination, pairs: &Pairs, known: &[&str]) {
    extra_parameters::note(exam, pairs, known, ELSEWHERE);
    let computed = call.incoming.origin();
    let Some(told) = call.incoming.forwarded_origin().filter(|told| *told != computed) else { return };
    if !call.app.config.public_urls.contains(&told) {
        let text = format!(
            "the request came for {computed}, but its forwarding headers say {told}: if clients call that address, start the mock with --public-url {told}"
        );
        exam.note(FORWARDED, text);
    }
}

#[cfg(test)]
mod tests {
    use crate::ambient::{Clock, Entropy};
    use crate::app::App;
    use crate::config::Config;
    use crate::http::exchange::Incoming;
    use crate::profile::{self, ALL};
    use crate::text::compared;
    use std::path::Path;
    use warp::http::{HeaderMap, Method};

    /// So many names that nobody knows, which look like some that are known.
    fn names(count: usize, separator: &str) -> String {
        (0..count).map(|number| format!("stat{number}")).collect::<Vec<_>>().join(separator)
    }

    /// How many names are compared while a request is examined, and how many notes are told.
    fn work(path: &str, query: String) -> (usize, usize) {
        let config = Config::from_toml("", Path::new(".")).unwrap();
        let app = App::new(profile::protocols(ALL), config, Clock::System, Entropy::seeded(1)).unwrap();
        let incoming = Incoming {
            base: String::new(),
            method: Method::GET,
            path: path.to_owned(),
            query,
            headers: HeaderMap::new(),
            body: Ok(bytes::Bytes::new()),
            scheme: "http",
            peer: None,
        };
        let (examined, compared) = compared(|| profile::examine(ALL, &app, &incoming).unwrap());
        (compared, examined.1.told_notes().count())
    }

    #[test]
    fn thousands_of_unknown_names_cost_no_more_than_a_hundred() {
        let whose = "client_id=TESTBED-CLIENT&redirect_uri=http://localhost:3001/callback&purpose=p&state=s";
        for path in ["/com/v3/authorise", "/com/v3/person/x/", "/gov/v3/person-basic/S6005048A"] {
            let of_parameters = |count| work(path, format!("{whose}&attributes=name&{}", names(count, "&")));
            let (few, many) = (of_parameters(100), of_parameters(9_000));
            assert_eq!(few, many, "{path}: comparisons and notes");
            assert!((1..2_000).contains(&many.0) && many.1 <= 51, "{path}: {many:?}");
            let of_attributes = |count| work(path, format!("{whose}&attributes={}", names(count, ",")));
            let (few, many) = (of_attributes(100), of_attributes(9_000));
            assert_eq!(few, many, "{path}: comparisons and notes");
            assert!(many.0 < 2_000, "{path}: {many:?}");
        }
    }
}
