//! A v3 request: com or gov, what stands in the path behind the endpoint, and the request itself.

use super::answer::ErrorShape;
use super::answer::error;
use super::client::{Client, SubKind};
use super::settings::{CodeType, V3Settings};
use crate::app::App;
use crate::book::{Book, uuid_of};
use crate::config::Flavour;
use crate::examination::Examination;
use crate::fault::Stage;
use crate::fault::draft::{JwsDraft, ReplyDraft, Signers, stranger};
use crate::http::exchange::{Answer, Incoming};
use crate::persona::Persona;
use crate::persona::selection::Writing;
use crate::profile::elsewhere;
use crate::refusal::Failure;
use crate::tls::names::host_of;
use std::sync::Arc;
use warp::http::StatusCode;

/// For whom the API is: private companies or government agencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    Com,
    Gov,
}

impl Context {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Com => "com",
            Self::Gov => "gov",
        }
    }

    /// com clients know a person by UUID since spec 3.1.1, gov clients by UIN/FIN.
    const fn default_sub(self) -> SubKind {
        match self {
            Self::Com => SubKind::Uuid,
            Self::Gov => SubKind::Uinfin,
        }
    }

    /// The `sub` by which this client knows the persona.
    pub(super) fn subject(self, client: Client<'_>, persona: &Persona) -> String {
        match client.v3.sub.unwrap_or(self.default_sub()) {
            SubKind::Uuid => uuid_of(client.id, &persona.id),
            SubKind::Uinfin => persona.id.clone(),
        }
    }
}

/// What a v3 handler works with.
pub(super) struct Call<'a> {
    pub(super) app: &'a App,
    /// The clients and personas of the moment at which the request came.
    pub(super) book: &'a Arc<Book>,
    pub(super) context: Context,
    pub(super) incoming: &'a Incoming,
    pub(super) settings: &'a V3Settings,
    /// The same request, as what all profiles share takes it.
    pub(super) shared: crate::call::Call<'a>,
}

impl<'a> Call<'a> {
    pub(super) fn of(shared: crate::call::Call<'a>) -> Self {
        let context = if shared.incoming.path.starts_with("/gov/") { Context::Gov } else { Context::Com };
        Self {
            app: shared.app,
            book: shared.book,
            context,
            incoming: shared.incoming,
            settings: V3Settings::of(&shared.app.config),
            shared,
        }
    }

    /// The client of this id, where it is registered for v3.
    pub(super) fn client(&self, id: &str) -> Option<Client<'a>> {
        self.book.client(id).and_then(Client::of)
    }

    /// The ids of the clients that are registered for v3.
    pub(super) fn client_ids(&self) -> impl Iterator<Item = &'a str> {
        self.book.clients.values().filter_map(Client::of).map(|client| client.id)
    }

    /// The one path segment behind the endpoint, decoded; `None` when there is none or more than one.
    pub(super) fn segment(&self) -> Option<String> {
        self.shared.segment()
    }

    /// The flavour in which this client is served: its own, that of the real host name that was called, the server's.
    pub(super) fn flavour(&self, client: Client<'_>) -> Flavour {
        let host = host_of(self.incoming.host());
        client.v3.flavour.or_else(|| flavour_of(&host)).unwrap_or(self.app.config.flavour)
    }

    /// How the error bodies of an endpoint look whose codes are of this type.
    pub(super) const fn shape(&self, code: CodeType) -> ErrorShape {
        ErrorShape { code, fields: self.settings.error_fields }
    }

    /// How documents are written.
    pub(super) const fn writing(&self) -> Writing {
        let settings = self.settings;
        let unformatted = if settings.unformatted_mixed_case { "Unformatted" } else { "UNFORMATTED" };
        Writing { missing: settings.missing_items, unformatted }
    }

    /// An answer that a fault may change, still empty.
    pub(super) fn reply(&self, code: CodeType) -> ReplyDraft {
        let answer = Answer::api(StatusCode::OK, "application/json", "");
        let shape = self.shape(code);
        let error = Box::new(move |status, message: &str| error(status, message, shape));
        ReplyDraft { answer, error, elsewhere: elsewhere::address(self.incoming) }
    }

    /// What the service signs for a client, as a fault of this stage may change it.
    pub(super) fn signed(&self, exam: &mut Examination, stage: Stage, mut draft: JwsDraft) -> Result<String, Failure> {
        let app = self.app;
        app.faults.jws(stage, &mut draft, exam);
        let certificate_pem = &app.config.service.rsa.certificate_pem;
        let keys = Signers {
            service: &app.signing.private,
            stranger: &stranger,
            certificate_pem,
            repeats: app.entropy.repeats(),
        };
        draft.write(&keys).map_err(|error| Failure::signing(&error))
    }
}

/// The flavour that a real host name stands for; nothing for any other name.
fn flavour_of(host: &str) -> Option<Flavour> {
    match host {
        "sandbox.api.myinfo.gov.sg" => Some(Flavour::Sandbox),
        "test.api.myinfo.gov.sg" | "api.myinfo.gov.sg" => Some(Flavour::Test),
        _ => None,
    }
}
