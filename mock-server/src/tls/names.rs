//! The host names that the mock may answer for. No other name is ever impersonated.

/// The hosts of Myinfo and Singpass that connectors have built in, and this machine.
pub(crate) const REAL: &[&str] = &[
    "sandbox.api.myinfo.gov.sg",
    "test.api.myinfo.gov.sg",
    "api.myinfo.gov.sg",
    "test.authorise.singpass.gov.sg",
    "authorise.singpass.gov.sg",
    "test.myinfo.singpass.gov.sg",
    "myinfo.singpass.gov.sg",
    "stg-id.singpass.gov.sg",
    "id.singpass.gov.sg",
];

/// The names of this machine that the certificate covers beside the real ones.
pub(crate) const LOCAL: &[&str] = &["localhost", "127.0.0.1", "::1"];

/// A name that can never exist, for the certificate that is for another host.
pub(crate) const ANOTHER: &str = "another-host.invalid";

/// The host of an authority, without port and brackets, in lower case: `test.api.myinfo.gov.sg`.
pub(crate) fn host_of(authority: &str) -> String {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// Whether the mock answers under this host as if it were the real service.
pub(crate) fn is_real(host: &str) -> bool {
    REAL.contains(&host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_from_any_authority() {
        for (authority, host) in [
            ("test.api.myinfo.gov.sg", "test.api.myinfo.gov.sg"),
            ("TEST.api.myinfo.gov.sg:443", "test.api.myinfo.gov.sg"),
            ("test.api.myinfo.gov.sg.", "test.api.myinfo.gov.sg"),
            ("[::1]:5156", "::1"),
            ("", ""),
        ] {
            assert_eq!(host_of(authority), host);
        }
    }

    #[test]
    fn neighbours_of_the_real_names_are_not_real() {
        for host in
            ["myinfo.gov.sg", "www.singpass.gov.sg", "test.api.myinfo.gov.sg.example", "xtest.api.myinfo.gov.sg", ""]
        {
            assert!(!is_real(host), "{host}");
        }
    }
}
