//! The person: typed access to the document, with the kinds of absence kept apart and unknown items kept.

use crate::identity::Identity;
use serde_json::{Map, Value};

/// A person document, verified. `Debug` shows the names of its items only.
#[derive(Clone, PartialEq)]
pub struct Person {
    json: String,
    items: Map<String, Value>,
    identity: Option<Identity>,
}

/// One item of the document.
///
/// Myinfo has six ways of saying that there is nothing, and they mean different things. Five are variants here; the sixth,
/// an agency that is down, gives no document at all but [`crate::Error::Upstream`].
#[derive(Debug, Clone, PartialEq)]
pub enum Field<T> {
    /// The item was not requested, not consented to, or does not exist for this person: the key is missing.
    NotSent,
    /// The agency has no data (`unavailable: true`).
    Unavailable(Metadata),
    /// The item does not apply to this kind of person (source 3); published data sometimes hold a value all the same.
    NotApplicable(Metadata, Option<T>),
    /// The item exists and is empty: an empty text, an empty code.
    Empty(Metadata),
    /// An empty list: no records.
    NoRecords,
    /// A value.
    Present(Metadata, T),
}

/// Where a value comes from and when it was last changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Who vouches for the value.
    pub source: Source,
    /// A date, or nothing where the agency holds no record.
    pub last_updated: Option<String>,
}

/// Who vouches for a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// 1: verified by the government.
    Government,
    /// 2: provided by the user, verified by nobody.
    User,
    /// 3: not applicable to this person.
    NotApplicable,
    /// 4: verified by Singpass.
    Singpass,
    /// Missing or unknown: treat it as unverified.
    Unknown,
}

/// A code with its text. Compare codes; the texts change over the years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coded<'a> {
    /// The code, in Myinfo's own tables: countries are not ISO 3166.
    pub code: &'a str,
    /// The text.
    pub desc: &'a str,
}

/// A telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phone<'a> {
    /// `+`.
    pub prefix: &'a str,
    /// The country's code, for example `65`.
    pub area_code: &'a str,
    /// The number.
    pub number: &'a str,
}

/// An address, in one of its two forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address<'a> {
    /// In Singapore, in parts; each may be empty.
    Singapore {
        /// Block or house number.
        block: &'a str,
        /// Building.
        building: &'a str,
        /// Floor.
        floor: &'a str,
        /// Unit.
        unit: &'a str,
        /// Street.
        street: &'a str,
        /// Six digits.
        postal: &'a str,
    },
    /// Anywhere, in two lines.
    Unformatted {
        /// First line.
        line1: &'a str,
        /// Second line.
        line2: &'a str,
    },
}

impl Person {
    /// Reads a verified document.
    pub(crate) fn read(json: Vec<u8>) -> Option<Self> {
        let json = String::from_utf8(json).ok()?;
        let items = serde_json::from_str(&json).ok()?;
        Some(Self { json, items, identity: None })
    }

    /// Somebody of whom no document was fetched: what a Login app gets.
    pub(crate) fn without_document(identity: Identity) -> Self {
        Self { json: "{}".to_owned(), items: Map::new(), identity: Some(identity) }
    }

    /// The same without some members, which stand beside the person's items; the document stays as it was signed.
    pub(crate) fn without_claims(mut self, names: &[&str]) -> Self {
        self.items.retain(|name, _| !names.contains(&name.as_str()));
        self
    }

    /// The same, with who logged in.
    pub(crate) fn of(self, identity: Identity) -> Self {
        Self { identity: Some(identity), ..self }
    }

    /// Who logged in, as the ID token says it: always with FAPI, never with v3. A Login app gets this and no items.
    pub const fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// The document exactly as Myinfo signed it: for numbers whose every digit counts, and for records.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Every item, those unknown to this library included.
    pub const fn items(&self) -> &Map<String, Value> {
        &self.items
    }

    /// NRIC or FIN.
    pub fn uinfin(&self) -> Field<&str> {
        self.text("uinfin")
    }

    /// The full name.
    pub fn name(&self) -> Field<&str> {
        self.text("name")
    }

    /// The date of birth: `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
    pub fn dob(&self) -> Field<&str> {
        self.text("dob")
    }

    /// F, M or U.
    pub fn sex(&self) -> Field<Coded<'_>> {
        self.coded("sex")
    }

    /// The nationality, in its own code table.
    pub fn nationality(&self) -> Field<Coded<'_>> {
        self.coded("nationality")
    }

    /// The country of birth, in its own code table.
    pub fn birthcountry(&self) -> Field<Coded<'_>> {
        self.coded("birthcountry")
    }

    /// The registered address.
    pub fn regadd(&self) -> Field<Address<'_>> {
        self.address("regadd")
    }

    /// The mobile number.
    pub fn mobileno(&self) -> Field<Phone<'_>> {
        self.phone("mobileno")
    }

    /// The email address.
    pub fn email(&self) -> Field<&str> {
        self.text("email")
    }

    /// An item that is one text, by its name.
    pub fn text(&self, name: &str) -> Field<&str> {
        self.field(name, |item| item.get("value").and_then(Value::as_str), |text| text.is_empty())
    }

    /// An item that is one number.
    pub fn number(&self, name: &str) -> Field<f64> {
        self.field(name, |item| item.get("value").and_then(Value::as_f64), |_| false)
    }

    /// An item that is true or false; the text `"false"` that once was recorded counts, too.
    pub fn boolean(&self, name: &str) -> Field<bool> {
        let read = |item: &Value| {
            let value = item.get("value")?;
            value.as_bool().or_else(|| value.as_str()?.parse().ok())
        };
        self.field(name, read, |_| false)
    }

    /// An item that is a code with its text.
    pub fn coded(&self, name: &str) -> Field<Coded<'_>> {
        let read = |item| Some(Coded { code: part(item, "code")?, desc: part(item, "desc").unwrap_or_default() });
        self.field(name, read, |coded| coded.code.is_empty())
    }

    /// An item that is a telephone number.
    pub fn phone(&self, name: &str) -> Field<Phone<'_>> {
        let read = |item| {
            Some(Phone {
                prefix: value_of(item, "prefix").unwrap_or_default(),
                area_code: value_of(item, "areacode").unwrap_or_default(),
                number: value_of(item, "nbr")?,
            })
        };
        self.field(name, read, |phone| phone.number.is_empty())
    }

    /// An item that is an address.
    pub fn address(&self, name: &str) -> Field<Address<'_>> {
        let read = |item| {
            let value = |name| value_of(item, name).unwrap_or_default();
            match part(item, "type")? {
                "SG" => Some(Address::Singapore {
                    block: value("block"),
                    building: value("building"),
                    floor: value("floor"),
                    unit: value("unit"),
                    street: value("street"),
                    postal: value("postal"),
                }),
                // spelt Unformatted before version 3.2.0
                other if other.eq_ignore_ascii_case("unformatted") => {
                    Some(Address::Unformatted { line1: value("line1"), line2: value("line2") })
                }
                _ => None,
            }
        };
        self.field(name, read, |address| match address {
            Address::Singapore { block, building, floor, unit, street, postal } => {
                [block, building, floor, unit, street, postal].iter().all(|part| part.is_empty())
            }
            Address::Unformatted { line1, line2 } => line1.is_empty() && line2.is_empty(),
        })
    }

    /// An item that is a list of records, such as `vehicles`.
    pub fn records(&self, name: &str) -> Field<&[Value]> {
        match self.items.get(name) {
            None => Field::NotSent,
            Some(Value::Array(records)) if records.is_empty() => Field::NoRecords,
            Some(Value::Array(records)) => Field::Present(metadata(records.first().unwrap_or(&Value::Null)), records),
            Some(item) if is_unavailable(item) => Field::Unavailable(metadata(item)),
            Some(item) => Field::Empty(metadata(item)),
        }
    }

    fn field<'a, T>(
        &'a self,
        name: &str,
        read: impl Fn(&'a Value) -> Option<T>,
        is_empty: impl Fn(&T) -> bool,
    ) -> Field<T> {
        let Some(item) = self.items.get(name) else {
            return Field::NotSent;
        };
        let metadata = metadata(item);
        // FIN holders' CPF items come with source 3 and `unavailable` at once
        if metadata.source == Source::NotApplicable {
            return Field::NotApplicable(metadata, read(item).filter(|value| !is_empty(value)));
        }
        if is_unavailable(item) {
            return Field::Unavailable(metadata);
        }
        match read(item) {
            Some(value) if !is_empty(&value) => Field::Present(metadata, value),
            _ => Field::Empty(metadata),
        }
    }
}

impl std::fmt::Debug for Person {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Person").field(&self.items.keys().collect::<Vec<_>>()).finish()
    }
}

impl<T> Field<T> {
    /// The value, where there is one that applies to this person.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Present(_, value) => Some(value),
            Self::NotSent | Self::Unavailable(_) | Self::NotApplicable(..) | Self::Empty(_) | Self::NoRecords => None,
        }
    }
}

fn metadata(item: &Value) -> Metadata {
    let source = match part(item, "source") {
        Some("1") => Source::Government,
        Some("2") => Source::User,
        Some("3") => Source::NotApplicable,
        Some("4") => Source::Singpass,
        _ => Source::Unknown,
    };
    Metadata { source, last_updated: part(item, "lastupdated").filter(|day| !day.is_empty()).map(str::to_owned) }
}

fn is_unavailable(item: &Value) -> bool {
    item.get("unavailable") == Some(&Value::Bool(true))
}

fn part<'a>(item: &'a Value, name: &str) -> Option<&'a str> {
    item.get(name)?.as_str()
}

fn value_of<'a>(item: &'a Value, name: &str) -> Option<&'a str> {
    part(item.get(name)?, "value")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A persona's whole record, read as if Myinfo had sent it.
    fn person(id: &str) -> Person {
        let files = myinfo_fixtures::persona::PUBLISHED.iter().chain(myinfo_fixtures::persona::EDGE);
        let file = files.into_iter().find(|file| file.id == id).unwrap();
        let file: Value = serde_json::from_str(file.json).unwrap();
        Person::read(file["person"].to_string().into_bytes()).unwrap()
    }

    #[test]
    fn the_kinds_of_absence_are_kept_apart() {
        let andy = person("S6005048A");
        assert!(matches!(andy.name(), Field::Present(Metadata { source: Source::Government, .. }, "ANDY LAU")));
        assert!(matches!(andy.email(), Field::Empty(Metadata { source: Source::Singpass, .. })));
        assert!(matches!(andy.mobileno(), Field::Empty(_)));
        assert!(matches!(andy.coded("passtype"), Field::NotApplicable(_, None)));
        assert_eq!(andy.text("gradyear"), Field::NotSent);
        let nothing = person("S0000001I");
        assert!(matches!(nothing.dob(), Field::Unavailable(Metadata { last_updated: None, .. })));
        assert_eq!(nothing.records("vehicles"), Field::NoRecords);
        assert!(matches!(person("F1612351W").regadd(), Field::NotApplicable(_, Some(Address::Singapore { .. }))));
    }

    #[test]
    fn both_forms_of_an_address_are_read() {
        assert!(matches!(
            person("S6005048A").regadd(),
            Field::Present(
                _,
                Address::Singapore {
                    block: "319",
                    street: "ANCHORVALE DRIVE",
                    floor: "38",
                    unit: "10",
                    postal: "542319",
                    ..
                }
            )
        ));
        assert!(matches!(person("S9912364H").regadd(), Field::Present(_, Address::Unformatted { .. })));
    }

    #[test]
    fn unknown_items_and_every_digit_are_kept() {
        let json = r#"{"novelty":{"value":1},"amount":{"value":123456789012345678901.10}}"#;
        let person = Person::read(json.into()).unwrap();
        assert!(person.items().contains_key("novelty"));
        assert_eq!(person.json(), json);
    }

    #[test]
    fn debug_output_shows_no_personal_data() {
        assert!(!format!("{:?}", person("S6005048A")).contains("ANDY"));
    }
}
