//! Pages of others: whether they can be parsed in a reasonable time, and what is on them in a few words.

use crate::text::plain;
use anyhow::{Result, ensure};
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;

/// How deeply a page may be nested, by a count that takes every tag for one that is closed.
const DEEPEST: usize = 500;
/// How long a tag may be.
const LONGEST_TAG: usize = 20_000;
/// How many forms of a page are told, and how many fields of each.
const MOST_TOLD: usize = 5;
/// How long a text of a page may be that is told.
const LONGEST_TOLD: usize = 60;

/// A page, parsed.
///
/// # Errors
/// When it is one that no person could fill in: a parser takes longer than the page is long there.
pub(crate) fn parsed(page: &str) -> Result<Html> {
    ensure!(depth(page) <= DEEPEST, "the page is nested more than {DEEPEST} deep");
    let long = page.split('<').any(|tag| tag.find('>').unwrap_or(tag.len()) > LONGEST_TAG);
    ensure!(!long, "a tag of the page has more than {LONGEST_TAG} characters");
    Ok(Html::parse_document(page))
}

/// How deeply a page is nested at most.
fn depth(page: &str) -> usize {
    const EMPTY: [&str; 6] = ["input", "br", "img", "meta", "link", "hr"];
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    for tag in page.split('<').skip(1) {
        let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).collect();
        if tag.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !name.is_empty() && !EMPTY.contains(&name.to_ascii_lowercase().as_str()) {
            depth += 1;
            deepest = deepest.max(depth);
        }
    }
    deepest
}

/// What is on a page: its title, and its forms with the names of their fields; of JSON the names of its members.
pub(crate) fn described(page: &str) -> String {
    if let Ok(Value::Object(members)) = serde_json::from_str::<Value>(page) {
        return format!("JSON with {}", listed(members.keys().map(String::as_str)));
    }
    if page.trim().is_empty() {
        return "it is empty".to_owned();
    }
    match parsed(page) {
        Ok(parsed) => in_words(&parsed),
        Err(error) => error.to_string(),
    }
}

fn in_words(page: &Html) -> String {
    let first = |name: &str| Some(page.select(&Selector::parse(name).ok()?).next()?.text().collect::<String>());
    let title = first("title").map(|title| title.split_whitespace().collect::<Vec<_>>().join(" "));
    let title = title.filter(|title| !title.is_empty()).map(|title| format!("`{}`", plain(&title, LONGEST_TOLD)));
    let forms: Vec<String> = match Selector::parse("form") {
        Ok(every) => page.select(&every).take(MOST_TOLD).map(form).collect(),
        Err(_) => Vec::new(),
    };
    let forms = if forms.is_empty() { "no form".to_owned() } else { forms.join("; ") };
    format!("title {}; {forms}", title.as_deref().unwrap_or("none"))
}

fn form(form: ElementRef<'_>) -> String {
    let method = form.attr("method").unwrap_or("get").to_uppercase();
    let action = form.attr("action").unwrap_or_default().split('?').next().unwrap_or_default();
    let controls = Selector::parse("input, select, textarea, button").ok();
    let names = controls.iter().flat_map(|controls| form.select(controls)).filter_map(|control| control.attr("name"));
    format!("form {} {} with {}", plain(&method, 10), plain(action, LONGEST_TOLD), listed(names))
}

/// Some names; where there are none, that.
fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(|name| plain(name, LONGEST_TOLD)).collect();
    match names.get(..MOST_TOLD) {
        Some(some) if names.len() > MOST_TOLD => format!("{} and {} more", some.join(", "), names.len() - MOST_TOLD),
        _ if names.is_empty() => "no fields".to_owned(),
        _ => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_described_by_its_title_its_forms_and_the_names_of_their_fields() {
        let page = r#"<title> Sign  in </title><form method="post" action="/login?next=SECRET"><input name="user" value="SECRET">
            <input name="password"></form><form></form>"#;
        assert_eq!(described(page), "title `Sign in`; form POST /login with user, password; form GET  with no fields");
        assert_eq!(described("hello"), "title none; no form");
        assert_eq!(described(r#"{"name":"SECRET","b":1}"#), "JSON with name, b");
        assert_eq!(described(" "), "it is empty");
        let many = (0..9).map(|number| format!("<input name=n{number}>")).collect::<Vec<_>>().concat();
        assert!(described(&format!("<form>{many}</form>")).ends_with("n0, n1, n2, n3, n4 and 4 more"));
        assert!(described(&"<div>".repeat(100_000)).contains("nested more than"));
    }
}
