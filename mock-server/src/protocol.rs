//! What profiles are made of, as data: endpoints, rules, faults, known mistakes. Who lists, filters or explains needs no more.

use crate::config::section::Section;
use crate::doctor::mistake::MistakeKind;
use crate::fault::Fault;
use crate::operation::{Description, Operation};
use crate::rule::{Rule, common};
use crate::text::meant;
use std::sync::Arc;
use warp::http::Method;

/// A profile without its code.
#[derive(Debug)]
pub(crate) struct Protocol {
    /// The stable name: `v3`.
    pub(crate) id: &'static str,
    pub(crate) rules: &'static [&'static Rule],
    pub(crate) faults: &'static [&'static [Fault]],
    /// The mistakes that its doctor can prove.
    pub(crate) mistakes: &'static [&'static MistakeKind],
    /// The parameters whose values are no secrets. The value of any other might be one, sent under a wrong name.
    pub(crate) shown: &'static [&'static str],
    /// An `Authorization` header of a scheme of this profile, without its secrets.
    pub(crate) masked_authorization: fn(&str) -> Option<String>,
    /// Paths at which an older version was served, each with what to say to whoever still calls it.
    pub(crate) former: &'static [(&'static str, &'static str)],
    /// Its part of the configuration.
    pub(crate) section: Section,
    /// Which endpoint takes which method, in a sentence for whoever used another one.
    pub(crate) methods: &'static str,
    /// What is to be said of its endpoints together.
    pub(crate) description: &'static Description,
}

/// An endpoint without its code.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// The profile that it belongs to.
    pub(crate) profile: &'static str,
    /// What the journal calls it.
    pub(crate) event: &'static str,
    pub(crate) kind: Kind,
    pub(crate) method: Method,
    /// Where it is, exactly: `/{com|gov}/v3/person/{sub}`. `{a|b}` is one of these. `{name}` at the end is one segment, with
    /// or without its final slash; where it is left out, the endpoint itself says so. A slash at the end may be left out.
    pub(crate) path: &'static str,
    /// The rules that its requests are examined for, in groups.
    pub(crate) rules: &'static [&'static [&'static Rule]],
    /// What it takes and answers, beside that.
    pub(crate) operation: &'static Operation,
}

/// What an endpoint is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Published for everybody: no part of a login.
    Metadata,
    /// A request is pushed before the browser begins.
    Pushed,
    /// The browser begins here.
    Authorisation,
    /// A page for a person, on the way from there to the callback.
    Page,
    /// Tokens are given out here.
    Token,
    /// Personal data are given out here; a transaction is complete then.
    Person,
    /// Nothing is served here, and people call it all the same: it says why.
    Astray,
}

impl Endpoint {
    /// The last word of its path that is no placeholder: `token`.
    pub(crate) fn name(&self) -> &'static str {
        self.path.split('/').rfind(|segment| !segment.is_empty() && !segment.starts_with('{')).unwrap_or_default()
    }

    /// What stands behind the endpoint's own path: nothing, `/` or `/S6005048A/`; `None` where the path is another one.
    pub(crate) fn tail_of<'p>(&self, path: &'p str) -> Option<&'p str> {
        let (_, tail) = self.split(path)?;
        let own = if self.takes_segment() {
            let segment = tail.strip_prefix('/').unwrap_or(tail);
            !segment.strip_suffix('/').unwrap_or(segment).contains('/')
        } else {
            tail.is_empty() || tail == "/" && self.path.ends_with('/')
        };
        own.then_some(tail)
    }

    /// The address that was meant, where a path goes on below the endpoint: `/com/v3/token` for `/com/v3/token/x`.
    pub(crate) fn above(&self, path: &str) -> Option<String> {
        if self.tail_of(path).is_some() {
            return None;
        }
        let (own, _) = self.split(path)?;
        let segment = self.path.rsplit('/').next().filter(|_| self.takes_segment());
        Some(segment.map_or_else(|| own.to_owned(), |segment| format!("{own}/{segment}")))
    }

    /// Its path for a person to read.
    pub(crate) fn shown(&self) -> &'static str {
        self.path.trim_end_matches('/')
    }

    /// The name of the segment that stands behind it: `sub`.
    pub(crate) fn segment(&self) -> Option<&'static str> {
        let last = self.path.rsplit('/').next().filter(|last| is_placeholder(last))?;
        Some(last.trim_matches(['{', '}']))
    }

    fn takes_segment(&self) -> bool {
        self.segment().is_some()
    }

    /// A path in two: what is the endpoint's own, and what stands behind it.
    fn split<'p>(&self, path: &'p str) -> Option<(&'p str, &'p str)> {
        let mut rest = path;
        for wanted in self.words() {
            let (segment, behind) = next_segment(rest)?;
            if !fits(wanted, segment) {
                return None;
            }
            rest = behind;
        }
        path.split_at_checked(path.len() - rest.len())
    }

    /// The segments of its path that say where it is.
    fn words(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter(|segment| !segment.is_empty() && !is_placeholder(segment))
    }

    /// Its path once for each of the alternatives in it, placeholders left out: `/com/v3/person`, `/gov/v3/person`.
    pub(crate) fn addresses(&self) -> Vec<String> {
        self.words().fold(vec![String::new()], |starts, segment| {
            let choices: Vec<&str> = segment.trim_matches(['{', '}']).split('|').collect();
            starts.iter().flat_map(|start| choices.iter().map(move |choice| format!("{start}/{choice}"))).collect()
        })
    }
}

/// Whether a segment of a pattern stands for whatever is sent.
fn is_placeholder(segment: &str) -> bool {
    segment.starts_with('{') && !segment.contains('|')
}

fn fits(wanted: &str, segment: &str) -> bool {
    match wanted.strip_prefix('{').and_then(|wanted| wanted.strip_suffix('}')) {
        Some(choices) => choices.split('|').any(|choice| choice == segment),
        None => wanted == segment,
    }
}

/// The first segment of a path, and what stands behind it.
fn next_segment(path: &str) -> Option<(&str, &str)> {
    let path = path.strip_prefix('/')?;
    Some(path.split_at(path.find('/').unwrap_or(path.len())))
}

/// What an exchange is in the protocol.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Event {
    /// A request to this endpoint.
    At(&'static Endpoint),
    /// Somebody followed a redirect of a fault.
    Elsewhere,
    /// A path that is not served, or not with this method.
    Other,
}

impl Event {
    /// What the journal calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::At(endpoint) => endpoint.event,
            Self::Elsewhere => "elsewhere",
            Self::Other => "other",
        }
    }

    /// What the endpoint is for, where there is one.
    pub(crate) const fn kind(self) -> Option<Kind> {
        match self {
            Self::At(endpoint) => Some(endpoint.kind),
            Self::Elsewhere | Self::Other => None,
        }
    }

    /// The profile that it belongs to, if it belongs to one.
    pub(crate) const fn profile(self) -> Option<&'static str> {
        match self {
            Self::At(endpoint) => Some(endpoint.profile),
            Self::Elsewhere | Self::Other => None,
        }
    }

    /// The rules that it is examined for.
    pub(crate) fn rules(self) -> impl Iterator<Item = &'static Rule> {
        const ELSEWHERE: &[&[&Rule]] = &[&[common::ELSEWHERE]];
        const OTHER: &[&[&Rule]] = &[&[common::PATH, common::METHOD]];
        let groups = match self {
            Self::At(endpoint) => endpoint.rules,
            Self::Elsewhere => ELSEWHERE,
            Self::Other => OTHER,
        };
        groups.iter().copied().flatten().copied()
    }
}

/// The protocols of a server, put together once at its start.
#[derive(Debug, Clone)]
pub(crate) struct Protocols(Arc<Tables>);

#[derive(Debug)]
struct Tables {
    protocols: Vec<&'static Protocol>,
    endpoints: Vec<&'static Endpoint>,
}

impl Protocols {
    pub(crate) fn new(protocols: Vec<&'static Protocol>, endpoints: Vec<&'static Endpoint>) -> Self {
        Self(Arc::new(Tables { protocols, endpoints }))
    }

    /// Every endpoint of every protocol.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = &'static Endpoint> {
        self.0.endpoints.iter().copied()
    }

    /// The endpoints that a program calls, or sends a browser to; not the pages behind them.
    pub(crate) fn called(&self) -> impl Iterator<Item = &'static Endpoint> {
        self.endpoints().filter(|endpoint| !matches!(endpoint.kind, Kind::Page | Kind::Astray))
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &'static Protocol> {
        self.0.protocols.iter().copied()
    }

    /// Whether a parameter's value is no secret.
    pub(crate) fn may_show(&self, name: &str) -> bool {
        self.all().any(|protocol| protocol.shown.contains(&name))
    }

    /// An `Authorization` header without its secrets; nothing where no profile knows its scheme.
    pub(crate) fn masked_authorization(&self, value: &str) -> Option<String> {
        self.all().find_map(|protocol| (protocol.masked_authorization)(value))
    }

    /// What the profiles read of the configuration.
    pub(crate) fn sections(&self) -> Vec<&'static Section> {
        self.all().map(|protocol| &protocol.section).collect()
    }

    /// Every rule: what all share, then profile by profile.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        common::ALL.iter().copied().chain(self.all().flat_map(|protocol| protocol.rules.iter().copied()))
    }

    /// Every fault.
    pub(crate) fn faults(&self) -> impl Iterator<Item = &'static Fault> {
        self.all().flat_map(|protocol| protocol.faults.iter().copied().flatten())
    }

    /// The fault with this id, or what to say where there is none.
    pub(crate) fn fault(&self, id: &str) -> Result<&'static Fault, String> {
        self.faults().find(|fault| fault.id == id).ok_or_else(|| {
            let near = meant(id, self.faults().map(|fault| fault.id));
            format!("there is no fault `{id}`{near}")
        })
    }

    /// Every mistake that can be proved.
    pub(crate) fn mistakes(&self) -> impl Iterator<Item = &'static MistakeKind> {
        self.all().flat_map(|protocol| protocol.mistakes.iter().copied())
    }

    /// The names of all events, each once.
    pub(crate) fn events(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = Vec::new();
        for name in self.endpoints().map(|endpoint| endpoint.event).chain(["elsewhere", "other"]) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static OPERATION: Operation = Operation::new("", &[]);

    const fn at(path: &'static str) -> Endpoint {
        let (event, kind, operation) = ("person", Kind::Person, &OPERATION);
        Endpoint { profile: "v3", event, kind, method: Method::GET, path, rules: &[], operation }
    }

    static PERSON: Endpoint = at("/{com|gov}/v3/person/{sub}");

    #[test]
    fn a_path_is_an_endpoints_where_its_words_are_the_patterns() {
        for (path, tail) in [
            ("/com/v3/person/S6005048A/", Some("/S6005048A/")),
            ("/com/v3/person/S6005048A", Some("/S6005048A")),
            ("/gov/v3/person", Some("")),
            ("/gov/v3/person/", Some("/")),
            ("/gov/v3/person//", Some("//")),
            ("/gov/v3/person///", None),
            ("/gov/v3/person/a//", None),
            ("/com/v3/person/a/b", None),
            ("/org/v3/person/x", None),
            ("/com/v3/person-basic/x", None),
            ("/com/v3", None),
            ("com/v3/person", None),
        ] {
            assert_eq!(PERSON.tail_of(path), tail, "{path}");
        }
    }

    #[test]
    fn a_path_without_a_placeholder_is_itself_alone() {
        let (token, authorise) = (at("/{com|gov}/v3/token"), at("/{com|gov}/v3/authorise/"));
        assert_eq!((token.tail_of("/com/v3/token"), authorise.tail_of("/com/v3/authorise")), (Some(""), Some("")));
        assert_eq!((token.tail_of("/com/v3/token/"), authorise.tail_of("/com/v3/authorise/")), (None, Some("/")));
        for behind in ["//", "/token", "/com/v3/token", "/x/y", "/%20"] {
            assert_eq!(token.tail_of(&format!("/com/v3/token{behind}")), None, "{behind}");
            assert_eq!(authorise.tail_of(&format!("/com/v3/authorise{behind}")), None, "{behind}");
        }
    }

    #[test]
    fn below_an_endpoint_the_endpoint_was_meant() {
        assert_eq!(at("/{com|gov}/v3/token").above("/com/v3/token/com/v3/token").as_deref(), Some("/com/v3/token"));
        assert_eq!(PERSON.above("/gov/v3/person/a/b").as_deref(), Some("/gov/v3/person/{sub}"));
        assert_eq!(PERSON.above("/gov/v3/person/a"), None);
        assert_eq!(PERSON.above("/gov/v3/persons/a/b"), None);
    }

    #[test]
    fn alternatives_are_told_one_by_one() {
        assert_eq!(PERSON.addresses(), ["/com/v3/person", "/gov/v3/person"]);
        assert_eq!((PERSON.name(), PERSON.segment()), ("person", Some("sub")));
    }
}
