//! What is inside the containers: JSON that every reader can take, and documents that are remembered.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Map, Value, ser::Formatter};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Person documents that were written before: those of v3 signed, for their signature is deterministic and their payload has no
/// time in it; those of FAPI without what is around the data.
#[derive(Debug)]
pub(crate) struct Documents {
    known: Mutex<Known>,
}

/// Documents by their names, and the order in which they came.
#[derive(Debug, Default)]
struct Known {
    written: HashMap<String, Arc<str>>,
    order: VecDeque<String>,
}

/// How many documents are kept; one is up to 40 kB.
const KEPT_DOCUMENTS: usize = 128;

impl Documents {
    pub(crate) fn new() -> Self {
        Self { known: Mutex::default() }
    }

    /// The document of this name: from memory, or written now.
    ///
    /// The name must tell everything that the document depends on.
    pub(crate) fn of<E>(&self, name: String, write: impl FnOnce() -> Result<String, E>) -> Result<Arc<str>, E> {
        if let Some(known) = self.locked().written.get(&name) {
            return Ok(Arc::clone(known));
        }
        let written: Arc<str> = write()?.into();
        let mut known = self.locked();
        if known.written.insert(name.clone(), Arc::clone(&written)).is_none() {
            known.order.push_back(name);
        }
        if known.order.len() > KEPT_DOCUMENTS
            && let Some(oldest) = known.order.pop_front()
        {
            known.written.remove(&oldest);
        }
        Ok(written)
    }

    fn locked(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Minified JSON in ASCII, so that every connector can read the token around it.
///
/// The official Java connector decodes a JWS payload with the plain Base64 alphabet and fails on `-` and `_`. Those two
/// appear only where the text has a non-ASCII character, `>`, `?`, `~` or DEL; written as `\uXXXX` they mean the same.
pub(crate) fn ascii_json(value: &Value) -> String {
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, Ascii);
    // writing a Value to memory cannot fail; an empty text would be caught by every reader
    let _ = value.serialize(&mut serializer);
    String::from_utf8(text).unwrap_or_default()
}

struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let escaped = |character: char| !character.is_ascii() || matches!(character, '>' | '?' | '~' | '\x7f');
        let mut rest = fragment;
        while let Some(at) = rest.find(escaped) {
            let (plain, odd) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            let mut characters = odd.chars();
            for unit in characters.next().unwrap_or_default().encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = characters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

/// A part of a compact token as JSON, unverified: for showing and finding it, never for trusting it.
pub(crate) fn unverified(token: &str, place: usize) -> Option<Map<String, Value>> {
    let part = token.split('.').nth(place)?.trim();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ascii_json_means_the_same_and_needs_no_url_safe_base64(text in any::<String>()) {
            let value = Value::from(text);
            let written = ascii_json(&value);
            prop_assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), value);
            prop_assert!(!BASE64_URL_SAFE_NO_PAD.encode(&written).contains(['-', '_']));
        }
    }

    #[test]
    fn ascii_json_escapes_beyond_the_basic_plane() {
        assert_eq!(ascii_json(&Value::from("é~中😀")), r#""\u00e9\u007e\u4e2d\ud83d\ude00""#);
    }
}
