//! What is said of a finished web application: how it is started, where a login begins, how success and failure look.

use super::person::wrong_pointer;
use super::values::{is_value, names};
use crate::connector::driver::Class;
use crate::connector::keys::FORMATS;
use crate::profile::{ProfileId, capabilities};
use crate::program::wrong_seconds;
use crate::text::meant;
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// What a target file says. `{…}` in its texts stands for values of the configuration; `docs/web-app-target.md` lists them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetFile {
    /// The application's name.
    pub(super) name: String,
    #[serde(default)]
    pub(super) version: String,
    #[serde(default)]
    pub(super) language: String,
    /// The command of the shell that starts it; once for each configuration.
    pub(super) start: String,
    /// An address that answers 200 when it is up.
    pub(super) ready: String,
    /// How long it may take to start.
    #[serde(default = "ten")]
    pub(super) start_seconds: u64,
    /// Its callback.
    pub(super) redirect_uri: String,
    /// The page at which a login begins.
    pub(super) login: String,
    /// Where it serves its public JWK Set.
    pub(super) jwks: Option<String>,
    /// What it speaks: v3 unless it says so.
    #[serde(default = "v3")]
    pub(super) profiles: Vec<ProfileId>,
    #[serde(default)]
    pub(super) capabilities: Vec<String>,
    #[serde(default)]
    pub(super) key_formats: Vec<String>,
    /// Environment variables; one that comes to nothing is not set.
    #[serde(default)]
    pub(super) env: BTreeMap<String, String>,
    /// Files in the folder `{dir}`.
    #[serde(default)]
    pub(super) files: BTreeMap<String, String>,
    /// A pattern whose first group is an address to visit after the callback.
    pub(super) follow: Option<String>,
    pub(super) success: Success,
    pub(super) failure: Failure,
    /// The application's words for refusals, as classes.
    #[serde(default)]
    pub(super) classes: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Success {
    /// A pattern in the last page.
    pub(super) text: String,
    /// Where the person stands, if the page is JSON: a pointer (RFC 6901).
    pub(super) person: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Failure {
    /// A pattern whose first group that fits is the application's word for the refusal.
    pub(super) code: String,
}

fn v3() -> Vec<ProfileId> {
    vec![ProfileId::V3]
}

const fn ten() -> u64 {
    10
}

/// What is to be said of a target file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remark {
    /// The key that it is about, table by table; none where it is about the whole.
    pub(super) key: Vec<String>,
    /// A sentence.
    pub(super) says: String,
}

impl Remark {
    pub(super) fn new(key: &[&str], says: impl Into<String>) -> Self {
        Self { key: key.iter().map(|name| (*name).to_owned()).collect(), says: says.into() }
    }
}

impl TargetFile {
    /// Everything that is wrong: names that mean nothing would be taken as they stand.
    pub(super) fn wrong(&self) -> Vec<Remark> {
        let empty = self.empty().chain(self.wrong_addresses());
        let names = empty.chain(self.wrong_names()).chain(self.wrong_classes()).chain(self.wrong_files());
        let mut wrong: Vec<Remark> = names.chain(self.wrong_values()).collect();
        wrong.extend(self.follow.iter().filter_map(|text| wrong_pattern(&["follow"], text, Groups::Some)));
        wrong.extend(wrong_pattern(&["success", "text"], &self.success.text, Groups::Any));
        let pointer = self.success.person.as_deref().and_then(wrong_pointer);
        wrong.extend(pointer.map(|says| Remark::new(&["success", "person"], says)));
        wrong.extend(wrong_pattern(&["failure", "code"], &self.failure.code, Groups::Some));
        wrong
    }

    /// What is there and says nothing that can be used.
    fn empty(&self) -> impl Iterator<Item = Remark> {
        let start = self.start.trim().is_empty().then(|| {
            Remark::new(
                &["start"],
                "`start` is empty; expected the command that starts the application in the foreground",
            )
        });
        let seconds = wrong_seconds(self.start_seconds).map(|says| Remark::new(&["start_seconds"], says));
        let profiles = self.profiles.is_empty().then(|| {
            let all = ProfileId::names();
            Remark::new(&["profiles"], format!("`profiles` is empty; expected what the application speaks, of {all}"))
        });
        start.into_iter().chain(seconds).chain(profiles)
    }

    /// Addresses that a browser cannot visit, but for those that begin with a value.
    fn wrong_addresses(&self) -> impl Iterator<Item = Remark> {
        let addresses = [
            ("ready", Some(&self.ready)),
            ("redirect_uri", Some(&self.redirect_uri)),
            ("login", Some(&self.login)),
            ("jwks", self.jwks.as_ref()),
        ];
        let known = |address: &&String| ["http://", "https://", "{"].iter().any(|start| address.starts_with(start));
        addresses.into_iter().filter_map(move |(name, address)| {
            let address = address.filter(|address| !known(address))?;
            let says = format!(
                "`{name}` is `{address}`, which is no address; expected one that begins with http:// or https://"
            );
            Some(Remark::new(&[name], says))
        })
    }

    fn wrong_names(&self) -> impl Iterator<Item = Remark> {
        let unknown = |names: &[String], known: &[&str]| -> Vec<String> {
            names.iter().filter(|name| !known.contains(&name.as_str())).cloned().collect()
        };
        let capabilities = unknown(&self.capabilities, &capabilities()).into_iter().map(|name| {
            let all = capabilities().join(", ");
            let meant = meant(&name, capabilities());
            Remark::new(&["capabilities"], format!("there is no capability `{name}`; there are {all}{meant}"))
        });
        let formats = unknown(&self.key_formats, &FORMATS).into_iter().map(|name| {
            let all = FORMATS.join(", ");
            let meant = meant(&name, FORMATS);
            Remark::new(&["key_formats"], format!("there is no key format `{name}`; there are {all}{meant}"))
        });
        capabilities.chain(formats)
    }

    fn wrong_classes(&self) -> impl Iterator<Item = Remark> {
        let unknown = self.classes.iter().filter(|(_, class)| *class != "other" && class_of(class) == Class::Other);
        unknown.map(|(word, class)| {
            let says = format!(
                "`{word}` is given the class `{class}`, which there is not; docs/driver-protocol.md has them all{}",
                meant(class, Class::NAMES)
            );
            Remark::new(&["classes", word], says)
        })
    }

    fn wrong_files(&self) -> impl Iterator<Item = Remark> {
        let outside = |name: &&String| Path::new(name).is_absolute() || name.split('/').any(|part| part == "..");
        self.files
            .keys()
            .filter(outside)
            .map(|name| Remark::new(&["files", name], format!("the file `{name}` would not be in the folder {{dir}}")))
    }

    /// Names in braces that stand for nothing.
    fn wrong_values(&self) -> impl Iterator<Item = Remark> {
        self.texts().into_iter().flat_map(|(key, text)| {
            let wrong = braces(text).into_iter().filter_map(|name| match name.strip_prefix("file:") {
                Some(_) if key.first() != Some(&"env") => {
                    Some(format!("`{{{name}}}` stands for a path in [env] alone"))
                }
                Some(file) if self.files.contains_key(file) => None,
                Some(file) => {
                    let meant = meant(file, self.files.keys().map(String::as_str));
                    Some(format!("`{{{name}}}` names a file that [files] does not have: `{file}`{meant}"))
                }
                None if is_value(name) => None,
                None => {
                    let (all, meant) = (names().join("}, {"), meant(name, names()));
                    Some(format!("`{{{name}}}` stands for nothing; there are {{{all}}}{meant}"))
                }
            });
            wrong.map(|says| Remark::new(&key, says)).collect::<Vec<_>>()
        })
    }

    /// The texts in which names stand for values, but for those of files, which may have braces of their own.
    pub(super) fn texts(&self) -> Vec<(Vec<&str>, &str)> {
        let own = [
            ("start", &self.start),
            ("ready", &self.ready),
            ("redirect_uri", &self.redirect_uri),
            ("login", &self.login),
        ];
        let own = own.into_iter().chain(self.jwks.iter().map(|address| ("jwks", address)));
        let own = own.map(|(name, text)| (vec![name], text.as_str()));
        own.chain(self.env.iter().map(|(name, text)| (vec!["env", name.as_str()], text.as_str()))).collect()
    }
}

/// The names in braces in a text, but for those of the shell, which have a dollar sign before them.
fn braces(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut before = "";
    for piece in text.split_inclusive('{') {
        if before.ends_with('{') && !before.ends_with("${") {
            let name = piece.split_once('}').map_or("", |(name, _)| name);
            let is_file = name.starts_with("file:");
            let is_name = |name: &str| {
                name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
            };
            if !name.is_empty() && (is_file || is_name(name)) {
                names.push(name);
            }
        }
        before = piece;
    }
    names
}

/// Whether a pattern needs a group.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Groups {
    Any,
    Some,
}

fn wrong_pattern(key: &[&str], text: &str, groups: Groups) -> Option<Remark> {
    let name = key.join(".");
    let says = match Regex::new(text) {
        Err(error) => {
            let told = error.to_string();
            format!("`{name}` is no pattern: {}", told.lines().next_back().unwrap_or_default())
        }
        Ok(pattern) if groups == Groups::Some && pattern.captures_len() < 2 => format!("`{name}` has no group"),
        Ok(_) => return None,
    };
    Some(Remark::new(key, says))
}

pub(super) fn class_of(name: &str) -> Class {
    serde_json::from_value(Value::String(name.to_owned())).unwrap_or(Class::Other)
}

/// The patterns of a target file, read.
#[derive(Debug)]
pub(super) struct Patterns {
    pub(super) follow: Option<Regex>,
    pub(super) success: Regex,
    pub(super) failure: Regex,
}

impl Patterns {
    /// Those of a file in which nothing is wrong.
    ///
    /// # Errors
    /// When something is.
    pub(super) fn of(target: &TargetFile) -> Result<Self, regex::Error> {
        Ok(Self {
            follow: target.follow.as_deref().map(Regex::new).transpose()?,
            success: Regex::new(&target.success.text)?,
            failure: Regex::new(&target.failure.code)?,
        })
    }
}
