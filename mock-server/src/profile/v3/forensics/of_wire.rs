//! Values that were changed after they were signed: joined raw into the form or query, and read by its rules.

use super::super::parameters::{PERSON_PARAMETERS, TOKEN_PARAMETERS};
use super::evidence::Evidence;
use super::kinds;
use super::mistake::{List, Step, on, on_named, set};
use crate::http::pairs::Pairs;

/// What can be proved with a value that is known from elsewhere, and what a split value shows by itself.
pub(super) fn of_wire<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    for (name, known) in &evidence.known {
        let Some((_, received)) = evidence.sent().find(|(sent, _)| sent == name) else { continue };
        if known == received {
            continue;
        }
        let Ok(read) = Pairs::parse(&format!("{name}={known}")) else { continue };
        let first = read.iter().next();
        let rest: Vec<String> = read.iter().skip(1).map(|(name, _)| name.to_owned()).collect();
        let arrived = read.iter().skip(1).all(|pair| evidence.sent().any(|sent| sent == pair));
        if first == Some((name, received)) && arrived {
            list.add(kinds::CHANGED, Step::Name(name.clone()), detail(name, known), move |recipe| {
                recipe.parts.retain(|part| !rest.iter().any(|name| part.name == *name));
                set(recipe, name, known);
            });
        }
    }
    of_split(list, evidence);
}

fn detail(name: &str, known: &str) -> String {
    let what = if known.contains('&') {
        "a `&` in it ended it"
    } else if known.contains('+') {
        "a `+` in it arrived as a space"
    } else {
        "a `%` in it began an escape"
    };
    format!("{name}: {what}")
}

/// A parameter that nobody knows, behind one that is known: a value with `&` in it fell apart.
fn of_split<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    let known = |name: &str| TOKEN_PARAMETERS.contains(&name) || PERSON_PARAMETERS.contains(&name);
    let sent: Vec<(&str, &str)> = evidence.sent().collect();
    for pair in sent.windows(2) {
        let [(name, value), (other, rest)] = pair else { continue };
        if !known(name) || known(other) {
            continue;
        }
        for whole in [format!("{value}&{other}={rest}"), format!("{value}&{other}")] {
            let (name, other) = ((*name).to_owned(), (*other).to_owned());
            let detail = format!("{name}: a `&` in it ended it");
            list.add(kinds::CHANGED, Step::Name(name.clone()), detail, move |recipe| {
                recipe.parts.retain(|part| part.name != *other);
                set(recipe, &name, &whole);
            });
        }
    }
}

/// Spaces as `+`. That the client wrote them so is proved only where they are known to be spaces: by a value that is known
/// from elsewhere, or by `%20` on the wire.
pub(super) fn of_plus<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    // what is known to be a raw `+` is none of these
    let changed: Vec<Step> =
        list.0.iter().filter(|known| known.kind == kinds::CHANGED).map(|known| known.step.clone()).collect();
    let is_open = |name: &str| !changed.contains(&Step::Name(name.to_owned()));
    let spaced: Vec<(&str, &str)> =
        evidence.sent().filter(|(name, value)| value.contains(' ') && is_open(name)).collect();
    let is_space = |(name, value): &(&str, &str)| {
        let known = evidence.known.iter().any(|(known, text)| known == name && text == value);
        known || evidence.raw_of(name).is_some_and(|raw| !raw.contains('+'))
    };
    let kind = if spaced.iter().all(is_space) { kinds::PLUS } else { kinds::PLUS_EITHER };
    let names: Vec<&str> = spaced.iter().map(|(name, _)| *name).filter(|name| crate::text::is_name(name)).collect();
    let open: Vec<&str> = spaced.iter().map(|(name, _)| *name).collect();
    list.add(kind, Step::Values, names.join(", "), move |recipe| {
        on(recipe, |part| open.contains(&&*part.name), |value| value.replace(' ', "+"));
    });
    if names.len() > 1 {
        for (name, value) in spaced {
            let kind = if is_space(&(name, value)) { kinds::PLUS } else { kinds::PLUS_EITHER };
            list.add(kind, Step::Name(name.to_owned()), name, move |recipe| {
                on_named(recipe, name, |value| value.replace(' ', "+"));
            });
        }
    }
}
