//! A token or document with keys of RSA, as v3 has them: what it is, whose key opens it, and what is odd about it.

use super::Report;
use super::recover::{Recovered, recover};
use super::sealed::damage;
use super::token::{TokenOptions, tokens_in_form};
use super::written::{mended_token, no_token, signature_of};
use crate::ambient::{Clock, Timestamp};
use crate::book::Book;
use crate::config::Config;
use crate::config::RSA;
use crate::jose::key as keys;
use crate::journal::mask::Mask;
use crate::persona::Personas;
use crate::profile::{ALL, protocols};
use crate::quote::without_keys;
use crate::text::{counted, visible};
use anyhow::{Result, bail};
use base64::Engine;
use base64::prelude::{BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};
use josekit::jwe::RSA_OAEP;
use josekit::jws::RS256;
use openssl::pkey::{PKey, Private, Public};
use serde_json::{Map, Value};
use std::fmt::Write;

/// The keys that are tried, each with its name.
struct Keys {
    opening: Vec<(String, PKey<Private>)>,
    verifying: Vec<Verifying>,
    /// The private keys that were given by hand: they should open it.
    given: Vec<String>,
}

/// A key that a signature may be by.
struct Verifying {
    name: String,
    key: PKey<Public>,
    side: Side,
}

/// Whose key it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Myinfo,
    /// A registered client's, or the public half of a private key that was given: nobody has Myinfo's.
    Client,
    /// Given by hand, and nobody else's that is known.
    Given,
}

/// Writes the report line by line.
struct Patient<'a> {
    text: String,
    odd: Vec<String>,
    keys: Keys,
    mask: Mask<'a>,
    now: Timestamp,
    /// The certified names that a token may be for.
    clients: Vec<String>,
}

/// Diagnoses a token: a JWS (access token), a JWE (person document), or what was taken for one.
pub(super) fn examined(config: &Config, content: &str, options: &TokenOptions) -> Result<Report> {
    let (book, protocols) = (Book::new(config.clients.clone(), Personas::default(), 0), protocols(ALL));
    let mut patient = Patient {
        text: String::new(),
        odd: Vec::new(),
        keys: read_keys(config, options)?,
        mask: Mask { book: &book, protocols: &protocols, personal: options.personal },
        now: Clock::System.now(),
        clients: config.clients.keys().cloned().collect(),
    };
    for (name, content) in &options.keys {
        for note in keys::mended(content) {
            patient.line("note", &format!("{}: {note}", without_keys(name)));
        }
    }
    let (token, how) = mended_token(&patient.unpack(content));
    let parts = token.split('.').count();
    patient.written_otherwise(&how, parts);
    match parts {
        _ if token.is_empty() => patient.odd.push("the file is empty".to_owned()),
        5 => patient.jwe(&token),
        3 => patient.jws(&token, "a signed token or document (JWS: three parts)"),
        _ => patient.something_else(&token, parts),
    }
    for odd in &patient.odd {
        let _ = writeln!(patient.text, "odd        {}", visible(odd));
    }
    if patient.odd.is_empty() {
        let _ = writeln!(patient.text, "\nNothing is odd.");
    }
    Ok(Report::new(&patient.text, patient.odd.is_empty()))
}

fn read_keys(config: &Config, options: &TokenOptions) -> Result<Keys> {
    let mut keys = Keys { opening: Vec::new(), verifying: Vec::new(), given: Vec::new() };
    let mut add = |name: String, key: PKey<Public>, side| keys.verifying.push(Verifying { name, key, side });
    for (name, content) in &options.keys {
        let name = &without_keys(name);
        match (keys::read_private(content, options.passphrase.as_deref(), RSA), keys::read_public(content, RSA)) {
            (Ok(private), _) => {
                add(format!("{name} (its public half)"), keys::public_half(&private)?, Side::Client);
                keys.given.push(name.clone());
                keys.opening.push((name.clone(), private));
            }
            (Err(_), Ok(public)) => add(name.clone(), public.key, Side::Given),
            // a public key is welcome here, so what is wrong with it as one is what is wrong
            (Err(keys::KeyError::PublicInsteadOfPrivate { .. }), Err(error)) | (Err(error), Err(_)) => {
                bail!("PEM-KIND: {name}: {error}")
            }
        }
    }
    let service = keys::public_half(&config.service.rsa.private)?;
    add("the mock's certificate".to_owned(), service.clone(), Side::Myinfo);
    for client in config.clients.values() {
        for section in protocols(ALL).sections() {
            let known = (section.keys)(client);
            keys.opening.extend(known.private.map(|key| (format!("the key of {}", client.id), key.clone())));
            if let Some(key) = known.public {
                add(format!("the certificate of {}", client.id), key.clone(), Side::Client);
            }
        }
    }
    let clients: Vec<PKey<Public>> =
        keys.verifying.iter().filter(|known| known.side == Side::Client).map(|known| known.key.clone()).collect();
    for known in &mut keys.verifying {
        if known.key.public_eq(&service) {
            known.side = Side::Myinfo;
        } else if clients.iter().any(|client| client.public_eq(&known.key)) {
            known.side = Side::Client;
        }
    }
    Ok(keys)
}

impl Verifying {
    fn verifies(&self, token: &str) -> bool {
        let verifier = self.key.public_key_to_der().ok().and_then(|der| RS256.verifier_from_der(der).ok());
        verifier.is_some_and(|verifier| josekit::jws::deserialize_compact(token, &verifier).is_ok())
    }

    /// Whether the key made the signature, over whatever text.
    fn key_made(&self, signature: &[u8]) -> bool {
        matches!(recover(signature, &self.key), Recovered::Digest { .. })
    }
}

impl Patient<'_> {
    /// The bare token out of a header, a JSON answer, a JSON string or a form.
    fn unpack(&mut self, content: &str) -> String {
        let content = content.trim_start_matches('\u{feff}').trim();
        let content = content.strip_prefix("Authorization:").map_or(content, str::trim);
        if let Some((_, token)) = content.rsplit_once("Bearer ") {
            self.line("unpacked", "out of an Authorization header");
            return token.trim().to_owned();
        }
        match serde_json::from_str(content) {
            Ok(Value::String(text)) => {
                self.line("unpacked", "out of a JSON string (quotes)");
                text
            }
            Ok(Value::Object(members)) => {
                let token = members.get("access_token").and_then(Value::as_str);
                if let Some(token) = token {
                    self.line("unpacked", "the access_token of a token answer");
                    return token.to_owned();
                }
                content.to_owned()
            }
            _ => match tokens_in_form(content).pop() {
                Some((told, token)) => {
                    self.line("unpacked", told);
                    token
                }
                None => content.to_owned(),
            },
        }
    }

    fn line(&mut self, title: &str, what: &str) {
        let _ = writeln!(self.text, "{title:<10} {}", visible(&self.mask.text(what)));
    }

    fn written_otherwise(&mut self, how: &[&str], parts: usize) {
        if !how.is_empty() && [3, 5].contains(&parts) {
            let how = how.join(" and ");
            self.odd.push(format!("it is {how}; it is read here as it was meant, and nobody else need do so"));
        }
    }

    fn something_else(&mut self, token: &str, parts: usize) {
        let error = serde_json::from_str::<Map<String, Value>>(token).ok();
        let error = error.filter(|members| ["code", "error", "message"].iter().any(|name| members.contains_key(*name)));
        let what = if error.is_some() {
            "an error answer (JSON), not a token".to_owned()
        } else if token.starts_with("-----BEGIN ") {
            let what = if token.contains("CERTIFICATE") { "a certificate" } else { "a key" };
            format!("{what} (PEM), not a token: give it with --key")
        } else if token.starts_with('{') {
            "JSON without access_token: a person in clear (sandbox), or an error".to_owned()
        } else if let Some(what) = no_token(token) {
            what.trim_start_matches("it is ").to_owned()
        } else if [2, 4].contains(&parts) && token.starts_with("ey") {
            format!("{parts} parts of a token (JWS: three) or encrypted document (JWE: five): it was cut off")
        } else {
            let parts = counted(parts, "part");
            format!("{parts} between dots; a token (JWS) has three, an encrypted document (JWE) five")
        };
        self.line("this is", &what);
        self.odd.push("this is no token".to_owned());
    }

    fn jwe(&mut self, token: &str) {
        self.line("this is", "an encrypted document (JWE: five parts); decrypt it first, then verify what is inside");
        let Some(header) = self.header(token, "JWE header") else { return };
        let member = |name: &str| header.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        for (name, expected) in [("alg", "RSA-OAEP"), ("enc", "A256GCM")] {
            if member(name) != expected {
                self.odd.push(format!("`{name}` is `{}`; Myinfo v3 uses {expected}", member(name)));
            }
        }
        if header.contains_key("zip") {
            self.odd.push("the content is compressed (`zip`); Myinfo v3 does not compress".to_owned());
        }
        let opened = self.keys.opening.iter().find_map(|(name, key)| {
            let decrypter = RSA_OAEP.decrypter_from_der(key.private_key_to_pkcs8().ok()?).ok()?;
            let (plaintext, _) = josekit::jwe::deserialize_compact(token, &decrypter).ok()?;
            Some((name.clone(), plaintext))
        });
        let Some((name, plaintext)) = opened else {
            let tried: Vec<String> = self.keys.opening.iter().map(|(name, _)| name.clone()).collect();
            let kid = member("kid");
            self.line("opened by", &format!("none of: {}", tried.join(", ")));
            let why = self.why_unopened(token).unwrap_or_else(|| {
                format!("no key opens it: it was encrypted for another certificate (kid `{kid}`), or changed on its way; try --key")
            });
            self.odd.push(why);
            return;
        };
        self.line("opened by", &name);
        if !self.keys.given.is_empty() && !self.keys.given.contains(&name) {
            self.odd.push(format!("not opened by {}: it was encrypted for {name}", self.keys.given.join(", ")));
        }
        self.sizes(token);
        let text = String::from_utf8_lossy(&plaintext).into_owned();
        let inner = match serde_json::from_str(&text) {
            Ok(Value::String(inner)) => {
                self.line("inside", "a JSON string, quotes included, as the real service sends it");
                inner
            }
            Ok(_) => {
                self.line("inside", "JSON without a signature");
                self.odd.push("the document is not signed".to_owned());
                return;
            }
            Err(_) => {
                self.line("inside", "a text without quotes");
                self.odd.push("the plaintext has no quotes; the real service sends a JSON string".to_owned());
                text
            }
        };
        self.jws(&inner, "a signed document (JWS)");
    }

    /// What was changed about a document for whose content key there is a private key.
    fn why_unopened(&self, token: &str) -> Option<String> {
        self.keys.opening.iter().find_map(|(name, key)| {
            let damage = damage(token, key, |inner| self.keys.verifying.iter().any(|known| known.verifies(inner)))?;
            Some(format!("the key of {name} fits, but {damage}").replacen("the key of the key of", "the key of", 1))
        })
    }

    /// RFC 7518 §5.3 fixes both sizes; some libraries take shorter tags.
    fn sizes(&mut self, token: &str) {
        for (place, name, expected) in [(2, "IV", 12), (4, "tag", 16)] {
            let part = token.split('.').nth(place).and_then(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok());
            let size = part.map_or(0, |bytes| bytes.len());
            if size != expected {
                self.odd.push(format!("the {name} has {size} bytes; A256GCM has {expected}"));
            }
        }
    }

    fn jws(&mut self, token: &str, what: &str) {
        self.line("this is", what);
        let Some(header) = self.header(token, "JWS header") else { return };
        let algorithm = header.get("alg").and_then(Value::as_str).unwrap_or_default();
        if algorithm != "RS256" {
            self.odd.push(format!("`alg` is `{algorithm}`; Myinfo v3 signs with RS256 alone"));
        }
        for member in ["jwk", "jku", "x5c", "x5u"] {
            if header.contains_key(member) {
                self.odd.push(format!("the header brings its own key (`{member}`); it must not be used"));
            }
        }
        self.signature(token);
        let payload = token.split('.').nth(1).and_then(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok());
        match payload.as_deref().map(serde_json::from_slice) {
            Some(Ok(Value::Object(claims))) => self.claims(&claims),
            _ => self.odd.push("the payload is no JSON object".to_owned()),
        }
    }

    /// Whose signature it is, as far as a key proves it.
    fn signature(&mut self, token: &str) {
        if let Some(known) = self.keys.verifying.iter().find(|known| known.verifies(token)) {
            let (name, side) = (known.name.clone(), known.side);
            self.line("signed by", &name);
            if side == Side::Client {
                self.odd.push("a client signed it, not Myinfo".to_owned());
            }
            return;
        }
        let tried: Vec<String> = self.keys.verifying.iter().map(|known| known.name.clone()).collect();
        self.line("signed by", &format!("nobody among: {}", tried.join(", ")));
        let signature = signature_of(token).map(|(_, signature)| signature).unwrap_or_default();
        let by = self.keys.verifying.iter().find(|known| known.key_made(&signature));
        let odd = match by {
            Some(known) if known.side == Side::Client => {
                format!("a client signed it, not Myinfo ({}), and its text was altered afterwards", known.name)
            }
            Some(known) => format!("{} signed it, and its text was altered afterwards", known.name),
            None if signature.len() < 256 => {
                format!("its signature has {} bytes, fewer than any of RSA 2048: it was cut off", signature.len())
            }
            None => "the signature verifies with none of these keys: another key made it, or it was changed".to_owned(),
        };
        self.odd.push(odd);
    }

    /// The header, written line by line; nothing where there is none.
    fn header(&mut self, token: &str, title: &str) -> Option<Map<String, Value>> {
        let first = token.split('.').next().unwrap_or_default();
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(first).or_else(|_| BASE64_URL_SAFE.decode(first));
        let Some(header) = bytes.ok().and_then(|bytes| serde_json::from_slice::<Map<String, Value>>(&bytes).ok())
        else {
            self.odd.push(
                "the first part is no Base64url of a JSON object: was the token cut or encoded again?".to_owned(),
            );
            return None;
        };
        let _ = writeln!(self.text, "{title}");
        for (name, value) in &header {
            let _ = writeln!(self.text, "  {:<16} {}", visible(name), visible(&value.to_string()));
        }
        Some(header)
    }

    fn claims(&mut self, claims: &Map<String, Value>) {
        let is_token = claims.contains_key("exp") || claims.contains_key("sub");
        let _ = writeln!(self.text, "{}", if is_token { "claims" } else { "person" });
        let masked = if is_token { self.mask.claims(claims) } else { self.mask.person(&Value::Object(claims.clone())) };
        for (name, value) in masked.as_object().into_iter().flatten() {
            let time = ["iat", "nbf", "exp"].contains(&name.as_str()).then(|| value.as_u64()).flatten();
            let time = time
                .map_or_else(String::new, |seconds| format!("  {}", Timestamp(seconds.saturating_mul(1000)).rfc3339()));
            let value: String = value.to_string().chars().take(200).collect();
            let _ = writeln!(self.text, "  {:<16} {}{time}", visible(name), visible(&value));
        }
        if is_token {
            self.odd_claims(claims);
        }
    }

    fn odd_claims(&mut self, claims: &Map<String, Value>) {
        let now = self.now.seconds();
        let seconds = |name: &str| claims.get(name).and_then(Value::as_u64);
        match seconds("exp") {
            Some(expiry) if expiry <= now => self.odd.push(format!("it expired {} s ago", now - expiry)),
            Some(_) => {}
            None => self.odd.push("it has no `exp`, or one that is no number".to_owned()),
        }
        for name in ["nbf", "iat"] {
            if let Some(ahead) = seconds(name).and_then(|time| time.checked_sub(now)).filter(|ahead| *ahead > 60) {
                self.odd.push(format!("its `{name}` is {ahead} s ahead of this machine's clock"));
            }
        }
        if claims.get("sub").and_then(Value::as_str).is_none_or(str::is_empty) {
            self.odd.push("it has no `sub`: person cannot be called with it".to_owned());
        }
        if let Some(audience) = claims.get("aud").and_then(Value::as_str)
            && !self.clients.iter().any(|client| client == audience)
        {
            self.odd.push(format!("it is for `{audience}`, which is no registered client"));
        }
    }
}
