//! A request for no endpoint: a clear 404 or 405, with the address that was probably meant.

use super::Profile;
use crate::app::App;
use crate::examination::Examination;
use crate::http::exchange::{Answer, Incoming, plain_error};
use crate::protocol::{Endpoint, Event, Kind, Protocols};
use crate::refusal::Refusal;
use crate::rule::common;
use crate::text::meant;
use warp::http::{HeaderValue, StatusCode, header};

/// Refuses the request, and writes it down.
pub(super) fn refuse(incoming: &Incoming, app: &App, profiles: &[&Profile]) -> Answer {
    let mut exam = Examination::default();
    let here: Vec<&Endpoint> =
        app.protocols.endpoints().filter(|endpoint| endpoint.tail_of(&incoming.path).is_some()).collect();
    let profile =
        here.first().and_then(|endpoint| profiles.iter().find(|profile| profile.protocol.id == endpoint.profile));
    let (refusal, answer) = if let Some(profile) = profile {
        exam.kept(common::PATH);
        not_this_method(incoming, profile, &here)
    } else {
        let refusal = unknown_path(incoming, &app.protocols);
        let answer = plain_error(refusal.status, &refusal.message);
        (refusal, answer)
    };
    exam.broken(refusal);
    app.conclude(Event::Other, incoming, exam, answer)
}

/// What is wrong with a request to a path that takes other methods; nothing where it takes this one, or nothing is there.
pub(crate) fn wrong_method(incoming: &Incoming, protocols: &Protocols) -> Option<Refusal> {
    let here: Vec<&Endpoint> =
        protocols.endpoints().filter(|endpoint| endpoint.tail_of(&incoming.path).is_some()).collect();
    let profile = here.first()?.profile;
    let methods = protocols.all().find(|protocol| protocol.id == profile)?.methods;
    let taken = here.iter().any(|endpoint| endpoint.method == incoming.method);
    (!taken).then(|| refused_method(incoming, methods, &allowed(&here)))
}

fn allowed(here: &[&Endpoint]) -> String {
    let mut allowed: Vec<&str> = here.iter().map(|endpoint| endpoint.method.as_str()).collect();
    allowed.sort_unstable();
    allowed.dedup();
    allowed.join(", ")
}

fn refused_method(incoming: &Incoming, methods: &str, allowed: &str) -> Refusal {
    let message = format!("this path exists, but not with this method: {methods}");
    let hint = format!("{} was sent; this path takes {allowed}", incoming.method);
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, message, common::METHOD, hint)
}

fn not_this_method(incoming: &Incoming, profile: &Profile, here: &[&Endpoint]) -> (Refusal, Answer) {
    let allowed = allowed(here);
    let refusal = refused_method(incoming, profile.protocol.methods, &allowed);
    let mut answer = (profile.error)(refusal.status, &refusal.message);
    // RFC 9110 §15.5.6: the answer names the methods
    if let Ok(allowed) = HeaderValue::try_from(allowed) {
        answer = answer.with_header(header::ALLOW, allowed);
    }
    (refusal, answer)
}

/// What is wrong with a path at which nothing is served.
pub(crate) fn unknown_path(incoming: &Incoming, protocols: &Protocols) -> Refusal {
    let paths: Vec<&str> = protocols.called().map(Endpoint::shown).collect();
    let message = format!("nothing is served at this path; the paths are {}", paths.join(", "));
    let shown: String = incoming.path.chars().take(120).collect();
    let hint = format!("nothing is served at `{shown}`{}", nearest_path(&incoming.path, protocols));
    Refusal::new(StatusCode::NOT_FOUND, message, common::PATH, hint)
}

/// Where a path was probably meant to lead.
fn nearest_path(path: &str, protocols: &Protocols) -> String {
    let served = protocols.endpoints().filter(|endpoint| endpoint.kind != Kind::Astray);
    if let Some(says) = former(path, protocols) {
        return says;
    }
    // the longest: an endpoint may lie below another
    if let Some(above) = served.filter_map(|endpoint| endpoint.above(path)).max_by_key(String::len) {
        return format!(", and nothing below {above}; did you mean {above}?");
    }
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let same: Vec<String> =
        protocols.called().filter(|endpoint| endpoint.name() == last).flat_map(Endpoint::addresses).collect();
    if !same.is_empty() {
        return format!("; did you mean {}?", same.join(" or "));
    }
    let spoken: Vec<&str> = protocols.all().map(|protocol| protocol.id).collect();
    let of_another = |segment: &str| OTHERS.contains(&segment) && !spoken.contains(&segment);
    if path.split('/').any(of_another) {
        return format!("; this mock speaks {}", spoken.join(", "));
    }
    meant(last, protocols.called().map(Endpoint::name))
}

/// What to say of a path at which an older version was served, and where else an endpoint has its name.
fn former(path: &str, protocols: &Protocols) -> Option<String> {
    let path = path.trim_end_matches('/');
    let (_, says) = protocols.all().flat_map(|protocol| protocol.former).find(|(former, _)| *former == path)?;
    let name = path.rsplit('/').next().unwrap_or_default();
    let same = protocols.called().filter(|endpoint| endpoint.name() == name).flat_map(Endpoint::addresses);
    let others: Vec<String> = same.filter(|address| !says.contains(address.as_str())).collect();
    Some(if others.is_empty() {
        format!("; {says}")
    } else {
        format!("; {says}; or did you mean {}?", others.join(" or "))
    })
}

/// The path segments by which versions of Myinfo are known.
const OTHERS: [&str; 5] = ["v1", "v2", "v3", "v4", "fapi"];
