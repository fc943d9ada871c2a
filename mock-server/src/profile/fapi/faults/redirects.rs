//! Faults of the redirect that brings the browser back.

use crate::fault::deform::redirect::error;
use crate::fault::deform::{Deformation, redirect};
use crate::fault::{Fault, faults};

const STATE: &str = "DOC, 2. Redirection to Singpass: the state is echoed";
const CODE: &str = "DOC, 2. Redirection to Singpass: the redirect carries code, state and iss";
const ISS: &str = "RFC 9207 §2.4";
const ERROR: &str = "DOC, 2. Redirection to Singpass, errors";

pub(super) const FAULTS: &[Fault] = faults! { "fapi";
    @ AuthorisationResponse
        "fapi-callback-state-wrong" redirect::STATE_WRONG, STATE => "rejects, no token call"
        "fapi-callback-state-last" redirect::STATE_LAST, STATE => "rejects, no token call"
        "fapi-callback-state-cut" redirect::STATE_CUT, STATE => "rejects, no token call"
        "fapi-callback-state-missing" redirect::STATE_MISSING, STATE => "rejects, no token call"
        "fapi-callback-state-another" redirect::STATE_ANOTHER, STATE => "rejects: a state belongs to one browser session"
        "fapi-callback-state-twice" redirect::STATE_TWICE, STATE => "rejects, no token call"
        "fapi-callback-code-missing" redirect::CODE_MISSING, CODE => "rejects, no token call"
        "fapi-callback-code-twice" redirect::CODE_TWICE, CODE => "rejects; never joins or guesses"
        "fapi-callback-iss-wrong" ISS_WRONG, ISS => "rejects, no token call"
        "fapi-callback-iss-longer" ISS_LONGER, ISS => "rejects, no token call: the whole text is compared"
        "fapi-callback-iss-missing" ISS_MISSING, ISS => "rejects, as the discovery document announces it"
        "fapi-callback-iss-legacy" ISS_LEGACY, ISS => "rejects: the issuer before FAPI has no path"
        "fapi-callback-iss-encoded" ISS_ENCODED, ISS => "accepts: decoded once it is the issuer"
        "fapi-callback-error-access-denied" redirect::ERROR_ACCESS_DENIED, ERROR => "rejects as access_denied, no token call"
        "fapi-callback-error-server" ERROR_SERVER, ERROR => "rejects, no token call"
        "fapi-callback-error-unavailable" ERROR_UNAVAILABLE, ERROR => "says “try later”, no token call"
        "fapi-callback-error-script" ERROR_SCRIPT, ERROR => "never shows it as it came"
        "fapi-callback-error-and-code" redirect::ERROR_AND_CODE, ERROR => "treats it as an error, no token call"
};

const ISS_WRONG: Deformation = redirect("returns the `iss` of somebody else", |draft| {
    draft.set("iss", "https://nobody.invalid/fapi");
});
const ISS_LONGER: Deformation = redirect("returns an `iss` that goes on behind the issuer", |draft| {
    let longer = format!("{}.nobody.invalid", draft.value("iss").unwrap_or_default());
    draft.set("iss", longer);
});
const ISS_MISSING: Deformation = redirect("returns no `iss`", |draft| draft.remove("iss"));
const ISS_LEGACY: Deformation = redirect("returns the issuer of the API before FAPI as `iss`", |draft| {
    let legacy = draft.value("iss").unwrap_or_default().trim_end_matches("/fapi").to_owned();
    draft.set("iss", legacy);
});
const ISS_ENCODED: Deformation = redirect("writes `iss` percent-encoded", |draft| draft.unencoded = &[]);
const ERROR_SERVER: Deformation = redirect("says that the server failed", |draft| {
    error(draft, "server_error", "An unexpected error occurred.");
});
const ERROR_UNAVAILABLE: Deformation = redirect("says that the service is under maintenance", |draft| {
    error(draft, "temporarily_unavailable", "The service is under maintenance.");
});
const ERROR_SCRIPT: Deformation = redirect("puts HTML into the description of an error", |draft| {
    error(draft, "access_denied", "<script>alert('myinfo')</script>");
});
