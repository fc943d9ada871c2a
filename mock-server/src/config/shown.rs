//! Settings as `config show` prints them: names and values, in the order in which they are read.

use super::secret::Secret;

/// A setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) key: &'static str,
    pub(crate) value: ShownValue,
}

/// What it is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ShownValue {
    Text(String),
    Texts(Vec<String>),
    Number(u64),
    Flag(bool),
    Secret(Secret),
    /// A secret without which the server would ask for nothing: left out, it leaves a value that is refused.
    Guard(Secret),
    /// Key material or a passphrase, as the file says it; or what holds where it says nothing.
    AsWritten(&'static str),
    /// Nothing is set, and what holds then.
    Unset(&'static str),
}

impl Shown {
    pub(crate) const fn new(key: &'static str, value: ShownValue) -> Self {
        Self { key, value }
    }

    /// Of what may be absent.
    pub(crate) fn text(key: &'static str, text: Option<String>, otherwise: &'static str) -> Self {
        Self::new(key, text.map_or(ShownValue::Unset(otherwise), ShownValue::Text))
    }

    /// Of a list that may be absent.
    pub(crate) fn texts(key: &'static str, texts: Option<&Vec<String>>, otherwise: &'static str) -> Self {
        Self::new(key, texts.map_or(ShownValue::Unset(otherwise), |texts| ShownValue::Texts(texts.clone())))
    }

    /// Of key material or a passphrase.
    pub(crate) const fn as_written(key: &'static str, otherwise: &'static str) -> Self {
        Self::new(key, ShownValue::AsWritten(otherwise))
    }
}
