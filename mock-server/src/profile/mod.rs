//! The profiles of the protocol: a plain list, one entry each. Add a profile here.

use crate::app::App;
use std::sync::Arc;

pub(crate) mod v3;

/// A profile: its routes, and the paths it tells about where nothing is served.
pub(crate) struct Profile {
    pub(crate) routes: fn(&Arc<App>) -> Vec<crate::http::serve::Routes>,
    pub(crate) paths: &'static [&'static str],
}

/// Every profile that the server speaks.
pub(crate) const ALL: &[Profile] = &[v3::PROFILE];
