//! Faults: named deviations of the server, as data. The happy path has one call a stage and no other `if`.

mod access_token;
mod authorisation;
pub(crate) mod board;
mod data;
pub(crate) mod draft;
pub(crate) mod forge;
mod jwe;
mod jws;
mod person;
mod reply;
mod token;

use self::draft::{DataDraft, JweDraft, JwsDraft, RedirectDraft, ReplyDraft};
use crate::rule::Rule;

/// Where a fault acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The redirect that brings the browser back.
    AuthorisationResponse,
    /// The HTTP answer of token.
    TokenResponse,
    /// The access token inside it.
    AccessToken,
    /// The HTTP answer of person.
    PersonResponse,
    /// The encrypted document.
    PersonJwe,
    /// The signed document inside.
    PersonJws,
    /// The person's data inside that.
    PersonData,
    /// What the server accepts.
    Acceptance,
}

impl Stage {
    /// The name in the catalogue.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::AuthorisationResponse => "authorisation-response",
            Self::TokenResponse => "token-response",
            Self::AccessToken => "access-token",
            Self::PersonResponse => "person-response",
            Self::PersonJwe => "person-jwe",
            Self::PersonJws => "person-jws",
            Self::PersonData => "person-data",
            Self::Acceptance => "acceptance",
        }
    }
}

/// A named deviation.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The stable id, kebab-case, beginning with what it acts on.
    pub(crate) id: &'static str,
    /// What the server does, in one sentence.
    pub(crate) says: &'static str,
    /// What a good client does about it.
    pub(crate) good_client: &'static str,
    /// The requirement that is violated: document and place.
    pub(crate) clause: &'static str,
    pub(crate) change: Change,
}

/// What a fault does to the draft of its stage.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change {
    /// To the parameters of the redirect.
    Callback(fn(&mut RedirectDraft)),
    /// To the answer of token; instead of working on the request, or after it.
    Token(When, fn(&mut ReplyDraft)),
    /// To the access token.
    AccessToken(fn(&mut JwsDraft)),
    /// To the answer of person.
    Person(When, fn(&mut ReplyDraft)),
    /// To the encrypted document.
    Jwe(fn(&mut JweDraft)),
    /// To the signed document.
    Jws(fn(&mut JwsDraft)),
    /// To the person's data.
    Data(fn(&mut DataDraft<'_>)),
    /// None: the server overlooks that this rule is broken.
    Overlooks(&'static Rule),
}

/// When a fault of an HTTP answer strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Instead of the work: a code stays unused.
    Instead,
    /// After the work: a code is used up.
    After,
}

impl Fault {
    /// Where it acts.
    pub(crate) const fn stage(&self) -> Stage {
        match self.change {
            Change::Callback(_) => Stage::AuthorisationResponse,
            Change::Token(..) => Stage::TokenResponse,
            Change::AccessToken(_) => Stage::AccessToken,
            Change::Person(..) => Stage::PersonResponse,
            Change::Jwe(_) => Stage::PersonJwe,
            Change::Jws(_) => Stage::PersonJws,
            Change::Data(_) => Stage::PersonData,
            Change::Overlooks(_) => Stage::Acceptance,
        }
    }
}

/// Every fault of what is sent, stage by stage.
pub(crate) fn emitted() -> impl Iterator<Item = &'static Fault> {
    let stages = [
        authorisation::FAULTS,
        token::FAULTS,
        access_token::FAULTS,
        person::FAULTS,
        jwe::FAULTS,
        jws::FAULTS,
        data::FAULTS,
    ];
    stages.into_iter().flatten()
}
