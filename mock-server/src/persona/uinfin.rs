//! NRIC and FIN numbers: shape, check letter, masks.

/// The numbers' shape: a prefix, seven digits, a letter.
pub(crate) fn is_well_formed(text: &str) -> bool {
    matches!(text.as_bytes(), [b'S' | b'T' | b'F' | b'G' | b'M', digits @ .., letter]
        if digits.len() == 7 && digits.iter().all(u8::is_ascii_digit) && letter.is_ascii_uppercase())
}

/// The check letter that belongs to a well-formed number; nothing for any other text.
///
/// The sum of the digits times (2, 7, 6, 5, 4, 3, 2), plus 4 for T and G and 3 for M, modulo 11, picks the letter.
pub(crate) fn check_letter(text: &str) -> Option<char> {
    if !is_well_formed(text) {
        return None;
    }
    let (prefix, rest) = text.split_at(1);
    let (offset, letters) = match prefix {
        "S" => (0, "JZIHGFEDCBA"),
        "T" => (4, "JZIHGFEDCBA"),
        "F" => (0, "XWUTRQPNMLK"),
        "G" => (4, "XWUTRQPNMLK"),
        _ => (3, "XWUTRQPNJLK"),
    };
    let sum: u32 =
        rest.chars().zip([2, 7, 6, 5, 4, 3, 2]).filter_map(|(digit, weight)| Some(digit.to_digit(10)? * weight)).sum();
    letters.chars().nth(((offset + sum) % 11) as usize)
}

/// Whether the number is that of a foreigner (F, G, M).
pub(crate) fn is_foreigner(text: &str) -> bool {
    text.starts_with(['F', 'G', 'M'])
}

/// The value of `partialuinfin`: five asterisks, the last three digits, the letter.
pub(crate) fn partial(text: &str) -> String {
    let tail: String = text.chars().skip(5).collect();
    format!("*****{tail}")
}

/// The text with everything that looks like an NRIC or FIN masked where it is a word of its own: for logs below debug level.
///
/// Inside a longer word it is no number of a person but a part of a random value, which stays what it is.
pub(crate) fn mask_all(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut end = 0;
    for (start, _) in text.match_indices(|character: char| "STFGMstfgm".contains(character)) {
        let number = text.get(start..start + LENGTH).filter(|number| is_well_formed(&number.to_uppercase()));
        let Some(number) = number.filter(|_| start >= end && stands_alone(text, start)) else { continue };
        masked.push_str(text.get(end..start).unwrap_or_default());
        masked.push_str(&partial(number));
        end = start + LENGTH;
    }
    masked.push_str(text.get(end..).unwrap_or_default());
    masked
}

/// How many bytes a number has.
const LENGTH: usize = 9;

/// Whether neither letter nor digit stands right before or behind the number at a place.
fn stands_alone(text: &str, start: usize) -> bool {
    let (before, behind) = (text.get(..start).unwrap_or_default(), text.get(start + LENGTH..).unwrap_or_default());
    let joined = before.ends_with(|character: char| character.is_ascii_alphanumeric()) && !ends_with_escape(before);
    !joined && !behind.starts_with(|character: char| character.is_ascii_alphanumeric())
}

/// Whether a text ends with an escape of an address, once or more (`%3A`, `%253A`), or of JSON (`\n`, `\u000a`).
fn ends_with_escape(text: &str) -> bool {
    let without = |digits: usize| {
        let (rest, code) = text.split_at_checked(text.len().checked_sub(digits)?)?;
        code.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(rest)
    };
    let of_address = without(2).is_some_and(|rest| rest.trim_end_matches("25").ends_with('%'));
    let of_json = without(4).is_some_and(|rest| rest.ends_with("\\u"));
    of_address || of_json || ["\\n", "\\r", "\\t", "\\b", "\\f"].iter().any(|escape| text.ends_with(escape))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn check_letters_follow_the_published_examples() {
        for (number, right) in [
            ("S6005048A", 'A'),
            ("T0066846F", 'F'),
            ("F1612345P", 'P'),
            ("G1612348Q", 'Q'),
            ("M5012345J", 'J'),
            ("S9812388Z", 'A'),
            ("F9477325W", 'M'),
            ("S1234567A", 'D'),
        ] {
            assert_eq!(check_letter(number), Some(right), "{number}");
        }
        assert_eq!(check_letter("A6005046W"), None);
    }

    #[test]
    fn numbers_in_a_text_are_masked() {
        assert_eq!(mask_all("/gov/v3/person/S6005048A/?x=G1612348Q"), "/gov/v3/person/*****048A/?x=*****348Q");
        assert_eq!(mask_all("STG2-MYINFO-SELF-TEST"), "STG2-MYINFO-SELF-TEST");
        assert_eq!(mask_all("s6005048a"), "*****048a");
    }

    #[test]
    fn what_is_escaped_beside_a_number_is_no_part_of_it() {
        for (text, shown) in [
            ("sub%3AS1234567D%26x", "sub%3A*****567D%26x"),
            ("sub%253AS1234567D%2526x", "sub%253A*****567D%2526x"),
            (r#"{"a":"\nS1234567D\t\u000aS1234567D"}"#, r#"{"a":"\n*****567D\t\u000a*****567D"}"#),
            ("u=S1234567D,c=SG;S1234567D_G1612348Q", "u=*****567D,c=SG;*****567D_*****348Q"),
            ("王S1234567D王", "王*****567D王"),
        ] {
            assert_eq!(mask_all(text), shown);
        }
    }

    #[test]
    fn a_random_value_that_looks_like_a_number_in_its_midst_is_kept() {
        for text in ["f084b90f73d3500868da38f1234567d914dcfca", "f1234567d9", "9f1234567d", "xS6005048A", "S6005048Ax"]
        {
            assert_eq!(mask_all(text), text);
        }
    }

    proptest! {
        #[test]
        fn masking_never_panics_and_leaves_no_number(before in "(.{0,40}[^0-9A-Za-z])?",
            behind in "([^0-9A-Za-z].{0,40})?") {
            let masked = mask_all(&format!("{before}S6005048A{behind}"));
            prop_assert!(!masked.contains("S6005048A"));
        }
    }
}
