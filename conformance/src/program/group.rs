//! A program and all that it started, ended as one: a process group. Where there is none, the program alone is ended.

use tokio::process::{Child, Command};

/// What is ended together.
#[derive(Debug)]
pub(super) struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

/// Makes a program that is started next the first of a group of its own.
#[cfg(unix)]
pub(super) fn apart(command: &mut Command) {
    command.process_group(0);
}

/// There are no such groups.
#[cfg(not(unix))]
pub(super) fn apart(_: &mut Command) {}

#[cfg(unix)]
impl Group {
    /// The group of a program that was just started.
    pub(super) fn of(leader: &Child) -> Self {
        Self { leader: leader.id().and_then(|id| rustix::process::Pid::from_raw(id.try_into().ok()?)) }
    }

    /// Ends whoever is left of it; that nobody is left is no error.
    pub(super) fn kill(&self, _: &mut Child) {
        if let Some(leader) = self.leader {
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }
}

#[cfg(not(unix))]
impl Group {
    /// Nothing is known but the program itself.
    pub(super) fn of(_: &Child) -> Self {
        Self {}
    }

    /// Ends the program; that it ended before is no error.
    pub(super) fn kill(&self, leader: &mut Child) {
        let _ = leader.start_kill();
    }
}
