//! The server that is judged: what must be known of it, and a ground to stand on for each case.

use super::login::Login;
use crate::bench::milliseconds;
use crate::client::{OracleClient, http_builder};
use crate::program::{self, Log};
use anyhow::{Context, Result, bail, ensure};
use myinfo_fixtures::keys;
use myinfo_oracle::key;
use openssl::rand::rand_bytes;
use openssl::x509::X509;
use reqwest::{Client, Method, Url};
use rsa::RsaPrivateKey;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Child;

/// The persona who logs in at our own mock, and another one.
const PERSONAS: [&str; 2] = ["S6005048A", "S9812381D"];
/// What every flow asks for, unless a profile says otherwise.
const ATTRIBUTES: [&str; 7] = ["uinfin", "name", "sex", "dob", "nationality", "email", "regadd"];
/// The second client at our own mock.
const OTHER_CLIENT: &str = "TESTBED-OTHER";

/// How long a server that ends may take for it.
const END_TIME: Duration = Duration::from_secs(2);

/// What a profile says of a server; `docs/judging-servers.md` describes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The server's name.
    name: String,
    #[serde(default)]
    version: String,
    /// The command of the shell that starts it, where the suite is to.
    start: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// An address that answers with success when it is up.
    ready: Option<String>,
    #[serde(default = "twenty")]
    start_seconds: u64,
    /// `com` or `gov`.
    #[serde(default = "com")]
    context: String,
    /// The path before the endpoints, where it is not `/com/v3` or `/gov/v3`.
    path: Option<String>,
    /// The certificate, or public key, of its signatures: a PEM file.
    certificate: PathBuf,
    /// The issuer of its access tokens, where it is known.
    issuer: Option<String>,
    #[serde(default)]
    attributes: Vec<String>,
    client: Registered,
    other_client: Option<Registered>,
    #[serde(default)]
    login: Login,
    /// The NRIC or FIN of the person who logs in, and of another one.
    uinfin: Option<String>,
    other_uinfin: Option<String>,
    /// What the server knows of the person: a JSON file.
    person: Option<PathBuf>,
}

/// A client as it is registered at the server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Registered {
    id: String,
    secret: String,
    redirect_uri: String,
    /// Its private key, PKCS#8 as PEM; the testbed's own unless given.
    private_key: Option<PathBuf>,
    #[serde(default)]
    esvc_id: String,
    /// Whether it may ask for the name alone.
    #[serde(default)]
    name_only: bool,
}

const fn twenty() -> u64 {
    20
}

fn com() -> String {
    "com".to_owned()
}

/// A server to judge.
#[derive(Debug)]
pub struct Target {
    /// Its name, and its version where it is known.
    pub name: String,
    /// The version.
    pub version: String,
    kind: Kind,
    /// How long an answer may take.
    pub patience: Duration,
    http: Client,
    /// The server's process, where the suite started it.
    started: Option<Started>,
}

/// A server that the suite started. It ends with the target.
#[derive(Debug)]
struct Started {
    start: String,
    env: Vec<(String, String)>,
    ready: String,
    seconds: u64,
    log: Log,
    child: tokio::sync::Mutex<Child>,
}

impl Started {
    async fn launch(start: &str, env: &[(String, String)], ready: &str, seconds: u64, log: &Log) -> Result<Child> {
        let mut command = program::shell(start);
        command.envs(env.iter().cloned());
        Ok(program::up(command, ready, seconds, log).await?)
    }

    /// How it ended, if it did. A connection breaks a moment before its process is gone.
    async fn ended(&self, http: &Client) -> Option<String> {
        if http.get(&self.ready).send().await.is_ok() {
            return None;
        }
        let status = tokio::time::timeout(END_TIME, async { self.child.lock().await.wait().await }).await;
        Some(match status {
            Ok(Ok(status)) => format!("the server ended with {status}"),
            _ => "the server does not answer any more".to_owned(),
        })
    }

    /// Starts the server again if it ended.
    async fn keep_up(&self) -> Result<()> {
        let mut child = self.child.lock().await;
        if child.try_wait()?.is_some() {
            let launched = Self::launch(&self.start, &self.env, &self.ready, self.seconds, &self.log).await;
            *child = launched.context("the server ended, and does not start again")?;
        }
        Ok(())
    }
}

#[derive(Debug)]
enum Kind {
    /// This project's mock, recognised by its admin API: every case has a realm with two clients of ours.
    Own {
        origin: String,
        /// A fault that is armed in every realm: for the tests of the cases themselves.
        fault: Option<String>,
    },
    /// Any other.
    Stranger(Box<Known>),
}

/// What a profile comes to once its files are read.
#[derive(Debug)]
pub struct Known {
    profile: Profile,
    /// Where it lies.
    folder: PathBuf,
    base_url: String,
    client: (Registered, RsaPrivateKey),
    other: Option<(Registered, RsaPrivateKey)>,
    myinfo: rsa::RsaPublicKey,
    person: Option<Value>,
}

/// What a case stands on: a client that keeps every rule, and what is known of the server.
#[derive(Debug)]
pub struct Ground {
    /// The client.
    pub client: OracleClient,
    /// A second registered client at the same server.
    pub other: Option<OracleClient>,
    /// Whether the second client may ask for nothing but the name.
    pub other_name_only: bool,
    /// How the person logs in.
    pub login: Login,
    /// What flows ask for.
    pub attributes: Vec<String>,
    /// The issuer of access tokens, where it is known.
    pub issuer: Option<String>,
    /// The NRIC or FIN of the person, where it is known.
    pub uinfin: Option<String>,
    /// Of another person.
    pub other_uinfin: Option<String>,
    /// What the server knows of the person, where it is known.
    pub person: Option<Value>,
    /// A redirect URI with a query of its own, where one is registered.
    pub redirect_uri_with_query: Option<String>,
    /// The common name of the client's certificate, where it is known.
    pub common_name: Option<String>,
    /// Whether both contexts are served.
    pub both_contexts: bool,
    /// How long an answer may take.
    pub patience: Duration,
    /// The realm's address at our own mock: its clock can be moved.
    realm: Option<(Client, String)>,
}

impl Profile {
    /// Reads a profile and the files that it names.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub fn read(path: &Path) -> Result<Known> {
        let shown = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("the profile {shown} cannot be read"))?;
        let profile: Self = toml::from_str(&text).with_context(|| format!("the profile {shown} cannot be used"))?;
        ensure!(
            ["com", "gov"].contains(&profile.context.as_str()),
            "the profile {shown}: `context` is `{}`; there are com and gov",
            profile.context
        );
        let folder = path.parent().unwrap_or(Path::new(".")).canonicalize()?;
        let read = |file: &Path| {
            let file = folder.join(file);
            std::fs::read_to_string(&file).with_context(|| format!("the file {} cannot be read", file.display()))
        };
        let registered = |client: &Registered| -> Result<(Registered, RsaPrivateKey)> {
            let pem = client.private_key.as_deref().map(&read).transpose()?;
            let private = key::private(pem.as_deref().unwrap_or(keys::CLIENT_KEY_PEM));
            Ok((client.clone(), private.with_context(|| format!("the private key of `{}`", client.id))?))
        };
        Ok(Known {
            client: registered(&profile.client)?,
            other: profile.other_client.as_ref().map(&registered).transpose()?,
            myinfo: public_key(&read(&profile.certificate)?)
                .with_context(|| format!("the certificate {}", profile.certificate.display()))?,
            person: match &profile.person {
                Some(file) => Some(serde_json::from_str(&read(file)?).context("the file of `person` is no JSON")?),
                None => None,
            },
            base_url: String::new(),
            folder,
            profile,
        })
    }
}

impl Target {
    /// Our own mock at an address.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn own(origin: &str, fault: Option<&str>, patience: Duration) -> Result<Self> {
        let kind = Kind::Own { origin: origin.trim_end_matches('/').to_owned(), fault: fault.map(str::to_owned) };
        let http = http_builder().timeout(patience).build()?;
        Ok(Self { name: "myinfo-mock".to_owned(), version: String::new(), kind, patience, http, started: None })
    }

    /// The server at an address, which must be our own mock.
    ///
    /// # Errors
    /// When nothing answers there, or something else does.
    pub async fn recognise(url: &Url, patience: Duration) -> Result<Self> {
        let http = http_builder().timeout(patience).build()?;
        let asked = url.join("/_mock/rules")?;
        let answer = http.get(asked).send().await.with_context(|| format!("nothing answers at {url}"))?;
        let status = answer.status();
        if status == 401 {
            bail!("the mock at {url} asks for its admin token: start one on 127.0.0.1 for this, without a token");
        }
        let rules: Option<Value> = answer.json().await.ok();
        if rules.is_none_or(|rules| rules.get("rules").is_none()) {
            bail!(
                "{url} is no myinfo-mock (its /_mock/rules answered {status}): say with --profile FILE what must be known of it"
            );
        }
        Self::own(url.origin().ascii_serialization().as_str(), None, patience)
    }

    /// The server of a profile: at an address, or started as the profile says.
    ///
    /// # Errors
    /// When there is no address, or the server is not up.
    pub async fn by_profile(mut known: Known, url: Option<&Url>, patience: Duration) -> Result<Self> {
        let profile = &known.profile;
        let (base_url, started) = match (url, &profile.start) {
            (Some(url), _) => (url.as_str().trim_end_matches('/').to_owned(), None),
            (None, Some(start)) => {
                let port = program::free_port()?.to_string();
                let folder = known.folder.display().to_string();
                let filled = |text: &str| text.replace("{port}", &port).replace("{dir}", &folder);
                let base_url = format!("http://127.0.0.1:{port}");
                let env: Vec<_> = profile.env.iter().map(|(name, value)| (name.clone(), filled(value))).collect();
                let ready = profile.ready.as_deref().map_or_else(|| base_url.clone(), filled);
                let (start, seconds, log) = (filled(start), profile.start_seconds, Log::default());
                let child = Started::launch(&start, &env, &ready, seconds, &log).await;
                let child = child.with_context(|| format!("the server `{}` is not up", profile.name))?.into();
                (base_url, Some(Started { start, env, ready, seconds, log, child }))
            }
            (None, None) => bail!("the profile of `{}` has no `start`: give the server's address", profile.name),
        };
        known.base_url = base_url;
        Ok(Self {
            name: known.profile.name.clone(),
            version: known.profile.version.clone(),
            kind: Kind::Stranger(Box::new(known)),
            patience,
            http: http_builder().timeout(patience).build()?,
            started,
        })
    }

    /// Whether a fault is armed in it.
    pub const fn has_fault(&self) -> bool {
        matches!(self.kind, Kind::Own { fault: Some(_), .. })
    }

    /// How the server ended, where the suite started it and it did.
    pub async fn ended(&self) -> Option<String> {
        match &self.started {
            Some(started) => started.ended(&self.http).await,
            None => None,
        }
    }

    /// Whether several cases may be judged at once: where they share a server, one could break what another needs.
    pub const fn bears_company(&self) -> bool {
        matches!(self.kind, Kind::Own { .. })
    }

    /// A ground for a case. A server that the suite started and that ended since is started again.
    ///
    /// # Errors
    /// When our own mock makes no realm, or a server cannot be started again.
    pub async fn ground(&self, case: &str) -> Result<Ground> {
        if let Some(started) = &self.started {
            started.keep_up().await?;
        }
        match &self.kind {
            Kind::Own { origin, fault } => self.own_ground(origin, fault.as_deref(), case).await,
            Kind::Stranger(known) => self.stranger_ground(known),
        }
    }

    async fn own_ground(&self, origin: &str, fault: Option<&str>, case: &str) -> Result<Ground> {
        let name = format!("judged-{case}-{}", chance()?);
        let with_query = "http://localhost:3001/callback?from=a%20page&to=x%26y";
        let faults = fault.map_or_else(|| json!([]), |id| json!([{"id": id}]));
        let body = json!({
            "name": name,
            "faults": faults,
            "config": {
                "service": {"key": keys::MYINFO_KEY_PEM, "certificate": keys::MYINFO_CERT_PEM},
                "client": [
                    {
                        "id": keys::CLIENT_ID,
                        "secret": keys::CLIENT_SECRET,
                        "redirect_uris": [keys::CLIENT_REDIRECT_URI, with_query],
                        "certificate": keys::CLIENT_CERT_PEM,
                    },
                    {
                        "id": OTHER_CLIENT,
                        "secret": "testbed-other-secret",
                        "redirect_uris": [keys::CLIENT_REDIRECT_URI],
                        "certificate": keys::STRANGER_CERT_PEM,
                        "attributes": ["name"],
                    },
                ],
            },
        });
        let made = self.http.post(format!("{origin}/_mock/realms")).json(&body).send().await;
        let made = made.context("the mock's admin API does not answer")?;
        ensure!(made.status() == 201, "the mock made no realm: {}", made.text().await.unwrap_or_default());
        let base_url = format!("{origin}/_realm/{name}");
        let persona = self.http.get(format!("{base_url}/_mock/personas/{}", PERSONAS[0])).send().await?;
        let mut persona: Value = persona.json().await.context("the mock tells nothing of its persona")?;
        let mut client = OracleClient::over(self.http.clone(), &base_url, "com", milliseconds)?;
        client.nonce = chance()?;
        let mut other = OracleClient::over(self.http.clone(), &base_url, "com", milliseconds)?;
        other.nonce = chance()?;
        OTHER_CLIENT.clone_into(&mut other.client_id);
        "testbed-other-secret".clone_into(&mut other.client_secret);
        other.key = key::private(keys::STRANGER_KEY_PEM)?;
        Ok(Ground {
            issuer: Some(format!("{base_url}/serviceauth/myinfo-com")),
            client,
            other: Some(other),
            other_name_only: true,
            login: Login {
                header: Some(format!("X-Myinfo-Mock-Persona: {}", PERSONAS[0])),
                declining_header: Some("X-Myinfo-Mock-Persona: error:access_denied".to_owned()),
                ..Login::default()
            },
            attributes: ATTRIBUTES.map(str::to_owned).to_vec(),
            uinfin: Some(PERSONAS[0].to_owned()),
            other_uinfin: Some(PERSONAS[1].to_owned()),
            person: persona.get_mut("person").map(Value::take),
            redirect_uri_with_query: Some(with_query.to_owned()),
            common_name: Some(common_name(keys::CLIENT_CERT_PEM)?),
            both_contexts: true,
            patience: self.patience,
            realm: Some((self.http.clone(), base_url)),
        })
    }

    fn stranger_ground(&self, known: &Known) -> Result<Ground> {
        let profile = &known.profile;
        let context = if profile.context == "gov" { "gov" } else { "com" };
        let as_client = |(registered, key): &(Registered, RsaPrivateKey)| -> Result<OracleClient> {
            let mut client = OracleClient::over(self.http.clone(), &known.base_url, context, milliseconds)?;
            client.path.clone_from(&profile.path);
            client.client_id.clone_from(&registered.id);
            client.client_secret.clone_from(&registered.secret);
            client.redirect_uri.clone_from(&registered.redirect_uri);
            client.esvc_id.clone_from(&registered.esvc_id);
            client.key = key.clone();
            client.myinfo = known.myinfo.clone();
            client.nonce = chance()?;
            Ok(client)
        };
        let attributes = if profile.attributes.is_empty() {
            ATTRIBUTES.map(str::to_owned).to_vec()
        } else {
            profile.attributes.clone()
        };
        Ok(Ground {
            client: as_client(&known.client)?,
            other: known.other.as_ref().map(as_client).transpose()?,
            other_name_only: known.other.as_ref().is_some_and(|(registered, _)| registered.name_only),
            login: profile.login.clone(),
            attributes,
            issuer: profile.issuer.clone(),
            uinfin: profile.uinfin.clone(),
            other_uinfin: profile.other_uinfin.clone(),
            person: known.person.clone(),
            redirect_uri_with_query: None,
            common_name: None,
            both_contexts: false,
            patience: self.patience,
            realm: None,
        })
    }
}

impl Ground {
    /// Whether the server's clock can be moved.
    pub const fn has_clock(&self) -> bool {
        self.realm.is_some()
    }

    /// Moves the clock of the server and of the clients.
    ///
    /// # Errors
    /// When the mock does not do it.
    pub async fn advance(&mut self, seconds: u64) -> Result<()> {
        self.admin(Method::POST, "/_mock/clock", Some(json!({"advance_seconds": seconds}))).await?;
        self.client.ahead += seconds * 1000;
        if let Some(other) = &mut self.other {
            other.ahead += seconds * 1000;
        }
        Ok(())
    }

    /// Ends the realm.
    ///
    /// # Errors
    /// When the mock does not answer.
    pub async fn end(self) -> Result<()> {
        let Some((http, base_url)) = &self.realm else { return Ok(()) };
        let Some((origin, name)) = base_url.split_once("/_realm/") else { return Ok(()) };
        http.delete(format!("{origin}/_mock/realms/{name}")).send().await?.error_for_status()?;
        Ok(())
    }

    async fn admin(&self, method: Method, path: &str, body: Option<Value>) -> Result<()> {
        let (http, base_url) = self.realm.as_ref().context("the server has no admin API")?;
        http.request(method, format!("{base_url}{path}")).json(&body).send().await?.error_for_status()?;
        Ok(())
    }
}

/// A server's address.
///
/// # Errors
/// When it is none.
pub fn address(text: &str) -> Result<Url> {
    let url = Url::parse(text).ok().filter(|url| url.has_host() && ["http", "https"].contains(&url.scheme()));
    url.with_context(|| format!("`{text}` is no address; write one like http://127.0.0.1:5156"))
}

/// A text that no other client has used, and no run before.
fn chance() -> Result<String> {
    let mut bytes = [0_u8; 8];
    rand_bytes(&mut bytes)?;
    Ok(format!("{:016x}", u64::from_be_bytes(bytes)))
}

/// The RSA key of a certificate, or of a `PUBLIC KEY`, in PEM.
fn public_key(pem: &str) -> Result<rsa::RsaPublicKey> {
    if !pem.contains("BEGIN CERTIFICATE") {
        return Ok(key::public(pem)?);
    }
    let public = X509::from_pem(pem.as_bytes())?.public_key()?.public_key_to_pem()?;
    Ok(key::public(&String::from_utf8(public)?)?)
}

fn common_name(certificate: &str) -> Result<String> {
    let certificate = X509::from_pem(certificate.as_bytes())?;
    let mut names = certificate.subject_name().entries_by_nid(openssl::nid::Nid::COMMONNAME);
    let name = names.next().context("the certificate has no common name")?;
    Ok(name.data().to_string()?)
}
