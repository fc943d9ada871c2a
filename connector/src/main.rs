//! `myinfo-connector`: the REST service, and the steps of the flow by hand.

mod by_hand;
mod cli;
mod environment;
mod help;
mod log;
mod stop;

use anyhow::{Context, bail};
use clap::CommandFactory;
use cli::{Cli, Command, KeysCommand};
use myinfo_connector::quote;
use myinfo_connector::service::Service;
use std::ffi::OsString;
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;

fn main() -> ExitCode {
    let text = |text: OsString| text.to_string_lossy().into_owned();
    let variables = std::env::vars_os().map(|(name, value)| (text(name), text(value)));
    if let Some(says) = quote::pasted_key(std::env::args_os().map(text), variables) {
        return refused(&says);
    }
    match help::parsed() {
        Ok(cli) => run(&cli).map_or_else(|error| refused(&format!("{error:#}")), |()| ExitCode::SUCCESS),
        Err(error) => misused(&error),
    }
}

/// Exit 2, with the reason on one line; what it quotes is never a key.
fn refused(says: &str) -> ExitCode {
    let _ = writeln!(anstream::stderr(), "myinfo-connector: {}", quote::without_keys(says));
    ExitCode::from(2)
}

/// Help, or what is wrong with the command line: clap quotes what was given.
fn misused(error: &clap::Error) -> ExitCode {
    let plain = error.render().to_string();
    let shown = quote::without_keys(&plain);
    let _ = if !error.use_stderr() || shown == plain { error.print() } else { write!(anstream::stderr(), "{shown}") };
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    log::start(cli.log);
    let variables = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    for warning in environment::strangers(&Cli::command(), variables) {
        tracing::warn!("{warning}");
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the runtime cannot start")?;
    runtime.block_on(async {
        match &cli.command {
            Command::Serve { address, allow_remote, whole_person } => {
                if !address.ip().is_loopback() && !allow_remote {
                    bail!("{address} is not a loopback address: pass --allow-remote if anybody may reach the service");
                }
                serve(cli, *address, *whole_person).await
            }
            Command::LoginUrl { kept } => print(&by_hand::login_url(cli, kept.as_deref()).await?),
            Command::Person { callback, state, kept } => {
                print(&by_hand::person(cli, callback, state.as_deref(), kept.as_deref()).await?)
            }
            Command::Completions { shell } => print(&help::completions(*shell)),
            Command::Man => print(&help::manual()?),
            Command::Keys { command: KeysCommand::New { file } } => print(&by_hand::new_keys(file)?),
        }
    })
}

async fn serve(cli: &Cli, address: SocketAddr, whole_person: bool) -> anyhow::Result<()> {
    let stop = stop::asked()?;
    let service = Service::bind(cli.connector()?, address)
        .await
        .with_context(|| format!("cannot listen on {address}; --http takes another port, or 0 for a free one"))?;
    let service = if whole_person { service.whole_person() } else { service };
    let _ = writeln!(anstream::stderr(), "{}", cli.banner(service.address()?));
    print(&format!("ready http://{}\n", service.address()?))?;
    service.run(stop).await;
    Ok(())
}

/// Writes to standard output; a reader that went away (`| head`) is no error.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error).context("standard output"),
        _ => Ok(()),
    }
}
