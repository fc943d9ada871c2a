//! Faults: deliberate deviations, as data. A fault is a deformation of a draft, at a stage of a profile's flow.

pub(crate) mod board;
pub(crate) mod deform;
pub(crate) mod draft;

use self::draft::{DataDraft, JweDraft, JwsDraft, RedirectDraft, ReplyDraft};
use crate::rule::Rule;

/// Where a fault acts: in the order of the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// The discovery document.
    Discovery,
    /// The service's JWK Set.
    Keys,
    /// The HTTP answer to a pushed request.
    PushedResponse,
    /// The redirect that brings the browser back.
    AuthorisationResponse,
    /// The HTTP answer of token.
    TokenResponse,
    /// The access token inside it.
    AccessToken,
    /// The encrypted ID token beside it.
    IdTokenJwe,
    /// The signed ID token inside.
    IdTokenJws,
    /// The HTTP answer of person.
    PersonResponse,
    /// The encrypted document.
    PersonJwe,
    /// The signed document inside.
    PersonJws,
    /// The person's data inside that.
    PersonData,
    /// No draft: what the server accepts, at any place of the flow.
    Acceptance,
}

impl Stage {
    /// The name in the catalogue.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Keys => "keys",
            Self::PushedResponse => "pushed-response",
            Self::AuthorisationResponse => "authorisation-response",
            Self::TokenResponse => "token-response",
            Self::AccessToken => "access-token",
            Self::IdTokenJwe => "id-token-jwe",
            Self::IdTokenJws => "id-token-jws",
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
    /// The profile whose answers it changes.
    pub(crate) profile: &'static str,
    pub(crate) stage: Stage,
    /// What the server does, in one sentence.
    pub(crate) says: &'static str,
    /// What a good client does about it.
    pub(crate) good_client: &'static str,
    /// The requirement that is violated: document and place.
    pub(crate) clause: &'static str,
    pub(crate) change: Change,
}

impl Fault {
    /// The server overlooks a rule of a profile.
    pub(crate) const fn oversight(
        profile: &'static str,
        id: &'static str,
        says: &'static str,
        rule: &'static Rule,
    ) -> Self {
        let good_client = "keeps the rule all the same; for judging what tests a server";
        Self {
            id,
            profile,
            stage: Stage::Acceptance,
            says,
            good_client,
            clause: rule.id,
            change: Change::Overlooks(rule),
        }
    }
}

/// What a fault does, by the type of the draft that it does it to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change {
    /// To the parameters of a redirect.
    Redirect(fn(&mut RedirectDraft)),
    /// To an HTTP answer; instead of working on the request, or after it.
    Reply(When, fn(&mut ReplyDraft)),
    /// To a signed token or document.
    Jws(fn(&mut JwsDraft)),
    /// To an encrypted document.
    Jwe(fn(&mut JweDraft)),
    /// To a person's data.
    Data(fn(&mut DataDraft<'_>)),
    /// None: the server overlooks that this rule is broken.
    Overlooks(&'static Rule),
}

/// What is done to a draft of one type, where that is what a change does.
impl Change {
    fn redirect(self) -> Option<fn(&mut RedirectDraft)> {
        if let Self::Redirect(change) = self { Some(change) } else { None }
    }

    fn jws(self) -> Option<fn(&mut JwsDraft)> {
        if let Self::Jws(change) = self { Some(change) } else { None }
    }

    fn jwe(self) -> Option<fn(&mut JweDraft)> {
        if let Self::Jwe(change) = self { Some(change) } else { None }
    }

    fn data(self) -> Option<fn(&mut DataDraft<'_>)> {
        if let Self::Data(change) = self { Some(change) } else { None }
    }

    fn reply(self, when: When) -> Option<fn(&mut ReplyDraft)> {
        if let Self::Reply(at, change) = self { (at == when).then_some(change) } else { None }
    }
}

/// When a fault of an HTTP answer strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Instead of the work: a code stays unused.
    Instead,
    /// After the work: a code is used up.
    After,
}

/// Faults of a profile as a table: behind `@` a stage, then id, deformation, clause, and what a good client does.
macro_rules! faults {
    ($profile:literal; $(@ $stage:ident $($id:literal $what:path, $clause:ident => $good_client:literal)*)*) => {
        &[$($($crate::fault::Fault {
            id: $id,
            profile: $profile,
            stage: $crate::fault::Stage::$stage,
            says: $what.says,
            good_client: $good_client,
            clause: $clause,
            change: $what.change,
        },)*)*]
    };
}
pub(crate) use faults;
