//! What of clients and personas a configuration that was read again has otherwise, and the book with that.

use crate::book::Book;
use crate::config::sources::Sources;
use crate::persona::Persona;
use std::collections::BTreeSet;

/// The clients and personas that are new, gone or changed, by their ids.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct BookChanges {
    clients: Vec<(String, Kind)>,
    personas: Vec<(String, Kind)>,
}

/// What became of one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    New,
    Changed,
    Gone,
}

impl Kind {
    /// By whether it was there, whether it is there, and whether the two are the same.
    const fn of(was: bool, is: bool, same: bool) -> Option<Self> {
        match (was, is) {
            (false, true) => Some(Self::New),
            (true, false) => Some(Self::Gone),
            (true, true) if !same => Some(Self::Changed),
            (true, true) | (false, false) => None,
        }
    }

    const fn says(self) -> &'static str {
        match self {
            Self::New => "is new",
            Self::Changed => "changed",
            Self::Gone => "is gone",
        }
    }
}

impl BookChanges {
    /// From what one configuration makes of a realm to what another does.
    pub(crate) fn between((old, before): (&Book, &Sources), (new, after): (&Book, &Sources)) -> Self {
        let ids: BTreeSet<&String> = old.clients.keys().chain(new.clients.keys()).collect();
        let clients = ids.into_iter().filter_map(|id| {
            let (was, is) = (old.clients.get(id), new.clients.get(id));
            // every setting of a client that no table names is built in; the command line adds redirect URIs
            let same = before.client(id) == after.client(id)
                && was.map(|client| &client.redirect_uris) == is.map(|client| &client.redirect_uris);
            Some((id.clone(), Kind::of(was.is_some(), is.is_some(), same)?))
        });
        let ids: BTreeSet<&String> =
            old.personas.iter().chain(new.personas.iter()).map(|persona| &persona.id).collect();
        let personas = ids.into_iter().filter_map(|id| {
            let (was, is) = (exactly(old, id), exactly(new, id));
            Some((id.clone(), Kind::of(was.is_some(), is.is_some(), was == is)?))
        });
        Self { clients: clients.collect(), personas: personas.collect() }
    }

    /// A book with what is new and changed out of another, and without what is gone. The rest of it stays.
    pub(crate) fn applied(&self, book: &Book, new: &Book) -> Book {
        let (mut clients, mut personas) = (book.clients.clone(), book.personas.clone());
        for (id, _) in &self.clients {
            clients.remove(id);
            clients.extend(new.clients.get(id).map(|client| (id.clone(), client.clone())));
        }
        for (id, _) in &self.personas {
            personas.remove(id);
            exactly(new, id).cloned().into_iter().for_each(|persona| personas.put(persona));
        }
        Book::new(clients, personas, book.edition + 1)
    }

    /// A line for each.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |what: &str, (id, kind): &(String, Kind)| format!("{what} {id} {}", kind.says());
        let clients = self.clients.iter().map(|change| line("the client", change));
        clients.chain(self.personas.iter().map(|change| line("the persona", change))).collect()
    }
}

fn exactly<'b>(book: &'b Book, id: &str) -> Option<&'b Persona> {
    book.personas.iter().find(|persona| persona.id == id)
}
