//! Listeners: connections in, requests through the routes.

pub(crate) mod accept;
pub(crate) mod door;
mod head;
mod wire;
