//! A request as the journal keeps it: a copy of its own.

use crate::http::exchange::{BodyProblem, Incoming};
use bytes::Bytes;
use std::net::SocketAddr;
use warp::http::{HeaderName, HeaderValue, Method};

/// A request as it was received, without its place in the server.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// Scheme and host as the client wrote them.
    pub(crate) origin: String,
    /// The path, the realm's part included.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(HeaderName, Box<[u8]>)>,
    pub(crate) body: Result<Bytes, BodyProblem>,
    pub(crate) peer: Option<SocketAddr>,
}

impl Request {
    /// Takes a request over, copying what lies in the connection's read buffer: a journal that held on to those buffers
    /// would make every connection allocate new ones.
    pub(crate) fn copied(incoming: &Incoming) -> Self {
        Self {
            method: incoming.method.clone(),
            origin: incoming.origin(),
            path: incoming.full_path(),
            query: incoming.query.clone(),
            headers: incoming.headers.iter().map(|(name, value)| (name.clone(), value.as_bytes().into())).collect(),
            body: incoming.body.as_ref().map(|body| Bytes::copy_from_slice(body)).map_err(|problem| *problem),
            peer: incoming.peer,
        }
    }

    /// How much memory it takes.
    pub(super) fn bytes(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| header_bytes(name, value.len()));
        size_of::<Self>()
            + self.origin.capacity()
            + self.path.capacity()
            + self.query.capacity()
            + headers.sum::<usize>()
            + self.body.as_ref().map_or(0, Bytes::len)
    }

    /// The value of a header, the first one.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        let value = self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        value.and_then(|value| std::str::from_utf8(value).ok())
    }
}

/// How much memory a header takes, given the length of its value.
pub(super) fn header_bytes(name: &HeaderName, value: usize) -> usize {
    size_of::<(HeaderName, HeaderValue)>() + name.as_str().len() + value
}
