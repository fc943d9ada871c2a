//! Holds the tables in `docs/` against the tables of the code; with `MYINFO_UPDATE_DOCS=1` it writes them anew.

use crate::doctor::catalogue;
use crate::profile;
use std::fmt::Write;
use std::path::PathBuf;

/// What a generated part of a page begins and ends with.
const BEGIN: &str =
    "<!-- generated from the code by `MYINFO_UPDATE_DOCS=1 cargo test -p myinfo-mock-server docs` -->\n";
const END: &str = "<!-- end -->\n";

/// Compares the generated part of a page with what the code says, or replaces it.
fn hold(page: &str, generated: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs").join(page);
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap_or_else(|| panic!("{page} has no generated part"));
    let (found, after) = rest.split_once(END).unwrap_or_else(|| panic!("{page} does not end its generated part"));
    if std::env::var_os("MYINFO_UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{generated}{END}{after}")).unwrap();
        return;
    }
    // both texts are long: the comparison is `git diff` after the command
    assert!(found == generated, "docs/{page} differs from the code: run the command in its comment");
}

/// A row of a table; a `|` would end a cell.
fn row(table: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    let _ = writeln!(table, "| {} |", cells.join(" | "));
}

#[test]
fn the_page_of_rules_is_that_of_the_code() {
    let mut text = String::from("\n## Rules\n\n| rule | what is required | source | what to do |\n|---|---|---|---|\n");
    for rule in profile::protocols(profile::ALL).rules() {
        row(&mut text, &[&format!("`{}`", rule.id), rule.says, &rule.source(), rule.fix]);
    }
    text.push_str("\n## Diagnoses\n\n| diagnosis | when | what it tells |\n|---|---|---|\n");
    for diagnosis in catalogue::ALL {
        row(&mut text, &[&format!("`{}`", diagnosis.id), diagnosis.when, diagnosis.tells]);
    }
    text.push_str("\n## Mistakes in a signature\n\n| mistake | what was done | what to do |\n|---|---|---|\n");
    for kind in profile::protocols(profile::ALL).mistakes() {
        row(&mut text, &[&format!("`{}`", kind.id), kind.says, kind.fix]);
    }
    text.push('\n');
    hold("rules.md", &text);
}

#[test]
fn the_list_of_faults_is_that_of_the_code() {
    let mut text = String::from("\n| stage | fault | the server |\n|---|---|---|\n");
    for fault in profile::protocols(profile::ALL).faults() {
        row(&mut text, &[fault.stage.name(), &format!("`{}`", fault.id), fault.says]);
    }
    text.push('\n');
    hold("admin-api.md", &text);
}

/// Compares a whole file below `docs/` with what the code says, or replaces it.
fn hold_file(file: &str, generated: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs").join(file);
    if std::env::var_os("MYINFO_UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, generated).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == generated, "{} differs from the code: MYINFO_UPDATE_DOCS=1 writes it", path.display());
}

#[test]
fn the_schema_of_the_configuration_is_that_of_the_code() {
    hold_file("schemas/configuration.schema.json", &format!("{:#}\n", crate::config::Config::schema()));
}

#[test]
fn the_descriptions_of_the_profiles_are_those_of_the_code() {
    let protocols = profile::protocols(profile::ALL);
    for protocol in protocols.all() {
        let document = crate::description::document(&protocols, protocol, "");
        hold_file(&format!("openapi/{}.json", protocol.id), &format!("{document:#}\n"));
    }
}
