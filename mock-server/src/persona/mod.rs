//! The personas: the built-in ones and a directory of one's own, found by id or name.

pub(crate) mod account;
pub(crate) mod catalogue;
pub(crate) mod check;
pub(crate) mod dates;
pub(crate) mod difference;
mod document;
mod duplicate_keys;
mod finding;
pub(crate) mod lines;
mod of_age;
mod plausible;
pub(crate) mod properties;
pub(crate) mod search;
pub(crate) mod selection;
pub(crate) mod uinfin;

use crate::persona::account::{Account, needless};
use crate::persona::catalogue::Catalogue;
use crate::persona::document::{Document, taken_out};
use crate::persona::search::Search;
use crate::text::meant;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use time::Date;

/// A synthetic resident.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Persona {
    /// NRIC or FIN.
    pub(crate) id: String,
    pub(crate) name: String,
    /// What makes this persona interesting, in one sentence; may be empty.
    pub(crate) why: String,
    pub(crate) group: Group,
    /// With what kind of account the persona logs in.
    pub(crate) account: Account,
    document: Document,
    has_relative_dates: bool,
    /// How long its text was.
    pub(crate) bytes: usize,
}

/// Where a persona comes from; also the heading under which the login page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    Own,
    Coverage,
    Published,
    Edge,
    Accounts,
}

impl Group {
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Own => "Your own personas",
            Self::Coverage => "Published test personas that cover most situations",
            Self::Published => "More published test personas",
            Self::Edge => "Edge cases that nobody publishes",
            Self::Accounts => "Accounts without Myinfo data",
        }
    }
}

impl Persona {
    /// The person document on a day, relative dates resolved.
    pub(crate) fn person(&self, today: Date) -> Cow<'_, Map<String, Value>> {
        if self.has_relative_dates {
            Cow::Owned(dates::resolve_all(self.document.get(), today))
        } else {
            Cow::Borrowed(self.document.get())
        }
    }

    /// The document as it is sent on a day: less of the children who are of age by then.
    pub(crate) fn sent(&self, today: Date) -> Cow<'_, Map<String, Value>> {
        of_age::hidden(self.person(today), today)
    }

    /// The document as it was written, relative dates unresolved.
    pub(crate) fn written(&self) -> &Map<String, Value> {
        self.document.get()
    }

    /// A persona of the program's own; the document is read again when it is wanted.
    fn embedded(text: &'static str, group: Group) -> Result<Self, String> {
        let (read, _) = Self::read(text, group)?;
        Ok(Self { document: Document::embedded(text), ..read })
    }

    /// A persona out of the text of its file, and what is odd about the account there.
    fn read(text: &str, group: Group) -> Result<(Self, Option<String>), String> {
        let value: Value = serde_json::from_str(text).map_err(|error| format!("no valid JSON: {error}"))?;
        let Value::Object(mut file) = value else {
            return Err("no JSON object".to_owned());
        };
        let wrapped = file.get("person").is_some_and(Value::is_object);
        no_misspelt_account(&file)?;
        let written = file.shift_remove("account");
        let account = written.as_ref().map_or(Ok(Account::Standard), Account::read)?;
        let text_of = |name: &str| file.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (why, declared) = if wrapped { (text_of("why"), text_of("id")) } else { <_>::default() };
        let person = taken_out(file);
        let value_of = |item: &str| person.get(item).and_then(|item| item.get("value")).and_then(Value::as_str);
        let id = value_of("uinfin").ok_or("the person has no `uinfin` with a `value`")?.to_owned();
        if !declared.is_empty() && declared != id {
            return Err(format!("`id` is {declared}, but `uinfin` is {id}"));
        }
        let persona = Self {
            name: value_of("name").unwrap_or_default().to_owned(),
            bytes: text.len(),
            has_relative_dates: person.values().any(dates::has_relative),
            id,
            why,
            group,
            account,
            document: Document::held(person),
        };
        Ok((persona, written.as_ref().and_then(needless)))
    }
}

/// No member beside `person` was meant to be `account`: the others may have any name. In a document that stands alone, every
/// attribute is checked.
pub(crate) fn no_misspelt_account(file: &Map<String, Value>) -> Result<(), String> {
    let is_odd = |name: &&String| *name != "account" && !meant(name, ["account"].into_iter()).is_empty();
    match file.keys().find(is_odd) {
        Some(odd) if file.contains_key("person") => {
            Err(format!("a persona has no member `{odd}`; did you mean `account`?"))
        }
        Some(_) | None => Ok(()),
    }
}

/// All personas of a realm. They are shared: every realm, and every change of one, has a list of its own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Personas(Vec<Arc<Persona>>);

/// The built-in personas, read once in a process: they are constants.
static BUILT_IN: OnceLock<Personas> = OnceLock::new();

/// Why a directory of personas cannot be used: every mistake in every file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the personas cannot be used:\n  {}", .0.join("\n  "))]
pub(crate) struct PersonasError(pub(crate) Vec<String>);

impl Personas {
    /// The 54 personas of the fixtures.
    pub(crate) fn built_in() -> Result<Self, PersonasError> {
        if let Some(known) = BUILT_IN.get() {
            return Ok(known.clone());
        }
        let read = Self::read_built_in()?;
        Ok(BUILT_IN.get_or_init(|| read).clone())
    }

    fn read_built_in() -> Result<Self, PersonasError> {
        use myinfo_fixtures::persona::{ACCOUNTS, COVERAGE_GROUP, EDGE, PUBLISHED};
        let groups = (0..).map(|place| if place < COVERAGE_GROUP { Group::Coverage } else { Group::Published });
        let published = PUBLISHED.iter().zip(groups);
        let edge = EDGE.iter().map(|file| (file, Group::Edge));
        let accounts = ACCOUNTS.iter().map(|file| (file, Group::Accounts));
        published
            .chain(edge)
            .chain(accounts)
            .map(|(file, group)| {
                Persona::embedded(file.json, group)
                    .map(Arc::new)
                    .map_err(|error| PersonasError(vec![format!("{}: {error}", file.id)]))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Lays the persona files of a directory over or beside these. A file with an error refuses the whole directory.
    pub(crate) fn with_directory(
        mut self,
        directory: &Path,
        catalogue: &Catalogue,
        today: Date,
    ) -> Result<Self, PersonasError> {
        let mut problems = Vec::new();
        for path in persona_files(directory)
            .map_err(|error| PersonasError(vec![format!("{}: {error}", directory.display())]))?
        {
            match read_file(&path, catalogue, today) {
                Ok((persona, findings)) => {
                    for finding in findings {
                        let file = uinfin::mask_all(&path.display().to_string());
                        tracing::warn!(file, "{}", uinfin::mask_all(&finding.to_string()));
                    }
                    self.put(persona);
                }
                Err(found) => {
                    problems.extend(found.into_iter().map(|problem| format!("{}: {problem}", path.display())))
                }
            }
        }
        if problems.is_empty() { Ok(self) } else { Err(PersonasError(problems)) }
    }

    /// Adds a persona, or replaces the one with the same id.
    pub(crate) fn put(&mut self, persona: Persona) {
        self.0.retain(|known| known.id != persona.id);
        let place = self.0.iter().position(|known| known.group > persona.group).unwrap_or(self.0.len());
        self.0.insert(place, Arc::new(persona));
    }

    /// How many bytes of text the personas have together that are not built in, but for one.
    pub(crate) fn own_bytes(&self, but: &str) -> usize {
        let own = self.iter().filter(|persona| persona.group == Group::Own && persona.id != but);
        own.map(|persona| persona.bytes).sum()
    }

    /// Takes a persona out.
    pub(crate) fn remove(&mut self, id: &str) {
        self.0.retain(|persona| persona.id != id);
    }

    /// The persona with this id (any case) or this exact name (any case).
    pub(crate) fn find(&self, wanted: &str) -> Option<&Persona> {
        self.iter()
            .find(|persona| persona.id.eq_ignore_ascii_case(wanted))
            .or_else(|| self.iter().find(|persona| persona.name.to_lowercase() == wanted.to_lowercase()))
    }

    /// The same, or what to say where there is none.
    pub(crate) fn named(&self, wanted: &str) -> Result<&Persona, String> {
        self.find(wanted).ok_or_else(|| {
            let known = self.iter().flat_map(|persona| [persona.id.as_str(), persona.name.as_str()]);
            format!("no persona has the id or name `{wanted}`{}", meant(wanted, known))
        })
    }

    /// The personas whom the words of `typed` mean on a day; all for an empty text.
    pub(crate) fn search<'a>(&'a self, typed: &str, today: Date) -> impl Iterator<Item = &'a Persona> + use<'a> {
        let search = Search::read(typed);
        self.iter().filter(move |persona| search.finds(persona, today))
    }

    /// Every persona, in the order of the login page.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Persona> {
        self.0.iter().map(|persona| &**persona)
    }
}

/// Reads and checks one persona file; warnings come with the persona, errors instead of it.
pub(crate) fn read_file(
    path: &Path,
    catalogue: &Catalogue,
    today: Date,
) -> Result<(Persona, Vec<check::Finding>), Vec<String>> {
    // a pipe or device would be waited for, perhaps for ever
    if std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(vec!["is no regular file".to_owned()]);
    }
    let bytes = std::fs::read(path).map_err(|error| vec![format!("cannot be read: {error}")])?;
    if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
        return Err(vec!["starts with a byte-order mark: save it as UTF-8 without one".to_owned()]);
    }
    let text = String::from_utf8(bytes).map_err(|_| vec!["is not UTF-8 text".to_owned()])?;
    read_text(&text, catalogue, today, &[])
}

/// Reads and checks the text of a persona file. Errors that are `known` already do not count.
pub(crate) fn read_text(
    text: &str,
    catalogue: &Catalogue,
    today: Date,
    known: &[check::Finding],
) -> Result<(Persona, Vec<check::Finding>), Vec<String>> {
    duplicate_keys::no_duplicate_keys(text).map_err(|key| vec![format!("has the key `{key}` twice in one object")])?;
    let (persona, odd_account) = Persona::read(text, Group::Own).map_err(|error| vec![error])?;
    let mut findings = check::check(&persona.person(today), catalogue, today);
    findings.extend(odd_account.map(|message| check::Finding::warning("account", message)));
    let is_new_error = |finding: &&check::Finding| finding.level == check::Level::Error && !known.contains(finding);
    let errors: Vec<String> = findings.iter().filter(is_new_error).map(ToString::to_string).collect();
    if errors.is_empty() { Ok((persona, findings)) } else { Err(errors) }
}

fn persona_files(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Date {
        dates::parse_day("2026-11-21").unwrap()
    }

    #[test]
    fn a_persona_is_found_by_id_and_by_name_in_any_case() {
        let personas = Personas::built_in().unwrap();
        assert_eq!(personas.iter().count(), 54);
        assert_eq!(personas.find("s6005048a").unwrap().name, "ANDY LAU");
        assert_eq!(personas.find("Andy Lau").unwrap().id, "S6005048A");
        assert!(personas.find("nobody").is_none());
    }

    #[test]
    fn a_built_in_document_is_read_when_it_is_wanted_and_says_what_its_file_does() {
        for file in [&myinfo_fixtures::persona::PUBLISHED[0], &myinfo_fixtures::persona::EDGE[0]] {
            let (read, _) = Persona::read(file.json, Group::Edge).unwrap();
            let embedded = Persona::embedded(file.json, Group::Edge).unwrap();
            assert_ne!(read, embedded, "nothing was read yet");
            assert_eq!(read.written(), embedded.written());
        }
    }

    #[test]
    fn the_search_wants_every_word() {
        let personas = Personas::built_in().unwrap();
        let found: Vec<&str> = personas.search("widow house", today()).map(|persona| persona.id.as_str()).collect();
        assert!(found.contains(&"S9912370B"), "{found:?}");
        assert!(!found.contains(&"S6005048A"));
    }

    #[test]
    fn an_own_file_replaces_a_built_in_persona_and_a_wrong_one_refuses_the_directory() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let item = |value: &str| {
            format!(r#"{{"classification":"C","source":"1","lastupdated":"2026-01-01","value":"{value}"}}"#)
        };
        file("andy.json", &format!(r#"{{"uinfin":{},"name":{}}}"#, item("S6005048A"), item("ANDY LAU THE SECOND")));
        let catalogue = Catalogue::load().unwrap();
        let read = || Personas::built_in().unwrap().with_directory(folder.path(), &catalogue, today());
        let personas = read().unwrap();
        assert_eq!(personas.find("S6005048A").unwrap().name, "ANDY LAU THE SECOND");
        assert_eq!(personas.iter().count(), 54);
        file("broken.json", &format!(r#"{{"uinfin":{},"nmae":{}}}"#, item("S0000001I"), item("X")));
        let PersonasError(problems) = read().unwrap_err();
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("did you mean `name`"), "{problems:?}");
    }
}
