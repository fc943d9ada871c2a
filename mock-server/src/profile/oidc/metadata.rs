//! The discovery document at the root of the host, beside FAPI's.

use super::errors;
use crate::call::Call;
use crate::doctor::catalogue::OLD_API;
use crate::examination::Examination;
use crate::fault::Stage;
use crate::http::exchange::{Answer, Incoming};
use crate::profile::fapi::metadata::{WRAPPINGS, published};
use crate::rule::jwt::ALGORITHMS;
use serde_json::json;

/// The issuer identifier: the host that was called.
pub(super) fn issuer(incoming: &Incoming) -> String {
    incoming.base_url()
}

/// `GET /.well-known/openid-configuration`. LEG, openid discovery endpoint; without CIBA, which the mock does not speak.
pub(super) fn discovery(call: &Call<'_>, exam: &mut Examination) -> Answer {
    let issuer = issuer(call.incoming);
    exam.note(
        OLD_API,
        "this is the discovery document of the API before FAPI, which has no PAR; FAPI's is /fapi/.well-known/openid-configuration",
    );
    published(call, exam, Stage::Discovery, errors::plain, |_| {
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/auth"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "jwks_uri": format!("{issuer}/.well-known/keys"),
            "scopes_supported": ["openid"],
            "claims_supported": ["nonce", "aud", "iss", "sub", "exp", "iat"],
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
            "id_token_signing_alg_values_supported": ["ES256"],
            "id_token_encryption_alg_values_supported": WRAPPINGS,
            "id_token_encryption_enc_values_supported": ["A256CBC-HS512"],
        })
    })
}
