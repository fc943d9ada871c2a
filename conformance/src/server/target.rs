//! The server that is judged: this project's mock, or any other; and an instance of it for each case.

use super::client::fapi::FapiClient;
use super::curl::Curl;
use super::fapi::FapiInstance;
use super::http::{HttpOptions, whole};
use super::instance::{Instance, OwnRealm};
use super::login::Login;
use super::own_fapi as fapi;
use super::realms::Realms;
use super::seed::Seed;
use super::started::Started;
use super::target_fapi::KnownFapi;
use super::target_file::{Described, Known, KnownClient};
use crate::clock::milliseconds;
use crate::connector::testbed::CALLBACK_QUERIES;
use crate::http::{self, ANSWER_LIMIT, PAGE_LIMIT};
use crate::profile::ProfileId;
use crate::server::client::v3::OracleClient;
use anyhow::{Context, Result, bail, ensure};
use myinfo_fixtures::keys;
use myinfo_oracle::key;
use openssl::x509::X509;
use reqwest::{Client, Url};
use serde_json::{Value, json};

/// The persona who logs in at our own mock, and another one.
const PERSONAS: [&str; 2] = ["S6005048A", "S9812381D"];
/// What every flow asks for, unless a target file says otherwise.
const ATTRIBUTES: [&str; 7] = ["uinfin", "name", "sex", "dob", "nationality", "email", "regadd"];
/// The second client at our own mock.
const OTHER_CLIENT: &str = "TESTBED-OTHER";

/// A server to judge.
#[derive(Debug)]
pub struct Target {
    /// Its name, and its version where it is known.
    pub name: String,
    /// The version.
    pub version: String,
    kind: Kind,
    http_options: HttpOptions,
    http: Client,
    /// What was made at a running mock.
    realms: Realms,
    /// The server's process, where the suite started it.
    started: Option<Started>,
}

#[derive(Debug)]
enum Kind {
    /// This project's mock, recognised by its admin API: every case has a realm with two clients of ours.
    Own {
        origin: String,
        /// A fault that is armed in every realm: for the tests of the cases themselves.
        fault: Option<String>,
    },
    /// Any other of v3.
    Stranger(Box<Known>),
    /// Any other of FAPI.
    Fapi(Box<KnownFapi>),
}

impl Target {
    /// Our own mock at an address.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn own(origin: &str, fault: Option<&str>, http_options: HttpOptions) -> Result<Self> {
        let kind = Kind::Own { origin: origin.trim_end_matches('/').to_owned(), fault: fault.map(str::to_owned) };
        let http = http_options.client()?;
        Ok(Self {
            name: "myinfo-mock".to_owned(),
            version: String::new(),
            kind,
            http_options,
            http,
            realms: Realms::default(),
            started: None,
        })
    }

    /// The server at an address, which must be our own mock.
    ///
    /// # Errors
    /// When nothing answers there, or something else does.
    pub async fn recognise(url: &Url, http_options: HttpOptions) -> Result<Self> {
        ensure!(
            url.path() == "/",
            "{url} has a path: give the mock's address alone, each case gets a realm of its own there"
        );
        let http = http_options.client()?;
        let asked = url.join("/_mock/rules")?;
        let answer =
            http.get(asked).send().await.with_context(|| format!("nothing that can be used answers at {url}"))?;
        let status = answer.status();
        if status == 401 {
            bail!("the mock at {url} asks for its admin token: start one on 127.0.0.1 for this, without a token");
        }
        let rules = whole(answer, ANSWER_LIMIT).await.ok();
        let rules: Option<Value> = rules.and_then(|rules| serde_json::from_slice(&rules).ok());
        if rules.is_none_or(|rules| rules.get("rules").is_none()) {
            bail!(
                "{url} is no myinfo-mock (its /_mock/rules answered {status}): say with --target FILE what must be known of it"
            );
        }
        Self::own(url.origin().ascii_serialization().as_str(), None, http_options)
    }

    /// The server of a target file: at an address, or started as the file says.
    ///
    /// # Errors
    /// When there is no address, or the server is not up.
    pub async fn of_file(mut known: Described, url: Option<&Url>, http_options: HttpOptions) -> Result<Self> {
        let launch = known.launch();
        let (base_url, started) = match (url, &launch.start) {
            (Some(url), _) => (url.as_str().trim_end_matches('/').to_owned(), None),
            (None, Some(_)) => {
                let (base_url, started) = Started::of_file(&launch).await?;
                (base_url, Some(started))
            }
            (None, None) => bail!("the target `{}` has no `start`: give the server's address", launch.name),
        };
        known.found_at(base_url);
        Ok(Self {
            name: launch.name,
            version: launch.version,
            kind: match known {
                Described::V3(known) => Kind::Stranger(known),
                Described::Fapi(known) => Kind::Fapi(known),
            },
            http: http_options.client()?,
            http_options,
            realms: Realms::default(),
            started,
        })
    }

    /// Notes the realms that it makes there, too.
    #[must_use]
    pub fn noting(self, realms: &Realms) -> Self {
        Self { realms: realms.clone(), ..self }
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

    /// An instance for a case; what is chosen by chance follows from the seed. A server that the suite started and that ended since is started again.
    ///
    /// # Errors
    /// When our own mock makes no realm, or a server cannot be started again.
    pub async fn instance(&self, case: &str, seed: Seed) -> Result<Instance> {
        if let Some(started) = &self.started {
            started.keep_up().await?;
        }
        match &self.kind {
            Kind::Own { origin, fault } => self.own_instance(origin, fault.as_deref(), (case, seed)).await,
            Kind::Stranger(known) => self.other_instance(known, (case, seed)),
            Kind::Fapi(known) => bail!("the target file of `{}` describes a server of FAPI", known.name()),
        }
    }

    /// Makes a realm of a name, with a configuration.
    async fn make_realm(&self, origin: &str, (name, fault): (&str, Option<&str>), config: Value) -> Result<()> {
        let faults = fault.map_or_else(|| json!([]), |id| json!([{"id": id}]));
        let body = json!({"name": name, "faults": faults, "config": config});
        let request = self.http.post(format!("{origin}/_mock/realms")).json(&body);
        let made = self.realms.make(&format!("{origin}/_mock/realms/{name}"), request).await?;
        let status = made.status().as_u16();
        ensure!(
            status != 409,
            "the mock has a realm of this name already: another run with this seed is under way, or was cut off; take another --seed"
        );
        ensure!(status == 201, "the mock made no realm: {}", http::text(made, PAGE_LIMIT).await.unwrap_or_default());
        Ok(())
    }

    /// Whether it speaks a profile: our own mock speaks all, another server that of its target file.
    pub const fn speaks(&self, profile: ProfileId) -> bool {
        match (&self.kind, profile) {
            (Kind::Own { .. }, _) | (Kind::Stranger(_), ProfileId::V3) | (Kind::Fapi(_), ProfileId::Fapi) => true,
            (Kind::Stranger(_), ProfileId::Fapi | ProfileId::Oidc)
            | (Kind::Fapi(_), ProfileId::V3 | ProfileId::Oidc) => false,
        }
    }

    /// An instance of FAPI for a case. A server that the suite started and that ended since is started again.
    ///
    /// # Errors
    /// When our own mock makes no realm, or another server publishes nothing, or cannot be started again.
    pub async fn fapi_instance(&self, case: &str, seed: Seed) -> Result<FapiInstance> {
        if let Some(started) = &self.started {
            started.keep_up().await?;
        }
        match &self.kind {
            Kind::Own { origin, fault } => self.own_fapi(origin, fault.as_deref(), (case, seed), fapi::client).await,
            Kind::Fapi(known) => known.instance(&self.http, &self.http_options, (case, seed)).await,
            Kind::Stranger(known) => bail!("the target file of `{}` describes a server of v3", known.file.name),
        }
    }

    /// An instance of the API before FAPI for a case: of our own mock alone.
    ///
    /// # Errors
    /// When it makes no realm, or the target is another server.
    pub async fn oidc_instance(&self, case: &str, seed: Seed) -> Result<FapiInstance> {
        match &self.kind {
            Kind::Own { origin, fault } => {
                self.own_fapi(origin, fault.as_deref(), (case, seed), fapi::client_before).await
            }
            Kind::Stranger(_) | Kind::Fapi(_) => bail!("the target file describes no server of the API before FAPI"),
        }
    }

    async fn own_fapi(
        &self,
        origin: &str,
        fault: Option<&str>,
        (case, seed): (&str, Seed),
        made: fn(&fapi::App, &Client, &str, String) -> Result<FapiClient>,
    ) -> Result<FapiInstance> {
        let name = format!("judged-{case}-{}", seed.text(case, "realm"));
        self.make_realm(origin, (&name, fault), fapi::realm()).await?;
        let base_url = format!("{origin}/_realm/{name}");
        let client = |app: &fapi::App| made(app, &self.http, &base_url, seed.text(case, app.id));
        Ok(FapiInstance {
            client: client(&fapi::MYINFO)?,
            other: Some(client(&fapi::OTHER)?),
            login_app: Some(client(&fapi::LOGIN)?),
            login: persona_login(),
            keys: Some(serde_json::from_str(keys::ec::SERVICE_JWKS)?),
            uinfin: Some(PERSONAS[0].to_owned()),
            curl: Curl::trusting(self.http_options.authority_file()),
            realm: Some(OwnRealm { http: self.http.clone(), base_url, realms: self.realms.clone() }),
        })
    }

    async fn own_instance(&self, origin: &str, fault: Option<&str>, (case, seed): (&str, Seed)) -> Result<Instance> {
        let name = format!("judged-{case}-{}", seed.text(case, "realm"));
        self.make_realm(origin, (&name, fault), two_clients()).await?;
        let base_url = format!("{origin}/_realm/{name}");
        let persona = self.http.get(format!("{base_url}/_mock/personas/{}", PERSONAS[0])).send().await?;
        let mut persona = http::json(persona).await.context("the mock tells nothing of its persona")?;
        let mut client = OracleClient::over(self.http.clone(), &base_url, "com", milliseconds)?;
        client.nonce = seed.text(case, "client");
        let mut other = OracleClient::over(self.http.clone(), &base_url, "com", milliseconds)?;
        other.nonce = seed.text(case, "other client");
        OTHER_CLIENT.clone_into(&mut other.client_id);
        "testbed-other-secret".clone_into(&mut other.client_secret);
        other.key = key::private(keys::STRANGER_KEY_PEM)?;
        Ok(Instance {
            issuer: Some(format!("{base_url}/serviceauth/myinfo-com")),
            client,
            other: Some(other),
            other_name_only: true,
            login: persona_login(),
            attributes: ATTRIBUTES.map(str::to_owned).to_vec(),
            uinfin: Some(PERSONAS[0].to_owned()),
            other_uinfin: Some(PERSONAS[1].to_owned()),
            person: persona.get_mut("person").map(Value::take),
            certificate: keys::MYINFO_CERT_PEM.to_owned(),
            redirect_uri_with_query: Some(with_query()),
            common_name: Some(common_name(keys::CLIENT_CERT_PEM)?),
            both_contexts: true,
            curl: Curl::trusting(self.http_options.authority_file()),
            realm: Some(OwnRealm { http: self.http.clone(), base_url, realms: self.realms.clone() }),
        })
    }

    fn other_instance(&self, known: &Known, (case, seed): (&str, Seed)) -> Result<Instance> {
        let file = &known.file;
        // a server that was there before remembers the nonces of another run with this seed: the time sets them apart
        let before = if self.started.is_some() { String::new() } else { format!("{:x}-", milliseconds()) };
        let context = if file.context == "gov" { "gov" } else { "com" };
        let as_client = |KnownClient { registered, key }: &KnownClient, what: &str| -> Result<OracleClient> {
            let mut client = OracleClient::over(self.http.clone(), &known.base_url, context, milliseconds)?;
            client.path.clone_from(&file.path);
            client.client_id.clone_from(&registered.id);
            client.client_secret.clone_from(&registered.secret);
            client.redirect_uri.clone_from(&registered.redirect_uri);
            client.esvc_id.clone_from(&registered.esvc_id);
            client.key = key.clone();
            client.myinfo = known.myinfo.clone();
            client.nonce = format!("{before}{}", seed.text(case, what));
            Ok(client)
        };
        let attributes =
            if file.attributes.is_empty() { ATTRIBUTES.map(str::to_owned).to_vec() } else { file.attributes.clone() };
        Ok(Instance {
            client: as_client(&known.client, "client")?,
            other: known.other.as_ref().map(|other| as_client(other, "other client")).transpose()?,
            other_name_only: known.other.as_ref().is_some_and(|client| client.registered.name_only),
            login: file.login.clone(),
            attributes,
            issuer: file.issuer.clone(),
            uinfin: file.uinfin.clone(),
            other_uinfin: file.other_uinfin.clone(),
            person: known.person.clone(),
            certificate: known.certificate.clone(),
            redirect_uri_with_query: None,
            common_name: None,
            both_contexts: false,
            curl: known.curl(self.http_options.authority_file()),
            realm: None,
        })
    }
}

/// The configuration of a realm with two clients of ours.
fn two_clients() -> Value {
    json!({
        "service": {"rsa": {"key": keys::MYINFO_KEY_PEM, "certificate": keys::MYINFO_CERT_PEM}},
        "client": [
            {
                "id": keys::CLIENT_ID,
                "redirect_uris": [keys::CLIENT_REDIRECT_URI.to_owned(), with_query()],
                "v3": {"secret": keys::CLIENT_SECRET, "certificate": keys::CLIENT_CERT_PEM},
            },
            {
                "id": OTHER_CLIENT,
                "redirect_uris": [keys::CLIENT_REDIRECT_URI],
                "v3": {
                    "secret": "testbed-other-secret",
                    "certificate": keys::STRANGER_CERT_PEM,
                    "attributes": ["name"],
                },
            },
        ],
    })
}

/// How the persona logs in at our own mock.
fn persona_login() -> Login {
    Login {
        header: Some(format!("X-Myinfo-Mock-Persona: {}", PERSONAS[0])),
        declining_header: Some("X-Myinfo-Mock-Persona: error:access_denied".to_owned()),
        ..Login::default()
    }
}

/// The callback of our client with a query of its own.
fn with_query() -> String {
    format!("{}{}", keys::CLIENT_REDIRECT_URI, CALLBACK_QUERIES[0])
}

/// A server's address.
///
/// # Errors
/// When it is none.
pub fn address(text: &str) -> Result<Url> {
    let url = Url::parse(text).ok().filter(|url| url.has_host() && ["http", "https"].contains(&url.scheme()));
    url.with_context(|| format!("`{text}` is no address; write one like http://127.0.0.1:5156"))
}

fn common_name(certificate: &str) -> Result<String> {
    let certificate = X509::from_pem(certificate.as_bytes())?;
    let mut names = certificate.subject_name().entries_by_nid(openssl::nid::Nid::COMMONNAME);
    let name = names.next().context("the certificate has no common name")?;
    Ok(name.data().to_string()?)
}
