//! What can be done to an HTTP answer: other bodies, redirects, cut and stalled answers.

use super::super::draft::ReplyDraft;
use super::{Deformation, after, instead};
use crate::http::exchange::{Answer, Delivery};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use warp::http::{HeaderName, HeaderValue, StatusCode, header};

pub(crate) const REDIRECT: Deformation =
    instead("redirects to another host", |draft| redirect(draft, StatusCode::FOUND));
pub(crate) const REDIRECT_307: Deformation =
    instead("redirects to another host with 307: the same method and body are to be sent there", |draft| {
        redirect(draft, StatusCode::TEMPORARY_REDIRECT);
    });
pub(crate) const REDIRECT_308: Deformation = instead(
    "redirects to another host with 308: the same method and body are to be sent there, from now on",
    |draft| {
        redirect(draft, StatusCode::PERMANENT_REDIRECT);
    },
);
pub(crate) const FAILS: Deformation = instead("fails", |draft| {
    draft.answer = (draft.error)(StatusCode::INTERNAL_SERVER_ERROR, "Unknown error");
});
pub(crate) const HTML: Deformation = after("answers 200 with an HTML page", html);
pub(crate) const EMPTY: Deformation = after("answers 200 with nothing", |draft| draft.answer.body = Bytes::new());
pub(crate) const NOT_JSON: Deformation = after("answers 200 with broken JSON", |draft| {
    body(draft, "application/json", "{\"access_token\":");
});
pub(crate) const CUT: Deformation = after("breaks the connection inside the body", cut);
pub(crate) const STALLED: Deformation = after("sends half of the body and then nothing", stalled);
pub(crate) const GZIP: Deformation = after("compresses the body with gzip", gzip);
pub(crate) const GZIP_BOMB: Deformation = after("sends 100 kB that decompress to 100 MB", gzip_bomb);
pub(crate) const LINE_END: Deformation = after("adds a line break behind the document", |draft| {
    draft.answer.body = [&draft.answer.body[..], b"\n"].concat().into();
});

/// Answers with another body of another type.
fn body(draft: &mut ReplyDraft, content_type: &'static str, text: &str) {
    draft.answer = Answer::api(draft.answer.status, content_type, text.to_owned());
}

/// Answers with a page where a program expects an answer of the API.
fn html(draft: &mut ReplyDraft) {
    body(draft, "text/html", "<html><body>Sorry</body></html>");
}

/// Adds a header.
pub(crate) fn with_header(draft: &mut ReplyDraft, name: HeaderName, value: &'static str) {
    draft.answer = draft.answer.clone().with_header(name, HeaderValue::from_static(value));
}

/// Sends half of the body, then breaks the connection.
fn cut(draft: &mut ReplyDraft) {
    draft.answer.delivery = Delivery::Cut;
}

/// Sends half of the body, then nothing for as long as the client waits.
fn stalled(draft: &mut ReplyDraft) {
    draft.answer.delivery = Delivery::Stalled;
}

/// Redirects to this server under another host name, where a journal sees who comes.
fn redirect(draft: &mut ReplyDraft, status: StatusCode) {
    let Ok(location) = HeaderValue::try_from(&draft.elsewhere) else { return };
    draft.answer = Answer::redirect(status, location);
}

/// Compresses the body, whether the client asked for it or not.
fn gzip(draft: &mut ReplyDraft) {
    if let Ok(compressed) = draft.answer.clone().gzipped() {
        draft.answer = compressed;
    }
}

/// A body that becomes a hundred megabytes when it is decompressed.
fn gzip_bomb(draft: &mut ReplyDraft) {
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
