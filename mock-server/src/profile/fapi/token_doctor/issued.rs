//! What Singpass signs: access token, ID token, userinfo. Whose signature it is, and what a client would refuse.

use super::Doctor;
use crate::profile::token_case::NamedKey;
use crate::rule::jwt::{Jwt, shortened};
use crate::rule::wrong_signature::KnownKey;
use serde_json::Value;

/// How long an ID token lives, in seconds: measured on two samples.
const ID_TOKEN_SECONDS: u64 = 600;

impl Doctor<'_> {
    pub(super) fn access_token(&mut self, jwt: &Jwt<'_>) {
        self.signed_by_the_service(jwt, "at+jwt");
        let issuer = self.issuer_of(jwt.text("iss"));
        self.expect(jwt, "iss", &issuer, "an access token of another environment is of no use here");
        self.expect(jwt, "aud", &format!("{issuer}/userinfo"), "call userinfo with it, and nothing else");
        self.at_another_server("iss", jwt.text("iss"));
        self.registered("client_id", jwt.text("client_id"));
        self.is_uuid(jwt);
        if jwt.claims.get("cnf").and_then(|cnf| cnf.get("jkt")).and_then(Value::as_str).is_none() {
            self.found
                .odd("it is bound to no key (`cnf.jkt` is missing)", "userinfo takes tokens that are bound alone");
        }
        self.alive(jwt);
    }

    pub(super) fn id_token(&mut self, jwt: &Jwt<'_>) {
        self.signed_by_the_service(jwt, "JWT");
        self.of_this_issuer_and_client(jwt);
        self.is_uuid(jwt);
        for (name, fix) in [
            ("nonce", "send one at PAR, and compare it with that of the login's session"),
            ("acr", "compare it with the level that was asked for"),
            ("amr", "take any list of factors; decide by `acr`"),
        ] {
            if jwt.claims.get(name).is_none_or(|claim| claim.as_str() == Some("")) {
                self.found.odd(format!("it has no `{name}`"), fix);
            }
        }
        if let (Ok(Some(issued)), Ok(Some(expires))) = (jwt.seconds("iat"), jwt.seconds("exp"))
            && expires.saturating_sub(issued) > ID_TOKEN_SECONDS
        {
            let lives = expires - issued;
            self.found.odd(format!("it lives {lives} s; Singpass' live {ID_TOKEN_SECONDS} s"), "");
        }
        self.alive(jwt);
    }

    pub(super) fn userinfo(&mut self, jwt: &Jwt<'_>) {
        self.signed_by_the_service(jwt, "JWT");
        self.of_this_issuer_and_client(jwt);
        self.is_uuid(jwt);
        if !jwt.claims.get("person_info").is_some_and(Value::is_object) {
            self.found.odd("`person_info` is no object", "the person's items stand below `person_info`");
        }
        match jwt.seconds("iat") {
            Ok(Some(_)) => drop(self.made_at(jwt)),
            Ok(None) => self.found.odd("it has no `iat`", "refuse it: how old it is is not known"),
            Err(problem) => self.found.odd(problem, "refuse it"),
        }
        if !jwt.claims.contains_key("exp") {
            self.found.line(
                "note",
                "userinfo has no `exp`: check `iss`, `aud`, `sub`, the signature, and that `iat` is fresh",
            );
        }
    }

    /// Whose signature it is: the service's, or that of a key in the set that was given.
    fn signed_by_the_service(&mut self, jwt: &Jwt<'_>, kind: &str) {
        match jwt.header("typ") {
            Some(found) if found == kind => {}
            found => {
                let found = shortened(found.unwrap_or("missing"));
                self.found.odd(format!("`typ` is `{found}`; Singpass writes `{kind}`"), "");
            }
        }
        if let Err(problem) = jwt.check_algorithm() {
            self.found.odd(problem, "take what the metadata name: ES256 for ID token and userinfo");
        }
        for member in ["jwk", "jku", "x5c", "x5u"] {
            if jwt.header.contains_key(member) {
                let says = format!("the header brings its own key (`{member}`)");
                self.found.odd(says, "verify with Singpass' JWK Set alone");
            }
        }
        let set: Vec<KnownKey> = self.case.set.iter().map(known).collect();
        let expected = if set.is_empty() { &self.keys.service } else { &set };
        let by = expected.iter().find(|known| jwt.is_signed_by(&known.key)).map(|known| known.name.clone());
        let right = if set.is_empty() { "Singpass' key" } else { "a key of the JWK Set that was given" };
        let other = self.keys.signer(jwt);
        match (by, other) {
            (Some(name), _) => self.found.line("signed by", name),
            (None, Some(name)) => {
                let says = format!("{name} signed it, not {right}");
                self.found.line("signed by", name);
                self.found.odd(says, "refuse it");
            }
            (None, None) => self.unsigned(jwt, &expected.iter().map(|known| known.name.clone()).collect::<Vec<_>>()),
        }
    }

    fn unsigned(&mut self, jwt: &Jwt<'_>, tried: &[String]) {
        self.found.line("signed by", format!("nobody among: {}", tried.join(", ")));
        let kid = shortened(jwt.header("kid").unwrap_or("missing"));
        let why = jwt.odd_signature().unwrap_or("another key made it, or it was changed on the way");
        let says = format!("the signature does not verify (kid `{kid}`): {why}");
        self.found.odd(
            says,
            "give the JWK Set that the issuer publishes with --jwks; what still does not verify is to be refused",
        );
    }

    fn of_this_issuer_and_client(&mut self, jwt: &Jwt<'_>) {
        let issuer = self.issuer_of(jwt.text("iss"));
        self.expect(jwt, "iss", &issuer, "refuse it: another issuer wrote it");
        self.at_another_server("iss", jwt.text("iss"));
        match jwt.claims.get("aud") {
            Some(Value::String(audience)) => self.registered("aud", audience),
            Some(Value::Array(list)) if list.len() == 1 => {
                self.registered("aud", list.first().and_then(Value::as_str).unwrap_or_default());
            }
            Some(other) => {
                self.found
                    .odd(format!("`aud` is {}; the client_id is expected", shortened(&other.to_string())), "refuse it");
            }
            None => self.found.odd("`aud` is missing; the client_id is expected", "refuse it"),
        }
    }

    fn expect(&mut self, jwt: &Jwt<'_>, name: &str, expected: &str, fix: &str) {
        let found = jwt.text(name);
        if found != expected {
            let found = shortened(if found.is_empty() { "missing" } else { found });
            self.found.odd(format!("`{name}` is `{found}`; `{expected}` is expected"), fix);
        }
    }

    fn registered(&mut self, name: &str, client: &str) {
        if !self.case.config.clients.contains_key(client) {
            let client = shortened(client);
            let says = format!("`{name}` is `{client}`, which is no client that is registered here");
            self.found
                .odd(says, "a client refuses what is for another; register this one with --config where it is yours");
        }
    }

    /// DOC, 4. Parsing the ID token: the bare UUID.
    fn is_uuid(&mut self, jwt: &Jwt<'_>) {
        let subject = jwt.text("sub");
        let parts: Vec<usize> = subject.split('-').map(str::len).collect();
        if parts != [8, 4, 4, 4, 12] {
            let what = if subject.starts_with("s=") || subject.starts_with("u=") {
                "the form of the API before FAPI"
            } else if subject.is_empty() {
                "missing"
            } else {
                "no UUID"
            };
            self.found.odd(format!("`sub` is {what}; FAPI has the bare UUID"), "refuse it, and map people by the UUID");
        }
    }

    fn alive(&mut self, jwt: &Jwt<'_>) {
        self.made_at(jwt);
        let now = self.case.now.seconds();
        match jwt.seconds("exp") {
            Ok(Some(expires)) if expires > now => {}
            Ok(Some(expires)) => {
                self.found.odd(format!("it expired {} s ago, by this machine's clock", now - expires), "log in again");
            }
            Ok(None) => self.found.odd("it has no `exp`", "refuse it"),
            Err(problem) => self.found.odd(problem, "refuse it"),
        }
    }
}

fn known(named: &NamedKey) -> KnownKey {
    KnownKey { name: named.name.clone(), key: named.key.public.clone() }
}
