//! The settings of a table, named once: the same list reads them out of a file and tells them to `config show`.

use super::reader::{Findings, TableReader};
use super::shown::{Shown, ShownValue};
use std::ops::RangeInclusive;

/// Goes through settings, each by its name.
pub(crate) trait Fields {
    /// `true` or `false`.
    fn flag(&mut self, name: &'static str, field: &mut bool);
    /// A whole number within a range.
    fn number<N: Copy + TryFrom<u64> + TryInto<u64>>(
        &mut self,
        name: &'static str,
        range: RangeInclusive<u64>,
        field: &mut N,
    );
    /// One of a few names, each with what it stands for.
    fn choice<T: Copy + PartialEq>(&mut self, name: &'static str, choices: &[(&'static str, T)], field: &mut T);
    /// Any text.
    fn text(&mut self, name: &'static str, field: &mut String);
}

/// Lays what a file's table says over them.
pub(crate) struct Reading<'r, 't, 'i, 'f> {
    pub(crate) table: &'r mut TableReader<'t, 'i>,
    pub(crate) findings: &'r mut Findings<'f>,
}

impl Fields for Reading<'_, '_, '_, '_> {
    fn flag(&mut self, name: &'static str, field: &mut bool) {
        set(field, self.table.boolean(name, self.findings));
    }

    fn number<N: Copy + TryFrom<u64> + TryInto<u64>>(
        &mut self,
        name: &'static str,
        range: RangeInclusive<u64>,
        field: &mut N,
    ) {
        set(field, self.table.number(name, range, self.findings).and_then(|number| number.try_into().ok()));
    }

    fn choice<T: Copy + PartialEq>(&mut self, name: &'static str, choices: &[(&'static str, T)], field: &mut T) {
        set(field, self.table.one_of(name, choices, self.findings));
    }

    fn text(&mut self, name: &'static str, field: &mut String) {
        set(field, self.table.string(name, self.findings).map(|(text, _)| text));
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// Lists what they are set to.
#[derive(Debug, Default)]
pub(crate) struct Listing(pub(crate) Vec<Shown>);

impl Listing {
    fn add(&mut self, name: &'static str, value: ShownValue) {
        self.0.push(Shown::new(name, value));
    }
}

impl Fields for Listing {
    fn flag(&mut self, name: &'static str, field: &mut bool) {
        self.add(name, ShownValue::Flag(*field));
    }

    fn number<N: Copy + TryFrom<u64> + TryInto<u64>>(
        &mut self,
        name: &'static str,
        _: RangeInclusive<u64>,
        field: &mut N,
    ) {
        self.add(name, ShownValue::Number((*field).try_into().unwrap_or_default()));
    }

    fn choice<T: Copy + PartialEq>(&mut self, name: &'static str, choices: &[(&'static str, T)], field: &mut T) {
        self.add(name, ShownValue::Text(name_of(choices, field).to_owned()));
    }

    fn text(&mut self, name: &'static str, field: &mut String) {
        self.add(name, ShownValue::Text(field.clone()));
    }
}

/// The name of a choice.
pub(crate) fn name_of<T: PartialEq>(choices: &[(&'static str, T)], picked: &T) -> &'static str {
    choices.iter().find(|(_, stands_for)| stands_for == picked).map_or("", |(name, _)| name)
}
