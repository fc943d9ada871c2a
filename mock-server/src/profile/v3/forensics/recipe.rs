//! How a client may have put a base string together: the right way, and every step done otherwise.

use super::address::Address;
use crate::text::encode;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::cmp::Ordering;

/// Where a part of the base string comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// A field of the Authorization header, by its place there.
    Header(usize),
    /// A form field or query parameter, by its place there.
    Parameter(usize),
    /// Nothing that was sent.
    Added,
}

/// One `name=value`.
#[derive(Debug, Clone)]
pub(super) struct Part<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) value: Cow<'a, str>,
    pub(super) origin: Origin,
}

/// In which order the parts stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// By name, byte by byte: the right one.
    Name,
    /// By name, whatever the case.
    NameAnyCase,
    /// By name, from the end.
    NameBackwards,
    /// By `name=value` as one text.
    Whole,
    /// By value.
    Value,
    /// As sent, the header's fields first.
    SentHeaderFirst,
    /// As sent, the parameters first.
    SentParametersFirst,
    /// Each group sorted, the header's first.
    GroupsHeaderFirst,
    /// Each group sorted, the parameters first.
    GroupsParametersFirst,
}

/// Where a parameter stands that is out of its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    First,
    Last,
}

/// What is made of the text as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    /// Nothing: the right one.
    Plain,
    /// URL and parameters are percent-encoded, as OAuth 1 does; with escapes in lower case.
    OAuth(Escapes),
    /// The URL alone is percent-encoded.
    Url(Escapes),
    /// Everything is percent-encoded, separators included.
    All(Escapes),
    LowerCase,
    UpperCase,
    /// Every character that is none of ASCII's is a `?`.
    Ascii,
}

/// How percent-escapes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    Capitals,
    Small,
}

impl Escapes {
    pub(super) fn encode(self, text: &str) -> String {
        match self {
            Self::Capitals => encode(text),
            Self::Small => small_escapes(&encode(text)),
        }
    }
}

/// The bytes of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    /// The right one.
    Utf8,
    Latin1,
    Utf16Little,
    Utf16Big,
    /// Little-endian behind a byte-order mark.
    Utf16Marked,
}

/// What the text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Method, URL and pairs: the right one.
    Pairs,
    Json,
    /// The body or query as it was sent.
    Raw,
    Nothing,
}

/// What is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hashed {
    /// The text: the right one.
    Text,
    /// The hash of the text.
    Hash,
    /// The hash of the text, written in hexadecimal.
    HashInHex,
    /// The hash of the text, written in Base64.
    HashInBase64,
    /// The text, written in Base64.
    TextInBase64,
}

/// A base string before it is written.
#[derive(Debug, Clone)]
pub(super) struct Recipe<'a> {
    /// Nothing where the method is left out.
    pub(super) method: Cow<'a, str>,
    pub(super) address: Address<'a>,
    pub(super) parts: Vec<Part<'a>>,
    pub(super) order: Order,
    pub(super) moved: Option<(Cow<'a, str>, Place)>,
    /// What stands between method and URL, and between URL and parameters: `&` and `&`.
    pub(super) joints: [&'static str; 2],
    /// What stands between parameters: `&`.
    pub(super) between: &'static str,
    pub(super) before: &'static str,
    pub(super) after: Cow<'a, str>,
    pub(super) whole: Whole,
    pub(super) charset: Charset,
    pub(super) form: Form,
    /// The body or query as it was sent.
    pub(super) raw: Cow<'a, str>,
    pub(super) hashed: Hashed,
    /// Whether values that may be secrets are masked.
    pub(super) masked: bool,
}

impl<'a> Recipe<'a> {
    /// The right base string for these parts.
    pub(super) fn new(method: &'a str, url: &'a str, parts: Vec<Part<'a>>) -> Self {
        Self {
            method: method.into(),
            address: Address::of(url),
            parts,
            order: Order::Name,
            moved: None,
            joints: ["&", "&"],
            between: "&",
            before: "",
            after: "".into(),
            whole: Whole::Plain,
            charset: Charset::Utf8,
            form: Form::Pairs,
            raw: "".into(),
            hashed: Hashed::Text,
            masked: false,
        }
    }
}

impl Recipe<'_> {
    /// The base string.
    pub(super) fn text(&self) -> String {
        // in one piece: a search writes thousands of these
        let mut text = String::with_capacity(1024);
        text.push_str(self.before);
        match self.form {
            Form::Pairs => self.write_pairs(&mut text),
            Form::Json => text.push_str(&self.json()),
            Form::Raw => text.push_str(&self.raw),
            Form::Nothing => {}
        }
        text.push_str(&self.after);
        match self.whole {
            Whole::All(escapes) => escapes.encode(&text),
            Whole::LowerCase => text.to_lowercase(),
            Whole::UpperCase => text.to_uppercase(),
            Whole::Ascii => text.chars().map(|character| if character.is_ascii() { character } else { '?' }).collect(),
            Whole::Plain | Whole::OAuth(_) | Whole::Url(_) => text,
        }
    }

    fn write_pairs(&self, text: &mut String) {
        let [one, two] = self.joints;
        if !self.method.is_empty() {
            text.push_str(&self.method);
            text.push_str(one);
        }
        if !self.address.is_empty() {
            let start = text.len();
            self.address.write(text);
            if let Whole::OAuth(escapes) | Whole::Url(escapes) = self.whole {
                let url = text.split_off(start);
                text.push_str(&escapes.encode(&url));
            }
            text.push_str(if self.parts.is_empty() { "" } else { two });
        }
        let behind_url = text.len();
        for (place, part) in self.sorted().into_iter().enumerate() {
            text.push_str(if place > 0 { self.between } else { "" });
            text.push_str(&part.name);
            text.push('=');
            text.push_str(&part.value);
        }
        if let Whole::OAuth(escapes) = self.whole {
            let pairs = text.split_off(behind_url);
            text.push_str(&escapes.encode(&pairs));
        }
    }

    fn sorted(&self) -> Vec<&Part<'_>> {
        let mut parts: Vec<&Part<'_>> = self.parts.iter().collect();
        parts.sort_by(|one, other| compare(self.order, one, other));
        if let Some((name, place)) = &self.moved
            && let Some(at) = parts.iter().position(|part| part.name == *name)
        {
            let part = parts.remove(at);
            parts.insert(if *place == Place::First { 0 } else { parts.len() }, part);
        }
        parts
    }

    /// The parameters as JSON, in the order in which they were sent.
    fn json(&self) -> String {
        let mut parts: Vec<&Part<'_>> =
            self.parts.iter().filter(|part| !matches!(part.origin, Origin::Header(_))).collect();
        parts.sort_by_key(|part| part.origin);
        let members: Map<String, Value> =
            parts.iter().map(|part| (part.name.to_string(), Value::String(part.value.to_string()))).collect();
        Value::Object(members).to_string()
    }

    /// The bytes that were hashed once, for the first time; nothing where the text has no such form.
    pub(super) fn bytes<'t>(&self, text: &'t str) -> Option<Cow<'t, [u8]>> {
        let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        Some(match self.charset {
            Charset::Utf8 => Cow::Borrowed(text.as_bytes()),
            Charset::Latin1 => {
                let bytes: Option<Vec<u8>> =
                    text.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect();
                Cow::Owned(bytes?)
            }
            Charset::Utf16Little => Cow::Owned(utf16(u16::to_le_bytes)),
            Charset::Utf16Big => Cow::Owned(utf16(u16::to_be_bytes)),
            Charset::Utf16Marked => Cow::Owned([vec![0xff, 0xfe], utf16(u16::to_le_bytes)].concat()),
        })
    }
}

fn compare(order: Order, one: &Part<'_>, other: &Part<'_>) -> Ordering {
    let by_name = || one.name.cmp(&other.name).then(one.origin.cmp(&other.origin));
    let group = |part: &Part<'_>| !matches!(part.origin, Origin::Header(_));
    let sent = |part: &Part<'_>| match part.origin {
        Origin::Header(place) | Origin::Parameter(place) => place,
        Origin::Added => usize::MAX,
    };
    match order {
        Order::Name => by_name(),
        Order::NameAnyCase => one.name.to_lowercase().cmp(&other.name.to_lowercase()),
        Order::NameBackwards => by_name().reverse(),
        Order::Whole => whole(one).cmp(whole(other)),
        Order::Value => one.value.cmp(&other.value),
        Order::SentHeaderFirst => (group(one), sent(one)).cmp(&(group(other), sent(other))),
        Order::SentParametersFirst => (!group(one), sent(one)).cmp(&(!group(other), sent(other))),
        Order::GroupsHeaderFirst => group(one).cmp(&group(other)).then_with(by_name),
        Order::GroupsParametersFirst => group(other).cmp(&group(one)).then_with(by_name),
    }
}

fn whole<'p>(part: &'p Part<'_>) -> impl Iterator<Item = u8> + 'p {
    part.name.bytes().chain([b'=']).chain(part.value.bytes())
}

/// Percent-escapes with small letters: `%2f`.
fn small_escapes(text: &str) -> String {
    let mut digits = 0_u8;
    let small = |character: char| {
        let escaped = digits > 0;
        digits = if character == '%' { 2 } else { digits.saturating_sub(1) };
        if escaped { character.to_ascii_lowercase() } else { character }
    };
    text.chars().map(small).collect()
}
