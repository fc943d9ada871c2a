//! Children who are of age: from their twenty-first birthday on, only the number of their certificate is sent.

use super::dates;
use serde_json::{Map, Value};
use std::borrow::Cow;
use time::Date;

/// The lists of children, each with the member that is always sent.
const CHILDREN: [(&str, &str); 2] = [("childrenbirthrecords", "birthcertno"), ("sponsoredchildrenrecords", "nric")];
/// What belongs to the record and not to the child.
const ENVELOPE: [&str; 4] = ["lastupdated", "source", "classification", "unavailable"];

/// The lists of children in a person's record.
pub(super) fn children(person: &Map<String, Value>) -> impl Iterator<Item = (&'static str, &Vec<Value>)> {
    CHILDREN.iter().filter_map(|(item, _)| Some((*item, person.get(*item)?.as_array()?)))
}

/// Whether a child is 21 or older, and its record says more than the number.
///
/// A date of birth without month or day counts once the last day that it can mean is so long ago.
pub(super) fn is_of_age(child: &Value, today: Date) -> bool {
    let born = child.get("dob").and_then(|dob| dob.get("value")).and_then(Value::as_str).unwrap_or_default();
    let limit = dates::resolve("today-21y", today).and_then(|day| dates::parse_day(&day));
    dates::latest_day(born).zip(limit).is_some_and(|(born, limit)| born <= limit)
}

/// The record as it is sent: of children who are of age, everything but the number is empty, as published records have it.
pub(super) fn hidden(mut person: Cow<'_, Map<String, Value>>, today: Date) -> Cow<'_, Map<String, Value>> {
    if !children(&person).any(|(_, list)| list.iter().any(|child| is_of_age(child, today))) {
        return person;
    }
    for (item, number) in CHILDREN {
        let Some(list) = person.to_mut().get_mut(item).and_then(Value::as_array_mut) else { continue };
        for child in list.iter_mut().filter(|child| is_of_age(child, today)).filter_map(Value::as_object_mut) {
            let others = child.iter_mut().filter(|(name, _)| *name != number && !ENVELOPE.contains(&name.as_str()));
            others.for_each(|(_, value)| empty(value));
        }
    }
    person
}

fn empty(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(empty),
        Value::Array(items) => items.clear(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => *value = Value::String(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sent(born: &str, today: &str) -> Value {
        let person = json!({
            "childrenbirthrecords": [{
                "source": "1", "birthcertno": {"value": "T0000051A"}, "name": {"value": "A"}, "dob": {"value": born},
                "sex": {"code": "F", "desc": "FEMALE"}, "vaccinationrequirements": [{"fulfilled": {"value": true}}],
            }],
            "sponsoredchildrenrecords": [{"nric": {"value": "S0"}, "dob": {"value": born}}],
        });
        let Value::Object(person) = person else { panic!("an object") };
        Value::Object(hidden(Cow::Owned(person), dates::parse_day(today).unwrap()).into_owned())
    }

    #[test]
    fn from_the_twenty_first_birthday_on_only_the_number_is_sent() {
        let full = sent("2005-11-22", "2026-11-21");
        assert_eq!(full["childrenbirthrecords"][0]["name"]["value"], "A");
        for (born, today) in [("2005-11-21", "2026-11-21"), ("1990-01-01", "2026-11-21"), ("2004", "2026-01-01")] {
            let person = sent(born, today);
            assert_eq!(
                person["childrenbirthrecords"][0],
                json!({
                    "source": "1", "birthcertno": {"value": "T0000051A"}, "name": {"value": ""}, "dob": {"value": ""},
                    "sex": {"code": "", "desc": ""}, "vaccinationrequirements": [],
                }),
                "{born}"
            );
            assert_eq!(person["sponsoredchildrenrecords"][0], json!({"nric": {"value": "S0"}, "dob": {"value": ""}}));
        }
    }

    #[test]
    fn a_date_without_its_day_counts_when_every_day_of_it_is_past() {
        let name = |born, today| sent(born, today)["childrenbirthrecords"][0]["name"]["value"].clone();
        assert_eq!((name("2005", "2026-12-30"), name("2005", "2026-12-31")), (json!("A"), json!("")));
        assert_eq!((name("2005-02", "2026-02-27"), name("2005-02", "2026-02-28")), (json!("A"), json!("")));
        assert_eq!(name("", "2026-02-28"), json!("A"));
    }
}
