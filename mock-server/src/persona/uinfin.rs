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

/// The text with everything that looks like an NRIC or FIN masked: for logs below debug level.
pub(crate) fn mask_all(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|character: char| "STFGMstfgm".contains(character)) {
        let (before, candidate) = rest.split_at(start);
        masked.push_str(before);
        let number = candidate.get(..9).filter(|number| is_well_formed(&number.to_uppercase()));
        let taken = number.map_or_else(|| candidate.chars().next().map_or(0, char::len_utf8), str::len);
        match number {
            Some(number) => masked.push_str(&partial(number)),
            None => masked.push_str(&candidate[..taken]),
        }
        rest = &candidate[taken..];
    }
    masked.push_str(rest);
    masked
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

    proptest! {
        #[test]
        fn masking_never_panics_and_leaves_no_number(text in ".{0,40}(S6005048A)?.{0,40}") {
            prop_assert!(!mask_all(&text).contains("S6005048A"));
        }
    }
}
