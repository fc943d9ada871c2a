//! Filters of the templates.

#![expect(unreachable_pub, clippy::inline_always, clippy::unused_self, reason = "what askama makes of a filter is so")]

use askama::filters::{Escaper, Html, Safe};
use std::fmt::Display;

/// A text in which what stands in backticks is code, as messages write it for the console.
#[askama::filter_fn]
pub(super) fn coded(text: impl Display, _: &dyn askama::Values) -> askama::Result<Safe<String>> {
    let text = text.to_string();
    let mut html = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, (code, behind))) =
        rest.split_once('`').and_then(|(before, from)| Some((before, from.split_once('`')?)))
    {
        Html.write_escaped_str(&mut html, before)?;
        html.push_str("<code>");
        Html.write_escaped_str(&mut html, code)?;
        html.push_str("</code>");
        rest = behind;
    }
    Html.write_escaped_str(&mut html, rest)?;
    Ok(Safe(html))
}
