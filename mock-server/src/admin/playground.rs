//! The playground: plays a relying party step by step. What it sends, it sends to this mock alone, inside the process.

use super::request::{AdminError, Ask};
use crate::http::exchange::{Answer, Incoming};
use crate::http::pairs::Pairs;
use crate::journal::mask::Mask;
use crate::journal::view;
use crate::page;
use crate::page::playground::{self, Brought, Heard, PlaygroundPage, Prepared};
use crate::profile::play::{self, Draft, Play, Player, Step, drawn};
use crate::profile::{ALL, answer_inside};
use crate::text::{meant, sentence};
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeMap;
use tokio::runtime::Handle;
use warp::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

/// Marks a request of the playground, so that it is found in the journal.
const MARK: HeaderName = HeaderName::from_static("x-myinfo-mock-playground");
/// How many bytes a request may have, all of it together.
const LENGTH: usize = 64 * 1024;
/// Who logs in where nobody else is named.
const PERSONA: &str = "S6005048A";

/// `GET playground.html`: the first request of a login, `?api=` of this profile.
pub(super) fn begin(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let game = Game::new(ask, ask.query.value("api"), ask.query.value("persona"), drawn(ask.app))?;
    let prepared = game.prepare(0).map_err(|error| AdminError::bad(format!("{error:#}")))?;
    Ok(game.page(prepared, None, None))
}

/// `POST playground.html`: sends the request as it was changed, and shows what came back and what comes next.
pub(super) fn send(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    played(ask).or_else(|error| unsent(ask, error))
}

/// The page with the first request of a new login and with why what came is none of the one that was played. Who sends no form of this
/// page is told as everybody is.
fn unsent(ask: &Ask<'_>, error: AdminError) -> Result<Answer, AdminError> {
    if error.status() == StatusCode::FORBIDDEN {
        return Err(error);
    }
    let game = Game::new(ask, None, None, drawn(ask.app))?;
    let prepared = game.prepare(0).map_err(|error| AdminError::bad(format!("{error:#}")))?;
    let problem = format!("It was not sent. {} A new login begins below.", sentence(&error.to_string()));
    Ok(Answer { status: error.status(), ..game.page(prepared, None, Some(problem)) })
}

fn played(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let form = ask.form()?;
    let text = |name: &str| form.value(name).unwrap_or_default();
    let memo = serde_json::from_str(text("memo")).map_err(|_| {
        AdminError::bad("`memo`, what the page knows of this login, was changed: it is no JSON object of texts")
    })?;
    let mut game = Game::new(ask, form.value("api"), form.value("persona"), memo)?;
    let place = text("step").parse().ok().filter(|place| *place < game.play.steps.len());
    let place = place.ok_or_else(|| AdminError::bad("`step` is none of this login"))?;
    let draft = read(&form);
    let sent = match text("do") {
        "callback" => game.came_back(place, text("callback").trim(), text("login")),
        button => game.sent(place, draft.clone(), button == "sign"),
    };
    match sent {
        Ok((heard, next)) => Ok(game.page(next, Some(heard), None)),
        Err(error) => {
            let what = if text("do") == "callback" { "It does not go on." } else { "It was not sent." };
            let problem = format!("{what} {}", sentence(&format!("{error:#}")));
            let page = game.page(game.shown(place, draft), None, Some(problem));
            Ok(Answer { status: StatusCode::BAD_REQUEST, ..page })
        }
    }
}

/// The request out of the boxes of the page.
fn read(form: &Pairs) -> Draft {
    let text = |name: &str| form.value(name).unwrap_or_default();
    let headers = text("headers").lines().map(str::trim).filter(|line| !line.is_empty());
    Draft {
        method: text("method").trim().to_owned(),
        url: text("url").trim().to_owned(),
        headers: headers.map(str::to_owned).collect(),
        // a box has its lines end otherwise than a form does
        body: text("body").trim_end_matches(['\r', '\n']).to_owned(),
    }
}

/// What can be played.
fn plays() -> impl Iterator<Item = &'static Play> {
    ALL.iter().flat_map(|profile| profile.plays)
}

fn unplayable(wanted: &str) -> AdminError {
    let known: Vec<String> = plays().map(|play| format!("`{}`", play.id)).collect();
    let near = meant(wanted, plays().map(|play| play.id));
    AdminError::bad(format!("`api` is none that can be played: there are {}{near}", known.join(", ")))
}

/// A login that is played.
struct Game<'a> {
    ask: &'a Ask<'a>,
    play: &'static Play,
    persona: String,
    memo: BTreeMap<String, String>,
    /// The login page, where the browser is sent there.
    login: Option<String>,
    /// The address that was pasted as its end.
    pasted: String,
    base_url: String,
}

impl<'a> Game<'a> {
    fn new(
        ask: &'a Ask<'a>,
        api: Option<&str>,
        persona: Option<&str>,
        memo: BTreeMap<String, String>,
    ) -> Result<Self, AdminError> {
        let wanted = api.unwrap_or("fapi");
        let play = plays().find(|play| play.id == wanted).ok_or_else(|| unplayable(wanted))?;
        let book = ask.app.book();
        let persona = persona.and_then(|id| book.personas.iter().find(|persona| persona.id == id));
        let persona = persona.map_or_else(|| PERSONA.to_owned(), |persona| persona.id.clone());
        Ok(Self { ask, play, persona, memo, login: None, pasted: String::new(), base_url: ask.incoming.base_url() })
    }

    fn player(&self) -> Player<'_> {
        Player {
            app: self.ask.app,
            play: self.play,
            base_url: &self.base_url,
            persona: &self.persona,
            memo: &self.memo,
        }
    }

    fn step(&self, place: usize) -> Result<&'static Step> {
        self.play.steps.get(place).context("there is no such step")
    }

    fn prepare(&self, place: usize) -> Result<Prepared> {
        Ok(self.shown(place, (self.step(place)?.draft)(&self.player())?))
    }

    /// A request as the page shows it.
    fn shown(&self, place: usize, draft: Draft) -> Prepared {
        let signs = self.play.steps.get(place).is_some_and(|step| step.sign.is_some());
        let headers = draft.headers.join("\n");
        Prepared { place, method: draft.method, url: draft.url, headers, body: draft.body, signs }
    }

    /// Sends a request; gives what came back, and the next one: this one again where it brought nothing to go on with, signed anew
    /// where the answer demands that.
    fn sent(&mut self, place: usize, mut draft: Draft, signs: bool) -> Result<(Heard, Prepared)> {
        let step = self.step(place)?;
        if let Some(sign) = step.sign.filter(|_| signs) {
            sign(&self.player(), &mut draft)?;
        }
        if place == 0 {
            self.note(play::sent(&draft));
        }
        let id = self.ask.app.entropy.hex(16);
        let incoming = incoming(self.ask.incoming, &self.base_url, &draft, &id)?;
        let answer = answer_inside(ALL, &incoming, self.ask.app);
        self.login = play::login_page(&answer).map(str::to_owned);
        let goes_on = self.learn(step, &answer) && answer.delivery.breaks_off().is_none();
        let last = place + 1 == self.play.steps.len();
        let mut heard = self.heard(step, (place, &answer), &id);
        if goes_on && !last {
            return Ok((heard, self.prepare(place + 1)?));
        }
        let renew = |draft: &mut Draft| step.sign.is_some_and(|sign| sign(&self.player(), draft).is_ok());
        heard.demand = (step.demands)(&answer).filter(|_| renew(&mut draft));
        Ok((heard, self.shown(place, draft)))
    }

    /// Takes the address at which a login on the login page ended, as if the request of the browser had led there at once.
    fn came_back(&mut self, place: usize, address: &str, login: &str) -> Result<(Heard, Prepared)> {
        let step = self.step(place)?;
        self.login = play::is_login_page(login).then(|| login.to_owned());
        address.clone_into(&mut self.pasted);
        ensure!(address.len() <= LENGTH, "The address has {} bytes; at most {LENGTH} are read", address.len());
        let Ok(location) = HeaderValue::from_str(address) else {
            bail!("The address holds a character that none can have: paste it as the browser shows it")
        };
        // of the answer that led there, nothing else is known
        let answer = Answer {
            headers: vec![(header::LOCATION, location)],
            ..Answer::redirect(StatusCode::FOUND, HeaderValue::from_static(""))
        };
        if let Some(error) = play::in_location(&answer, "error") {
            // it is used up: nothing is to be had from its page
            self.login = None;
            bail!(
                "The login ended without a code, with `error={error}`: begin a new one above, and agree to what is asked for"
            );
        }
        ensure!(
            step.needs == ["code"] && self.learn(step, &answer),
            "There is no code in it: paste the whole address that the browser shows at the end, {}?code=…",
            self.player().redirect_uri()
        );
        let unlike = (step.compares)(&self.player(), &answer, &[]);
        self.login = None;
        let heard = Heard::new(place, Brought { answer: &answer, opened: Vec::new(), unlike }, None);
        Ok((heard, self.prepare(place + 1)?))
    }

    /// Keeps what an answer tells; whether the next step has what it needs.
    fn learn(&mut self, step: &Step, answer: &Answer) -> bool {
        let learned = (step.learn)(answer);
        let goes_on = step.needs.iter().all(|name| learned.iter().any(|(known, _)| known == name));
        self.memo.extend(learned.into_iter().map(|(name, value)| (name.to_owned(), value)));
        goes_on
    }

    /// What was sent of it is what has to come back.
    fn note(&mut self, sent: [(&'static str, Option<String>); 3]) {
        for (name, value) in sent {
            self.memo.remove(name);
            self.memo.extend(value.map(|value| (name.to_owned(), value)));
        }
    }

    /// An answer, with what the journal knows of it.
    fn heard(&self, step: &Step, (place, answer): (usize, &Answer), id: &str) -> Heard {
        let app = self.ask.app;
        // why a signature did not verify is searched for behind the answer; this is a thread that may wait
        Handle::current().block_on(app.journal.settled(u64::MAX));
        let exchange = app.journal.newest_that(|exchange| exchange.request.header(&MARK) == Some(id));
        let (book, protocols) = (app.book(), &app.protocols);
        let mask = Mask { book: &book, protocols, personal: true };
        let seen = exchange.map(|exchange| view::exchange(&exchange, mask));
        let opened = (step.opens)(answer);
        let unlike = (step.compares)(&self.player(), answer, &opened);
        Heard::new(place, Brought { answer, opened, unlike }, seen)
    }

    fn page(&self, prepared: Prepared, heard: Option<Heard>, problem: Option<String>) -> Answer {
        let book = self.ask.app.book();
        let page = PlaygroundPage {
            base: &self.ask.incoming.base,
            play: self.play.id,
            titles: plays().map(|play| (play.id, play.title)).collect(),
            steps: self.play.steps.iter().map(|step| (step.event, step.says)).collect(),
            persona: &self.persona,
            personas: book.personas.iter().map(|persona| (persona.id.as_str(), persona.name.as_str())).collect(),
            memo: serde_json::to_string(&self.memo).unwrap_or_default(),
            prepared,
            heard,
            login: self.login.as_deref(),
            pasted: &self.pasted,
            problem,
        };
        playground::playground(&page).unwrap_or_else(|failure| page::failure(&failure))
    }
}

/// The request as it would have come in. Its address must be one of this realm: it is sent nowhere else.
fn incoming(asked: &Incoming, base_url: &str, draft: &Draft, id: &str) -> Result<Incoming> {
    let length = draft.url.len() + draft.body.len() + draft.headers.iter().map(String::len).sum::<usize>();
    ensure!(length <= LENGTH, "The request has {length} bytes; at most {LENGTH} are sent from here");
    let (address, query) = draft.address();
    let path = address.strip_prefix(base_url).filter(|path| path.starts_with('/'));
    let path =
        path.with_context(|| format!("The playground sends to this mock alone: the address begins with {base_url}/"))?;
    let printable = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    ensure!(printable(path) && printable(query), "The address holds what must be percent-encoded in one");
    let mut headers = HeaderMap::new();
    for line in &draft.headers {
        let Some((name, value)) = line.split_once(':') else { bail!("Each header is a line `Name: value`") };
        let name = HeaderName::try_from(name.trim()).context("A header has a name that none can have")?;
        let value = HeaderValue::try_from(value.trim()).context("A header has a value that none can have")?;
        headers.append(name, value);
    }
    if !headers.contains_key(header::HOST) {
        headers.insert(header::HOST, HeaderValue::try_from(asked.host())?);
    }
    headers.insert(MARK, HeaderValue::try_from(id)?);
    Ok(Incoming {
        base: asked.base.clone(),
        method: Method::from_bytes(draft.method.as_bytes()).context("The method is none of HTTP's")?,
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: Ok(draft.body.clone().into()),
        scheme: asked.scheme,
        peer: asked.peer,
    })
}
