//! A server in a process of its own: what it writes, holds and takes can be looked at.

use crate::robustness::exchange;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

/// A server, ended when it is dropped.
pub(crate) struct Mock {
    child: Child,
    pub(crate) address: SocketAddr,
    folder: tempfile::TempDir,
}

impl Mock {
    /// A server with these arguments and this configuration.
    pub(crate) fn start(arguments: &[&str], config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (file, log) = (folder.path().join("mock.toml"), folder.path().join("log"));
        fs::write(&file, config).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_myinfo-mock"))
            .args(["serve", "--http", "127.0.0.1:0", "--config", file.to_str().unwrap()])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(fs::File::create(log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("ready http://").unwrap().parse().unwrap();
        Self { child, address, folder }
    }

    pub(crate) fn get(&self, path: &str) -> String {
        self.send(&format!("GET {path}"), "", "")
    }

    /// What is answered to a request of this line, with these headers and this body.
    pub(crate) fn send(&self, line: &str, headers: &str, body: &str) -> String {
        let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let head = format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}{length}\r\n");
        exchange(self.address, format!("{head}{body}").as_bytes())
    }

    pub(crate) fn descriptors(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    /// The most memory that it ever had, in kilobytes.
    pub(crate) fn peak(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
    }

    /// Everything that it wrote to its console. The searches that are under way when it is asked are waited for.
    pub(crate) fn console(&self) -> String {
        self.get("/_mock/exchanges?limit=1");
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
