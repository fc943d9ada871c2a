//! Mistakes in the URL: scheme, host, port, path and slash, each alone.

use super::address::Address;
use super::evidence::Evidence;
use super::kinds;
use super::mistake::{List, Step, Weight};
use super::recipe::Recipe;
use std::borrow::Cow;

pub(super) fn of_url<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    of_origin(list, evidence);
    of_path(list);
    of_id(list, evidence);
    of_endpoint(list, evidence);
    of_end(list, evidence);
}

fn of_origin<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    for alternative in evidence.urls.iter().skip(1) {
        list.add(kinds::HOST, Step::Origin, alternative, move |recipe| recipe.address = Address::of(alternative));
        if let Some(last) = list.0.last_mut() {
            last.tolerated = true;
        }
    }
    let address = &evidence.recipe.address;
    let swapped = if address.scheme == "https" { "http" } else { "https" };
    list.add(kinds::SCHEME, Step::Scheme, swapped, move |recipe| recipe.address.scheme = swapped.into());
    list.add(kinds::SCHEME, Step::Scheme, format!("{swapped}, no port"), move |recipe| {
        recipe.address.scheme = swapped.into();
        recipe.address.port = "".into();
    });
    list.add(kinds::SCHEME, Step::Scheme, "none", |recipe| recipe.address.scheme = "".into());
    for port in [":80", ":443", ":8080", ":8443", ":3001", ":5156", ":3000", ""] {
        let detail = if port.is_empty() { "none" } else { port.trim_start_matches(':') };
        list.add(kinds::PORT, Step::Port, detail, move |recipe| recipe.address.port = port.into());
    }
    for host in ["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "host.docker.internal"] {
        list.add(kinds::HOST, Step::Host, host, move |recipe| recipe.address.host = host.into());
    }
    list.add(kinds::HOST, Step::Host, "in capitals", |recipe| change(&mut recipe.address.host, str::to_uppercase));
    list.add(kinds::HOST, Step::Host, "with `www.`", |recipe| {
        change(&mut recipe.address.host, |host| format!("www.{host}"));
    });
    for origin in &evidence.other_origins {
        list.add(kinds::HOST, Step::Origin, origin, move |recipe| recipe.address.stand_at(origin));
    }
}

fn of_path(list: &mut List<'_>) {
    let mut path = |detail: &'static str, from: &'static str, to: &'static str| {
        list.add(kinds::PATH, Step::Path, detail, move |recipe| {
            change(&mut recipe.address.path, |path| path.replacen(from, to, 1));
        });
    };
    path("a doubled slash", "/v3/", "/v3//");
    path("without com or gov", "/com/", "/");
    path("without com or gov", "/gov/", "/");
    path("/gov", "/com/", "/gov/");
    path("/com", "/gov/", "/com/");
    path("v2", "/v3/", "/v2/");
    path("v1", "/v3/", "/v1/");
    path("v4", "/v3/", "/v4/");
    path("without v3", "/v3/", "/");
    list.add(kinds::PATH, Step::Path, "none", |recipe| {
        recipe.address.path = "".into();
        recipe.address.end = "".into();
    });
    list.add(kinds::PATH, Step::Origin, "the path alone, without scheme and host", |recipe| {
        recipe.address.scheme = "".into();
        recipe.address.host = "".into();
        recipe.address.port = "".into();
    });
    list.add(kinds::PATH, Step::Path, "the last word alone", |recipe| {
        let address = &mut recipe.address;
        address.scheme = "".into();
        address.host = "".into();
        address.port = "".into();
        change(&mut address.path, |path| path.rfind('/').and_then(|at| path.get(at..)).unwrap_or(path).to_owned());
    });
    let long = list.0.len();
    list.add(kinds::PATH, Step::Path, "in another case: lower", |recipe| {
        change(&mut recipe.address.path, str::to_lowercase);
    });
    list.add(kinds::PATH, Step::Path, "in another case: capitals", |recipe| {
        change(&mut recipe.address.path, str::to_uppercase);
    });
    list.add(kinds::PATH, Step::Path, "in another case: the last word's first letter", |recipe| {
        change_last(recipe, |word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
        });
    });
    list.weigh_since(long, Weight::Rare);
}

/// What stands in place of the id, where the path has one.
fn of_id<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    if !evidence.recipe.address.path.contains("/person") {
        return;
    }
    for (detail, end) in [("the id missing, no slash", Some("")), ("the id missing", None)] {
        list.add(kinds::PATH, Step::Path, detail, move |recipe| {
            change(&mut recipe.address.path, |path| {
                path.rfind('/').and_then(|at| path.get(..at)).unwrap_or_default().to_owned()
            });
            recipe.address.end = end.map_or_else(|| recipe.address.end.clone(), Cow::Borrowed);
        });
    }
    list.add(kinds::PATH, Step::Path, "the id in another case: capitals", |recipe| {
        change_last(recipe, str::to_uppercase);
    });
    list.add(kinds::PATH, Step::Path, "the id in another case: lower", |recipe| {
        change_last(recipe, str::to_lowercase);
    });
    let long = list.0.len();
    for word in ["{uinfin}", "{sub}", "{id}", ":uinfin", ":sub", "uinfin", "undefined", "null", "[object Object]"] {
        list.add(kinds::PATH, Step::Path, format!("`{word}` in place of the id"), move |recipe| {
            change_last(recipe, |_| word.to_owned());
        });
    }
    list.weigh_since(long, Weight::Rare);
}

/// The URL of another endpoint.
fn of_endpoint<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    let path = &evidence.recipe.address.path;
    let Some((base, here)) = path.split_once("/v3/") else { return };
    let here = here.split('/').next().unwrap_or_default();
    for other in ["token", "authorise", "person", "person-basic", "person-sample"] {
        if other == here {
            continue;
        }
        list.add(kinds::PATH, Step::Path, format!("that of {other}"), move |recipe| {
            recipe.address.path = format!("{base}/v3/{other}").into();
            recipe.address.end = "".into();
        });
        if here.starts_with("person") && other.starts_with("person") {
            list.add(kinds::PATH, Step::Path, format!("that of {other}, with the id"), move |recipe| {
                change(&mut recipe.address.path, |path| path.replacen(&format!("/{here}/"), &format!("/{other}/"), 1));
            });
        }
    }
}

fn of_end<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    let (end, detail) = if evidence.recipe.address.end.is_empty() { ("/", "one more") } else { ("", "one less") };
    list.add(kinds::SLASH, Step::Slash, detail, move |recipe| recipe.address.end = end.into());
    if !evidence.query.is_empty() {
        list.add(kinds::QUERY, Step::Query, "as sent", move |recipe| {
            let query = if recipe.masked { "[as sent]" } else { evidence.query };
            recipe.address.behind = format!("?{query}").into();
        });
    }
    list.add(kinds::QUERY, Step::Query, "the question mark", |recipe| recipe.address.behind = "?".into());
}

fn change(part: &mut Cow<'_, str>, how: impl Fn(&str) -> String) {
    let changed = how(part);
    *part = Cow::Owned(changed);
}

/// Changes the last segment of the path.
fn change_last(recipe: &mut Recipe<'_>, how: impl Fn(&str) -> String) {
    change(&mut recipe.address.path, |path| match path.rsplit_once('/') {
        Some((before, last)) => format!("{before}/{}", how(last)),
        None => how(path),
    });
}
