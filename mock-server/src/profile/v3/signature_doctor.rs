//! Why a signature does not verify: the evidence of a request, and what the forensics make of it.

use super::base_string::base_string;
use super::bearer_form::jti_of;
use super::client::{Client, ClientKey};
use super::forensics::{Evidence, KnownKey, diagnose, reused};
use super::pki_sign::PkiSign;
use super::rules;
use super::signature::Signed;
use super::signature_form::Other;
use crate::doctor::recover::{Hash, Recovered, recover};
use crate::examination::{Link, Verdict};
use crate::journal::Exchange;
use crate::persona::uinfin;
use crate::refusal::Refusal;
use openssl::pkey::{PKey, Public};
use warp::http::{Method, header};

impl Signed<'_, '_> {
    /// Why the signature does not verify. Only ever made for a refusal: it costs thousands of hashes.
    pub(super) fn diagnosis(
        &self,
        signed: &PkiSign,
        (client, key): (Client<'_>, &ClientKey),
        signature: &[u8],
    ) -> Refusal {
        let incoming = self.call.incoming;
        let urls = self.urls();
        let header = incoming.header(&header::AUTHORIZATION).ok().flatten().unwrap_or_default();
        let mut evidence = Evidence::new(incoming.method.as_str(), &urls, (signed, header), self.parameters);
        evidence.query = &incoming.query;
        evidence.bearer = self.authorization.and_then(|authorization| authorization.bearer.as_deref());
        evidence.signature_text = Some(&signed.signature);
        evidence.known = self.known_values(client);
        evidence.other_origins = self.other_origins();
        evidence.other_clients = self.other_clients(client.id);
        evidence.sent_as(self.sent_as());
        if self.call.app.thorough {
            evidence.take_time();
        }
        let registered = KnownKey { owner: format!("`{}`", client.id), key: &key.material.key };
        let service = crate::jose::key::public_half(&self.call.app.config.service.rsa.private).ok();
        let others = self.other_keys(client.id, service.as_ref());
        let found = match self.used_before(signed) {
            Some(earlier) => reused(&evidence, &earlier),
            None => diagnose(&evidence, signature, &registered, &others),
        };
        let mut refusal = self.wrong_signature(rules::SIGNATURE, "Invalid PKI Signature", found.says);
        refusal = refusal.diagnosed(found.diagnosis).fixed_by(found.fix);
        let bearer = evidence.bearer.unwrap_or_default().to_owned();
        let details = found.details.map(|text| {
            let text = if bearer.is_empty() { text.to_owned() } else { text.replace(&bearer, "[token]") };
            uinfin::mask_all(&self.call.book.mask_secrets(&text))
        });
        refusal.details = Some(Box::new(details));
        refusal
    }

    /// What a client may have signed without sending it: the fields of other steps and versions.
    fn known_values(&self, client: Client<'_>) -> Vec<(String, String)> {
        let mut known: Vec<(String, String)> = [
            ("client_id", client.id),
            ("app_id", client.id),
            ("client_secret", client.v3.secret.reveal()),
            ("grant_type", "authorization_code"),
            ("response_type", "code"),
            ("realm", ""),
            ("state", ""),
            ("state", "null"),
            ("state", "undefined"),
            ("txnNo", ""),
            ("txnNo", "null"),
            ("txnNo", "undefined"),
            ("sp_esvcId", ""),
            ("sp_esvcId", "null"),
            ("sp_esvcId", "undefined"),
            ("sp_esvcId", "MYINFO-CONSENTPLATFORM"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        known.extend(client.v3.esvc_ids.iter().map(|id| ("sp_esvcId".to_owned(), id.clone())));
        known.extend(client.common.redirect_uris.iter().map(|uri| ("redirect_uri".to_owned(), uri.clone())));
        let link = self.parameters.value("code").map(|code| Link::Code(code.to_owned()));
        let link = link.or_else(|| {
            let token = self.authorization?.bearer.as_deref()?;
            Some(Link::Token(jti_of(token)?))
        });
        if let Some(link) = link {
            // the authorise request of the same transaction
            known.extend(self.call.app.journal.authorise_parameters(&link));
        }
        known
    }

    /// The body or query as it was sent.
    fn sent_as(&self) -> &str {
        let incoming = self.call.incoming;
        if incoming.method != Method::POST {
            return &incoming.query;
        }
        incoming.body.as_ref().ok().and_then(|body| std::str::from_utf8(body).ok()).unwrap_or_default()
    }

    /// Ids and secrets of the other clients.
    fn other_clients(&self, client: &str) -> Vec<(String, String)> {
        let others = self.call.book.clients.values().filter_map(Client::of).filter(|other| other.id != client);
        others.map(|other| (other.id.to_owned(), other.v3.secret.reveal().to_owned())).collect()
    }

    /// The request with which the same signature was sent before, and was good.
    fn used_before(&self, signed: &PkiSign) -> Option<String> {
        let verified = |exchange: &Exchange| {
            let mut verdicts = exchange.exam.verdicts.iter();
            verdicts.any(|verdict| matches!(verdict, Verdict::Kept(rule) if rule.id == rules::SIGNATURE.id))
        };
        let quoted = format!("\"{}\"", signed.signature);
        let same = |exchange: &Exchange| {
            exchange.request.header(&header::AUTHORIZATION).is_some_and(|header| header.contains(&quoted))
        };
        let earlier = self.call.app.journal.newest_that(|exchange| same(exchange) && verified(exchange))?;
        let seconds = self.call.app.clock.now().0.saturating_sub(earlier.at.0) / 1000;
        Some(format!("that of the {} request {seconds} s ago", earlier.event.name()))
    }

    /// Where a proxy in front says that the client called, and the real service that it may be configured for.
    fn other_origins(&self) -> Vec<String> {
        let real = crate::tls::names::REAL.iter().take(3).map(|host| format!("https://{host}"));
        let here = self.call.incoming.origin();
        let swapped = if here.contains("localhost") {
            here.replace("localhost", "127.0.0.1")
        } else {
            here.replace("127.0.0.1", "localhost")
        };
        self.call.incoming.forwarded_origin().into_iter().chain([swapped]).chain(real).collect()
    }

    /// Every other key that the mock knows, once each.
    fn other_keys<'k>(&'k self, client: &str, service: Option<&'k PKey<Public>>) -> Vec<KnownKey<'k>> {
        let registered = self.call.book.clients.values().filter_map(Client::of).filter(|other| other.id != client);
        let mut keys: Vec<KnownKey<'k>> = Vec::new();
        for other in registered {
            let Some(key) = &other.v3.key else { continue };
            let owner = format!("the key of `{}`", other.id);
            if !keys.iter().any(|known| known.key.public_eq(&key.material.key)) {
                keys.push(KnownKey { owner, key: &key.material.key });
            }
        }
        keys.extend(service.map(|key| KnownKey { owner: "the mock's own key, Myinfo's side,".to_owned(), key }));
        keys
    }

    /// What is sent instead of a signature; what can be proved about it with the request's own text is.
    pub(super) fn what_else(&self, signed: &PkiSign, (client, key): (Client<'_>, &ClientKey), other: Other) -> String {
        let Some(bytes) = &other.bytes else { return other.says };
        let method = self.call.incoming.method.as_str();
        let texts = self.urls().into_iter().map(|url| base_string(method, &url, signed, self.parameters));
        let hashes = [Hash::Sha256, Hash::Sha1, Hash::Sha384, Hash::Sha512];
        for text in texts {
            if let Some(hash) = hashes.iter().find(|hash| hash.of(text.as_bytes()) == *bytes) {
                return format!("the signature is the {} hash of the base string, which nobody signed", hash.name());
            }
            if hmac_sha256(client.v3.secret.reveal(), &text).is_some_and(|hmac| hmac == *bytes) {
                return "the signature is an HMAC-SHA256 of the base string with the client_secret; v3 wants RSA"
                    .to_owned();
            }
        }
        let service = crate::jose::key::public_half(&self.call.app.config.service.rsa.private).ok();
        let others = self.other_keys(client.id, service.as_ref());
        let by = others.iter().find(|other| matches!(recover(bytes, other.key), Recovered::Digest { .. }));
        match by {
            Some(other_key) => format!(
                "{}; {} made it, of {} bits, not the one of `{}`, of {}",
                other.says,
                other_key.owner,
                other_key.key.bits(),
                client.id,
                key.material.key.bits()
            ),
            None => other.says,
        }
    }
}

fn hmac_sha256(secret: &str, text: &str) -> Option<Vec<u8>> {
    let key = PKey::hmac(secret.as_bytes()).ok()?;
    let mut signer = openssl::sign::Signer::new(openssl::hash::MessageDigest::sha256(), &key).ok()?;
    signer.sign_oneshot_to_vec(text.as_bytes()).ok()
}
