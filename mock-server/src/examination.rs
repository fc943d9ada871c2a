//! The examination of one request: every rule with its verdict, and what else the journal should know.

use crate::ambient::Timestamp;
use crate::doctor::catalogue::Diagnosis;
use crate::refusal::{Failure, Refusal, Trouble};
use crate::rule::Rule;
use crate::searches::{Pending, UNDER_WAY};
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

/// What became of one rule.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The request keeps it.
    Kept(&'static Rule),
    /// The request breaks it.
    Broken(Box<Noted>),
    /// The request breaks it, and a fault made the server overlook that.
    Overlooked(Box<Noted>),
    /// It does not apply, and why.
    NotApplicable(&'static Rule, &'static str),
}

impl Verdict {
    /// The rule that it is about.
    pub(crate) fn rule(&self) -> &'static Rule {
        match self {
            Self::Kept(rule) | Self::NotApplicable(rule, _) => rule,
            Self::Broken(noted) | Self::Overlooked(noted) => noted.first.rule,
        }
    }

    /// What is wrong, where something is.
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        self.noted().map(Noted::complete)
    }

    /// The same, with what was known of it when.
    pub(crate) fn noted(&self) -> Option<&Noted> {
        match self {
            Self::Broken(noted) | Self::Overlooked(noted) => Some(noted),
            Self::Kept(_) | Self::NotApplicable(..) => None,
        }
    }
}

/// A refusal, and the same as a search completed it after the answer went out.
#[derive(Debug)]
pub(crate) struct Noted {
    pub(crate) first: Refusal,
    pub(crate) late: OnceLock<Refusal>,
}

impl Noted {
    pub(crate) fn new(first: Refusal) -> Self {
        Self { first, late: OnceLock::new() }
    }

    /// The refusal with all that was found out up to now.
    pub(crate) fn complete(&self) -> &Refusal {
        self.late.get().unwrap_or(&self.first)
    }
}

/// Something odd that breaks no rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) diagnosis: &'static Diagnosis,
    pub(crate) text: String,
}

/// By what the exchanges of one transaction are found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Link {
    /// A request that was pushed, by its URI.
    RequestUri(String),
    /// A login under way.
    Login(String),
    /// The state that a client sent.
    State { client: String, state: String },
    /// An authorisation code.
    Code(String),
    /// The `jti` of an access token.
    Token(String),
}

impl Link {
    /// How much memory it takes: here, and where the journal finds transactions by it.
    fn bytes(&self) -> usize {
        let text = match self {
            Self::RequestUri(text) | Self::Login(text) | Self::Code(text) | Self::Token(text) => text.capacity(),
            Self::State { client, state } => client.capacity() + state.capacity(),
        };
        2 * (size_of::<Self>() + text) + size_of::<(u64, u64)>()
    }
}

/// How many notes are kept of one request.
const NOTES: usize = 50;

/// Gathers verdicts while a request is examined. The first broken rule is what the wire tells.
#[derive(Debug, Default)]
pub(crate) struct Examination {
    /// The profile whose rules are examined.
    pub(crate) profile: &'static str,
    /// When the work on the request began, by the clock of the checks; nothing where there was hardly any.
    pub(crate) began: Option<Timestamp>,
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) notes: Vec<Note>,
    /// Whether the transaction has what it was for.
    pub(crate) completes: bool,
    /// How many more notes there were than are kept.
    pub(crate) more_notes: usize,
    /// Whether this exchange begins a transaction of its own.
    pub(crate) begins: bool,
    pub(crate) links: Vec<Link>,
    /// The client that the request names, if it is registered.
    pub(crate) client: Option<String>,
    /// The persona whose data were asked for, or who logged in.
    pub(crate) persona: Option<String>,
    /// The signed document inside the answer's JWE.
    pub(crate) document: Option<Arc<str>>,
    /// What broke inside the mock, if something did.
    pub(crate) failure: Option<Failure>,
    /// The faults that changed the answer.
    pub(crate) faults: Vec<&'static str>,
    /// The rules that armed faults make the server overlook, each with the client for which.
    pub(crate) oversights: Vec<(&'static str, Option<String>)>,
    /// The search that will complete one of the refusals.
    pub(crate) pending: Option<Pending>,
}

impl Examination {
    /// An examination in which these rules are overlooked. There is room for the verdicts of the longest list of rules.
    pub(crate) fn new(profile: &'static str, oversights: Vec<(&'static str, Option<String>)>) -> Self {
        Self { profile, oversights, verdicts: Vec::with_capacity(24), ..Self::default() }
    }

    /// Notes the verdict on `rule`; what a check found broken may be another rule, which the refusal then names.
    pub(crate) fn check<T>(&mut self, rule: &'static Rule, result: Result<T, Refusal>) -> Option<T> {
        match result {
            Ok(value) => {
                self.kept(rule);
                Some(value)
            }
            Err(refusal) => {
                self.broken(refusal);
                None
            }
        }
    }

    /// Notes that a rule is kept.
    pub(crate) fn kept(&mut self, rule: &'static Rule) {
        self.verdicts.push(Verdict::Kept(rule));
    }

    /// Notes why there is no answer: a broken rule, or a failure of the mock.
    pub(crate) fn trouble(&mut self, trouble: Trouble) {
        match trouble {
            Trouble::Refused(refusal) => self.broken(*refusal),
            Trouble::Failed(failure) => self.failed(failure),
        }
    }

    /// Notes that the mock failed; the first failure is the one that is told.
    pub(crate) fn failed(&mut self, failure: Failure) {
        tracing::error!(cause = failure.cause, "{}: please report this as a bug of the mock", failure.message);
        self.failure.get_or_insert(failure);
    }

    /// Notes a broken rule.
    pub(crate) fn broken(&mut self, refusal: Refusal) {
        let overlooked = self.overlooks(&refusal);
        let noted = Box::new(Noted::new(refusal));
        self.verdicts.push(if overlooked { Verdict::Overlooked(noted) } else { Verdict::Broken(noted) });
    }

    /// Adds to what is said of a rule that is broken; says nothing of one that is kept.
    pub(crate) fn explain(&mut self, rule: &'static Rule, why: &str) {
        for verdict in &mut self.verdicts {
            if let Verdict::Broken(noted) | Verdict::Overlooked(noted) = verdict
                && noted.first.rule == rule
            {
                noted.first.hint.push_str(why);
            }
        }
    }

    /// Notes a broken rule for whose reason is to be searched, when nobody waits for the answer any more.
    pub(crate) fn broken_and_searched(
        &mut self,
        refusal: Refusal,
        search: impl FnOnce() -> Refusal + Send + Sync + 'static,
    ) {
        self.pending = Some(Pending::new(refusal.rule, search));
        self.broken(refusal.explained(UNDER_WAY));
    }

    /// Searches at once: there is no answer to wait for.
    pub(crate) fn search_now(&mut self) {
        let Some(pending) = self.pending.take() else { return };
        let rule = pending.rule;
        let found = pending.run();
        let mut noted = self.verdicts.iter().filter_map(Verdict::noted);
        if let Some(noted) = noted.find(|noted| noted.first.rule.id == rule.id) {
            let _ = noted.late.set(found);
        }
    }

    /// Notes a broken rule that the server cannot overlook, whatever fault is armed: it could not go on.
    pub(crate) fn cannot_overlook(&mut self, refusal: Refusal) {
        self.verdicts.push(Verdict::Broken(Box::new(Noted::new(refusal))));
    }

    /// Whether a fault makes the server overlook this.
    pub(crate) fn overlooks(&self, refusal: &Refusal) -> bool {
        let here = |client: &Option<String>| client.is_none() || *client == self.client;
        self.oversights.iter().any(|(id, client)| *id == refusal.rule.id && here(client))
    }

    /// Notes that rules do not apply.
    pub(crate) fn not_applicable(&mut self, rules: &[&'static Rule], why: &'static str) {
        self.verdicts.extend(rules.iter().map(|rule| Verdict::NotApplicable(rule, why)));
    }

    /// Changes the texts of everything that was found wrong: to mask what must not be seen.
    pub(crate) fn mask(&mut self, change: impl Fn(&str) -> String) {
        for verdict in &mut self.verdicts {
            if let Verdict::Broken(noted) | Verdict::Overlooked(noted) = verdict {
                **noted = Noted::new(noted.complete().clone().map_texts(&change));
            }
        }
        self.notes.iter_mut().for_each(|note| note.text = change(&note.text));
    }

    /// What kept the server from answering: the first broken rule, or the first that it could not overlook after all.
    pub(crate) fn problem(&self) -> Option<&Refusal> {
        self.refusal().or_else(|| self.verdicts.iter().find_map(Verdict::refusal))
    }

    /// Notes each of many odd things; what is only counted is not explained.
    pub(crate) fn note_each<T>(
        &mut self,
        diagnosis: &'static Diagnosis,
        things: impl Iterator<Item = T>,
        explain: impl Fn(T) -> String,
    ) {
        for thing in things {
            if self.notes.len() < NOTES {
                self.note(diagnosis, explain(thing));
            } else {
                self.more_notes += 1;
            }
        }
    }

    /// Notes something odd that breaks no rule; of very many things only how many there are.
    pub(crate) fn note(&mut self, diagnosis: &'static Diagnosis, text: impl Into<String>) {
        if self.notes.len() < NOTES {
            self.notes.push(Note { diagnosis, text: text.into() });
        } else {
            self.more_notes += 1;
        }
    }

    /// The notes as they are told: behind those that are kept, how many more there were.
    pub(crate) fn told_notes(&self) -> impl Iterator<Item = (&'static Diagnosis, Cow<'_, str>)> {
        let more = self.notes.last().filter(|_| self.more_notes > 0);
        let more = more.map(|last| (last.diagnosis, format!("and {} more like these", self.more_notes).into()));
        self.notes.iter().map(|note| (note.diagnosis, note.text.as_str().into())).chain(more)
    }

    /// How much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        let verdicts = self.verdicts.iter().filter_map(Verdict::refusal).map(Refusal::bytes).sum::<usize>();
        let notes: usize = self.notes.iter().map(|note| note.text.capacity()).sum();
        let texts = [&self.client, &self.persona].into_iter().flatten().map(String::capacity).sum::<usize>();
        let oversights = self.oversights.iter().filter_map(|(_, client)| client.as_ref()).map(String::capacity);
        size_of::<Self>()
            + self.verdicts.capacity() * size_of::<Verdict>()
            + self.notes.capacity() * size_of::<Note>()
            + self.links.iter().map(Link::bytes).sum::<usize>()
            + self.faults.capacity() * size_of::<&str>()
            + self.oversights.capacity() * size_of::<(&str, Option<String>)>()
            + self.document.as_ref().map_or(0, |document| document.len())
            + self.failure.as_ref().map_or(0, |failure| failure.cause.capacity())
            + verdicts
            + notes
            + texts
            + oversights.sum::<usize>()
    }

    /// The broken rules that a fault made the server overlook.
    pub(crate) fn overlooked_rules(&self) -> impl Iterator<Item = &'static str> {
        self.verdicts.iter().filter_map(|verdict| match verdict {
            Verdict::Overlooked(noted) => Some(noted.first.rule.id),
            Verdict::Kept(_) | Verdict::Broken(_) | Verdict::NotApplicable(..) => None,
        })
    }

    /// Whether a rule is broken so far, or the mock failed.
    pub(crate) fn stopped(&self) -> bool {
        self.refused() || self.failure.is_some()
    }

    /// Whether a rule is broken so far.
    pub(crate) fn refused(&self) -> bool {
        self.refusal().is_some()
    }

    /// The first broken rule: the one that the wire tells.
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        self.verdicts.iter().find_map(|verdict| match verdict {
            Verdict::Broken(noted) => Some(noted.complete()),
            Verdict::Kept(_) | Verdict::Overlooked(_) | Verdict::NotApplicable(..) => None,
        })
    }
}
