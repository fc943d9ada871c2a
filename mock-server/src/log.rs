//! What may stand in a log: secrets never, personal numbers only at debug level.

use crate::http::pairs::Pairs;

/// The names whose values are secrets.
const SECRET: [&str; 4] = ["client_secret", "code", "access_token", "refresh_token"];

/// The pairs with the values of secrets replaced.
pub(crate) fn masked_pairs(pairs: &Pairs) -> Pairs {
    pairs.map_values(|name, value| if is_secret(name) { "[redacted]".to_owned() } else { value.to_owned() })
}

/// A raw query with the values of secrets replaced.
pub(crate) fn masked_query(query: &str) -> String {
    let pieces = query.split('&').map(|piece| match piece.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}=[redacted]"),
        _ => piece.to_owned(),
    });
    pieces.collect::<Vec<_>>().join("&")
}

fn is_secret(name: &str) -> bool {
    SECRET.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_reach_a_log() {
        let pairs = Pairs::parse("client_id=A&client_secret=hush&code=c0de").unwrap();
        let masked = masked_pairs(&pairs);
        assert_eq!(masked.value("client_secret"), Some("[redacted]"));
        assert_eq!(masked.value("client_id"), Some("A"));
        assert_eq!(masked_query("a=1&client_secret=hush"), "a=1&client_secret=[redacted]");
    }
}
