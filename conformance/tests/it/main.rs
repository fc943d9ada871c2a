//! Server, connector and oracle set against each other, over real sockets.

mod agreement;
mod authorise;
mod connector;
mod person;
mod settings;
mod support;
mod token;
