//! Parameters that an endpoint does not know: they break no rule, and what people meant by them is told.

use crate::doctor::catalogue::EXTRA_PARAM;
use crate::examination::Examination;
use crate::http::pairs::Pairs;
use crate::text::meant;

/// Notes each; `elsewhere` says of a name where it belongs.
pub(crate) fn note(exam: &mut Examination, pairs: &Pairs, known: &[&str], elsewhere: &[(&str, &str)]) {
    let unknown = pairs.iter().map(|(name, _)| name).filter(|name| !known.contains(name));
    exam.note_each(EXTRA_PARAM, unknown, |name| {
        let shown: String = name.chars().take(60).collect();
        let hint = elsewhere.iter().find(|(other, _)| *other == name);
        let hint = hint.map_or_else(|| meant(name, known.iter().copied()), |(_, hint)| format!("; {hint}"));
        format!("`{shown}` is no parameter of this endpoint and is ignored{hint}")
    });
}
