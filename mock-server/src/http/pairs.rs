//! Query strings and form bodies as ordered lists of pairs, decoded once, with nothing normalised away.

use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::collections::HashMap;

/// Decoded name and value pairs in the order in which they were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pairs(Vec<(String, String)>);

/// Why a query string or form body could not be read as pairs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PairsError {
    #[error("`{name}` holds bytes that are not UTF-8 once its percent-escapes are decoded")]
    NotUtf8 { name: String },
    #[error("`{name}` was sent more than once")]
    Repeated { name: String },
}

impl Pairs {
    /// Splits at `&` and the first `=`, then decodes `+` and percent-escapes once.
    ///
    /// A `%` that starts no escape stands for itself, as in browsers: clients that send values unencoded exist.
    pub(crate) fn parse(text: &str) -> Result<Self, PairsError> {
        let mut pairs = Vec::new();
        for piece in text.split('&').filter(|piece| !piece.is_empty()) {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            let name = decode(name).ok_or_else(|| not_utf8(name))?;
            let value = decode(value).ok_or_else(|| not_utf8(&name))?;
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(pairs))
    }

    /// The value of `name` if it was sent, the first one if it was sent more than once.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.iter().find(|(sent, _)| *sent == name).map(|(_, value)| value)
    }

    /// All pairs, in the order in which they were sent.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Those that have a value: a form sends each of its boxes, whether somebody wrote into it or not.
    pub(crate) fn filled(&self) -> Self {
        Self(self.0.iter().filter(|(_, value)| !value.is_empty()).cloned().collect())
    }

    /// Applies the setting for repeated names: refuse them, or keep the first or the last.
    pub(crate) fn with_repeats(self, repeats: Repeats) -> Result<Self, PairsError> {
        let mut kept: Vec<(String, String)> = Vec::with_capacity(self.0.len());
        let mut places: HashMap<String, usize> = HashMap::with_capacity(self.0.len());
        for (name, value) in self.0 {
            match places.get(&name).and_then(|place| kept.get_mut(*place)) {
                None => {
                    places.insert(name.clone(), kept.len());
                    kept.push((name, value));
                }
                Some(_) if repeats == Repeats::Refuse => return Err(PairsError::Repeated { name }),
                Some(earlier) if repeats == Repeats::Last => earlier.1 = value,
                Some(_) => {}
            }
        }
        Ok(Self(kept))
    }
}

/// What to do with a parameter that is sent more than once; no document of v3 says (open question 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Repeats {
    /// Answer 400 and name the parameter.
    #[default]
    Refuse,
    /// Use the first value and ignore the others.
    First,
    /// Use the last value and ignore the others.
    Last,
}

fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(['+', '%']) {
        return Some(Cow::Borrowed(text));
    }
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(Cow::Owned(decoded.into_owned()))
}

fn not_utf8(name: &str) -> PairsError {
    PairsError::NotUtf8 { name: name.chars().take(40).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> Vec<(String, String)> {
        Pairs::parse(text).unwrap().0
    }

    #[test]
    fn an_unencoded_redirect_uri_is_read_whole() {
        let pairs = Pairs::parse("redirect_uri=http://localhost:3001/callback&attributes=name,sex").unwrap();
        assert_eq!(pairs.value("redirect_uri"), Some("http://localhost:3001/callback"));
        assert_eq!(pairs.value("attributes"), Some("name,sex"));
    }

    #[test]
    fn raw_and_escaped_commas_are_the_same() {
        assert_eq!(parsed("attributes=name%2Csex"), parsed("attributes=name,sex"));
    }

    #[test]
    fn a_percent_sign_that_starts_no_escape_stands_for_itself() {
        assert_eq!(parsed("purpose=100%+sure"), [("purpose".into(), "100% sure".into())]);
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_with_the_name_of_the_parameter() {
        let error = Pairs::parse("a=1&purpose=%ff").unwrap_err();
        assert_eq!(error, PairsError::NotUtf8 { name: "purpose".into() });
    }

    #[test]
    fn a_repeated_parameter_is_refused_or_resolved_as_set() {
        let pairs = || Pairs::parse("a=1&b=2&a=3").unwrap();
        assert!(matches!(pairs().with_repeats(Repeats::Refuse), Err(PairsError::Repeated { name }) if name == "a"));
        assert_eq!(pairs().with_repeats(Repeats::First).unwrap().value("a"), Some("1"));
        assert_eq!(pairs().with_repeats(Repeats::Last).unwrap().value("a"), Some("3"));
    }

    proptest! {
        #[test]
        fn any_text_parses_or_is_refused_but_never_panics(text in ".{0,200}") {
            let _ = Pairs::parse(&text);
        }

        #[test]
        fn what_a_standard_encoder_writes_is_read_back(pairs in prop::collection::vec(("[^\\x00]{1,20}", ".{0,30}"), 0..6)) {
            let mut writer = url::form_urlencoded::Serializer::new(String::new());
            writer.extend_pairs(&pairs);
            prop_assert_eq!(parsed(&writer.finish()), pairs);
        }
    }
}
