//! What the journal shows of secrets and persons: secrets never, persons when asked for.

use super::sent_keys::{SentKeys, header_without_keys, is_key};
use crate::book::Book;
use crate::http::exchange::{Answer, Incoming};
use crate::persona::uinfin::mask_all;
use crate::protocol::Protocols;
use crate::quote::WITHHELD;
use crate::text::is_name;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use warp::http::header;

/// The fields of the login's pages, which are no secrets.
const OF_PAGES: [&str; 4] = ["persona", "decision", "q", "person"];
/// The names that OAuth gives to parameters: they are shown, whatever a secret looks like.
const OF_OAUTH: [&str; 12] = [
    "client_secret",
    "code",
    "code_verifier",
    "code_challenge",
    "code_challenge_method",
    "client_assertion",
    "client_assertion_type",
    "access_token",
    "refresh_token",
    "nonce",
    "scope",
    "request_uri",
];
/// The metadata of a data item, which tell nothing about the person.
const METADATA: [&str; 5] = ["lastupdated", "source", "classification", "unavailable", "type"];

/// How things are shown.
#[derive(Clone, Copy)]
pub(crate) struct Mask<'a> {
    pub(crate) book: &'a Book,
    /// What each profile may show.
    pub(crate) protocols: &'a Protocols,
    /// Whether personal data are shown.
    pub(crate) personal: bool,
}

impl Mask<'_> {
    /// A text without registered secrets, tokens and personal numbers.
    pub(crate) fn text(&self, text: &str) -> String {
        let text = without_tokens(&self.book.mask_secrets(text));
        if self.personal { text } else { mask_all(&text) }
    }

    /// The name of a parameter; what can be none may be a whole body, secrets included.
    pub(crate) fn name(&self, name: &str) -> String {
        if is_name(name) && !shows_secret(name, self.book, self.protocols) {
            self.text(name)
        } else {
            "[redacted]".to_owned()
        }
    }

    /// The value of a parameter.
    pub(crate) fn value(&self, name: &str, value: &str) -> String {
        match name {
            _ if is_key(name, value) => WITHHELD.to_owned(),
            "code" | "transaction" if without_tokens(value) == value => shortened(value),
            "code" | "transaction" => self.text(value),
            _ if self.protocols.may_show(name) || OF_PAGES.contains(&name) || name.starts_with("error") => {
                self.text(value)
            }
            _ => "[redacted]".to_owned(),
        }
    }

    /// The path of an address.
    pub(crate) fn path(&self, path: &str) -> String {
        let segments = path.split('/').map(|segment| if is_key("", segment) { WITHHELD } else { segment });
        self.text(&segments.collect::<Vec<_>>().join("/"))
    }

    /// A raw query or form, value by value.
    pub(crate) fn raw_pairs(&self, text: &str) -> String {
        let pieces = text.split('&').map(|piece| match piece.split_once('=') {
            Some((name, value)) => format!("{}={}", self.name(name), self.value(name, value)),
            None => self.name(piece),
        });
        pieces.collect::<Vec<_>>().join("&")
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str, value: &str) -> String {
        let value = &*header_without_keys(value);
        match name {
            "authorization" => {
                let known = self.protocols.masked_authorization(value);
                self.text(&known.unwrap_or_else(|| unknown_scheme(value)))
            }
            "cookie" | "set-cookie" | "proxy-authorization" => "[redacted]".to_owned(),
            "x-myinfo-mock-persona" if !self.personal && !value.starts_with("error:") && mask_all(value) == value => {
                "[personal]".to_owned()
            }
            "location" => match value.split_once('?') {
                Some((address, query)) => format!("{}?{}", self.text(address), self.raw_pairs(query)),
                None => self.text(value),
            },
            _ => self.text(value),
        }
    }

    /// A person document: names and metadata as they are, values only when asked for.
    pub(crate) fn person(&self, value: &Value) -> Value {
        if self.personal {
            return value.clone();
        }
        match value {
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(name, value)| {
                        let shown = METADATA.contains(&name.as_str()) && !value.is_object();
                        (name.clone(), if shown { value.clone() } else { self.person(value) })
                    })
                    .collect(),
            ),
            Value::Array(items) => items.iter().map(|item| self.person(item)).collect(),
            Value::Null => Value::Null,
            Value::Bool(_) | Value::Number(_) | Value::String(_) => json!("[personal]"),
        }
    }

    /// The claims of a token.
    pub(crate) fn claims(&self, claims: &Map<String, Value>) -> Value {
        let text = Value::Object(claims.clone()).to_string();
        serde_json::from_str(&self.text(&text)).unwrap_or(Value::Null)
    }

    /// The body of an answer. `of_person` is whether its JSON is a person document.
    pub(crate) fn answer(&self, answer: &Answer, of_person: bool) -> String {
        let kind = answer
            .headers
            .iter()
            .find(|(name, _)| name == header::CONTENT_TYPE)
            .and_then(|(_, value)| value.to_str().ok())
            .unwrap_or_default();
        let size = answer.body.len();
        if answer.headers.iter().any(|(name, _)| name == header::CONTENT_ENCODING) {
            return format!("[{size} bytes, compressed]");
        }
        if kind.starts_with("text/html") {
            return format!("[a page of {size} bytes]");
        }
        let text = String::from_utf8_lossy(&answer.body);
        match serde_json::from_str(&text) {
            Ok(Value::Object(mut members)) => {
                for (name, mask) in
                    [("access_token", "[token]"), ("id_token", "[token]"), ("refresh_token", "[redacted]")]
                {
                    if members.get(name).is_some_and(Value::is_string) {
                        members.insert(name.to_owned(), json!(mask));
                    }
                }
                let person = of_person && answer.status.is_success();
                let value = Value::Object(members);
                if person { self.person(&value).to_string() } else { self.text(&value.to_string()) }
            }
            // a bare signed document, sent by a fault, is readable
            _ if of_person && !self.personal && text.matches('.').count() == 2 => {
                format!("[{size} bytes, signed only]")
            }
            Ok(value) if of_person => self.person(&value).to_string(),
            _ => self.text(&text),
        }
    }
}

/// What the texts about one request must not say: registered secrets, keys, and what stands in it where the names of parameters
/// do but is a part of a secret. A secret that is sent without its name, or with a raw `&` in it, falls into such names.
pub(crate) struct RequestMask {
    book: Arc<Book>,
    names: Vec<String>,
    keys: SentKeys,
}

impl RequestMask {
    pub(crate) fn new(book: &Arc<Book>, protocols: &Protocols, incoming: &Incoming) -> Self {
        let body = incoming.body.as_deref().ok().and_then(|body| std::str::from_utf8(body).ok()).unwrap_or_default();
        let sent = incoming.query.split('&').chain(body.split('&'));
        let raw = sent.map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
        let decoded = |name: &str| percent_decode_str(&name.replace('+', " ")).decode_utf8_lossy().into_owned();
        let names = raw.filter(|name| !name.is_empty()).flat_map(|name| [name.to_owned(), decoded(name)]);
        let names = names.filter(|name| shows_secret(name, book, protocols)).take(MOST);
        // texts quote long names cut
        let cut = |name: &str, length: usize| name.chars().take(length).collect::<String>();
        let mut names: Vec<String> = names.flat_map(|name| [cut(&name, 60), cut(&name, 40), name]).collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names.dedup();
        Self { book: Arc::clone(book), names, keys: SentKeys::of(incoming) }
    }

    /// The text without them, and without tokens.
    pub(crate) fn text(&self, text: &str) -> String {
        let text = self.keys.withheld(without_tokens(&self.book.mask_secrets(text)));
        self.names.iter().fold(text, |text, name| without_word(&text, name))
    }
}

/// How many names that show a secret are looked for in texts.
const MOST: usize = 100;

/// Whether what stands where a parameter's name does is none, and holds a part of a registered secret.
fn shows_secret(name: &str, book: &Book, protocols: &Protocols) -> bool {
    let known = |name: &str| protocols.may_show(name) || OF_OAUTH.contains(&name) || OF_PAGES.contains(&name);
    book.shows_secret(name) && !known(name) && !known(&in_snake_case(name))
}

/// `clientId` and `client-id` as `client_id`: a known name is no secret, however it is written.
fn in_snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(if character == '-' { '_' } else { character.to_ascii_lowercase() });
    }
    snake
}

/// The text with a word masked wherever it stands by itself.
fn without_word(text: &str, word: &str) -> String {
    let joins = |character: char| character.is_alphanumeric() || character == '_';
    let mut shown = String::with_capacity(text.len());
    let mut end = 0;
    for (start, found) in text.match_indices(word) {
        let (before, behind) =
            (text.get(..start).unwrap_or_default(), text.get(start + found.len()..).unwrap_or_default());
        if before.ends_with(joins) && found.starts_with(joins) || behind.starts_with(joins) && found.ends_with(joins) {
            continue;
        }
        shown.push_str(text.get(end..start).unwrap_or_default());
        shown.push_str("[redacted]");
        end = start + found.len();
    }
    shown.push_str(text.get(end..).unwrap_or_default());
    shown
}

/// The text with every JWT in it masked: a header's beginning is always the same, `{"` in Base64url.
fn without_tokens(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("eyJ") {
        let (before, from) = rest.split_at(start);
        let (word, behind) = from.split_at(end_of_token(from));
        shown.push_str(before);
        // five parts are a document that is encrypted for its reader
        let parts = word.split('.').flat_map(|part| part.split("%2E")).flat_map(|part| part.split("%2e"));
        shown.push_str(if parts.count() == 3 { "[token]" } else { word });
        rest = behind;
    }
    shown.push_str(rest);
    shown
}

/// How long a token is that a text begins with. In addresses its dots, and what else is no letter, may be percent-encoded.
fn end_of_token(text: &str) -> usize {
    let mut rest = text;
    loop {
        let end = rest.find(|character: char| !character.is_ascii_alphanumeric() && !"-_.".contains(character));
        rest = rest.get(end.unwrap_or(rest.len())..).unwrap_or_default();
        let escaped = ["%2E", "%2e", "%2D", "%2d", "%5F", "%5f"].iter().find_map(|escape| rest.strip_prefix(escape));
        let Some(behind) = escaped else { return text.len() - rest.len() };
        rest = behind;
    }
}

/// Enough of a code to recognise it, too little to use it.
pub(crate) fn shortened(code: &str) -> String {
    let start: String = code.chars().take(6).collect();
    if start.len() < code.len() { format!("{start}…") } else { "[redacted]".to_owned() }
}

/// An Authorization header of a scheme that no profile reads: the scheme alone.
fn unknown_scheme(value: &str) -> String {
    let scheme = value.split(' ').next().filter(|scheme| scheme.len() < 12 && *scheme != value);
    format!("{} [redacted]", scheme.unwrap_or_default()).trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persona::Personas;
    use std::collections::BTreeMap;

    #[test]
    fn of_an_unknown_scheme_nothing_but_its_name_is_shown() {
        for (sent, shown) in
            [("Bearer a.b.c", "Bearer [redacted]"), ("my-secret", "[redacted]"), ("Basic QTpC", "Basic [redacted]")]
        {
            assert_eq!(unknown_scheme(sent), shown);
        }
    }

    #[test]
    fn a_token_is_masked_percent_encoded_or_not_and_a_document_is_not() {
        for (text, shown) in [
            ("`eyJh.eyJi.c2ln`", "`[token]`"),
            ("/x/eyJh%2EeyJi%2Ec2%5Fn%2Dg%20more", "/x/[token]%20more"),
            ("eyJh%2eeyJi.c2ln/", "[token]/"),
            ("eyJh.k.i.c.t and eyJh", "eyJh.k.i.c.t and eyJh"),
        ] {
            assert_eq!(without_tokens(text), shown);
        }
    }

    #[test]
    fn a_word_is_masked_where_it_stands_by_itself() {
        for (text, shown) in [
            ("`secret` is no parameter", "`[redacted]` is no parameter"),
            ("client_secret is not the secret", "client_secret is not the [redacted]"),
            ("POST&secret=&secrets=", "POST&[redacted]=&secrets="),
        ] {
            assert_eq!(without_word(text, "secret"), shown);
        }
    }

    #[test]
    fn a_persons_values_are_masked_and_the_shape_is_kept() {
        let book = Book::new(BTreeMap::new(), Personas::default(), 0);
        let protocols = Protocols::new(Vec::new(), Vec::new());
        let mask = Mask { book: &book, protocols: &protocols, personal: false };
        let person = json!({"name": {"value": "ANDY", "source": "1"}, "children": [{"dob": {"value": 1}}]});
        let masked =
            json!({"name": {"value": "[personal]", "source": "1"}, "children": [{"dob": {"value": "[personal]"}}]});
        assert_eq!(mask.person(&person), masked);
        assert_eq!(Mask { personal: true, ..mask }.person(&person), person);
    }
}
