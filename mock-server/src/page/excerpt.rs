//! The piece of a text around what was searched for, with the words marked.

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    /// Whether it is a word that was searched for.
    pub(super) is_word: bool,
}

/// How many characters an excerpt has, about: two lines on a wide page.
const LENGTH: usize = 180;
/// How many of them stand in front of the first word.
const BEFORE: usize = 50;
/// How many words are marked, and how many places are looked at for the best excerpt.
const WORDS: usize = 8;
const PLACES: usize = 1000;

/// The whole text with the words marked.
pub(super) fn marked(text: &str, words: &str) -> Vec<Piece> {
    let letters: Vec<char> = text.chars().collect();
    pieces(&letters, &hits(&letters, words))
}

/// The part of the text in which most of the words stand, with the words marked; the beginning where none does.
pub(super) fn excerpt(text: &str, words: &str) -> Vec<Piece> {
    let letters: Vec<char> = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect();
    let hits = hits(&letters, words);
    let start = best(&hits).saturating_sub(BEFORE);
    let (start, end) = whole_words(&letters, start, start + LENGTH);
    let inside = hits.iter().filter(|hit| hit.start >= start && hit.end <= end);
    let inside: Vec<Hit> = inside.map(|hit| Hit { start: hit.start - start, end: hit.end - start, ..*hit }).collect();
    let plain = |cut: bool| cut.then(|| Piece { text: "…".to_owned(), is_word: false });
    let shown = pieces(letters.get(start..end).unwrap_or_default(), &inside);
    plain(start > 0).into_iter().chain(shown).chain(plain(end < letters.len())).collect()
}

/// Where a word stands: the places of its first letter and behind its last one.
#[derive(Debug, Clone, Copy)]
struct Hit {
    start: usize,
    end: usize,
    word: usize,
}

/// Where the words stand, whatever their case; none overlaps the one before it.
fn hits(letters: &[char], words: &str) -> Vec<Hit> {
    let small = |letter: char| letter.to_lowercase().next().unwrap_or(letter);
    let text: Vec<char> = letters.iter().copied().map(small).collect();
    let mut words: Vec<Vec<char>> = words.split_whitespace().map(|word| word.chars().map(small).collect()).collect();
    // of two words that begin alike the longer one is marked
    words.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    words.dedup();
    words.truncate(WORDS);
    let mut hits: Vec<Hit> = Vec::new();
    for start in 0..text.len() {
        let rest = text.get(start..).unwrap_or_default();
        let free = hits.last().is_none_or(|last| last.end <= start);
        let found = words.iter().position(|word| rest.starts_with(word)).filter(|_| free);
        hits.extend(found.and_then(|word| Some(Hit { start, end: start + words.get(word)?.len(), word })));
    }
    hits
}

/// The place of the first hit behind which most different words stand within an excerpt; 0 where there is none.
fn best(hits: &[Hit]) -> usize {
    let mut best = (0, 0);
    for (place, hit) in hits.iter().enumerate().take(PLACES) {
        let near = hits.iter().skip(place).take_while(|other| other.end <= hit.start + LENGTH - BEFORE);
        let mut seen = [false; WORDS];
        for other in near {
            seen.iter_mut().skip(other.word).take(1).for_each(|word| *word = true);
        }
        let count = seen.iter().filter(|word| **word).count();
        if count > best.0 {
            best = (count, hit.start);
        }
    }
    best.1
}

/// The same stretch without half a word at either end.
fn whole_words(letters: &[char], start: usize, end: usize) -> (usize, usize) {
    let blank =
        |from: usize, to: usize| letters.get(from..to).unwrap_or_default().iter().position(|letter| *letter == ' ');
    let start = if start == 0 { 0 } else { blank(start, start + BEFORE).map_or(start, |skipped| start + skipped + 1) };
    let end = end.min(letters.len());
    let kept = letters.get(start..end).unwrap_or_default().iter().rposition(|letter| *letter == ' ');
    (start, if end == letters.len() { end } else { kept.map_or(end, |kept| start + kept) })
}

fn pieces(letters: &[char], hits: &[Hit]) -> Vec<Piece> {
    let piece = |from: usize, to: usize, is_word: bool| Piece {
        text: letters.get(from..to).unwrap_or_default().iter().collect(),
        is_word,
    };
    let mut pieces = Vec::new();
    let mut shown = 0;
    for hit in hits {
        pieces.extend([piece(shown, hit.start, false), piece(hit.start, hit.end, true)]);
        shown = hit.end;
    }
    pieces.push(piece(shown, letters.len(), false));
    pieces.retain(|piece| !piece.text.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(pieces: &[Piece]) -> String {
        pieces
            .iter()
            .map(|piece| if piece.is_word { format!("[{}]", piece.text) } else { piece.text.clone() })
            .collect()
    }

    #[test]
    fn words_are_marked_in_any_case_the_longer_of_two_first() {
        assert_eq!(written(&marked("A Nonce, nonces", "NONCE nonces")), "A [Nonce], [nonces]");
        assert_eq!(written(&marked("straße 中文", "STRASSE 文")), "straße 中[文]");
        assert_eq!(written(&marked("nothing", "")), "nothing");
    }

    #[test]
    fn an_excerpt_is_taken_where_most_of_the_words_stand_together() {
        let filler = "some words that nobody looks for ".repeat(20);
        let text = format!("proof first. {filler} the DPoP proof carries\n a nonce here. {filler}");
        let shown = written(&excerpt(&text, "proof nonce dpop"));
        assert!(shown.contains("the [DPoP] [proof] carries a [nonce] here."), "{shown}");
        assert!(shown.starts_with("…") && shown.ends_with('…') && shown.chars().count() < LENGTH + 20, "{shown}");
        let beginning = written(&excerpt(&text, "elsewhere"));
        assert!(beginning.starts_with("proof first."), "{beginning}");
    }

    proptest! {
        #[test]
        fn any_text_and_any_words_give_parts_of_the_text(text in any::<String>(), words in any::<String>()) {
            let whole: String = marked(&text, &words).into_iter().map(|piece| piece.text).collect();
            prop_assert_eq!(whole, text.clone());
            let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let shown: String = excerpt(&text, &words).into_iter().map(|piece| piece.text).collect();
            prop_assert!(plain.contains(shown.trim_matches('…')) || text.contains('…'));
        }
    }
}
