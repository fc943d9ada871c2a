//! Reads a TOML table field by field; what it finds goes into [`Findings`].

pub use super::findings::{ConfigError, Problem};
pub(crate) use super::findings::{Findings, Kind};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A table that is being read; keys that nobody asked for are mistakes.
pub(crate) struct TableReader<'t, 'i> {
    table: &'t DeTable<'i>,
    path: String,
    asked: Vec<&'static str>,
    whole: Range<usize>,
}

impl<'t, 'i> TableReader<'t, 'i> {
    pub(crate) fn new(table: &'t DeTable<'i>, path: impl Into<String>, whole: Range<usize>) -> Self {
        Self { table, path: path.into(), asked: Vec::new(), whole }
    }

    /// The full name of a key in this table.
    pub(crate) fn key(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// The full name of this table.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// What the table says, wherever it stands in the file.
    pub(crate) fn text(&self) -> String {
        text_of(self.table)
    }

    /// The place of the table's header.
    pub(crate) fn span(&self) -> Range<usize> {
        self.whole.clone()
    }

    /// The place of the first of these keys that is there, or of the table's header.
    pub(crate) fn place(&self, names: &[&str]) -> Range<usize> {
        let there = names.iter().find_map(|name| self.table.get_key_value(*name));
        there.map_or_else(|| self.span(), |(key, _)| key.span())
    }

    /// A string and its place.
    pub(crate) fn string(&mut self, name: &'static str, findings: &mut Findings<'_>) -> Option<(String, Range<usize>)> {
        let value = self.value(name, Kind::Text, findings)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(name, value, "a string in quotes", findings);
            return None;
        };
        Some((text.to_owned(), value.span()))
    }

    /// One of a few names, each with what it stands for.
    pub(crate) fn one_of<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&'static str, T)],
        findings: &mut Findings<'_>,
    ) -> Option<T> {
        let read = self.string(name, findings);
        findings.ask(self.key(name), Kind::OneOf(choices.iter().map(|(choice, _)| *choice).collect()));
        let (text, span) = read?;
        let picked = choices.iter().find(|(choice, _)| *choice == text).map(|(_, stands_for)| *stands_for);
        if picked.is_none() {
            let names: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
            let meant = findings.meant(&text, names.iter().copied());
            findings.note(&span, self.key(name), format!("`{text}` is not one of {}{meant}", names.join(", ")));
        }
        picked
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&mut self, name: &'static str, findings: &mut Findings<'_>) -> Option<bool> {
        let value = self.value(name, Kind::Flag, findings)?;
        let read = value.get_ref().as_bool();
        if read.is_none() {
            self.wrong_type(name, value, "true or false, without quotes", findings);
        }
        read
    }

    /// A whole number within a range.
    pub(crate) fn number(
        &mut self,
        name: &'static str,
        range: std::ops::RangeInclusive<u64>,
        findings: &mut Findings<'_>,
    ) -> Option<u64> {
        let value = self.value(name, Kind::Number(*range.start(), *range.end()), findings)?;
        let Some(integer) = value.get_ref().as_integer() else {
            self.wrong_type(name, value, "a whole number, without quotes", findings);
            return None;
        };
        let read = u64::from_str_radix(integer.as_str(), integer.radix()).ok().filter(|number| range.contains(number));
        if read.is_none() {
            let message = format!("`{}` is not between {} and {}", integer.as_str(), range.start(), range.end());
            findings.note(&value.span(), self.key(name), message);
        }
        read
    }

    /// A list of strings, each with its place.
    pub(crate) fn strings(
        &mut self,
        name: &'static str,
        findings: &mut Findings<'_>,
    ) -> Option<Vec<(String, Range<usize>)>> {
        let value = self.value(name, Kind::Texts, findings)?;
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(name, value, "a list of strings: [\"…\", \"…\"]", findings);
            return None;
        };
        let mut read = Vec::new();
        for item in array {
            match item.get_ref().as_str() {
                Some(text) => read.push((text.to_owned(), item.span())),
                None => self.wrong_type(name, item, "strings only", findings),
            }
        }
        Some(read)
    }

    /// A table inside this one: `[name]`.
    pub(crate) fn table(&mut self, name: &'static str, findings: &mut Findings<'_>) -> Option<Self> {
        let value = self.value(name, Kind::Table, findings)?;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(name, value, &format!("a table: [{name}]"), findings);
            return None;
        };
        Some(Self::new(table, self.key(name), value.span()))
    }

    /// A list of tables: `[[name]]`.
    pub(crate) fn tables(&mut self, name: &'static str, findings: &mut Findings<'_>) -> Vec<Self> {
        let Some(value) = self.value(name, Kind::Tables, findings) else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(name, value, &format!("a list of tables: each starts with [[{name}]]"), findings);
            return Vec::new();
        };
        let mut read = Vec::new();
        for (index, item) in array.iter().enumerate() {
            match item.get_ref().as_table() {
                Some(table) => read.push(Self::new(table, format!("{name}[{index}]"), item.span())),
                None => self.wrong_type(name, item, &format!("tables only: each starts with [[{name}]]"), findings),
            }
        }
        read
    }

    /// Tells of keys that stand here and belong to a table inside this one. Whether there were any.
    pub(crate) fn moved(&mut self, names: &[&'static str], to: &str, findings: &mut Findings<'_>) -> bool {
        let mut found = false;
        for name in names {
            let Some((key, _)) = self.table.get_key_value(*name) else { continue };
            self.asked.push(name);
            findings.note(&key.span(), self.key(name), format!("belongs to `{to}`: write `{to}.{name}`"));
            found = true;
        }
        found
    }

    /// Ends the reading: whatever was not asked for is a mistake, with the nearest valid name.
    pub(crate) fn finish(self, findings: &mut Findings<'_>) {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if !self.asked.contains(&name) {
                let hint = findings.meant(name, self.asked.iter().copied());
                let hint =
                    if hint.is_empty() { format!("; the keys here are {}", self.asked.join(", ")) } else { hint };
                findings.note(&key.span(), self.key(name), format!("no such key{hint}"));
            }
        }
    }

    fn value(
        &mut self,
        name: &'static str,
        kind: Kind,
        findings: &mut Findings<'_>,
    ) -> Option<&'t Spanned<DeValue<'i>>> {
        findings.ask(self.key(name), kind);
        self.asked.push(name);
        let (key, value) = self.table.get_key_value(name)?;
        findings.place(self.key(name), &key.span());
        Some(value)
    }

    fn wrong_type(&self, name: &str, value: &Spanned<DeValue<'_>>, wanted: &str, findings: &mut Findings<'_>) {
        let message = format!("found {}, expected {wanted}", article(value.get_ref().type_str()));
        findings.note(&value.span(), self.key(name), message);
    }
}

/// A table's keys and values, without their places.
fn text_of(table: &DeTable<'_>) -> String {
    let members = table.iter().map(|(key, value)| format!("{:?}={}", key.get_ref(), text_of_value(value.get_ref())));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn text_of_value(value: &DeValue<'_>) -> String {
    match value {
        DeValue::Table(table) => text_of(table),
        DeValue::Array(items) => {
            let items = items.iter().map(|item| text_of_value(item.get_ref()));
            format!("[{}]", items.collect::<Vec<_>>().join(","))
        }
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            format!("{value:?}")
        }
    }
}

fn article(kind: &str) -> String {
    match kind {
        "integer" | "array" => format!("an {kind}"),
        _ => format!("a {kind}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::text::compared;
    use std::path::Path;

    /// The mistakes that are told, and how many names were compared to tell them.
    fn work(text: &str) -> (Vec<String>, usize) {
        let (read, compared) = compared(|| Config::from_toml(text, Path::new(".")));
        (read.unwrap_err().iter().map(ToString::to_string).collect(), compared)
    }

    #[test]
    fn thousands_of_mistakes_cost_no_more_than_a_hundred() {
        let keys =
            |count: usize| (0..count).map(|number| format!("state{number:05} = 1\n")).collect::<Vec<_>>().concat();
        let client = "[[client]]\nidd = \"x\"\n[client.v3]\nattributes = [\"nam\"]\n";
        let clients = |count: usize| client.repeat(count);
        for (few, many) in [(keys(101), keys(20_000)), (clients(101), clients(2_000))] {
            let ((told, few), (told_of_many, many)) = (work(&few), work(&many));
            assert_eq!((few, &told[..100]), (many, &told_of_many[..100]));
            assert!(few < 20_000, "{few} comparisons");
            assert_eq!((told.len(), told_of_many.len()), (101, 101));
        }
        assert_eq!(work(&keys(20_000)).0[100], "and 19900 more mistakes");
    }

    #[test]
    fn what_one_client_lacks_is_told_of_another_too() {
        let (told, _) = work("[[client]]\nid = \"A\"\n[client.v3]\n[[client]]\nid = \"B\"\n[client.v3]\n");
        assert_eq!(told.iter().filter(|told| told.contains("redirect_uris`: is missing")).count(), 2, "{told:#?}");
    }
}
