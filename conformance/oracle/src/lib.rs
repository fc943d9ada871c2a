//! The Myinfo rules once more, plainly, on another crypto stack: `RustCrypto`'s `rsa`, `p256`, `p384`, `p521` and `aes`.
//!
//! Server and connector use OpenSSL and share no code with this crate. Where they and the oracle disagree, somebody
//! misread the specification. The keys here are test keys: `rsa` has an open timing advisory for private keys.

pub mod assertion;
pub mod dpop;
pub mod ec;
mod error;
pub mod jwe;
pub mod jwk;
pub mod jws;
pub mod key;
pub mod pkce;
mod text;
pub mod v3;

pub use error::OracleError;
