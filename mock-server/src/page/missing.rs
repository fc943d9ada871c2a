//! The page for an address of the mock's own that cannot be shown, for people; programs get JSON.

use super::written;
use crate::http::exchange::Answer;
use crate::text::capitalised;
use askama::Template;
use warp::http::{HeaderMap, Method, StatusCode, header};

#[derive(Template)]
#[template(path = "missing.html")]
struct MissingPage<'a> {
    base: &'a str,
    title: &'static str,
    message: &'a str,
}

/// Whether a browser asks for a page: it takes HTML, and what it asks for is called a page.
pub(crate) fn is_wanted(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    let takes = |value: &str| value.split(',').any(|kind| kind.trim_start().starts_with("text/html"));
    let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    // the list of logins answers without its slash, too
    let is_page = path.ends_with('/') || path.strip_suffix(".html").is_some() || path == "/_mock";
    method == Method::GET && is_page && accepted.any(takes)
}

/// The page, which says why and leads back; nothing where it could not be written.
pub(crate) fn page(status: StatusCode, message: &str, base: &str) -> Option<Answer> {
    let title = if status == StatusCode::NOT_FOUND { "There is no such page" } else { "This cannot be shown" };
    let page = MissingPage { base, title, message: &capitalised(message) };
    Some(Answer::own_page(status, written(&page).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use warp::http::HeaderValue;

    #[test]
    fn a_browser_wants_a_page_and_a_program_does_not() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        for (method, path, accepted, wanted) in [
            (Method::GET, "/_mock/docs/nope.html", browser, true),
            (Method::GET, "/_mock/", "application/json, text/html;q=0.5", true),
            (Method::GET, "/_mock/docs/nope.html", "*/*", false),
            (Method::GET, "/_mock/docs/nope.html", "application/json", false),
            (Method::GET, "/_mock/exchanges", browser, false),
            (Method::POST, "/_mock/faults.html", browser, false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accepted))]);
            assert_eq!(is_wanted(&method, path, &headers), wanted, "{method} {path} {accepted}");
        }
    }
}
