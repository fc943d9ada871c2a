//! A DPoP proof, by the rules that the endpoints hold it against.

use super::super::errors::invalid_proof;
use super::super::rules;
use super::{Doctor, Kind};
use crate::examination::{Examination, Verdict};
use crate::jose::ec::EcPublic;
use crate::jose::nested::unverified;
use crate::rule::dpop::{self, DpopPolicy};
use crate::rule::jwt::Jwt;
use crate::rule::replay::{FirstUse, NonceCache, Replay};
use serde_json::Value;

impl Doctor<'_> {
    pub(super) fn proof(&mut self, token: &str, jwt: &Jwt<'_>) {
        let (method, address) = self.request_of(jwt);
        let at = self.made_at(jwt);
        let bound = self.bound();
        let addresses = [address.clone()];
        let policy = DpopPolicy {
            method,
            addresses: &addresses,
            window: self.settings.proof_window_seconds,
            ahead: self.settings.skew_seconds,
            nonces: &[],
            access_token: self.case.access_token,
            bound: bound.as_deref().map(|bound| (bound, "the access token")),
            refuse: invalid_proof,
        };
        let mut exam = Examination::new("fapi", Vec::new());
        let replay = Replay { memory: &NonceCache::new(), here: FirstUse { at, endpoint: "" } };
        dpop::examine(token, &rules::PROOFS, &policy, replay, &mut exam);
        name_the_endpoint(&mut exam);
        self.examined(&exam);
        self.key_of_one_login(jwt);
        self.hash_of_a_token(jwt, method);
        self.access_token_that_is_none();
        if jwt.text("htu").contains(['?', '#']) {
            self.found.line("note", "`htu` has a query or fragment: it is not looked at, and does not belong there");
        }
        self.at_another_server("htu", jwt.text("htu"));
    }

    /// The request that the proof seems to be for: by the end of its address, else by its method.
    fn request_of(&self, jwt: &Jwt<'_>) -> (&'static str, String) {
        let sent = jwt.text("htu");
        let issuer = self.issuer_of(sent);
        let bare = sent.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let endpoints = [("POST", "par"), ("POST", "token"), ("GET", "userinfo")];
        let ends = |name: &str| bare.rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(name));
        let by_address = endpoints.iter().find(|(_, name)| ends(name));
        let by_method = || endpoints.iter().rev().find(|(method, _)| *method == jwt.text("htm"));
        let (method, name) = by_address.or_else(by_method).copied().unwrap_or(("POST", "par"));
        (method, format!("{issuer}/{name}"))
    }

    /// The thumbprint that the access token is bound to.
    fn bound(&self) -> Option<String> {
        let claims = unverified(self.case.access_token?, 1)?;
        Some(claims.get("cnf")?.get("jkt")?.as_str()?.to_owned())
    }

    /// The proof's key, and whose it is besides. DOC, Technical concepts, DPoP: a new one for each login.
    fn key_of_one_login(&mut self, jwt: &Jwt<'_>) {
        let jwk = jwt.header.get("jwk").and_then(Value::as_object);
        let Some(key) = jwk.and_then(|jwk| EcPublic::from_jwk(jwk).ok()) else { return };
        let thumbprint = key.thumbprint().unwrap_or_default();
        self.found.line("its key", format!("has the thumbprint {thumbprint}"));
        if let Some(name) = self.keys.names_of(&key) {
            let says = format!("the proof's key is {name}: a new key for each login is expected");
            self.found.odd(says, rules::DPOP_KEY.fix);
        }
    }

    /// Something else that was given as the access token: its hash says nothing.
    fn access_token_that_is_none(&mut self) {
        let Some(given) = self.case.access_token else { return };
        let (header, claims) = (unverified(given, 0).unwrap_or_default(), unverified(given, 1).unwrap_or_default());
        let what = match Kind::of(&header, &claims) {
            _ if given.split('.').count() == 5 => "an encrypted document (JWE)",
            // one that is no JWT may be another service's
            None | Some(Kind::AccessToken | Kind::Unknown) => return,
            Some(kind) => kind.told(),
        };
        let says = format!("what was given with --access-token is {what}");
        self.found.odd(says, "give the `access_token` of the token answer");
    }

    /// What can be said of `ath` without the access token.
    fn hash_of_a_token(&mut self, jwt: &Jwt<'_>, method: &str) {
        let sent = jwt.text("ath");
        match (method, sent.is_empty(), self.case.access_token) {
            ("GET", true, None) => self.found.odd("`ath` is missing, and userinfo wants it", rules::DPOP_TOKEN.fix),
            ("GET", false, None) => {
                self.found.line("note", "whose hash `ath` is is not judged: give the access token with --access-token");
            }
            ("POST", false, _) => self.found.line("note", "`ath` is for userinfo: PAR and token have no access token"),
            _ => {}
        }
    }
}

/// Offline, nobody knows where the request went: the nearest endpoint is told.
fn name_the_endpoint(exam: &mut Examination) {
    for verdict in &mut exam.verdicts {
        if let Verdict::Broken(noted) = verdict {
            noted.first.hint = noted.first.hint.replace("this request was made to", "the nearest endpoint is");
            noted.first.hint = noted.first.hint.replace("the request was a", "that endpoint takes");
        }
    }
}
