//! One client secret in the form and another in the base string: each is right alone, and the request is refused.

use super::evidence::Evidence;
use super::kinds;
use super::mistake::{List, Step, Weight, set};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

const NAME: &str = "client_secret";

/// What the registered secret proves: that it was signed, and another one sent; or that it was sent, and another one signed.
pub(super) fn of_secret<'a>(list: &mut List<'a>, evidence: &'a Evidence<'a>) {
    let registered = evidence.known.iter().find(|(name, _)| name == NAME).map(|(_, secret)| secret.as_str());
    let sent = evidence.sent().find(|(name, _)| *name == NAME).map(|(_, secret)| secret);
    match (registered, sent) {
        (Some(registered), Some(sent)) if registered == sent => another_signed(list, registered),
        (Some(registered), Some(sent)) => another_sent(list, registered, sent),
        _ => {}
    }
}

fn step() -> Step {
    Step::Name(NAME.to_owned())
}

fn another_sent<'a>(list: &mut List<'a>, registered: &'a str, sent: &str) {
    // how it became another on its way is known better
    let is_changed = list.0.iter().any(|mistake| mistake.kind.id == kinds::CHANGED.id && mistake.step == step());
    if is_changed || sent.trim() == registered {
        return;
    }
    list.add(kinds::SECRET_SENT, step(), "", move |recipe| set(recipe, NAME, registered));
}

/// A secret that nobody registered cannot be found in a hash: those are tried that programs have by mistake.
fn another_signed<'a>(list: &mut List<'a>, registered: &'a str) {
    let long = list.0.len();
    let mut add = |signed: String, detail: String| {
        list.add(kinds::SECRET_SIGNED, step(), detail, move |recipe| set(recipe, NAME, &signed));
    };
    for nothing in ["", "undefined", "null", "None", "nil"] {
        let what = if nothing.is_empty() { "nothing".to_owned() } else { format!("the text `{nothing}`") };
        add(nothing.to_owned(), format!("{what}: a variable without a value"));
    }
    for (signed, detail) in [
        (BASE64_STANDARD.encode(registered), "the same in Base64"),
        (format!("\"{registered}\""), "the same in quotes"),
        (registered.to_lowercase(), "the same in small letters"),
        (registered.to_uppercase(), "the same in capitals"),
    ] {
        add(signed, detail.to_owned());
    }
    list.weigh_since(long, Weight::Alone);
}
