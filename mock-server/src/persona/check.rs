//! Checks a person document against the catalogue: what the service could never send is an error, what is odd a warning.

pub(crate) use super::finding::{Finding, Level};

use super::finding::Report;
use super::{dates, plausible, uinfin};
use crate::persona::catalogue::Catalogue;
use crate::text::meant;
use myinfo_fixtures::Attribute;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use time::Date;

/// The code tables: table to code to text. A table without texts maps each code to an empty one.
type CodeTables = BTreeMap<String, BTreeMap<String, String>>;

/// Checks a document whose relative dates are resolved.
pub(crate) fn check(person: &Map<String, Value>, catalogue: &Catalogue, today: Date) -> Vec<Finding> {
    let tables = code_tables();
    let mut report = Report::default();
    for (name, value) in person {
        match catalogue.item(name) {
            None => {
                let hint = if report.has_room() { meant(name, catalogue.item_names()) } else { String::new() };
                report.error(name, format!("no such attribute{hint}"));
            }
            // `null` says: this person has no such item, leave the key out
            Some(_) if value.is_null() => {}
            Some(entry) => Item { entry, tables: &tables, today }.check(value, &mut report),
        }
    }
    check_identity(person, &mut report);
    plausible::check(person, today, &mut report);
    report.into_told()
}

/// One catalogue item with what its check needs.
struct Item<'a> {
    entry: &'a Attribute,
    tables: &'a CodeTables,
    today: Date,
}

impl Item<'_> {
    fn check(&self, value: &Value, report: &mut Report) {
        let name = self.entry.attribute.as_str();
        match (self.entry.shape.as_str(), value) {
            ("array of records", Value::Array(records)) => {
                for (index, record) in records.iter().enumerate() {
                    self.enveloped(&format!("{name}[{index}]"), "", record, report);
                }
            }
            ("array of records", _) => report.error(name, "must be a list of records"),
            (shape, Value::Object(members)) if shape.starts_with("grouped") => {
                for (member, value) in members {
                    self.enveloped(&format!("{name}.{member}"), member, value, report);
                }
            }
            (_, Value::Object(_)) => self.enveloped(name, "", value, report),
            _ => report.error(name, "must be an object with `lastupdated`, `source`, `classification` and its data"),
        }
    }

    /// An object with the four metadata members and data beside them.
    fn enveloped(&self, path: &str, field: &str, value: &Value, report: &mut Report) {
        if report.is_null(path, value) {
            return;
        }
        let Value::Object(members) = value else {
            return report.error(path, "must be an object with `lastupdated`, `source` and `classification`");
        };
        self.check_metadata(path, members, report);
        let mut data = members.clone();
        for name in ["classification", "source", "unavailable"] {
            data.remove(name);
        }
        // chas has a member of its own with the name of the envelope's
        if data.get("lastupdated").is_none_or(|updated| !updated.is_object()) {
            data.remove("lastupdated");
        }
        match members.get("unavailable") {
            Some(Value::Bool(true)) if !data.is_empty() => {
                let message = "is `unavailable` and holds data all the same: only the metadata may stand there";
                return report.error(path, message);
            }
            // where it is not `true`, that was told, and without data what was meant is open
            Some(_) if data.is_empty() => return,
            Some(_) | None => {}
        }
        self.check_data(path, field, &Value::Object(data), report);
    }

    fn check_metadata(&self, path: &str, members: &Map<String, Value>, report: &mut Report) {
        if members.get("classification").is_some_and(|value| value != "C") {
            report.error(path, "`classification` is always \"C\"");
        }
        match members.get("source") {
            Some(Value::Null) => report.null(&format!("{path}.source")),
            None => report.error(
                path,
                "has no `source`: write \"1\" government, \"2\" user, \"3\" not applicable, \"4\" Singpass",
            ),
            Some(Value::String(source)) if ["1", "2", "3", "4"].contains(&source.as_str()) => {}
            Some(other) => {
                report.error(path, format!("`source` is {other}; it is \"1\", \"2\", \"3\" or \"4\", in quotes"))
            }
        }
        match members.get("lastupdated") {
            Some(Value::Null) => report.null(&format!("{path}.lastupdated")),
            Some(Value::String(day)) if day.is_empty() => {}
            Some(Value::String(day)) => match dates::parse_day(day) {
                None => report.error(path, format!("`lastupdated` is `{day}`; it is a real day, YYYY-MM-DD, or empty")),
                Some(day) if day > self.today => report.warn(path, "`lastupdated` lies in the future"),
                Some(_) => {}
            },
            Some(Value::Object(_)) if self.entry.attribute == "chas" => {}
            Some(_) => report.error(path, "`lastupdated` is a date in quotes"),
            None => report.error(path, "has no `lastupdated`: write a date, or \"\" when the agency holds no record"),
        }
        if members.get("unavailable").is_some_and(|value| value != &Value::Bool(true)) {
            report.error(path, "`unavailable` is only ever true; leave it out otherwise");
        }
    }

    /// Data at `field` (the catalogue's path, `""` at the top of the item).
    fn check_data(&self, path: &str, field: &str, value: &Value, report: &mut Report) {
        if report.is_null(path, value) {
            return;
        }
        if let Some(kind) = self.entry.fields.get(if field.is_empty() { "(self)" } else { field }) {
            return self.check_leaf(path, kind, value, report);
        }
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    let field = join(field, name);
                    let path = format!("{path}.{name}");
                    if self.is_known(&field) {
                        self.check_data(&path, &field, value, report);
                    } else {
                        report.error(&path, format!("no such field{}", self.what_was_meant(&field, name, report)));
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.check_data(&format!("{path}[{index}]"), &format!("{field}[]"), item, report);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                report.error(path, "must be an object or a list here");
            }
        }
    }

    fn is_known(&self, field: &str) -> bool {
        self.entry.fields.keys().any(|known| {
            known
                .strip_prefix(field)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with("[]"))
        })
    }

    fn what_was_meant(&self, field: &str, name: &str, report: &Report) -> String {
        if !report.has_room() {
            return String::new();
        }
        meant(name, self.known_beside(field).iter().map(String::as_str))
    }

    fn known_beside(&self, field: &str) -> BTreeSet<String> {
        let parent = field.rsplit_once('.').map_or("", |(parent, _)| parent);
        let names = self.entry.fields.keys().filter_map(|known| {
            let rest =
                if parent.is_empty() { Some(known.as_str()) } else { known.strip_prefix(parent)?.strip_prefix('.') };
            Some(rest?.split(['.', '[']).next()?.to_owned())
        });
        names.collect()
    }

    fn check_leaf(&self, path: &str, kind: &str, value: &Value, report: &mut Report) {
        if kind.contains("bare string") {
            return match value.as_str() {
                Some("SG" | "UNFORMATTED") => {}
                Some("Unformatted") => report.warn(path, "is the older spelling of \"UNFORMATTED\""),
                _ => report.error(path, "is \"SG\" or \"UNFORMATTED\", without a `value` around it"),
            };
        }
        let Value::Object(members) = value else {
            return report.error(path, "must be an object: {\"value\": …} or {\"code\": …, \"desc\": …}");
        };
        let coded = members.contains_key("code") || members.contains_key("desc");
        if let Some(extra) = members.keys().find(|key| !["value", "code", "desc"].contains(&key.as_str())) {
            report.error(&format!("{path}.{extra}"), "no such field: only `value`, or `code` and `desc`, stand here");
        }
        if coded && members.contains_key("value") {
            return report.error(path, "has `value` beside `code` and `desc`: one excludes the other");
        }
        // occupation and schoolname come in both forms
        let both_forms = ["occupation", "schoolname"].contains(&self.entry.attribute.as_str());
        if coded && (kind.starts_with("code/desc:") || both_forms) {
            return self.check_code(path, kind, members, report);
        }
        match members.get("value") {
            Some(value) if !kind.starts_with("code/desc:") || both_forms => check_value(path, kind, value, report),
            Some(_) => report.error(path, "is a code: write `code` and `desc` instead of `value`"),
            None if coded => report.error(path, "is a plain value: write `value` instead of `code` and `desc`"),
            None => report.error(path, "has no `value`"),
        }
    }

    fn check_code(&self, path: &str, kind: &str, members: &Map<String, Value>, report: &mut Report) {
        if let Some((name, _)) = members.iter().find(|(_, value)| value.is_null()) {
            return report.null(&format!("{path}.{name}"));
        }
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let (Some(code), Some(desc)) = (text("code"), text("desc")) else {
            return report.error(path, "needs both `code` and `desc`, as strings");
        };
        if code.is_empty() != desc.is_empty() {
            return report.error(path, "one of `code` and `desc` is empty and the other is not");
        }
        let Some(table) = kind.strip_prefix("code/desc:").and_then(|name| self.tables.get(name)) else {
            return;
        };
        if code.is_empty() {
            return;
        }
        match table.get(code) {
            None => {
                let known = table.keys().map(String::as_str);
                let hint = if report.has_room() { meant(code, known) } else { String::new() };
                report.error(path, format!("the code `{code}` is not in the table{hint}"));
            }
            Some(right) if right != desc && right.eq_ignore_ascii_case(desc) => {
                report.warn(path, format!("the text of `{code}` is `{right}` in capitals today"));
            }
            Some(right) if right != desc => match table.iter().find(|(_, text)| *text == desc) {
                Some((other, _)) => {
                    report.error(path, format!("the text `{desc}` is that of the code `{other}`, not of `{code}`"));
                }
                // documents and years differ in their words; the codes are what counts
                None => report.warn(
                    path,
                    format!(
                        "the text of the code `{code}` is `{right}` here, not `{desc}`: clients are to compare codes"
                    ),
                ),
            },
            Some(_) => {}
        }
    }
}

fn check_value(path: &str, kind: &str, value: &Value, report: &mut Report) {
    if report.is_null(path, value) {
        return;
    }
    let wanted = match kind {
        "number" | "integer" if value.is_number() => {
            return if kind == "integer" && value.is_f64() {
                report.error(path, "is a whole number")
            };
        }
        "boolean" if value.is_boolean() => return,
        "number" | "integer" => "a number",
        "boolean" => "true or false",
        _ => {
            return match value.as_str() {
                Some(text) => check_text(path, kind, text, report),
                None => report.error(path, "is text: put it in quotes"),
            };
        }
    };
    let text = value.as_str();
    if text == Some("") {
        report.warn(path, format!("is empty text where {wanted} is specified (published personas do this)"));
    } else if let Some(text) = text.filter(|text| text.parse::<f64>().is_ok() || ["true", "false"].contains(text)) {
        report.error(path, format!("is {wanted}: write {text} without quotes"));
    } else {
        report.error(path, format!("is {wanted}"));
    }
}

fn check_text(path: &str, kind: &str, text: &str, report: &mut Report) {
    if text.chars().any(char::is_control) {
        report.error(path, "holds a control character");
    }
    if text.is_empty() {
        return;
    }
    let limit =
        kind.strip_prefix("string(").and_then(|rest| rest.strip_suffix(')')).and_then(|limit| limit.parse().ok());
    // the document says 2 for a licence class, but 3CA and 4AP exist
    let limit: Option<usize> = if path.rsplit('.').next() == Some("class") { Some(3) } else { limit };
    if let Some(limit) = limit {
        let length = text.chars().count();
        if length > limit {
            report.error(path, format!("has {length} characters; the limit is {limit}"));
        }
    }
    let year = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let month = |text: &str| dates::parse_day(&format!("{text}-01")).is_some();
    let fits = match kind {
        "date" => dates::parse_day(text).is_some(),
        "date, YYYY-MM or YYYY" => dates::parse_day(text).is_some() || month(text) || year(text),
        "YYYY-MM" => month(text),
        "year" => year(text),
        "Y or N" | "Y, N or empty" => ["Y", "N"].contains(&text),
        "Live or Approved" => ["Live", "Approved"].contains(&text),
        "ORIGINAL, ADDITIONAL, AMENDED or REPAYMENT" => {
            ["ORIGINAL", "ADDITIONAL", "AMENDED", "REPAYMENT"].contains(&text)
        }
        _ => true,
    };
    if !fits {
        let wanted = if kind == "date" { "a real day, YYYY-MM-DD" } else { kind };
        report.error(path, format!("`{text}` is not {wanted}"));
    }
}

fn check_identity(person: &Map<String, Value>, report: &mut Report) {
    let value_of = |item: &str| person.get(item).and_then(|item| item.get("value")).and_then(Value::as_str);
    let Some(id) = value_of("uinfin") else {
        return report.error("uinfin", "is missing: it is the persona's key");
    };
    match uinfin::check_letter(id) {
        None => report.error("uinfin", format!("`{id}` is no NRIC or FIN: S, T, F, G or M, seven digits, a letter")),
        Some(right) if !id.ends_with(right) => {
            report.warn("uinfin", format!("the check letter of `{id}` should be {right}"))
        }
        Some(_) => {}
    }
    if let Some(partial) = value_of("partialuinfin")
        && partial != uinfin::partial(id)
    {
        report.error("partialuinfin", format!("is `{partial}`; the mask of the uinfin is `{}`", uinfin::partial(id)));
    }
}

pub(super) fn code_tables() -> CodeTables {
    let parsed: Map<String, Value> = serde_json::from_str(myinfo_fixtures::CODE_TABLES_JSON).unwrap_or_default();
    let mut tables = CodeTables::new();
    for (name, table) in parsed {
        let Value::Object(codes) = table else {
            continue;
        };
        let codes = codes.into_iter().map(|(code, text)| (code, text.as_str().unwrap_or_default().to_owned()));
        tables.insert(name, codes.collect());
    }
    tables
}

fn join(field: &str, name: &str) -> String {
    if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::compared;

    #[test]
    fn thousands_of_mistakes_cost_no_more_than_a_hundred() {
        let catalogue = Catalogue::load().unwrap();
        let today = dates::parse_day("2026-11-21").unwrap();
        let work = |count: usize| {
            let person: Map<String, Value> = (0..count).map(|number| (format!("nam{number}"), Value::Null)).collect();
            compared(|| check(&person, &catalogue, today))
        };
        let ((few, compared_few), (many, compared_many)) = (work(100), work(20_000));
        assert_eq!(compared_few, compared_many);
        assert_eq!((few.len(), many.len()), (101, 101), "a hundred, and how many more");
        assert_eq!(many[100].message, "and 19901 more like these", "the number is missing, too");
        assert!(many[0].message.contains("did you mean `name`"), "{}", many[0]);
    }
}
