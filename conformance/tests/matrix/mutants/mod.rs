//! The mutants: the reference connector with one defect each, in the order of the flow.

mod login;
mod person;
mod token;

use crate::driver::{Mutant, untold};
use crate::mend;
use myinfo_conformance::connector::driver::{Class, Outcome};
use myinfo_connector::ambient::{Ambient, System};
use serde_json::{Map, Value};
use time::OffsetDateTime;

/// Every mutant, in the order of the page.
pub(crate) fn all() -> impl Iterator<Item = &'static Mutant> {
    [login::MUTANTS, token::MUTANTS, person::MUTANTS].into_iter().flatten()
}

/// A table of mutants: an id, what the connector does wrong, and the steps that it does otherwise.
macro_rules! mutants {
    ($($id:literal $says:literal { $($field:ident: $value:expr),* $(,)? })*) => {
        pub(super) static MUTANTS: &[crate::driver::Mutant] =
            &[$(crate::driver::Mutant { id: $id, says: $says, $($field: $value,)* ..crate::driver::NONE }),*];
    };
}
use mutants;

/// Replaces a parameter's raw value in an address.
fn raw(url: &str, name: &str, change: impl Fn(&str) -> Option<String>) -> String {
    let Some((address, query)) = url.split_once('?') else { return url.to_owned() };
    let pairs = query.split('&').filter_map(|pair| {
        let (known, value) = pair.split_once('=')?;
        if known == name { change(value).map(|value| format!("{known}={value}")) } else { Some(pair.to_owned()) }
    });
    format!("{address}?{}", pairs.collect::<Vec<_>>().join("&"))
}

fn class_of(outcome: &Outcome) -> Option<Class> {
    match outcome {
        Outcome::Rejected { class, .. } => Some(*class),
        Outcome::Accepted { .. } | Outcome::Crash { .. } => None,
    }
}

/// Tells nothing where the refusal is of one kind.
fn untold_if(outcome: Outcome, class: Class) -> Outcome {
    if class_of(&outcome) == Some(class) { untold(outcome) } else { outcome }
}

fn crash_if(outcome: Outcome, class: Class) -> Outcome {
    if class_of(&outcome) == Some(class) { Outcome::Crash { message: "TypeError: undefined".into() } } else { outcome }
}

/// Changes the person that the application gets.
fn handed(outcome: Outcome, change: impl Fn(&mut Map<String, Value>)) -> Outcome {
    match outcome {
        Outcome::Accepted { person: Value::Object(mut person), claims } => {
            change(&mut person);
            Outcome::Accepted { person: Value::Object(person), claims }
        }
        other => other,
    }
}

/// Refuses a person of whom something holds.
fn refused_where(outcome: Outcome, holds: impl Fn(&Map<String, Value>) -> bool) -> Outcome {
    let refused = || Outcome::Rejected {
        class: Class::Malformed,
        native: "ValidationError".into(),
        message: "the data are not valid".into(),
    };
    where_it_holds(outcome, holds, refused)
}

/// Crashes at a person of whom something holds.
fn crashes_where(outcome: Outcome, holds: impl Fn(&Map<String, Value>) -> bool) -> Outcome {
    where_it_holds(outcome, holds, || Outcome::Crash { message: "TypeError: undefined".into() })
}

fn where_it_holds(outcome: Outcome, holds: impl Fn(&Map<String, Value>) -> bool, end: impl Fn() -> Outcome) -> Outcome {
    match outcome {
        Outcome::Accepted { person: Value::Object(person), .. } if holds(&person) => end(),
        other => other,
    }
}

/// The text of an item.
fn text_of(person: &Map<String, Value>, item: &str) -> Option<String> {
    person.get(item)?.get("value")?.as_str().map(str::to_owned)
}

/// The records of an item.
fn records<'p>(person: &'p Map<String, Value>, item: &str) -> &'p [Value] {
    person.get(item).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The day as a clock in UTC has it.
fn today() -> String {
    let now = OffsetDateTime::from_unix_timestamp(System.now_seconds().try_into().unwrap()).unwrap();
    format!("{}-{:02}-{:02}", now.year(), u8::from(now.month()), now.day())
}

fn in_every_item(person: &mut Map<String, Value>, change: impl Fn(&mut Map<String, Value>)) {
    person.values_mut().filter_map(Value::as_object_mut).for_each(change);
}

/// Signs the token anew where its header says one algorithm.
fn resign_if(answer: &mut myinfo_connector::transport::Response, alg: &str) {
    mend::token(answer, |jws| (jws.alg() == alg).then(|| jws.signed()));
}

fn resign_inner_if(answer: &mut myinfo_connector::transport::Response, algs: &[&str]) {
    mend::inner(answer, |text| {
        let jws = mend::Jws::read(text)?;
        algs.contains(&jws.alg()).then(|| jws.signed())
    });
}

fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

fn is_text(answer: &myinfo_connector::transport::Response, start: &str) -> bool {
    answer.status == 200 && answer.body.starts_with(start.as_bytes())
}
