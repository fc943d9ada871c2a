//! Faults of the redirect that brings the browser back.

use super::draft::RedirectDraft;
use super::{Change, Fault};

const STATE: &str = "SPEC, authorise: the state is echoed";
const CODE: &str = "SPEC, authorise: the redirect carries code and state";
const ERROR: &str = "SPEC, authorise: the error redirects";

pub(super) const FAULTS: &[Fault] = &[
    fault("callback-state-wrong", "returns a state that nobody sent", "rejects, no token call", STATE, |draft| {
        let flipped: String = draft.value("state").unwrap_or_default().chars().rev().collect();
        draft.set("state", format!("{flipped}-wrong"));
    }),
    fault(
        "callback-state-last",
        "returns the state with another last character",
        "rejects, no token call",
        STATE,
        |draft| {
            let mut state = draft.value("state").unwrap_or_default().to_owned();
            let other = if state.pop() == Some('x') { 'y' } else { 'x' };
            draft.set("state", format!("{state}{other}"));
        },
    ),
    fault("callback-state-cut", "returns the first half of the state", "rejects, no token call", STATE, |draft| {
        let state: Vec<char> = draft.value("state").unwrap_or_default().chars().collect();
        let half: String = state.iter().take(state.len() / 2).collect();
        draft.set("state", half);
    }),
    fault("callback-state-missing", "returns no state", "rejects, no token call", STATE, |draft| draft.remove("state")),
    fault("callback-state-empty", "returns an empty state", "rejects, no token call", STATE, |draft| {
        draft.set("state", "")
    }),
    fault(
        "callback-state-another",
        "returns the state of another login that is under way",
        "rejects: a state belongs to one browser session",
        STATE,
        |draft| {
            let another = draft.another_state.clone();
            draft.set("state", another);
        },
    ),
    fault(
        "callback-state-twice",
        "returns the state twice, the second one different",
        "rejects, no token call",
        STATE,
        |draft| {
            let second = format!("{}-second", draft.value("state").unwrap_or_default());
            draft.parameters.push(("state".to_owned(), second));
        },
    ),
    fault("callback-code-missing", "returns the state without a code", "rejects, no token call", CODE, |draft| {
        draft.remove("code");
    }),
    fault("callback-code-empty", "returns an empty code", "rejects, no token call", CODE, |draft| {
        draft.set("code", "")
    }),
    fault("callback-code-twice", "returns two different codes", "rejects; never joins or guesses", CODE, |draft| {
        let second: String = draft.value("code").unwrap_or_default().chars().rev().collect();
        draft.parameters.push(("code".to_owned(), second));
    }),
    fault("callback-code-odd", "returns a code with `+ / = %2B` in it", "posts it byte for byte", CODE, |draft| {
        let odd = odd_code(draft.value("code").unwrap_or_default());
        draft.set("code", odd);
    }),
    fault("callback-extra", "adds parameters that nobody knows", "ignores them", CODE, |draft| {
        draft.set("session_hint", "x&y=z");
        draft.set("iss", "https://nobody.invalid");
    }),
    fault(
        "callback-error-access-denied",
        "says that the person refused",
        "rejects as access_denied, no token call",
        ERROR,
        |draft| {
            error(draft, "access_denied", "Resource Owner did not authorize the request");
        },
    ),
    fault(
        "callback-error-invalid-scope",
        "says that an attribute is not permitted",
        "rejects, no token call",
        ERROR,
        |draft| {
            error(draft, "invalid_scope", "Invalid client scope");
        },
    ),
    fault("callback-error-500", "says that the server failed", "rejects, no token call", ERROR, |draft| {
        error(draft, "500", "An unexpected error occurred.");
    }),
    fault(
        "callback-error-503",
        "says that the service is under maintenance",
        "says “try later”, no token call",
        ERROR,
        |draft| {
            error(draft, "503", "The service is under maintenance. Please try again later.");
        },
    ),
    fault(
        "callback-error-script",
        "puts HTML into the description of an error",
        "never shows it as it came",
        ERROR,
        |draft| {
            error(draft, "access_denied", "<script>alert('myinfo')</script>");
        },
    ),
    fault(
        "callback-error-and-code",
        "returns an error and a code",
        "treats it as an error, no token call",
        ERROR,
        |draft| {
            draft.set("error", "access_denied");
        },
    ),
];

const fn fault(
    id: &'static str,
    says: &'static str,
    good_client: &'static str,
    clause: &'static str,
    change: fn(&mut RedirectDraft),
) -> Fault {
    Fault { id, says, good_client, clause, change: Change::Callback(change) }
}

/// The same code with the characters that encoders get wrong; the server knows it under this name, too.
pub(crate) fn odd_code(code: &str) -> String {
    format!("{code}+/=%2B")
}

fn error(draft: &mut RedirectDraft, code: &str, description: &str) {
    draft.remove("code");
    let state = draft.value("state").map(str::to_owned);
    draft.parameters =
        vec![("error".to_owned(), code.to_owned()), ("error-description".to_owned(), description.to_owned())];
    if let Some(state) = state {
        draft.set("state", state);
    }
}
