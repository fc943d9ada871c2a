//! A request on its way through the server: what came, behind which endpoint, and the realm that it is for.

use crate::app::App;
use crate::book::Book;
use crate::examination::Examination;
use crate::fault::Stage;
use crate::fault::draft::DataDraft;
use crate::http::exchange::{Answer, Incoming};
use crate::journal::mask::RequestMask;
use crate::page;
use crate::persona::selection::{Writing, select};
use crate::persona::{Persona, dates};
use crate::refusal::Trouble;
use serde_json::{Map, Value};
use std::sync::Arc;

/// What a handler works with.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) app: &'a App,
    /// The clients and personas of the moment at which the request came.
    pub(crate) book: &'a Arc<Book>,
    pub(crate) incoming: &'a Incoming,
    /// The path behind the endpoint's own, as sent: nothing, `/` or `/S6005048A/`.
    pub(crate) tail: &'a str,
}

impl Call<'_> {
    /// The one path segment behind the endpoint, decoded; `None` when there is none or more than one.
    pub(crate) fn segment(&self) -> Option<String> {
        let tail = self.tail.strip_prefix('/')?;
        let segment = tail.strip_suffix('/').unwrap_or(tail);
        if segment.is_empty() || segment.contains('/') {
            return None;
        }
        let decoded = percent_encoding::percent_decode_str(segment).decode_utf8().ok()?;
        Some(decoded.into_owned())
    }

    /// What is sent of a persona, as a fault of the data may change it.
    pub(crate) fn person_data(
        &self,
        exam: &mut Examination,
        persona: &Persona,
        attributes: &[String],
        writing: Writing,
    ) -> Map<String, Value> {
        let today = dates::singapore_day(self.app.clock.shown());
        let of = |persona: &Persona| select(&persona.sent(today), attributes, &self.app.catalogue, writing);
        let somebody_else = || {
            let other = self.book.personas.iter().find(|other| other.id != persona.id && other.name != persona.name);
            other.map(of).unwrap_or_default()
        };
        let mut draft = DataDraft { person: of(persona), somebody_else: &somebody_else };
        self.app.faults.data(Stage::PersonData, &mut draft, exam);
        draft.person
    }

    /// What no text about this request may say.
    pub(crate) fn mask(&self) -> RequestMask {
        RequestMask::new(self.book, &self.app.protocols, self.incoming)
    }

    /// The answer of a page, or the page that says why there is none.
    pub(crate) fn page(&self, exam: &mut Examination, result: Result<Answer, Trouble>) -> Answer {
        match result {
            Ok(answer) => answer,
            Err(Trouble::Refused(refusal)) => {
                let mask = self.mask();
                let refusal = refusal.map_texts(|text| mask.text(text));
                let answer = page::problem(&refusal, &self.incoming.base);
                exam.broken(refusal);
                answer
            }
            Err(Trouble::Failed(failure)) => {
                let answer = page::failure(&failure);
                exam.failed(failure);
                answer
            }
        }
    }
}
