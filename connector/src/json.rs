//! A member of a JSON object as it was written: no digit of a number is lost.

use serde::de::{Deserialize, IgnoredAny};
use serde_json::Deserializer;

/// The text of a member's value; of the last, where there are several, as everybody else reads it.
pub(crate) fn member<'t>(object: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = object.trim_ascii_start().strip_prefix('{')?;
    let mut found = None;
    while !rest.trim_ascii_start().starts_with('}') {
        let (key, behind): (String, _) = value(rest)?;
        let behind = behind.trim_ascii_start().strip_prefix(':')?;
        let (IgnoredAny, next) = value(behind)?;
        let text = behind.get(..behind.len() - next.len())?.trim_ascii();
        if key == name {
            found = Some(text);
        }
        rest = next.trim_ascii_start();
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    found
}

/// The first value of a text, and what stands behind it.
fn value<'t, T: Deserialize<'t>>(text: &'t str) -> Option<(T, &'t str)> {
    let mut values = Deserializer::from_str(text).into_iter();
    let first = values.next()?.ok()?;
    Some((first, text.get(values.byte_offset()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_cut_out_byte_for_byte() {
        let text = r#" { "iss":"a, {b}" , "person_info" : {"n":{"value":123456789012345678901.10,"t":"}\""}} ,"iat":17, "sub":null}"#;
        assert_eq!(member(text, "person_info"), Some(r#"{"n":{"value":123456789012345678901.10,"t":"}\""}}"#));
        assert_eq!((member(text, "iat"), member(text, "sub"), member(text, "n")), (Some("17"), Some("null"), None));
        assert_eq!(member(r#"{"a":1,"a":2}"#, "a"), Some("2"));
        assert_eq!(member(r#"{"é\u0061":[1]}"#, "éa"), Some("[1]"));
    }

    proptest::proptest! {
        #[test]
        fn whatever_serde_reads_is_found_and_nothing_breaks_it(text in ".*", key in ".*", value: i32) {
            let _ = member(&text, &key);
            let object = serde_json::json!({"before": [text], key.clone(): value, "behind": {"a": text}}).to_string();
            let found = member(&object, &key).map(str::to_owned);
            let known: serde_json::Value = serde_json::from_str(&object).unwrap();
            proptest::prop_assert_eq!(found, Some(known[&key].to_string()));
        }
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        for text in ["", "{}", "[]", "{", r#"{"a""#, r#"{"a":"#, r#"{"a":1"#, "{1:2}"] {
            assert_eq!(member(text, "a"), None, "{text}");
        }
    }
}
