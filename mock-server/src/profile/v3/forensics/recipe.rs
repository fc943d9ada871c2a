//! How a client may have put a base string together: the right way, and every step done otherwise.

use crate::text::encode;
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
    pub(super) method: Cow<'a, str>,
    pub(super) url: Cow<'a, str>,
    pub(super) parts: Vec<Part<'a>>,
    pub(super) order: Order,
    /// What stands between method and URL, and between URL and parameters: `&` and `&`.
    pub(super) joints: [&'static str; 2],
    pub(super) before: &'static str,
    pub(super) after: Cow<'a, str>,
    /// Whether URL and parameters are percent-encoded as a whole, as OAuth 1 does.
    pub(super) oauth: bool,
    /// Whether the text is Latin-1 instead of UTF-8.
    pub(super) latin: bool,
    pub(super) hashed: Hashed,
}

impl Recipe<'_> {
    /// The base string.
    pub(super) fn text(&self) -> String {
        let mut parts: Vec<&Part<'_>> = self.parts.iter().collect();
        parts.sort_by(|one, other| compare(self.order, one, other));
        // in one piece: a search writes thousands of these
        let mut text = String::with_capacity(1024);
        let [one, two] = self.joints;
        let url = if self.oauth { Cow::Owned(encode(&self.url)) } else { Cow::Borrowed(&*self.url) };
        text.extend([self.before, &self.method, one, &url, two]);
        let behind_url = text.len();
        for (place, part) in parts.into_iter().enumerate() {
            text.extend([if place > 0 { "&" } else { "" }, &part.name, "=", &part.value]);
        }
        if self.oauth {
            let pairs = encode(&text.split_off(behind_url));
            text.push_str(&pairs);
        }
        text.push_str(&self.after);
        text
    }

    /// The bytes that were hashed once, for the first time; nothing where the text has no such form.
    pub(super) fn bytes<'t>(&self, text: &'t str) -> Option<Cow<'t, [u8]>> {
        if self.latin {
            let bytes: Option<Vec<u8>> =
                text.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect();
            return bytes.map(Cow::Owned);
        }
        Some(Cow::Borrowed(text.as_bytes()))
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
