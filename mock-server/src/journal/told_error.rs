//! The error that an answer tells: in the address to which it leads a browser, or in its body.

use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use serde_json::Value;
use warp::http::header;

/// The error code that an application gets with the browser. RFC 6749 §4.1.2.1.
pub(super) fn sent_on(answer: &Answer) -> Option<String> {
    let (_, location) = answer.headers.iter().find(|(name, _)| name == header::LOCATION)?;
    let (_, query) = location.to_str().ok()?.split_once('?')?;
    Some(Pairs::parse(query).ok()?.value("error")?.to_owned())
}

/// The error code in a body (RFC 6749 §5.2), or the message of v3.
pub(super) fn in_body(answer: &Answer) -> Option<String> {
    if answer.status.as_u16() < 400 {
        return None;
    }
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    let told = body.get("error").or_else(|| body.get("message"))?;
    Some(told.as_str()?.to_owned())
}

/// What an answer says of its error, for a person: the code that was sent on, or the status and what stands with it.
pub(super) fn in_words(answer: &Answer) -> String {
    match (sent_on(answer), in_body(answer)) {
        (Some(code), _) => format!("{code}, sent to the application"),
        (None, Some(told)) => format!("{}, {told}", answer.status),
        (None, None) => answer.status.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use warp::http::{HeaderValue, StatusCode};

    fn answer(status: StatusCode, body: &'static str) -> Answer {
        Answer::api(status, "application/json", body)
    }

    #[test]
    fn the_error_is_the_one_of_the_address_or_of_the_body_or_the_status_alone() {
        let location = HeaderValue::from_static("http://localhost:3001/callback?error=access_denied&state=error");
        let redirect = Answer::redirect(StatusCode::FOUND, location);
        assert_eq!(in_words(&redirect), "access_denied, sent to the application");
        let refused = answer(StatusCode::BAD_REQUEST, r#"{"error":"invalid_grant"}"#);
        assert_eq!(in_words(&refused), "400 Bad Request, invalid_grant");
        assert_eq!(in_words(&answer(StatusCode::NOT_FOUND, r#"{"message":"gone"}"#)), "404 Not Found, gone");
        assert_eq!(in_words(&answer(StatusCode::BAD_GATEWAY, "<html>")), "502 Bad Gateway");
        assert_eq!(in_body(&answer(StatusCode::OK, r#"{"error":"none"}"#)), None);
    }
}
