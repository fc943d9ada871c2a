//! `myinfo-mock`: the command line.

mod cli;
mod environment;
mod given;
mod help;
mod stop;
mod watch;

use anyhow::Context;
use clap::CommandFactory;
use cli::{Cli, Command, ConfigCommand, DoctorCommand, LogFormat, PersonaCommand, ServeOptions};
use myinfo_mock_server::config::{Config, TlsFault};
use myinfo_mock_server::{MockServer, doctor, export, faults, health, personas, quote, show, trust};
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A flow of FAPI takes an eighth more of the processor with the C library's (`docs/benchmarks.md`).
#[cfg(all(unix, feature = "jemalloc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let text = |text: OsString| text.to_string_lossy().into_owned();
    let variables = std::env::vars_os().map(|(name, value)| (text(name), text(value)));
    if let Some(says) = quote::pasted_key(std::env::args_os().map(text), variables) {
        return refused(&says);
    }
    match help::parsed() {
        Ok(cli) => run(cli).unwrap_or_else(|error| refused(&format!("{error:#}"))),
        Err(error) => misused(&error),
    }
}

/// Exit 2, with the reason on one line; what it quotes is never a key.
fn refused(says: &str) -> ExitCode {
    let _ = writeln!(anstream::stderr(), "myinfo-mock: {}", quote::without_keys(says));
    ExitCode::from(2)
}

/// Help, or what is wrong with the command line: clap quotes what was given.
fn misused(error: &clap::Error) -> ExitCode {
    let plain = error.render().to_string();
    let shown = quote::without_keys(&plain);
    let _ = if !error.use_stderr() || shown == plain { error.print() } else { write!(anstream::stderr(), "{shown}") };
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let options = cli.options;
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(&options),
        Command::Health => ask_health(&options.config()?),
        Command::Export { directory, client } => {
            let config = options.config()?;
            for path in export::export(&config, client.as_deref(), &export::base_url(&config), &directory)? {
                print(&format!("{}\n", path.display()))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Completions { shell } => write_out(&help::completions(shell)),
        Command::Man => write_out(&help::manual()?),
        Command::Trust => print(&trust::recipes(&trust::authority_file(&options.config()?)?)),
        Command::Hosts => print(&trust::hosts()),
        Command::Config { command } => match command {
            ConfigCommand::Check { file } => check_config(&file),
            ConfigCommand::Schema => print(&format!("{:#}\n", Config::schema())),
            ConfigCommand::Show { show_secrets } => show_config(&options, show_secrets),
        },
        Command::Faults { id: None } => print(&faults::list()),
        Command::Faults { id: Some(id) } => print(&faults::show(&id)?),
        Command::Doctor { command } => diagnose(&options.config()?, command),
        Command::Persona { command } => match command {
            PersonaCommand::List { words } => print(&personas::list(&options.config()?, &words.join(" "))?),
            PersonaCommand::Show { id, form } => print(&personas::show(&options.config()?, &id, form.map(Into::into))?),
            PersonaCommand::Diff { id, from, to } => {
                print(&personas::diff(&options.config()?, &id, (from.into(), to.into()))?)
            }
            PersonaCommand::Check { file } => {
                let report = personas::check(&file)?;
                print(&quote::without_keys(&report.text))?;
                Ok(if report.usable { ExitCode::SUCCESS } else { ExitCode::FAILURE })
            }
        },
    }
}

/// What to say of the variables that mean nothing.
fn strange_variables() -> Vec<String> {
    let variables = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    environment::strangers(&Cli::command(), variables)
}

fn show_config(options: &ServeOptions, secrets: bool) -> anyhow::Result<ExitCode> {
    for warning in strange_variables() {
        let _ = writeln!(anstream::stderr(), "warning: {warning}");
    }
    let colour = anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
    print(&show::document(&options.config()?, &options.given, show::Look { secrets, colour }))
}

fn ask_health(config: &Config) -> anyhow::Result<ExitCode> {
    match health::ask(config.http) {
        Ok(url) => print(&format!("{url}: it is well\n")),
        Err(error) => {
            let _ = writeln!(anstream::stderr(), "myinfo-mock: {error}");
            Ok(ExitCode::FAILURE)
        }
    }
}

fn diagnose(config: &Config, command: DoctorCommand) -> anyhow::Result<ExitCode> {
    let report = match command {
        DoctorCommand::Request { file } => doctor::request::request(config, &read(&file)?)?,
        DoctorCommand::Jwks { source } => doctor::jwks::jwks(&jwk_set(&source)?),
        DoctorCommand::Token { file, key, jwks, access_token, passphrase, personal } => {
            let content = |path: &PathBuf| {
                let content = std::fs::read(path).with_context(|| format!("{} cannot be read", shown(path)))?;
                anyhow::Ok((shown(path), content))
            };
            let keys = key.iter().map(content).collect::<anyhow::Result<_>>()?;
            let jwks = jwks.as_ref().map(content).transpose()?;
            let access_token = access_token.map(|path| read(&path)).transpose()?;
            let options = doctor::token::TokenOptions { keys, jwks, access_token, passphrase, personal };
            doctor::token::token(config, &read(&file)?, &options)?
        }
    };
    print(&report.text)?;
    Ok(if report.healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The text of a JWK Set: where an address is given, from there.
fn jwk_set(source: &str) -> anyhow::Result<String> {
    if source.starts_with("https://") || source.starts_with("http://") {
        return doctor::jwks::fetched(source);
    }
    read(Path::new(source))
}

/// The text of a file, or of standard input for `-`.
fn read(file: &Path) -> anyhow::Result<String> {
    if file == Path::new("-") {
        return std::io::read_to_string(std::io::stdin()).context("standard input is no UTF-8 text");
    }
    let bytes = std::fs::read(file).with_context(|| format!("{} cannot be read", shown(file)))?;
    String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("{} is no UTF-8 text", shown(file)))
}

/// The name of a file, unless it is none.
fn shown(file: &Path) -> String {
    quote::quoted(&file.display().to_string()).trim_matches('`').to_owned()
}

fn check_config(file: &Path) -> anyhow::Result<ExitCode> {
    match Config::from_file(file) {
        Ok(config) => {
            let (clients, remarks) = (config.clients.len(), config.remarks.clone());
            let warnings = match MockServer::builder().config(config).check() {
                Ok(warnings) => warnings,
                Err(error) => {
                    // a mistake that has a line begins with the file's name
                    let (told, file) = (error.to_string(), shown(file));
                    let head = if told.starts_with(&file) { String::new() } else { format!("{file}:\n  ") };
                    print(&format!("{head}{told}\n"))?;
                    return Ok(ExitCode::FAILURE);
                }
            };
            for warning in warnings {
                print(&format!("warning: {warning}\n"))?;
            }
            for remark in remarks {
                print(&format!("note: {remark}\n"))?;
            }
            print(&format!("{}: can be used, {clients} clients\n", shown(file)))
        }
        Err(error) => {
            print(&quote::without_keys(&format!("{error}\n")))?;
            Ok(ExitCode::FAILURE)
        }
    }
}

fn serve(options: &ServeOptions) -> anyhow::Result<ExitCode> {
    start_log(options);
    for warning in strange_variables() {
        tracing::warn!("{warning}");
    }
    let watched = watch::begin(options)?;
    let config = options.config()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // RSA runs on blocking threads; more of them than cores only cost memory
        .max_blocking_threads(std::thread::available_parallelism().map_or(4, |cores| cores.get() * 2))
        .enable_all()
        .build()
        .context("the runtime cannot start")?;
    runtime.block_on(async {
        let stop = stop::asked()?;
        let (clients, flavour) = (config.clients.len(), config.flavour.name());
        let mut builder = MockServer::builder().config(config);
        if let Some(seed) = options.seed {
            builder = builder.seed(seed);
        }
        let server = builder.start().await?;
        let _ = writeln!(
            anstream::stderr(),
            "Myinfo mock, not the real service: {clients} clients, flavour {flavour}. Open http://{} in a browser; stop with Ctrl-C.",
            health::reached_at(server.address())
        );
        if let Some(token) = server.made_up_admin_token() {
            let _ = writeln!(anstream::stderr(), "The admin API below /_mock wants this token, for it can be reached from elsewhere: {token}");
        }
        if server.https_address().is_some() || server.proxy_address().is_some() {
            let _ = writeln!(anstream::stderr(), "It also answers under Myinfo's and Singpass's host names to whoever is led here. It is a mock all the same.");
        }
        print(&ready_lines(&server))?;
        if options.watch {
            tokio::select! {
                () = stop => {}
                () = watch::watch(&server, options, watched) => {}
            }
        } else {
            stop.await;
        }
        server.stop().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// One line for each listener, the plain one first.
fn ready_lines(server: &MockServer) -> String {
    let secure = [("https", server.https_address()), ("proxy", server.proxy_address())];
    let faulty = TlsFault::NAMES.map(|(name, fault)| (name, server.faulty_address(fault)));
    let lines =
        secure.into_iter().chain(faulty).filter_map(|(name, address)| Some(format!("ready {name}://{}\n", address?)));
    std::iter::once(format!("ready {}\n", server.base_url())).chain(lines).collect()
}

fn start_log(options: &ServeOptions) {
    let log =
        tracing_subscriber::fmt().with_env_filter(options.log.filter()).with_writer(std::io::stderr).with_target(false);
    match options.log_format {
        LogFormat::Text => {
            let colour =
                std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
            log.with_ansi(colour).init();
        }
        LogFormat::Json => log.json().init(),
    }
}

/// Writes to standard output; a reader that went away (`| head`) is no error.
fn print(text: &str) -> anyhow::Result<ExitCode> {
    write_out(text.as_bytes())
}

fn write_out(content: &[u8]) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    match out.write_all(content).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error).context("standard output"),
        _ => Ok(ExitCode::SUCCESS),
    }
}
