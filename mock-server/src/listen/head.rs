//! HEAD for an address of the mock's own: answered as GET, without the content.

use hyper::body::Body as _;
use warp::http::{Method, Request, header};
use warp::reply::Response;

/// Makes GET of a HEAD that is for the mock itself, and says whether it did. RFC 9110 §9.3.2. What a profile serves takes the methods
/// that the real service takes.
pub(super) fn taken_for_get<B>(request: &mut Request<B>) -> bool {
    let path = request.uri().path();
    let own = path == "/" || path == "/_mock" || path.starts_with("/_mock/");
    let taken = own && request.method() == Method::HEAD;
    if taken {
        *request.method_mut() = Method::GET;
    }
    taken
}

/// An answer without its content. It tells how long that would be, where that is known beforehand.
pub(super) fn without_content(answer: Response) -> Response {
    let length = answer.body().size_hint().exact();
    let (mut parts, _) = answer.into_parts();
    if let Some(length) = length {
        parts.headers.insert(header::CONTENT_LENGTH, length.into());
    }
    Response::from_parts(parts, Response::default().into_body())
}
