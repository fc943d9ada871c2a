//! Faults of the redirect that brings the browser back.

use crate::fault::deform::{Deformation, redirect};
use crate::fault::draft::RedirectDraft;
use crate::fault::{Fault, faults};

const STATE: &str = "SPEC, authorise: the state is echoed";
const CODE: &str = "SPEC, authorise: the redirect carries code and state";
const ERROR: &str = "SPEC, authorise: the error redirects";

pub(super) const FAULTS: &[Fault] = faults! { "v3";
    @ AuthorisationResponse
        "callback-state-wrong" redirect::STATE_WRONG, STATE => "rejects, no token call"
        "callback-state-last" redirect::STATE_LAST, STATE => "rejects, no token call"
        "callback-state-cut" redirect::STATE_CUT, STATE => "rejects, no token call"
        "callback-state-missing" redirect::STATE_MISSING, STATE => "rejects, no token call"
        "callback-state-empty" redirect::STATE_EMPTY, STATE => "rejects, no token call"
        "callback-state-another" redirect::STATE_ANOTHER, STATE => "rejects: a state belongs to one browser session"
        "callback-state-twice" redirect::STATE_TWICE, STATE => "rejects, no token call"
        "callback-code-missing" redirect::CODE_MISSING, CODE => "rejects, no token call"
        "callback-code-empty" redirect::CODE_EMPTY, CODE => "rejects, no token call"
        "callback-code-twice" redirect::CODE_TWICE, CODE => "rejects; never joins or guesses"
        "callback-code-odd" redirect::CODE_ODD, CODE => "posts it byte for byte"
        "callback-extra" redirect::EXTRA, CODE => "ignores them"
        "callback-error-access-denied" ERROR_ACCESS_DENIED, ERROR => "rejects as access_denied, no token call"
        "callback-error-invalid-scope" ERROR_INVALID_SCOPE, ERROR => "rejects, no token call"
        "callback-error-500" ERROR_500, ERROR => "rejects, no token call"
        "callback-error-503" ERROR_503, ERROR => "says “try later”, no token call"
        "callback-error-script" ERROR_SCRIPT, ERROR => "never shows it as it came"
        "callback-error-and-code" redirect::ERROR_AND_CODE, ERROR => "treats it as an error, no token call"
};

const ERROR_ACCESS_DENIED: Deformation = redirect("says that the person refused", |draft| {
    error(draft, "access_denied", "Resource Owner did not authorize the request");
});
const ERROR_INVALID_SCOPE: Deformation = redirect("says that an attribute is not permitted", |draft| {
    error(draft, "invalid_scope", "Invalid client scope");
});
const ERROR_500: Deformation = redirect("says that the server failed", |draft| {
    error(draft, "500", "An unexpected error occurred.");
});
const ERROR_503: Deformation = redirect("says that the service is under maintenance", |draft| {
    error(draft, "503", "The service is under maintenance. Please try again later.");
});
const ERROR_SCRIPT: Deformation = redirect("puts HTML into the description of an error", |draft| {
    error(draft, "access_denied", "<script>alert('myinfo')</script>");
});

fn error(draft: &mut RedirectDraft, code: &str, description: &str) {
    draft.remove("code");
    let state = draft.value("state").map(str::to_owned);
    draft.parameters =
        vec![("error".to_owned(), code.to_owned()), ("error-description".to_owned(), description.to_owned())];
    if let Some(state) = state {
        draft.set("state", state);
    }
}
