//! The pages of the journal: the list of transactions, one transaction, and the start page.

use super::client_pages::settings;
use super::compare;
use super::request::{AdminError, Ask};
use crate::app::App;
use crate::examination::Verdict;
use crate::http::exchange::{Answer, Incoming};
use crate::http::pairs::Pairs;
use crate::journal::Exchange;
use crate::journal::filter::Filter;
use crate::journal::transaction::{self as grouping, OUTCOMES, TransactionView, UNDER_WAY};
use crate::journal::view::ExchangeView;
use crate::page;
use crate::page::start::{ClientRow, StartPage, start as start_page};
use crate::page::transaction::{Sight, TransactionPage, transaction as transaction_page};
use crate::page::transactions::{CARDS, Card, Choice, Place, ReloadRow, TransactionsPage, transactions};
use crate::page::waterfall::bars;
use crate::text::meant;

use std::sync::Arc;
use warp::http::{HeaderValue, header};

/// What the list of transactions takes: the journal's conditions, and what is the page's alone.
pub(super) const PARAMETERS: &[&str] = &[
    "q",
    "page",
    "refresh",
    "personal",
    "outcome",
    "client",
    "state",
    "rule",
    "status",
    "event",
    "transaction",
    "after",
    "since",
];
/// After how many seconds a page loads itself again.
const REFRESH_SECONDS: u32 = 3;
/// How many configurations that were read again the list of transactions tells.
const RELOADS: usize = 3;

/// `GET /`: what this is, and how to point a connector at it.
pub(super) fn start(incoming: &Incoming, app: &App) -> Answer {
    let book = app.book();
    let origin = incoming.base_url();
    let clients = book.clients.values().map(|client| ClientRow {
        id: &client.id,
        name: &client.name,
        settings: settings(&app.config, client, &origin),
    });
    let page = start_page(&StartPage {
        origin: &origin,
        base: &incoming.base,
        clients: clients.collect(),
        personas: book.personas.iter().count(),
        flavour: app.config.flavour.name(),
    });
    page.unwrap_or_else(|failure| page::failure(&failure))
}

/// `GET _mock/`: the transactions, newest first; those that the journal's conditions let through and that hold the words
/// of `?q=`.
pub(super) fn list(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let (book, now) = (ask.app.book(), ask.app.clock.now());
    let query = ask.query.filled();
    let filter = Filter::read(&query, &ask.app.protocols).map_err(AdminError::bad)?;
    let outcome = outcome(&query)?;
    let search = query.value("q").unwrap_or_default();
    let found = ask.app.journal.transactions(&filter);
    let views = found.iter().filter_map(|whole| {
        let began = whole.first()?.at;
        let view = grouping::transaction(whole, ask.mask(&book))?;
        let fits = view.holds(search) && outcome.is_none_or(|outcome| view.outcome == outcome);
        fits.then_some((view, began))
    });
    let views: Vec<_> = views.collect();
    let all = ask.app.journal.transactions(&Filter::default());
    let place = Place { first: (page_number(ask)? - 1) * CARDS, of: views.len() };
    let cards = views.into_iter().skip(place.first).take(CARDS);
    let page = TransactionsPage {
        base: &ask.incoming.base,
        origin: &ask.incoming.base_url(),
        search,
        query: &query,
        choices: if all.is_empty() { Vec::new() } else { choices(&all, &query) },
        came: !all.is_empty(),
        cards: &cards.map(|(view, began)| Card::new(view, began, now)).collect::<Vec<_>>(),
        place,
        refresh: refresh(ask, true),
        armed: ask.app.faults.armed().iter().map(|armed| armed.fault.id).collect(),
        queued: ask.app.logins.waiting().len(),
        reloads: ask.app.journal.notices.all().iter().rev().take(RELOADS).map(ReloadRow::new).collect(),
    };
    Ok(transactions(&page).unwrap_or_else(|failure| page::failure(&failure)))
}

/// The outcome that is asked for.
fn outcome(query: &Pairs) -> Result<Option<&str>, AdminError> {
    let Some(asked) = query.value("outcome").filter(|asked| !OUTCOMES.contains(asked)) else {
        return Ok(query.value("outcome"));
    };
    let near = meant(asked, OUTCOMES.into_iter());
    Err(AdminError::bad(format!("`outcome` is `{asked}`; there are {}{near}", OUTCOMES.join(", "))))
}

/// What the list can be narrowed down to: what there is in it, and what was chosen before.
fn choices(all: &[Vec<Arc<Exchange>>], query: &Pairs) -> Vec<Choice> {
    let exchanges = || all.iter().flatten();
    let broken = |exchange: &Arc<Exchange>| -> Vec<String> {
        let refusals = exchange.exam.verdicts.iter().filter_map(Verdict::refusal);
        refusals.map(|refusal| refusal.rule.id.to_owned()).collect()
    };
    let mut choices = [
        Choice::new("outcome", "Outcome", OUTCOMES.into_iter().map(str::to_owned)),
        Choice::new("client", "Client", exchanges().filter_map(|exchange| exchange.exam.client.clone())),
        Choice::new("event", "With a request to", exchanges().map(|exchange| exchange.event.name().to_owned())),
        Choice::new(
            "status",
            "With the status",
            exchanges().map(|exchange| exchange.answer.status.as_str().to_owned()),
        ),
        Choice::new("rule", "Broken rule", exchanges().flat_map(broken)),
    ];
    for choice in &mut choices {
        choice.choose(query.value(choice.name));
    }
    choices.into()
}

/// The number of the page that is asked for, from 1.
fn page_number(ask: &Ask<'_>) -> Result<usize, AdminError> {
    let Some(asked) = ask.query.value("page") else { return Ok(1) };
    let number = asked.parse().ok().filter(|number| (1..=1_000).contains(number));
    number.ok_or_else(|| AdminError::bad(format!("`page` is `{asked}`; a number from 1 is expected")))
}

/// `GET _mock/transactions/{number}.html`: one transaction; with `download=1` as a file that stands alone.
pub(super) fn transaction(
    ask: &Ask<'_>,
    summary: &TransactionView,
    (found, views): (&[Arc<Exchange>], &[ExchangeView]),
) -> Result<Answer, AdminError> {
    let download = ask.flag("download");
    let spans: Vec<_> = found.iter().map(|exchange| (exchange.began(), exchange.at)).collect();
    let comparable = |exchange: &Arc<Exchange>| compare::names(&compare::signed(exchange));
    let steps = views.iter().zip(bars(&spans)).zip(found);
    let page = TransactionPage {
        base: &ask.incoming.base,
        summary,
        steps: steps.map(|((view, bar), exchange)| Sight::new(view, bar, comparable(exchange))).collect(),
        refresh: if download { None } else { refresh(ask, summary.outcome == UNDER_WAY) },
        personal: ask.flag("personal"),
        standalone: download,
    };
    let answer = transaction_page(&page).unwrap_or_else(|failure| page::failure(&failure));
    if !download {
        return Ok(answer);
    }
    let name = format!("attachment; filename=\"myinfo-transaction-{}.html\"", summary.number);
    let name = HeaderValue::try_from(name).map_err(|_| AdminError::bad("no name for the file"))?;
    Ok(answer.with_header(header::CONTENT_DISPOSITION, name))
}

/// Whether a page loads itself again: where something can still come, unless `refresh` says otherwise.
fn refresh(ask: &Ask<'_>, more_to_come: bool) -> Option<u32> {
    let wanted = ask.query.value("refresh").map_or(more_to_come, |value| value != "0");
    wanted.then_some(REFRESH_SECONDS)
}
