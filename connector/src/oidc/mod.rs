//! The API before FAPI (Login, and Myinfo v5 as it was): plain OpenID Connect with `Bearer`, a file for each step, over the parts of
//! [`fapi`](crate::fapi). An application has the same registration and keys in both.

pub mod authorise;
mod bound;
mod config;
pub mod discovery;
pub mod id_token;
mod run;
mod subject;
pub mod token;
pub mod userinfo;

pub use bound::Bound;
pub use config::{ClientProfile, Config};
pub(crate) use run::Flow;
pub use subject::Subject;
