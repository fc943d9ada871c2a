//! What a run chooses by chance at a server, the names of realms and the nonces: all of it follows from one number.

use anyhow::Result;
use openssl::rand::rand_bytes;
use openssl::sha::sha256;

/// The number from which everything follows that a run chooses by chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Seed {
    /// One that was not there before: a server remembers nonces, so that no run may use those of another by accident.
    ///
    /// Of 32 bits, which whoever wants to repeat the run can type, and every reader of JSON holds.
    ///
    /// # Errors
    /// When the system has no chance to give.
    pub fn drawn() -> Result<Self> {
        let mut bytes = [0_u8; 4];
        rand_bytes(&mut bytes)?;
        Ok(Self(u32::from_be_bytes(bytes).into()))
    }

    /// The text that stands for one thing in one case, and for nothing else.
    pub fn text(self, case: &str, what: &str) -> String {
        let hash = sha256(format!("{}/{case}/{what}", self.0).as_bytes());
        hash.iter().take(8).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_same_seed_says_the_same_and_all_else_something_else() {
        assert_eq!(Seed(1).text("SRV-TOK-01", "realm"), Seed(1).text("SRV-TOK-01", "realm"));
        let told = [(1, "a", "x"), (2, "a", "x"), (1, "b", "x"), (1, "a", "y")].map(|(seed, case, what)| {
            let text = Seed(seed).text(case, what);
            assert_eq!(text.len(), 16, "{text}");
            text
        });
        assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), 4, "{told:?}");
    }
}
