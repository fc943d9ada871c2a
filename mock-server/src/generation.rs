//! Which life of which realm an access token is of: tokens are checked, not remembered, so their ids tell.
//!
//! A realm begins a new life with every reset, and where a deleted one is made again. The first life of the server's own realm
//! draws its ids as it likes; in every other one the end of an id follows from its beginning, the realm, and the number of the
//! life.

use crate::ambient::Timestamp;
use openssl::sha::{Sha256, sha256};

/// One life of a realm.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Generation {
    realm: [u8; 32],
    number: u64,
    began: Began,
}

/// With what a life began.
#[derive(Debug, Clone, Copy)]
enum Began {
    /// With the server.
    Server,
    /// As the first realm of its name.
    First,
    /// As a realm whose name another one had before.
    Again(Timestamp),
    /// With a reset, before which there was no other realm of this name.
    Reset(Timestamp),
    /// With a reset of a realm whose name another one had before.
    ResetAgain(Timestamp),
}

impl Generation {
    /// The first life of the server's own realm.
    pub(crate) fn of_server() -> Self {
        Self { realm: sha256(b""), number: 0, began: Began::Server }
    }

    /// The life of a realm that is made at `now`, when there were `lives` of realms of its name.
    pub(crate) fn of_realm(name: &str, lives: u64, now: Timestamp) -> Self {
        let began = if lives == 0 { Began::First } else { Began::Again(now) };
        Self { realm: sha256(name.as_bytes()), number: lives, began }
    }

    /// How many lives there were before.
    pub(crate) const fn number(self) -> u64 {
        self.number
    }

    /// The life that begins with a reset at `now`.
    pub(crate) const fn reset(self, now: Timestamp) -> Self {
        let began = match self.began {
            Began::Server | Began::First | Began::Reset(_) => Began::Reset(now),
            Began::Again(_) | Began::ResetAgain(_) => Began::ResetAgain(now),
        };
        Self { number: self.number + 1, began, ..self }
    }

    /// The id of a token of this life, as long as what was drawn for it: letters and digits.
    pub(crate) fn token_id(self, drawn: String) -> String {
        match drawn.len().checked_sub(TAG).and_then(|length| drawn.get(..length)) {
            Some(kept) if !matches!(self.began, Began::Server) => format!("{kept}{}", self.tag(kept)),
            _ => drawn,
        }
    }

    /// Whether a token of this service is of this life; otherwise what it is instead.
    ///
    /// # Errors
    /// What the client's developer has to know.
    pub(crate) fn check(self, token_id: &str) -> Result<(), String> {
        let what = match self.began {
            Began::Server => return Ok(()),
            _ if self.is_of(token_id) => return Ok(()),
            Began::First => "was issued by another realm".to_owned(),
            Began::Reset(at) => format!("was issued before the reset at {}, which forgot it", at.rfc3339()),
            Began::Again(at) => format!(
                "was issued by an earlier realm of this name, which was deleted; this one began at {}",
                at.rfc3339()
            ),
            Began::ResetAgain(at) => {
                format!("was issued before the reset at {}, or by an earlier realm of this name", at.rfc3339())
            }
        };
        Err(format!("the token {what} (or another mock with the same key gave it out): log in once more"))
    }

    /// What may be behind a token that no present key signed: a reset takes back every change of the keys.
    pub(crate) fn key_may_be_gone(self) -> String {
        match self.began {
            Began::Server | Began::First | Began::Again(_) => String::new(),
            Began::Reset(at) | Began::ResetAgain(at) => format!(
                "; a token that was issued before the reset at {} may have a key that the reset took back",
                at.rfc3339()
            ),
        }
    }

    fn is_of(self, token_id: &str) -> bool {
        let length = token_id.len().saturating_sub(TAG);
        token_id.split_at_checked(length).is_some_and(|(drawn, tag)| tag == self.tag(drawn))
    }

    fn tag(self, drawn: &str) -> String {
        let mut digest = Sha256::new();
        digest.update(&self.realm);
        digest.update(&self.number.to_be_bytes());
        digest.update(drawn.as_bytes());
        let letters = digest.finish().into_iter().filter_map(|byte| ALPHABET.get(usize::from(byte) % ALPHABET.len()));
        letters.take(TAG).map(|letter| char::from(*letter)).collect()
    }
}

/// How many characters of an id tell its life: an id of another one fits by chance once in 2·10¹⁴.
const TAG: usize = 8;
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn drawn() -> String {
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn".to_owned()
    }

    #[test]
    fn the_server_s_first_life_takes_ids_as_they_were_drawn() {
        let first = Generation::of_server();
        assert_eq!(first.token_id(drawn()), drawn());
        assert_eq!(first.check("anything"), Ok(()));
        assert_eq!(first.key_may_be_gone(), "");
    }

    #[test]
    fn a_token_is_good_in_its_own_life_alone() {
        let server = Generation::of_server().reset(NOW);
        let named = |name| [0, 1, 2].map(|lives| Generation::of_realm(name, lives, NOW));
        let lives: Vec<Generation> =
            [server, server.reset(NOW)].into_iter().chain(named("a")).chain(named("b")).collect();
        for (place, own) in lives.iter().enumerate() {
            let id = own.token_id(drawn());
            assert!(id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
            for (other, life) in lives.iter().enumerate() {
                assert_eq!(life.check(&id).is_ok(), other == place, "{place} {other} {id}");
            }
            assert!(own.check(&drawn()).is_err(), "of the server's first life");
        }
    }

    #[test]
    fn the_refusal_says_what_ended_the_life_before() {
        let says = |life: Generation| life.check(&drawn()).unwrap_err();
        let (first, again) = (Generation::of_realm("a", 0, NOW), Generation::of_realm("a", 2, NOW));
        assert!(says(first).contains("was issued by another realm"));
        let reset = first.reset(NOW);
        assert!(says(reset).contains("was issued before the reset at 2023-11-14T22:13:20.000Z, which forgot it"));
        assert!(says(again).contains("by an earlier realm of this name, which was deleted"));
        assert!(says(again.reset(NOW).reset(NOW)).contains("before the reset at 2023-11-14T22:13:20.000Z, or by an"));
        assert!(reset.key_may_be_gone().contains("the reset at 2023-11-14T22:13:20.000Z may have a key"));
    }

    #[test]
    fn an_id_of_any_form_is_examined_without_a_panic() {
        let later = Generation::of_realm("a", 1, NOW);
        for id in ["", "short", "ééééééé", "üüüüüüüüüüüüüüü"] {
            assert!(later.check(id).is_err(), "{id}");
        }
        assert_eq!(later.token_id("short".to_owned()), "short");
    }
}
