//! Where the documents are from which the rules come: an address for a document and a place in it.

/// The published specification of v3.
const SPEC: &str = "https://public.cloud.myinfo.gov.sg/myinfo/tuo/myinfo-tuo-specs.html";
/// Its places, by what a section begins with; a longer beginning goes before a shorter one.
const PLACES_OF_SPEC: [(&str, &str); 7] = [
    ("authorise", "#operation/getauthorise"),
    ("token", "#operation/gettoken"),
    ("person-basic", "#operation/getpersonbasic"),
    ("person", "#operation/getperson"),
    ("Authorization header", "#section/Security/Request-Signing"),
    ("error code", "#section/Security/Request-Signing"),
    ("", ""),
];

/// The developer's documents of Singpass.
const DOC: &str = "https://docs.developer.singpass.gov.sg/docs/technical-specifications";
/// The pages of its integration guide, and of what is explained beside it, by what a section begins with.
const PLACES_OF_DOC: [(&str, &str); 6] = [
    ("1.", "/integration-guide/1.-authorization-request"),
    ("2.", "/integration-guide/2.-redirect"),
    ("3.", "/integration-guide/3.-token-exchange"),
    ("5.", "/integration-guide/5.-requesting-for-userinfo"),
    ("Technical concepts", "/technical-concepts"),
    ("", ""),
];

/// The address of a place in a document; nothing for what no document says.
pub(crate) fn link(document: &str, section: &str) -> Option<String> {
    let place = |places: &[(&str, &'static str)]| {
        let found = places.iter().find(|(start, _)| section.starts_with(start));
        found.map_or("", |(_, place)| *place)
    };
    match document {
        "SPEC" => Some(format!("{SPEC}{}", place(&PLACES_OF_SPEC))),
        "DOC" => Some(format!("{DOC}{}", place(&PLACES_OF_DOC))),
        "LEG" => Some(format!("{DOC}/singpass-authentication-api")),
        _ => {
            let number = document.strip_prefix("RFC ")?;
            Some(format!("https://www.rfc-editor.org/rfc/rfc{number}{}", place_of_rfc(section)))
        }
    }
}

/// `§4.3, check 9` as the anchor of an RFC.
fn place_of_rfc(section: &str) -> String {
    let Some(number) = section.strip_prefix('§') else { return String::new() };
    let end = number.find(|character: char| !character.is_ascii_digit() && character != '.');
    let number = number.get(..end.unwrap_or(number.len())).unwrap_or_default();
    format!("#section-{}", number.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_linked_where_the_rule_is_found() {
        for (document, section, end) in [
            ("RFC 9449", "§4.3, check 9", "/rfc9449#section-4.3"),
            ("RFC 9449", "§8, §9", "/rfc9449#section-8"),
            ("SPEC", "token, 401", "specs.html#operation/gettoken"),
            ("SPEC", "person-basic, 403", "#operation/getpersonbasic"),
            ("SPEC", "person", "#operation/getperson"),
            ("SPEC", "Appendix A", "specs.html"),
            ("DOC", "3. Token exchange, invalid_grant", "/3.-token-exchange"),
            ("DOC", "Technical concepts, DPoP", "/technical-concepts"),
            ("LEG", "token endpoint", "/singpass-authentication-api"),
        ] {
            let link = link(document, section).unwrap();
            assert!(link.starts_with("https://") && link.ends_with(end), "{document}, {section}: {link}");
        }
        for document in ["guess", "this mock"] {
            assert_eq!(link(document, "whatever"), None);
        }
    }
}
