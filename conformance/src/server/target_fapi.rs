//! What must be known of a server of FAPI that is not this project's mock: its target file, and an instance made of it.

use super::client::fapi::{Api, Endpoints, FapiClient};
use super::curl::Curl;
use super::fapi::FapiInstance;
use super::http::HttpOptions;
use super::login::Login;
use super::seed::Seed;
use super::target_file::{Launch, check_login, check_seconds, folder_of, named_file, twenty};
use crate::clock::milliseconds;
use crate::http;
use crate::unread::parsed;
use anyhow::{Context, Result, ensure};
use myinfo_fixtures::keys::ec;
use myinfo_oracle::ec::EcPrivateKey;
use myinfo_oracle::jwk;
use reqwest::{Client, Url};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

/// What a target file says of a server of FAPI; `docs/judging-servers.md` describes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FapiFile {
    #[serde(rename = "profile")]
    _profile: String,
    name: String,
    #[serde(default)]
    version: String,
    start: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    ready: Option<String>,
    #[serde(default = "twenty")]
    start_seconds: u64,
    /// Its issuer; `{base}` stands for its address.
    issuer: String,
    client: Registered,
    other_client: Option<Registered>,
    login_app: Option<Registered>,
    #[serde(default)]
    login: Login,
    /// The NRIC or FIN of the person who logs in.
    uinfin: Option<String>,
}

/// An application as it is registered at the server.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Registered {
    id: String,
    redirect_uri: String,
    #[serde(default = "openid")]
    scope: String,
    /// `authentication_context_type`, where it is sent.
    context_type: Option<String>,
    /// Its private JWK Set; the testbed's own unless given.
    jwks: Option<PathBuf>,
}

fn openid() -> String {
    "openid".to_owned()
}

/// What it comes to once the files that it names are read.
#[derive(Debug)]
pub struct KnownFapi {
    file: FapiFile,
    folder: PathBuf,
    pub(super) base_url: String,
    /// The applications' keys: of the client, of the other one, of the Login app.
    keys: [Option<Keys>; 3],
}

/// An application's keys: to sign with, by its kid, and to be encrypted for.
#[derive(Debug, Clone)]
struct Keys {
    signing: (String, EcPrivateKey),
    encryption: EcPrivateKey,
}

impl KnownFapi {
    /// The files that a target file names, read.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub(super) fn read(path: &Path, text: &str) -> Result<Self> {
        let file: FapiFile = parsed(("target", path), text)?;
        let folder = folder_of(path)?;
        let shown = path.display();
        file.check().with_context(|| format!("the target {shown} cannot be used"))?;
        let keys = |registered: Option<&Registered>| -> Result<Option<Keys>> {
            let Some(Registered { id, jwks, .. }) = registered else { return Ok(None) };
            let set = jwks.as_deref().map(|file| named_file(&folder, file)).transpose()?;
            let keys = Keys::read(set.as_deref().unwrap_or(ec::CLIENT_JWKS_PRIVATE));
            keys.map(Some).with_context(|| format!("the JWK Set of `{id}` cannot be used"))
        };
        let keys = [keys(Some(&file.client))?, keys(file.other_client.as_ref())?, keys(file.login_app.as_ref())?];
        Ok(Self { file, folder, base_url: String::new(), keys })
    }

    /// The server's name.
    pub(super) fn name(&self) -> &str {
        &self.file.name
    }

    /// How it is started.
    pub(super) fn launch(&self) -> Launch {
        let FapiFile { name, version, start, env, ready, start_seconds, .. } = &self.file;
        Launch {
            name: name.clone(),
            version: version.clone(),
            start: start.clone(),
            env: env.clone(),
            ready: ready.clone(),
            start_seconds: *start_seconds,
            folder: self.folder.clone(),
        }
    }

    /// An instance for a case. The endpoints are those of the discovery document.
    ///
    /// # Errors
    /// When there is none.
    pub(super) async fn instance(
        &self,
        http: &Client,
        http_options: &HttpOptions,
        (case, seed): (&str, Seed),
    ) -> Result<FapiInstance> {
        let at = self.endpoints(http).await?;
        let of = |registered: &Registered, keys: &Option<Keys>, what: &str| {
            let keys = keys.clone()?;
            // a server that was there before remembers the ids of another run with this seed: the time sets them apart
            let mark = format!("{:x}-{}", milliseconds(), seed.text(case, what));
            Some(FapiClient {
                api: Api::Fapi,
                http: http.clone(),
                at: at.clone(),
                client_id: registered.id.clone(),
                redirect_uri: registered.redirect_uri.clone(),
                scope: registered.scope.clone(),
                context_type: registered.context_type.clone(),
                signing: keys.signing,
                encryption: keys.encryption,
                mark,
                ahead: 0,
                counter: AtomicU64::new(0),
                clock: milliseconds,
            })
        };
        let [own, other, login_app] = &self.keys;
        let file = &self.file;
        Ok(FapiInstance {
            client: of(&file.client, own, "client").context("the client has no keys")?,
            other: file.other_client.as_ref().and_then(|registered| of(registered, other, "other client")),
            login_app: file.login_app.as_ref().and_then(|registered| of(registered, login_app, "login app")),
            login: file.login.clone(),
            keys: None,
            uinfin: file.uinfin.clone(),
            curl: self.curl(http_options),
            realm: None,
        })
    }

    /// The header of the login is the user's own: a variable of the shell stands in its place.
    fn curl(&self, http_options: &HttpOptions) -> Curl {
        let login = &self.file.login;
        let headers = [(&login.header, "MYINFO_LOGIN_HEADER"), (&login.declining_header, "MYINFO_DECLINING_HEADER")];
        let own =
            headers.into_iter().filter_map(|(header, name)| Some((header.as_ref()?.split_once(':')?.1.trim(), name)));
        own.fold(Curl::trusting(http_options.authority_file()), |curl, (text, name)| curl.hiding(text, name))
    }

    async fn endpoints(&self, http: &Client) -> Result<Endpoints> {
        let issuer = self.file.issuer.replace("{base}", &self.base_url);
        let discovery = format!("{issuer}/.well-known/openid-configuration");
        let answer = http.get(&discovery).send().await;
        let answer = answer.with_context(|| format!("the discovery document {discovery} cannot be fetched"))?;
        let status = answer.status();
        let members = http::json(answer).await.unwrap_or_default();
        let address = |name: &str| {
            let text = members.get(name).and_then(Value::as_str).map(str::to_owned);
            text.with_context(|| {
                format!(
                    "{discovery} answered {status} without `{name}`: is the server one of FAPI, and `issuer` right?"
                )
            })
        };
        Ok(Endpoints {
            par: address("pushed_authorization_request_endpoint")?,
            auth: address("authorization_endpoint")?,
            token: address("token_endpoint")?,
            userinfo: address("userinfo_endpoint")?,
            keys: address("jwks_uri")?,
            issuer,
            discovery,
        })
    }
}

impl FapiFile {
    /// Finds texts that cannot be what they stand for.
    fn check(&self) -> Result<()> {
        check_login(&self.login)?;
        check_seconds(self.start_seconds)?;
        let clients = [Some(&self.client), self.other_client.as_ref(), self.login_app.as_ref()];
        for client in clients.into_iter().flatten() {
            let right = Url::parse(&client.redirect_uri).is_ok_and(|url| url.has_host());
            ensure!(right, "the redirect_uri `{}` of `{}` is no address", client.redirect_uri, client.id);
        }
        let whole = self.issuer.replace("{base}", "http://server");
        let right = Url::parse(&whole).is_ok_and(|url| url.has_host()) && !whole.ends_with('/');
        ensure!(right, "`issuer` is `{}`; write it like https://id.example/fapi or {{base}}/fapi", self.issuer);
        Ok(())
    }
}

impl Keys {
    /// The first key of a private JWK Set that signs, and the first that is encrypted for.
    fn read(set: &str) -> Result<Self> {
        let set: Value = serde_json::from_str(set).context("it is no JSON")?;
        let keys = set.get("keys").and_then(Value::as_array).context("it has no list `keys`")?;
        let of = |kind: &str| -> Result<&Value> {
            let found = keys.iter().find(|key| key.get("use").is_some_and(|found| found == kind));
            found.with_context(|| format!("no key in it has `use` `{kind}`"))
        };
        let (signs, opens) = (of("sig")?, of("enc")?);
        let kid = signs.get("kid").and_then(Value::as_str).context("the key that signs has no kid")?;
        let private = |key: &Value| jwk::private(key).context("a key in it is no private key on a curve");
        Ok(Self { signing: (kid.to_owned(), private(signs)?), encryption: private(opens)? })
    }
}
