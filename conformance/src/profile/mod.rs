//! The profiles of Myinfo: versions of its protocol, each a table of what the machinery asks of it.

pub mod fapi;
pub mod oidc;
pub mod v3;

use crate::text::nearest;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::str::FromStr;

/// A version of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProfileId {
    /// Myinfo v3: signed requests, an RSA key, a client secret.
    V3,
    /// Singpass FAPI 2.0, with Myinfo v5: pushed requests, DPoP, client assertions.
    Fapi,
    /// What was before FAPI: plain OpenID Connect, `Bearer`.
    Oidc,
}

/// There is no profile of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no profile `{name}`; there are {}{}", ProfileId::names(), near(name))]
pub struct UnknownProfile {
    name: String,
}

/// The profile that may have been meant: its name, or another one that it goes by.
fn near(name: &str) -> String {
    const OTHERS: [(&str, ProfileId); 6] = [
        ("v5", ProfileId::Fapi),
        ("fapi2", ProfileId::Fapi),
        ("login", ProfileId::Fapi),
        ("3", ProfileId::V3),
        ("openid", ProfileId::Oidc),
        ("ndi", ProfileId::Oidc),
    ];
    let known: Vec<(&str, ProfileId)> = OTHERS.into_iter().chain(ProfileId::ALL.map(|id| (id.name(), id))).collect();
    let near = nearest(name, known.iter().map(|(other, _)| *other));
    let meant = known.iter().find(|(other, _)| Some(*other) == near);
    meant.map_or_else(String::new, |(_, id)| format!("; did you mean `{id}`?"))
}

impl ProfileId {
    /// Every profile that there are cases of, in the order in which a run goes through them.
    pub const ALL: [Self; 3] = [Self::V3, Self::Fapi, Self::Oidc];

    /// The name: what ids of cases begin with, and drivers and command lines say.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V3 => "v3",
            Self::Fapi => "fapi",
            Self::Oidc => "oidc",
        }
    }

    /// What the machinery asks of it.
    pub const fn profile(self) -> &'static Profile {
        match self {
            Self::V3 => &v3::PROFILE,
            Self::Fapi => &fapi::PROFILE,
            Self::Oidc => &oidc::PROFILE,
        }
    }

    pub(crate) fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}

impl fmt::Display for ProfileId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for ProfileId {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, UnknownProfile> {
        Self::ALL
            .into_iter()
            .find(|profile| profile.name() == name)
            .ok_or_else(|| UnknownProfile { name: name.to_owned() })
    }
}

/// What the machinery asks of a profile, so that no part of it knows one by name.
#[derive(Debug)]
pub struct Profile {
    /// The endpoints in the order of the flow.
    pub endpoints: &'static [&'static Endpoint],
    /// The stages at which faults act, by the names that the mock has for them.
    pub stages: &'static [Stage],
    /// What a driver may claim; each switches cases on.
    pub capabilities: &'static [&'static str],
    /// What must never turn up in an answer or a log: what it is, and the text itself.
    pub secrets: fn() -> Vec<Secret>,
    /// The parameters of the client's own calls whose values must not turn up there either: the name, and what it is.
    pub secret_parameters: &'static [(&'static str, &'static str)],
    /// Where the mock's journal has the person that was sent.
    pub person_sent: &'static str,
    /// What stands beside the person's items in the same document: a target may hand it on or not.
    pub beside_person: &'static [&'static str],
    /// The id of the testbed's client.
    pub client_id: &'static str,
    /// The testbed's clients in the configuration of a realm, a list, by their redirect URIs.
    pub clients: fn(&[String]) -> Value,
}

/// What a driver may claim, whatever it speaks.
pub fn capabilities() -> Vec<&'static str> {
    let mut all: Vec<&str> = Vec::new();
    for capability in ProfileId::ALL.iter().flat_map(|id| id.profile().capabilities) {
        if !all.contains(capability) {
            all.push(capability);
        }
    }
    all
}

/// A text that must stay out of answers and logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// What it is, for findings.
    pub what: &'static str,
    /// The text.
    pub text: String,
}

/// A place at which a server is called.
#[derive(Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// What cases, findings and the mock's journal call it.
    pub name: &'static str,
    /// How it is called.
    pub method: &'static str,
    /// The path below the server's address: `{context}` and the like stand for a value, one at the end for any segment.
    pub path: &'static str,
    /// What it is there for.
    pub role: Role,
}

/// What an endpoint is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It publishes what is the same for everybody: a client may fetch it at any time, and keep it.
    Publishes,
    /// It takes what the client asks for, before the browser comes.
    TakesRequest,
    /// The browser is sent there.
    LogsIn,
    /// A call uses up the authorisation code.
    TakesCode,
    /// Its answer carries the person.
    GivesPerson,
}

impl Endpoint {
    /// The path in a context, without a segment that is left open at its end.
    pub fn path_in(&self, context: &str) -> String {
        self.fixed().replace("{context}", context)
    }

    /// Whether a call with this path is one to it, below what a server's paths begin with.
    pub fn is_called_by(&self, path: &str, prefix: &str, context: &str) -> bool {
        let fixed = format!("{prefix}/{}", self.path_in(context));
        match path.strip_prefix(&fixed) {
            Some("") => true,
            // what stands in the open segment is the caller's, however many slashes that makes
            Some(rest) => self.is_open() && rest.starts_with('/'),
            None => false,
        }
    }

    fn fixed(&self) -> &'static str {
        if self.is_open() { self.path.rsplit_once('/').map_or(self.path, |(fixed, _)| fixed) } else { self.path }
    }

    fn is_open(&self) -> bool {
        self.path.ends_with('}')
    }
}

/// Where in the flow a fault acts.
#[derive(Debug)]
pub struct Stage {
    /// The mock's name for it.
    pub name: &'static str,
    /// The endpoint whose answer it is, or is in.
    pub at: &'static Endpoint,
    /// Whether it is the answer as HTTP has it, rather than what stands in it: a call whose answer broke may be repeated.
    pub is_whole_answer: bool,
}

impl Profile {
    /// The stage of this name.
    pub fn stage(&self, name: &str) -> Option<&'static Stage> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    /// The endpoints that a client calls by itself after a stage: none of them any more, where it refuses what it got there.
    pub fn later_than(&self, stage: &Stage) -> impl Iterator<Item = &'static Endpoint> {
        let behind = self.endpoints.iter().skip_while(move |endpoint| **endpoint != stage.at).skip(1);
        behind.copied().filter(|endpoint| !matches!(endpoint.role, Role::LogsIn | Role::Publishes))
    }

    /// Whether a stage comes before the browser is sent away: who refuses what came there begins no login.
    pub fn is_before_browser(&self, stage: &Stage) -> bool {
        self.endpoints.iter().take_while(|endpoint| endpoint.role != Role::LogsIn).any(|endpoint| *endpoint == stage.at)
    }

    /// The endpoint at which the authorisation code is exchanged.
    pub fn code_endpoint(&self) -> Option<&'static Endpoint> {
        self.endpoints.iter().copied().find(|endpoint| endpoint.role == Role::TakesCode)
    }

    /// The endpoint whose answer carries the person.
    pub fn person_endpoint(&self) -> Option<&'static Endpoint> {
        self.endpoints.iter().copied().find(|endpoint| endpoint.role == Role::GivesPerson)
    }
}

#[cfg(test)]
mod tests {
    use super::Role;
    use super::v3::{AUTHORISE, PERSON, PROFILE, TOKEN};

    #[test]
    fn a_profile_that_there_is_not_is_told_from_the_one_that_was_meant() {
        let told = |name: &str| name.parse::<super::ProfileId>().unwrap_err().to_string();
        for (name, meant) in
            [("fappi", "fapi"), ("FAPI", "fapi"), ("v5", "fapi"), ("fapi2", "fapi"), ("v33", "v3"), ("openid", "oidc")]
        {
            assert!(told(name).ends_with(&format!("; did you mean `{meant}`?")), "{}", told(name));
        }
        assert!(!told("saml").contains("did you mean"), "{}", told("saml"));
    }

    #[test]
    fn a_call_belongs_to_the_endpoint_whose_whole_segments_it_names() {
        let is_person = |path: &str| PERSON.is_called_by(path, "/_realm/r", "com");
        assert!(is_person("/_realm/r/com/v3/person/S1234567A/"));
        assert!(is_person("/_realm/r/com/v3/person/"), "an empty subject is one");
        assert!(is_person("/_realm/r/com/v3/person/../token"), "so is one that walks");
        for path in ["/com/v3/person-basic/S1234567A", "/com/v3/person-sample/S1234567A", "/gov/v3/person/S1234567A"] {
            assert!(!is_person(&format!("/_realm/r{path}")), "{path}");
        }
        let is_token = |path: &str| TOKEN.is_called_by(path, "/_realm/r", "com");
        assert!(is_token("/_realm/r/com/v3/token"));
        assert!(!is_token("/_realm/r/com/v3/token/") && !is_token("/_realm/r/com/v3/tokens"));
    }

    #[test]
    fn what_comes_later_follows_from_the_place_in_the_flow() {
        let later = |stage: &str| {
            PROFILE.later_than(PROFILE.stage(stage).unwrap()).map(|endpoint| endpoint.name).collect::<Vec<_>>()
        };
        assert_eq!(later("authorisation-response"), ["token", "person"]);
        assert_eq!(later("token-response"), ["person"]);
        assert_eq!(later("access-token"), ["person"]);
        assert!(later("person-response").is_empty() && later("person-data").is_empty());
        assert_eq!(PROFILE.code_endpoint(), Some(TOKEN));
        assert_eq!(PROFILE.person_endpoint(), Some(PERSON));
        assert_eq!(AUTHORISE.role, Role::LogsIn, "the browser goes there, and no client");
    }
}
