//! The profiles of the protocol: a plain list, one entry each. Add a profile here.

use crate::http::serve::Routes;
use crate::journal::Event;
use crate::rule::Rule;
use std::time::Duration;

pub(crate) mod v3;

/// Every rule of every profile.
pub(crate) fn rules() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().flat_map(|profile| profile.rules).copied()
}

/// A profile: its routes, and the paths it tells about where nothing is served.
pub(crate) struct Profile {
    /// The routes; how long a client may take to send a body is the same for all.
    pub(crate) routes: fn(Duration) -> Vec<Routes>,
    pub(crate) paths: &'static [&'static str],
    pub(crate) rules: &'static [&'static Rule],
    /// The rules that an event is examined for.
    pub(crate) rules_of: fn(Event) -> Vec<&'static Rule>,
}

/// Every profile that the server speaks.
pub(crate) const ALL: &[Profile] = &[v3::PROFILE];
