//! The page of faults: what is armed, and the catalogue with a search, to arm and disarm by a click.

use super::render;
use super::rules::hold;
use crate::fault::Fault;
use crate::fault::board::Armed;
use crate::http::exchange::Answer;
use crate::refusal::Failure;
use askama::Template;

/// The page of faults.
#[derive(Template)]
#[template(path = "faults.html")]
pub(crate) struct FaultsPage<'a> {
    pub(crate) base: &'a str,
    pub(crate) search: &'a str,
    pub(crate) armed: Vec<Armed>,
    pub(crate) groups: Vec<FaultGroup>,
    /// The ids of all clients.
    pub(crate) clients: Vec<&'a str>,
    /// Why what was wanted was not done.
    pub(crate) problem: Option<String>,
}

impl FaultsPage<'_> {
    /// How many faults are shown.
    fn found(&self) -> usize {
        self.groups.iter().map(|group| group.faults.len()).sum()
    }

    fn is_armed(&self, fault: &Fault) -> bool {
        self.armed.iter().any(|armed| armed.fault.id == fault.id)
    }

    const fn times() -> [(&'static str, &'static str); 4] {
        TIMES
    }
}

/// How often a fault can be told to strike, and how that is sent.
const TIMES: [(&str, &str); 4] = [("", "for ever"), ("1", "once"), ("2", "twice"), ("5", "five times")];

/// Faults of one profile at one stage.
pub(crate) struct FaultGroup {
    profile: &'static str,
    stage: &'static str,
    /// Whether it is the first one of its profile.
    first: bool,
    faults: Vec<&'static Fault>,
}

/// The faults in which every word of a search stands, by profile and stage.
pub(crate) fn groups(faults: impl Iterator<Item = &'static Fault>, search: &str) -> Vec<FaultGroup> {
    let mut groups: Vec<FaultGroup> = Vec::new();
    let texts =
        |fault: &Fault| [fault.id, fault.profile, fault.stage.name(), fault.says, fault.clause, fault.good_client];
    for fault in faults.filter(|fault| hold(&texts(fault), search)) {
        let at = |group: &&mut FaultGroup| group.profile == fault.profile && group.stage == fault.stage.name();
        if let Some(group) = groups.iter_mut().find(at) {
            group.faults.push(fault);
            continue;
        }
        let first = groups.iter().all(|group| group.profile != fault.profile);
        groups.push(FaultGroup { profile: fault.profile, stage: fault.stage.name(), first, faults: vec![fault] });
    }
    groups
}

/// Renders the faults.
pub(crate) fn faults(page: &FaultsPage<'_>) -> Result<Answer, Failure> {
    render(page)
}
