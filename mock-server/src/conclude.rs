//! The end of every exchange: it is written down, a refusal is told on the console, and the answer goes out.

use crate::app::App;
use crate::examination::{Examination, Verdict};
use crate::http::exchange::{Answer, Incoming};
use crate::journal::filter::Filter;
use crate::journal::mask::{Mask, RequestMask};
use crate::journal::transaction::{self as grouping, COMPLETE};
use crate::journal::{Journal, Request};
use crate::persona::uinfin::mask_all;
use crate::protocol::{Event, Kind};
use crate::refusal::Refusal;
use crate::searches::{NOT_MADE, Pending, UNDER_WAY};
use crate::text::visible;
use std::sync::Arc;
use time::OffsetDateTime;
use time::macros::format_description;
use warp::http::{HeaderName, HeaderValue, StatusCode, header};

/// The header that carries the address of the transaction's page, with `--explain`.
pub(crate) const EXPLAIN_HEADER: HeaderName = HeaderName::from_static("x-myinfo-mock-explain");

/// Under this target the log tells what is no warning and shown all the same: logins that succeeded, and configurations that
/// were read again.
pub const NEWS: &str = "myinfo_mock::news";

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
        let refusal = exam.refusal().cloned();
        let ends_login = event.kind() == Some(Kind::Person) || exam.completes;
        let search = exam.pending.as_ref().and_then(|pending| self.search(incoming, pending, &exam));
        let request = Request::copied(incoming);
        let entry = self.journal.append(event, self.clock.now(), request, (exam, answer.clone()));
        let page = format!("{base_url}/_mock/transactions/{}.html", entry.transaction);
        let mut told = refusal.map(|refusal| Told { event, status: answer.status, page: page.clone(), refusal });
        if let (Some(mut search), Some(pending)) = (search, entry.pending) {
            search.number = entry.number;
            // what is told first waits for the search where it is what is searched for
            search.told = told.take_if(|told| told.refusal.rule.id == pending.rule.id);
            let client = search.client.clone();
            self.searches.add(&client, move || search.run(pending));
        }
        told.inspect(Told::tell);
        if ends_login && tracing::enabled!(target: NEWS, tracing::Level::INFO) {
            self.tell_login((entry.number, entry.transaction));
        }
        if self.config.explain
            && let Ok(page) = HeaderValue::try_from(page)
        {
            answer.headers.push((EXPLAIN_HEADER, page));
        }
        answer
    }

    /// One line for a login that has all that it was for, with this exchange. Personal numbers are masked.
    fn tell_login(&self, (number, transaction): (u64, u64)) {
        // what stands alone asked for data without a login
        if number == transaction {
            return;
        }
        let exchanges = self.journal.select(&Filter { transaction: Some(transaction), ..Filter::default() });
        let book = self.book();
        let mask = Mask { book: &book, protocols: &self.protocols, personal: false };
        let (Some(first), Some(login)) = (exchanges.first(), grouping::transaction(&exchanges, mask)) else { return };
        if login.outcome != COMPLETE {
            return;
        }
        let (client, persona) = (login.client.unwrap_or_default(), login.persona.unwrap_or_default());
        let milliseconds = self.clock.now().0.saturating_sub(first.at.0);
        tracing::info!(target: NEWS, client, persona, milliseconds, "login complete");
    }

    /// A search that is to be made once the exchange is written down.
    fn search(&self, incoming: &Incoming, pending: &Pending, exam: &Examination) -> Option<Search> {
        let mut noted = exam.verdicts.iter().filter_map(Verdict::noted);
        Some(Search {
            journal: Arc::clone(&self.journal),
            number: 0,
            client: exam.client.clone().unwrap_or_default(),
            mask: RequestMask::new(&self.book(), &self.protocols, incoming),
            refusal: Some(noted.find(|noted| noted.first.rule.id == pending.rule.id)?.first.clone()),
            told: None,
        })
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
        let book = self.book();
        let mask = Mask { book: &book, protocols: &self.protocols, personal: true };
        let full_path = || visible(&mask.path(&incoming.full_path()));
        let path = || mask_all(&full_path());
        tracing::info!(method = %incoming.method, path = path(), status = answer.status.as_u16(), "answered");
        let query = || visible(&mask.raw_pairs(&incoming.query));
        tracing::debug!(path = full_path(), query = query(), peer = ?incoming.peer, "in full");
    }
}

/// A refusal as the console tells it.
struct Told {
    event: Event,
    status: StatusCode,
    page: String,
    refusal: Refusal,
}

impl Told {
    /// Four lines: what was refused, why, what to do, and where there is more. Personal numbers are masked.
    fn tell(&self) {
        let refusal = &self.refusal;
        let shown = |text: &str| visible(&mask_all(text));
        let diagnosis = refusal.diagnosis.map_or_else(String::new, |diagnosis| format!(", {}", diagnosis.id));
        tracing::warn!(
            "{} refused: {}{diagnosis}; answered {} {}\n  cause  {}\n  fix    {}\n  page   {}",
            self.event.name(),
            refusal.rule.id,
            self.status.as_u16(),
            shown(&refusal.message),
            shown(&refusal.hint),
            shown(&refusal.fix),
            visible(&self.page),
        );
    }
}

/// A search on its way: what it finds goes to the journal and to the console. Where it is dropped before it was made, they
/// say so.
struct Search {
    journal: Arc<Journal>,
    number: u64,
    client: String,
    mask: RequestMask,
    /// What is known without it; nothing once it is made.
    refusal: Option<Refusal>,
    told: Option<Told>,
}

impl Search {
    fn run(mut self, pending: Pending) {
        let mask = &self.mask;
        let found = pending.run().map_texts(|text| mask.text(text));
        self.refusal = None;
        self.end(found);
    }

    fn end(&mut self, found: Refusal) {
        if let Some(told) = self.told.take() {
            Told { refusal: found.clone(), ..told }.tell();
        }
        self.journal.complete(self.number, found);
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        let Some(mut refusal) = self.refusal.take() else { return };
        refusal.hint = refusal.hint.replace(UNDER_WAY, NOT_MADE);
        self.end(refusal);
    }
}

#[cfg(test)]
mod tests {
    use crate::MockServer;
    use crate::searches::OF_A_CLIENT;
    use reqwest::Client;
    use serde_json::Value;
    use std::sync::Arc;
    use std::sync::mpsc::{Sender, channel};

    const REQUEST: &str = include_str!("../tests/it/corpus/token.http");

    /// A server whose searches are held until the sender is dropped.
    async fn held() -> (MockServer, Client, Sender<()>) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mock = MockServer::builder().start().await.unwrap();
        let (release, until_released) = channel();
        let wait = move || until_released.recv().unwrap_or_default();
        mock.realms.default().searches.add("somebody else", wait);
        (mock, Client::builder().no_proxy().build().unwrap(), release)
    }

    /// A code that was not signed: no mistake explains that, and the search is as long as there is one.
    const UNEXPLAINED: (&str, &str) = ("127.0.0.1:5156", "code=18fb");
    /// Another host than was signed, which is found at once.
    const EXPLAINED: (&str, &str) = ("localhost:5156", "code=19fb");

    /// Sends a token request to this host, with this beginning of the code; gives back the answer's status and text.
    async fn send(mock: &MockServer, http: &Client, (host, code): (&str, &str)) -> (u16, String) {
        let (head, form) = REQUEST.split_once("\n\n").unwrap();
        let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
        let answer = http
            .post(format!("{}/com/v3/token", mock.base_url()))
            .header("host", host)
            .header("authorization", header("Authorization: "))
            .header("content-type", header("Content-Type: "))
            .body(form.trim_end().replace("code=19fb", code))
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn get(mock: &MockServer, http: &Client, path: &str) -> Value {
        let text = http.get(format!("{}/_mock/{path}", mock.base_url())).send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }

    /// What is said of the signature in an exchange.
    fn signature_in(exchange: &Value) -> &Value {
        let rules = exchange["rules"].as_array().unwrap();
        &rules.iter().find(|rule| rule["id"] == "v3.signature.valid").unwrap()["problem"]
    }

    #[tokio::test]
    async fn the_answer_goes_out_before_the_search_and_whoever_reads_waits_for_it() {
        let (mock, http, release) = held().await;
        let (status, text) = send(&mock, &http, UNEXPLAINED).await;
        assert_eq!(
            (status, text.contains("Invalid")),
            (401, true),
            "{text}: the answer is there, and nothing was found"
        );
        let so_far = mock.realms.default().journal.find(1).unwrap();
        let hints = || so_far.exam.verdicts.iter().filter_map(|verdict| verdict.refusal().map(|refusal| &refusal.hint));
        assert!(hints().any(|hint| hint.contains("is being searched for: read this exchange again")));
        let journal = Arc::clone(&mock.realms.default().journal);
        tokio::select! {
            biased;
            () = journal.settled(u64::MAX) => panic!("who reads does not wait"),
            () = std::future::ready(()) => {}
        }
        let exchange = get(&mock, &http, "exchanges/1");
        let page = get(&mock, &http, "transactions/1.html");
        let list = get(&mock, &http, "exchanges?rule=SIG-TEXT");
        let archive = get(&mock, &http, "exchanges.har");
        let readers = async { tokio::join!(exchange, page, list, archive) };
        let released = async { drop(release) };
        let ((exchange, page, list, archive), ()) = tokio::join!(readers, released);
        let says = "the right key signed, but another text";
        assert!(signature_in(&exchange)["cause"].as_str().unwrap().contains(says), "{exchange:#}");
        assert_eq!(list["exchanges"].as_array().unwrap().len(), 1, "it is found by its diagnosis");
        for whole in [page, list, archive] {
            assert!(whole.to_string().contains(says), "{whole:#}");
        }
    }

    #[tokio::test]
    async fn what_is_too_much_to_be_searched_for_says_so() {
        let (mock, http, release) = held().await;
        for _ in 0..=OF_A_CLIENT {
            send(&mock, &http, EXPLAINED).await;
        }
        drop(release);
        let list = get(&mock, &http, "exchanges").await;
        let exchanges = list["exchanges"].as_array().unwrap();
        let (searched, unsearched) = exchanges.split_at(OF_A_CLIENT);
        for exchange in searched {
            assert_eq!(signature_in(exchange)["diagnosis"], "SIG-BASE", "{exchange:#}");
        }
        assert_eq!(unsearched.len(), 1);
        let cause = signature_in(&unsearched[0])["cause"].as_str().unwrap();
        assert!(cause.ends_with("too many searches waited: send the request again by itself"), "{cause}");
    }
}
