//! What is wrong or unusual in a target file, line by line, before anything is started.

use super::target_file::{Remark, TargetFile};
use super::untouched::untouched;
use crate::masked::masked;
use crate::profile::ProfileId;
use crate::unread;
use anyhow::{Result, bail};
use regex::Regex;
use reqwest::Url;
use std::path::Path;
use toml::de::DeTable;

/// How grave a remark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// The file cannot be used.
    Wrong,
    /// It can, and perhaps not as it was meant.
    Unusual,
}

/// One remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line of the file, from 1.
    pub line: usize,
    /// How grave it is.
    pub weight: Weight,
    /// A sentence.
    pub says: String,
}

/// Reads a target file and says what is to be said of it, in the order of its lines.
///
/// # Errors
/// When it cannot be read.
pub fn lint(path: &Path) -> Result<Vec<Line>> {
    let mut lines = look(&unread::text_of("target", path)?).1;
    lines.sort_by_key(|line| line.line);
    Ok(lines)
}

/// Reads a target file that is to be used.
///
/// # Errors
/// When it cannot be read, or something in it is wrong: the first of it, and how much more there is.
pub(super) fn usable(path: &Path) -> Result<TargetFile> {
    let (target, lines) = look(&unread::text_of("target", path)?);
    let mut wrong = lines.into_iter().filter(|line| line.weight == Weight::Wrong);
    match (wrong.next(), target) {
        (None, Some(target)) => Ok(target),
        (first, _) => {
            let (line, says) = first.map(|first| (first.line, first.says)).unwrap_or_default();
            let file = path.display();
            let more = match wrong.count() {
                0 => String::new(),
                more => format!(" (myinfo-conformance app lint {file} tells {more} more)"),
            };
            bail!("the target {file} cannot be used, line {line}: {says}{more}")
        }
    }
}

/// The target, where there is one to be made of the text, and what is to be said of it: what could not be read comes first.
fn look(text: &str) -> (Option<TargetFile>, Vec<Line>) {
    let (target, mut lines) = parsed(text);
    if let Some(target) = &target {
        lines.extend(remarks(text, target));
    }
    (target, lines)
}

/// The target without the keys that there are not, so that one mistyped name hides no other mistake; and those keys.
fn parsed(text: &str) -> (Option<TargetFile>, Vec<Line>) {
    let (mut known, mut lines) = (text.to_owned(), Vec::new());
    loop {
        let error = match toml::from_str(&known) {
            Ok(target) => return (Some(target), lines),
            Err(error) => error,
        };
        let start = error.span().map_or(0, |span| span.start);
        let unknown = error.message().starts_with("unknown field");
        let says = masked(&unread::told(&known, &error));
        lines.push(Line { line: line_at(text, start), weight: Weight::Wrong, says });
        match without_line(&known, start).filter(|_| unknown) {
            Some(rest) => known = rest,
            None => return (None, lines),
        }
    }
}

/// The text with a line as a comment, all else at its place; nothing where the key does not begin the line, or is not all of it.
fn without_line(text: &str, start: usize) -> Option<String> {
    let (before, key) = text.split_at_checked(start)?;
    // without its header, a table's keys would be those of the table before
    let begins = before.rsplit('\n').next()?.trim().is_empty() && !key.starts_with(['[', '#']);
    let rest = format!("{before}#{}", key.get(1..)?);
    (begins && DeTable::parse(&rest).is_ok()).then_some(rest)
}

fn remarks(text: &str, target: &TargetFile) -> Vec<Line> {
    let table = DeTable::parse(text);
    let placed = |weight: Weight, remark: Remark| {
        let start = table.as_ref().ok().and_then(|table| place(table.get_ref(), &remark.key)).unwrap_or_default();
        Line { line: line_at(text, start), weight, says: masked(&remark.says) }
    };
    let wrong = target.wrong().into_iter().map(|remark| placed(Weight::Wrong, remark));
    let unusual = unusual(target).into_iter().map(|remark| placed(Weight::Unusual, remark));
    let untouched = untouched(text).into_iter().map(|(weight, remark)| placed(weight, remark));
    wrong.chain(unusual).chain(untouched).collect()
}

/// Where a key stands; of one that is not there, where its table begins.
pub(super) fn place(table: &DeTable<'_>, key: &[String]) -> Option<usize> {
    let (first, rest) = key.split_first()?;
    let (name, value) = table.iter().find(|(name, _)| name.get_ref() == first)?;
    let inner = value.get_ref().as_table().and_then(|inner| place(inner, rest));
    inner.or(Some(name.span().start))
}

fn line_at(text: &str, start: usize) -> usize {
    text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1
}

/// What can be used, and is perhaps not meant.
fn unusual(target: &TargetFile) -> Vec<Remark> {
    let mut remarks = Vec::new();
    remarks.extend(of_ports(target));
    remarks.extend(of_hosts(target));
    remarks.extend(of_values(target));
    remarks.extend(of_files(target));
    remarks.extend(of_patterns(target));
    remarks.extend(of_capabilities(target));
    if target.start.trim_end().ends_with('&') {
        remarks.push(Remark::new(&["start"], "`start` goes into the background: the suite could not end it"));
    }
    remarks
}

/// Each start is on a port of its own.
fn of_ports(target: &TargetFile) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let files = target.files.values().map(String::as_str);
    let told = std::iter::once(target.start.as_str()).chain(target.env.values().map(String::as_str)).chain(files);
    let addresses = [("ready", &target.ready), ("redirect_uri", &target.redirect_uri), ("login", &target.login)];
    let wants_port = addresses.iter().any(|(_, address)| address.contains("{port}"));
    if wants_port && !told.clone().any(|text| text.contains("{port}")) {
        let fixed = target.env.iter().find(|(name, value)| is_port(name, value));
        let (key, and) = fixed.map_or((vec!["start"], String::new()), |(name, value)| {
            (vec!["env", name], format!("; `{name}` is {value} in every start: write {{port}}"))
        });
        let says = format!(
            "nothing tells the application its port: {{port}} stands neither in `start` nor in [env] or [files]{and}"
        );
        remarks.push(Remark::new(&key, says));
    }
    for (name, _) in addresses.into_iter().filter(|(_, address)| !address.contains("{port}")) {
        let says = format!("`{name}` has no {{port}}: several starts would share one port, so judge with -j 1");
        remarks.push(Remark::new(&[name], says));
    }
    remarks
}

/// Whether a variable is a port that is the same in every start.
fn is_port(name: &str, value: &str) -> bool {
    name.to_ascii_uppercase().contains("PORT") && value.trim().parse::<u16>().is_ok()
}

/// A browser sends cookies to the host that set them.
fn of_hosts(target: &TargetFile) -> Option<Remark> {
    let host = |address: &str| Url::parse(&address.replace("{port}", "1")).ok()?.host_str().map(str::to_owned);
    let (login, callback) = (host(&target.login)?, host(&target.redirect_uri)?);
    (login != callback).then(|| {
        let says =
            format!("`login` is at {login} and `redirect_uri` at {callback}: the callback gets no cookie of the login");
        Remark::new(&["redirect_uri"], says)
    })
}

/// What an application of each profile has to be told.
fn of_values(target: &TargetFile) -> Vec<Remark> {
    let texts: Vec<&str> =
        target.texts().into_iter().map(|(_, text)| text).chain(target.files.values().map(String::as_str)).collect();
    let told = |names: &[&str]| names.iter().any(|name| texts.iter().any(|text| text.contains(&format!("{{{name}}}"))));
    let mut wanted: Vec<&[&str]> = vec![&["client_id"], &["base_url", "issuer", "discovery_url", "authorise_url"]];
    if [ProfileId::Fapi, ProfileId::Oidc].iter().any(|profile| target.profiles.contains(profile)) {
        wanted.push(&["private_jwks"]);
    }
    if target.profiles.contains(&ProfileId::V3) {
        wanted.extend([["client_secret"].as_slice(), &["private_key", "private_key_base64"]]);
    }
    let missing = wanted.into_iter().filter(|names| !told(names));
    let says = |names: &[&str]| {
        format!("nothing tells the application {{{}}}: it would go on with a value of its own", names.join("} or {"))
    };
    missing.map(|names| Remark::new(&["env"], says(names))).collect()
}

/// A file that nobody is told of.
fn of_files(target: &TargetFile) -> Vec<Remark> {
    let texts: Vec<&str> = target.texts().into_iter().map(|(_, text)| text).collect();
    let told = |name: &String| {
        let ways = [format!("{{file:{name}}}"), format!("{{dir}}/{name}")];
        ways.iter().any(|way| texts.iter().any(|text| text.contains(way)))
    };
    let whole = texts.iter().any(|text| text.replace("{dir}/", "").contains("{dir}"));
    let untold = target.files.keys().filter(|name| !whole && !told(name));
    untold
        .map(|name| {
            Remark::new(
                &["files", name],
                format!("nothing tells the application of the file: {{file:{name}}} stands nowhere"),
            )
        })
        .collect()
}

fn of_patterns(target: &TargetFile) -> Vec<Remark> {
    let fits_all = |text: &str| Regex::new(text).is_ok_and(|pattern| pattern.is_match(""));
    let patterns = [(["success", "text"], &target.success.text), (["failure", "code"], &target.failure.code)];
    let mut remarks: Vec<Remark> = patterns
        .into_iter()
        .filter(|(_, text)| fits_all(text))
        .map(|(key, _)| Remark::new(&key, format!("`{}` fits every page, even an empty one", key.join("."))))
        .collect();
    if target.classes.is_empty() {
        let says = "no word has a class: the suite cannot see whether what was refused is what was wrong";
        remarks.push(Remark::new(&["classes"], says));
    }
    remarks
}

fn of_capabilities(target: &TargetFile) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let gives_person = target.capabilities.iter().any(|name| name == "person");
    if gives_person && target.success.person.is_none() {
        let says = "`capabilities` has `person`, and `success.person` does not say where the person stands: the whole page is taken";
        remarks.push(Remark::new(&["capabilities"], says));
    }
    if !gives_person && target.success.person.is_some() {
        let says = "`success.person` says where the person stands; without the capability `person` the cases of data are skipped";
        remarks.push(Remark::new(&["success", "person"], says));
    }
    if target.profiles.contains(&ProfileId::Fapi) && target.jwks.is_none() {
        remarks.push(Remark::new(&["profiles"], "without `jwks` the case of the published keys is skipped"));
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = include_str!("../../../../templates/app.toml");

    /// The remarks, each in one line.
    fn told(text: &str) -> Vec<String> {
        let word = |weight| if weight == Weight::Wrong { "wrong" } else { "unusual" };
        look(text).1.into_iter().map(|line| format!("{}: {} {}", line.line, word(line.weight), line.says)).collect()
    }

    /// The number of the line that has a text.
    fn line_of(text: &str, part: &str) -> usize {
        text.lines().position(|line| line.contains(part)).unwrap() + 1
    }

    #[test]
    fn nothing_is_to_be_said_of_a_template_that_was_looked_at_and_of_the_committed_files() {
        assert_eq!(told(&GOOD.replace("# <-", "")), Vec::<String>::new());
        for file in ["connector-serve.toml", "connector-serve-fapi.toml", "connector-serve-oidc.toml"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("drivers").join(file);
            assert_eq!(lint(&path).unwrap(), Vec::new(), "{file}");
        }
    }

    /// What is written in place of what, and what is told of it.
    const MISTAKES: &[(&str, &str, &str)] = &[
        ("{issuer}", "{isuer}", "wrong `{isuer}` stands for nothing; there are {port}, {dir}"),
        (
            "{file:client-jwks.json}",
            "{file:keys.json}",
            "wrong `{file:keys.json}` names a file that [files] does not have",
        ),
        ("capabilities = []", "capabilities = ['persons']", "wrong there is no capability `persons`; there are "),
        ("= \"access_denied\"", "= \"denied\"", "wrong `access_denied` is given the class `denied`"),
        ("code = 'data-error=\"([a-z_]+)\"'", "code = 'error'", "wrong `failure.code` has no group"),
        (
            "code = 'data-error=\"([a-z_]+)\"'",
            "code = '(error'",
            "wrong `failure.code` is no pattern: error: unclosed group",
        ),
        ("start_seconds = 10", "start_second = 10", "wrong unknown field `start_second`"),
        ("start_seconds = 10", "start_seconds = 0", "wrong `start_seconds` is 0; expected how many seconds"),
        (
            "profiles = [\"fapi\"]",
            "profiles = []",
            "wrong `profiles` is empty; expected what the application speaks, of v3, fapi",
        ),
        (
            "login = \"http://",
            "login = \"",
            "wrong `login` is `localhost:{port}/login`, which is no address; expected one",
        ),
        ("start = \"", "start = \"\" # \"", "wrong `start` is empty; expected the command"),
        (
            "start_seconds = 10",
            "start_seconds = 'ten'",
            "wrong `start_seconds` is the string \"ten\"; expected a whole number",
        ),
        (
            "http://localhost:{port}/login",
            "http://127.0.0.1:{port}/login",
            "unusual `login` is at 127.0.0.1 and `redirect_uri` at localhost",
        ),
        ("npm start\"", "npm start &\"", "unusual `start` goes into the background"),
        ("text = \"Welcome\"", "text = 'x*'", "unusual `success.text` fits every page"),
        ("capabilities = []", "capabilities = ['person']", "unusual `capabilities` has `person`, and `success.person`"),
        ("CLIENT_ID = \"{client_id}\"", "CLIENT_ID = \"mine\"", "unusual nothing tells the application {client_id}"),
    ];

    #[test]
    fn every_mistake_is_told_with_its_line() {
        for (from, to, says) in MISTAKES.iter().copied() {
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD, "{from}");
            let all = told(&text);
            let found = all.iter().find(|line| line.contains(says));
            assert!(found.is_some(), "{to}: {all:?}");
            let lines: Vec<usize> = all.iter().filter_map(|line| line.split(':').next()?.parse().ok()).collect();
            let changed = line_of(&text, to.lines().next().unwrap_or(to));
            let near = lines.contains(&changed)
                || [line_of(&text, "[env]"), line_of(&text, "redirect_uri = ")].iter().any(|line| lines.contains(line));
            assert!(near, "{to}: {all:?}");
        }
    }

    #[test]
    fn a_name_that_there_is_not_is_told_with_the_one_that_was_meant_and_hides_nothing() {
        let text = GOOD
            .replace("start_seconds = 10", "start_second = 10")
            .replace("capabilities = []", "capabilites = []")
            .replace("\"state\"", "\"stat\"");
        let all = told(&text);
        for part in ["; did you mean `start_seconds`?", "; did you mean `capabilities`?", "is given the class `stat`"] {
            assert!(all.iter().any(|line| line.contains(part)), "{part}: {all:?}");
        }
        let spread = GOOD.replace("[success]", "[succes]");
        assert!(told(&spread)[0].contains("unknown field `succes`"), "{:?}", told(&spread));
        assert_eq!(told(&spread).len(), 1, "{:?}", told(&spread));
    }

    #[test]
    fn a_port_that_reaches_nobody_is_told_even_where_the_callbacks_address_does() {
        let fixed = GOOD.replace("PORT={port} npm start", "npm start").replace("[env]", "[env]\nPORT = \"5701\"");
        let all = told(&fixed);
        let says = format!("{}: unusual nothing tells the application its port", line_of(&fixed, "PORT = "));
        assert!(all.iter().any(|line| line.starts_with(&says)), "{all:?}");
        assert!(all.iter().any(|line| line.ends_with("`PORT` is 5701 in every start: write {port}")), "{all:?}");
        let all = told(&GOOD.replace("PORT={port} npm start", "npm start"));
        assert!(all.iter().any(|line| line.contains("nothing tells the application its port")), "{all:?}");
        let own = GOOD.replace("{port}", "5701");
        assert!(!told(&own).iter().any(|line| line.contains("its port")), "no address has it: {:?}", told(&own));
    }

    #[test]
    fn a_pointer_without_its_slash_and_a_start_without_end_are_refused() {
        let text = GOOD.replace("# person = \"/person\"", "person = \"person\"");
        let all = told(&text.replace("start_seconds = 10", "start_seconds = 1000000000000"));
        for says in ["begins with a slash: write \"/person\"", "is 1000000000000; expected how many seconds"] {
            assert!(all.iter().any(|line| line.contains(" wrong ") && line.contains(says)), "{says}: {all:?}");
        }
    }

    #[test]
    fn several_mistakes_are_told_at_once() {
        let text =
            GOOD.replace("{issuer}", "{isuer}").replace("\"state\"", "\"stat\"").replace("{port}/login", "1/login");
        let all = told(&text);
        let lines: Vec<usize> = all.iter().filter_map(|line| line.split(':').next()?.parse().ok()).collect();
        for part in ["{isuer}", "\"stat\"", "1/login"] {
            assert!(lines.contains(&line_of(&text, part)), "{part}: {all:?}");
        }
    }
}
