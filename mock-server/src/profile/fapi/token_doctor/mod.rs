//! `doctor token` for what FAPI sends: which kind of token it is, whose, and what is wrong with it.

mod assertion;
mod issued;
mod keys;
mod proof;
mod sealed;

use super::settings::FapiSettings;
use crate::ambient::Timestamp;
use crate::examination::Examination;
use crate::jose::nested::unverified;
use crate::profile::token_case::{Line, Odd, TokenCase, TokenFindings};
use crate::rule::jwt::Jwt;
use keys::Keys;
use serde_json::{Map, Value};

/// What is to be said of a token; nothing where it is none of FAPI's.
pub(in crate::profile) fn look(case: &TokenCase<'_>) -> Option<TokenFindings> {
    let settings = FapiSettings::of(case.config)?;
    let (header, claims) = (unverified(case.token, 0)?, unverified(case.token, 1).unwrap_or_default());
    let parts = case.token.split('.').count();
    let sealed = parts == 5 && sealed::is_ours(&header);
    let kind = if parts == 3 { Kind::of(&header, &claims) } else { None };
    if !sealed && kind.is_none() {
        return None;
    }
    let mut doctor = Doctor { case, settings, keys: Keys::of(case, settings), found: TokenFindings::default() };
    match kind {
        Some(kind) => doctor.signed(case.token, kind),
        None => doctor.sealed(case.token, &header),
    }
    Some(doctor.found)
}

/// The claims of an assertion; `code` and `cnf` were v4's.
const OF_ASSERTIONS: [&str; 9] = ["iss", "sub", "aud", "jti", "iat", "exp", "nbf", "code", "cnf"];

/// The signed tokens of FAPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Assertion,
    Proof,
    AccessToken,
    IdToken,
    Userinfo,
    /// Signed as FAPI signs, and nothing that it sends.
    Unknown,
}

impl Kind {
    /// By what stands in a token alone: nothing is verified yet.
    fn of(header: &Map<String, Value>, claims: &Map<String, Value>) -> Option<Self> {
        let is_type = |name: &str| header.get("typ").is_some_and(|kind| kind == name);
        let has = |name: &str| claims.contains_key(name);
        let by_itself = has("iss") && claims.get("iss") == claims.get("sub");
        let of_assertions = claims.keys().all(|name| OF_ASSERTIONS.contains(&name.as_str()));
        let on_curve =
            header.get("alg").and_then(Value::as_str).is_some_and(|alg| alg.starts_with("ES") || alg == "EdDSA");
        // an assertion that has a proof's `typ` is an assertion all the same; a proof has a key in its header
        let says_who = ["iss", "sub", "aud"].into_iter().all(has) && !header.contains_key("jwk");
        if is_type("dpop+jwt") && !says_who || has("htu") || has("htm") {
            Some(Self::Proof)
        } else if has("person_info") {
            Some(Self::Userinfo)
        } else if has("aud") && (by_itself || on_curve && has("jti") && of_assertions) {
            Some(Self::Assertion)
        } else if has("sub_type") || has("amr") && has("nonce") {
            Some(Self::IdToken)
        } else if is_type("at+jwt") || has("cnf") {
            Some(Self::AccessToken)
        } else {
            on_curve.then_some(Self::Unknown)
        }
    }

    const fn told(self) -> &'static str {
        match self {
            Self::Assertion => "a client assertion of FAPI: how a client says at PAR and token who it is",
            Self::Proof => "a DPoP proof of FAPI: it belongs to one request",
            Self::AccessToken => "an access token of FAPI: for userinfo alone, and not for its client to look into",
            Self::IdToken => "an ID token of FAPI (JWS: three parts)",
            Self::Userinfo => "a person of Myinfo v5, as userinfo sends it (JWS: three parts)",
            Self::Unknown => "a signed token (JWS: three parts) of a kind that FAPI does not have",
        }
    }
}

/// Looks at a token, and writes down what it sees.
struct Doctor<'a> {
    case: &'a TokenCase<'a>,
    settings: &'a FapiSettings,
    keys: Keys,
    found: TokenFindings,
}

impl Doctor<'_> {
    fn signed(&mut self, token: &str, kind: Kind) {
        self.found.line("this is", kind.told());
        let (header, claims) = (unverified(token, 0).unwrap_or_default(), unverified(token, 1).unwrap_or_default());
        self.found.lines.push(Line::Header("JWS header", header));
        self.without_person(claims);
        let jwt = match Jwt::read(token) {
            Ok(jwt) => jwt,
            Err(problem) => return self.found.odd(problem, "send the token as the library that made it wrote it"),
        };
        match kind {
            Kind::Assertion => self.assertion(token, &jwt),
            Kind::Proof => self.proof(token, &jwt),
            Kind::AccessToken => self.access_token(&jwt),
            Kind::IdToken => self.id_token(&jwt),
            Kind::Userinfo => self.userinfo(&jwt),
            Kind::Unknown => self.found.odd(
                "it has the claims of no assertion, no proof and no document of Singpass",
                "FAPI has client assertions, DPoP proofs, access tokens, ID tokens and userinfo",
            ),
        }
    }

    /// The claims, and beside them what is of the person.
    fn without_person(&mut self, mut claims: Map<String, Value>) {
        let parts = [("person", "person_info"), ("attributes", "sub_attributes")];
        let parts = parts.map(|(title, name)| (title, claims.shift_remove(name)));
        self.found.lines.push(Line::Claims(claims));
        let parts = parts.into_iter().filter_map(|(title, part)| Some(Line::Person(title, part?)));
        self.found.lines.extend(parts);
    }

    /// Writes down what an examination found: each broken rule, as the server tells it.
    fn examined(&mut self, exam: &Examination) {
        let kept = exam.verdicts.iter().filter(|verdict| verdict.refusal().is_none());
        let kept: Vec<&str> = kept.map(|verdict| verdict.rule().id).collect();
        if !kept.is_empty() {
            self.found.line("kept", kept.join(", "));
        }
        exam.told_notes().for_each(|(_, text)| self.found.line("note", text));
        let broken = exam.verdicts.iter().filter_map(|verdict| verdict.refusal());
        self.found.odd.extend(broken.map(|refusal| Odd {
            says: refusal.hint.clone(),
            fix: refusal.fix.clone().into_owned(),
            rule: refusal.rule.id,
        }));
    }

    /// When it was made, as it says itself: at that moment it is judged. A clock that is ahead is odd.
    fn made_at(&mut self, jwt: &Jwt<'_>) -> Timestamp {
        let now = self.case.now;
        let Ok(Some(issued)) = jwt.seconds("iat") else { return now };
        let made = Timestamp(issued.saturating_mul(1000));
        match issued.checked_sub(now.seconds()) {
            Some(ahead) if ahead > self.settings.skew_seconds => self.found.odd(
                format!("`iat` is {ahead} s ahead of this machine's clock"),
                "let the machine that made it ask a time server (NTP)",
            ),
            Some(_) => self.found.line("made", format!("{}, just now", made.rfc3339())),
            None => {
                let ago = now.seconds() - issued;
                self.found.line("made", format!("{}, {ago} s ago by this machine's clock", made.rfc3339()));
            }
        }
        made
    }

    /// The issuers that a token may be for: this server's, under each of its addresses, and Singpass' own.
    fn issuers(&self) -> Vec<String> {
        let own = std::iter::once(format!("http://{}", self.case.config.http));
        let public = self.case.config.public_urls.iter().cloned();
        let real = ["https://stg-id.singpass.gov.sg", "https://id.singpass.gov.sg"].map(str::to_owned);
        own.chain(public).chain(real).map(|base| format!("{base}/fapi")).collect()
    }

    /// The issuer that an address belongs to: the one on whose host it is, else this server's.
    fn issuer_of(&self, address: &str) -> String {
        let issuers = self.issuers();
        let at = issuers.iter().find(|issuer| host(issuer).is_some() && host(issuer) == host(address));
        at.or(issuers.first()).cloned().unwrap_or_default()
    }

    /// Says how the doctor learns of a server of one's own at another address: by the option with which that was started.
    fn at_another_server(&mut self, name: &str, address: &str) {
        let Some(there) = host(address) else { return };
        if self.issuers().iter().any(|issuer| host(issuer) == Some(there)) {
            return;
        }
        let here = self.case.config.http;
        let is_here = there.rsplit_once(':').is_some_and(|(name, _)| name == "127.0.0.1");
        let option = if is_here { format!("--http {there}") } else { "--public-url with its address".to_owned() };
        let says = "is an address of neither Singpass nor the mock that is configured here";
        self.found.line("note", format!("`{name}` {says} ({here}): if your mock is there, say so with {option}"));
    }
}

/// Host and port of an address.
fn host(address: &str) -> Option<&str> {
    address.split('/').nth(2).filter(|host| !host.is_empty() && host.len() < 100)
}
