//! What is wrong with a timestamp: its form, its unit, or the clock.

/// What is wrong, and what to do about it; nothing for a timestamp within the tolerance.
pub(super) fn explain(sent: &str, now: u64, tolerated_seconds: u64) -> Option<(String, &'static str)> {
    let near = |moment: u64| moment.abs_diff(now) <= tolerated_seconds * 1000;
    let Ok(number) = sent.parse::<u64>() else { return Some(no_number(sent, now)) };
    if near(number) {
        return None;
    }
    let mut readings = UNITS.iter().filter_map(|unit| Some((unit, (unit.read)(number)?)));
    if let Some((unit, _)) = readings.clone().find(|(_, moment)| near(*moment)) {
        let hint = format!("timestamp `{number}` is {}, the wrong unit; the clock itself is right", unit.name);
        return Some((hint, unit.fix));
    }
    // as milliseconds it is decades away, in this unit it is not
    if number.abs_diff(now) > DECADE
        && let Some((unit, moment)) = readings.find(|(_, moment)| moment.abs_diff(now) < YEAR)
    {
        let hint = format!(
            "timestamp `{number}` is decades away as milliseconds; read as {}, {}",
            unit.name.trim_start_matches("in "),
            off_by(moment, now, tolerated_seconds)
        );
        return Some((hint, "send milliseconds since 1970, and set the clock of the machine right"));
    }
    let hint =
        format!("timestamp `{number}` is {}", off_by(number, now, tolerated_seconds).trim_start_matches("it is "));
    Some((hint, "set the clock of the machine right, and take the time when the request is made"))
}

/// How far a moment is from the clock, and on which side.
fn off_by(moment: u64, now: u64, tolerated_seconds: u64) -> String {
    let seconds = now.abs_diff(moment) / 1000;
    let side = if moment < now { "behind" } else { "ahead of" };
    let zone = if seconds < 15 * 3600 && (seconds.is_multiple_of(1800) || (seconds + 5) % 1800 < 10) {
        "; that is about a whole number of half hours: a time zone taken for UTC?"
    } else {
        ""
    };
    format!("it is {seconds} s {side} the server's clock ({now}); {tolerated_seconds} s are tolerated{zone}")
}

/// A timestamp that is no whole number.
fn no_number(sent: &str, now: u64) -> (String, &'static str) {
    let shown: String = sent.chars().take(40).collect();
    let expected = format!("expected milliseconds since 1970 in digits, like {now}");
    let what = if let Some(instead) = super::instead::instead_of("timestamp", sent) {
        return (format!("timestamp {instead}; {expected}"), "send milliseconds since 1970 as digits");
    } else if sent.trim().parse::<u64>().is_ok() {
        "with white space around it"
    } else if sent.parse::<f64>().is_ok_and(f64::is_finite) {
        "with a fraction, an exponent or a sign"
    } else if sent.starts_with(|first: char| first.is_ascii_digit()) && sent.contains('T') && sent.contains(':') {
        "a date in the form of ISO 8601"
    } else if sent.contains(':') {
        "a date as text"
    } else if sent.replace([',', '.', ' ', '_', '\'', '’'], "").parse::<u64>().is_ok() {
        "with separators between its digits"
    } else {
        "no number"
    };
    (format!("timestamp is `{shown}`, {what}; {expected}"), "send milliseconds since 1970 as digits")
}

/// A unit in which a moment may have been written.
struct Unit {
    name: &'static str,
    /// The moment in milliseconds since 1970.
    read: fn(u64) -> Option<u64>,
    fix: &'static str,
}

const UNITS: [Unit; 5] = [
    Unit {
        name: "in seconds",
        read: |number| number.checked_mul(1000),
        fix: "multiply by 1000: v3 wants milliseconds",
    },
    Unit { name: "in microseconds", read: |number| Some(number / 1000), fix: "divide by 1000: v3 wants milliseconds" },
    Unit {
        name: "in nanoseconds",
        read: |number| Some(number / 1_000_000),
        fix: "divide by 1,000,000: v3 wants milliseconds",
    },
    Unit {
        name: "in .NET ticks (100 ns since the year 1)",
        read: |number| Some(number / TICKS_A_MILLISECOND).and_then(|number| number.checked_sub(YEAR_1_TO_1970)),
        fix: "use DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(): v3 wants milliseconds since 1970",
    },
    Unit {
        name: "in Windows file time (100 ns since 1601)",
        read: |number| Some(number / TICKS_A_MILLISECOND).and_then(|number| number.checked_sub(YEAR_1601_TO_1970)),
        fix: "use milliseconds since 1970",
    },
];

const TICKS_A_MILLISECOND: u64 = 10_000;
/// Milliseconds from 1 January of the year 1 to 1970.
const YEAR_1_TO_1970: u64 = 62_135_596_800_000;
/// Milliseconds from 1 January 1601 to 1970.
const YEAR_1601_TO_1970: u64 = 11_644_473_600_000;
const YEAR: u64 = 366 * 86_400_000;
const DECADE: u64 = 10 * YEAR;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000_000;

    fn said(sent: impl std::fmt::Display) -> String {
        explain(&format!("{sent}"), NOW, 300).map(|(hint, _)| hint).unwrap_or_default()
    }

    #[test]
    fn a_timestamp_within_the_tolerance_is_none_of_this() {
        for sent in [NOW, NOW - 300_000, NOW + 300_000] {
            assert_eq!(said(sent), "");
        }
    }

    #[test]
    fn units_are_told_apart() {
        for (sent, says) in [
            (NOW / 1000, "is in seconds, the wrong unit; the clock itself is right"),
            (NOW * 1000, "in microseconds"),
            (NOW * 1_000_000, "in nanoseconds"),
            ((NOW + YEAR_1_TO_1970) * 10_000, "in .NET ticks"),
            ((NOW + YEAR_1601_TO_1970) * 10_000, "Windows file time"),
            (NOW / 1000 - 3_700, "read as seconds, it is 3700 s behind"),
            (NOW - 301_000, "301 s behind the server's clock"),
            (NOW + 28_800_000, "28800 s ahead of the server's clock"),
            (NOW + 86_400_000 * 30, "2592000 s ahead"),
            (1, "behind the server's clock"),
        ] {
            assert!(said(sent).contains(says), "{sent}: {}", said(sent));
        }
        assert!(said(NOW + 28_800_000).contains("time zone") && !said(NOW + 86_400_000 * 30).contains("time zone"));
    }

    #[test]
    fn what_is_no_number_is_told_by_its_form() {
        for (sent, says) in [
            ("", "is empty"),
            ("undefined", "without a value"),
            ("NaN", "without a value"),
            (" 1700000000000", "white space"),
            ("1700000000000.0", "a fraction"),
            ("1700000000.123", "a fraction"),
            ("1.7e12", "a fraction, an exponent"),
            ("-1", "or a sign"),
            ("2023-11-14T22:13:20Z", "ISO 8601"),
            ("Tue Nov 14 2023 22:13:20 GMT", "a date as text"),
            ("1,700,000,000,000", "separators"),
            ("soon", "no number"),
        ] {
            assert!(said(sent).contains(says), "{sent}: {}", said(sent));
        }
    }
}
