//! `myinfo-soak`: attacks a mock server of its own, then runs whole flows, and looks at its descriptors and its memory.

use anyhow::{Context, Result, ensure};
use clap::Parser;
use myinfo_conformance::bench::{Load, fapi, run};
use myinfo_conformance::clock::{milliseconds, now};
use myinfo_conformance::http::{self, PAGE_LIMIT};
use myinfo_conformance::server::client::v3::OracleClient;
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Attack a mock server as strangers did, bounded, and hold what is left against what was there before.
///
/// Five hundred clients break off in five ways, hundreds of requests are as large as they may be or are wrongly signed, some
/// clients never read what they asked for, and thousands of whole flows run, over v3 and over FAPI. Then the server must hold no descriptor more
/// than before, and little memory. It stops by itself.
#[derive(Debug, Parser)]
struct Options {
    /// Whole flows to run
    #[arg(long, default_value_t = 5_000)]
    flows: usize,
    /// Whole flows over FAPI to run
    #[arg(long, default_value_t = 1_000)]
    fapi_flows: usize,
    /// Clients that break off, in all
    #[arg(long, default_value_t = 500)]
    broken: usize,
    /// The most memory that the server may ever have, in megabytes
    #[arg(long, default_value_t = 150)]
    megabytes: u64,
    /// The server's program
    #[arg(long, default_value = "target/debug/myinfo-mock")]
    server: PathBuf,
}

/// How long the server may take to notice that everybody left.
const QUIET_TIME: Duration = Duration::from_secs(30);
/// How many clients do the same at once.
const AT_ONCE: usize = 20;
/// The attributes that a flow asks for.
const ATTRIBUTES: &str = "uinfin,name";

fn main() -> Result<()> {
    let options = Options::parse();
    ensure!(options.server.exists(), "{} does not exist: cargo build --workspace", options.server.display());
    let server = Server::start(&options.server)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(attack(&server, &options))
}

async fn attack(server: &Server, options: &Options) -> Result<()> {
    flows(server, 100).await?;
    // the load begins with the same nonces again
    server.reset().await?;
    let before = server.descriptors()?;
    say(&format!("before            {before} descriptors, {} MB", server.memory("VmRSS")? / 1024))?;
    let each = options.broken / 5;
    clients("quiet follower", each, || left_while_it_waits(server, None)).await?;
    server.arm("token-stalled", each).await?;
    clients("stalled token", each, || left_while_it_waits(server, Some("token"))).await?;
    server.arm("person-stalled", each).await?;
    clients("stalled person", each, || left_while_it_waits(server, Some("person"))).await?;
    clients("half a head", each, || half(server, "GET / HTTP/1.1\r\nHo")).await?;
    let body = "POST /com/v3/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\ncode=";
    clients("half a body", each, || half(server, body)).await?;
    let large = format!("authorise?{}", names());
    clients("large query", 150, || refused(server, &large)).await?;
    let many = format!("authorise?client_id=TESTBED-CLIENT&attributes={}", names().replace('&', ","));
    clients("many attributes", 100, || refused(server, &many)).await?;
    let state = "s".repeat(58_000);
    let login = format!(
        "authorise?client_id=TESTBED-CLIENT&redirect_uri=http://localhost:3001/callback&attributes=name&purpose=p&state={state}"
    );
    clients("large state", 500, || refused(server, &login)).await?;
    clients("wrong signature", 200, || wrongly_signed(server)).await?;
    clients("unread journal", 40, || unread(server)).await?;
    let slow = never_reading(server).await?;
    flows(server, options.flows).await?;
    fapi_flows(server, options.fapi_flows).await?;
    server.is_quiet(before).await?;
    drop(slow);
    let (now, most) = (server.memory("VmRSS")? / 1024, server.memory("VmHWM")? / 1024);
    say(&format!("after             {} descriptors, {now} MB, {most} MB at most", server.descriptors()?))?;
    ensure!(most <= options.megabytes, "the server had {most} MB: {} are allowed", options.megabytes);
    Ok(())
}

/// Runs the same client many times, some of them at once.
async fn clients<F>(name: &str, count: usize, client: impl Fn() -> F) -> Result<()>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let (start, mut running) = (now(), JoinSet::new());
    for _ in 0..count {
        if running.len() >= AT_ONCE
            && let Some(done) = running.join_next().await
        {
            done??;
        }
        running.spawn(client());
    }
    while let Some(done) = running.join_next().await {
        done??;
    }
    say(&format!("{name:<17} {count} in {:.1} s", start.elapsed().as_secs_f64()))
}

async fn flows(server: &Server, count: usize) -> Result<()> {
    let measured = run(&server.url, Load { flows: count, batch: 500, in_flight: 16 }, |_| {}).await?;
    say(&format!("whole flows       {} in {:.1} s", measured.flows, measured.asked.as_secs_f64()))
}

async fn fapi_flows(server: &Server, count: usize) -> Result<()> {
    let start = now();
    let load = Load { flows: count, batch: 500, in_flight: 16 };
    fapi::run(&format!("{}/fapi", server.url), load, |_, _| {}).await?;
    say(&format!("flows over FAPI   {count} in {:.1} s", start.elapsed().as_secs_f64()))
}

/// Asks for what waits, and leaves once the head of the answer is there: the journal's stream, or an armed fault's answer.
fn left_while_it_waits(
    server: &Server,
    stage: Option<&'static str>,
) -> impl Future<Output = Result<()>> + Send + use<> {
    let (url, client) = (format!("{}/_mock/exchanges?follow=1&client=NOBODY", server.url), Arc::clone(&server.client));
    async move {
        let answer = match stage {
            None => client.http.get(url).send().await?,
            Some(stage) => {
                let code = client.code(ATTRIBUTES, "S6005048A").await?;
                let draft = client.token_draft(&code);
                if stage == "token" {
                    client.send(&draft).await?
                } else {
                    let token = client.token(&code).await?;
                    client.send(&client.person_draft(&token, ATTRIBUTES)).await?
                }
            }
        };
        ensure!(answer.status() == 200, "{} where an answer was to wait", answer.status());
        drop(answer);
        Ok(())
    }
}

/// Sends the beginning of a request, and leaves.
fn half(server: &Server, beginning: &'static str) -> impl Future<Output = Result<()>> + Send + use<> {
    let address = server.address.clone();
    async move {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(beginning.as_bytes()).await?;
        Ok(())
    }
}

/// Asks for the whole journal, reads its beginning, and leaves.
fn unread(server: &Server) -> impl Future<Output = Result<()>> + Send + use<> {
    let address = server.address.clone();
    async move {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /_mock/exchanges HTTP/1.1\r\nHost: localhost\r\n\r\n").await?;
        stream.read_exact(&mut [0; 1_000]).await?;
        Ok(())
    }
}

/// Asks for the whole journal, again and again, and reads nothing of it; the connections are still open here.
async fn never_reading(server: &Server) -> Result<Vec<TcpStream>> {
    // twice as many as the clients here may keep open for another request, so that they would be seen
    let mut slow = Vec::with_capacity(2 * AT_ONCE);
    for _ in 0..2 * AT_ONCE {
        let mut stream = TcpStream::connect(&server.address).await?;
        stream.write_all(b"GET /_mock/exchanges HTTP/1.1\r\nHost: localhost\r\n\r\n").await?;
        slow.push(stream);
    }
    Ok(slow)
}

/// Sends a token request whose signature is over another text.
fn wrongly_signed(server: &Server) -> impl Future<Output = Result<()>> + Send + use<> {
    let client = Arc::clone(&server.client);
    async move {
        let mut draft = client.token_draft("0");
        draft.signed_url.push_str("?nothing=explains&this");
        let status = client.send(&draft).await?.status();
        ensure!(status == 500, "{status} for a wrong signature");
        Ok(())
    }
}

/// Asks for something that is refused.
fn refused(server: &Server, what: &str) -> impl Future<Output = Result<()>> + Send + use<> {
    let (url, client) = (format!("{}/com/v3/{what}", server.url), Arc::clone(&server.client));
    async move {
        let answer = client.http.get(url).send().await?;
        ensure!(answer.status() == 400, "{} instead of a refusal", answer.status());
        http::whole(answer, PAGE_LIMIT).await?;
        Ok(())
    }
}

/// Nine thousand parameters that nobody knows, in 36 kB.
fn names() -> String {
    let letters = || (b'a'..=b'z').map(char::from);
    let names = letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| format!("{a}{b}{c}"))));
    names.take(9_000).collect::<Vec<_>>().join("&")
}

/// A server, ended when it is dropped.
struct Server {
    child: Child,
    url: String,
    address: String,
    client: Arc<OracleClient>,
}

impl Server {
    fn start(program: &std::path::Path) -> Result<Self> {
        let mut child = Command::new(program)
            .args(["--http", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("the server cannot be started")?;
        let stdout = child.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let url = line.trim().strip_prefix("ready ").context("the server did not get ready")?.to_owned();
        let address = url.trim_start_matches("http://").to_owned();
        let mut client = OracleClient::new(&url, "com", milliseconds)?;
        // the load has nonces of its own
        "soak".clone_into(&mut client.nonce);
        Ok(Self { child, url, address, client: Arc::new(client) })
    }

    async fn reset(&self) -> Result<()> {
        let answer = self.client.http.post(format!("{}/_mock/reset", self.url)).send().await?;
        ensure!(answer.status() == 200, "{} instead of a reset", answer.status());
        Ok(())
    }

    async fn arm(&self, fault: &str, times: usize) -> Result<()> {
        let body = json!({"id": fault, "times": times});
        let answer = self.client.http.post(format!("{}/_mock/faults", self.url)).json(&body).send().await?;
        ensure!(answer.status() == 200, "{fault} was not armed: {}", http::text(answer, PAGE_LIMIT).await?);
        Ok(())
    }

    fn descriptors(&self) -> Result<usize> {
        Ok(std::fs::read_dir(format!("/proc/{}/fd", self.child.id()))?.count())
    }

    /// A figure of the kernel's about its memory, in kilobytes.
    fn memory(&self, name: &str) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with(name)).context("no such figure")?;
        Ok(line.split_whitespace().nth(1).context("no number")?.parse()?)
    }

    /// Waits until it holds no more descriptors than before, and those that the clients here keep open for another request.
    async fn is_quiet(&self, before: usize) -> Result<()> {
        let start = now();
        loop {
            let left = self.descriptors()?;
            if left <= before + AT_ONCE {
                return Ok(());
            }
            ensure!(start.elapsed() < QUIET_TIME, "{left} descriptors are left of {before}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn say(line: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}
