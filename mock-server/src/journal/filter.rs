//! Which exchanges of the journal somebody wants to see.

use super::Exchange;
use crate::ambient::Timestamp;
use crate::doctor::catalogue;
use crate::http::pairs::Pairs;
use crate::protocol::Protocols;
use crate::text::meant;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Conditions; all of them must hold.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub(crate) client: Option<String>,
    pub(crate) state: Option<String>,
    /// The id of a rule that was broken, or of a diagnosis that was made.
    pub(crate) rule: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) event: Option<&'static str>,
    pub(crate) transaction: Option<u64>,
    /// Later than this moment, or at it.
    pub(crate) since: Option<Timestamp>,
    /// Only exchanges with a greater number.
    pub(crate) after: u64,
    /// Only exchanges up to this number.
    pub(crate) until: Option<u64>,
}

impl Filter {
    /// Reads the conditions of a query; other names are somebody else's.
    pub(crate) fn read(query: &Pairs, protocols: &Protocols) -> Result<Self, String> {
        let mut filter = Self::default();
        for (name, value) in query.iter() {
            let number = || value.parse::<u64>().map_err(|_| format!("`{name}` is `{value}`; a number is expected"));
            match name {
                "client" => filter.client = Some(value.to_owned()),
                "state" => filter.state = Some(value.to_owned()),
                "rule" => filter.rule = Some(rule(value, protocols)?),
                "status" => filter.status = Some(number()?.try_into().map_err(|_| format!("`{value}` is no status"))?),
                "event" => filter.event = Some(event(value, protocols)?),
                "transaction" => filter.transaction = Some(number()?),
                "after" => filter.after = number()?,
                "since" => filter.since = Some(moment(value)?),
                _ => {}
            }
        }
        Ok(filter)
    }

    /// Whether an exchange fits; the state is looked at by the journal, for it is the transaction's.
    pub(crate) fn lets_through(&self, exchange: &Exchange) -> bool {
        exchange.number > self.after
            && self.until.is_none_or(|until| exchange.number <= until)
            && self.client.as_ref().is_none_or(|client| exchange.exam.client.as_ref() == Some(client))
            && self.rule.as_ref().is_none_or(|rule| has_broken(exchange, rule))
            && self.status.is_none_or(|status| exchange.answer.status.as_u16() == status)
            && self.event.is_none_or(|event| exchange.event.name() == event)
            && self.transaction.is_none_or(|transaction| exchange.transaction == transaction)
            && self.since.is_none_or(|since| exchange.at >= since)
    }
}

fn has_broken(exchange: &Exchange, wanted: &str) -> bool {
    let named = |id: &str| id == wanted;
    exchange
        .exam
        .verdicts
        .iter()
        .filter_map(|verdict| verdict.refusal())
        .any(|refusal| named(refusal.rule.id) || refusal.diagnosis.is_some_and(|diagnosis| named(diagnosis.id)))
        || exchange.exam.notes.iter().any(|note| named(note.diagnosis.id))
}

/// The id of a rule or a diagnosis.
fn rule(id: &str, protocols: &Protocols) -> Result<String, String> {
    let rules = protocols.rules().map(|rule| rule.id);
    let known: Vec<&str> = rules.chain(catalogue::ALL.iter().map(|diagnosis| diagnosis.id)).collect();
    if known.contains(&id) {
        return Ok(id.to_owned());
    }
    let near = meant(id, known.into_iter());
    Err(format!("`{id}` is no rule and no diagnosis: GET /_mock/rules lists them{near}"))
}

fn event(name: &str, protocols: &Protocols) -> Result<&'static str, String> {
    let names = protocols.events();
    let known = names.iter().copied().find(|known| *known == name);
    let near = || meant(name, names.iter().copied());
    known.ok_or_else(|| format!("`{name}` is no event; there are {}{}", names.join(", "), near()))
}

/// A moment: milliseconds since 1970, or RFC 3339.
pub(crate) fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(milliseconds) = text.parse() {
        return Ok(Timestamp(milliseconds));
    }
    let read = OffsetDateTime::parse(text, &Rfc3339).ok();
    read.and_then(|moment| u64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok())
        .map(Timestamp)
        .ok_or_else(|| format!("`{text}` is no moment: write 2026-11-21T08:00:00Z, or milliseconds since 1970"))
}
