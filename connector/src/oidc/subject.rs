//! `sub` as the API before FAPI writes it: members with commas between them.

/// Who logged in: `u=<uuid>`; with the NRIC or FIN `s=<number>,u=<uuid>`; for a foreign account
/// `s=<uuid>,fid=<number>,coi=<country>,u=<uuid>`. LEG, ID token by profile.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Subject<'s> {
    uuid: &'s str,
    number: Option<&'s str>,
    foreign: Option<(&'s str, &'s str)>,
}

impl<'s> Subject<'s> {
    /// Reads a `sub` by the names of its members; nothing where it has another form, as FAPI's.
    pub fn read(sub: &'s str) -> Option<Self> {
        let pairs: Vec<(&str, &str)> = sub.split(',').map(|pair| pair.split_once('=')).collect::<Option<_>>()?;
        let member = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let uuid = member("u").filter(|uuid| !uuid.is_empty())?;
        let foreign = member("fid").zip(member("coi"));
        // of a foreign account `s` is no number
        let number = member("s").filter(|_| foreign.is_none());
        Some(Self { uuid, number, foreign })
    }

    /// The person's UUID, the same that FAPI has as `sub`.
    pub const fn uuid(&self) -> &'s str {
        self.uuid
    }

    /// The NRIC or FIN, where the application may know it.
    pub const fn number(&self) -> Option<&'s str> {
        self.number
    }

    /// Number and country of a foreign account.
    pub const fn foreign(&self) -> Option<(&'s str, &'s str)> {
        self.foreign
    }
}

impl std::fmt::Debug for Subject<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Subject([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_read_by_the_names_of_its_members() {
        let direct = Subject::read("u=7c9c72ec-5be2-495a-a78e-61e809a2a236").unwrap();
        assert_eq!((direct.uuid(), direct.number()), ("7c9c72ec-5be2-495a-a78e-61e809a2a236", None));
        let person = Subject::read("s=S6005048A,u=7c9c").unwrap();
        assert_eq!((person.uuid(), person.number(), person.foreign()), ("7c9c", Some("S6005048A"), None));
        let foreign = Subject::read("s=7c9c,fid=A1234567,coi=MY,u=7c9c").unwrap();
        assert_eq!((foreign.number(), foreign.foreign()), (None, Some(("A1234567", "MY"))));
        assert!(!format!("{person:?}").contains("S6005048A"));
    }

    #[test]
    fn what_has_no_uuid_is_none() {
        for odd in ["", "7c9c72ec-5be2-495a-a78e-61e809a2a236", "s=S6005048A", "u=", "S6005048A,u=7c9c", "u"] {
            assert_eq!(Subject::read(odd), None, "{odd}");
        }
    }
}
