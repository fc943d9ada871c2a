//! A reference connector for Singapore's Myinfo v3 and for Singpass FAPI 2.0 (Myinfo v5 and Login), made to be read and copied.
//!
//! Each step of the flow is a pair of pure functions: `prepare` makes the request, `accept` judges the answer. They need
//! no network, so they can be tested, and used with any HTTP client. v3:
//!
//! | step | prepare | accept |
//! |---|---|---|
//! | send the browser away | [`v3::authorise::prepare`] | [`v3::authorise::accept`] |
//! | code to access token | [`v3::token::prepare`] | [`v3::token::accept`] |
//! | token to person | [`v3::person::prepare`] | [`v3::person::accept`] |
//!
//! FAPI:
//!
//! | step | prepare | accept |
//! |---|---|---|
//! | where the endpoints are | [`fapi::discovery::prepare`] | [`fapi::discovery::accept`] |
//! | the service's keys | [`fapi::keys::prepare`] | [`fapi::keys::accept`] |
//! | push the request | [`fapi::par::prepare`] | [`fapi::par::accept`] |
//! | send the browser away | [`fapi::authorise::prepare`] | [`fapi::authorise::accept`] |
//! | code to tokens | [`fapi::token::prepare`] | [`fapi::token::accept`] |
//! | who logged in | – | [`fapi::id_token::accept`] |
//! | the person, for Myinfo apps | [`fapi::userinfo::prepare`] | [`fapi::userinfo::accept`] |
//!
//! Steps by themselves, without a network: the browser is sent away and comes back, and the token request is made.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use myinfo_connector::ambient::{Stamp, System};
//! use myinfo_connector::v3::{Config, Environment, authorise, token};
//! use myinfo_connector::{Callback, Error, State};
//!
//! # let keys = "../fixtures/keys/";
//! # let read = |name: &str| std::fs::read(format!("{keys}{name}"));
//! # let (own_key, myinfo_certificate) = (read("client-key.pem")?, read("myinfo-cert.pem")?);
//! let config = Config::builder(Environment::Test)
//!     .client("MY-APP", "the client's secret")
//!     .redirect_uri("http://localhost:3001/callback")
//!     .attributes(["uinfin", "name"])
//!     .private_key(&own_key, None)?
//!     .myinfo_key(&myinfo_certificate)?
//!     .build()?;
//!
//! let state = || State::from_session("0123456789abcdef0123456789abcdef");
//! let url = authorise::prepare(&config, &state());
//! assert!(url.starts_with("https://test.api.myinfo.gov.sg/com/v3/authorise?client_id=MY-APP&"));
//!
//! let callback = |state: &str| Callback::read(&format!("http://localhost:3001/callback?code=a-code&state={state}"));
//! let code = authorise::accept(&callback("0123456789abcdef0123456789abcdef"), state())?;
//! let request = token::prepare(&config, &code, &Stamp::fresh(&System)?)?;
//! assert_eq!(request.url, "https://test.api.myinfo.gov.sg/com/v3/token");
//! assert!(request.headers.iter().any(|(name, value)| *name == "Authorization" && value.starts_with("PKI_SIGN ")));
//!
//! // a callback that belongs to no login of this browser
//! assert!(matches!(authorise::accept(&callback("of-somebody-else"), state()), Err(Error::State(_))));
//! # Ok(()) }
//! ```
//!
//! The API before FAPI, for the months until it ends, has the steps of [`oidc`]: what is configured is FAPI's
//! ([`oidc::Config::new`]), and PAR and proofs are missing.
//!
//! [`Connector`] runs all of them over [`transport::Transport`]; the type of its configuration says which protocol it speaks:
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use myinfo_connector::Connector;
//! use myinfo_connector::fapi::{Config, Environment};
//!
//! let config = Config::builder(Environment::Staging)
//!     .client_id("the id of the app at the developer portal")
//!     .redirect_uri("http://localhost:3001/callback")
//!     .scopes("openid uinfin name dob")           // a Login app: "openid user.identity name", and .login(…)
//!     .keys(&std::fs::read("client-jwks-private.json")?)?
//!     .build()?;
//! let connector = Connector::new(config)?;        // one for the whole process: it keeps metadata and keys
//!
//! let login = connector.begin().await?;           // keep login.kept in the browser's session
//! println!("send the browser to {}", login.url);
//! # let callback_url = "";
//! let person = connector.finish(callback_url, login.kept).await?;
//! println!("{:?}, {:?}", person.name(), person.identity().map(|identity| identity.subject()));
//! # Ok(()) }
//! ```
//!
//! v3 works the same way:
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use myinfo_connector::Connector;
//! use myinfo_connector::v3::{Config, Environment};
//!
//! let config = Config::builder(Environment::Test)
//!     .client("STG2-MYINFO-SELF-TEST", "the client's secret")
//!     .redirect_uri("http://localhost:3001/callback")
//!     .attributes(["uinfin", "name", "dob"])
//!     .private_key(&std::fs::read("client-key.pem")?, None)?
//!     .myinfo_key(&std::fs::read("myinfo-cert.pem")?)?
//!     .build()?;
//! let connector = Connector::new(config)?;
//!
//! let login = connector.begin().await?;     // keep login.kept in the browser's session
//! println!("send the browser to {}", login.url);
//! # let callback_url = "";
//! let person = connector.finish(callback_url, login.kept).await?;
//! println!("{:?}", person.name());
//! # Ok(()) }
//! ```
//!
//! An application without sessions lets the browser carry what it has to keep, under a [`Seal`]:
//!
//! ```no_run
//! # async fn example(connector: &myinfo_connector::Connector) -> Result<(), myinfo_connector::Error> {
//! use myinfo_connector::Seal;
//! use std::time::Duration;
//!
//! let seal = Seal::fresh(Duration::from_secs(15 * 60), connector.ambient())?;     // once, when the service starts
//!
//! let login = connector.begin().await?;
//! let cookie = seal.close(&login.kept, connector.ambient())?;
//! # let callback_url = "";
//! let person = connector.finish(callback_url, seal.open(&cookie, connector.ambient())?).await?;
//! # Ok(()) }
//! ```
//!
//! Time, chance and waiting ([`ambient::Ambient`]) and the network ([`transport::Network`]) are parameters; what a connector
//! takes unless it is told otherwise are the system's and reqwest's.

pub mod ambient;
mod callback;
mod config;
mod connector;
pub mod error;
pub mod fapi;
mod form;
mod granted;
mod identity;
mod jose;
mod json;
mod kept;
pub mod key;
pub mod oidc;
pub mod person;
pub mod quote;
mod retry;
mod rule;
mod seal;
mod secret;
pub mod service;
mod setting;
mod status;
pub mod transport;
pub mod v3;

pub use callback::Callback;
pub use connector::{Connector, Login, Settings};
pub use error::Error;
pub use granted::{Code, Granted};
pub use identity::{AccountType, Identity};
pub use kept::{Kept, State};
pub use person::Person;
pub use seal::Seal;
pub use setting::Setting;
