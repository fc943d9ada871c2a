//! The search for what was signed: every known mistake alone, then every two together, within a budget.

use super::evidence::Evidence;
use super::mistake::{Mistake, Weight};
use super::mistakes::mistakes;
use super::prefixes::Prefixes;
use super::recipe::{Charset, Hashed, Part, Recipe};
use crate::doctor::difference::{Comparison, Details};
use crate::doctor::mistake::MistakeKind;
use crate::doctor::recover::Hash;
use crate::text::hex;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

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

    pub(super) fn says(&self, evidence: &Evidence<'a>) -> String {
        let says = self.mistakes().map(Mistake::says).collect::<Vec<_>>().join(", and ");
        format!("{says}{}", self.inside_a_mask(evidence))
    }

    /// Where the two texts differ, when they look alike because the difference is masked.
    fn inside_a_mask(&self, evidence: &Evidence<'a>) -> String {
        if evidence.expected() != self.text(evidence) {
            return String::new();
        }
        let made = self.made_of(&evidence.recipe);
        let differs = |(one, other): &(&Part<'_>, &Part<'_>)| one.name == other.name && one.value != other.value;
        let Some((expected, signed)) = evidence.recipe.parts.iter().zip(&made.parts).find(differs) else {
            return "; the two texts differ in what is masked, or in their bytes".to_owned();
        };
        let same = expected.value.chars().zip(signed.value.chars()).take_while(|(one, other)| one == other).count();
        format!("; the two texts differ inside the masked value of `{}`, after {same} characters of it", expected.name)
    }

    fn made_of(&self, recipe: &Recipe<'a>) -> Recipe<'a> {
        let mut recipe = recipe.clone();
        self.made.iter().for_each(|mistake| (mistake.apply)(&mut recipe));
        recipe
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
        let recipe = self.made_of(&evidence.masked);
        // a mask that went through an encoder is still a mask
        let encoded = ["%255Bredacted%255D", "%255bredacted%255d", "%5Bredacted%5D", "%5bredacted%5d", "[REDACTED]"];
        let text = encoded.iter().fold(recipe.text(), |text, mask| text.replace(mask, "[redacted]"));
        match recipe.hashed {
            Hashed::Text => text,
            Hashed::Hash => format!("SHA-256({text})"),
            Hashed::HashInHex => format!("hex(SHA-256({text}))"),
            Hashed::HashInBase64 => format!("base64(SHA-256({text}))"),
            Hashed::TextInBase64 => format!("base64({text})"),
        }
    }
}

/// Tries every known mistake alone, then every two together, until one explains the hash or the budget is spent.
pub(super) fn search<'a>(evidence: &'a Evidence<'a>, hash: Hash, digest: &[u8]) -> Option<Hit<'a>> {
    // hundreds of parameters are no usual request, and each makes mistakes of its own
    if evidence.recipe.parts.len() > 100 {
        return None;
    }
    let mut all = mistakes(evidence);
    let explained = Search::new(evidence, &all, (hash, digest)).run()?;
    // taken out from the back, so that the places stay right
    let mut made: Vec<Mistake<'a>> = explained.into_iter().rev().map(|place| all.swap_remove(place)).collect();
    made.reverse();
    Some(Hit { made })
}

/// A search on its way.
struct Search<'s, 'a> {
    evidence: &'s Evidence<'a>,
    all: &'s [Mistake<'a>],
    wanted: (Hash, &'s [u8]),
    prefixes: Prefixes,
    left: usize,
}

/// A part of a search.
type Round<'s, 'a> = fn(&mut Search<'s, 'a>) -> Result<Vec<usize>, Miss>;

/// What a search that found nothing came to.
enum Miss {
    NotThis,
    Spent,
}

impl<'s, 'a> Search<'s, 'a> {
    fn new(evidence: &'s Evidence<'a>, all: &'s [Mistake<'a>], wanted: (Hash, &'s [u8])) -> Self {
        Self { evidence, all, wanted, prefixes: Prefixes::new(), left: evidence.budget }
    }

    /// The places of the mistakes that explain the hash, ascending; nothing where none do, or the budget is spent.
    fn run(&mut self) -> Option<Vec<usize>> {
        use Weight::{Common, Rare};
        let rounds: [Round<'s, 'a>; 5] = [
            |search| search.alone(),
            |search| search.pairs(|one, other| [one, other] == [Common, Common]),
            Self::in_the_url,
            |search| search.pairs(|one, other| [[Common, Rare], [Rare, Common]].contains(&[one, other])),
            |search| search.pairs(|one, other| [one, other] == [Rare, Rare]),
        ];
        for round in rounds {
            match round(self) {
                Ok(found) => return Some(found),
                Err(Miss::Spent) => return None,
                Err(Miss::NotThis) => {}
            }
        }
        None
    }

    fn alone(&mut self) -> Result<Vec<usize>, Miss> {
        for (place, mistake) in self.all.iter().enumerate() {
            let mut recipe = self.evidence.recipe.clone();
            (mistake.apply)(&mut recipe);
            if self.fits(&recipe)? {
                return Ok(vec![place]);
            }
        }
        Err(Miss::NotThis)
    }

    fn pairs(&mut self, wanted: impl Fn(Weight, Weight) -> bool) -> Result<Vec<usize>, Miss> {
        for (first, one) in self.all.iter().enumerate() {
            let mut begun = self.evidence.recipe.clone();
            (one.apply)(&mut begun);
            for (second, other) in self.all.iter().enumerate().skip(first + 1) {
                if !wanted(one.weight, other.weight) || one.step.excludes(&other.step) {
                    continue;
                }
                let mut recipe = begun.clone();
                (other.apply)(&mut recipe);
                if self.fits(&recipe)? {
                    return Ok(vec![first, second]);
                }
            }
        }
        Err(Miss::NotThis)
    }

    /// Three steps of the URL at once.
    fn in_the_url(&mut self) -> Result<Vec<usize>, Miss> {
        let of_url =
            |(_, mistake): &(usize, &'s Mistake<'a>)| mistake.step.of_url() && mistake.weight == Weight::Common;
        let all: Vec<(usize, &Mistake<'a>)> = self.all.iter().enumerate().filter(of_url).collect();
        for (place, (first, one)) in all.iter().enumerate() {
            for (next, (second, other)) in all.iter().enumerate().skip(place + 1) {
                if one.step.excludes(&other.step) {
                    continue;
                }
                for (third, last) in all.iter().skip(next + 1) {
                    if one.step.excludes(&last.step) || other.step.excludes(&last.step) {
                        continue;
                    }
                    let mut recipe = self.evidence.recipe.clone();
                    for mistake in [one, other, last] {
                        (mistake.apply)(&mut recipe);
                    }
                    if self.fits(&recipe)? {
                        return Ok(vec![*first, *second, *third]);
                    }
                }
            }
        }
        Err(Miss::NotThis)
    }

    /// Whether the text of a recipe has the hash; what it cost is taken off the budget.
    fn fits(&mut self, recipe: &Recipe<'_>) -> Result<bool, Miss> {
        let (hash, digest) = self.wanted;
        let text = recipe.text();
        let plain = hash == Hash::Sha256 && recipe.hashed == Hashed::Text && recipe.charset == Charset::Utf8;
        let (found, hashed) = if plain {
            let (found, hashed) = self.prefixes.hash(text.as_bytes());
            (found == digest, hashed)
        } else {
            (hashes_to(recipe, &text, hash, digest), text.len() * 2)
        };
        self.left = self.left.saturating_sub(cost(recipe.parts.len(), text.len(), hashed));
        if self.left == 0 { Err(Miss::Spent) } else { Ok(found) }
    }
}

/// What a candidate costs, in bytes hashed: to write a text costs about a quarter of hashing it, and parts are copied and sorted.
const fn cost(parts: usize, written: usize, hashed: usize) -> usize {
    hashed + written / 4 + BLOCK + PART * parts.saturating_sub(USUAL_PARTS)
}

/// What every candidate costs beside its bytes.
const BLOCK: usize = 64;
/// How many parts a request has; those costs are in the former.
const USUAL_PARTS: usize = 12;
/// What every further part of a candidate costs, however short it is.
const PART: usize = 32;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::pairs::Pairs;
    use crate::profile::v3::pki_sign::parse;

    /// Every so many of the pairs is tried: all of them would take minutes.
    const STRIDE: usize = 2003;

    #[test]
    fn many_short_parameters_cost_what_they_take_and_a_usual_request_costs_its_bytes() {
        assert_eq!(cost(10, 400, 300), 300 + 100 + BLOCK);
        assert_eq!(cost(USUAL_PARTS, 400, 300), cost(0, 400, 300));
        assert!(cost(90, 800, 400) > 2 * cost(10, 800, 400), "three times as long in time: see docs/doctor.md");
    }

    #[test]
    fn where_texts_differ_that_look_alike_behind_their_masks_is_said() {
        let header =
            r#"PKI_SIGN app_id="APP",nonce="n",signature_method="RS256",signature="c2ln",timestamp="1700000000000""#;
        let signed = parse(header).ok().and_then(|authorization| authorization.signature).unwrap();
        let form = "client_id=APP&client_secret=abc%2Bdef";
        let pairs = Pairs::parse(form).unwrap();
        let urls = ["http://127.0.0.1:5156/com/v3/token".to_owned()];
        let mut evidence = Evidence::new("POST", &urls, (&signed, header), &pairs);
        evidence.sent_as(form);
        let right = evidence.recipe.text();
        let said = |text: &str| {
            assert!(text != right, "{text}");
            let hit = search(&evidence, Hash::Sha256, &Hash::Sha256.of(text.as_bytes())).unwrap();
            (hit.says(&evidence), hit.details(&evidence).comparison.unwrap().first_difference())
        };
        let (says, difference) = said(&right.replace("abc+def", "abc%2Bdef"));
        let expected = "; the two texts differ inside the masked value of `client_secret`, after 3 characters of it";
        assert!(says.ends_with(expected) && difference.is_none(), "{says} {difference:?}");
        let (says, difference) = said(&right.replacen("POST", "post", 1));
        assert!(!says.contains("masked") && difference.is_some(), "what differs in sight is shown: {says}");
    }

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
        let common = |place: &usize| all[*place].weight == Weight::Common;
        let pairs =
            places.filter(|(one, other)| common(one) && common(other) && !all[*one].step.excludes(&all[*other].step));
        let mut tried = 0;
        for (one, other) in pairs.step_by(STRIDE) {
            let mut recipe = evidence.recipe.clone();
            (all[one].apply)(&mut recipe);
            (all[other].apply)(&mut recipe);
            let text = recipe.text();
            let plain = recipe.hashed == Hashed::Text && recipe.charset == Charset::Utf8;
            if !plain || evidence.accepted().any(|right| right == text) {
                continue;
            }
            let made = format!("{} and {}", all[one].says(), all[other].says());
            let digest = Hash::Sha256.of(text.as_bytes());
            let places = Search::new(&evidence, &all, (Hash::Sha256, &digest)).run();
            let places = places.unwrap_or_else(|| panic!("not found: {made}"));
            let mut explained = evidence.recipe.clone();
            for place in &places {
                (all[*place].apply)(&mut explained);
            }
            assert_eq!(explained.text(), text, "{made}");
            tried += 1;
        }
        assert!(tried > 5, "{tried} pairs");
    }
}
