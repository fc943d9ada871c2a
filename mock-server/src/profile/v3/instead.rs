//! What people put in place of a value: a variable without a value or an unexpanded one, a placeholder, quotes around it.

/// What stands in place of a value, as the end of a sentence: "`app_id` …".
pub(super) fn instead_of(name: &str, text: &str) -> Option<String> {
    let bare = text.trim();
    if bare.is_empty() {
        return Some("is empty".to_owned());
    }
    if let Some(nothing) = NOTHING.iter().find(|nothing| nothing.eq_ignore_ascii_case(bare)) {
        return Some(format!("is the text `{nothing}`: that is what a variable without a value becomes"));
    }
    if bare.eq_ignore_ascii_case(name) {
        return Some("is its own name, not its value".to_owned());
    }
    if is_variable(bare) {
        return Some("is the name of a variable that nobody replaced by its value".to_owned());
    }
    if is_placeholder(bare) {
        return Some("is a placeholder out of an example, not a value".to_owned());
    }
    None
}

/// What stands between quotes, where quotes are all around.
pub(super) fn unquoted(text: &str) -> Option<&str> {
    let pairs = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’')];
    let inner = |(open, close)| text.trim().strip_prefix::<char>(open)?.strip_suffix::<char>(close);
    pairs.into_iter().find_map(inner).filter(|inner| !inner.is_empty())
}

/// What languages write for nothing.
const NOTHING: [&str; 8] = ["undefined", "null", "none", "nil", "NaN", "(null)", "<nil>", "[object Object]"];

fn is_variable(text: &str) -> bool {
    let between = |open: &str, close: &str| {
        text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).is_some_and(is_variable_name)
    };
    [("${", "}"), ("{{", "}}"), ("#{", "}"), ("$(", ")"), ("%", "%"), ("{", "}")]
        .into_iter()
        .any(|(open, close)| between(open, close))
        || text
            .strip_prefix('$')
            .is_some_and(|name| !name.starts_with(|first: char| first.is_ascii_digit()) && is_variable_name(name))
        || ["process.env.", "System.getenv(", "os.environ[", "ENV["].iter().any(|start| text.starts_with(start))
}

fn is_variable_name(text: &str) -> bool {
    let text = text.trim();
    text.len() > 1 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

fn is_placeholder(text: &str) -> bool {
    let lower = text.to_lowercase();
    let all = |mark: char| text.len() >= 3 && lower.chars().all(|character| character == mark);
    let between = |open, close| text.len() > 2 && text.starts_with(open) && text.ends_with(close);
    between('<', '>')
        || ["your_", "your-", "your ", "my_", "replace", "changeme", "change_me", "insert"]
            .iter()
            .any(|start| lower.starts_with(start))
        || ["x", "*", ".", "…"].iter().filter_map(|mark| mark.chars().next()).any(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_value_is_told_by_its_kind() {
        for (text, kind) in [
            ("", "empty"),
            ("undefined", "without a value"),
            ("None", "without a value"),
            ("[object Object]", "without a value"),
            ("client_secret", "its own name"),
            ("${CLIENT_SECRET}", "a variable"),
            ("$MYINFO_SECRET", "a variable"),
            ("{{secret}}", "a variable"),
            ("%SECRET%", "a variable"),
            ("process.env.SECRET", "a variable"),
            ("<client secret>", "placeholder"),
            ("YOUR_CLIENT_SECRET", "placeholder"),
            ("xxxxxx", "placeholder"),
            ("****", "placeholder"),
        ] {
            let said = instead_of("client_secret", text).unwrap_or_default();
            assert!(said.contains(kind), "{text}: {said}");
        }
    }

    #[test]
    fn a_value_is_not_taken_for_a_placeholder() {
        for text in ["44d953c796cccebcec9bdc826852857ab412fbe2", "$5", "a-secret", "x", "nonexistent", "100%", "{}"] {
            assert_eq!(instead_of("client_secret", text), None, "{text}");
        }
    }

    #[test]
    fn quotes_of_every_kind_are_taken_off() {
        assert_eq!((unquoted("\"a\""), unquoted("'a'"), unquoted("“a”")), (Some("a"), Some("a"), Some("a")));
        assert_eq!((unquoted("a"), unquoted("\"a"), unquoted("\"\"")), (None, None, None));
    }
}
