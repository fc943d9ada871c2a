//! A mistake as a change to a recipe.

use super::super::parameters::SHOWN;
use super::recipe::{Origin, Part, Recipe};
use crate::doctor::mistake::MistakeKind;
use std::borrow::Cow;

/// Which step of making the base string a mistake belongs to: two of the same step are never combined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Scheme, host and port at once.
    Origin,
    Scheme,
    Host,
    Port,
    Path,
    Slash,
    Query,
    Method,
    Joints,
    Groups,
    Order,
    Values,
    Name(String),
    Whole,
    Charset,
    Ends,
    Hash,
}

impl Step {
    /// Two mistakes of the same step do not add up to anything new.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        let of_origin = |step: &Self| matches!(step, Self::Origin | Self::Scheme | Self::Host | Self::Port);
        let origin = *self == Self::Origin || *other == Self::Origin;
        (self == other && *self != Self::Ends) || (origin && of_origin(self) && of_origin(other))
    }

    /// Whether it is a step of the URL.
    pub(super) const fn of_url(&self) -> bool {
        matches!(self, Self::Origin | Self::Scheme | Self::Host | Self::Port | Self::Path | Self::Slash)
    }
}

/// How a mistake is tried together with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// With every other, first.
    Common,
    /// With every other, as long as the budget lasts.
    Rare,
    /// With no other.
    Alone,
}

/// A change to a recipe.
type Change<'a> = Box<dyn Fn(&mut Recipe<'a>) + 'a>;

/// A mistake that this request makes possible.
pub(super) struct Mistake<'a> {
    pub(super) kind: &'static MistakeKind,
    /// Which parameter, port or character, where the kind leaves that open.
    pub(super) detail: String,
    pub(super) step: Step,
    pub(super) weight: Weight,
    /// Whether the server takes this form, so that it is no mistake of its own.
    pub(super) tolerated: bool,
    pub(super) apply: Change<'a>,
}

impl Mistake<'_> {
    /// What was done, in one sentence.
    pub(super) fn says(&self) -> String {
        if self.detail.is_empty() { self.kind.says.to_owned() } else { format!("{} ({})", self.kind.says, self.detail) }
    }
}

/// Gathers mistakes.
#[derive(Default)]
pub(super) struct List<'a>(pub(super) Vec<Mistake<'a>>);

impl<'a> List<'a> {
    pub(super) fn add(
        &mut self,
        kind: &'static MistakeKind,
        step: Step,
        detail: impl Into<String>,
        apply: impl Fn(&mut Recipe<'a>) + 'a,
    ) {
        self.0.push(Mistake {
            kind,
            detail: detail.into(),
            step,
            weight: Weight::Common,
            tolerated: false,
            apply: Box::new(apply),
        });
    }

    /// What was added since there were so many is of this weight.
    pub(super) fn weigh_since(&mut self, length: usize, weight: Weight) {
        self.0.iter_mut().skip(length).for_each(|mistake| mistake.weight = weight);
    }
}

/// Changes the values of the parts that are wanted; what is masked stays so.
pub(super) fn on<'a>(recipe: &mut Recipe<'a>, which: impl Fn(&Part<'a>) -> bool, change: impl Fn(&str) -> String) {
    for part in recipe.parts.iter_mut().filter(|part| which(part)) {
        part.value = Cow::Owned(change(&part.value));
    }
}

pub(super) fn on_values(recipe: &mut Recipe<'_>, change: impl Fn(&str) -> String) {
    on(recipe, |_| true, change);
}

pub(super) fn on_parameters(recipe: &mut Recipe<'_>, change: impl Fn(&str) -> String) {
    on(recipe, |part| !matches!(part.origin, Origin::Header(_)), change);
}

pub(super) fn on_named(recipe: &mut Recipe<'_>, name: &str, change: impl Fn(&str) -> String) {
    on(recipe, |part| part.name == name, change);
}

/// Gives a part another value; where values are masked, only one that is no secret.
pub(super) fn set(recipe: &mut Recipe<'_>, name: &str, value: &str) {
    let value = shown(recipe, name, value).into_owned();
    on_named(recipe, name, |_| value.clone());
}

/// Adds a part that was not sent.
pub(super) fn put<'a>(recipe: &mut Recipe<'a>, name: &'a str, value: &'a str) {
    let value = shown(recipe, name, value);
    recipe.parts.push(Part { name: name.into(), value, origin: Origin::Added });
}

fn shown<'v>(recipe: &Recipe<'_>, name: &str, value: &'v str) -> Cow<'v, str> {
    let harmless = SHOWN.contains(&name) || ["app_id", "signature", "realm"].contains(&name);
    Cow::Borrowed(if recipe.masked && !harmless { "[redacted]" } else { value })
}
