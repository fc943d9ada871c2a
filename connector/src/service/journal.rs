//! Where to read what the server saw of a login: a mock on this machine keeps a journal, the real service shows none.

use crate::connector::Connector;
use url::{Host, Url, form_urlencoded};

/// The address of the journal, at the login with this state where it is known; nothing where the server is elsewhere.
pub(super) fn address(connector: &Connector, state: Option<&str>) -> Option<String> {
    let base = connector.service().trim_end_matches("/fapi");
    let url = Url::parse(base).ok()?;
    let here = match url.host()? {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    let (name, value) = state.map_or(("q", "refused"), |state| ("state", state));
    let query = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
    here.then(|| format!("{}/_mock/?{query}", base.trim_end_matches('/')))
}

/// The state in the query of a callback.
pub(super) fn state_in(query: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, value)| name == "state" && !value.is_empty()).map(|(_, value)| value.into_owned())
}
