//! The journal over HTTP: exchanges, transactions, archive, rules, counters.

use super::listing::{self, Form};
use super::pages;
use super::request::{AdminError, Ask, json, whole};
use crate::doctor::catalogue;
use crate::http::exchange::Answer;
use crate::journal::filter::Filter;
use crate::journal::view;
use crate::journal::{har, metrics as exposition, transaction as grouping};
use crate::page;
use crate::page::rules::RulesPage;
use serde_json::{Value, json};
use warp::http::{HeaderValue, StatusCode, header};
use warp::reply::Response;

/// What the lists take: conditions, and three that are none.
pub(super) const PARAMETERS: &[&str] =
    &["client", "state", "rule", "status", "event", "transaction", "since", "after", "limit", "follow", "personal"];

fn filter(ask: &Ask<'_>) -> Result<Filter, AdminError> {
    Filter::read(&ask.query, &ask.app.protocols).map_err(AdminError::bad)
}

/// `GET exchanges`: those that the conditions let through, oldest first; `follow=1` a line of JSON for each, those that
/// are there and those that come, until the client goes.
pub(super) fn exchanges(ask: &Ask<'_>) -> Result<Response, AdminError> {
    if ask.flag("follow") {
        return listing::follow(ask, "application/x-ndjson", |exchange, mask| {
            serde_json::to_string(&view::exchange(exchange, mask)).ok()
        });
    }
    let (newest, oldest) = ask.app.journal.span();
    let form = Form {
        content_type: "application/json",
        opening: format!("{{\n  \"oldest\": {oldest},\n  \"newest\": {newest},\n  \"exchanges\": ["),
        item: |exchange, mask| {
            let text = serde_json::to_string_pretty(&view::exchange(exchange, mask)).ok()?;
            // a line break inside a text is an escape: every one here is between two members
            Some(format!("\n    {}", text.replace('\n', "\n    ")))
        },
        separator: ",",
        closing: |more| format!("\n  ],\n  \"more\": {more}\n}}\n"),
    };
    listing::list(ask, form)
}

/// `GET exchanges.har`: the same as an HTTP archive.
pub(super) fn archive(ask: &Ask<'_>) -> Result<Response, AdminError> {
    let form = Form {
        content_type: "application/json",
        opening: har::opening(),
        item: |exchange, mask| Some(har::entry(exchange, mask).to_string()),
        separator: ",\n",
        closing: |_| har::CLOSING.to_owned(),
    };
    let mut answer = listing::list(ask, form)?;
    let name = HeaderValue::from_static("attachment; filename=\"myinfo-mock.har\"");
    answer.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(answer)
}

/// `GET exchanges/{number}`.
pub(super) fn exchange(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let number = number(ask.segment)?;
    let found = ask.app.journal.find(number).ok_or_else(|| gone(ask, "exchange", number))?;
    let book = ask.app.book();
    Ok(json(StatusCode::OK, &json!(view::exchange(&found, ask.mask(&book)))))
}

/// `GET transactions`: those with an exchange that the conditions let through, newest first.
pub(super) fn transactions(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let most = listing::limit(ask)?;
    let found = ask.app.journal.transactions(&filter(ask)?);
    let book = ask.app.book();
    let views: Vec<_> =
        found.iter().take(most).filter_map(|whole| grouping::transaction(whole, ask.mask(&book))).collect();
    Ok(json(StatusCode::OK, &json!({"transactions": views})))
}

/// `GET transactions/{number}`: one, with its exchanges; with `.html` behind the number, its page.
pub(super) fn transaction(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let page = ask.segment.strip_suffix(".html");
    let number = number(page.unwrap_or(ask.segment))?;
    let found = ask.app.journal.select(&Filter { transaction: Some(number), ..Filter::default() });
    let book = ask.app.book();
    let mask = ask.mask(&book);
    let Some(summary) = grouping::transaction(&found, mask) else { return Err(gone(ask, "transaction", number)) };
    let views: Vec<_> = found.iter().map(|exchange| view::exchange(exchange, mask)).collect();
    if page.is_some() {
        return pages::transaction(ask, &summary, (&found, &views));
    }
    Ok(json(StatusCode::OK, &json!({"transaction": summary, "exchanges": views})))
}

/// `GET rules`: every rule and every diagnosis.
pub(super) fn rules(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let rules: Vec<Value> = ask
        .app
        .protocols
        .rules()
        .map(|rule| {
            json!({"id": rule.id, "document": rule.document, "section": rule.section, "says": rule.says, "fix": rule.fix})
        })
        .collect();
    let diagnoses: Vec<Value> = catalogue::ALL
        .iter()
        .map(|diagnosis| json!({"id": diagnosis.id, "when": diagnosis.when, "tells": diagnosis.tells}))
        .collect();
    let mistakes: Vec<Value> =
        ask.app.protocols.mistakes().map(|kind| json!({"id": kind.id, "says": kind.says, "fix": kind.fix})).collect();
    Ok(json(StatusCode::OK, &json!({"rules": rules, "diagnoses": diagnoses, "mistakes": mistakes})))
}

/// `GET rules.html`: the same as a page, or what of it the words of `?q=` find.
pub(super) fn rules_page(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let search = ask.query.value("q").unwrap_or_default();
    let (protocols, diagnoses) = (&ask.app.protocols, catalogue::ALL.iter().copied());
    let page = RulesPage::new(&ask.incoming.base, search, protocols.rules(), diagnoses, protocols.mistakes());
    Ok(page::rules::rules(&page).unwrap_or_else(|failure| page::failure(&failure)))
}

/// `GET reloads`: the configurations that were read again while the server ran, oldest first.
pub(super) fn reloads(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let notices = ask.app.journal.notices.all();
    let notices =
        notices.iter().map(|notice| json!({"at": notice.at.rfc3339(), "taken": notice.taken, "says": notice.says}));
    Ok(json(StatusCode::OK, &json!({"reloads": notices.collect::<Vec<_>>()})))
}

/// `GET metrics`: counters of all realms.
pub(super) fn metrics(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let realms: Vec<_> = ask.realms.all().into_iter().map(|(name, app)| (name, app.journal.counters())).collect();
    Ok(whole(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", exposition::exposition(&realms)))
}

pub(super) fn number(text: &str) -> Result<u64, AdminError> {
    text.parse().map_err(|_| AdminError::bad(format!("`{text}` is no number of the journal")))
}

pub(super) fn gone(ask: &Ask<'_>, what: &str, number: u64) -> AdminError {
    let (newest, oldest) = ask.app.journal.span();
    let message = if number == 0 {
        format!("there is no {what} 0: they are counted from 1")
    } else if number > newest {
        format!("there is no {what} {number} yet")
    } else if number >= oldest {
        format!("{number} is no number of a {what}: it is an exchange in one")
    } else {
        format!("{what} {number} is no longer kept: the journal holds the exchanges from {oldest} on")
    };
    AdminError::missing(message)
}
