//! The state of one realm: configuration, clock, chance, keys, clients and personas, and what is remembered between requests.

use crate::ambient::{Clock, Entropy, RealmClock};
use crate::book::Book;
use crate::book_changes::BookChanges;
use crate::config::{ClientRegistration, Config};
use crate::fault::board::FaultBoard;
use crate::generation::Generation;
use crate::jose::jws::SigningKey;
use crate::jose::nested::Documents;
use crate::journal::Journal;
use crate::login::Transaction;
use crate::login::outcome::{Nobody, auto_logins_of_nobody};
use crate::logins::LoginQueue;
use crate::parts::Parts;
use crate::persona::catalogue::Catalogue;
use crate::persona::{Personas, dates};
use crate::protocol::Protocols;
use crate::rule::replay::NonceCache;
use crate::searches::Searches;
use crate::store::ExpiringMap;
use anyhow::Context as _;
use std::any::Any;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// Everything a handler may use.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) protocols: Protocols,
    pub(crate) config: Config,
    pub(crate) clock: Arc<RealmClock>,
    pub(crate) entropy: Arc<Entropy>,
    pub(crate) catalogue: Catalogue,
    pub(crate) signing: SigningKey,
    pub(crate) documents: Documents,
    pub(crate) journal: Arc<Journal>,
    /// The searches of the whole server.
    pub(crate) searches: Arc<Searches>,
    pub(crate) faults: Arc<FaultBoard>,
    pub(crate) logins: Arc<LoginQueue>,
    /// Whether a diagnosis may take seconds: nobody waits for an answer.
    pub(crate) thorough: bool,
    book: Arc<RwLock<Arc<Book>>>,
    /// What the realm began with.
    first_book: Arc<Book>,
    memory: Arc<Mutex<Memory>>,
}

/// What is remembered between requests.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) transactions: ExpiringMap<String, Transaction>,
    pub(crate) nonces: Arc<NonceCache>,
    /// Which life of the realm this is the memory of.
    pub(crate) generation: Generation,
    /// What each profile remembers, by its type.
    profiles: Parts,
}

/// How many logins may be under way at once; beyond that the oldest is dropped.
const TRANSACTIONS: usize = 10_000;

impl Memory {
    fn new(generation: Generation) -> Self {
        Self {
            transactions: ExpiringMap::new("transactions", TRANSACTIONS),
            nonces: Arc::new(NonceCache::new()),
            generation,
            profiles: Parts::default(),
        }
    }

    /// What a profile remembers in a type of its own.
    pub(crate) fn of<T: Any + Send + Default>(&mut self) -> &mut T {
        self.profiles.of()
    }
}

impl App {
    pub(crate) fn new(protocols: Protocols, config: Config, clock: Clock, entropy: Entropy) -> anyhow::Result<Self> {
        let clock = Arc::new(RealmClock::new(clock));
        let catalogue = Catalogue::load().context("the embedded attribute catalogue")?;
        let mut personas = Personas::built_in()?;
        if let Some(directory) = &config.personas {
            personas = personas.with_directory(directory, &catalogue, dates::singapore_day(clock.now()))?;
        }
        let memory = Memory::new(Generation::of_server());
        let signing = SigningKey::new(&config.service.rsa.private)?;
        let book = Arc::new(Book::new(config.clients.clone(), personas, 0));
        Ok(Self {
            protocols,
            clock,
            entropy: Arc::new(entropy),
            catalogue,
            signing,
            documents: Documents::new(),
            journal: Arc::new(Journal::new(config.journal_exchanges)),
            searches: Arc::default(),
            faults: Arc::default(),
            logins: Arc::default(),
            thorough: false,
            first_book: Arc::clone(&book),
            book: Arc::new(RwLock::new(book)),
            memory: Arc::new(Mutex::new(memory)),
            config,
        })
    }

    /// Refuses to start with an automatic login of somebody who does not exist; names every one.
    pub(crate) fn check_auto_logins(&self) -> anyhow::Result<()> {
        let told = |Nobody { whose, key, hint }: Nobody| match self.config.sources.place_in_file(&key) {
            Some(place) => format!("{place}: `{key}`: {hint}"),
            None => format!("auto-login of {whose}: {hint}"),
        };
        let book = self.book();
        let problems: Vec<String> = auto_logins_of_nobody(&self.config, &book).into_iter().map(told).collect();
        if problems.is_empty() { Ok(()) } else { Err(anyhow::anyhow!(problems.join("\n  "))) }
    }

    /// What is odd about a client at this moment.
    pub(crate) fn warnings_of(&self, client: &ClientRegistration) -> Vec<String> {
        let now = self.clock.now();
        self.protocols.sections().iter().flat_map(|section| (section.warnings)(client, now)).collect()
    }

    /// The same of every client that is registered.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.book().clients.values().flat_map(|client| self.warnings_of(client)).collect()
    }

    /// Writes into the log what is odd.
    pub(crate) fn with_warnings_told(self) -> Self {
        self.warnings().iter().for_each(|warning| tracing::warn!("{warning}"));
        self
    }

    /// The clients and personas of this moment.
    pub(crate) fn book(&self) -> Arc<Book> {
        Arc::clone(&self.book.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the book with a changed one; nothing happens where `change` fails.
    pub(crate) fn change_book<E>(&self, change: impl FnOnce(&Book) -> Result<Book, E>) -> Result<(), E> {
        let mut book = self.book.write().unwrap_or_else(PoisonError::into_inner);
        *book = Arc::new(change(&book)?);
        Ok(())
    }

    /// What is remembered; hold it briefly.
    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The nonces that were used, out of the lock of the rest: to examine takes long.
    pub(crate) fn nonces(&self) -> Arc<NonceCache> {
        Arc::clone(&self.memory().nonces)
    }

    /// The same realm under another configuration: what happened stays, and what the admin API changed of clients and
    /// personas, too. Also what of the two is another.
    pub(crate) fn under(&self, config: Config) -> anyhow::Result<(Self, BookChanges)> {
        let fresh = Self::new(self.protocols.clone(), config, self.clock.base(), Entropy::seeded(0))?;
        fresh.check_auto_logins()?;
        let changes =
            BookChanges::between((&self.first_book, &self.config.sources), (&fresh.first_book, &fresh.config.sources));
        let next = Self {
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            journal: Arc::clone(&self.journal),
            searches: Arc::clone(&self.searches),
            faults: Arc::clone(&self.faults),
            logins: Arc::clone(&self.logins),
            book: Arc::clone(&self.book),
            memory: Arc::clone(&self.memory),
            ..fresh
        };
        next.change_book(|book| Ok::<_, Infallible>(changes.applied(book, &next.first_book)))?;
        Ok((next, changes))
    }

    /// Takes the present clients and personas as what the realm began with.
    pub(crate) fn settle(&mut self) {
        self.first_book = self.book();
    }

    /// Begins as a realm of this name, after `lives` of realms that had it before: their tokens are none of this one's.
    pub(crate) fn begin(&self, name: &str, lives: u64) {
        self.memory().generation = Generation::of_realm(name, lives, self.clock.now());
    }

    /// Forgets everything that happened: clients and personas are those that the realm began with, the clock is the
    /// machine's, no fault is armed, no login waits, and tokens given out before are good no longer.
    pub(crate) fn reset(&self) {
        self.clock.reset();
        let mut memory = self.memory();
        *memory = Memory::new(memory.generation.reset(self.clock.now()));
        drop(memory);
        let mut book = self.book.write().unwrap_or_else(PoisonError::into_inner);
        let first = &self.first_book;
        *book = Arc::new(Book::new(first.clients.clone(), first.personas.clone(), book.edition + 1));
        drop(book);
        self.journal.clear();
        self.faults.disarm_all();
        self.logins.clear();
    }
}
