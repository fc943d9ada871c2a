//! The pages of the journal: the list of transactions, one transaction, and the start page.

use super::request::{AdminError, Ask};
use crate::app::App;
use crate::http::exchange::{Answer, Incoming};
use crate::journal::filter::Filter;
use crate::journal::transaction::{self as grouping, TransactionView, UNDER_WAY};
use crate::journal::view::ExchangeView;
use crate::page::{self, ClientRow, ReloadRow, Sight, StartPage, TransactionPage, TransactionsPage};
use warp::http::{HeaderValue, header};

/// After how many seconds a page loads itself again.
const REFRESH_SECONDS: u32 = 3;
/// How many configurations that were read again the list of transactions tells.
const RELOADS: usize = 3;

/// `GET /`: what this is, and how to point a connector at it.
pub(super) fn start(incoming: &Incoming, app: &App) -> Answer {
    let book = app.book();
    let clients = book.clients.values().map(|client| ClientRow {
        id: &client.id,
        name: &client.name,
        redirect_uris: client.redirect_uris.join(" "),
    });
    let page = page::start(&StartPage {
        origin: &incoming.base_url(),
        base: &incoming.base,
        clients: clients.collect(),
        personas: book.personas.iter().count(),
        flavour: app.config.flavour.name(),
    });
    page.unwrap_or_else(|failure| page::failure(&failure))
}

/// `GET _mock/`: the transactions, newest first.
pub(super) fn list(ask: &Ask<'_>) -> Result<Answer, AdminError> {
    let book = ask.app.book();
    let found = ask.app.journal.transactions(&Filter::default());
    let views = found.iter().filter_map(|whole| grouping::transaction(whole, ask.mask(&book)));
    let transactions: Vec<TransactionView> = views.collect();
    let page = TransactionsPage {
        base: &ask.incoming.base,
        origin: &ask.incoming.base_url(),
        transactions: &transactions,
        refresh: refresh(ask, true),
        armed: ask.app.faults.armed().iter().map(|armed| armed.fault.id).collect(),
        queued: ask.app.logins.waiting().len(),
        reloads: ask.app.journal.notices.all().iter().rev().take(RELOADS).map(ReloadRow::new).collect(),
    };
    Ok(page::transactions(&page).unwrap_or_else(|failure| page::failure(&failure)))
}

/// `GET _mock/transactions/{number}.html`: one transaction; with `download=1` as a file that stands alone.
pub(super) fn transaction(
    ask: &Ask<'_>,
    summary: &TransactionView,
    exchanges: &[ExchangeView],
) -> Result<Answer, AdminError> {
    let download = ask.flag("download");
    let page = TransactionPage {
        base: &ask.incoming.base,
        summary,
        steps: exchanges.iter().map(Sight::new).collect(),
        refresh: if download { None } else { refresh(ask, summary.outcome == UNDER_WAY) },
        personal: ask.flag("personal"),
        standalone: download,
    };
    let answer = page::transaction(&page).unwrap_or_else(|failure| page::failure(&failure));
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
