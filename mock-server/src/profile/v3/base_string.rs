//! The v3 base string, rebuilt from what was really sent.

use super::pki_sign::PkiSign;
use crate::http::pairs::Pairs;

/// `METHOD&URL&k=v&k=v…`: the four header fields and every parameter, sorted by name in byte order, values decoded.
///
/// Specification, security section: `signature` itself is never in; a field is in if and only if it was sent.
pub(super) fn base_string(method: &str, url: &str, header: &PkiSign, parameters: &Pairs) -> String {
    let mut pairs: Vec<(&str, &str)> = vec![
        ("app_id", &header.app_id),
        ("nonce", &header.nonce),
        ("signature_method", &header.signature_method),
        ("timestamp", &header.timestamp),
    ];
    pairs.extend(parameters.iter());
    // stable: parameters of one name keep the order in which they were sent
    pairs.sort_by_key(|(name, _)| *name);
    let mut text = format!("{method}&{url}");
    for (name, value) in pairs {
        text.push('&');
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    text
}

/// The URLs that the client may have signed: it signs the one that it was configured with, which the `Host` need not show.
///
/// First the origin as received, then every configured public URL, each with and without its port.
pub(super) fn candidate_urls(origin: &str, public_urls: &[String], path: &str) -> Vec<String> {
    let mut urls: Vec<String> = Vec::new();
    for base in std::iter::once(origin).chain(public_urls.iter().map(String::as_str)) {
        for form in [base.to_owned(), without_port(base), with_default_port(base)] {
            let url = format!("{form}{path}");
            if !urls.contains(&url) {
                urls.push(url);
            }
        }
    }
    urls
}

fn without_port(base: &str) -> String {
    let Some((scheme, rest)) = base.split_once("://") else {
        return base.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{scheme}://{host}{path}")
        }
        _ => base.to_owned(),
    }
}

fn with_default_port(base: &str) -> String {
    let Some((scheme, rest)) = base.split_once("://") else {
        return base.to_owned();
    };
    if without_port(base) != base {
        return base.to_owned();
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let port = if scheme == "https" { 443 } else { 80 };
    format!("{scheme}://{authority}:{port}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    /// Rebuilds every golden base string from the request as it would be sent.
    #[test]
    fn golden_base_strings_are_rebuilt_from_the_raw_request() {
        let vectors: Vec<Value> = serde_json::from_str(myinfo_fixtures::vectors::BASE_STRINGS_JSON).unwrap();
        assert!(vectors.len() >= 20);
        for vector in vectors {
            let text = |path: &str| {
                vector.pointer(path).and_then(Value::as_str).unwrap_or_else(|| panic!("{path}")).to_owned()
            };
            let url = text("/url");
            let (address, query) = url.split_once('?').unwrap_or((&url, ""));
            let sent = match vector["form"].as_array() {
                Some(form) => {
                    let mut writer = url::form_urlencoded::Serializer::new(String::new());
                    for pair in form {
                        writer.append_pair(pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
                    }
                    writer.finish()
                }
                None => query.to_owned(),
            };
            let header = PkiSign {
                app_id: text("/header/app_id"),
                nonce: text("/header/nonce"),
                signature_method: text("/header/signature_method"),
                signature: String::new(),
                timestamp: text("/header/timestamp"),
            };
            let built = base_string(&text("/method"), address, &header, &Pairs::parse(&sent).unwrap());
            assert_eq!(built, text("/base_string"), "{}", text("/name"));
        }
    }

    #[test]
    fn the_url_is_tried_as_received_as_configured_and_without_port() {
        let public = ["https://test.api.myinfo.gov.sg".to_owned(), "http://mock:8080/base".to_owned()];
        assert_eq!(
            candidate_urls("http://localhost:5156", &public, "/com/v3/token"),
            [
                "http://localhost:5156/com/v3/token",
                "http://localhost/com/v3/token",
                "https://test.api.myinfo.gov.sg/com/v3/token",
                "https://test.api.myinfo.gov.sg:443/com/v3/token",
                "http://mock:8080/base/com/v3/token",
                "http://mock/base/com/v3/token",
            ]
        );
    }

    proptest! {
        #[test]
        fn the_order_of_parameters_does_not_matter(pairs in prop::collection::btree_map("[a-zA-Z_]{1,8}", "[ -~]{0,12}", 0..8), seed in any::<u64>()) {
            let write = |pairs: &[(&String, &String)]| {
                let mut writer = url::form_urlencoded::Serializer::new(String::new());
                writer.extend_pairs(pairs);
                Pairs::parse(&writer.finish()).unwrap()
            };
            let sorted: Vec<_> = pairs.iter().collect();
            let mut shuffled = sorted.clone();
            shuffled.sort_by_key(|(name, _)| name.len() as u64 ^ seed);
            let header = PkiSign { app_id: "A".into(), ..PkiSign::default() };
            prop_assert_eq!(base_string("GET", "http://h/", &header, &write(&sorted)), base_string("GET", "http://h/", &header, &write(&shuffled)));
        }
    }
}
