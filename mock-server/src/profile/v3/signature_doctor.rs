//! What is taken out of a request whose signature does not verify, so that the reason can be searched for.

use super::bearer_form::jti_of;
use super::client::Client;
use super::pki_sign::PkiSign;
use super::rules;
use super::signature::Signed;
use super::unverified::Unverified;
use crate::examination::{Link, Verdict};
use crate::journal::Exchange;
use std::sync::Arc;
use warp::http::{Method, header};

impl Signed<'_, '_> {
    /// What the search needs. It is made after the answer: nothing of the request is there then, unless it is taken now.
    pub(super) fn unverified(&self, signed: &PkiSign, client: Client<'_>) -> Unverified {
        let incoming = self.call.incoming;
        let header = incoming.header(&header::AUTHORIZATION).ok().flatten().unwrap_or_default();
        Unverified {
            book: Arc::clone(self.call.book),
            client: client.id.to_owned(),
            method: incoming.method.to_string(),
            urls: self.urls(),
            signed: signed.clone(),
            header: header.to_owned(),
            parameters: self.parameters.clone(),
            query: incoming.query.clone(),
            sent_as: self.sent_as().to_owned(),
            bearer: self.authorization.and_then(|authorization| authorization.bearer.clone()),
            known: self.known_values(client),
            other_origins: self.other_origins(),
            earlier: self.used_before(signed),
            service: crate::jose::key::public_half(&self.call.app.config.service.rsa.private).ok(),
            thorough: self.call.app.thorough,
        }
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
}
