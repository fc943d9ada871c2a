//! A URL in the steps in which it can be wrong.

use std::borrow::Cow;

/// A URL in its parts; every one of them may be changed alone.
#[derive(Debug, Clone, Default)]
pub(super) struct Address<'a> {
    /// `http`; nothing where the URL has none.
    pub(super) scheme: Cow<'a, str>,
    pub(super) host: Cow<'a, str>,
    /// `:5156`, or nothing.
    pub(super) port: Cow<'a, str>,
    /// Without the slash at its end.
    pub(super) path: Cow<'a, str>,
    /// `/`, or nothing.
    pub(super) end: Cow<'a, str>,
    /// What stands behind the path: a query.
    pub(super) behind: Cow<'a, str>,
}

impl<'a> Address<'a> {
    pub(super) fn of(url: &'a str) -> Self {
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = split_port(authority);
        let (path, end) = path.strip_suffix('/').map_or((path, ""), |path| (path, "/"));
        let [scheme, host, port, path, end] = [scheme, host, port, path, end].map(Cow::Borrowed);
        Self { scheme, host, port, path, end, behind: Cow::Borrowed("") }
    }

    /// Takes scheme, host and port of an origin.
    pub(super) fn stand_at(&mut self, origin: &'a str) {
        let other = Self::of(origin);
        (self.scheme, self.host, self.port) = (other.scheme, other.host, other.port);
    }

    pub(super) fn is_empty(&self) -> bool {
        [&self.host, &self.path, &self.end].into_iter().all(|part| part.is_empty())
    }

    pub(super) fn write(&self, text: &mut String) {
        let separator = if self.scheme.is_empty() { "" } else { "://" };
        text.extend([&self.scheme, separator, &self.host, &self.port, &self.path, &self.end, &self.behind]);
    }
}

fn split_port(authority: &str) -> (&str, &str) {
    match authority.rfind(':') {
        Some(at) if authority.len() > at + 1 && authority.bytes().skip(at + 1).all(|byte| byte.is_ascii_digit()) => {
            authority.split_at(at)
        }
        _ => (authority, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_taken_apart_is_put_together_again() {
        for url in ["http://127.0.0.1:5156/com/v3/token", "https://[::1]/", "/com/v3/person/x/", "localhost:80", ""] {
            let mut text = String::new();
            Address::of(url).write(&mut text);
            assert_eq!(text, url);
        }
    }
}
