//! Attribute lists: how they are read, and what a name is that v3 does not have.

use crate::persona::catalogue::{Catalogue, Version};
use crate::text::distinct;

/// The attributes as a list, each once. Raw and escaped commas are the same here.
pub(super) fn attribute_list(text: &str) -> Vec<String> {
    let names = distinct(text.split(',').map(str::trim).filter(|name| !name.is_empty()));
    names.into_iter().map(str::to_owned).collect()
}

/// The first name of a list that is no attribute of v3.
pub(super) fn first_unknown<'n>(catalogue: &Catalogue, names: &'n [String]) -> Option<&'n str> {
    names.iter().map(String::as_str).find(|name| !catalogue.is_scope(Version::V3, name))
}

/// Why a name is no attribute of v3, and what was meant; `sent` is the whole list as it came.
pub(super) fn explain(catalogue: &Catalogue, sent: &str, unknown: &str) -> String {
    let shown: String = unknown.chars().take(80).collect();
    if let Some(what) = another_list(catalogue, sent, unknown) {
        return format!("`{shown}` {what}");
    }
    let known = |name: &str| catalogue.is_scope(Version::V3, name);
    let lower = unknown.to_lowercase();
    let said = if let Some(elsewhere) = catalogue.elsewhere(Version::V3, unknown) {
        elsewhere
    } else if known(&lower) {
        format!("names are in small letters: `{lower}`")
    } else if let Some((_, right)) = OTHER_NAMES.iter().find(|(name, _)| *name == lower) {
        format!("it is called `{right}`")
    } else if let Some(whole) = unknown.split_once('.').map(|(item, _)| item).filter(|item| known(item)) {
        format!("v3 has `{whole}` as a whole, without members")
    } else {
        let near = catalogue.nearest_scopes(Version::V3, unknown);
        format!("near to it: {}", if near.is_empty() { "nothing".to_owned() } else { near.join(", ") })
    };
    let separator = if unknown.contains(' ') { "; v3 separates attributes by commas, not by spaces" } else { "" };
    format!("`{shown}` is no v3 attribute; {said}{separator}")
}

/// A list in another form than with commas between bare names.
fn another_list(catalogue: &Catalogue, sent: &str, unknown: &str) -> Option<String> {
    let known = |name: &str| catalogue.is_scope(Version::V3, name.trim());
    let trimmed = sent.trim();
    if trimmed.starts_with('[') && trimmed.ends_with(']') {
        return Some(
            "comes from a list in brackets, as JSON has them; v3 wants bare names with commas between".to_owned(),
        );
    }
    let decoded = percent_encoding::percent_decode_str(unknown).decode_utf8().unwrap_or_default();
    if decoded != unknown && decoded.split([',', ' ', '+']).all(known) {
        return Some("is percent-encoded twice: encode the list once, or let the library do it".to_owned());
    }
    if super::instead::unquoted(unknown).is_some_and(known) {
        return Some("is in quotes; v3 wants bare names".to_owned());
    }
    let separated = SEPARATORS.iter().find(|(mark, _)| unknown.contains(*mark) && unknown.split(*mark).all(known));
    separated.map(|(_, name)| format!("is a list separated by {name}; v3 separates attributes by commas"))
}

const SEPARATORS: [(char, &str); 6] =
    [(' ', "spaces"), (';', "semicolons"), ('|', "bars"), ('+', "plus signs"), ('\n', "line breaks"), ('\t', "tabs")];

/// What people call an attribute, and its name.
const OTHER_NAMES: [(&str, &str); 13] = [
    ("nric", "uinfin"),
    ("fin", "uinfin"),
    ("nricfin", "uinfin"),
    ("nric_fin", "uinfin"),
    ("uin", "uinfin"),
    ("gender", "sex"),
    ("birthdate", "dob"),
    ("dateofbirth", "dob"),
    ("date_of_birth", "dob"),
    ("mobile", "mobileno"),
    ("address", "regadd"),
    ("maritalstatus", "marital"),
    ("academicqualification", "academicqualifications"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_by_a_name_that_v3_does_not_have() {
        let catalogue = Catalogue::load().unwrap();
        for (sent, says) in [
            ("natonality", "near to it: nationality"),
            ("name sex", "a list separated by spaces"),
            ("name;sex", "a list separated by semicolons"),
            ("name|sex", "a list separated by bars"),
            ("name+sex", "a list separated by plus signs"),
            ("name\nsex", "a list separated by line breaks"),
            ("[\"name\",\"sex\"]", "a list in brackets"),
            ("'name'", "in quotes"),
            ("name%2Csex", "percent-encoded twice"),
            ("Name", "names are in small letters: `name`"),
            ("UINFIN", "names are in small letters: `uinfin`"),
            ("nric", "it is called `uinfin`"),
            ("regadd.postal", "v3 has `regadd` as a whole"),
            ("vehicles", "near to it: vehicles."),
            ("assessableincome", "v2's `assessableincome` is `noa-basic` in v3"),
            ("cpfbalances.oa", "`cpfbalances.oa` is a v5 name; v3 has `cpfbalances`"),
            ("chas", "`chas` is a v4 and v5 name"),
            ("openid", "`openid` belongs to FAPI"),
            ("zzzzzzz", "near to it: nothing"),
        ] {
            let names = attribute_list(sent);
            let unknown = first_unknown(&catalogue, &names).unwrap_or_else(|| panic!("{sent} is known"));
            let said = explain(&catalogue, sent, unknown);
            assert!(said.contains(says), "{sent}: {said}");
        }
    }

    #[test]
    fn attributes_of_clients_in_use_are_known() {
        let catalogue = Catalogue::load().unwrap();
        let names =
            ["childrenbirthrecords", "sponsoredchildrenrecords"].map(|item| format!("{item}.vaccinationrequirements"));
        assert_eq!(first_unknown(&catalogue, &names), None);
    }
}
