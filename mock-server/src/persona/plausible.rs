//! The rules between fields: addresses, phones, segments, life dates, tax and CPF. Mostly warnings, as published data break them.

use super::finding::Report;
use super::{dates, of_age, uinfin};
use serde_json::{Map, Value};
use time::Date;

type Person = Map<String, Value>;

/// Adds what is odd about the person as a whole.
pub(super) fn check(person: &Person, today: Date, report: &mut Report) {
    for name in ["regadd", "mailadd", "billadd"] {
        if let Some(address) = person.get(name).filter(|address| address.is_object()) {
            check_address(name, address, report);
        }
    }
    for (name, first_digits) in [("mobileno", ['8', '9']), ("homeno", ['3', '6'])] {
        if let Some(phone) = person.get(name).filter(|phone| phone.is_object()) {
            check_phone(name, phone, first_digits, report);
        }
    }
    if let Some(email) = text(person, "email", "value")
        && !email.is_empty()
        && email.matches('@').count() != 1
    {
        report.error("email", "has not exactly one @");
    }
    check_housing(person, report);
    check_segment(person, report);
    check_marriage(person, report);
    check_tax(person, report);
    check_cpf(person, report);
    check_children(person, today, report);
}

fn check_address(name: &str, address: &Value, report: &mut Report) {
    let part = |part: &str| address.get(part);
    match part("type").and_then(Value::as_str) {
        Some("SG") => {
            if part("line1").is_some() || part("line2").is_some() {
                report.error(name, "is of type SG and has `line1` or `line2`: those belong to UNFORMATTED");
            }
            let country = part("country").and_then(|country| country.get("code")).and_then(Value::as_str);
            if country.is_some_and(|code| !code.is_empty() && code != "SG") {
                report.error(name, "is of type SG and its country is not SG");
            }
        }
        Some(_) if ["block", "building", "floor", "unit", "street", "postal"].iter().any(|sg| part(sg).is_some()) => {
            report.error(name, "is UNFORMATTED and has parts of the SG form");
        }
        None if address.get("unavailable").is_none() => report.error(name, "has no `type`: \"SG\" or \"UNFORMATTED\""),
        Some(_) | None => {}
    }
    let postal = part("postal").and_then(|postal| postal.get("value")).and_then(Value::as_str).unwrap_or_default();
    if postal.is_empty() {
        return;
    }
    if postal.len() != 6 || !postal.bytes().all(|byte| byte.is_ascii_digit()) {
        return report.error(&format!("{name}.postal"), "has not six digits");
    }
    let sector: u8 = postal.get(..2).and_then(|sector| sector.parse().ok()).unwrap_or_default();
    if !(1..=82).contains(&sector) || sector == 74 {
        report.warn(&format!("{name}.postal"), "starts with digits that are no postal sector (01 to 82, not 74)");
    }
}

fn check_phone(name: &str, phone: &Value, first_digits: [char; 2], report: &mut Report) {
    let part =
        |part: &str| phone.get(part).and_then(|part| part.get("value")).and_then(Value::as_str).unwrap_or_default();
    let (prefix, area, number) = (part("prefix"), part("areacode"), part("nbr"));
    if number.is_empty() {
        if !prefix.is_empty() || !area.is_empty() {
            report.warn(name, "has a prefix or area code and no number: all three are blank together");
        }
        return;
    }
    let digits =
        |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if prefix != "+" || !digits(area, 3) || !digits(number, 12) {
        return report.error(name, "is `prefix` \"+\", `areacode` one to three digits and `nbr` up to twelve digits");
    }
    if area == "65" && (number.len() != 8 || !number.starts_with(first_digits)) {
        let [low, high] = first_digits;
        report.warn(name, format!("a Singapore number here has eight digits and starts with {low} or {high}"));
    }
}

fn check_housing(person: &Person, report: &mut Report) {
    let filled = |item| text(person, item, "code").is_some_and(|code| !code.is_empty());
    if filled("hdbtype") && filled("housingtype") {
        report.error(
            "housingtype",
            "`hdbtype` and `housingtype` are both set: they describe one address and exclude each other",
        );
    }
}

fn check_segment(person: &Person, report: &mut Report) {
    let Some(id) = text(person, "uinfin", "value") else {
        return;
    };
    let status = text(person, "residentialstatus", "code").unwrap_or_default();
    let pass = text(person, "passtype", "code").unwrap_or_default();
    let nationality = text(person, "nationality", "code").unwrap_or_default();
    if uinfin::is_foreigner(id) {
        if !status.is_empty() {
            report.warn("residentialstatus", "is set for a FIN holder; it is empty with source 3");
        }
        if pass.is_empty() && person.contains_key("passtype") {
            report.warn("passtype", "is empty for a FIN holder");
        }
        return;
    }
    if !pass.is_empty() {
        report.warn("passtype", "is set for a citizen or permanent resident; it is empty with source 3");
    }
    match status {
        "C" if !nationality.is_empty() && nationality != "SG" => {
            report.warn("nationality", "is not SG, and the person is a citizen")
        }
        "P" if nationality == "SG" => report.warn("nationality", "is SG, and the person is a permanent resident"),
        _ => {}
    }
}

fn check_marriage(person: &Person, report: &mut Report) {
    let day = |item| text(person, item, "value").and_then(dates::parse_day);
    let filled = |item| text(person, item, "value").is_some_and(|value| !value.is_empty());
    let status = text(person, "marital", "code").unwrap_or_default();
    if status == "1" && (filled("marriagedate") || filled("marriagecertno")) {
        report.warn("marital", "is SINGLE, and there is a marriage date or certificate");
    }
    if status == "5" && person.contains_key("divorcedate") && !filled("divorcedate") {
        report.warn("divorcedate", "is empty, and the person is divorced");
    }
    let (born, married, divorced) = (day("dob"), day("marriagedate"), day("divorcedate"));
    if let (Some(born), Some(married)) = (born, married)
        && married.year() - born.year() < 18
    {
        report.warn("marriagedate", "lies before the eighteenth birthday");
    }
    if let (Some(married), Some(divorced)) = (married, divorced)
        && divorced < married
    {
        report.warn("divorcedate", "lies before the marriage");
    }
    for item in ["passportexpirydate", "passexpirydate"] {
        if let (Some(born), Some(expiry)) = (born, day(item))
            && expiry < born
        {
            report.warn(item, "lies before the date of birth");
        }
    }
}

fn check_tax(person: &Person, report: &mut Report) {
    for item in ["noahistory", "noahistory-basic"] {
        let Some(entries) = person.get(item).and_then(|history| history.get("noas")).and_then(Value::as_array) else {
            continue;
        };
        if entries.len() > 2 {
            report.warn(item, "has more than two assessments");
        }
        let years: Vec<&str> =
            entries.iter().filter_map(|entry| entry.get("yearofassessment")?.get("value")?.as_str()).collect();
        if !years.is_sorted_by(|newer, older| newer > older) {
            report.warn(item, "is not ordered from the newest assessment to the oldest");
        }
        for entry in entries {
            check_amount(item, entry, report);
        }
    }
    if let Some(latest) = person.get("noa") {
        check_amount("noa", latest, report);
    }
}

fn check_amount(item: &str, entry: &Value, report: &mut Report) {
    let part = |name: &str| entry.get(name).and_then(|part| part.get("value")).and_then(Value::as_f64);
    let parts: Vec<f64> = ["employment", "trade", "rent", "interest"].iter().filter_map(|name| part(name)).collect();
    let sum: f64 = parts.iter().sum();
    if parts.len() == 4 && part("amount").is_some_and(|amount| amount > sum + 0.005) {
        report.warn(item, "`amount` is above the sum of its parts");
    }
}

fn check_cpf(person: &Person, report: &mut Report) {
    let Some(history) = person.get("cpfcontributions").and_then(|item| item.get("history")).and_then(Value::as_array)
    else {
        return;
    };
    let field = |entry: &Value, name: &str| {
        entry.get(name).and_then(|field| field.get("value")).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let keys: Vec<(String, String)> =
        history.iter().map(|entry| (field(entry, "date"), field(entry, "month"))).collect();
    if !keys.is_sorted() {
        report.warn("cpfcontributions", "is not ordered by the day of payment, then by month");
    }
    if keys.iter().any(|(date, month)| !month.is_empty() && date.as_str() < month.as_str()) {
        report.warn("cpfcontributions", "holds a contribution paid before the month that it is for");
    }
    let mut months: Vec<&String> = keys.iter().map(|(_, month)| month).collect();
    months.sort();
    months.dedup();
    if months.len() > 15 {
        report.warn("cpfcontributions", "covers more than 15 months");
    }
}

fn check_children(person: &Person, today: Date, report: &mut Report) {
    for (item, children) in of_age::children(person) {
        for (index, child) in children.iter().enumerate() {
            // from 21 on only the certificate number is sent, so a filled date of birth gives it away
            if of_age::is_of_age(child, today) {
                report.warn(
                    &format!("{item}[{index}]"),
                    "is 21 or older: everything but the certificate number is sent empty then",
                );
            }
        }
    }
}

fn text<'a>(person: &'a Person, item: &str, field: &str) -> Option<&'a str> {
    person.get(item)?.get(field)?.as_str()
}

#[cfg(test)]
mod tests {
    use crate::persona::catalogue::Catalogue;
    use crate::persona::check::{Finding, Level, check};
    use crate::persona::{Personas, dates};
    use serde_json::{Value, json};

    /// Changes one thing in the cleanest published record and returns what the check says about it.
    fn findings(path: &str, value: Value) -> Vec<Finding> {
        let today = dates::parse_day("2026-11-21").unwrap();
        let personas = Personas::built_in().unwrap();
        let mut person = Value::Object(personas.find("S9812387C").unwrap().written().clone());
        *person.pointer_mut(path).unwrap_or_else(|| panic!("{path} is not in the record")) = value;
        let Value::Object(person) = person else { panic!("still an object") };
        let catalogue = Catalogue::load().unwrap();
        let quiet = check(personas.find("S9812387C").unwrap().written(), &catalogue, today);
        check(&person, &catalogue, today).into_iter().filter(|finding| !quiet.contains(finding)).collect()
    }

    #[test]
    fn each_mistake_is_named_where_it_is() {
        let cases = [
            ("/uinfin/value", json!("S9812387A"), Level::Warning, "check letter"),
            ("/uinfin/value", json!("9812387C"), Level::Error, "no NRIC"),
            ("/partialuinfin/value", json!("****387C"), Level::Error, "mask"),
            ("/sex/code", json!("X"), Level::Error, "not in the table"),
            ("/sex/desc", json!("Male"), Level::Warning, "in capitals"),
            ("/sex/desc", json!(""), Level::Error, "empty"),
            ("/dob/value", json!("1998-02-30"), Level::Error, "1998-02-30"),
            ("/name/source", json!(1), Level::Error, "in quotes"),
            ("/name/classification", json!("D"), Level::Error, "always"),
            ("/name/lastupdated", json!("2027-01-01"), Level::Warning, "future"),
            (
                "/name",
                json!({"source": "1", "classification": "C", "lastupdated": "", "unavailable": false}),
                Level::Error,
                "only ever true",
            ),
            ("/name/value", json!("X".repeat(67)), Level::Error, "67 characters"),
            ("/regadd/postal/value", json!("12345"), Level::Error, "six digits"),
            ("/regadd/postal/value", json!("990000"), Level::Warning, "postal sector"),
            ("/regadd/type", json!("HOME"), Level::Error, "UNFORMATTED"),
            (
                "/residentialstatus",
                json!({"lastupdated": "", "source": "1", "classification": "C", "code": "P", "desc": "PR"}),
                Level::Warning,
                "permanent resident",
            ),
            ("/ownerprivate/value", json!("false"), Level::Error, "without quotes"),
            ("/name/value", json!(null), Level::Error, "is null"),
            ("/sex/code", json!(null), Level::Error, "is null"),
            ("/dob/lastupdated", json!(null), Level::Error, "is null"),
            ("/dob/source", json!(null), Level::Error, "is null"),
            ("/regadd/postal", json!(null), Level::Error, "is null"),
            ("/regadd/type", json!(null), Level::Error, "is null"),
            ("/ownerprivate/value", json!(null), Level::Error, "is null"),
            ("/race/desc", json!("Chinese (own words)"), Level::Warning, "to compare codes"),
            ("/sex/desc", json!("FEMALE"), Level::Error, "that of the code `F`"),
        ];
        for (path, value, level, part) in cases {
            let found = findings(path, value.clone());
            assert!(
                found.iter().any(|finding| finding.level == level && finding.message.contains(part)),
                "{path} = {value}: {found:?}"
            );
        }
    }

    #[test]
    fn one_mistake_draws_one_error() {
        let envelope = json!({"source": "1", "classification": "C", "lastupdated": "", "unavailable": false});
        let mut with_data = envelope.clone();
        with_data["value"] = json!("A NAME");
        for (path, value) in [
            ("/name", envelope),
            ("/name", with_data),
            ("/name/value", json!(null)),
            ("/sex/code", json!(null)),
            ("/ownerprivate/value", json!(null)),
            ("/regadd/postal", json!(null)),
        ] {
            let found = findings(path, value.clone());
            let errors = found.iter().filter(|finding| finding.level == Level::Error).count();
            assert_eq!(errors, 1, "{path} = {value}: {found:?}");
        }
    }

    #[test]
    fn a_documents_own_text_of_a_code_is_a_warning() {
        let today = dates::parse_day("2026-11-21").unwrap();
        let person = json!({
            "uinfin": {"source": "1", "classification": "C", "lastupdated": "", "value": "S9812387C"},
            "merdekagen": {
                "source": "1", "classification": "C", "lastupdated": "", "eligibility": {"value": false},
                "quantum": {"value": 0}, "message": {"code": "1", "desc": "You are not eligible for the package."},
            },
        });
        let Value::Object(person) = person else { panic!("an object") };
        let found = check(&person, &Catalogue::load().unwrap(), today);
        assert!(found.iter().all(|finding| finding.level == Level::Warning), "{found:?}");
        assert!(found.iter().any(|finding| finding.path == "merdekagen.message"), "{found:?}");
    }

    #[test]
    fn the_cleanest_published_record_has_no_error_and_the_edge_cases_have_none_either() {
        let today = dates::parse_day("2026-11-21").unwrap();
        let personas = Personas::built_in().unwrap();
        let catalogue = Catalogue::load().unwrap();
        let errors = |id: &str| -> Vec<Finding> {
            let found = check(&personas.find(id).unwrap().person(today), &catalogue, today);
            found.into_iter().filter(|finding| finding.level == Level::Error).collect()
        };
        assert_eq!(errors("S9812387C"), []);
        for file in myinfo_fixtures::persona::EDGE {
            assert_eq!(errors(file.id), [], "{}", file.id);
        }
    }
}
