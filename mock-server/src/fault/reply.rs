//! What the faults of HTTP answers are made of: error bodies, redirects, cut and stalled answers.

use super::draft::ReplyDraft;
use crate::http::exchange::{Answer, Delivery};
use crate::refusal::error_body;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use warp::http::{HeaderName, HeaderValue, StatusCode, header};

/// Answers with an error of the API.
pub(super) fn error(draft: &mut ReplyDraft, status: StatusCode, message: &str) {
    draft.answer = Answer::api(status, "application/json", error_body(status, message, draft.shape));
}

/// Answers with another body of another type.
pub(super) fn body(draft: &mut ReplyDraft, content_type: &'static str, text: &str) {
    draft.answer = Answer::api(draft.answer.status, content_type, text.to_owned());
}

/// Answers with a page where a program expects an answer of the API.
pub(super) fn html(draft: &mut ReplyDraft) {
    body(draft, "text/html", "<html><body>Sorry</body></html>");
}

/// Adds a header.
pub(super) fn with_header(draft: &mut ReplyDraft, name: HeaderName, value: &'static str) {
    draft.answer = draft.answer.clone().with_header(name, HeaderValue::from_static(value));
}

/// Sends half of the body, then breaks the connection.
pub(super) fn cut(draft: &mut ReplyDraft) {
    draft.answer.delivery = Delivery::Cut;
}

/// Sends half of the body, then nothing for as long as the client waits.
pub(super) fn stalled(draft: &mut ReplyDraft) {
    draft.answer.delivery = Delivery::Stalled;
}

/// Redirects to this server under another host name, where a journal sees who comes.
pub(super) fn redirect(draft: &mut ReplyDraft) {
    let Ok(location) = HeaderValue::try_from(&draft.elsewhere) else { return };
    draft.answer = Answer::redirect(StatusCode::FOUND, location);
}

/// Compresses the body, whether the client asked for it or not.
pub(super) fn gzip(draft: &mut ReplyDraft) {
    if let Ok(compressed) = draft.answer.clone().gzipped() {
        draft.answer = compressed;
    }
}

/// A body that becomes a hundred megabytes when it is decompressed.
pub(super) fn gzip_bomb(draft: &mut ReplyDraft) {
    const MEGABYTES: usize = 100;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let block = vec![b' '; 1024 * 1024];
    let written = (0..MEGABYTES).try_for_each(|_| encoder.write_all(&block)).and_then(|()| encoder.finish());
    if let Ok(bomb) = written {
        let gzip = HeaderValue::from_static("gzip");
        draft.answer =
            Answer::api(draft.answer.status, "application/jose", bomb).with_header(header::CONTENT_ENCODING, gzip);
    }
}
