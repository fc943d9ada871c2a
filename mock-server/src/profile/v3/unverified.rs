//! A request whose signature does not verify, and the search for the reason: it needs nothing of the request's life.

use super::base_string::base_string;
use super::client::Client;
use super::forensics::{Evidence, Finding, KnownKey, diagnose, reused};
use super::pki_sign::PkiSign;
use super::rules;
use crate::book::Book;
use crate::doctor::recover::{Hash, Recovered, recover};
use crate::http::pairs::Pairs;
use crate::persona::uinfin;
use crate::refusal::Refusal;
use openssl::pkey::{PKey, Public};
use std::sync::Arc;

/// All that the search for the reason needs.
pub(super) struct Unverified {
    /// The clients of the moment at which the request came.
    pub(super) book: Arc<Book>,
    /// The id of the client that should have signed.
    pub(super) client: String,
    pub(super) method: String,
    /// The URLs that the server accepts; the first is the one as received.
    pub(super) urls: Vec<String>,
    pub(super) signed: PkiSign,
    /// The Authorization header as it was sent.
    pub(super) header: String,
    pub(super) parameters: Pairs,
    pub(super) query: String,
    /// The body or query as it was sent.
    pub(super) sent_as: String,
    pub(super) bearer: Option<String>,
    /// Names and values that a client might have signed without sending them.
    pub(super) known: Vec<(String, String)>,
    pub(super) other_origins: Vec<String>,
    /// The request with which the same signature was good.
    pub(super) earlier: Option<String>,
    /// The mock's own key.
    pub(super) service: Option<PKey<Public>>,
    /// Whether a search may take seconds.
    pub(super) thorough: bool,
}

impl Unverified {
    /// The refusal with the reason.
    pub(super) fn diagnosed(&self, mut refusal: Refusal, signature: &[u8]) -> Refusal {
        let Some(found) = self.finding(signature) else { return refusal };
        refusal.hint = found.says;
        let mut refusal = refusal.diagnosed(found.diagnosis).fixed_by(found.fix);
        let bearer = self.bearer.as_deref().unwrap_or_default();
        let details = found.details.map(|text| {
            let text = if bearer.is_empty() { text.to_owned() } else { text.replace(bearer, "[token]") };
            uinfin::mask_all(&self.book.mask_secrets(&text))
        });
        refusal.details = Some(Box::new(details));
        refusal
    }

    /// The refusal of a signature that is written otherwise, with what is wrong behind that.
    pub(super) fn behind(&self, mut refusal: Refusal, signature: &[u8]) -> Refusal {
        let behind = self.diagnosed(refusal.clone(), signature);
        refusal.hint = format!("{}; behind it: {}", refusal.hint, behind.hint);
        refusal.fix = format!("{}; {}", rules::SIGNATURE_ENCODING.fix, behind.fix).into();
        refusal.details = behind.details;
        refusal
    }

    /// The refusal of what is sent instead of a signature; what can be proved about it with the request's own text is.
    pub(super) fn something_else(&self, mut refusal: Refusal, bytes: Option<&[u8]>) -> Refusal {
        if let Some(what) = bytes.and_then(|bytes| self.hash_or_hmac(bytes)) {
            refusal.hint = what;
        } else if let Some(whose) = bytes.and_then(|bytes| self.another_size(bytes)) {
            refusal.hint = format!("{}; {whose}", refusal.hint);
        }
        refusal
    }

    fn client(&self) -> Option<Client<'_>> {
        self.book.client(&self.client).and_then(Client::of)
    }

    fn finding(&self, signature: &[u8]) -> Option<Finding> {
        let key = self.client()?.v3.key.as_ref()?;
        let signed = (&self.signed, self.header.as_str());
        let mut evidence = Evidence::new(&self.method, &self.urls, signed, &self.parameters);
        evidence.query = &self.query;
        evidence.bearer = self.bearer.as_deref();
        evidence.signature_text = Some(&self.signed.signature);
        evidence.known.clone_from(&self.known);
        evidence.other_origins.clone_from(&self.other_origins);
        evidence.other_clients = self.other_clients();
        evidence.sent_as(&self.sent_as);
        if self.thorough {
            evidence.take_time();
        }
        let registered = KnownKey { owner: format!("`{}`", self.client), key: &key.material.key };
        Some(match &self.earlier {
            Some(earlier) => reused(&evidence, earlier),
            None => diagnose(&evidence, signature, &registered, &self.other_keys()),
        })
    }

    fn others(&self) -> impl Iterator<Item = Client<'_>> {
        self.book.clients.values().filter_map(Client::of).filter(|other| other.id != self.client)
    }

    /// Ids and secrets of the other clients.
    fn other_clients(&self) -> Vec<(String, String)> {
        self.others().map(|other| (other.id.to_owned(), other.v3.secret.reveal().to_owned())).collect()
    }

    /// Every other key that the mock knows, once each.
    fn other_keys(&self) -> Vec<KnownKey<'_>> {
        let mut keys: Vec<KnownKey<'_>> = Vec::new();
        for other in self.others() {
            let Some(key) = &other.v3.key else { continue };
            let owner = format!("the key of `{}`", other.id);
            if !keys.iter().any(|known| known.key.public_eq(&key.material.key)) {
                keys.push(KnownKey { owner, key: &key.material.key });
            }
        }
        let service = self.service.as_ref();
        keys.extend(service.map(|key| KnownKey { owner: "the mock's own key, Myinfo's side,".to_owned(), key }));
        keys
    }

    /// What 32 bytes, or a few more, are that nobody signed.
    fn hash_or_hmac(&self, bytes: &[u8]) -> Option<String> {
        let client = self.client()?;
        let hashes = [Hash::Sha256, Hash::Sha1, Hash::Sha384, Hash::Sha512];
        self.urls.iter().find_map(|url| {
            let text = base_string(&self.method, url, &self.signed, &self.parameters);
            if let Some(hash) = hashes.iter().find(|hash| hash.of(text.as_bytes()) == *bytes) {
                return Some(format!(
                    "the signature is the {} hash of the base string, which nobody signed",
                    hash.name()
                ));
            }
            let hmac = hmac_sha256(client.v3.secret.reveal(), &text).is_some_and(|hmac| hmac == *bytes);
            let says = "the signature is an HMAC-SHA256 of the base string with the client_secret; v3 wants RSA";
            hmac.then(|| says.to_owned())
        })
    }

    /// Which other key made a signature of another size.
    fn another_size(&self, bytes: &[u8]) -> Option<String> {
        let client = self.client()?;
        let others = self.other_keys();
        let by = others.iter().find(|other| matches!(recover(bytes, other.key), Recovered::Digest { .. }))?;
        Some(format!(
            "{} made it, of {} bits, not the one of `{}`, of {}",
            by.owner,
            by.key.bits(),
            client.id,
            client.v3.key.as_ref()?.material.key.bits()
        ))
    }
}

fn hmac_sha256(secret: &str, text: &str) -> Option<Vec<u8>> {
    let key = PKey::hmac(secret.as_bytes()).ok()?;
    let mut signer = openssl::sign::Signer::new(openssl::hash::MessageDigest::sha256(), &key).ok()?;
    signer.sign_oneshot_to_vec(text.as_bytes()).ok()
}
