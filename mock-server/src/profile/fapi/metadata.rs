//! The discovery document and the service's keys.

use super::caller::issuer;
use super::errors;
use super::service_keys;
use super::settings::FapiSettings;
use crate::call::Call;
use crate::examination::Examination;
use crate::fault::Stage;
use crate::http::exchange::Answer;
use crate::profile::reply::reply;
use crate::refusal::Failure;
use crate::rule::jwt::ALGORITHMS;
use serde_json::{Value, json};
use warp::http::{HeaderValue, StatusCode, header};

/// How the keys of what is encrypted for a client can be wrapped.
pub(in crate::profile) const WRAPPINGS: [&str; 3] = ["ECDH-ES+A256KW", "ECDH-ES+A192KW", "ECDH-ES+A128KW"];

/// `GET /fapi/.well-known/openid-configuration`. DOC, Technical concepts, discovery.
pub(super) fn discovery(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let issuer = issuer(call.incoming);
    published(call, exam, Stage::Discovery, errors::plain, |settings| {
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/auth"),
            "pushed_authorization_request_endpoint": format!("{issuer}/par"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            // at the root of the host, not below the issuer
            "jwks_uri": format!("{}/.well-known/keys", call.incoming.base_url()),
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "code_challenge_methods_supported": ["S256"],
            "require_pushed_authorization_requests": true,
            "authorization_response_iss_parameter_supported": settings.redirect_iss,
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
            "dpop_signing_alg_values_supported": ALGORITHMS,
            "id_token_signing_alg_values_supported": ["ES256"],
            "id_token_encryption_alg_values_supported": WRAPPINGS,
            "id_token_encryption_enc_values_supported": ["A256CBC-HS512"],
            "userinfo_signing_alg_values_supported": ["ES256"],
            "userinfo_encryption_alg_values_supported": WRAPPINGS,
            "userinfo_encryption_enc_values_supported": [settings.userinfo_enc],
        })
    })
}

/// `GET /.well-known/keys`: at the host's root, for FAPI as for the API before it.
pub(super) fn keys(call: &Call<'_>, exam: &mut Examination) -> Answer {
    published(call, exam, Stage::Keys, errors::plain, |settings| service_keys::of(call.app, settings).set())
}

/// What anybody may read, and keep for six hours.
pub(in crate::profile) fn published(
    call: &Call<'_>,
    exam: &mut Examination,
    stage: Stage,
    error: fn(StatusCode, &str) -> Answer,
    make: impl FnOnce(&FapiSettings) -> Value,
) -> Answer {
    let answer = reply(call, exam, stage, error, |_| {
        let settings = FapiSettings::of(&call.app.config)?;
        let mut answer = Answer::api(StatusCode::OK, "application/json", make(settings).to_string());
        answer.headers.retain(|(name, _)| name != header::CACHE_CONTROL);
        let kept = HeaderValue::from_static("max-age=21600, must-revalidate, no-transform, public");
        Some(answer.with_header(header::CACHE_CONTROL, kept))
    });
    answer.unwrap_or_else(|| {
        exam.failed(Failure::nothing_to_say());
        error(Failure::STATUS, Failure::nothing_to_say().message)
    })
}
