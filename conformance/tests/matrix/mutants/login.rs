//! What a connector does wrong before it calls anybody: in the authorisation request, with the callback.

use super::{encode, mutants, raw, untold_if};
use myinfo_conformance::connector::driver::Class;

mutants! {
    // the authorisation request
    "authorise-no-purpose" "sends no purpose" { authorise: Some(|_, url| raw(&url, "purpose", |_| None)) }
    "authorise-no-state" "sends an empty state" { authorise: Some(|_, url| raw(&url, "state", |_| Some(String::new()))) }
    "attributes-by-space" "joins the attributes with spaces" {
        authorise: Some(|_, url| raw(&url, "attributes", |value| Some(value.replace("%2C", "%20"))))
    }
    "purpose-raw" "does not encode the purpose" {
        authorise: Some(|setup, url| raw(&url, "purpose", |_| Some(setup.v3().purpose.replace(' ', "%20"))))
    }
    "purpose-encoded-twice" "encodes the purpose twice" {
        authorise: Some(|_, url| raw(&url, "purpose", |value| Some(encode(value))))
    }
    "redirect-uri-raw" "does not encode the redirect URI" {
        authorise: Some(|setup, url| raw(&url, "redirect_uri", |_| Some(setup.common.redirect_uri.clone())))
    }
    "state-constant" "has one state for every login" { state: Some(|_| "0123456789abcdef0123456789abcdef".to_owned()) }
    "state-counter" "counts its states" { state: Some(|number| format!("state-{number}")) }
    "secret-in-address" "puts the client secret into the address" {
        authorise: Some(|setup, url| format!("{url}&client_secret={}", setup.v3().client_secret))
    }
    "esvcid-missing" "sends no e-service id" { authorise: Some(|_, url| raw(&url, "sp_esvcId", |_| None)) }

    // the callback
    "state-unchecked" "takes any state" {
        callback: Some(|url, state| {
            let url = raw(&url, "state", |_| None);
            let joint = if url.ends_with('?') { "" } else { "&" };
            format!("{url}{joint}state={state}")
        })
    }
    "state-missing-taken" "takes a callback without a state" {
        callback: Some(|url, state| {
            let has = url.split(['?', '&']).any(|pair| pair.starts_with("state=") && pair != "state=");
            let url = if has { url } else { raw(&url, "state", |_| None) };
            if has { url } else { format!("{url}&state={state}") }
        })
    }
    "code-missing-posted" "posts an empty code" {
        callback: Some(|url, _| {
            let has = url.split(['?', '&']).any(|pair| pair.starts_with("code=") && pair != "code=" || pair.starts_with("error="));
            if has { url } else { format!("{}&code=none", raw(&url, "code", |_| None)) }
        })
    }
    "code-first-of-two" "takes the first of two codes" {
        callback: Some(|url, _| {
            let first = url.split(['?', '&']).find(|pair| pair.starts_with("code=")).map(str::to_owned);
            let url = raw(&url, "code", |_| None);
            first.map_or(url.clone(), |first| format!("{url}&{first}"))
        })
    }
    "code-decoded-twice" "decodes the code twice" {
        code: Some(|code| percent_encoding::percent_decode_str(&code).decode_utf8_lossy().into_owned())
    }
    "code-plus-as-space" "takes `+` in the code for a space" { code: Some(|code| code.replace('+', " ")) }
    "callback-strict" "refuses parameters that it does not know" {
        callback: Some(|url, state| if url.contains("session_hint") { format!("?state={state}") } else { url })
    }
    "callback-again" "finishes a login as often as it is asked" { keeps_sessions: true }
    "error-ignored" "takes the code beside an error" {
        callback: Some(|url, _| if url.contains("code=") { raw(&url, "error", |_| None) } else { url })
    }
    "access-denied-untold" "does not tell that the person refused" {
        outcome: Some(|outcome| untold_if(outcome, Class::AccessDenied))
    }
    "later-untold" "does not tell that the service is not available" {
        outcome: Some(|outcome| untold_if(outcome, Class::Upstream))
    }
}
