//! The profiles of the protocol: a plain list, one entry each. Add a profile here.

mod astray;
mod code;
pub(crate) mod config;
pub(crate) mod elsewhere;
mod fapi;
mod oidc;
mod opened;
pub(crate) mod play;
mod reply;
mod returned;
mod run;
pub(crate) mod signed_text;
pub(crate) mod token_case;
mod v3;

pub(crate) use astray::{unknown_path, wrong_method};
pub(crate) use run::{answer_inside, examine, routes};

use crate::app::App;
use crate::call::Call;
use crate::config::{ClientRegistration, Config};
use crate::examination::Examination;
use crate::http::exchange::{Answer, Incoming};
use crate::journal::Request;
use crate::protocol::{Endpoint, Protocol, Protocols};
use futures_util::future::BoxFuture;
use play::Play;
use serde_json::{Map, Value};
use signed_text::SignedText;
use std::sync::Arc;
use token_case::{TokenCase, TokenFindings};
use warp::http::StatusCode;

/// Every profile that the server speaks.
pub(crate) static ALL: &[&Profile] = &[&v3::PROFILE, &fapi::PROFILE, &oidc::PROFILE];

/// A profile: its data, and the code behind its endpoints.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) protocol: Protocol,
    /// From these follow routes, allowed methods, the journal's events and the paths that a 404 names.
    pub(crate) endpoints: &'static [Served],
    /// How an error looks that no handler made.
    pub(crate) error: fn(StatusCode, &str) -> Answer,
    /// What a request has to wait for before it is worked on: without a thread of its own, for it may take long.
    pub(crate) beforehand: fn(&Arc<App>, &Incoming) -> Option<BoxFuture<'static, ()>>,
    /// The client of the testbed's own that `export` takes where no other is named.
    pub(crate) own_client: &'static str,
    /// How the keys that it signs with change while it runs, where they do.
    pub(crate) key_changes: Option<KeyChanges>,
    /// What a request of the journal signs: to hold a text of one's own against.
    pub(crate) signed_texts: fn(&Request) -> Vec<SignedText>,
    /// Logins of it, to be played step by step.
    pub(crate) plays: &'static [Play],
    /// What is to be said of a token out of a file, where it is one of the profile's.
    pub(crate) token_doctor: fn(&TokenCase<'_>) -> Option<TokenFindings>,
    /// What a client needs, given the address of this server.
    pub(crate) export: fn(&Config, &ClientRegistration, &str) -> anyhow::Result<Export>,
}

/// How the keys that a profile signs with change while it runs.
#[derive(Debug)]
pub(crate) struct KeyChanges {
    /// What can be asked for, each with what it does.
    pub(crate) kinds: &'static [(&'static str, &'static str)],
    /// Which key signs, and which are published.
    pub(crate) show: fn(&App) -> Map<String, Value>,
    /// Makes one of the changes, or says why not.
    pub(crate) apply: fn(&App, &str) -> anyhow::Result<()>,
}

/// What `export` writes for a client.
#[derive(Debug, Default)]
pub(crate) struct Export {
    /// Files by their names.
    pub(crate) files: Vec<(&'static str, Vec<u8>)>,
    /// Variables of the file `env`.
    pub(crate) variables: Vec<(&'static str, String)>,
}

/// The passphrase of the exported PKCS#12 files; it guards nothing, but most readers refuse an empty one.
pub const P12_PASSPHRASE: &str = "myinfo-mock";

/// An endpoint and who answers there.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) endpoint: Endpoint,
    pub(crate) work: Work,
    pub(crate) handler: Handler,
}

impl Served {
    /// Answered where it is.
    const fn light(endpoint: Endpoint, handler: Handler) -> Self {
        Self { endpoint, work: Work::Light, handler }
    }

    /// Answered on a blocking thread.
    const fn heavy(endpoint: Endpoint, handler: Handler) -> Self {
        Self { endpoint, work: Work::Heavy, handler }
    }
}

/// What answers a request, examining every rule as it goes.
pub(crate) type Handler = fn(&Call<'_>, &mut Examination) -> Answer;

/// What a handler costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Less than to take it to another thread and back would: it runs where its request was read. Signatures on curves belong
    /// here, a few tens of microseconds each.
    Light,
    /// Signatures with RSA, ten times as long: it runs on a blocking thread, so that it does not hold up the loop that accepts
    /// connections.
    Heavy,
}

/// What the profiles are made of, as data.
pub(crate) fn protocols(profiles: &'static [&'static Profile]) -> Protocols {
    let endpoints = profiles.iter().flat_map(|profile| profile.endpoints).map(|served| &served.endpoint);
    Protocols::new(profiles.iter().map(|profile| &profile.protocol).collect(), endpoints.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::Book;
    use crate::journal::mask::Mask;
    use crate::persona::Personas;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn parameters_are_shown_only_where_they_are_known_to_be_harmless() {
        let (book, protocols) = (Book::new(BTreeMap::new(), Personas::default(), 0), protocols(ALL));
        let mask = Mask { book: &book, protocols: &protocols, personal: false };
        assert_eq!(
            mask.raw_pairs("client_id=A&client_secret=hush&secret2=hush&code=0123456789&state=S6005048A"),
            "client_id=A&client_secret=[redacted]&secret2=[redacted]&code=012345…&state=*****048A"
        );
    }

    #[test]
    fn no_two_rules_and_no_two_faults_have_one_name() {
        let protocols = protocols(ALL);
        let rules: BTreeSet<&str> = protocols.rules().map(|rule| rule.id).collect();
        let faults: BTreeSet<&str> = protocols.faults().map(|fault| fault.id).collect();
        assert_eq!((rules.len(), faults.len()), (protocols.rules().count(), protocols.faults().count()));
    }
}
