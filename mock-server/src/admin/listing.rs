//! The journal read a few exchanges at a time: a list is never in memory as a whole, however slowly it is read.

use super::request::{AdminError, Ask};
use crate::app::App;
use crate::journal::filter::Filter;
use crate::journal::mask::Mask;
use crate::journal::{CLOSED, Exchange};
use bytes::Bytes;
use futures_util::stream;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::watch;
use warp::http::{HeaderValue, header};
use warp::reply::{Reply, Response};

/// How many exchanges are read at once.
const PAGE: usize = 8;

/// How a list is written.
pub(super) struct Form {
    pub(super) content_type: &'static str,
    /// What stands before the first exchange.
    pub(super) opening: String,
    pub(super) item: fn(&Exchange, Mask<'_>) -> Option<String>,
    pub(super) separator: &'static str,
    /// What stands behind the last exchange; it is told whether there are more than were asked for.
    pub(super) closing: fn(bool) -> String,
}

/// Exchanges that are read from the journal.
struct Reading {
    app: Arc<App>,
    filter: Filter,
    personal: bool,
    /// How many more are wanted.
    left: usize,
    ready: VecDeque<Arc<Exchange>>,
}

impl Reading {
    fn new(ask: &Ask<'_>, left: usize) -> Result<Self, AdminError> {
        let filter = Filter::read(&ask.query, &ask.app.protocols).map_err(AdminError::bad)?;
        Ok(Self { app: Arc::clone(ask.app), filter, personal: ask.flag("personal"), left, ready: VecDeque::new() })
    }

    /// The next exchange as text, if there is one.
    fn next(&mut self, item: fn(&Exchange, Mask<'_>) -> Option<String>) -> Option<String> {
        loop {
            if self.ready.is_empty() {
                self.ready.extend(self.app.journal.page(&self.filter, PAGE.min(self.left)));
            }
            let exchange = self.ready.pop_front()?;
            self.filter.after = exchange.number;
            self.left -= 1;
            let book = self.app.book();
            let mask = Mask { book: &book, protocols: &self.app.protocols, personal: self.personal };
            if let Some(text) = item(&exchange, mask) {
                return Some(text);
            }
        }
    }

    /// Waits for what is still searched for in what will be read.
    async fn settled(&self) {
        self.app.journal.settled(self.filter.until.unwrap_or(u64::MAX)).await;
    }

    fn has_more(&self) -> bool {
        !self.app.journal.page(&self.filter, 1).is_empty()
    }
}

/// The exchanges that are there, or the first so many of them.
pub(super) fn list(ask: &Ask<'_>, form: Form) -> Result<Response, AdminError> {
    enum Step {
        Opening,
        Item(&'static str),
        Done,
    }
    let mut reading = Reading::new(ask, limit(ask)?)?;
    // what comes while the list is read is not waited for
    reading.filter.until = Some(ask.app.journal.span().0);
    let content_type = form.content_type;
    let pieces = stream::unfold((reading, form, Step::Opening), |(mut reading, form, step)| async move {
        let (piece, next) = match step {
            Step::Opening => {
                reading.settled().await;
                (form.opening.clone(), Step::Item(""))
            }
            Step::Item(separator) => match reading.next(form.item) {
                Some(item) => (format!("{separator}{item}"), Step::Item(form.separator)),
                None => ((form.closing)(reading.has_more()), Step::Done),
            },
            Step::Done => return None,
        };
        Some((Ok::<_, Infallible>(Bytes::from(piece)), (reading, form, next)))
    });
    Ok(answer(warp::reply::stream(pieces), content_type))
}

/// A line for each exchange, those that are there and those that come, until the client goes.
pub(super) fn follow(
    ask: &Ask<'_>,
    content_type: &'static str,
    line: fn(&Exchange, Mask<'_>) -> Option<String>,
) -> Result<Response, AdminError> {
    let reading = Reading::new(ask, limit(ask)?)?;
    let newest = ask.app.journal.follow();
    let lines = stream::unfold((reading, newest), move |(mut reading, mut newest)| async move {
        loop {
            if reading.left == 0 {
                return None;
            }
            // marked as seen before it is read: what comes in between is told again, and read then
            let seen = *newest.borrow_and_update();
            reading.app.journal.settled(seen).await;
            if let Some(line) = reading.next(line) {
                return Some((Ok::<_, Infallible>(Bytes::from(format!("{line}\n"))), (reading, newest)));
            }
            wait(&mut reading, &mut newest, seen).await?;
        }
    });
    Ok(answer(warp::reply::stream(lines), content_type))
}

/// Waits for another exchange; nothing when no more will come.
async fn wait(reading: &mut Reading, newest: &mut watch::Receiver<u64>, seen: u64) -> Option<()> {
    if seen == CLOSED {
        return None;
    }
    // none of these was wanted
    reading.filter.after = reading.filter.after.max(seen);
    newest.changed().await.ok()
}

/// How many exchanges are wanted: all of them, unless `limit` says otherwise.
pub(super) fn limit(ask: &Ask<'_>) -> Result<usize, AdminError> {
    let Some(text) = ask.query.value("limit") else { return Ok(usize::MAX) };
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| AdminError::bad(format!("`limit` is `{text}`; a number from 1 is expected")))
}

fn answer(body: impl Reply, content_type: &'static str) -> Response {
    let mut response = body.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
