//! The mistakes as changes to a recipe: what a request makes possible, ready to be tried alone and in pairs.

use super::Evidence;
use super::kinds;
use super::recipe::{Hashed, Order, Origin, Part, Recipe};
use crate::doctor::mistake::MistakeKind;
use crate::text::encode;
use std::borrow::Cow;

/// Which step of making the base string a mistake belongs to: two of the same step are never combined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Url,
    Method,
    Order,
    Values,
    Name(String),
    Ends,
    Hash,
}

/// A change to a recipe.
type Change<'a> = Box<dyn Fn(&mut Recipe<'a>) + 'a>;

/// A mistake that this request makes possible.
pub(super) struct Mistake<'a> {
    pub(super) kind: &'static MistakeKind,
    /// Which parameter, port or character, where the kind leaves that open.
    pub(super) detail: String,
    pub(super) step: Step,
    /// Whether the server takes this form, so that it is no mistake of its own.
    pub(super) tolerated: bool,
    pub(super) apply: Change<'a>,
}

impl Mistake<'_> {
    /// What was done, in one sentence.
    pub(super) fn says(&self) -> String {
        if self.detail.is_empty() { self.kind.says.to_owned() } else { format!("{} ({})", self.kind.says, self.detail) }
    }
}

/// Gathers mistakes.
#[derive(Default)]
struct List<'a>(Vec<Mistake<'a>>);

impl<'a> List<'a> {
    fn add(
        &mut self,
        kind: &'static MistakeKind,
        step: Step,
        detail: impl Into<String>,
        apply: impl Fn(&mut Recipe<'a>) + 'a,
    ) {
        self.0.push(Mistake { kind, detail: detail.into(), step, tolerated: false, apply: Box::new(apply) });
    }
}

/// Every mistake that this request makes possible, in the order in which the steps are taken: parts before their encoding.
pub(super) fn mistakes<'a>(evidence: &'a Evidence<'a>) -> Vec<Mistake<'a>> {
    let mut list = List::default();
    of_parameters(&mut list, evidence);
    of_list(&mut list);
    of_url(&mut list, evidence);
    of_method(&mut list, evidence);
    of_values(&mut list);
    of_order(&mut list);
    of_ends(&mut list);
    of_hash(&mut list);
    list.0
}

fn of_values(list: &mut List<'_>) {
    use Step::Values;
    list.add(kinds::ENCODED, Values, "parameters", |recipe| on_parameters(recipe, encode));
    list.add(kinds::ENCODED, Values, "", |recipe| on_values(recipe, encode));
    list.add(kinds::ENCODED, Values, "parameters, as JavaScript's encodeURIComponent does", |recipe| {
        on_parameters(recipe, encode_uri_component);
    });
    list.add(kinds::ENCODED, Values, "parameters, commas left", |recipe| {
        on_parameters(recipe, |value| encode(value).replace("%2C", ","));
    });
    list.add(kinds::ENCODED, Values, "commas only", |recipe| on_parameters(recipe, |value| value.replace(',', "%2C")));
    list.add(kinds::ENCODED, Values, "spaces only", |recipe| on_parameters(recipe, |value| value.replace(' ', "%20")));
    list.add(kinds::ENCODED, Values, "parameters, as forms do, spaces as `+`", |recipe| {
        on_parameters(recipe, form_encode)
    });
    list.add(kinds::ENCODED_TWICE, Values, "parameters", |recipe| {
        on_parameters(recipe, |value| encode(&encode(value)))
    });
    list.add(kinds::ENCODED_TWICE, Values, "", |recipe| on_values(recipe, |value| encode(&encode(value))));
    list.add(kinds::PLUS, Values, "", |recipe| on_parameters(recipe, |value| value.replace(' ', "+")));
    list.add(kinds::QUOTED, Values, "those of the header", |recipe| {
        on(recipe, |part| matches!(part.origin, Origin::Header(_)), |value| format!("\"{value}\""));
    });
    list.add(kinds::QUOTED, Values, "all", |recipe| on_values(recipe, |value| format!("\"{value}\"")));
    list.add(kinds::OAUTH, Values, "", |recipe| recipe.oauth = true);
    list.add(kinds::LATIN, Values, "", |recipe| recipe.latin = true);
    list.add(kinds::SECONDS, Step::Name("timestamp".to_owned()), "", |recipe| {
        on_named(recipe, "timestamp", |value| {
            value.get(..value.len().saturating_sub(3)).unwrap_or_default().to_owned()
        });
    });
    list.add(kinds::QUOTED, Step::Name("timestamp".to_owned()), "the timestamp", |recipe| {
        on_named(recipe, "timestamp", |value| format!("\"{value}\""));
    });
    for name in ["RSA-SHA256", "SHA256withRSA", "HMAC-SHA256", "rs256", "Apex_l2_eg"] {
        list.add(kinds::ALGORITHM, Step::Name("signature_method".to_owned()), name, move |recipe| {
            on_named(recipe, "signature_method", |_| name.to_owned());
        });
    }
}

fn of_order(list: &mut List<'_>) {
    for (kind, order, detail) in [
        (kinds::UNSORTED, Order::SentHeaderFirst, "the header's fields first"),
        (kinds::UNSORTED, Order::SentParametersFirst, "the parameters first"),
        (kinds::SORTED_OTHERWISE, Order::GroupsHeaderFirst, "header fields and parameters apart, the header's first"),
        (
            kinds::SORTED_OTHERWISE,
            Order::GroupsParametersFirst,
            "header fields and parameters apart, the parameters first",
        ),
        (kinds::SORTED_OTHERWISE, Order::NameAnyCase, "capitals and small letters mixed"),
        (kinds::SORTED_OTHERWISE, Order::NameBackwards, "backwards"),
        (kinds::SORTED_OTHERWISE, Order::Whole, "by `name=value` as one text"),
        (kinds::SORTED_OTHERWISE, Order::Value, "by value"),
    ] {
        list.add(kind, Step::Order, detail, move |recipe| recipe.order = order);
    }
}

fn of_parameters<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    let sent = || evidence.recipe.parts.iter().map(|part| part.name.as_ref());
    for name in sent() {
        list.add(kinds::MISSING, Step::Name(name.to_owned()), name, move |recipe| {
            recipe.parts.retain(|part| part.name != name);
        });
    }
    for (name, value) in &evidence.known {
        if !sent().any(|sent| sent == name) {
            list.add(kinds::EXTRA, Step::Name(name.clone()), name, move |recipe| put(recipe, name, value));
        }
    }
    list.add(kinds::SIGNATURE, Step::Name("signature".to_owned()), "empty", |recipe| put(recipe, "signature", ""));
    if let Some(signature) = evidence.signature_text {
        list.add(kinds::SIGNATURE, Step::Name("signature".to_owned()), "an earlier one", move |recipe| {
            put(recipe, "signature", signature);
        });
    }
    if let Some(token) = evidence.bearer {
        let step = || Step::Name("Bearer".to_owned());
        for (name, detail) in [("access_token", "as access_token"), ("Bearer", "as Bearer="), ("bearer", "as bearer=")]
        {
            list.add(kinds::BEARER, step(), detail, move |recipe| put(recipe, name, token));
        }
        for (before, detail) in [(",Bearer ", "at the end, behind a comma"), ("&Bearer ", "at the end")] {
            list.add(kinds::BEARER, step(), detail, move |recipe| {
                recipe.after = format!("{}{before}{token}", recipe.after).into();
            });
        }
    }
}

fn of_url<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    let url: &'a str = &evidence.recipe.url;
    for alternative in evidence.urls.iter().skip(1) {
        list.add(kinds::HOST, Step::Url, alternative, move |recipe| recipe.url = alternative.as_str().into());
        if let Some(last) = list.0.last_mut() {
            last.tolerated = true;
        }
    }
    let mut other = |kind: &'static MistakeKind, url: String, detail: &str| {
        if !evidence.urls.contains(&url) {
            let detail = if detail.is_empty() { url.clone() } else { detail.to_owned() };
            list.add(kind, Step::Url, detail, move |recipe| recipe.url = url.clone().into());
        }
    };
    let Some((scheme, rest)) = url.split_once("://") else { return };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let bare = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let swapped = if scheme == "https" { "http" } else { "https" };
    other(kinds::SCHEME, format!("{swapped}://{rest}"), swapped);
    other(kinds::SCHEME, format!("{swapped}://{bare}{path}"), &format!("{swapped}, no port"));
    for port in ["80", "443", "8080", "8443", "3001"] {
        other(kinds::PORT, format!("{scheme}://{bare}:{port}{path}"), port);
    }
    other(kinds::PORT, format!("{scheme}://{bare}{path}"), "none");
    let slash =
        url.strip_suffix('/').map_or_else(|| (format!("{url}/"), "one more"), |cut| (cut.to_owned(), "one less"));
    other(kinds::SLASH, slash.0, slash.1);
    if !evidence.query.is_empty() {
        other(kinds::QUERY, format!("{url}?{}", evidence.query), "as sent");
        other(kinds::QUERY, format!("{url}?"), "the question mark");
    }
    other(kinds::PATH, format!("{scheme}://{authority}"), "none");
    other(kinds::PATH, path.to_owned(), "the path alone, without scheme and host");
    other(
        kinds::PATH,
        format!("{scheme}://{authority}/{}", path.trim_start_matches('/').replace("/v3/", "/v3//")),
        "a doubled slash",
    );
    for context in ["/com", "/gov"] {
        if let Some(cut) = path.strip_prefix(context) {
            other(kinds::PATH, format!("{scheme}://{authority}{cut}"), "without com or gov");
            let swapped = if context == "/com" { "/gov" } else { "/com" };
            other(kinds::PATH, format!("{scheme}://{authority}{swapped}{cut}"), swapped);
        }
    }
    other(kinds::HOST, format!("{scheme}://{}{path}", authority.to_uppercase()), "in capitals");
    for origin in &evidence.other_origins {
        other(kinds::HOST, format!("{origin}{path}"), "");
    }
}

fn of_method<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    let sent = evidence.recipe.method.as_ref();
    let lower = sent.to_lowercase();
    list.add(kinds::METHOD, Step::Method, lower.clone(), move |recipe| recipe.method = lower.clone().into());
    let swapped = if sent == "GET" { "POST" } else { "GET" };
    list.add(kinds::METHOD, Step::Method, swapped, move |recipe| recipe.method = swapped.into());
    for (detail, joints) in [
        ("a `?` behind the URL", ["&", "?"]),
        ("nothing between", ["", ""]),
        ("spaces between", [" ", " "]),
        ("line breaks between", ["\n", "\n"]),
    ] {
        list.add(kinds::SEPARATOR, Step::Method, detail, move |recipe| recipe.joints = joints);
    }
}

fn of_list(list: &mut List<'_>) {
    let joined = |value: &str, separator: &str, change: fn(&mut Vec<&str>)| {
        let mut names: Vec<&str> = value.split(',').map(str::trim).collect();
        change(&mut names);
        names.join(separator)
    };
    let step = || Step::Name("attributes".to_owned());
    for (detail, separator, change) in [
        ("sorted", ",", (|names: &mut Vec<&str>| names.sort_unstable()) as fn(&mut Vec<&str>)),
        ("reversed", ",", |names| names.reverse()),
        ("joined by comma and space", ", ", |_| {}),
        ("joined by spaces", " ", |_| {}),
    ] {
        list.add(kinds::LIST, step(), detail, move |recipe| {
            on_named(recipe, "attributes", |value| joined(value, separator, change));
        });
    }
}

fn of_ends(list: &mut List<'_>) {
    for (end, detail) in [("\n", "LF"), ("\r\n", "CRLF"), (" ", "a blank"), ("&", "a separator"), ("\0", "a zero byte")]
    {
        list.add(kinds::LINE_END, Step::Ends, detail, move |recipe| {
            recipe.after = format!("{}{end}", recipe.after).into();
        });
    }
    list.add(kinds::BYTE_ORDER_MARK, Step::Ends, "", |recipe| recipe.before = "\u{feff}");
    list.add(kinds::SEPARATOR, Step::Ends, "a separator in front", |recipe| recipe.before = "&");
}

fn of_hash(list: &mut List<'_>) {
    for (kind, hashed, detail) in [
        (kinds::DOUBLE_HASH, Hashed::Hash, ""),
        (kinds::HASH_AS_TEXT, Hashed::HashInHex, "in hexadecimal"),
        (kinds::HASH_AS_TEXT, Hashed::HashInBase64, "in Base64"),
        (kinds::TEXT_AS_BASE64, Hashed::TextInBase64, ""),
    ] {
        list.add(kind, Step::Hash, detail, move |recipe| recipe.hashed = hashed);
    }
}

fn on<'a>(recipe: &mut Recipe<'a>, which: impl Fn(&Part<'a>) -> bool, change: impl Fn(&str) -> String) {
    for part in recipe.parts.iter_mut().filter(|part| which(part)) {
        part.value = Cow::Owned(change(&part.value));
    }
}

fn on_values(recipe: &mut Recipe<'_>, change: impl Fn(&str) -> String) {
    on(recipe, |_| true, change);
}

fn on_parameters(recipe: &mut Recipe<'_>, change: impl Fn(&str) -> String) {
    on(recipe, |part| !matches!(part.origin, Origin::Header(_)), change);
}

fn on_named(recipe: &mut Recipe<'_>, name: &str, change: impl Fn(&str) -> String) {
    on(recipe, |part| part.name == name, change);
}

fn put<'a>(recipe: &mut Recipe<'a>, name: &'a str, value: &'a str) {
    recipe.parts.push(Part { name: name.into(), value: value.into(), origin: Origin::Added });
}

/// Percent-encoding as JavaScript's `encodeURIComponent` does it: `!'()*` stay.
fn encode_uri_component(value: &str) -> String {
    ["!", "'", "(", ")", "*"].iter().fold(encode(value), |text, kept| text.replace(&encode(kept), kept))
}

/// Percent-encoding as HTML forms and Java's `URLEncoder` do it.
fn form_encode(value: &str) -> String {
    encode(value).replace("%20", "+").replace("%2A", "*").replace('~', "%7E")
}
