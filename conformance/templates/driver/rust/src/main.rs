//! A driver for myinfo-conformance: JSON lines on standard input and output (`docs/driver-protocol.md`).
//!
//! ```sh
//! cargo build && myinfo-conformance --stdio target/debug/driver
//! ```
//!
//! It runs as it is: what it cannot do yet is to exchange the code. `your connector:` marks where your code is called.
//! Whatever is printed besides answers is a log. Never log the setup: it holds the client secret and the private key.

use serde_json::{json, Value};
use std::collections::HashMap;
use std::io::{BufRead, Read, Write};
use std::panic::{catch_unwind, AssertUnwindSafe};

#[derive(Default)]
struct Driver {
    /// your connector: keep it here, too
    setup: Option<Value>,
    /// The state that the web session of each browser holds.
    sessions: HashMap<String, String>,
    begun: u64,
}

fn main() -> std::io::Result<()> {
    let mut driver = Driver::default();
    for line in std::io::stdin().lock().lines() {
        let message: Value = serde_json::from_str(&line?)?;
        let mut answer = driver.answer(&message);
        answer["id"] = message["id"].clone();
        let mut out = std::io::stdout().lock();
        writeln!(out, "@mdp {answer}")?;
        out.flush()?;
        if message["type"] == "bye" {
            break;
        }
    }
    Ok(())
}

impl Driver {
    fn answer(&mut self, message: &Value) -> Value {
        match text(&message["type"]) {
            "hello" => hello(&message["versions"]),
            "configure" => self.configure(&message["setup"]),
            "start" => self.start(),
            "callback" => self.callback(text(&message["session"]), text(&message["url"])),
            "reset" => self.reset(),
            "bye" => json!({}),
            _ => json!({"unsupported": true}),
        }
    }

    fn configure(&mut self, setup: &Value) -> Value {
        self.reset();
        self.setup = None;
        // your connector: make it anew from the setup: addresses, client, private key, certificates, issuer;
        // where that fails, return json!({"result": "config_error", "message": error.to_string()})
        self.setup = Some(setup.clone());
        json!({"result": "ok"})
    }

    fn start(&mut self) -> Value {
        let Some(setup) = &self.setup else {
            return json!({"result": "error", "message": "not configured"});
        };
        match text(&setup["profile"]) {
            "fapi" => return start_fapi(),
            "oidc" => return start_oidc(),
            _ => {}
        }
        // your connector: let it build the address, and keep what it wants to have kept in the browser's session
        let state = match random_hex() {
            Ok(state) => state,
            Err(error) => return json!({"result": "error", "message": error.to_string()}),
        };
        let attributes: Vec<&str> = setup["attributes"].as_array().into_iter().flatten().map(text).collect();
        let attributes = attributes.join(",");
        let mut query = vec![
            ("client_id", text(&setup["client_id"])),
            ("attributes", &attributes),
            ("purpose", text(&setup["purpose"])),
            ("state", &state),
            ("redirect_uri", text(&setup["redirect_uri"])),
            ("response_type", "code"),
        ];
        if let Some(id) = setup["esvc_id"].as_str() {
            query.push(("sp_esvcId", id));
        }
        let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let url = format!("{}?{}", text(&setup["authorise_url"]), query.join("&"));
        self.begun += 1;
        let session = format!("s{}", self.begun);
        self.sessions.insert(session.clone(), state);
        json!({"result": "url", "url": url, "session": session})
    }

    fn callback(&mut self, session: &str, url: &str) -> Value {
        // taken out: a login is finished once, whatever comes of it
        let Some(state) = self.sessions.remove(session) else {
            return rejected("state", "no login is under way in this session", "");
        };
        catch_unwind(AssertUnwindSafe(|| self.finish(&state, url))).unwrap_or_else(|panic| {
            let said = panic.downcast_ref::<String>().map(String::as_str);
            let said = said.or(panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words");
            json!({"outcome": "crash", "message": said})
        })
    }

    fn finish(&self, state: &str, url: &str) -> Value {
        // your connector: if it checks the state itself, hand it the state and the address instead
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let states: Vec<String> = pairs.filter(|(name, _)| *name == "state").map(|(_, value)| decoded(value)).collect();
        if states != [state] {
            return rejected("state", "the state is not that of this session", "");
        }
        // your connector: let it read error and code, exchange the code and fetch the person, with a class for each
        // of its errors, for example Err(Error::Signature(it)) => rejected("signature", &it.to_string(), "Signature");
        // then json!({"outcome": "accepted", "person": person}); with fapi and oidc also "claims", those of the ID token
        rejected("other", "not connected yet", "")
    }

    fn reset(&mut self) -> Value {
        // your connector: drop its caches, too, and keep its configuration
        self.sessions.clear();
        json!({})
    }
}

fn start_fapi() -> Value {
    // your connector: let it read the discovery document and push its request (PAR), with the keys of private_jwks; keep state, nonce,
    // verifier and the key of its proofs in the browser's session, and give back the address of the authorization endpoint. What the
    // server refuses here is an error, too, with the class that fits: pushed_request, upstream, malformed …
    not_begun()
}

fn start_oidc() -> Value {
    // your connector: let it read the discovery document, and give back the address of its authorization endpoint with scopes, nonce,
    // state and code_challenge; keep state, nonce and verifier in the browser's session. A document that cannot be used is an error, too,
    // with the class that fits: upstream, malformed …
    not_begun()
}

fn not_begun() -> Value {
    json!({"result": "error", "class": "other", "native": "", "message": "not connected yet"})
}

fn hello(versions: &Value) -> Value {
    if !versions.as_array().is_some_and(|versions| versions.contains(&json!(1))) {
        return json!({"unsupported": true});
    }
    json!({
        "version": 1,
        // your connector: its name and version, what it can, and which keys it reads, the most usual format first
        "name": "my-connector",
        "connector_version": "0.1.0",
        "language": "Rust",
        // what it speaks, one or several: v3, fapi (Singpass FAPI 2.0: Myinfo v5 and Login), oidc (the API before FAPI)
        "profiles": ["v3"],
        // claim only what it can: gov, sandbox, txn_no, redirect_query, two_keys with v3; two_enc_keys, acr with fapi; custom_ca,
        // timeout with v3 and fapi; login_app, claims with fapi and oidc; person with all
        "capabilities": ["gov", "redirect_query"],
        // pkcs8, pkcs8-encrypted, pkcs1, p12, jwk
        "key_formats": ["pkcs8"],
    })
}

fn rejected(class: &str, message: &str, native: &str) -> Value {
    json!({"outcome": "rejected", "class": class, "native": native, "message": message})
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// 128 bits. The standard library has no random numbers of its own; where there is no such file, use a crate.
fn random_hex() -> std::io::Result<String> {
    let mut bytes = [0; 16];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let one = |byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}

fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((&first, behind)) = rest.split_first() {
        let escaped = (first == b'%').then(|| std::str::from_utf8(behind.get(..2)?).ok()).flatten();
        let byte = escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(if first == b'+' { b' ' } else { first }));
        rest = if byte.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
