//! Server, connector and oracle set against each other, over real sockets.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the helpers of a test fail it by panicking"
)]

mod admin;
mod agreement;
mod applications;
mod attack;
mod authorise;
mod changed;
mod connector;
mod described;
mod diagnosis;
mod documents;
mod drivers;
mod facts;
mod fapi;
mod faults;
mod findings;
mod floors;
mod hints;
mod keys;
mod lives;
mod mend_first;
mod mistakes;
mod no_authorities;
mod oidc;
mod person;
mod quotes;
mod real_names;
mod repeated;
mod replay;
mod rules;
mod schemas;
mod server;
mod server_again;
mod service;
mod settings;
mod slow;
mod stopped;
mod suite;
mod support;
mod tls;
mod token;
mod told;
mod transport;
