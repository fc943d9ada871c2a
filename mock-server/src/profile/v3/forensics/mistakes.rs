//! The mistakes as changes to a recipe: what a request makes possible, ready to be tried alone and together.

use super::evidence::Evidence;
use super::kinds;
use super::mistake::{List, Mistake, Step, Weight, on, on_named, on_parameters, on_values, set};
use super::of_parameters::of_parameters;
use super::of_secret::of_secret;
use super::of_url::of_url;
use super::of_wire::{of_plus, of_wire};
use super::recipe::{Charset, Escapes, Form, Hashed, Order, Origin, Whole};
use crate::text::{capitalised, encode};

/// Every mistake that this request makes possible, in the order in which the steps are taken: parts before their encoding.
pub(super) fn mistakes<'a>(evidence: &'a Evidence<'a>) -> Vec<Mistake<'a>> {
    let mut list = List::default();
    of_wire(&mut list, evidence);
    // before other clients' values: two clients may have one secret
    of_secret(&mut list, evidence);
    of_parameters(&mut list, evidence);
    of_list(&mut list);
    of_url(&mut list, evidence);
    of_method(&mut list, evidence);
    of_separators(&mut list);
    of_plus(&mut list, evidence);
    of_values(&mut list);
    of_one_value(&mut list, evidence);
    of_order(&mut list);
    of_form(&mut list);
    of_whole(&mut list);
    of_ends(&mut list);
    of_hash(&mut list);
    // what changes nothing about this request explains nothing
    let right = evidence.recipe.text();
    list.0.retain(|mistake| {
        let mut recipe = evidence.recipe.clone();
        (mistake.apply)(&mut recipe);
        let text = recipe.text();
        text != right || recipe.hashed != Hashed::Text || recipe.bytes(&text).as_deref() != Some(right.as_bytes())
    });
    list.0
}

fn of_values(list: &mut List<'_>) {
    use Step::Values;
    let small = |value: &str| Escapes::Small.encode(value);
    list.add(kinds::ENCODED, Values, "parameters", |recipe| on_parameters(recipe, encode));
    list.add(kinds::ENCODED, Values, "", |recipe| on_values(recipe, encode));
    list.add(kinds::ENCODED, Values, "parameters, as JavaScript's encodeURIComponent does", |recipe| {
        on_parameters(recipe, encode_uri_component);
    });
    list.add(kinds::ENCODED, Values, "parameters, commas left", |recipe| {
        on_parameters(recipe, |value| encode(value).replace("%2C", ","));
    });
    list.add(kinds::ENCODED, Values, "parameters, with lower-case escapes", move |recipe| on_parameters(recipe, small));
    list.add(kinds::ENCODED, Values, "all, with lower-case escapes", move |recipe| on_values(recipe, small));
    list.add(kinds::ENCODED, Values, "commas only", |recipe| on_parameters(recipe, |value| value.replace(',', "%2C")));
    list.add(kinds::ENCODED, Values, "spaces only", |recipe| on_parameters(recipe, |value| value.replace(' ', "%20")));
    list.add(kinds::ENCODED, Values, "parameters, as forms do, spaces as `+`", |recipe| {
        on_parameters(recipe, form_encode)
    });
    list.add(kinds::ENCODED_TWICE, Values, "parameters", |recipe| {
        on_parameters(recipe, |value| encode(&encode(value)))
    });
    list.add(kinds::ENCODED_TWICE, Values, "", |recipe| on_values(recipe, |value| encode(&encode(value))));
    list.add(kinds::QUOTED, Values, "those of the header", |recipe| {
        on(recipe, |part| matches!(part.origin, Origin::Header(_)), |value| format!("\"{value}\""));
    });
    list.add(kinds::QUOTED, Values, "all", |recipe| on_values(recipe, |value| format!("\"{value}\"")));
}

/// One value alone, written otherwise.
fn of_one_value<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    for (name, value) in evidence.sent() {
        if encode(value) == value || !crate::text::is_name(name) {
            continue;
        }
        for (escapes, detail) in [(Escapes::Capitals, "alone"), (Escapes::Small, "alone, with lower-case escapes")] {
            let step = Step::Name(name.to_owned());
            list.add(kinds::ENCODED, step, format!("{name} {detail}"), move |recipe| {
                on_named(recipe, name, |value| escapes.encode(value));
            });
        }
    }
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
            set(recipe, "signature_method", name);
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

fn of_method<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    let sent = evidence.recipe.method.as_ref();
    let lower = sent.to_lowercase();
    let title = capitalised(&lower);
    for other in [lower, title] {
        list.add(kinds::METHOD, Step::Method, other.clone(), move |recipe| recipe.method = other.clone().into());
    }
    for other in ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "get", "post"] {
        list.add(kinds::METHOD, Step::Method, other, move |recipe| recipe.method = other.into());
    }
    list.add(kinds::METHOD_MISSING, Step::Method, "", |recipe| recipe.method = "".into());
}

fn of_separators(list: &mut List<'_>) {
    for (detail, joints) in [("a `?` behind the URL", ["&", "?"]), ("a line break behind the URL", ["&", "\n"])] {
        list.add(kinds::SEPARATOR, Step::Joints, detail, move |recipe| recipe.joints = joints);
    }
    for (what, separator) in [
        ("nothing", ""),
        ("spaces", " "),
        ("line breaks", "\n"),
        ("line breaks (CRLF)", "\r\n"),
        ("a comma", ","),
        ("a comma and a blank", ", "),
        ("`&&`", "&&"),
        ("` & `", " & "),
        ("`&amp;`", "&amp;"),
        ("a semicolon", ";"),
        ("`|`", "|"),
        ("`%26`", "%26"),
    ] {
        list.add(kinds::SEPARATOR, Step::Joints, format!("{what} between all parts"), move |recipe| {
            recipe.joints = [separator, separator];
            recipe.between = separator;
        });
        list.add(kinds::SEPARATOR, Step::Joints, format!("{what} between the parameters"), move |recipe| {
            recipe.between = separator;
        });
        list.add(kinds::SEPARATOR, Step::Joints, format!("{what} between method, URL and parameters"), move |recipe| {
            recipe.joints = [separator, separator];
        });
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

fn of_form(list: &mut List<'_>) {
    let long = list.0.len();
    list.add(kinds::JSON, Step::Groups, "", |recipe| recipe.form = Form::Json);
    list.add(kinds::BODY, Step::Groups, "", |recipe| recipe.form = Form::Raw);
    list.add(kinds::NOTHING, Step::Groups, "", |recipe| recipe.form = Form::Nothing);
    list.weigh_since(long, Weight::Rare);
}

fn of_whole(list: &mut List<'_>) {
    let (capitals, small) = (Escapes::Capitals, Escapes::Small);
    for (kind, whole, detail) in [
        (kinds::OAUTH, Whole::OAuth(capitals), "URL and parameters, as OAuth 1 does"),
        (kinds::OAUTH, Whole::OAuth(small), "URL and parameters, as OAuth 1 does, with lower-case escapes"),
        (kinds::OAUTH, Whole::Url(capitals), "the URL"),
        (kinds::OAUTH, Whole::Url(small), "the URL, with lower-case escapes"),
        (kinds::OAUTH, Whole::All(capitals), "the whole text"),
        (kinds::OAUTH, Whole::All(small), "the whole text, with lower-case escapes"),
        (kinds::LOWER, Whole::LowerCase, "lower"),
        (kinds::LOWER, Whole::UpperCase, "capitals"),
        (kinds::ASCII, Whole::Ascii, ""),
    ] {
        list.add(kind, Step::Whole, detail, move |recipe| recipe.whole = whole);
    }
    for (kind, charset, detail) in [
        (kinds::LATIN, Charset::Latin1, ""),
        (kinds::UTF16, Charset::Utf16Little, "little-endian"),
        (kinds::UTF16, Charset::Utf16Big, "big-endian"),
        (kinds::UTF16, Charset::Utf16Marked, "little-endian, with its byte-order mark"),
    ] {
        list.add(kind, Step::Charset, detail, move |recipe| recipe.charset = charset);
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
    for (front, detail) in [
        ("&", "a separator in front"),
        (" ", "a blank in front"),
        ("\n", "a line break in front"),
        ("\r\n", "a line break (CRLF) in front"),
        ("?", "a `?` in front"),
    ] {
        list.add(kinds::SEPARATOR, Step::Ends, detail, move |recipe| recipe.before = front);
    }
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

/// Percent-encoding as JavaScript's `encodeURIComponent` does it: `!'()*` stay.
fn encode_uri_component(value: &str) -> String {
    ["!", "'", "(", ")", "*"].iter().fold(encode(value), |text, kept| text.replace(&encode(kept), kept))
}

/// Percent-encoding as HTML forms and Java's `URLEncoder` do it.
fn form_encode(value: &str) -> String {
    encode(value).replace("%20", "+").replace("%2A", "*").replace('~', "%7E")
}
