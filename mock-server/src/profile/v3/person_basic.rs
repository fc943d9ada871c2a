//! `GET /gov/v3/person-basic/{uinfin}`: deprecated, still called: no consent, no Bearer token, the signature alone.

use super::person::{answer, attribute_list, not_found, read_query};
use super::signature::{authorization, verify};
use super::{Call, Context, api, rules};
use crate::config::{ClientRegistration, Flavour};
use crate::http::exchange::Answer;
use crate::http::pairs::Pairs;
use crate::http::refusal::Refusal;
use crate::persona::uinfin;
use warp::http::StatusCode;

/// The handler.
///
/// The real service also checks with Singpass that the person has a live login at the calling e-service; the mock takes
/// every persona as logged in.
pub(super) fn person_basic(call: &Call<'_>) -> Answer {
    api(call, call.app.config.v3.person_error_code, retrieve(call))
}

fn retrieve(call: &Call<'_>) -> Result<Answer, Refusal> {
    if call.context == Context::Com {
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "person-basic exists for gov only",
            rules::ESERVICE,
            "call /gov/v3/person-basic",
        ));
    }
    let query = read_query(call)?;
    let authorization = authorization(call)?;
    let signer = authorization.as_ref().and_then(|authorization| authorization.signature.as_ref());
    let named =
        query.value("client_id").or(signer.map(|signer| signer.app_id.as_str())).and_then(|id| call.app.client(id));
    let (client, flavour) = match named {
        Some(client) if call.flavour(client) == Flavour::Sandbox => (client, Flavour::Sandbox),
        _ => (verify(call, "person-basic", authorization.as_ref(), &query)?, Flavour::Test),
    };
    check_service(client, &query)?;
    let id = call
        .segment()
        .filter(|id| uinfin::is_well_formed(id))
        .ok_or_else(|| not_found("the path must be /person-basic/{uinfin}"))?;
    let persona = call.app.persona_of_subject(&id).ok_or_else(|| not_found("no persona has this NRIC or FIN"))?;
    let attributes = permitted(call, &query)?;
    answer(call, client, flavour, persona, &attributes)
}

/// SPEC person-basic: 403 `Digital Service is invalid`.
fn check_service(client: &ClientRegistration, query: &Pairs) -> Result<(), Refusal> {
    let service = query.value("sp_esvcId").unwrap_or_default();
    let known = !service.is_empty() && (client.esvc_ids.is_empty() || client.esvc_ids.iter().any(|id| id == service));
    if known {
        return Ok(());
    }
    let hint = if service.is_empty() {
        "sp_esvcId is missing".to_owned()
    } else {
        format!("sp_esvcId `{service}` is not one of {}", client.esvc_ids.join(", "))
    };
    Err(Refusal::new(StatusCode::FORBIDDEN, "Digital Service is invalid", rules::ESERVICE, hint))
}

/// The requested attributes, or all that person-basic has; nothing of CPF and IRAS.
fn permitted(call: &Call<'_>, query: &Pairs) -> Result<Vec<String>, Refusal> {
    let all = call.app.catalogue.person_basic_scopes();
    let Some(asked) = query.value("attributes").map(attribute_list) else {
        return Ok(all);
    };
    match asked.iter().find(|name| !all.contains(name)) {
        None => Ok(asked),
        Some(outside) => Err(Refusal::new(
            StatusCode::UNAUTHORIZED,
            format!("Attribute not allowed: {outside}"),
            rules::CONSENTED,
            format!("person-basic has no `{outside}`: it returns nothing of CPF and IRAS"),
        )),
    }
}
