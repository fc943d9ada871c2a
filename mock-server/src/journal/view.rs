//! An exchange as people and programs see it: masked, decoded, every rule with its verdict.

use super::Exchange;
use super::mask::Mask;
use crate::examination::Verdict;
use crate::http::pairs::Pairs;
use crate::jose::nested::unverified;
use crate::protocol::Kind;
use crate::refusal::Refusal;
use crate::rule::{Rule, source};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Value;
use warp::http::header;

/// A name and a value, in the order in which they were sent.
pub(crate) type Pair = (String, String);

/// How many parameters are shown decoded; the address shows all of them.
const SHOWN_PAIRS: usize = 500;

/// One exchange.
#[derive(Debug, Serialize)]
pub(crate) struct ExchangeView {
    pub(crate) number: u64,
    pub(crate) at: String,
    /// How long the mock worked on it.
    pub(crate) milliseconds: u64,
    pub(crate) event: &'static str,
    /// The profile whose endpoint was called; nothing where it was none.
    pub(crate) profile: Option<&'static str>,
    pub(crate) transaction: u64,
    pub(crate) client: Option<String>,
    pub(crate) persona: Option<String>,
    pub(crate) request: RequestView,
    pub(crate) answer: AnswerView,
    /// The first broken rule: what the wire told.
    pub(crate) refused: Option<ProblemView>,
    /// What broke inside the mock, where something did: no rule of the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
    pub(crate) rules: Vec<RuleView>,
    pub(crate) notes: Vec<NoteView>,
    pub(crate) tokens: Vec<TokenView>,
    pub(crate) document: Option<DocumentView>,
    pub(crate) faults: Vec<&'static str>,
}

/// The request as it was received.
#[derive(Debug, Serialize)]
pub(crate) struct RequestView {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<Pair>,
    pub(crate) query: Vec<Pair>,
    pub(crate) form: Vec<Pair>,
    /// The body as it was sent, with its values masked.
    #[serde(skip)]
    pub(crate) body: String,
    /// Why the body could not be read, where it could not.
    pub(crate) body_problem: Option<String>,
    pub(crate) peer: Option<String>,
}

/// The answer as it went out.
#[derive(Debug, Serialize)]
pub(crate) struct AnswerView {
    pub(crate) status: u16,
    pub(crate) headers: Vec<Pair>,
    pub(crate) body: String,
    pub(crate) body_size: usize,
}

/// A rule and what became of it.
#[derive(Debug, Serialize)]
pub(crate) struct RuleView {
    pub(crate) id: &'static str,
    pub(crate) verdict: &'static str,
    pub(crate) document: &'static str,
    pub(crate) section: &'static str,
    pub(crate) says: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<ProblemView>,
}

impl RuleView {
    /// Where the place in its document can be read, where a document says it.
    pub(crate) fn link(&self) -> Option<String> {
        source::link(self.document, self.section)
    }
}

/// What is wrong, and what to do.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ProblemView {
    pub(crate) rule: &'static str,
    pub(crate) diagnosis: Option<&'static str>,
    pub(crate) status: u16,
    pub(crate) message: String,
    pub(crate) cause: String,
    pub(crate) fix: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) received: Option<String>,
    /// How many characters the two have in common at the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_difference: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) mistakes: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) fields: Vec<FieldView>,
}

/// Where a field of an expected text comes from.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FieldView {
    pub(crate) name: String,
    pub(crate) from: &'static str,
    pub(crate) value: String,
}

/// Something odd that breaks no rule.
#[derive(Debug, Serialize)]
pub(crate) struct NoteView {
    pub(crate) diagnosis: &'static str,
    pub(crate) text: String,
}

/// A decoded token. It is shown unverified; whether it is genuine, the rules say.
#[derive(Debug, Serialize)]
pub(crate) struct TokenView {
    /// `request` or `answer`.
    pub(crate) place: &'static str,
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

/// The opened person document, layer by layer.
#[derive(Debug, Serialize)]
pub(crate) struct DocumentView {
    pub(crate) jwe_header: Value,
    pub(crate) jws_header: Value,
    pub(crate) person: Value,
}

/// An exchange, masked.
pub(crate) fn exchange(exchange: &Exchange, mask: Mask<'_>) -> ExchangeView {
    let exam = &exchange.exam;
    let of_person = exchange.event.kind() == Some(Kind::Person);
    ExchangeView {
        number: exchange.number,
        at: exchange.at.rfc3339(),
        milliseconds: exchange.at.0.saturating_sub(exchange.began().0),
        event: exchange.event.name(),
        profile: exchange.event.profile(),
        transaction: exchange.transaction,
        client: exam.client.clone(),
        persona: exam.persona.as_deref().map(|persona| mask.text(persona)),
        request: request(exchange, mask),
        answer: AnswerView {
            status: exchange.answer.status.as_u16(),
            headers: headers(
                exchange.answer.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())),
                mask,
            ),
            body: mask.answer(&exchange.answer, of_person),
            body_size: exchange.answer.body.len(),
        },
        refused: exam.refusal().map(|refusal| problem(refusal, mask)),
        failure: exam.failure.as_ref().map(|failure| mask.text(&format!("{}: {}", failure.message, failure.cause))),
        rules: rules(exchange, mask),
        notes: exam
            .told_notes()
            .map(|(diagnosis, text)| NoteView { diagnosis: diagnosis.id, text: mask.text(&text) })
            .collect(),
        tokens: tokens(exchange, mask),
        document: document(exchange, mask),
        faults: exam.faults.clone(),
    }
}

fn request(exchange: &Exchange, mask: Mask<'_>) -> RequestView {
    let request = &exchange.request;
    let pairs = |text: &str| -> Vec<Pair> {
        let pairs = Pairs::parse(text).unwrap_or_default();
        let shown = pairs.iter().take(SHOWN_PAIRS).map(|(name, value)| (mask.name(name), mask.value(name, value)));
        let more = pairs.iter().count().saturating_sub(SHOWN_PAIRS);
        shown.chain((more > 0).then(|| ("…".to_owned(), format!("and {more} more")))).collect()
    };
    let form = request.body.as_ref().ok().and_then(|body| std::str::from_utf8(body).ok()).unwrap_or_default();
    RequestView {
        method: request.method.to_string(),
        url: url(exchange, mask),
        headers: headers(request.headers.iter().map(|(name, value)| (name.as_str(), &**value)), mask),
        query: pairs(&request.query),
        form: pairs(form),
        body: if form.is_empty() { String::new() } else { mask.raw_pairs(form) },
        body_problem: request.body.as_ref().err().map(ToString::to_string),
        peer: request.peer.map(|peer| peer.to_string()),
    }
}

/// The address that was called, with its query.
pub(crate) fn url(exchange: &Exchange, mask: Mask<'_>) -> String {
    let request = &exchange.request;
    let separator = if request.query.is_empty() { "" } else { "?" };
    format!("{}{}{separator}{}", request.origin, mask.path(&request.path), mask.raw_pairs(&request.query))
}

/// Headers with their values masked.
pub(crate) fn headers<'h>(headers: impl Iterator<Item = (&'h str, &'h [u8])>, mask: Mask<'_>) -> Vec<Pair> {
    headers.map(|(name, value)| (name.to_owned(), mask.header(name, &String::from_utf8_lossy(value)))).collect()
}

/// Every rule that was examined, and behind them those of the endpoint that could not be.
fn rules(exchange: &Exchange, mask: Mask<'_>) -> Vec<RuleView> {
    let view = |rule: &'static Rule, verdict| RuleView {
        id: rule.id,
        verdict,
        document: rule.document,
        section: rule.section,
        says: rule.says,
        why: None,
        problem: None,
    };
    let verdicts = &exchange.exam.verdicts;
    let examined = verdicts.iter().map(|verdict| match verdict {
        Verdict::Kept(rule) => view(rule, "kept"),
        Verdict::Broken(noted) => {
            RuleView { problem: Some(problem(noted.complete(), mask)), ..view(verdict.rule(), "broken") }
        }
        Verdict::Overlooked(noted) => {
            RuleView { problem: Some(problem(noted.complete(), mask)), ..view(verdict.rule(), "overlooked") }
        }
        Verdict::NotApplicable(rule, why) => RuleView { why: Some(why), ..view(rule, "not-applicable") },
    });
    let missing = exchange.event.rules().filter(|rule| !verdicts.iter().any(|verdict| verdict.rule().id == rule.id));
    let why = Some("what it needs was refused before it");
    let unexamined = missing.map(|rule| RuleView { why, ..view(rule, "not-examined") });
    examined.chain(unexamined).collect()
}

/// A refusal for the developer.
pub(crate) fn problem(refusal: &Refusal, mask: Mask<'_>) -> ProblemView {
    let details = refusal.details.as_deref().cloned().unwrap_or_default();
    let comparison = details.comparison.map(|comparison| comparison.map(|text| mask.text(text)));
    ProblemView {
        rule: refusal.rule.id,
        diagnosis: refusal.diagnosis.map(|diagnosis| diagnosis.id),
        status: refusal.status.as_u16(),
        message: mask.text(&refusal.message),
        cause: mask.text(&refusal.hint),
        fix: mask.text(&refusal.fix),
        first_difference: comparison.as_ref().and_then(crate::doctor::difference::Comparison::first_difference),
        received: comparison.as_ref().and_then(|comparison| comparison.received.clone()),
        expected: comparison.map(|comparison| comparison.expected),
        mistakes: details.mistakes,
        fields: details
            .fields
            .into_iter()
            .map(|field| FieldView { name: field.name, from: field.from, value: mask.text(&field.value) })
            .collect(),
    }
}

fn tokens(exchange: &Exchange, mask: Mask<'_>) -> Vec<TokenView> {
    let header = exchange.request.header(&header::AUTHORIZATION);
    let bearer = header.and_then(|header| header.rsplit_once("Bearer ")).map(|(_, token)| token.to_owned());
    let answer: Option<Value> = if exchange.event.kind() == Some(Kind::Token) {
        serde_json::from_slice(&exchange.answer.body).ok()
    } else {
        None
    };
    let given = answer.and_then(|answer| Some(answer.get("access_token")?.as_str()?.to_owned()));
    [("request", bearer), ("answer", given)]
        .into_iter()
        .filter_map(|(place, token)| {
            let token = token?;
            let claims = unverified(&token, 1)?;
            Some(TokenView { place, header: Value::Object(unverified(&token, 0)?), claims: mask.claims(&claims) })
        })
        .collect()
}

fn document(exchange: &Exchange, mask: Mask<'_>) -> Option<DocumentView> {
    let signed = exchange.exam.document.as_deref()?;
    let outer = std::str::from_utf8(&exchange.answer.body).ok().and_then(|body| unverified(body, 0));
    let payload = signed.split('.').nth(1).and_then(|text| BASE64_URL_SAFE_NO_PAD.decode(text).ok());
    let payload: Option<Value> = payload.and_then(|payload| serde_json::from_slice(&payload).ok());
    Some(DocumentView {
        jwe_header: outer.map_or(Value::Null, Value::Object),
        jws_header: unverified(signed, 0).map_or(Value::Null, Value::Object),
        person: payload.map_or(Value::Null, |person| mask.person(&person)),
    })
}
