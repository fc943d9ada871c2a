//! What can go wrong, told apart. No error holds a secret, a token, a code or personal data.

use crate::setting::Setting;
use std::fmt;

/// Why there is no person.
///
/// The text is for a developer; an application shows its own words for each [`Error::code`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The callback does not belong to the login that this browser began.
    #[error("the state of the callback {0}")]
    State(StateProblem),
    /// What the browser kept of its login, under a seal, cannot be used.
    #[error("what the browser kept of its login {0}")]
    Kept(KeptProblem),
    /// The callback says that there will be no code.
    #[error("the authorisation ended with {0}")]
    Authorisation(AuthorisationError),
    /// An endpoint refused the request.
    #[error("the {} request was refused with status {status}{}{}", endpoint.word(), reason_note(*reason), clock_note(*clock_difference))]
    Refused {
        /// The endpoint.
        endpoint: Endpoint,
        /// The HTTP status.
        status: u16,
        /// The OAuth error in the answer, where it is one that the documents name.
        reason: Option<&'static str>,
        /// By how many seconds the service's clock is ahead of ours, where that explains the refusal.
        clock_difference: Option<i64>,
    },
    /// The person has no Myinfo profile: v3 answers 404, FAPI's userinfo 400 with `invalid_request` (a foreign account, or an
    /// account of one's own on staging; the documents give the same answer to a client whose JWK Set cannot be fetched).
    #[error("this person has no Myinfo profile")]
    NoProfile,
    /// Myinfo itself failed or asks to come back later.
    #[error("Myinfo is not available: {endpoint} answered {status}{}", signature_note(*endpoint, *status))]
    Upstream {
        /// The endpoint.
        endpoint: Endpoint,
        /// The HTTP status.
        status: u16,
    },
    /// No usable answer came over the network.
    #[error("{endpoint} could not be reached: {problem}")]
    Transport {
        /// The endpoint.
        endpoint: Endpoint,
        /// What happened.
        problem: TransportProblem,
    },
    /// An answer has not the form that it must have.
    #[error("{what} has not the expected form: {problem}")]
    Malformed {
        /// What is malformed.
        what: What,
        /// In which way; never a piece of the content.
        problem: &'static str,
    },
    /// A token or document uses an algorithm or header other than the documented one.
    #[error("{what} uses {found}; only {expected} is accepted")]
    Algorithm {
        /// What was received.
        what: What,
        /// What it uses.
        found: &'static str,
        /// What it must use.
        expected: String,
    },
    /// A signature is not one of Myinfo's.
    #[error("the signature of {what} does not verify with any of Myinfo's keys; tried {tried}")]
    Signature {
        /// What is signed.
        what: What,
        /// The thumbprints of the keys that were tried.
        tried: String,
    },
    /// A document cannot be decrypted with our key.
    #[error("{what} cannot be decrypted with the key {key}")]
    Decryption {
        /// What is encrypted.
        what: What,
        /// The thumbprints of the keys that were tried.
        key: String,
    },
    /// A token is expired or not valid yet (RFC 7519 §4.1.4 to §4.1.6).
    #[error("{what} {problem}")]
    Expiry {
        /// The token.
        what: What,
        /// What is wrong with its times.
        problem: ExpiryProblem,
    },
    /// A token is for another client (RFC 7519 §4.1.3).
    #[error("{what} is not meant for this client")]
    Audience {
        /// The token.
        what: What,
    },
    /// A token is by another issuer (RFC 7519 §4.1.1).
    #[error("{what} is not by the expected issuer")]
    Issuer {
        /// The token.
        what: What,
    },
    /// The subject is missing, unusable, or not the person of the document.
    #[error("the subject {0}")]
    Subject(SubjectProblem),
    /// The ID token does not belong to the login that this browser began (OIDC Core §3.1.3.7, check 11).
    #[error("the nonce of the ID token {0}")]
    Nonce(NonceProblem),
    /// The person logged in with less than was asked for (OIDC Core §3.1.3.7, check 12).
    #[error("the person logged in with less than {asked}, which was asked for")]
    Level {
        /// The lowest level that was asked for.
        asked: &'static str,
    },
    /// The ID token was made for another access token than the one beside it (OIDC Core §3.1.3.8).
    #[error("the ID token belongs to another access token than the one beside it")]
    TokenHash,
    /// A setting without which the connector cannot work is missing, or empty.
    #[error("{0} is missing")]
    Missing(Setting),
    /// The connector cannot work as it is configured.
    #[error("{0}")]
    Configuration(String),
}

impl Error {
    /// A stable name: for programs, metrics and the words of an application.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::State(_) => "state",
            Self::Kept(_) => "kept",
            Self::Authorisation(AuthorisationError::AccessDenied) => "access_denied",
            Self::Refused { endpoint: Endpoint::Discovery | Endpoint::Keys, .. } => "metadata_refused",
            Self::Refused { endpoint: Endpoint::Pushed, .. } => "par_refused",
            Self::Refused { endpoint: Endpoint::Token, .. } => "token_refused",
            Self::Refused { endpoint: Endpoint::Person, .. } => "person_refused",
            Self::NoProfile => "no_profile",
            // whichever way the service says so: it is worth trying later
            Self::Upstream { .. } | Self::Authorisation(AuthorisationError::Maintenance) => "upstream",
            Self::Authorisation(_) => "authorisation",
            Self::Transport { .. } => "transport",
            Self::Malformed { .. } => "malformed",
            Self::Algorithm { .. } => "algorithm",
            Self::Signature { .. } => "signature",
            Self::Decryption { .. } => "decryption",
            Self::Expiry { .. } => "expiry",
            Self::Audience { .. } => "audience",
            Self::Issuer { .. } => "issuer",
            Self::Subject(_) => "subject",
            Self::Nonce(_) => "nonce",
            Self::Level { .. } => "level",
            Self::TokenHash => "token_hash",
            Self::Missing(_) | Self::Configuration(_) => "configuration",
        }
    }
}

/// What is wrong with the state of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StateProblem {
    /// No state came back.
    #[error("is missing")]
    Missing,
    /// Another state came back.
    #[error("is not the one that was sent: the callback is from another login, or forged")]
    Different,
    /// No login is under way in this browser, or it was finished before.
    #[error("belongs to no login that is under way in this browser")]
    Unknown,
}

/// What is wrong with the nonce of an ID token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NonceProblem {
    /// There is none.
    #[error("is missing")]
    Missing,
    /// It is another login's.
    #[error("is not the one that was sent: the token is from another login, or forged")]
    Different,
}

/// What is wrong with what a browser kept under a [`Seal`](crate::Seal).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeptProblem {
    /// It has not the form of a sealed value: it was cut, or is something else.
    #[error("has not the form of a sealed value, or was cut")]
    Form,
    /// It was changed, or sealed with another key.
    #[error("was changed, or sealed with another key")]
    Changed,
    /// Its time is over.
    #[error("is too old")]
    Expired,
    /// It is of a login over another protocol than this connector speaks.
    #[error("is of a login over another protocol")]
    OtherProtocol,
}

/// The errors with which an authorisation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorisationError {
    /// The person refused.
    #[error("access_denied: the person did not agree")]
    AccessDenied,
    /// An attribute is unknown, or not permitted to this client.
    #[error("invalid_scope: an attribute is unknown or not permitted to this client")]
    InvalidScope,
    /// Maintenance.
    #[error("the service's word that it is under maintenance: try again later")]
    Maintenance,
    /// The pushed request expired before the browser came, or was used before.
    #[error("invalid_request_uri: the pushed request expired or was used before, the person can begin again")]
    RequestUri,
    /// Any other error of the service.
    #[error("an error of the service")]
    Server,
}

/// What a connector receives and judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// The discovery document.
    Metadata,
    /// The service's JWK Set.
    KeySet,
    /// The answer to a pushed request.
    PushedAnswer,
    /// The address at which the browser came back.
    Callback,
    /// The answer of the token endpoint.
    TokenAnswer,
    /// The access token in it.
    AccessToken,
    /// The ID token in it.
    IdToken,
    /// The person document, in its encryption, in its signature, or bare.
    PersonDocument,
}

impl fmt::Display for What {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Metadata => "the discovery document",
            Self::KeySet => "the service's JWK Set",
            Self::PushedAnswer => "the answer to the pushed request",
            Self::Callback => "the callback",
            Self::TokenAnswer => "the token answer",
            Self::AccessToken => "the access token",
            Self::IdToken => "the ID token",
            Self::PersonDocument => "the person document",
        })
    }
}

/// The endpoints that a connector calls; the browser's is none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoint {
    /// Says where the others are.
    Discovery,
    /// Publishes the service's keys.
    Keys,
    /// Takes a pushed authorisation request.
    Pushed,
    /// Gives an access token for a code.
    Token,
    /// Gives the person for an access token: v3's person, FAPI's userinfo.
    Person,
}

impl Endpoint {
    const fn word(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Keys => "keys",
            Self::Pushed => "pushed authorisation",
            Self::Token => "token",
            Self::Person => "person",
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the {} endpoint", self.word())
    }
}

/// What happened on the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportProblem {
    /// No connection could be made: address, port, TLS certificate.
    #[error("no connection could be made")]
    Connect,
    /// The answer took too long.
    #[error("it took too long")]
    Timeout,
    /// The answer is larger than the limit.
    #[error("its answer is larger than the limit")]
    TooLarge,
    /// The connection broke off, or what came was no HTTP.
    #[error("the connection broke off")]
    BrokenOff,
    /// The answer is a redirect, which is not followed: credentials must not travel elsewhere.
    #[error("it answered with a redirect, which is not followed")]
    Redirect,
}

/// What is wrong with the times of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpiryProblem {
    /// There is no usable `exp`.
    #[error("has no expiry")]
    Missing,
    /// It is over.
    #[error("expired")]
    Expired,
    /// `nbf` or `iat` lies ahead.
    #[error("is not valid yet")]
    NotYet,
}

/// What is wrong with a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectProblem {
    /// There is no usable `sub`.
    #[error("of the token is missing or unusable")]
    Unusable,
    /// The document is about somebody else.
    #[error("of the token is not the person of the document")]
    Different,
}

/// v3's document lists a bad request signature under 500, beside everything unexpected.
fn signature_note(endpoint: Endpoint, status: u16) -> &'static str {
    if status == 500 && matches!(endpoint, Endpoint::Token | Endpoint::Person) {
        "; it does so when it fails, and in v3 when our signature is wrong (private key, base string, registered certificate)"
    } else {
        "; try again later"
    }
}

fn reason_note(reason: Option<&str>) -> String {
    reason.map_or_else(String::new, |reason| format!(" and {reason}"))
}

fn clock_note(difference: Option<i64>) -> String {
    difference.map_or_else(String::new, |seconds| {
        format!(": the service's clock differs from ours by {seconds} s, and requests are signed with the time")
    })
}
