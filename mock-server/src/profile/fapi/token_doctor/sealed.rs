//! An encrypted document: for whose key it is, and what is inside.

use super::{Doctor, Kind};
use crate::jose::ecdh_es::wrapping_bytes;
use crate::jose::jwe_open::{Unopened, open};
use crate::jose::nested::unverified;
use crate::profile::token_case::Line;
use serde_json::{Map, Value};

/// Whether a header is that of a JWE for a key on a curve.
pub(super) fn is_ours(header: &Map<String, Value>) -> bool {
    let algorithm = header.get("alg").and_then(Value::as_str).unwrap_or_default();
    header.contains_key("epk") || algorithm.starts_with("ECDH-ES") || header.get("cty").is_some_and(|cty| cty == "JWT")
}

/// The content encryptions of Singpass. DOC, 4. Parsing the ID token; userinfo as observed.
const CONTENT: [&str; 2] = ["A256CBC-HS512", "A256GCM"];

impl Doctor<'_> {
    pub(super) fn sealed(&mut self, token: &str, header: &Map<String, Value>) {
        self.found
            .line("this is", "an encrypted document of FAPI (JWE: five parts); decrypt it, then verify what is inside");
        self.header_of_a_jwe(header);
        self.found.lines.push(Line::Header("JWE header", header.clone()));
        let mut stopped = None;
        let opened = self.keys.opening.iter().find_map(|(name, key)| match open(token, key) {
            Ok(plaintext) => Some((name.clone(), plaintext)),
            Err(Unopened::AnotherKey) => None,
            Err(Unopened::Changed(what)) => {
                stopped = Some((name.clone(), what));
                None
            }
        });
        match (opened, stopped) {
            (Some((name, plaintext)), _) => {
                self.found.line("opened by", name);
                self.inside(&String::from_utf8_lossy(&plaintext));
            }
            (None, Some((name, what))) => {
                self.found
                    .odd(format!("it does not open ({name} was tried): {what}"), "compare it with what was received");
            }
            (None, None) => self.nobody_opens(header),
        }
    }

    fn nobody_opens(&mut self, header: &Map<String, Value>) {
        let tried: Vec<&str> = self.keys.opening.iter().map(|(name, _)| name.as_str()).collect();
        self.found.line("opened by", format!("none of: {}", tried.join(", ")));
        let kid: String = member(header, "kid").chars().take(60).collect();
        let says =
            format!("no key here opens it: it was encrypted for the key `{kid}`, or its second part was changed");
        self.found.odd(says, "give the private key of that kid with --key: a JWK, a JWK Set or PEM");
    }

    fn header_of_a_jwe(&mut self, header: &Map<String, Value>) {
        let (algorithm, content) = (member(header, "alg"), member(header, "enc"));
        if wrapping_bytes(algorithm).is_none() {
            self.found.odd(
                format!(
                    "`alg` is `{algorithm}`; Singpass uses ECDH-ES+A128KW, +A192KW or +A256KW, as the client's key says"
                ),
                "refuse it: what FAPI encrypts is encrypted for the key in your JWK Set",
            );
        }
        if !CONTENT.contains(&content) {
            self.found
                .odd(format!("`enc` is `{content}`; Singpass uses A256CBC-HS512 and A256GCM"), "allow these two alone");
        }
        for (name, why) in [("zip", "the content is compressed"), ("crit", "the header has critical extensions")] {
            if header.contains_key(name) {
                self.found.odd(format!("{why} (`{name}`); Singpass does neither"), "refuse it");
            }
        }
        if header.get("epk").is_some_and(|epk| epk.get("d").is_some()) {
            self.found.odd("`epk` holds a private key (`d`)", "refuse it");
        }
    }

    fn inside(&mut self, text: &str) {
        let inner = match serde_json::from_str::<Value>(text) {
            Ok(Value::String(inner)) => {
                self.found.odd("inside is a JSON string, quotes included, as v3 sends it; FAPI has none", "");
                inner
            }
            Ok(_) => {
                self.found.line("inside", "JSON without a signature");
                return self.found.odd("the document is not signed", "refuse it: who wrote it is not proved");
            }
            Err(_) => text.to_owned(),
        };
        let (header, claims) = (unverified(&inner, 0).unwrap_or_default(), unverified(&inner, 1).unwrap_or_default());
        let kind = Kind::of(&header, &claims).filter(|_| inner.split('.').count() == 3);
        self.found.line("inside", "what stands below");
        match kind {
            Some(kind) => self.signed(&inner, kind),
            None => {
                self.found.odd("inside is no signed document of FAPI", "refuse it: an ID token or userinfo is expected")
            }
        }
    }
}

fn member<'h>(header: &'h Map<String, Value>, name: &str) -> &'h str {
    header.get(name).and_then(Value::as_str).unwrap_or_default()
}
