//! The load for the benchmark: whole v3 flows against a server, with the client's own signing taken out of the time. FAPI's is below.

pub mod fapi;

use crate::clock::{milliseconds, now};
use crate::http::{self, PAGE_LIMIT};
use crate::server::client::v3::OracleClient;
use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use myinfo_oracle::v3::{HeaderFields, authorization, base_string};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;
use reqwest::Client;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

/// What a load consists of.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Flows in all.
    pub flows: usize,
    /// Flows that are signed ahead and then run together: small enough that no code expires meanwhile.
    pub batch: usize,
    /// Exchanges in flight.
    pub in_flight: usize,
}

/// What a load measured.
#[derive(Debug, Clone, Copy, Default)]
pub struct Measured {
    /// Flows that ended with a person document.
    pub flows: usize,
    /// Time in which the server was asked for something; signing ahead is not in it.
    pub asked: Duration,
}

impl Measured {
    /// Whole flows in a second.
    #[expect(clippy::cast_precision_loss, reason = "a count of flows is far below 2^52")]
    pub fn flows_per_second(&self) -> f64 {
        self.flows as f64 / self.asked.as_secs_f64()
    }
}

const ATTRIBUTES: &str = "uinfin,name,sex,race,nationality,dob,email,mobileno,regadd,housingtype,hdbtype,marital,edulevel,noa-basic,ownerprivate,cpfcontributions,cpfbalances";
const PERSONAS: [&str; 8] =
    ["S6005048A", "S9812351B", "S9812381D", "G1612350T", "S9912372I", "S9812388A", "S9912370B", "S9812387C"];

/// The two signed requests of one flow, ready to be sent.
struct Ready {
    code: String,
    token_header: String,
    person_url: String,
    person_header: String,
}

/// Who the load is: the client with its key, and each persona's subject.
struct Signing {
    client: OracleClient,
    key: PKey<Private>,
    subjects: Vec<String>,
}

/// Runs whole flows: authorise, token, person.
///
/// # Errors
/// When any exchange does not end as it should.
pub async fn run(base_url: &str, load: Load, mut after_batch: impl FnMut(usize)) -> Result<Measured> {
    let client = OracleClient::new(base_url, "com", milliseconds)?;
    let mut subjects = Vec::new();
    for persona in PERSONAS {
        let code = client.code(ATTRIBUTES, persona).await?;
        subjects.push(client.token(&code).await?.subject);
    }
    let key = PKey::private_key_from_pem(myinfo_fixtures::keys::CLIENT_KEY_PEM.as_bytes())?;
    let signing = Signing { client, key, subjects };
    let http = http::client()?;
    let mut measured = Measured::default();
    while measured.flows < load.flows {
        let batch = load.batch.min(load.flows - measured.flows);
        let started = now();
        let codes = authorise(&signing.client, batch, load.in_flight).await?;
        measured.asked += now() - started;
        let ready = Arc::new(sign_ahead(&signing, codes, measured.flows)?);
        let started = now();
        redeem(&http, &signing.client.endpoint("token"), &ready, load.in_flight, &signing.client).await?;
        measured.asked += now() - started;
        measured.flows += batch;
        after_batch(measured.flows);
    }
    Ok(measured)
}

/// How long refusals take whose signature no known mistake explains, each ascending.
#[derive(Debug, Clone, Default)]
pub struct Refusals {
    /// Until the answer is there.
    pub answered: Vec<Duration>,
    /// Until the longest search that there is has ended, too, and what it found can be read.
    pub searched: Vec<Duration>,
}

/// Sends such requests, one after the other.
///
/// # Errors
/// When such a request is not refused.
pub async fn diagnoses(base_url: &str, number: usize) -> Result<Refusals> {
    let client = OracleClient::new(base_url, "com", milliseconds)?;
    let key = PKey::private_key_from_pem(myinfo_fixtures::keys::CLIENT_KEY_PEM.as_bytes())?;
    let mut times = Refusals::default();
    for attempt in 0..number {
        let mut draft = client.token_draft("0");
        draft.set("state", "a state, to be encoded");
        draft.header.nonce = format!("d{attempt}");
        let header = authorization(&draft.header, &sign(&format!("something else {attempt}"), &key)?);
        let started = now();
        let answer = client.request(&draft, Some(&header)).send().await?;
        times.answered.push(started.elapsed());
        ensure!(answer.status().as_u16() == 500, "a wrong signature got {}", answer.status());
        // whoever reads the journal waits for the search
        let read = client.http.get(format!("{base_url}/_mock/exchanges?client=NOBODY")).send().await?;
        http::whole(read, PAGE_LIMIT).await?;
        times.searched.push(started.elapsed());
    }
    times.answered.sort();
    times.searched.sort();
    Ok(times)
}

/// Gets a code for each flow, several in flight.
async fn authorise(client: &OracleClient, flows: usize, in_flight: usize) -> Result<Vec<(usize, String)>> {
    let url = client.authorise_url(ATTRIBUTES, "a state")?;
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..in_flight {
        let (http, url, next) = (client.http.clone(), url.clone(), Arc::clone(&next));
        workers.spawn(async move {
            let mut codes = Vec::new();
            loop {
                let flow = next.fetch_add(1, Ordering::Relaxed);
                if flow >= flows {
                    return anyhow::Ok(codes);
                }
                let persona = flow % PERSONAS.len();
                let name = PERSONAS.get(persona).copied().unwrap_or_default();
                let answer = http.get(url.clone()).header("X-Myinfo-Mock-Persona", name).send().await?;
                let location = answer.headers().get("location").context("no redirect")?.to_str()?.to_owned();
                let code = location.split("code=").nth(1).and_then(|rest| rest.split('&').next()).context("no code")?;
                codes.push((persona, code.to_owned()));
            }
        });
    }
    let mut all = Vec::with_capacity(flows);
    while let Some(codes) = workers.join_next().await {
        all.extend(codes??);
    }
    Ok(all)
}

/// Signs both requests of every flow. A person request does not sign the token, so it can be signed before there is one.
fn sign_ahead(signing: &Signing, codes: Vec<(usize, String)>, first: usize) -> Result<Vec<Ready>> {
    let client = &signing.client;
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let header = |nonce: String| HeaderFields {
        app_id: client.client_id.clone(),
        nonce,
        signature_method: "RS256".to_owned(),
        timestamp: milliseconds().to_string(),
    };
    let mut ready = Vec::with_capacity(codes.len());
    for (number, (persona, code)) in codes.into_iter().enumerate() {
        let form = [
            pair("code", &code),
            pair("client_id", &client.client_id),
            pair("client_secret", &client.client_secret),
            pair("redirect_uri", &client.redirect_uri),
        ];
        let fields = header(format!("t{}", first + number));
        let signature = sign(&base_string("POST", &client.endpoint("token"), &fields, &form), &signing.key)?;
        let token_header = authorization(&fields, &signature);
        let subject = signing.subjects.get(persona).context("no subject")?;
        let person_url = format!("{}/", client.endpoint(&format!("person/{subject}")));
        let query = [pair("client_id", &client.client_id), pair("attributes", ATTRIBUTES)];
        let fields = header(format!("p{}", first + number));
        let signature = sign(&base_string("GET", &person_url, &fields, &query), &signing.key)?;
        let person_header = authorization(&fields, &signature);
        let person_url = format!("{person_url}?client_id={}&attributes={ATTRIBUTES}", client.client_id);
        ready.push(Ready { code, token_header, person_url, person_header });
    }
    Ok(ready)
}

/// Exchanges every code and fetches every person, several in flight.
async fn redeem(
    http: &Client,
    token_url: &str,
    ready: &Arc<Vec<Ready>>,
    in_flight: usize,
    client: &OracleClient,
) -> Result<()> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..in_flight {
        let (http, url, next, ready) = (http.clone(), token_url.to_owned(), Arc::clone(&next), Arc::clone(ready));
        let form = format!(
            "client_id={}&client_secret={}&redirect_uri={}",
            client.client_id, client.client_secret, client.redirect_uri
        );
        workers.spawn(async move {
            while let Some(flow) = ready.get(next.fetch_add(1, Ordering::Relaxed)) {
                let answer = http
                    .post(&url)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .header("Authorization", &flow.token_header)
                    .body(format!("code={}&{form}", flow.code))
                    .send()
                    .await?;
                let status = answer.status();
                let answer = answer.text().await?;
                let token = answer.split("\"access_token\":\"").nth(1).and_then(|rest| rest.split('"').next());
                let token = token.with_context(|| format!("{status} {answer}"))?;
                let header = format!("{},Bearer {token}", flow.person_header);
                let answer = http.get(&flow.person_url).header("Authorization", header).send().await?;
                let status = answer.status();
                let body = answer.text().await?;
                ensure!(body.split('.').count() == 5, "{status} {body}");
            }
            Ok(())
        });
    }
    while let Some(done) = workers.join_next().await {
        done??;
    }
    Ok(())
}

fn sign(text: &str, key: &PKey<Private>) -> Result<String> {
    let mut signer = Signer::new(MessageDigest::sha256(), key)?;
    signer.update(text.as_bytes())?;
    Ok(BASE64_STANDARD.encode(signer.sign_to_vec()?))
}
