//! A login as a case holds it: begun, or come back from the server.

/// A login that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The browser's session, as the driver calls it.
    pub browser: String,
    /// The address that the browser is to visit.
    pub url: String,
}

/// A login that came back from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The browser's session, as the driver calls it.
    pub browser: String,
    /// The address that the browser was sent to.
    pub url: String,
    /// The address at which it arrived.
    pub callback: String,
}
