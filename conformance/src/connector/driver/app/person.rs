//! Where the person stands on the last page of a login: a JSON pointer (RFC 6901) of the target file.

use crate::masked::masked;
use crate::text::plain;
use serde_json::Value;

/// How much of the names on a page is told.
const LONGEST_NAMES: usize = 160;

/// What is wrong with a pointer, where it is none.
pub(super) fn wrong_pointer(pointer: &str) -> Option<String> {
    if pointer.is_empty() || pointer.starts_with('/') {
        return None;
    }
    Some(format!(
        "`success.person` is `{pointer}`; expected a JSON pointer (RFC 6901), which begins with a slash: write \"/{pointer}\""
    ))
}

/// The person on a page.
///
/// # Errors
/// What is on the page instead, where the pointer leads to nothing.
pub(super) fn person_on(page: &str, pointer: &str) -> Result<Value, String> {
    let Ok(content) = serde_json::from_str::<Value>(page) else {
        return Err("the page is no JSON".to_owned());
    };
    content.pointer(pointer).cloned().ok_or_else(|| match &content {
        Value::Object(members) if !members.is_empty() => {
            let names: Vec<&str> = members.keys().map(String::as_str).collect();
            format!("the page has {}", plain(&masked(&names.join(", ")), LONGEST_NAMES))
        }
        Value::Object(_) => "the page is an empty object".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            "the page is no object".to_owned()
        }
    })
}

/// What is said where a pointer has led to nothing in every login so far: the target file is wrong, not the application.
pub(super) fn leads_nowhere(pointer: &str, path: &str, instead: &str) -> String {
    format!(
        "`success.person` in the target file is `{pointer}`, and leads to nothing on the page {path} of a login that went well: {instead}"
    )
}

/// What to do about it.
pub(super) const MEND_POINTER: &str = "Write into `success.person` where the person stands on that page, as \"/data/person\"; where it stands nowhere, take `success.person` and the capability `person` out of the target file";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pointer_that_leads_to_nothing_says_what_is_there() {
        let page = json!({"person": {"name": "x"}, "S9000001H": 1}).to_string();
        assert_eq!(person_on(&page, "/person"), Ok(json!({"name": "x"})));
        assert_eq!(person_on(&page, "/data"), Err("the page has person, *****001H".to_owned()));
        assert_eq!(person_on("{}", "/data"), Err("the page is an empty object".to_owned()));
        assert_eq!(person_on("[1]", "/data"), Err("the page is no object".to_owned()));
        assert_eq!(person_on("<p>", "/data"), Err("the page is no JSON".to_owned()));
    }
}
