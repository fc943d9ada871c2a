//! What of a target file is still as `app init` wrote it.
//!
//! The template marks what to change. A place is untouched as long as its mark stands and its value is the template's: who
//! changes the value, or takes the mark away because the value is right, has seen it.

use super::init::TEMPLATE;
use super::lint::{Weight, place};
use super::target_file::Remark;
use toml::de::DeTable;
use toml::{Table, Value};

/// What the end of a marked line is.
const MARK: &str = "# <-";

/// A marked place of the template: its key, how grave it is to leave it, and what belongs there.
struct Place(&'static [&'static str], Weight, &'static str);

const PLACES: &[Place] = &[
    Place(&["name"], Weight::Unusual, "the application's name, as reports are to have it"),
    Place(&["profiles"], Weight::Unusual, "what it speaks: \"fapi\", \"v3\" or \"oidc\""),
    Place(
        &["start"],
        Weight::Wrong,
        "the command that starts your application in the foreground, with {port} for its port",
    ),
    Place(&["ready"], Weight::Unusual, "an address that your application answers with 200 once it is up"),
    Place(&["redirect_uri"], Weight::Unusual, "your application's callback, with {port} for its port"),
    Place(&["login"], Weight::Unusual, "the page of your application at which a login begins"),
    Place(
        &["jwks"],
        Weight::Unusual,
        "the address at which it serves its public keys, or nothing where it serves none",
    ),
    Place(&["env"], Weight::Unusual, "the names of the variables that your application reads, on the left"),
    Place(&["success", "text"], Weight::Unusual, "a pattern in the last page of a login that went well"),
    Place(
        &["failure", "code"],
        Weight::Unusual,
        "a pattern whose first group is your application's word for a refusal",
    ),
    Place(&["classes"], Weight::Unusual, "your application's words for refusals, each with a class of the suite"),
];

/// The places of a file that nobody touched.
pub(super) fn untouched(text: &str) -> Vec<(Weight, Remark)> {
    let (Ok(template), Ok(file), Ok(spans)) = (TEMPLATE.parse(), text.parse(), DeTable::parse(text)) else {
        return Vec::new();
    };
    let is_left = |key: &[&str]| value(&template, key) == value(&file, key) && is_marked(text, spans.get_ref(), key);
    let left = PLACES.iter().filter(|Place(key, ..)| is_left(key));
    left.map(|Place(key, weight, wanted)| (*weight, Remark::new(key, says(key, wanted)))).collect()
}

fn says(key: &[&str], wanted: &str) -> String {
    let name = key.join(".");
    format!("`{name}` is as `app init` wrote it: {wanted}; where it is right as it stands, take the mark `{MARK}` away")
}

/// What stands at a key, table by table.
fn value<'t>(table: &'t Table, key: &[&str]) -> Option<&'t Value> {
    let (first, rest) = key.split_first()?;
    let found = table.get(*first)?;
    if rest.is_empty() { Some(found) } else { value(found.as_table()?, rest) }
}

/// Whether the line of a key ends with the mark.
fn is_marked(text: &str, spans: &DeTable<'_>, key: &[&str]) -> bool {
    let key: Vec<String> = key.iter().map(|name| (*name).to_owned()).collect();
    let line = place(spans, &key).and_then(|start| text.get(start..)?.lines().next());
    line.is_some_and(|line| line.trim_end().ends_with(MARK))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(text: &str) -> Vec<String> {
        untouched(text).into_iter().map(|(_, remark)| remark.key.join(".")).collect()
    }

    #[test]
    fn every_mark_of_the_template_is_told_until_the_value_or_the_mark_is_another() {
        let all = left(TEMPLATE);
        let marked = TEMPLATE.lines().filter(|line| line.trim_end().ends_with(MARK)).count();
        assert_eq!((all.len(), PLACES.len()), (marked, marked), "{all:?}");
        assert_eq!(left(&TEMPLATE.replace(MARK, "")), [""; 0]);
        let changed = TEMPLATE.replacen("npm start", "./serve", 1).replacen("ISSUER =", "ISSUER_URL =", 1);
        let still = left(&changed);
        assert!(!still.contains(&"start".to_owned()) && !still.contains(&"env".to_owned()), "{still:?}");
        assert_eq!(still.len(), marked - 2);
    }

    #[test]
    fn a_command_that_nobody_wrote_cannot_be_used() {
        let wrong = untouched(TEMPLATE).into_iter().filter(|(weight, _)| *weight == Weight::Wrong);
        let told: Vec<String> = wrong.map(|(_, remark)| remark.says).collect();
        assert_eq!(told.len(), 1);
        assert!(told[0].starts_with("`start` is as `app init` wrote it: the command that starts your"), "{told:?}");
    }
}
