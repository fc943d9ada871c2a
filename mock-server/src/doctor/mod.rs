//! Why a request was refused: the catalogue of diagnoses, recovered signatures, differences; and the same for files.

pub(crate) mod catalogue;
mod curl;
pub(crate) mod difference;
pub mod jwks;
pub(crate) mod mistake;
mod patient;
mod raw_request;
mod recorded;
pub(crate) mod recover;
pub mod request;
mod sealed;
pub mod token;
pub(crate) mod written;

use crate::text::on_lines;

/// What a command of the doctor found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// For people, at 80 columns.
    pub text: String,
    /// Whether nothing is wrong.
    pub healthy: bool,
}

impl Report {
    /// A report of lines in which much was quoted.
    fn new(text: &str, healthy: bool) -> Self {
        Self { text: on_lines(text), healthy }
    }
}
