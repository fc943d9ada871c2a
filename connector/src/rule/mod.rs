//! What protocols share beyond JOSE: what proves who we are, what binds a login to us, and what claims must say.

pub(crate) mod assertion;
pub(crate) mod claims;
pub(crate) mod dpop;
pub(crate) mod pkce;
