//! Tables and entries on lines of 80 columns, each entry with its comment beside it, or above it where there is no room.

/// Where comments begin, where the entry is not longer.
const COLUMN: usize = 42;
/// How long a line is at most, unless one text is longer.
const WIDTH: usize = 80;

/// A key with its value and its comment.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: &'static str,
    pub(super) literal: Literal,
    pub(super) origin: String,
}

impl Entry {
    pub(super) const fn new(key: &'static str, literal: String, origin: String) -> Self {
        Self { key, literal: Literal::Line(literal), origin }
    }
}

/// A value as it stands in the file.
#[derive(Debug)]
pub(super) enum Literal {
    Line(String),
    /// A text over several lines.
    Lines(String),
    List(Vec<String>),
    /// No value: what holds then, for a comment.
    Words(&'static str),
    /// There is a value, and it is not shown.
    LeftOut(&'static str),
    /// The same, and an empty text stands in its place: with none, the file would mean something else.
    Emptied(&'static str),
}

#[derive(Debug)]
enum Part {
    Table(String),
    Entry(Entry),
}

/// The tables in their order.
#[derive(Debug, Default)]
pub(super) struct Page(Vec<Part>);

impl Page {
    pub(super) fn table(&mut self, header: String) {
        self.0.push(Part::Table(header));
    }

    pub(super) fn entry(&mut self, entry: Entry) {
        self.0.push(Part::Entry(entry));
    }

    /// How many values are not shown.
    pub(super) fn left_out(&self) -> usize {
        let is_left_out = |part: &&Part| {
            matches!(part, Part::Entry(Entry { literal: Literal::LeftOut(_) | Literal::Emptied(_), .. }))
        };
        self.0.iter().filter(is_left_out).count()
    }

    /// The whole text, with comments above and below.
    pub(super) fn written(&self, above: &[String], below: &[String], colour: bool) -> String {
        let ink = Ink { colour };
        let comments = |lines: &[String]| lines.iter().map(|line| ink.comment(line) + "\n").collect::<String>();
        let tables = self.0.iter().map(|part| match part {
            Part::Table(header) => format!("\n{}\n", ink.table(header)),
            Part::Entry(entry) => entry.written(ink),
        });
        format!("{}{}\n{}", comments(above), tables.collect::<String>(), comments(below))
    }
}

impl Entry {
    fn written(&self, ink: Ink) -> String {
        let key = self.key;
        match &self.literal {
            Literal::Line(value) => self.beside(&format!("{key} = {value}"), ink),
            Literal::Lines(value) => self.above(&format!("{key} = {value}"), ink),
            Literal::List(items) => self.list(items, ink),
            Literal::Words(words) => self.as_comment(&format!("{key}: {words}"), ink),
            Literal::LeftOut(why) => self.as_comment(&format!("{key}: {why}"), ink),
            Literal::Emptied(why) => format!("{}{key} = \"\"\n", self.as_comment(&format!("{key}: {why}"), ink)),
        }
    }

    /// On one line if it fits there, or an item a line.
    fn list(&self, items: &[String], ink: Ink) -> String {
        let line = format!("{} = [{}]", self.key, items.join(", "));
        if items.is_empty() || self.fits(&line) {
            return self.beside(&line, ink);
        }
        let items: String = items.iter().flat_map(|item| ["    ", item, ",\n"]).collect();
        format!("{}{items}]\n", self.beside(&format!("{} = [", self.key), ink))
    }

    fn fits(&self, line: &str) -> bool {
        let begins = (width(line) + 2).max(COLUMN);
        begins + 2 + width(&self.origin) <= WIDTH
    }

    fn beside(&self, line: &str, ink: Ink) -> String {
        if !self.fits(line) {
            return self.above(line, ink);
        }
        let gap = (COLUMN - 2).saturating_sub(width(line)) + 2;
        format!("{line}{:gap$}{}\n", "", ink.comment(&self.origin))
    }

    fn above(&self, lines: &str, ink: Ink) -> String {
        format!("{}\n{lines}\n", ink.comment(&self.origin))
    }

    fn as_comment(&self, words: &str, ink: Ink) -> String {
        let comment = format!("# {words}");
        let gap = (COLUMN - 2).saturating_sub(width(&comment)) + 2;
        let whole = format!("{words}{:gap$}# {}", "", self.origin);
        if width(&whole) + 2 <= WIDTH {
            return ink.comment(&whole) + "\n";
        }
        format!("{}\n{}\n", ink.comment(&self.origin), ink.comment(words))
    }
}

/// How many columns a text has, taking each character for one.
fn width(text: &str) -> usize {
    text.chars().count()
}

/// With colours or without.
#[derive(Debug, Clone, Copy)]
struct Ink {
    colour: bool,
}

impl Ink {
    fn comment(self, text: &str) -> String {
        self.coloured("\u{1b}[2m", format!("# {text}"))
    }

    fn table(self, header: &str) -> String {
        self.coloured("\u{1b}[1m", header.to_owned())
    }

    fn coloured(self, begin: &str, text: String) -> String {
        if self.colour { format!("{begin}{text}\u{1b}[0m") } else { text }
    }
}
