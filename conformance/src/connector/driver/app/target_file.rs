//! What is said of a finished web application: how it is started, where a login begins, how success and failure look.

use super::values::{is_value, names};
use crate::connector::driver::Class;
use crate::connector::keys::FORMATS;
use crate::profile::{ProfileId, capabilities};
use anyhow::{Context, Result, ensure};
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

impl TargetFile {
    /// Reads a target file.
    ///
    /// # Errors
    /// When the file cannot be read, or a pattern is none.
    pub(super) fn read(path: &Path) -> Result<(Self, Patterns)> {
        let shown = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("the target {shown} cannot be read"))?;
        let target: Self = toml::from_str(&text).with_context(|| format!("the target {shown} cannot be used"))?;
        target.check().with_context(|| format!("the target {shown} cannot be used"))?;
        let pattern = |name: &str, text: &str| {
            Regex::new(text).with_context(|| format!("the target {shown}: `{name}` is no pattern"))
        };
        let patterns = Patterns {
            follow: target.follow.as_deref().map(|text| pattern("follow", text)).transpose()?,
            success: pattern("success.text", &target.success.text)?,
            failure: pattern("failure.code", &target.failure.code)?,
        };
        for (name, found) in [("follow", patterns.follow.as_ref()), ("failure.code", Some(&patterns.failure))] {
            ensure!(found.is_none_or(|found| found.captures_len() > 1), "the target {shown}: `{name}` has no group");
        }
        Ok((target, patterns))
    }

    /// Finds names that mean nothing: they would be taken as they stand.
    fn check(&self) -> Result<()> {
        for capability in &self.capabilities {
            let known = capabilities().contains(&capability.as_str());
            ensure!(known, "there is no capability `{capability}`; there are {}", capabilities().join(", "));
        }
        for format in &self.key_formats {
            let known = FORMATS.contains(&format.as_str());
            ensure!(known, "there is no key format `{format}`; there are {}", FORMATS.join(", "));
        }
        for (word, class) in &self.classes {
            let known = class == "other" || class_of(class) != Class::Other;
            ensure!(
                known,
                "`{word}` is given the class `{class}`, which there is not; docs/driver-protocol.md has them all"
            );
        }
        for name in self.files.keys() {
            let inside = !Path::new(name).is_absolute() && !name.split('/').any(|part| part == "..");
            ensure!(inside, "the file `{name}` would not be in the folder {{dir}}");
        }
        let value = Regex::new(r"(^|[^$])\{([a-z_0-9]+)\}")?;
        let texts = [&self.start, &self.ready, &self.redirect_uri, &self.login].into_iter();
        let texts = texts.chain(&self.jwks).chain(self.env.values());
        for text in texts {
            for found in value.captures_iter(text) {
                let name = found.get(2).map_or("", |name| name.as_str());
                ensure!(is_value(name), "`{{{name}}}` stands for nothing; there are {{{}}}", names().join("}, {"));
            }
        }
        Ok(())
    }
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
