//! The first difference of two texts, and what kind of difference it is.

/// Two texts side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub(crate) expected: String,
    /// What was received; for a base string, what was signed. Nothing where it could not be found out.
    pub(crate) received: Option<String>,
}

impl Comparison {
    pub(crate) fn new(expected: impl Into<String>, received: impl Into<String>) -> Self {
        Self { expected: expected.into(), received: Some(received.into()) }
    }

    /// How many characters the two have in common at the start; nothing where they are equal.
    pub(crate) fn first_difference(&self) -> Option<usize> {
        let received = self.received.as_ref()?;
        let same = self.expected.chars().zip(received.chars()).take_while(|(one, other)| one == other).count();
        (self.expected != *received).then_some(same)
    }

    /// Both texts with their parts changed.
    pub(crate) fn map(self, change: impl Fn(&str) -> String) -> Self {
        Self { expected: change(&self.expected), received: self.received.as_deref().map(&change) }
    }
}

/// What the diagnosis of a refusal rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Details {
    pub(crate) comparison: Option<Comparison>,
    /// The ids of the mistakes that were proved.
    pub(crate) mistakes: Vec<&'static str>,
    /// Where each field of an expected text comes from.
    pub(crate) fields: Vec<Field>,
}

/// One field of an expected text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// The part of the request that it was taken from.
    pub(crate) from: &'static str,
    pub(crate) value: String,
}

impl Details {
    /// How much memory they take.
    pub(crate) fn bytes(&self) -> usize {
        let comparison = self.comparison.as_ref();
        let texts = comparison.map_or(0, |texts| texts.expected.len() + texts.received.as_ref().map_or(0, String::len));
        let fields = self.fields.iter().map(|field| size_of::<Field>() + field.name.len() + field.value.len());
        size_of::<Self>() + texts + self.mistakes.len() * size_of::<&str>() + fields.sum::<usize>()
    }

    /// The same with every text changed.
    pub(crate) fn map(self, change: impl Fn(&str) -> String) -> Self {
        let fields = self
            .fields
            .into_iter()
            .map(|field| Field { name: change(&field.name), value: change(&field.value), ..field })
            .collect();
        Self { comparison: self.comparison.map(|comparison| comparison.map(&change)), fields, ..self }
    }
}

/// What kind of difference there is between two addresses, in words; nothing where no simple kind explains it.
pub(crate) fn kind_of_address_difference(expected: &str, received: &str) -> Option<&'static str> {
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let without_scheme = |text: &str| text.split_once("://").map(|(_, rest)| rest.to_owned());
    let without_port = |text: &str| {
        let (scheme, rest) = text.split_once("://")?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        Some(format!("{scheme}://{}{path}", authority.split(':').next().unwrap_or_default()))
    };
    let without_query = |text: &str| text.split(['?', '#']).next().map(str::to_owned);
    if received.is_empty() {
        return Some("nothing was sent");
    }
    if expected.trim_end_matches('/') == received.trim_end_matches('/') {
        return Some("the slash at the end");
    }
    if expected == received.trim() {
        return Some("white space around it");
    }
    if expected.eq_ignore_ascii_case(received) {
        return Some("capital letters");
    }
    if decoded(received) == expected || decoded(&decoded(received)) == expected || decoded(expected) == received {
        return Some("percent-encoding: it was encoded once too often, or not often enough");
    }
    if without_scheme(expected) == without_scheme(received) {
        return Some("the scheme, http or https");
    }
    if without_port(expected) == without_port(received) {
        return Some("the port");
    }
    let loopback = |text: &str| text.replace("127.0.0.1", "localhost");
    if loopback(expected) == loopback(received) {
        return Some("localhost and 127.0.0.1, which are two names");
    }
    (without_query(expected) == without_query(received)).then_some("the query or fragment")
}

/// The same for two addresses of a service, of which host and path say more.
pub(crate) fn kind_of_service_difference(expected: &str, received: &str) -> Option<String> {
    let simple = kind_of_address_difference(expected, received);
    let ((origin, path), (other_origin, other_path)) = (cut_at_path(expected), cut_at_path(received));
    if simple.is_some() || other_origin.is_empty() {
        return simple.map(str::to_owned);
    }
    if origin != other_origin {
        return Some(format!("another host, {other_origin}: is it of another environment?"));
    }
    let of_same_folder =
        path.rsplit_once('/').map(|(folder, _)| folder) == other_path.rsplit_once('/').map(|(folder, _)| folder);
    if let Some(missing) = path.strip_suffix(other_path.trim_end_matches('/')).filter(|missing| !missing.is_empty()) {
        Some(format!("`{missing}` is missing from its path, as in the API before FAPI"))
    } else if let Some(more) = other_path.strip_prefix(path).filter(|more| more.starts_with('/')) {
        Some(if more == "/fapi" {
            "`/fapi` is too much at its end: that is FAPI's issuer, and this is the API before it".to_owned()
        } else {
            format!("`{more}` is too much at its end: it is the address of an endpoint")
        })
    } else {
        of_same_folder.then(|| "it is the address of another endpoint".to_owned())
    }
}

/// Scheme, host and port; and the path.
fn cut_at_path(address: &str) -> (&str, &str) {
    let Some((scheme, rest)) = address.split_once("://") else { return ("", address) };
    match rest.find('/').unwrap_or(rest.len()) {
        0 => ("", address),
        host => address.split_at(scheme.len() + 3 + host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_counts_characters_not_bytes() {
        assert_eq!(Comparison::new("aüx", "aüy").first_difference(), Some(2));
        assert_eq!(Comparison::new("same", "same").first_difference(), None);
        assert_eq!(Comparison::new("short", "short and more").first_difference(), Some(5));
    }

    #[test]
    fn the_kind_of_a_difference_is_named() {
        let expected = "http://localhost:3001/callback";
        for (received, kind) in [
            ("http://localhost:3001/callback/", "slash"),
            ("https://localhost:3001/callback", "scheme"),
            ("http://localhost/callback", "port"),
            ("http://localhost:3001/Callback", "capital"),
            ("http%3A%2F%2Flocalhost%3A3001%2Fcallback", "percent"),
            ("http://localhost:3001/callback?x=1", "query"),
            ("http://127.0.0.1:3001/callback", "two names"),
            (" http://localhost:3001/callback", "white space"),
            ("", "nothing"),
        ] {
            let found = kind_of_address_difference(expected, received).unwrap_or_else(|| panic!("{received}"));
            assert!(found.contains(kind), "{received}: {found}");
        }
        assert_eq!(kind_of_address_difference(expected, "http://example.com/"), None);
    }

    #[test]
    fn the_kind_of_a_difference_of_two_addresses_of_a_service_is_named() {
        let (issuer, par) = ("https://id.example/fapi", "https://id.example/fapi/par");
        for (expected, received, kind) in [
            (issuer, "https://id.example", "`/fapi` is missing"),
            (issuer, "https://id.example/", "`/fapi` is missing"),
            (issuer, "https://id.example/fapi/token", "`/token` is too much"),
            ("https://id.example", issuer, "that is FAPI's issuer"),
            (issuer, "https://stg.example/fapi", "another host, https://stg.example: "),
            (issuer, "https://id.example/fapi/", "slash"),
            (par, "https://id.example/par", "`/fapi` is missing"),
            (par, "https://id.example/fapi/token", "another endpoint"),
            (par, "http://id.example/fapi/par", "scheme"),
            (par, "https://id.example:8443/fapi/par", "port"),
            (par, "", "nothing"),
        ] {
            let found = kind_of_service_difference(expected, received).unwrap_or_else(|| panic!("{received}"));
            assert!(found.contains(kind), "{expected} {received}: {found}");
        }
        for (expected, received) in
            [(issuer, "https://id.example/é/x/y"), (par, "é"), (par, "://"), (issuer, "id.example")]
        {
            assert_eq!(kind_of_service_difference(expected, received), None, "{received}");
        }
    }
}
