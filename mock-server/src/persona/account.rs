//! What kind of Singpass account a persona has, where it is not that of somebody with Myinfo data.

use super::check::code_tables;
use crate::text::meant;
use serde_json::{Map, Value, json};

/// The account with which a persona logs in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Account {
    /// That of a resident, who has Myinfo data.
    #[default]
    Standard,
    /// A Singpass Foreign Account. DOC, 4. Parsing the ID token, `account_type`.
    Foreign {
        /// The two letters of the country that issued the identity number.
        country: String,
        /// The identity number, where it is not the persona's id.
        number: Option<String>,
    },
    /// One that was made by hand on staging: there are no Myinfo data behind it.
    WithoutMyinfo,
}

/// The members of `account` in a persona file.
const MEMBERS: [&str; 3] = ["foreign", "number", "myinfo"];
/// How long an identity number may be: the catalogue's limit for a passport number.
const LONGEST_NUMBER: usize = 25;

impl Account {
    /// Reads the member `account` of a persona file; `null` is as good as none, which [`needless`] tells.
    pub(super) fn read(value: &Value) -> Result<Self, String> {
        let members = match value {
            Value::Null => return Ok(Self::Standard),
            Value::Object(members) => members,
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                return Err("`account` must be an object: {\"foreign\": \"MY\"} or {\"myinfo\": false}".to_owned());
            }
        };
        if let Some(odd) = members.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            let near = meant(odd, MEMBERS.into_iter());
            return Err(format!("`account` has no member `{odd}`, but `foreign`, `number` and `myinfo`{near}"));
        }
        let myinfo = match members.get("myinfo") {
            None | Some(Value::Bool(true)) => true,
            Some(Value::Bool(false)) => false,
            Some(other) => return Err(format!("`account.myinfo` is {other}; it is true or false, without quotes")),
        };
        match members.get("foreign") {
            None if members.contains_key("number") => {
                Err("`account.number` belongs to a foreign account: it stands beside `foreign`".to_owned())
            }
            None => Ok(if myinfo { Self::Standard } else { Self::WithoutMyinfo }),
            Some(_) if members.contains_key("myinfo") => {
                Err("`account` has `foreign` beside `myinfo`: a foreign account never has Myinfo data".to_owned())
            }
            Some(country) => Ok(Self::Foreign { country: read_country(country)?, number: read_number(members)? }),
        }
    }

    /// The account as a persona file has it; nothing for the usual one.
    pub(crate) fn written(&self) -> Option<Value> {
        match self {
            Self::Standard => None,
            Self::Foreign { country, number: None } => Some(json!({"foreign": country})),
            Self::Foreign { country, number: Some(number) } => Some(json!({"foreign": country, "number": number})),
            Self::WithoutMyinfo => Some(json!({"myinfo": false})),
        }
    }

    /// Why Myinfo has no data of this account; nothing where it has.
    pub(crate) fn without_data(&self) -> Option<String> {
        match self {
            Self::Standard => None,
            Self::Foreign { country, .. } => {
                Some(format!("a Singpass Foreign Account ({country}), of which Myinfo has no data"))
            }
            Self::WithoutMyinfo => Some("an account without Myinfo data, like one made by hand on staging".to_owned()),
        }
    }
}

/// What to say of an account that is the usual one, which a persona has without `account`; nothing of any other.
pub(crate) fn needless(value: &Value) -> Option<String> {
    let is_usual =
        |members: &Map<String, Value>| members.iter().all(|(name, value)| name == "myinfo" && *value == true);
    let needless = value.is_null() || value.as_object().is_some_and(is_usual);
    needless.then(|| {
        format!(
            "is {value}, and so the usual account, that of somebody with Myinfo data: leave `account` out, or write {{\"foreign\": \"MY\"}} or {{\"myinfo\": false}} for somebody of whom Myinfo has no data"
        )
    })
}

fn read_country(value: &Value) -> Result<String, String> {
    let told = value.as_str().unwrap_or_default();
    let codes = code_tables().remove("nationality").unwrap_or_default();
    match told {
        "SG" => Err("`account.foreign` is SG; a foreign account is that of another country".to_owned()),
        code if codes.contains_key(code) => Ok(code.to_owned()),
        _ => {
            let wanted = "the two capitals of the country that issued the identity number are expected, as in \"MY\"";
            let by_name = codes.iter().find(|(_, name)| {
                told.len() > 3 && name.get(..told.len()).is_some_and(|start| start.eq_ignore_ascii_case(told))
            });
            let near = by_name.map_or_else(
                || meant(told, codes.keys().map(String::as_str)),
                |(code, _)| format!("; did you mean `{code}`?"),
            );
            Err(format!("`account.foreign` is {value}; {wanted}{near}"))
        }
    }
}

fn read_number(members: &Map<String, Value>) -> Result<Option<String>, String> {
    let Some(value) = members.get("number") else { return Ok(None) };
    let good = |character: char| character.is_ascii_alphanumeric() || " -/".contains(character);
    match value.as_str() {
        Some(number) if (1..=LONGEST_NUMBER).contains(&number.len()) && number.chars().all(good) => {
            Ok(Some(number.to_owned()))
        }
        _ => Err(format!(
            "`account.number` must be text: 1 to {LONGEST_NUMBER} letters, digits, blanks, hyphens and slashes"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_written_as_it_was_read() {
        for account in
            [json!({"foreign": "MY"}), json!({"foreign": "IN", "number": "Z-99/1"}), json!({"myinfo": false})]
        {
            let read = Account::read(&account).unwrap();
            assert_eq!((read.written(), read.without_data().is_some()), (Some(account), true));
        }
    }

    #[test]
    fn an_account_that_says_nothing_is_the_usual_one_and_told_to_be() {
        for usual in [json!(null), json!({}), json!({"myinfo": true})] {
            let read = Account::read(&usual).unwrap();
            assert_eq!((&read, read.written(), read.without_data()), (&Account::Standard, None, None), "{usual}");
            let told = needless(&usual).unwrap();
            assert!(told.starts_with(&format!("is {usual}, and so the usual account")), "{told}");
            assert!(
                told.contains("leave `account` out, or write {\"foreign\": \"MY\"} or {\"myinfo\": false}"),
                "{told}"
            );
        }
        for other in [json!({"foreign": "MY"}), json!({"myinfo": false}), json!({"myinfo": "true"}), json!([])] {
            assert_eq!(needless(&other), None, "{other}");
        }
    }

    #[test]
    fn every_mistake_is_told_with_what_is_expected() {
        for (account, says) in [
            (json!("foreign"), "must be an object"),
            (json!({"foriegn": "MY"}), "`foriegn`, but `foreign`, `number` and `myinfo`; did you mean `foreign`?"),
            (json!({"myinfo": "false"}), "is \"false\"; it is true or false, without quotes"),
            (json!({"foreign": "SG"}), "that of another country"),
            (json!({"foreign": "my"}), "is \"my\"; the two capitals"),
            (json!({"foreign": "my"}), "did you mean `MY`?"),
            (json!({"foreign": "Malaysia"}), "did you mean `MY`?"),
            (json!({"foreign": "ZZ"}), "is \"ZZ\"; the two capitals"),
            (json!({"foreign": 7}), "is 7; the two capitals"),
            (json!({"foreign": "MY", "myinfo": true}), "never has Myinfo data"),
            (json!({"number": "A1"}), "belongs to a foreign account"),
            (json!({"foreign": "MY", "number": ""}), "must be text: 1 to 25"),
            (json!({"foreign": "MY", "number": "<b>"}), "must be text: 1 to 25"),
        ] {
            let told = Account::read(&account).unwrap_err();
            assert!(told.contains(says), "{account}: {told}");
        }
    }
}
