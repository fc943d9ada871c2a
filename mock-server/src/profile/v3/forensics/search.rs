//! The search for what was signed: every known mistake alone, then every two together, within a budget.

use super::Evidence;
use super::mistakes::{Mistake, Step, mistakes};
use super::recipe::{Hashed, Recipe};
use crate::doctor::difference::{Comparison, Details};
use crate::doctor::mistake::MistakeKind;
use crate::doctor::recover::Hash;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::fmt::Write;

/// The mistakes that explain a hash, in the order in which they were made.
pub(super) struct Hit<'a> {
    made: Vec<Mistake<'a>>,
}

impl<'a> Hit<'a> {
    /// What the server tolerates is part of the proof, but no mistake.
    fn mistakes(&self) -> impl Iterator<Item = &Mistake<'a>> {
        self.made.iter().filter(|mistake| !mistake.tolerated)
    }

    fn kinds(&self) -> impl Iterator<Item = &'static MistakeKind> {
        self.mistakes().map(|mistake| mistake.kind)
    }

    pub(super) fn says(&self) -> String {
        self.mistakes().map(Mistake::says).collect::<Vec<_>>().join(", and ")
    }

    pub(super) fn fix(&self) -> String {
        let mut fixes: Vec<&str> = Vec::new();
        for kind in self.kinds() {
            if !fixes.contains(&kind.fix) {
                fixes.push(kind.fix);
            }
        }
        fixes.join("; ")
    }

    /// The proof: both texts, and the ids of the mistakes.
    pub(super) fn details(&self, evidence: &Evidence<'a>) -> Details {
        Details {
            comparison: Some(Comparison::new(evidence.expected(), self.text(evidence))),
            mistakes: self.kinds().map(|kind| kind.id).collect(),
            fields: Vec::new(),
        }
    }

    /// The text that was signed, secrets masked.
    fn text(&self, evidence: &Evidence<'a>) -> String {
        let mut recipe = evidence.masked.clone();
        self.made.iter().for_each(|mistake| (mistake.apply)(&mut recipe));
        // a mask that went through an encoder is still a mask
        let text = recipe.text().replace("%255Bredacted%255D", "[redacted]").replace("%5Bredacted%5D", "[redacted]");
        match recipe.hashed {
            Hashed::Text => text,
            Hashed::Hash => format!("SHA-256({text})"),
            Hashed::HashInHex => format!("hex(SHA-256({text}))"),
            Hashed::HashInBase64 => format!("base64(SHA-256({text}))"),
            Hashed::TextInBase64 => format!("base64({text})"),
        }
    }
}

/// How many bytes one search hashes at most: several times what a usual request needs, and a bounded time for any other.
const BUDGET: usize = 16 * 1024 * 1024;

/// Tries every known mistake alone, then every two together, until one explains the hash or the budget is spent.
pub(super) fn search<'a>(evidence: &'a Evidence<'a>, hash: Hash, digest: &[u8]) -> Option<Hit<'a>> {
    // hundreds of parameters are no usual request, and each makes mistakes of its own
    if evidence.recipe.parts.len() > 100 {
        return None;
    }
    let mut all = mistakes(evidence);
    let explained = find(evidence, &all, hash, digest)?;
    // taken out from the back, so that the places stay right
    let mut made: Vec<Mistake<'a>> = explained.into_iter().rev().map(|place| all.swap_remove(place)).collect();
    made.reverse();
    Some(Hit { made })
}

/// The places of the mistakes that explain the hash, ascending.
fn find<'a>(evidence: &Evidence<'a>, all: &[Mistake<'a>], hash: Hash, digest: &[u8]) -> Option<Vec<usize>> {
    let applied = |places: &[usize]| {
        let mut recipe = evidence.recipe.clone();
        places.iter().filter_map(|place| all.get(*place)).for_each(|mistake| (mistake.apply)(&mut recipe));
        recipe
    };
    let mut left = BUDGET;
    let mut fits = |recipe: &Recipe<'_>| {
        let text = recipe.text();
        left = left.saturating_sub(text.len().max(256));
        (left > 0).then(|| hashes_to(recipe, &text, hash, digest))
    };
    let mut alone = None;
    for place in 0..all.len() {
        if fits(&applied(&[place]))? {
            alone = Some(place);
            break;
        }
    }
    if let Some(place) = alone {
        return Some(vec![place]);
    }
    for (first, one) in all.iter().enumerate() {
        let recipe = applied(&[first]);
        for (second, other) in all.iter().enumerate().skip(first + 1) {
            if excludes(&one.step, &other.step) {
                continue;
            }
            let mut recipe = recipe.clone();
            (other.apply)(&mut recipe);
            if fits(&recipe)? {
                return Some(vec![first, second]);
            }
        }
    }
    None
}

/// Two mistakes of the same step do not add up to anything new.
fn excludes(one: &Step, other: &Step) -> bool {
    one == other && *one != Step::Ends
}

fn hashes_to(recipe: &Recipe<'_>, text: &str, hash: Hash, digest: &[u8]) -> bool {
    let Some(bytes) = recipe.bytes(text) else { return false };
    let found = match recipe.hashed {
        Hashed::Text => hash.of(&bytes),
        Hashed::Hash => hash.of(&hash.of(&bytes)),
        Hashed::HashInHex => hash.of(hex(&hash.of(&bytes)).as_bytes()),
        Hashed::HashInBase64 => hash.of(BASE64_STANDARD.encode(hash.of(&bytes)).as_bytes()),
        Hashed::TextInBase64 => hash.of(BASE64_STANDARD.encode(&bytes).as_bytes()),
    };
    found == digest
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::pairs::Pairs;
    use crate::profile::v3::pki_sign::parse;

    /// Every so many of the pairs is tried: all of them would take minutes.
    const STRIDE: usize = 61;

    #[test]
    fn any_two_mistakes_together_are_found_or_an_equal_explanation_is() {
        let header =
            r#"PKI_SIGN app_id="APP",nonce="n/1",signature_method="RS256",signature="c2ln",timestamp="1700000000000""#;
        let signed = parse(header).ok().and_then(|authorization| authorization.signature).unwrap();
        let form =
            "code=c%2B1&client_id=APP&client_secret=s%20x&redirect_uri=http%3A%2F%2Flocalhost%3A3001%2Fcb&state=a%20b";
        let pairs = Pairs::parse(form).unwrap();
        let urls = ["http://127.0.0.1:5156/com/v3/token".to_owned()];
        let mut evidence = Evidence::new("POST", &urls, (&signed, header), &pairs);
        evidence.known = vec![("purpose".to_owned(), "a test".to_owned())];
        let all = mistakes(&evidence);
        let places = (0..all.len()).flat_map(|one| (one + 1..all.len()).map(move |other| (one, other)));
        let mut tried = 0;
        for (one, other) in places.filter(|(one, other)| !excludes(&all[*one].step, &all[*other].step)).step_by(STRIDE)
        {
            let mut recipe = evidence.recipe.clone();
            (all[one].apply)(&mut recipe);
            (all[other].apply)(&mut recipe);
            let text = recipe.text();
            if recipe.hashed != Hashed::Text || recipe.latin || evidence.accepted().any(|right| right == text) {
                continue;
            }
            let made = format!("{} and {}", all[one].says(), all[other].says());
            let hit = find(&evidence, &all, Hash::Sha256, &Hash::Sha256.of(text.as_bytes()));
            let mut explained = evidence.recipe.clone();
            hit.unwrap_or_else(|| panic!("not found: {made}"))
                .iter()
                .for_each(|place| (all[*place].apply)(&mut explained));
            assert_eq!(explained.text(), text, "{made}");
            tried += 1;
        }
        assert!(tried > 30, "{tried} pairs");
    }
}
