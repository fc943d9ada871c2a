//! What may stand in a log: secrets never, personal numbers only at debug level.

use crate::http::pairs::Pairs;

/// The names whose values are secrets.
const SECRET: [&str; 4] = ["client_secret", "code", "access_token", "refresh_token"];

/// The parameters of v3 whose values are no secrets. The value of any other name might be one, sent under a wrong name.
pub(crate) const SHOWN: [&str; 11] = [
    "client_id",
    "attributes",
    "grant_type",
    "redirect_uri",
    "state",
    "sp_esvcId",
    "txnNo",
    "txn_no",
    "subentity",
    "subentity_id",
    "purpose",
];

/// Whether a text can be a parameter's name. A whole body that was taken for one may hold anything.
pub(crate) fn is_name(text: &str) -> bool {
    text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.[]".contains(&byte))
}

/// The pairs with every value replaced that is, or might be, a secret.
pub(crate) fn masked_pairs(pairs: &Pairs) -> Pairs {
    pairs.map_values(|name, value| if SHOWN.contains(&name) { value.to_owned() } else { "[redacted]".to_owned() })
}

/// A raw query with the values of secrets replaced.
pub(crate) fn masked_query(query: &str) -> String {
    let pieces = query.split('&').map(|piece| match piece.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}=[redacted]"),
        Some((name, value)) if is_name(name) => format!("{name}={value}"),
        None if is_name(piece) => piece.to_owned(),
        _ => "[redacted]".to_owned(),
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
        let pairs = Pairs::parse("client_id=A&client_secret=hush&code=c0de&CLIENT_SECRET=hush").unwrap();
        let masked = masked_pairs(&pairs);
        assert_eq!(masked.value("client_secret"), Some("[redacted]"));
        assert_eq!(masked.value("CLIENT_SECRET"), Some("[redacted]"));
        assert_eq!(masked.value("client_id"), Some("A"));
        assert_eq!(masked_query("a=1&client_secret=hush"), "a=1&client_secret=[redacted]");
    }
}
