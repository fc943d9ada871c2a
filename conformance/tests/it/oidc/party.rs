//! FAPI's relying party, as it was before FAPI: the whole request in the browser, no proofs.

use crate::fapi::party::{Draft, MYINFO, PERSONA, Party, REDIRECT, Told, VERIFIER, key, with};
use myinfo_fixtures::keys::ec;
use myinfo_oracle::{jwe, jwk, jws, pkce};
use serde_json::Value;
use std::collections::HashMap;
use std::ops::Deref;
use url::Url;

/// A query before it is sent.
pub(super) type Query = Vec<(String, String)>;

/// Gives a parameter of a query another value; adds it where it is missing.
pub(super) fn set(query: &mut Query, name: &str, value: &str) {
    match query.iter_mut().find(|(known, _)| known == name) {
        Some((_, old)) => value.clone_into(old),
        None => query.push((name.to_owned(), value.to_owned())),
    }
}

/// Takes a parameter out of a query.
pub(super) fn remove(query: &mut Query, name: &str) {
    query.retain(|(known, _)| known != name);
}

/// The application, and all of FAPI's that it has beside this.
pub(super) struct Before(Party);

impl Deref for Before {
    type Target = Party;

    fn deref(&self) -> &Party {
        &self.0
    }
}

impl Before {
    pub(super) async fn new(client_id: &'static str) -> Self {
        Self(Party::new(client_id).await)
    }

    pub(super) async fn with(client_id: &'static str, toml: &str) -> Self {
        Self(Party::with(client_id, toml).await)
    }

    /// The host, without a path.
    pub(super) fn issuer(&self) -> String {
        self.mock.base_url()
    }

    pub(super) fn query(&self) -> Query {
        let challenge = pkce::challenge(VERIFIER);
        let scope = if self.client_id == MYINFO { "openid uinfin name" } else { "openid" };
        let pairs = [
            ("scope", scope),
            ("response_type", "code"),
            ("client_id", self.client_id),
            ("redirect_uri", REDIRECT),
            ("nonce", "nonce-0123456789-0123456789-012345"),
            ("state", "state-0123456789-0123456789-012345"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    }

    pub(super) fn auth_url(&self, query: &Query) -> String {
        Url::parse_with_params(&format!("{}/auth", self.issuer()), query).unwrap().into()
    }

    pub(super) fn token(&self, code: &str) -> Draft {
        let mut draft = self.0.token(code);
        (draft.url, draft.proof) = (format!("{}/token", self.issuer()), None);
        with(&mut draft.assertion().claims, "aud", self.issuer());
        draft.set("client_id", self.client_id);
        draft
    }

    pub(super) fn userinfo(&self, access_token: &str) -> Draft {
        let mut draft = self.0.userinfo(access_token);
        (draft.url, draft.proof) = (format!("{}/userinfo", self.issuer()), None);
        draft.authorization = Some(format!("Bearer {access_token}"));
        draft
    }

    /// The callback's parameters for a login of a persona that keeps every rule.
    pub(super) async fn callback_of(&self, persona: &str, query: &Query) -> HashMap<String, String> {
        let told = self.visit_as(persona, &self.auth_url(query)).await;
        assert_eq!(told.status, 302, "{}", told.body);
        Url::parse(&told.headers["location"]).unwrap().query_pairs().into_owned().collect()
    }

    pub(super) async fn code(&self) -> String {
        self.callback_of(PERSONA, &self.query()).await["code"].clone()
    }

    /// The tokens of a login of this persona.
    pub(super) async fn tokens_of(&self, persona: &str) -> Value {
        let code = self.callback_of(persona, &self.query()).await["code"].clone();
        let told = self.send(&self.token(&code)).await;
        assert_eq!(told.status, 200, "{}", told.body);
        told.json()
    }

    pub(super) async fn access_token(&self) -> String {
        self.tokens_of(PERSONA).await["access_token"].as_str().unwrap().to_owned()
    }

    /// What userinfo answers to a new login.
    pub(super) async fn person(&self) -> Told {
        self.send(&self.userinfo(&self.access_token().await)).await
    }
}

/// A document that is only signed, verified with the service's key: header and claims.
pub(super) fn verified(document: &str) -> [Value; 2] {
    let service = jwk::public(&ec::public(ec::SERVICE_KID).unwrap()).unwrap();
    let inner = jws::accept(document, &service).unwrap();
    [&inner.header, &inner.payload].map(|text| serde_json::from_str(text).unwrap())
}

/// The claims of an ID token of any profile.
pub(super) fn claims(tokens: &Value) -> Value {
    let token = tokens["id_token"].as_str().unwrap();
    if token.split('.').count() == 3 {
        return verified(token)[1].clone();
    }
    let opened = jwe::open(token, &key("client-enc-p256")).unwrap();
    verified(&opened.plaintext)[1].clone()
}
