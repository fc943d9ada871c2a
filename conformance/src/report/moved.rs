//! How far a move to FAPI is: what the verdicts say of each step, in the forms of the reports.

use super::escaped;
use super::terminal::wrapped;
use crate::judged::Judged;
use crate::migration::{Origin, Step, steps};
use crate::run::Outcome;
use crate::verdict::Verdict;
use serde_json::{Value, json};
use std::fmt::Write;

/// A move, and what was judged of it.
pub(crate) struct Moved {
    origin: Origin,
    steps: Vec<Walked>,
}

/// A step, how it is before, and how it stands.
struct Walked {
    step: &'static Step,
    before: &'static str,
    state: State,
}

/// What the verdicts say of a step.
enum State {
    /// All its cases were kept, but for those that do not apply.
    Made,
    /// These cases were tried and not kept.
    Left(Vec<&'static str>),
    /// No case of it says that it is not made, and not all were tried.
    Unjudged,
}

impl State {
    const fn name(&self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Left(_) => "left",
            Self::Unjudged => "not judged",
        }
    }

    /// The cases that show that it is not made.
    fn cases(&self) -> &[&'static str] {
        if let Self::Left(cases) = self { cases } else { &[] }
    }
}

impl Walked {
    fn html(&self) -> String {
        let Self { step, before, state } = self;
        let (class, open) = match state {
            State::Made => ("pass", ""),
            State::Left(_) => ("fail", " open"),
            State::Unjudged => ("inconclusive", ""),
        };
        let mut page = format!(
            "<details{open}><summary><span class=\"tag {class}\">{}</span> {}</summary><dl>",
            state.name(),
            escaped(step.what)
        );
        for (name, text) in [("before", *before), ("now", step.now)] {
            let _ = write!(page, "<dt>{name}</dt><dd>{}</dd>", escaped(text));
        }
        if !state.cases().is_empty() {
            let link = |id: &&str| format!("<a href=\"#{id}\">{id}</a>");
            let links: Vec<String> = state.cases().iter().map(link).collect();
            let _ = write!(page, "<dt>see</dt><dd>{}</dd>", links.join(" "));
        }
        page + "</dl></details>\n"
    }
}

impl Moved {
    /// The move that a run is about, if it is about one.
    pub(crate) fn of(outcome: &Outcome) -> Option<Self> {
        let origin = outcome.migrating_from?;
        let walked = |(step, before)| Walked { step, before, state: state(step, &outcome.judged) };
        Some(Self { origin, steps: steps(origin).map(walked).collect() })
    }

    /// One sentence: how many steps are made.
    fn sentence(&self) -> String {
        let count = |name| self.steps.iter().filter(|walked| walked.state.name() == name).count();
        let made =
            format!("Moving from {}: {} of {} steps are made", self.origin.name(), count("made"), self.steps.len());
        match count("not judged") {
            0 => format!("{made}."),
            unjudged => format!("{made}, {unjudged} not judged."),
        }
    }

    /// For a terminal: what is left, and what nothing is known of.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("\n{}\n", self.sentence());
        for walked in self.steps.iter().filter(|walked| !walked.state.cases().is_empty()) {
            let _ = writeln!(text, "- {}", walked.step.what);
            let cases = walked.state.cases().join(" ");
            for (name, content) in [("before", walked.before), ("now", walked.step.now), ("see", &cases)] {
                text.push_str(&wrapped(name, content));
            }
        }
        let unjudged = self.steps.iter().filter(|walked| matches!(walked.state, State::Unjudged));
        let unjudged: Vec<&str> = unjudged.map(|walked| walked.step.what).collect();
        if !unjudged.is_empty() {
            let _ = writeln!(text, "- not judged, as not all of their cases were tried");
            text.push_str(&wrapped("steps", &unjudged.join("; ")));
            text.push_str(&wrapped("to do", "Run all cases of FAPI: without --only and --skip"));
        }
        text
    }

    /// A heading of this level, the sentence, and a table of all steps.
    pub(super) fn markdown(&self, level: &str) -> String {
        let mut text = format!("{level} The move\n\n{}\n\n", self.sentence());
        text.push_str("| | step | before | now | see |\n|---|---|---|---|---|\n");
        for Walked { step, before, state } in &self.steps {
            let cases: Vec<String> = state.cases().iter().map(|id| format!("`{id}`")).collect();
            let _ =
                writeln!(text, "| {} | {} | {before} | {} | {} |", state.name(), step.what, step.now, cases.join(" "));
        }
        text
    }

    /// A section of the page: what is left is open, and the cases that show it are linked.
    pub(super) fn html(&self) -> String {
        let heading =
            format!("<section class=\"move\" id=\"move\"><h2>The move</h2>\n<p>{}</p>\n", escaped(&self.sentence()));
        let steps = self.steps.iter().map(Walked::html);
        steps.fold(heading, |page, step| page + &step) + "</section>\n"
    }

    /// The steps as JSON.
    pub(super) fn json(&self) -> Value {
        let step = |Walked { step, before, state }: &Walked| json!({"what": step.what, "before": before, "now": step.now, "state": state.name(), "left": state.cases()});
        json!({"from": self.origin, "steps": self.steps.iter().map(step).collect::<Vec<_>>()})
    }
}

fn state(step: &Step, judged: &[Judged]) -> State {
    let verdict = |id: &str| judged.iter().find(|judged| judged.case.id == id).map(|judged| &judged.verdict);
    let is_open = |verdict: &Verdict| !matches!(verdict, Verdict::Pass { .. } | Verdict::Skip { .. });
    let left: Vec<_> = step.cases.iter().copied().filter(|id| verdict(id).is_some_and(is_open)).collect();
    let verdicts = || step.cases.iter().map(|id| verdict(id));
    let shown = verdicts().all(|verdict| verdict.is_some())
        && verdicts().any(|verdict| matches!(verdict, Some(Verdict::Pass { .. })));
    match (left.is_empty(), shown) {
        (false, _) => State::Left(left),
        (true, true) => State::Made,
        (true, false) => State::Unjudged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{of_connectors, of_migrations};
    use crate::migration::STEPS;
    use crate::report::tests::outcome;

    fn judge(id: &str, verdict: Verdict) -> Judged {
        let case = of_connectors().chain(of_migrations()).find(|case| case.id == id).unwrap().about();
        Judged { case, verdict, known: None, milliseconds: 0, evidence: Vec::new(), replay: None }
    }

    /// A move in which every case passed but one.
    fn all_but(other: &str, origin: Origin, verdict: &dyn Fn() -> Verdict) -> Moved {
        let pass = || Verdict::Pass { notes: Vec::new() };
        let every = STEPS.iter().flat_map(|step| step.cases);
        let judged = every.map(|id| judge(id, if *id == other { verdict() } else { pass() })).collect();
        moved(origin, judged)
    }

    fn moved(origin: Origin, judged: Vec<Judged>) -> Moved {
        Moved::of(&Outcome { migrating_from: Some(origin), ..outcome(judged) }).unwrap()
    }

    fn failed() -> Verdict {
        Verdict::Fail { findings: Vec::new() }
    }

    #[test]
    fn what_is_left_of_a_move_is_told_with_what_was_before() {
        let text = all_but("fapi.par.scope", Origin::V3, &failed).text();
        assert!(text.starts_with("\nMoving from v3: 15 of 16 steps are made.\n- what is asked for\n"), "{text}");
        assert!(
            text.contains("joined by commas") && text.contains("fapi.par.scope") && !text.contains("PKCE"),
            "{text}"
        );
        let text = all_but("fapi.par.scope", Origin::Oidc, &failed).text();
        assert!(text.contains("13 of 13 steps are made.\n"), "{text}");
        let skipped = || Verdict::Skip { reason: String::new() };
        let text = all_but("fapi.keys.published", Origin::V3, &skipped).text();
        assert_eq!(text, "\nMoving from v3: 16 of 16 steps are made.\n");
        let one = vec![judge("fapi.discovery.cached", Verdict::Pass { notes: Vec::new() })];
        let text = moved(Origin::V4, one).text();
        assert!(text.starts_with("\nMoving from v4: 0 of 15 steps are made, 15 not judged.\n"), "{text}");
        assert!(text.contains("application and keys; addresses;") && text.contains("without --only"), "{text}");
    }

    #[test]
    fn every_form_has_each_step_and_what_shows_that_it_is_left() {
        let moved = all_but("fapi.par.scope", Origin::V3, &failed);
        let table = moved.markdown("##");
        assert!(table.starts_with("## The move\n\nMoving from v3: 15 of 16 steps are made.\n\n| | step"), "{table}");
        assert!(table.contains("| left | what is asked for | `attributes`, joined by commas |"), "{table}");
        assert!(table.contains("| `fapi.par.scope` |\n") && table.matches("\n| made | ").count() == 15, "{table}");
        let page = moved.html();
        assert!(page.contains("<a href=\"#fapi.par.scope\">fapi.par.scope</a>"), "{page}");
        assert_eq!(page.matches("<details").count(), 16);
        let json = moved.json();
        assert_eq!(json["from"], "v3");
        let left = json["steps"].as_array().unwrap().iter().filter(|step| step["state"] == "left");
        assert_eq!(left.map(|step| step["left"].clone()).collect::<Vec<_>>(), [json!(["fapi.par.scope"])]);
    }
}
