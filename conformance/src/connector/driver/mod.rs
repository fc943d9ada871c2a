//! Drivers: how a target is driven, whatever it is. One set of messages, one trait, several ways to carry them.

pub mod app;
pub mod init;
pub mod lint;
pub mod reference;
pub mod serve;
pub mod stdio;
mod words;

pub use self::words::Words;

use super::setup::Setup;
use crate::profile::ProfileId;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the driver protocol that this runner speaks.
pub const VERSION: u32 = 1;

/// What a driver says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The protocol version that it chose.
    pub version: u32,
    /// The connector's name.
    pub name: String,
    /// The connector's version.
    #[serde(default)]
    pub connector_version: String,
    /// Its programming language.
    #[serde(default)]
    pub language: String,
    /// The profiles that it speaks, by name; one that names none speaks v3.
    #[serde(default = "only_v3")]
    pub profiles: Vec<String>,
    /// What it can: `gov`, `sandbox`, `txn_no`, `redirect_query`, `two_keys`, `custom_ca`, `timeout`, `person`.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// The key formats that it reads: `pkcs8`, `pkcs8-encrypted`, `pkcs1`, `p12`, `jwk`. The first is used throughout.
    #[serde(default)]
    pub key_formats: Vec<String>,
    /// The only callback that it can have, where it cannot be given one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// Where it serves its public JWK Set once it is configured, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
}

fn only_v3() -> Vec<String> {
    vec![ProfileId::V3.name().to_owned()]
}

impl Hello {
    /// Whether the driver speaks a profile.
    pub fn speaks(&self, profile: ProfileId) -> bool {
        self.profiles.iter().any(|known| known == profile.name())
    }

    /// The first profile that both sides speak.
    pub fn first_profile(&self) -> Option<ProfileId> {
        ProfileId::ALL.into_iter().find(|profile| self.speaks(*profile))
    }
}

/// What became of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Configured {
    /// It is taken.
    Ok,
    /// It cannot work, and the connector said so before any call.
    ConfigError {
        /// In its own words.
        message: Words,
    },
    /// The connector cannot be configured so.
    Unsupported {
        /// What it cannot.
        message: Words,
    },
}

/// A login that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Started {
    /// The browser is to visit an address.
    Url {
        /// The address.
        url: String,
        /// What the driver calls this browser's session.
        session: String,
    },
    /// There is none.
    Error {
        /// In its own words.
        message: Words,
        /// What kind of refusal, where the login begins with a call of the server.
        #[serde(default)]
        class: Class,
        /// The connector's own name for it.
        #[serde(default)]
        native: Words,
    },
}

impl Started {
    /// No login, for a reason that is no answer of the server.
    pub fn failed(message: impl Into<Words>) -> Self {
        Self::Error { message: message.into(), class: Class::Other, native: Words::default() }
    }
}

/// What kind of refusal it was: a short list that every connector's errors fit into.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The state is not that of this session.
    State,
    /// The person refused.
    AccessDenied,
    /// Another error of the authorisation.
    Authorisation,
    /// The pushed request was refused.
    PushedRequest,
    /// The token endpoint refused.
    TokenRequest,
    /// The person endpoint refused.
    PersonRequest,
    /// The person has no profile.
    NoProfile,
    /// Myinfo failed, or asks to come back later.
    Upstream,
    /// No usable answer came over the network.
    Transport,
    /// An answer has not its form.
    Malformed,
    /// Another algorithm than the documented one.
    Algorithm,
    /// A signature is not Myinfo's.
    Signature,
    /// The document cannot be decrypted.
    Decryption,
    /// The access token is expired, or not valid yet.
    Expiry,
    /// The access token is for somebody else.
    Audience,
    /// The access token is by somebody else.
    Issuer,
    /// The subject is missing, unusable, or somebody else.
    Subject,
    /// The ID token belongs to another login.
    Nonce,
    /// The person logged in with less than was asked for.
    Level,
    /// The configuration cannot work.
    Config,
    /// The connector does not say.
    #[default]
    #[serde(other)]
    Other,
}

impl Class {
    /// The names on the wire, in the order above.
    pub const NAMES: [&str; 21] = [
        "state",
        "access_denied",
        "authorisation",
        "pushed_request",
        "token_request",
        "person_request",
        "no_profile",
        "upstream",
        "transport",
        "malformed",
        "algorithm",
        "signature",
        "decryption",
        "expiry",
        "audience",
        "issuer",
        "subject",
        "nonce",
        "level",
        "config",
        "other",
    ];
}

/// What a connector made of a callback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// The person was accepted.
    Accepted {
        /// The document as the application gets it.
        person: Value,
        /// The claims of the ID token as the application gets them, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        claims: Option<Value>,
    },
    /// It was refused.
    Rejected {
        /// What kind of refusal.
        class: Class,
        /// The connector's own name for it.
        #[serde(default)]
        native: Words,
        /// The connector's own words.
        #[serde(default)]
        message: Words,
    },
    /// The connector crashed: an exception of the language that is no answer of the connector.
    Crash {
        /// What it left behind.
        message: Words,
    },
}

/// What a target is to the suite, in the word that its people use of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// A program that speaks the driver protocol.
    #[default]
    Driver,
    /// A finished web application that a file describes.
    Application,
}

impl Kind {
    /// As findings and messages say it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Driver => "the driver",
            Self::Application => "the application",
        }
    }

    /// Where the target says what it can and speaks: `member` is the name of a list there.
    pub fn says_in(self, member: &str) -> String {
        match self {
            Self::Driver => format!("`{member}` in its answer to `hello`"),
            Self::Application => format!("`{member}` in its target file"),
        }
    }
}

/// Why a target does not start, in the words of whoever started it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unstarted {
    /// What was run, what it did, and what was expected.
    pub cause: String,
    /// What to do about it.
    pub fix: String,
}

/// Why a driver did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriverError {
    /// It could not be started.
    #[error("the driver could not be started: {0}")]
    NotStarted(String),
    /// It is an application, and does not start.
    #[error("the application does not start: {0}")]
    NotUp(String),
    /// It ended.
    #[error("the driver ended {0}")]
    Died(String),
    /// It did not answer in time.
    #[error("the driver did not answer `{0}` within {1} seconds")]
    Late(String, u64),
    /// It did not either, and wrote something without a line's end.
    #[error(
        "the driver did not answer `{kind}` within {seconds} seconds; it wrote {bytes} bytes without a line's end, and an answer is one line"
    )]
    Unended {
        /// The message.
        kind: String,
        /// How long it was waited for.
        seconds: u64,
        /// How much it wrote.
        bytes: u64,
    },
    /// It answered something else.
    #[error("the driver answered `{kind}` with something else: {problem}; it wrote: {line}")]
    Garbage {
        /// The message.
        kind: String,
        /// What is wrong with the answer.
        problem: String,
        /// The beginning of what it wrote.
        line: String,
    },
    /// It is an application that logged somebody in, and its page has no person where its target file says.
    #[error("{0}")]
    NoPerson(String),
    /// It does not know a message.
    #[error("the driver does not support `{0}`")]
    Unsupported(String),
}

/// A driver of one target.
pub trait Driver: Send {
    /// What the driver says of itself.
    fn hello(&self) -> &Hello;
    /// Configures the connector anew.
    fn configure<'a>(&'a mut self, setup: &'a Setup) -> BoxFuture<'a, Result<Configured, DriverError>>;
    /// Begins a login in a browser's session of its own.
    fn start(&mut self) -> BoxFuture<'_, Result<Started, DriverError>>;
    /// Gives the connector the address at which the browser of a session arrived.
    fn callback<'a>(&'a mut self, session: &'a str, url: &'a str) -> BoxFuture<'a, Result<Outcome, DriverError>>;
    /// Drops caches and sessions, keeps the configuration.
    fn reset(&mut self) -> BoxFuture<'_, Result<(), DriverError>>;
    /// What the connector wrote since the last call: standard error, and whatever was no answer.
    fn logs(&mut self) -> String {
        String::new()
    }
    /// What it is.
    fn kind(&self) -> Kind {
        Kind::Driver
    }
    /// Why it did not start with the last configuration, where it did not and its driver knows why.
    fn unstarted(&self) -> Option<Unstarted> {
        None
    }
    /// What to do about its last answer, where that was none and the driver knows better than a general word.
    fn to_do(&self) -> Option<&'static str> {
        None
    }
    /// Ends it.
    fn leave(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
    /// Whether it claims a capability.
    fn can(&self, capability: &str) -> bool {
        self.hello().capabilities.iter().any(|known| known == capability)
    }
}

/// Makes drivers: one for each worker, and a new one where one broke.
pub trait Drivers: Send + Sync {
    /// A fresh driver.
    fn fresh(&self) -> BoxFuture<'_, Result<Box<dyn Driver>, DriverError>>;
    /// Whether every case gets a new one.
    fn one_a_case(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::outcome::class_name;

    #[test]
    fn the_names_of_classes_are_those_that_the_wire_and_the_schema_know() {
        for name in Class::NAMES {
            let class: Class = serde_json::from_value(name.into()).unwrap();
            assert_eq!(class_name(class), name);
        }
        let schema: Value = serde_json::from_str(include_str!("../../../driver-protocol.schema.json")).unwrap();
        assert_eq!(schema["$defs"]["class"]["enum"], serde_json::json!(Class::NAMES));
    }

    #[test]
    fn what_a_target_says_is_whole_on_the_wire_and_masked_wherever_it_is_shown() {
        let wire = serde_json::json!({"outcome": "crash", "message": "no person for S9000001H"});
        let outcome: Outcome = serde_json::from_value(wire.clone()).unwrap();
        assert_eq!(serde_json::to_value(&outcome).unwrap(), wire);
        assert!(!format!("{outcome:?}").contains("S9000001H"), "{outcome:?}");
        let Outcome::Crash { message } = outcome else { panic!("{outcome:?}") };
        assert_eq!(
            (message.to_string(), message.short()),
            ("no person for *****001H".into(), "no person for *****001H".into())
        );
        assert_eq!(message.as_said(), "no person for S9000001H");
    }
}
