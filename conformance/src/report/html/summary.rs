//! The run in a table: how the cases of each profile stand, by how binding they are.

use crate::judged::{Judged, Standing};
use crate::report::glance::in_order;
use crate::run::Outcome;
use crate::verdict::Level;
use std::fmt::Write;

/// The columns, in the order of the bar.
const COLUMNS: [(Standing, &str); 7] = [
    (Standing::Pass, "kept"),
    (Standing::Fail, "failed"),
    (Standing::Stale, "kept, expected to fail"),
    (Standing::Warn, "warned"),
    (Standing::Inconclusive, "inconclusive"),
    (Standing::Known, "known"),
    (Standing::Skip, "skipped"),
];

/// Writes the table: a row for each level of each profile, a column for whatever happened at all.
pub(super) fn write(page: &mut String, outcome: &Outcome) {
    let columns: Vec<(Standing, &str)> = COLUMNS
        .into_iter()
        .filter(|(standing, _)| outcome.judged.iter().any(|judged| judged.standing() == *standing))
        .collect();
    page.push_str("<table><thead><tr><th scope=\"col\">profile</th><th scope=\"col\">level</th><th scope=\"col\" class=\"share\">share</th>");
    for (_, name) in &columns {
        let _ = write!(page, "<th scope=\"col\">{name}</th>");
    }
    page.push_str("</tr></thead><tbody>\n");
    for profile in in_order(outcome.judged.iter().map(|judged| judged.case.profile().name())) {
        for level in [Level::Must, Level::Should, Level::Info] {
            let of_row: Vec<&Judged> = outcome
                .judged
                .iter()
                .filter(|judged| judged.case.profile().name() == profile && judged.case.level == level)
                .collect();
            if !of_row.is_empty() {
                write_row(page, (profile, level), &of_row, &columns);
            }
        }
    }
    page.push_str("</tbody></table>\n");
}

fn write_row(page: &mut String, (profile, level): (&str, Level), cases: &[&Judged], columns: &[(Standing, &str)]) {
    let count = |standing: Standing| cases.iter().filter(|judged| judged.standing() == standing).count();
    let _ = write!(
        page,
        "<tr><td>{profile}</td><td>{}</td><td class=\"share\"><div class=\"bar\" aria-hidden=\"true\">",
        level.name()
    );
    for (standing, _) in columns.iter().filter(|(standing, _)| count(*standing) > 0) {
        let _ = write!(page, "<i class=\"{}\" style=\"flex-grow:{}\"></i>", standing.name(), count(*standing));
    }
    page.push_str("</div></td>");
    for (standing, _) in columns {
        let number = count(*standing);
        let class = if number > 0 { standing.name() } else { "none" };
        let _ = write!(page, "<td class=\"{class}\">{number}</td>");
    }
    page.push_str("</tr>\n");
}
