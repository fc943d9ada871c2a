//! JOSE as a whole: what the oracle makes it takes, any change it refuses, and a real token of Singpass opens.
#![expect(clippy::unwrap_used, reason = "the helpers of a test fail it by panicking")]

mod agreement;
mod singpass;
