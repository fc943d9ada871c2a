//! The run as SARIF 2.1.0 (OASIS): a rule for each case that was judged, a result for each that somebody has to look at.

use super::headline;
use crate::clause::{Clause, Clauses};
use crate::judged::{Judged, Standing};
use crate::run::Outcome;
use crate::verdict::{Level, Verdict};
use serde_json::{Value, json};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The log.
pub(super) fn log(outcome: &Outcome, clauses: &Clauses) -> String {
    let rules: Vec<Value> = outcome.judged.iter().map(|judged| rule(judged, clauses)).collect();
    let judged = outcome.judged.iter().enumerate();
    let results: Vec<Value> = judged.filter_map(|(index, judged)| result(outcome, index, judged)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "myinfo-conformance",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "automationDetails": {"id": format!("myinfo-conformance/{}/", outcome.side.name())},
            "invocations": [{"executionSuccessful": outcome.summary().inconclusive == 0}],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

/// A case as a rule. Its help is the clause that it rests on first.
fn rule(judged: &Judged, clauses: &Clauses) -> Value {
    let case = &judged.case;
    let rests_on: Vec<&Clause> = case.clauses.iter().filter_map(|id| clauses.find(id)).collect();
    let sources: Vec<String> =
        rests_on.iter().map(|clause| format!("{}, {}: {}", clause.document, clause.section, clause.says)).collect();
    let mut rule = json!({
        "id": case.id,
        "name": case.code,
        "shortDescription": {"text": sentence(case.good)},
        "fullDescription": {"text": sentence(case.why)},
        "help": {"text": format!("{}\n\nRests on:\n{}", case.fix, sources.join("\n"))},
        "defaultConfiguration": {"level": match case.level {
            Level::Must => "error",
            Level::Should => "warning",
            Level::Info => "note",
        }},
        "properties": {"tags": [case.profile().name(), case.level.name()], "precision": "very-high"},
    });
    if let (Some(clause), Value::Object(rule)) = (rests_on.iter().find(|clause| !clause.link.is_empty()), &mut rule) {
        rule.insert("helpUri".to_owned(), clause.link.clone().into());
    }
    rule
}

/// What came of a case, where it is more than that it was kept or not tried.
fn result(outcome: &Outcome, index: usize, judged: &Judged) -> Option<Value> {
    // whatever is no failure has the level `none` (SARIF 2.1.0 §3.27.10)
    let (kind, level) = match judged.standing() {
        Standing::Pass | Standing::Skip => return None,
        Standing::Fail | Standing::Stale => ("fail", "error"),
        Standing::Warn => ("fail", "warning"),
        Standing::Known => ("fail", if judged.verdict.name() == "FAIL" { "error" } else { "warning" }),
        Standing::Inconclusive => ("open", "none"),
    };
    let case = &judged.case;
    let mut result = json!({
        "ruleId": case.id,
        "ruleIndex": index,
        "kind": kind,
        "level": level,
        "message": {"text": message(judged)},
        "locations": [location(outcome, case.id)],
        "partialFingerprints": {"case/v1": case.id},
    });
    if let (Some(known), Value::Object(result)) =
        (judged.known.as_ref().filter(|_| judged.standing() == Standing::Known), &mut result)
    {
        let why = format!("{} (until {}) {}", known.reason, known.expires, known.issue);
        result.insert(
            "suppressions".to_owned(),
            json!([{"kind": "external", "status": "accepted", "justification": why.trim_end()}]),
        );
    }
    Some(result)
}

fn message(judged: &Judged) -> String {
    match &judged.verdict {
        Verdict::Pass { .. } => "The baseline expects a failure, and it passed".to_owned(),
        Verdict::Inconclusive { cause } => cause.clone(),
        Verdict::Skip { reason } => reason.clone(),
        Verdict::Fail { findings } | Verdict::Warn { findings } => {
            let fix = findings.first().and_then(|finding| finding.fix).unwrap_or(judged.case.fix);
            let when = findings.first().map_or("", |finding| finding.when.as_str());
            format!("{}. When: {when}. To do: {fix}", headline(findings))
        }
    }
}

/// Where it was found. What is judged is no file, but services ask for one: the case stands in its place.
fn location(outcome: &Outcome, case: &str) -> Value {
    json!({
        "physicalLocation": {
            "artifactLocation": {"uri": format!("myinfo-conformance/{case}")},
            "region": {"startLine": 1},
        },
        "logicalLocations": [{
            "name": outcome.target.name,
            "fullyQualifiedName": format!("{}/{case}", outcome.target.name),
            "kind": "module",
        }],
    })
}

/// A text that begins like a sentence and ends like one.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first: String = characters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", characters.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::Known;
    use crate::report::tests::{finding, judged, outcome};

    /// The objects of the schema that stand in a log of ours: their name, what they require, and the objects below them.
    type Object = (&'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);

    const OBJECTS: &[Object] = &[
        ("log", &["version", "runs"], &[("/runs", "run")]),
        (
            "run",
            &["tool"],
            &[
                ("/tool", "tool"),
                ("/results", "result"),
                ("/invocations", "invocation"),
                ("/automationDetails", "details"),
            ],
        ),
        ("tool", &["driver"], &[("/driver", "component")]),
        ("component", &["name"], &[("/rules", "rule")]),
        (
            "rule",
            &["id"],
            &[
                ("/shortDescription", "text"),
                ("/fullDescription", "text"),
                ("/help", "text"),
                ("/defaultConfiguration", "level"),
            ],
        ),
        (
            "result",
            &["message"],
            &[("/message", "text"), ("/locations", "location"), ("/suppressions", "suppression"), ("", "level")],
        ),
        ("text", &["text"], &[]),
        ("level", &["level"], &[]),
        ("location", &[], &[("/logicalLocations", "logical"), ("/physicalLocation", "physical")]),
        ("physical", &["artifactLocation"], &[]),
        ("logical", &["name"], &[]),
        ("suppression", &["kind"], &[]),
        ("invocation", &["executionSuccessful"], &[]),
        ("details", &["id"], &[]),
    ];

    /// Holds an object, and those below it, against what the schema requires.
    fn hold(name: &str, value: &Value) {
        if let Some(all) = value.as_array() {
            return all.iter().for_each(|one| hold(name, one));
        }
        let (_, required, below) = OBJECTS.iter().find(|(known, ..)| *known == name).unwrap();
        for member in *required {
            assert!(!value[member].is_null(), "{name} has no `{member}`: {value}");
        }
        if name == "level" {
            assert!(["none", "note", "warning", "error"].contains(&value["level"].as_str().unwrap()), "{value}");
        }
        for (pointer, name) in *below {
            if let Some(inner) = value.pointer(pointer) {
                hold(name, inner);
            }
        }
    }

    fn of_every_kind() -> Value {
        let broken = || vec![finding("the person was accepted", "refuses")];
        let known = Known {
            case: "F-CB-02".into(),
            reason: "being mended".into(),
            issue: String::new(),
            expires: "2999-01-01".into(),
        };
        let mut cases = vec![
            judged("F-CB-01", Verdict::Fail { findings: broken() }),
            judged("F-CB-02", Verdict::Fail { findings: broken() }),
            judged("V3-CB-01", Verdict::Warn { findings: broken() }),
            judged("V3-CB-02", Verdict::inconclusive("the driver died")),
            judged("V3-CB-03", Verdict::Pass { notes: Vec::new() }),
        ];
        cases[1].known = Some(known);
        serde_json::from_str(&log(&outcome(cases), &Clauses::load().unwrap())).unwrap()
    }

    #[test]
    fn a_log_has_everything_that_the_schema_requires() {
        let log = of_every_kind();
        hold("log", &log);
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        for result in run["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert!(result["kind"] == "fail" || result["level"] == "none", "{result}");
        }
        for rule in rules {
            assert!(rule["helpUri"].as_str().is_some_and(|uri| uri.starts_with("https://")), "{rule}");
        }
    }

    #[test]
    fn results_are_what_somebody_has_to_look_at_by_their_severity() {
        let log = of_every_kind();
        let results = log["runs"][0]["results"].as_array().unwrap();
        let told: Vec<(&str, &str)> = results
            .iter()
            .map(|result| (result["kind"].as_str().unwrap(), result["level"].as_str().unwrap()))
            .collect();
        assert_eq!(told, [("fail", "error"), ("fail", "error"), ("fail", "warning"), ("open", "none")]);
        assert_eq!(results[1]["suppressions"][0]["justification"], "being mended (until 2999-01-01)");
        assert!(
            results[0]["message"]["text"].as_str().unwrap().starts_with("the person was accepted; expected: refuses.")
        );
    }
}
