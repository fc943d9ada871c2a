//! A client assertion, by the rules that PAR and token hold it against.

use super::super::caller::{By, assertion_policy};
use super::super::{client, client_keys, rules};
use super::Doctor;
use super::keys::set_of;
use crate::examination::Examination;
use crate::jose::jwk_set::JwkSet;
use crate::rule::client_assertion;
use crate::rule::jwt::Jwt;
use crate::rule::replay::{FirstUse, NonceCache, Replay};
use serde_json::Value;

impl Doctor<'_> {
    pub(super) fn assertion(&mut self, token: &str, jwt: &Jwt<'_>) {
        let client_id = jwt.text("sub").to_owned();
        let set = self.client_set(&client_id);
        let audience = jwt.claims.get("aud").and_then(only_text).unwrap_or_default();
        let issuer = self.issuer_of(audience);
        // the document wants the issuer; the address of the endpoint is what several libraries send
        let endpoint = ["par", "token"].map(|name| format!("{issuer}/{name}")).into_iter().find(|url| url == audience);
        let endpoint = endpoint.unwrap_or_else(|| format!("{issuer}/par"));
        self.found
            .line("signed by", self.keys.signer(jwt).unwrap_or_else(|| "nobody whose key is known here".to_owned()));
        let at = self.made_at(jwt);
        let mut exam = Examination::new("fapi", Vec::new());
        let known = || self.keys.known().cloned().collect();
        let by = By { client_id: &client_id, keys: &set, origin: "", known: &known };
        let policy = assertion_policy(self.settings, &by, (&issuer, &endpoint));
        let here = FirstUse { at, endpoint: "" };
        let replay = Replay { memory: &NonceCache::new(), here };
        client_assertion::examine(token, &rules::ASSERTIONS, &policy, replay, &mut exam);
        exam.search_now();
        if set.keys.is_empty() {
            exam.verdicts.retain(|verdict| verdict.rule() != rules::ASSERTION_SIGNATURE);
        }
        self.examined(&exam);
        self.at_another_server("aud", audience);
    }

    /// The client's keys: those that were given, else those that are registered.
    fn client_set(&mut self, client_id: &str) -> JwkSet {
        if !self.case.set.is_empty() {
            return set_of(self.case.set);
        }
        let own = self.case.config.clients.get(client_id).and_then(client::of);
        let why = match own.map(|own| &own.keys) {
            Some(client_keys::Keys::Registered(set)) => return (**set).clone(),
            Some(client_keys::Keys::At(url)) => format!("the keys of this client are at {url}"),
            None => "`sub` is no client that is registered here".to_owned(),
        };
        let given = set_of(self.case.given);
        if given.keys.is_empty() {
            let fix = "give its public JWK Set with --jwks, or its key with --key";
            self.found.odd(format!("the signature is not judged: {why}"), fix);
        }
        given
    }
}

/// A text, or the only text of a list.
fn only_text(value: &Value) -> Option<&str> {
    match value {
        Value::Array(list) if list.len() == 1 => list.first().and_then(Value::as_str),
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            value.as_str()
        }
    }
}
