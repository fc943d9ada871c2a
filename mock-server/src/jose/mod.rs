//! Keys and JOSE containers: which algorithm and header a document has is the caller's to say. Knows no protocol.

pub(crate) mod ec;
pub(crate) mod ecdh_es;
pub(crate) mod ecdsa;
pub(crate) mod jwe;
pub(crate) mod jwe_open;
pub(crate) mod jwk;
pub(crate) mod jwk_set;
pub(crate) mod jws;
pub(crate) mod key;
pub(crate) mod nested;
pub(crate) mod recover_key;
mod rsa_padding;
