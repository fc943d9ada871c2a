//! A move to FAPI, step by step: what was before, what is now, and which cases show that a step is made.

use clap::ValueEnum;
use serde::Serialize;

/// From where somebody moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Myinfo v3.
    V3,
    /// Myinfo v4.
    V4,
    /// The API before FAPI: Myinfo v5 and Login over plain OpenID Connect.
    Oidc,
}

impl Origin {
    /// All three.
    pub const ALL: [Self; 3] = [Self::V3, Self::V4, Self::Oidc];

    /// The name, as texts have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V3 => "v3",
            Self::V4 => "v4",
            Self::Oidc => "the API before FAPI",
        }
    }
}

/// One step.
#[derive(Debug)]
pub struct Step {
    /// What it is about.
    pub what: &'static str,
    /// How it is before, for v3, v4 and the API before FAPI; nothing where that does not have to change.
    pub before: [Option<&'static str>; 3],
    /// How it is with FAPI.
    pub now: &'static str,
    /// The cases that show it.
    pub cases: &'static [&'static str],
}

impl Step {
    /// How it is before, where it has to change.
    pub fn before(&self, origin: Origin) -> Option<&'static str> {
        let [v3, v4, oidc] = self.before;
        match origin {
            Origin::V3 => v3,
            Origin::V4 => v4,
            Origin::Oidc => oidc,
        }
    }
}

/// The steps in the order in which they are best made. DOC, Migration guides.
pub const STEPS: &[Step] = &[
    Step {
        what: "application and keys",
        before: [
            Some("an X.509 certificate with an RSA key, and a client secret"),
            Some("a JWK Set, of an app that has several purposes"),
            Some("a JWK Set, in which a key for encryption may be missing"),
        ],
        now: "a JWK Set with a key to sign with and one to be encrypted for, on P-256, P-384 or P-521; no secret",
        cases: &["fapi.keys.unusable", "fapi.keys.published", "fapi.keys.two-for-encryption"],
    },
    Step {
        what: "addresses",
        before: [
            Some("written into the code: /com/v3/authorise, /token, /person"),
            Some("written into the code: /com/v4/authorize, /token, /person"),
            Some("discovery at the root of the host, with the root as issuer"),
        ],
        now: "the issuer ends in /fapi; everything else stands in its discovery document, which is kept for an hour",
        cases: &[
            "fapi.discovery.addresses",
            "fapi.discovery.issuer",
            "fapi.discovery.no-par",
            "fapi.discovery.cached",
            "fapi.discovery.login-host",
            "fapi.migration.old-addresses",
        ],
    },
    Step {
        what: "beginning a login",
        before: [
            Some("the browser carries client_id, attributes, purpose, state and redirect_uri"),
            Some("the browser carries client_id, scope, purpose_id, code_challenge and redirect_uri"),
            Some("the browser carries every parameter to /auth"),
        ],
        now: "the parameters are pushed to PAR; the browser carries client_id and request_uri",
        cases: &["fapi.par.parameters", "fapi.auth.parameters", "fapi.par.no-request-uri", "fapi.par.refused"],
    },
    Step {
        what: "parameters that are gone",
        before: [
            Some("attributes, purpose, authmode, login_type, client_secret, app_id"),
            Some("purpose_id, subentity_id"),
            None,
        ],
        now: "none of them is sent",
        cases: &["fapi.par.old-parameters", "fapi.par.context-of-a-myinfo-app"],
    },
    Step {
        what: "what is asked for",
        before: [Some("`attributes`, joined by commas"), Some("`scope`, without openid"), None],
        now: "`scope`, separated by blanks, openid among them",
        cases: &["fapi.par.scope"],
    },
    Step {
        what: "state and nonce",
        before: [Some("state alone"), Some("neither, or a state of one's own"), None],
        now: "both, new for each login, of 30 characters and more; the nonce comes back in the ID token",
        cases: &[
            "fapi.par.state-and-nonce",
            "fapi.callback.state-different",
            "fapi.callback.state-missing",
            "fapi.id-token.nonce-different",
            "fapi.id-token.nonce-missing",
        ],
    },
    Step {
        what: "PKCE",
        before: [Some("none"), None, Some("in some apps only")],
        now: "a verifier for each login, with the method S256",
        cases: &["fapi.par.pkce", "fapi.token.parameters"],
    },
    Step {
        what: "who the client is",
        before: [
            Some("client_secret, and PKI_SIGN over a base string"),
            Some("a client assertion at token, for the endpoint and with cnf.jkt"),
            Some("a client assertion at token, for the root issuer"),
        ],
        now: "a client assertion at PAR and at token, for the issuer, with its own jti, for two minutes at most",
        cases: &["fapi.assertion.claims", "fapi.assertion.audience"],
    },
    Step {
        what: "proof of possession",
        before: [Some("none"), Some("DPoP at token and person"), Some("none")],
        now: "a DPoP proof at PAR, token and userinfo, by one new key for each login",
        cases: &["fapi.dpop.form", "fapi.dpop.key-of-the-login", "fapi.dpop.same-key", "fapi.token.proof"],
    },
    Step {
        what: "the callback",
        before: [Some("code and state; errors end at a page"), Some("code alone"), Some("code and state")],
        now: "code, state and iss, which is compared; errors come back with the browser",
        cases: &[
            "fapi.callback.issuer-different",
            "fapi.callback.issuer-missing",
            "fapi.callback.issuer-encoded",
            "fapi.callback.errors",
        ],
    },
    Step {
        what: "the answer of token",
        before: [Some("an access token, Bearer"), Some("an access token, DPoP"), Some("token_type Bearer")],
        now: "token_type DPoP, and an ID token; expires_in may be missing",
        cases: &["fapi.token.bearer", "fapi.token.members-missing", "fapi.token.type-case", "fapi.token.expires-in"],
    },
    Step {
        what: "the ID token",
        before: [
            Some("none: the access token is verified by RS256"),
            Some("none: the access token is verified by ES256"),
            Some("a JWS in some apps, by the root issuer"),
        ],
        now: "always a JWE around a JWS by ES256; iss is the issuer with /fapi",
        cases: &[
            "fapi.id-token.signature",
            "fapi.id-token.not-encrypted",
            "fapi.id-token.issuer",
            "fapi.id-token.issuer-legacy",
            "fapi.id-token.audience",
            "fapi.id-token.expired",
        ],
    },
    Step {
        what: "who logged in",
        before: [
            Some("sub of the access token, which may be the NRIC"),
            Some("sub of the access token, a UUID"),
            Some("sub as `u=…` or `s=…,u=…`, out of which the NRIC is cut"),
        ],
        now: "sub of the ID token, a UUID without parts; the NRIC is in sub_attributes and person_info",
        cases: &["fapi.id-token.subject-legacy", "fapi.id-token.subject-missing", "fapi.person.subject"],
    },
    Step {
        what: "ways of authentication",
        before: [None, None, Some("amr says one of sms, fv, fv-alt …")],
        now: "amr lists all factors, by other names: otp-sms, face, face-alt; acr says the level",
        cases: &["fapi.migration.factors", "fapi.id-token.unknown-claims"],
    },
    Step {
        what: "fetching the data",
        before: [
            Some("GET /person/{sub}/ with PKI_SIGN, Bearer and a query"),
            Some("GET /person/{sub} with DPoP and a query"),
            Some("GET /userinfo with Bearer"),
        ],
        now: "GET userinfo with the scheme DPoP, a proof with ath, and no query; never as Bearer",
        cases: &["fapi.userinfo.request", "fapi.userinfo.bearer-challenge"],
    },
    Step {
        what: "the document",
        before: [
            Some("RSA-OAEP and RS256; the person is the root of the payload"),
            Some("ECDH-ES and ES256; the person is the root of the payload"),
            Some("the items stand at the root, beside iss and sub"),
        ],
        now: "ECDH-ES with a key wrap and ES256; the items stand in person_info",
        cases: &[
            "fapi.person.signature",
            "fapi.person.not-protected",
            "fapi.person.person-info",
            "fapi.person.at-the-root",
            "fapi.migration.person-in-one-place",
            "fapi.person.content-encryption",
        ],
    },
    Step {
        what: "an agency that is down",
        before: [Some("500 with “Internal server error - 540”"), Some("500 with “Internal server error - 540”"), None],
        now: "502; it passes",
        cases: &["fapi.userinfo.later", "fapi.userinfo.retried"],
    },
];

/// The steps of a move.
pub fn steps(origin: Origin) -> impl Iterator<Item = (&'static Step, &'static str)> {
    STEPS.iter().filter_map(move |step| Some((step, step.before(origin)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{of_connectors, of_migrations};
    use std::fmt::Write;

    #[test]
    fn every_step_names_cases_that_there_are_and_every_case_of_a_move_stands_in_one() {
        let known: Vec<&str> = of_connectors().chain(of_migrations()).map(|case| case.id).collect();
        for step in STEPS {
            assert!(!step.cases.is_empty() && step.before.iter().any(Option::is_some), "{}", step.what);
            assert!(step.cases.iter().all(|id| known.contains(id)), "{}", step.what);
        }
        for case in of_migrations() {
            assert!(STEPS.iter().any(|step| step.cases.contains(&case.id)), "{}", case.id);
        }
    }

    /// The page is written by hand around tables that this test writes with `MYINFO_UPDATE_DOCS=1`.
    #[test]
    fn the_page_has_a_table_for_each_move() {
        const MARK: &str =
            "<!-- the tables: cargo test -p myinfo-conformance --lib migration, with MYINFO_UPDATE_DOCS=1 -->";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/migrating.md");
        let page = std::fs::read_to_string(path).unwrap();
        let (before, found) = page.split_once(MARK).unwrap();
        let tables: String = Origin::ALL.iter().map(|origin| table(*origin)).collect();
        if std::env::var_os("MYINFO_UPDATE_DOCS").is_some() {
            std::fs::write(path, format!("{before}{MARK}\n{tables}")).unwrap();
            return;
        }
        assert_eq!(found, format!("\n{tables}"), "docs/migrating.md is not what the code says");
    }

    fn table(origin: Origin) -> String {
        let mut text =
            format!("\n## From {}\n\n| ☐ | what | before | now | shown by |\n|---|---|---|---|---|\n", origin.name());
        for (step, before) in steps(origin) {
            let cases: Vec<String> = step.cases.iter().map(|id| format!("`{id}`")).collect();
            let _ = writeln!(text, "| ☐ | {} | {before} | {} | {} |", step.what, step.now, cases.join(" "));
        }
        text
    }
}
