//! Mistakes about which parameters are signed, under which names and with whose values.

use super::evidence::Evidence;
use super::kinds;
use super::mistake::{List, Step, Weight, on_named, put, set};
use super::recipe::{Origin, Place};
use crate::text::capitalised;
use std::borrow::Cow;

pub(super) fn of_parameters<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    of_names(list, evidence);
    of_token(list, evidence);
    of_groups(list);
    of_other_clients(list, evidence);
    let long = list.0.len();
    of_white_space(list, evidence);
    of_renaming(list, evidence);
    of_places(list, evidence);
    of_subsets(list, evidence);
    list.weigh_since(long, Weight::Rare);
    of_clock(list, evidence);
}

fn named(name: &str) -> Step {
    Step::Name(name.to_owned())
}

fn parts<'a>(evidence: &'a Evidence<'a>) -> impl Iterator<Item = (&'a str, &'a str)> {
    evidence.recipe.parts.iter().map(|part| (&*part.name, &*part.value))
}

fn of_names<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    for (name, _) in parts(evidence) {
        list.add(kinds::MISSING, named(name), name, move |recipe| {
            recipe.parts.retain(|part| part.name != name);
        });
    }
    for (name, value) in &evidence.known {
        if !parts(evidence).any(|(sent, _)| sent == name) {
            list.add(kinds::EXTRA, named(name), name, move |recipe| put(recipe, name, value));
        }
    }
    list.add(kinds::SIGNATURE, named("signature"), "empty", |recipe| put(recipe, "signature", ""));
    if let Some(signature) = evidence.signature_text {
        list.add(kinds::SIGNATURE, named("signature"), "an earlier one", move |recipe| {
            put(recipe, "signature", signature);
        });
    }
}

fn of_token<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    let Some(token) = evidence.bearer else { return };
    for (name, detail) in [("access_token", "as access_token"), ("Bearer", "as Bearer="), ("bearer", "as bearer=")] {
        list.add(kinds::BEARER, named("Bearer"), detail, move |recipe| put(recipe, name, token));
    }
    for (before, detail) in [(",Bearer ", "at the end, behind a comma"), ("&Bearer ", "at the end")] {
        list.add(kinds::BEARER, named("Bearer"), detail, move |recipe| {
            recipe.after = format!("{}{before}{token}", recipe.after).into();
        });
    }
}

fn of_groups(list: &mut List<'_>) {
    list.add(kinds::GROUP, Step::Groups, "all of the form or query", |recipe| {
        recipe.parts.retain(|part| matches!(part.origin, Origin::Header(_)));
    });
    list.add(kinds::GROUP, Step::Groups, "all header fields", |recipe| {
        recipe.parts.retain(|part| !matches!(part.origin, Origin::Header(_)));
    });
    list.add(kinds::GROUP, Step::Groups, "method and URL, so that the parameters stand alone", |recipe| {
        recipe.method = "".into();
        recipe.address = super::address::Address::default();
    });
    list.add(kinds::GROUP, Step::Groups, "all but the parameters, which stand alone", |recipe| {
        recipe.method = "".into();
        recipe.address = super::address::Address::default();
        recipe.parts.retain(|part| !matches!(part.origin, Origin::Header(_)));
    });
    list.add(kinds::GROUP, Step::Groups, "all but the parameters, which stand alone as they were sent", |recipe| {
        recipe.method = "".into();
        recipe.address = super::address::Address::default();
        recipe.parts.retain(|part| !matches!(part.origin, Origin::Header(_)));
        recipe.order = super::recipe::Order::SentParametersFirst;
    });
    list.add(kinds::GROUP, Step::Groups, "all but method and URL", |recipe| recipe.parts.clear());
}

fn of_other_clients<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    for (id, secret) in evidence.other_clients.iter().take(20) {
        for name in ["app_id", "client_id"] {
            list.add(kinds::OTHER_CLIENT, named(name), format!("{name}: that of `{id}`"), move |recipe| {
                set(recipe, name, id);
            });
        }
        list.add(
            kinds::OTHER_CLIENT,
            named("client_secret"),
            format!("client_secret: that of `{id}`"),
            move |recipe| {
                set(recipe, "client_secret", secret);
            },
        );
    }
}

fn of_white_space<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    // behind the last value it is the end of the text, which is a kind of its own
    let final_one = parts(evidence).map(|(name, _)| name).max();
    for (name, value) in parts(evidence) {
        for (before, after, what) in [
            ("", "\n", "a line break behind it"),
            ("", " ", "a blank behind it"),
            ("", "\r\n", "a line break (CRLF) behind it"),
            ("", "\t", "a tab behind it"),
            (" ", "", "a blank in front of it"),
        ] {
            if before.is_empty() && Some(name) == final_one {
                continue;
            }
            list.add(kinds::WHITE_SPACE, named(name), format!("{name}: {what}"), move |recipe| {
                on_named(recipe, name, |value| format!("{before}{value}{after}"));
            });
        }
        if value.trim() != value {
            list.add(kinds::WHITE_SPACE, named(name), format!("{name}: it was sent, and not signed"), move |recipe| {
                on_named(recipe, name, |value| value.trim().to_owned());
            });
        }
    }
}

fn of_renaming<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    for (name, _) in parts(evidence) {
        for other in other_names(name) {
            list.add(kinds::RENAMED, named(name), format!("`{other}` instead of `{name}`"), move |recipe| {
                for part in recipe.parts.iter_mut().filter(|part| part.name == name) {
                    part.name = Cow::Owned(other.clone());
                }
            });
        }
    }
}

/// The names under which a parameter is known elsewhere: in other cases, and in other documents.
fn other_names(name: &str) -> Vec<String> {
    let camel: String = name
        .split('_')
        .enumerate()
        .map(|(place, word)| if place == 0 { word.to_owned() } else { capitalised(word) })
        .collect();
    let mut names = vec![
        camel.clone(),
        capitalised(&camel),
        name.replace('_', ""),
        name.to_uppercase(),
        name.to_lowercase(),
        name.replace('_', "-"),
    ];
    let elsewhere: &[&str] = match name {
        "redirect_uri" => &["redirect_url", "redirectUrl", "callback"],
        "txnNo" => &["txn_no"],
        "txn_no" => &["txnNo"],
        "attributes" => &["attribute", "requestedAttributes", "scope"],
        "app_id" => &["client_id", "apex_l2_eg_app_id"],
        "sp_esvcId" => &["esvcId", "sp_esvc_id"],
        "code" => &["auth_code", "authCode"],
        _ => &[],
    };
    names.extend(elsewhere.iter().map(|name| (*name).to_owned()));
    let mut kept: Vec<String> = Vec::new();
    for other in names {
        if other != name && !kept.contains(&other) {
            kept.push(other);
        }
    }
    kept
}

fn of_places<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    for part in &evidence.recipe.parts {
        let name = &*part.name;
        list.add(kinds::TWICE, named(name), name, move |recipe| {
            let again: Vec<_> = recipe.parts.iter().filter(|part| part.name == name).cloned().collect();
            recipe.parts.extend(again);
        });
        for (place, detail) in [(Place::Last, "at the end"), (Place::First, "first")] {
            list.add(kinds::PLACE, Step::Order, format!("{name}: {detail}"), move |recipe| {
                recipe.moved = Some((name.into(), place));
            });
        }
    }
}

/// Fewer attributes than were sent: every choice of a few, else all but one, one alone, and the first ones.
fn of_subsets<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    let Some((_, value)) = parts(evidence).find(|(name, _)| *name == "attributes") else { return };
    let names: Vec<&str> = value.split(',').collect();
    let count = names.len().min(64);
    let choices: Vec<u64> = if count <= 7 {
        (0..(1_u64 << count) - 1).collect()
    } else {
        let all = u64::MAX >> (64 - count);
        let each = || (0..count).map(|place| 1_u64 << place);
        each().map(|one| all & !one).chain(each()).chain(each().map(|one| one - 1)).collect()
    };
    for choice in choices {
        let kept: Vec<&str> =
            names.iter().enumerate().filter(|(place, _)| choice >> place & 1 == 1).map(|(_, name)| *name).collect();
        let kept = kept.join(",");
        list.add(kinds::SUBSET, named("attributes"), format!("`{kept}`"), move |recipe| {
            on_named(recipe, "attributes", |_| kept.clone());
        });
    }
}

/// The clock read twice: a few milliseconds apart.
fn of_clock<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    const NEAR: i64 = 12;
    const FAR: i64 = 500;
    let sent = parts(evidence).find(|(name, _)| *name == "timestamp").and_then(|(_, value)| value.parse::<i64>().ok());
    let Some(sent) = sent else { return };
    for by in (1..=FAR).flat_map(|by| [-by, by]) {
        let long = list.0.len();
        let side = if by < 0 { "before" } else { "after" };
        let detail = format!("{} ms {side} the one that was sent", by.abs());
        list.add(kinds::DRIFT, named("timestamp"), detail, move |recipe| {
            set(recipe, "timestamp", &(sent.saturating_add(by)).to_string());
        });
        list.weigh_since(long, if by.abs() <= NEAR { Weight::Rare } else { Weight::Alone });
    }
}
