//! `sub` in its forms: `u=<uuid>`, `s=<NRIC>,u=<uuid>`, and for foreign accounts `s=<uuid>,fid=<number>,coi=<country>,u=<uuid>`.

use super::client::ClientProfile;
use crate::persona::Persona;
use crate::persona::account::Account;
use crate::profile::fapi::token;

/// The `sub` of a person for a client of this profile. The UUID is the one that FAPI has for the person.
pub(super) fn subject(persona: &Persona, profile: ClientProfile) -> String {
    let uuid = token::subject(&persona.id);
    match (profile, &persona.account) {
        (ClientProfile::Direct, _) => format!("u={uuid}"),
        (ClientProfile::DirectPii | ClientProfile::Bridge, Account::Standard | Account::WithoutMyinfo) => {
            format!("s={},u={uuid}", persona.id)
        }
        (ClientProfile::DirectPii | ClientProfile::Bridge, Account::Foreign { country, number }) => {
            let number = number.as_ref().unwrap_or(&persona.id);
            format!("s={uuid},fid={number},coi={country},u={uuid}")
        }
    }
}

/// The UUID in a `sub` of any form.
pub(super) fn uuid(sub: &str) -> &str {
    sub.rsplit_once("u=").map_or("", |(_, uuid)| uuid)
}
