//! A network of the run's own: this program once more, in namespaces in which port 443 is free and the real names lead to it.

use super::hosts;
use anyhow::{Context, Result, anyhow, bail};
use std::ffi::{OsStr, OsString};
use std::io::{Error, ErrorKind};
use std::process::{Command, Output};

/// The ways to namespaces of one's own: as anybody, and as the system's administrator where others may not.
const WAYS: [&[&str]; 2] = [&["--map-root-user", "--net", "--mount"], &["--net", "--mount"]];
/// What makes them usable, for the shell. The file with the names is not needed any more once it is in its place.
const SETTLE: &str = r#"file=$(mktemp) && printf %s "$MYINFO_HOSTS" >"$file" && mount --bind "$file" /etc/hosts
mounted=$?; rm -f "$file"; [ $mounted -eq 0 ] || exit 1
{ ip link set lo up || ifconfig lo up; } 2>/dev/null || { echo "there is neither ip nor ifconfig" >&2; exit 1; }
unset MYINFO_HOSTS
exec "$0" "$@""#;

/// A network of the run's own that the system gives.
#[derive(Debug)]
pub struct Network {
    unshare: OsString,
    way: &'static [&'static str],
}

impl Network {
    /// Tries what the system gives.
    ///
    /// # Errors
    /// Why it gives none.
    pub fn found() -> Result<Self> {
        Self::by(OsStr::new("unshare"))
    }

    /// The same by a program of another name.
    fn by(unshare: &OsStr) -> Result<Self> {
        let mut reason = String::new();
        for way in WAYS {
            let network = Self { unshare: unshare.to_owned(), way };
            let Output { status, stderr, .. } =
                network.command(OsStr::new("true"), &[]).output().map_err(|error| not_started(&error))?;
            if status.success() {
                return Ok(network);
            }
            // what was said first is said by anybody's way, which most need
            if reason.is_empty() {
                let said = String::from_utf8_lossy(&stderr);
                reason.push_str(said.lines().next().unwrap_or("`unshare` ended without a word"));
            }
        }
        bail!("{reason}")
    }

    /// A program in a network of its own.
    fn command(&self, program: &OsStr, arguments: &[OsString]) -> Command {
        let mut command = Command::new(&self.unshare);
        command.args(self.way).args(["sh", "-c", SETTLE]).arg(program).args(arguments);
        command.env("MYINFO_HOSTS", format!("127.0.0.1 localhost\n::1 localhost\n{}", hosts()));
        command
    }

    /// Becomes this program with other arguments in a network of its own: the same process, so that signals find it.
    ///
    /// # Errors
    /// When it does not; where it does, there is nothing to come back to.
    #[cfg(unix)]
    pub fn become_this_program(&self, arguments: &[OsString]) -> Result<()> {
        let program = std::env::current_exe().context("this program is not found")?;
        let mut command = self.command(program.as_os_str(), arguments);
        Err(not_started(&std::os::unix::process::CommandExt::exec(&mut command)))
    }

    /// There are no namespaces.
    ///
    /// # Errors
    /// Always.
    #[cfg(not(unix))]
    pub fn become_this_program(&self, _: &[OsString]) -> Result<()> {
        bail!("a network of its own needs Linux")
    }
}

/// Why `unshare` does not start.
fn not_started(error: &Error) -> anyhow::Error {
    if error.kind() == ErrorKind::NotFound {
        return anyhow!("`unshare` of util-linux is not there");
    }
    anyhow!("`unshare` does not start: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_system_without_unshare_or_that_refuses_it_says_so_in_one_sentence() {
        let missing = Network::by(OsStr::new("/no/such/unshare")).unwrap_err();
        assert_eq!(missing.to_string(), "`unshare` of util-linux is not there");
        let silent = Network::by(OsStr::new("false")).unwrap_err();
        assert_eq!(silent.to_string(), "`unshare` ended without a word");
        // another program in its place knows none of its ways, and says so in its first line
        let refused = Network::by(OsStr::new("ls")).unwrap_err().to_string();
        assert!(refused.contains("--map-root-user") && refused.lines().count() == 1, "{refused}");
    }
}
