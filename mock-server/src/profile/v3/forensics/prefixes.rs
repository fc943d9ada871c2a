//! SHA-256 of many texts that begin alike: what two neighbours have in common is hashed once.

use openssl::sha::Sha256;

/// The size of a block of SHA-256.
const BLOCK: usize = 64;

/// The text that was hashed last, and the state after each of its whole blocks.
pub(super) struct Prefixes {
    text: Vec<u8>,
    states: Vec<Sha256>,
}

impl Prefixes {
    pub(super) fn new() -> Self {
        Self { text: Vec::new(), states: Vec::new() }
    }

    /// The hash of a text, and how many bytes of it had to be hashed.
    pub(super) fn hash(&mut self, text: &[u8]) -> ([u8; 32], usize) {
        // block by block: byte by byte it would cost as much as the hash
        let blocks = self.text.chunks_exact(BLOCK).zip(text.chunks_exact(BLOCK));
        let kept = blocks.take_while(|(one, other)| one == other).count();
        self.states.truncate(kept);
        let mut state = self.states.last().cloned().unwrap_or_default();
        let rest = text.get(kept * BLOCK..).unwrap_or_default();
        let mut blocks = rest.chunks_exact(BLOCK);
        for block in blocks.by_ref() {
            state.update(block);
            self.states.push(state.clone());
        }
        state.update(blocks.remainder());
        self.text.truncate(kept * BLOCK);
        self.text.extend_from_slice(rest);
        (state.finish(), rest.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_was_hashed_before_the_hash_is_right(texts in prop::collection::vec("[ab]{0,300}", 1..12)) {
            let mut prefixes = Prefixes::new();
            for text in texts {
                prop_assert_eq!(prefixes.hash(text.as_bytes()).0, openssl::sha::sha256(text.as_bytes()));
            }
        }
    }

    #[test]
    fn what_two_texts_have_in_common_is_hashed_once() {
        let mut prefixes = Prefixes::new();
        let (one, other) = ("a".repeat(640), "a".repeat(639) + "b");
        assert_eq!(prefixes.hash(one.as_bytes()).1, 640);
        assert_eq!(prefixes.hash(other.as_bytes()).1, 64);
    }
}
