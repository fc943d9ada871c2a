//! What must be known of a server that is not this project's mock: a file that describes it, and the files that it names.

use super::curl::Curl;
use super::login::Login;
use super::target_fapi::KnownFapi;
use crate::profile::ProfileId;
use crate::program::wrong_seconds;
use crate::quote::{file_name, without_keys};
use crate::unread::{parsed, text_of};
use anyhow::{Context, Result, anyhow, bail, ensure};
use myinfo_fixtures::keys;
use myinfo_oracle::key;
use openssl::x509::X509;
use reqwest::Url;
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a target file says of a server; `docs/judging-servers.md` describes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetFile {
    /// `v3`, where it is said.
    #[serde(rename = "profile")]
    _profile: Option<String>,
    /// The server's name.
    pub(super) name: String,
    #[serde(default)]
    pub(super) version: String,
    /// The command of the shell that starts it, where the suite is to.
    pub(super) start: Option<String>,
    #[serde(default)]
    pub(super) env: BTreeMap<String, String>,
    /// An address that answers with success when it is up.
    pub(super) ready: Option<String>,
    #[serde(default = "twenty")]
    pub(super) start_seconds: u64,
    /// `com` or `gov`.
    #[serde(default = "com")]
    pub(super) context: String,
    /// The path before the endpoints, where it is not `/com/v3` or `/gov/v3`.
    pub(super) path: Option<String>,
    /// The certificate, or public key, of its signatures: a PEM file.
    pub(super) certificate: PathBuf,
    /// The issuer of its access tokens, where it is known.
    pub(super) issuer: Option<String>,
    #[serde(default)]
    pub(super) attributes: Vec<String>,
    pub(super) client: Registered,
    pub(super) other_client: Option<Registered>,
    #[serde(default)]
    pub(super) login: Login,
    /// The NRIC or FIN of the person who logs in, and of another one.
    pub(super) uinfin: Option<String>,
    pub(super) other_uinfin: Option<String>,
    /// What the server knows of the person: a JSON file.
    pub(super) person: Option<PathBuf>,
}

/// A client as it is registered at the server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Registered {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) redirect_uri: String,
    /// Its private key, PKCS#8 as PEM; the testbed's own unless given.
    pub(super) private_key: Option<PathBuf>,
    #[serde(default)]
    pub(super) esvc_id: String,
    /// Whether it may ask for the name alone.
    #[serde(default)]
    pub(super) name_only: bool,
}

/// A registered client, and the key that is read for it.
#[derive(Debug)]
pub(super) struct KnownClient {
    pub(super) registered: Registered,
    pub(super) key: RsaPrivateKey,
}

pub(super) const fn twenty() -> u64 {
    20
}

fn com() -> String {
    "com".to_owned()
}

/// What a target file comes to once the files that it names are read.
#[derive(Debug)]
pub struct Known {
    pub(super) file: TargetFile,
    /// Where it lies.
    pub(super) folder: PathBuf,
    pub(super) base_url: String,
    pub(super) client: KnownClient,
    pub(super) other: Option<KnownClient>,
    pub(super) myinfo: RsaPublicKey,
    /// As the file has it.
    pub(super) certificate: String,
    pub(super) person: Option<Value>,
}

/// What the target file of a server of any profile comes to.
#[derive(Debug)]
pub enum Described {
    /// One of v3.
    V3(Box<Known>),
    /// One of FAPI.
    Fapi(Box<KnownFapi>),
}

/// How a server is started, and what it is called.
#[derive(Debug)]
pub(super) struct Launch {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) start: Option<String>,
    pub(super) env: BTreeMap<String, String>,
    pub(super) ready: Option<String>,
    pub(super) start_seconds: u64,
    /// Where the target file lies.
    pub(super) folder: PathBuf,
}

impl Described {
    /// Reads a target file of any profile, and the files that it names.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub fn read(path: &Path) -> Result<Self> {
        // what the messages quote of the files may be a key
        Self::known(path).map_err(|error| anyhow!("{}", without_keys(&format!("{error:#}"))))
    }

    fn known(path: &Path) -> Result<Self> {
        let text = text_of("target", path)?;
        let profile = profile_of(&text).with_context(|| format!("the target {} cannot be used", path.display()))?;
        Ok(match profile {
            ProfileId::V3 => Self::V3(Box::new(TargetFile::known(path, &text)?)),
            ProfileId::Fapi => Self::Fapi(Box::new(KnownFapi::read(path, &text)?)),
            ProfileId::Oidc => {
                bail!("{}: of the API before FAPI no servers are judged but this project's mock", path.display())
            }
        })
    }

    /// How it is started.
    pub(super) fn launch(&self) -> Launch {
        match self {
            Self::V3(known) => known.launch(),
            Self::Fapi(known) => known.launch(),
        }
    }

    /// Notes where it is.
    pub(super) fn found_at(&mut self, base_url: String) {
        match self {
            Self::V3(known) => known.base_url = base_url,
            Self::Fapi(known) => known.base_url = base_url,
        }
    }
}

/// The profile that a target file names; one that names none is of v3.
fn profile_of(text: &str) -> Result<ProfileId> {
    let Ok(table) = text.parse::<toml::Table>() else { return Ok(ProfileId::V3) };
    match table.get("profile") {
        None => Ok(ProfileId::V3),
        Some(toml::Value::String(name)) => Ok(name.parse()?),
        Some(other) => bail!("`profile` is {other}; it is a text, such as \"fapi\""),
    }
}

/// The folder of a target file: what it names is looked for there.
pub(super) fn folder_of(path: &Path) -> Result<PathBuf> {
    // the parent of a bare name is empty
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    folder.canonicalize().with_context(|| format!("the folder of {}", path.display()))
}

/// A file that a target file names.
pub(super) fn named_file(folder: &Path, file: &Path) -> Result<String> {
    let file = folder.join(file);
    std::fs::read_to_string(&file)
        .with_context(|| format!("the file {} cannot be read", file_name(&file.display().to_string())))
}

impl Known {
    fn launch(&self) -> Launch {
        let TargetFile { name, version, start, env, ready, start_seconds, .. } = self.file.clone();
        Launch { name, version, start, env, ready, start_seconds, folder: self.folder.clone() }
    }

    /// How requests to this server are written: its clients' secrets and the header of the login are the user's own, and
    /// variables of the shell stand in their places. Published test data are shown.
    pub(super) fn curl(&self, authority: Option<&Path>) -> Curl {
        let login = &self.file.login;
        let value = |header: Option<&str>| header?.split_once(':').map(|(_, value)| value.trim().to_owned());
        let secret = |client: &KnownClient| client.registered.secret.clone();
        let own = [
            (Some(secret(&self.client)), "MYINFO_CLIENT_SECRET"),
            (self.other.as_ref().map(secret), "MYINFO_OTHER_CLIENT_SECRET"),
            (value(login.header.as_deref()), "MYINFO_LOGIN_HEADER"),
            (value(login.declining_header.as_deref()), "MYINFO_DECLINING_HEADER"),
        ];
        let own = own.into_iter().filter_map(|(text, name)| Some((text?, name)));
        let own = own.filter(|(text, _)| text != keys::CLIENT_SECRET);
        own.fold(Curl::trusting(authority), |curl, (text, name)| curl.hiding(&text, name))
    }
}

impl TargetFile {
    /// Finds texts that cannot be what they stand for.
    fn check(&self) -> Result<()> {
        let context = &self.context;
        ensure!(["com", "gov"].contains(&context.as_str()), "`context` is `{context}`; there are com and gov");
        if let Some(path) = &self.path {
            ensure!(path.starts_with('/') && !path.ends_with('/'), "`path` is `{path}`; write it like /myinfo/v3");
        }
        check_login(&self.login)?;
        check_seconds(self.start_seconds)?;
        for client in [Some(&self.client), self.other_client.as_ref()].into_iter().flatten() {
            let uri = &client.redirect_uri;
            ensure!(
                Url::parse(uri).is_ok_and(|url| url.has_host()),
                "the redirect_uri `{uri}` of `{}` is no address",
                client.id
            );
        }
        Ok(())
    }

    /// The files that a target file names, read.
    fn known(path: &Path, text: &str) -> Result<Known> {
        let shown = path.display();
        let target: Self = parsed(("target", path), text)?;
        let folder = folder_of(path)?;
        target.check().with_context(|| format!("the target {shown} cannot be used"))?;
        let read = |file: &Path| named_file(&folder, file);
        let registered = |client: &Registered| -> Result<KnownClient> {
            let pem = client.private_key.as_deref().map(&read).transpose()?;
            let read = key::private(pem.as_deref().unwrap_or(keys::CLIENT_KEY_PEM));
            let key = read.with_context(|| {
                format!("the private key of `{}` is no RSA key in PKCS#8 without a passphrase; `openssl pkcs8 -topk8 -nodes` writes it so", client.id)
            })?;
            Ok(KnownClient { registered: client.clone(), key })
        };
        let certificate = read(&target.certificate)?;
        Ok(Known {
            client: registered(&target.client)?,
            other: target.other_client.as_ref().map(&registered).transpose()?,
            myinfo: public_key(&certificate).with_context(|| {
                format!(
                    "the certificate {} has no RSA key in PEM",
                    file_name(&target.certificate.display().to_string())
                )
            })?,
            certificate,
            person: match &target.person {
                Some(file) => Some(serde_json::from_str(&read(file)?).context("the file of `person` is no JSON")?),
                None => None,
            },
            base_url: String::new(),
            folder,
            file: target,
        })
    }
}

/// Finds a time to start that is none.
pub(super) fn check_seconds(seconds: u64) -> Result<()> {
    wrong_seconds(seconds).map_or(Ok(()), |says| bail!(says))
}

/// Finds texts in the description of a login that cannot be what they stand for.
pub(super) fn check_login(login: &Login) -> Result<()> {
    for header in [&login.header, &login.declining_header].into_iter().flatten() {
        ensure!(header.contains(':'), "the header `{header}` has no colon; write it like `Name: value`");
    }
    for origin in &login.origins {
        let right = Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == *origin);
        ensure!(right, "`{origin}` in `origins` is no scheme, host and port; write it like https://login.example");
    }
    Ok(())
}

/// The RSA key of a certificate, or of a `PUBLIC KEY`, in PEM.
fn public_key(pem: &str) -> Result<RsaPublicKey> {
    if !pem.contains("BEGIN CERTIFICATE") {
        return Ok(key::public(pem)?);
    }
    let public = X509::from_pem(pem.as_bytes())?.public_key()?.public_key_to_pem()?;
    Ok(key::public(&String::from_utf8(public)?)?)
}
