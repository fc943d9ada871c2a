//! Dates in persona files: checking literal ones, and resolving relative ones (`today-21y`, `month-3`, `year-1`).

use crate::ambient::Timestamp;
use serde_json::{Map, Value};
use time::{Date, Duration, Month, OffsetDateTime, UtcOffset};

/// The calendar day in Singapore (UTC+8) at a moment.
pub(crate) fn singapore_day(now: Timestamp) -> Date {
    let seconds = i64::try_from(now.seconds()).unwrap_or_default();
    let utc = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let offset = UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC);
    utc.checked_to_offset(offset).unwrap_or(utc).date()
}

/// A real calendar day written `YYYY-MM-DD`.
pub(crate) fn parse_day(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || month.len() != 2 || day.len() != 2 {
        return None;
    }
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}

/// The last day that a date can mean whose day, or month and day, may not be known: `1999`, `1999-02`, `1999-02-28`.
pub(crate) fn latest_day(text: &str) -> Option<Date> {
    match text.len() {
        4 => parse_day(&format!("{text}-12-31")),
        7 => (28..=31).rev().find_map(|day| parse_day(&format!("{text}-{day}"))),
        _ => parse_day(text),
    }
}

/// A day as the API writes it.
pub(crate) fn format_day(day: Date) -> String {
    format!("{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day())
}

/// What a relative date means on `today`; nothing when the text is no relative date.
///
/// `today` with signed counts of `d`, `m` or `y`, applied from left to right, gives a day; `month-3` a month; `year-1` a
/// year. A step by months or years that ends on a day which does not exist ends on the last day of that month.
pub(crate) fn resolve(text: &str, today: Date) -> Option<String> {
    if let Some(steps) = text.strip_prefix("today") {
        return walk(today, steps).map(format_day);
    }
    if let Some(count) = text.strip_prefix("month") {
        let day = add_months(today.replace_day(1).ok()?, signed(count)?)?;
        return Some(format!("{:04}-{:02}", day.year(), u8::from(day.month())));
    }
    let count = text.strip_prefix("year")?;
    let year = today.year().checked_add(i32::try_from(signed(count)?).ok()?)?;
    Some(format!("{year:04}"))
}

/// Whether a document holds any relative date.
pub(crate) fn has_relative(value: &Value) -> bool {
    match value {
        Value::String(text) => is_relative(text),
        Value::Array(items) => items.iter().any(has_relative),
        Value::Object(members) => members.values().any(has_relative),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The document with every relative date resolved.
pub(crate) fn resolve_all(document: &Map<String, Value>, today: Date) -> Map<String, Value> {
    document.iter().map(|(key, value)| (key.clone(), resolve_value(value, today))).collect()
}

fn is_relative(text: &str) -> bool {
    Date::from_calendar_date(2026, Month::January, 31).is_ok_and(|day| resolve(text, day).is_some())
}

fn resolve_value(value: &Value, today: Date) -> Value {
    match value {
        Value::String(text) => resolve(text, today).map_or_else(|| value.clone(), Value::String),
        Value::Array(items) => items.iter().map(|item| resolve_value(item, today)).collect(),
        Value::Object(members) => Value::Object(resolve_all(members, today)),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn walk(mut day: Date, mut steps: &str) -> Option<Date> {
    while !steps.is_empty() {
        let end = steps.find(['d', 'm', 'y'])?;
        let (count, rest) = steps.split_at(end);
        let count = signed(count).filter(|_| !count.is_empty())?;
        let (unit, rest) = rest.split_at(1);
        day = match unit {
            "d" => day.checked_add(Duration::days(count))?,
            "m" => add_months(day, count)?,
            _ => add_months(day, count.checked_mul(12)?)?,
        };
        steps = rest;
    }
    Some(day)
}

/// `+3`, `-12`, or nothing at all for 0.
fn signed(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let digits = text.strip_prefix(['+', '-'])?;
    if digits.is_empty() || digits.len() > 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn add_months(day: Date, count: i64) -> Option<Date> {
    let months = i64::from(day.year()) * 12 + i64::from(u8::from(day.month())) - 1 + count;
    let year = i32::try_from(months.div_euclid(12)).ok()?;
    let month = Month::try_from(u8::try_from(months.rem_euclid(12) + 1).ok()?).ok()?;
    Date::from_calendar_date(year, month, day.day().min(month.length(year))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn on(today: &str, text: &str) -> Option<String> {
        resolve(text, parse_day(today).unwrap())
    }

    #[test]
    fn relative_dates_resolve_against_the_clock() {
        assert_eq!(on("2026-11-21", "today").unwrap(), "2026-11-21");
        assert_eq!(on("2026-11-21", "today-21y").unwrap(), "2005-11-21");
        assert_eq!(on("2026-11-21", "today-21y+1d").unwrap(), "2005-11-22");
        assert_eq!(on("2026-03-31", "today-1m").unwrap(), "2026-02-28");
        assert_eq!(on("2028-02-29", "today-1y").unwrap(), "2027-02-28");
        assert_eq!(on("2026-01-15", "month-3").unwrap(), "2025-10");
        assert_eq!(on("2026-01-15", "year-1").unwrap(), "2025");
    }

    #[test]
    fn ordinary_texts_are_left_alone() {
        for text in ["", "todays", "today-", "today-1", "today-1w", "monthly", "yearly", "2026-01-01", "today1d"] {
            assert_eq!(on("2026-11-21", text), None, "{text}");
        }
    }

    #[test]
    fn the_day_turns_at_midnight_in_singapore() {
        assert_eq!(format_day(singapore_day(Timestamp(1_700_000_000_000))), "2023-11-15");
    }

    #[test]
    fn only_real_days_are_days() {
        assert!(parse_day("2024-02-29").is_some());
        for text in ["2023-02-29", "2024-13-01", "2024-1-01", "2024-01-01x", "20240101", "-024-01-01"] {
            assert!(parse_day(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(today|month|year)?[-+0-9dmy]{0,20}") {
            let _ = on("2026-11-21", &text);
        }
    }
}
