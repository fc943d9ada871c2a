//! Refuses JSON texts in which an object has the same key twice.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;

/// Refuses a JSON text in which an object has the same key twice; serde would silently keep the last.
pub(super) fn no_duplicate_keys(text: &str) -> Result<(), String> {
    match serde_json::from_str::<Unique>(text) {
        Err(error) if error.to_string().starts_with(DUPLICATE) => {
            let message = error.to_string();
            let key = message.trim_start_matches(DUPLICATE).split('`').next().unwrap_or_default().to_owned();
            Err(key)
        }
        // other mistakes are reported by the reader that follows
        Ok(Unique) | Err(_) => Ok(()),
    }
}

const DUPLICATE: &str = "duplicate key `";

/// A JSON value of which only one thing is of interest: that no object repeats a key.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Unique;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_str<E>(self, _: &str) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_unit<E>(self) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unique, A::Error> {
        while items.next_element::<Unique>()?.is_some() {}
        Ok(Unique)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Unique, A::Error> {
        let mut seen = BTreeSet::new();
        while let Some(key) = members.next_key::<String>()? {
            members.next_value::<Unique>()?;
            if !seen.insert(key.clone()) {
                return Err(serde::de::Error::custom(format!("{DUPLICATE}{key}`")));
            }
        }
        Ok(Unique)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_key_is_found_at_any_depth() {
        assert_eq!(no_duplicate_keys(r#"{"a":[{"b":1,"b":2}]}"#), Err("b".to_owned()));
        assert_eq!(no_duplicate_keys(r#"{"a":{"b":1},"b":2}"#), Ok(()));
        assert_eq!(no_duplicate_keys("not json"), Ok(()));
    }
}
