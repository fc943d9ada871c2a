//! What can be told of a persona at a glance: short phrases to show, what the record lacks, the age.

use super::{Persona, account::Account, dates};
use serde_json::{Map, Value};
use time::Date;

/// A persona at a glance, on a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Properties {
    /// Short phrases, the most telling first: `citizen`, `female`, `46 years`, `2 children`.
    pub(crate) shown: Vec<String>,
    /// What the record has nothing of, by a word that stands behind `no`: `address`, `car`.
    pub(crate) lacks: Vec<&'static str>,
    /// Completed years, where the date of birth is known.
    pub(crate) age: Option<i32>,
}

impl Properties {
    /// Those of a persona.
    pub(crate) fn of(persona: &Persona, today: Date) -> Self {
        let person = persona.sent(today);
        let mut found = Self { age: age(&person, today), ..Self::default() };
        found.say(residence(&persona.id, &person));
        found.say(phrase(&person, "passtype"));
        found.say(sex(&person));
        found.say(found.age.map(|age| plural(age, "year", "years")));
        found.say(phrase(&person, "marital"));
        found.count(children(&person), ["child", "children"]);
        found.home(&person);
        found.count(filled(&person, "vehicles"), ["car", "cars"]);
        found.contact(&person);
        found.account(&persona.account);
        found
    }

    /// What is worth showing: the phrases, and what is missing that most people have.
    pub(crate) fn chips(&self) -> Vec<String> {
        let none = self.lacks.contains(&"data");
        let worth = |lack: &&&str| !none && !["car", "children", "flat"].contains(*lack);
        let missing = self.lacks.iter().filter(worth).map(|lack| format!("no {lack}"));
        self.shown.iter().cloned().chain(missing).collect()
    }

    fn say(&mut self, phrase: Option<String>) {
        self.shown.extend(phrase.filter(|phrase| !phrase.is_empty()));
    }

    fn count(&mut self, count: usize, [one, many]: [&'static str; 2]) {
        match i32::try_from(count).unwrap_or(i32::MAX) {
            0 => self.lacks.push(if many == "cars" { one } else { many }),
            count => self.say(Some(plural(count, one, many))),
        }
    }

    fn home(&mut self, person: &Map<String, Value>) {
        match text(person, &["regadd", "type"]).to_ascii_uppercase().as_str() {
            "UNFORMATTED" => self.say(Some("address in two lines".to_owned())),
            _ if text(person, &["regadd", "postal", "value"]).is_empty() => self.lacks.push("address"),
            _ => {}
        }
        let kinds = [phrase(person, "hdbtype"), phrase(person, "housingtype")];
        if kinds.iter().all(Option::is_none) {
            self.lacks.push("flat");
        }
        for kind in kinds {
            self.say(kind);
        }
        match filled(person, "hdbownership") {
            0 => {}
            1 => self.say(Some("owns an HDB flat".to_owned())),
            count => self.say(Some(format!("owns {count} HDB flats"))),
        }
    }

    fn account(&mut self, account: &Account) {
        match account {
            Account::Standard => return,
            Account::Foreign { country, .. } => self.say(Some(format!("foreign account, {country}"))),
            Account::WithoutMyinfo => self.say(Some("no Myinfo data".to_owned())),
        }
        self.lacks.push("data");
    }

    fn contact(&mut self, person: &Map<String, Value>) {
        for (path, lack) in [
            (["name", "value"].as_slice(), "name"),
            (&["mobileno", "nbr", "value"], "mobile"),
            (&["email", "value"], "email"),
        ] {
            if text(person, path).is_empty() {
                self.lacks.push(lack);
            }
        }
    }
}

/// Whether somebody is a citizen, a permanent resident or a foreigner, and the series of the number where it is a FIN.
fn residence(id: &str, person: &Map<String, Value>) -> Option<String> {
    let series = id.chars().next().filter(|series| ['F', 'G', 'M'].contains(series));
    Some(match (text(person, &["residentialstatus", "code"]), series) {
        ("C", _) => "citizen".to_owned(),
        ("P", _) => "permanent resident".to_owned(),
        (_, Some(series)) => format!("foreigner, FIN {series}"),
        ("", None) => return None,
        (_, None) => text(person, &["residentialstatus", "desc"]).to_lowercase(),
    })
}

fn sex(person: &Map<String, Value>) -> Option<String> {
    match text(person, &["sex", "code"]) {
        "M" => Some("male".to_owned()),
        "F" => Some("female".to_owned()),
        "" => None,
        _ => Some("sex unknown".to_owned()),
    }
}

/// The completed years since a date of birth; where month or day are not known, since the last day that it can mean.
fn age(person: &Map<String, Value>, today: Date) -> Option<i32> {
    let born = dates::latest_day(text(person, &["dob", "value"]))?;
    let had_birthday = (today.month() as u8, today.day()) >= (born.month() as u8, born.day());
    let years = today.year() - born.year() - i32::from(!had_birthday);
    (years >= 0).then_some(years)
}

fn children(person: &Map<String, Value>) -> usize {
    filled(person, "childrenbirthrecords") + filled(person, "sponsoredchildrenrecords")
}

/// How many entries a list has.
fn filled(person: &Map<String, Value>, item: &str) -> usize {
    person.get(item).and_then(Value::as_array).map_or(0, Vec::len)
}

/// What a code says, in small letters but for what stands in capitals everywhere.
fn phrase(person: &Map<String, Value>, item: &str) -> Option<String> {
    let said = text(person, &[item, "desc"]);
    (!said.is_empty()).then(|| said.to_lowercase().replace("(hdb)", "(HDB)"))
}

/// The text at a path; empty where there is none.
fn text<'p>(person: &'p Map<String, Value>, path: &[&str]) -> &'p str {
    let Some((first, rest)) = path.split_first() else { return "" };
    let start = person.get(*first);
    let found = rest.iter().fold(start, |value, member| value.and_then(|value| value.get(*member)));
    found.and_then(Value::as_str).unwrap_or_default()
}

fn plural(count: i32, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persona::Personas;

    fn of(id: &str) -> Properties {
        let personas = Personas::built_in().unwrap();
        Properties::of(personas.find(id).unwrap(), dates::parse_day("2026-11-26").unwrap())
    }

    #[test]
    fn a_citizen_with_a_family_is_told_in_a_line() {
        let told = of("S0000005A").chips().join(", ");
        assert_eq!(told, "citizen, female, 46 years, married, 7 children, executive flat (HDB)");
    }

    #[test]
    fn a_foreigner_has_a_series_and_a_pass_and_what_is_missing_is_said() {
        let told = of("G1612350T");
        assert_eq!(told.shown[..4], ["foreigner, FIN G", "employment pass", "female", "34 years"]);
        assert_eq!(told.lacks, ["address", "flat", "car", "mobile", "email"]);
        assert!(!told.chips().contains(&"no car".to_owned()), "most have none");
    }

    #[test]
    fn an_account_without_data_says_so() {
        assert_eq!(of("G0000012X").chips(), ["foreigner, FIN G", "foreign account, MY"]);
        assert_eq!(of("S0000013B").chips(), ["no Myinfo data"]);
    }

    #[test]
    fn a_birthday_counts_on_its_day_and_a_part_of_a_date_on_its_last() {
        let aged = |born: &str, today: &str| {
            let Value::Object(person) = serde_json::json!({"dob": {"value": born}}) else { panic!("an object") };
            age(&person, dates::parse_day(today).unwrap())
        };
        assert_eq!((aged("2000-11-26", "2026-11-25"), aged("2000-11-26", "2026-11-26")), (Some(25), Some(26)));
        assert_eq!((aged("2000", "2026-12-30"), aged("2000", "2026-12-31")), (Some(25), Some(26)));
        assert_eq!((aged("", "2026-11-26"), aged("2030-01-01", "2026-11-26")), (None, None));
    }
}
