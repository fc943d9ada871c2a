//! The end of every exchange: it is written down, a refusal is told on the console, and the answer goes out.

use crate::app::App;
use crate::examination::Examination;
use crate::http::exchange::{Answer, Incoming};
use crate::journal::Request;
use crate::journal::mask::{Mask, RequestMask};
use crate::persona::uinfin::mask_all;
use crate::protocol::Event;
use crate::refusal::Refusal;
use crate::text::visible;
use time::OffsetDateTime;
use time::macros::format_description;
use warp::http::{HeaderName, HeaderValue, header};

/// The header that carries the address of the transaction's page, with `--explain`.
pub(crate) const EXPLAIN_HEADER: HeaderName = HeaderName::from_static("x-myinfo-mock-explain");

impl App {
    /// Writes an exchange down and gives back the answer as it goes out.
    pub(crate) fn conclude(
        &self,
        event: Event,
        incoming: &Incoming,
        mut exam: Examination,
        mut answer: Answer,
    ) -> Answer {
        if self.faults.any() {
            self.faults.overlooked(&mut exam);
        }
        if exam.problem().is_some() || !exam.notes.is_empty() {
            let book = self.book();
            let mask = RequestMask::new(&book, &self.protocols, incoming);
            exam.mask(|text| mask.text(text));
        }
        if let Some(date) = self.date() {
            answer.headers.push((header::DATE, date));
        }
        self.log(incoming, &answer);
        let base_url = incoming.base_url();
        let told = exam.refusal().map(|refusal| lines(event, refusal, &answer));
        let request = Request::copied(incoming);
        let transaction = self.journal.append(event, self.clock.now(), request, (exam, answer.clone()));
        let page = || format!("{base_url}/_mock/transactions/{transaction}.html");
        if let Some(lines) = told {
            tracing::warn!("{lines}\n  page   {}", visible(&page()));
        }
        if self.config.explain
            && let Ok(page) = HeaderValue::try_from(page())
        {
            answer.headers.push((EXPLAIN_HEADER, page));
        }
        answer
    }

    /// The `Date` header, where clients see another time than the machine's.
    fn date(&self) -> Option<HeaderValue> {
        if self.clock.shows_system_time() {
            return None;
        }
        let format =
            format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
        let seconds = i64::try_from(self.clock.shown().seconds()).ok()?;
        let text = OffsetDateTime::from_unix_timestamp(seconds).ok()?.format(&format).ok()?;
        HeaderValue::try_from(text).ok()
    }

    fn log(&self, incoming: &Incoming, answer: &Answer) {
        // inside the macros: what nobody logs is not computed
        let masked = |text: &str| visible(&self.book().mask_secrets(text));
        let path = || masked(&mask_all(&incoming.full_path()));
        tracing::info!(method = %incoming.method, path = path(), status = answer.status.as_u16(), "answered");
        let query = || {
            let book = self.book();
            visible(&Mask { book: &book, protocols: &self.protocols, personal: true }.raw_pairs(&incoming.query))
        };
        tracing::debug!(path = masked(&incoming.full_path()), query = query(), peer = ?incoming.peer, "in full");
    }
}

/// The three lines of a refusal: what was refused, why, and what to do. Personal numbers are masked.
fn lines(event: Event, refusal: &Refusal, answer: &Answer) -> String {
    let shown = |text: &str| visible(&mask_all(text));
    let diagnosis = refusal.diagnosis.map_or_else(String::new, |diagnosis| format!(", {}", diagnosis.id));
    format!(
        "{} refused: {}{diagnosis}; answered {} {}\n  cause  {}\n  fix    {}",
        event.name(),
        refusal.rule.id,
        answer.status.as_u16(),
        shown(&refusal.message),
        shown(&refusal.hint),
        shown(&refusal.fix),
    )
}
