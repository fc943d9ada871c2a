//! What can be told without a target: the list of cases, each one explained, and how files are written.

use super::exit::{FINE, NOTHING, stopped, written};
use super::how::{astray, instead};
use super::options::Which;
use crate::case::connector::ConnectorCase;
use crate::case::{About, Side, of_connectors, of_migrations, of_servers};
use crate::clause::Clauses;
use crate::report::terminal::wrapped;
use crate::schema::Schema;
use anyhow::{Context, Result, anyhow, bail};
use std::io::Write;

/// Every case of both sides.
fn all() -> impl Iterator<Item = (About, Side)> {
    let connectors = of_connectors().chain(of_migrations()).map(|case| (case.about(), Side::Connector));
    connectors.chain(of_servers().map(|case| (case.about(), Side::Server)))
}

/// Lists the cases, a line each; the exit code.
pub(super) fn list(which: &Which) -> Result<u8> {
    let chosen = all().filter(|(case, _)| which.wants(case));
    let line = |(case, _): (About, Side)| format!("{:<13} {:<6} {}", case.code, case.level.name(), case.id);
    let lines: Vec<String> = chosen.map(line).collect();
    if lines.is_empty() {
        return Ok(stopped(&anyhow!("{}", unfit(which)), NOTHING));
    }
    say(&(lines.join("\n") + "\n"))?;
    Ok(FINE)
}

/// Why no case is listed: a pattern that names none, or patterns that leave none.
fn unfit(which: &Which) -> String {
    let known: Vec<About> = all().map(|(case, _)| case).collect();
    match astray(which, &known) {
        Some((pattern, instead)) => format!("`{pattern}` names no case; {instead}"),
        None => "no case fits all that was asked for".to_owned(),
    }
}

fn say(text: &str) -> Result<()> {
    let mut out = anstream::stdout();
    written(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// Tells what a case is about; the exit code.
pub(super) fn explain(id: &str) -> Result<u8> {
    say(&explained(id)?)?;
    Ok(FINE)
}

/// Prints the JSON Schema of a kind of file; the exit code.
pub(super) fn schema(kind: &str) -> Result<u8> {
    let schema = Schema::find(kind).with_context(|| format!("there is no kind of file `{kind}`"))?;
    say(&format!("{:#}\n", schema.document()))?;
    Ok(FINE)
}

/// What a case is about, found by its id or its short name.
fn explained(id: &str) -> Result<String> {
    let Some((case, side)) = all().find(|(case, _)| case.id == id || case.code.eq_ignore_ascii_case(id)) else {
        let known: Vec<About> = all().map(|(case, _)| case).collect();
        bail!("there is no case `{id}`; {}", instead(id, &known));
    };
    let clauses = Clauses::load()?;
    let mut text = format!("{} ({}), {}\n", case.id, case.code, case.level.name());
    for (name, content) in [(side.other(), case.other), ("good", case.good), ("why", case.why), ("to do", case.fix)] {
        text.push_str(&wrapped(name, content));
    }
    if let Some(label) = clauses.label(case.clauses).filter(|_| side == Side::Server) {
        text.push_str(&wrapped("label", label));
    }
    for clause in case.clauses.iter().filter_map(|id| clauses.find(id)) {
        let what =
            format!("{}, {} ({}): {} {}", clause.document, clause.section, clause.level, clause.says, clause.link);
        text.push_str(&wrapped("rests on", &what));
    }
    for fault in
        of_connectors().chain(of_migrations()).filter(|known| known.id == case.id).flat_map(ConnectorCase::faults)
    {
        text.push_str(&wrapped("fault", &format!("{fault}; more: myinfo-mock faults {fault}")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_of_both_sides_is_explained_by_its_id_and_by_its_short_name() {
        assert_eq!(all().count(), of_connectors().chain(of_migrations()).count() + of_servers().count());
        for (case, side) in all() {
            let told = explained(case.id).unwrap();
            for part in [case.id, case.code, side.other(), "good", "why", "to do", "rests on"] {
                assert!(told.contains(part), "{}: {part} is missing\n{told}", case.id);
            }
            assert_eq!(explained(&case.code.to_lowercase()).unwrap(), told);
            let number = told.lines().filter(|line| line.starts_with("      rests on")).count();
            assert_eq!(number, case.clauses.len(), "{}", case.id);
        }
    }
}
