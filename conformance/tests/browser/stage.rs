//! The mock, the connector and Chromium, started for one test; what the browser shows is looked at and judged by axe.

use crate::axe::assert_accessible;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use myinfo_fixtures::keys::ec::{CLIENT_JWKS, CLIENT_JWKS_PRIVATE};
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
/// A program that ends with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    /// Starts a program and waits for the line on its output that `is_ready` takes.
    fn start(command: &mut Command, is_ready: impl Fn(&str) -> bool) -> (Self, String) {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.find_map(|line| line.ok().filter(|line| is_ready(line))).expect("it gets ready");
        // the rest is read, so that the program never waits for a reader
        std::thread::spawn(move || lines.for_each(drop));
        (Self(child), line)
    }
}

/// A program of the workspace, beside this test's.
pub(crate) fn own(name: &str) -> Command {
    let test = std::env::current_exe().unwrap();
    let directory: PathBuf = test.ancestors().nth(2).unwrap().to_owned();
    Command::new(directory.join(name))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The mock, the connector that uses it, and a browser.
pub(crate) struct Stage {
    pub(crate) home: String,
    pub(crate) mock: String,
    pub(crate) browser: Client,
    _programs: Vec<Program>,
    _files: tempfile::TempDir,
}

/// The application that the connector is, in each of the protocols.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    V3,
    Fapi,
}

/// The FAPI application's id.
const FAPI_CLIENT: &str = "BROWSERxMYINFOxAPPx0000000000009";

pub(crate) async fn stage(width: u32) -> Stage {
    stage_of(Protocol::V3, width).await
}

pub(crate) async fn stage_of(protocol: Protocol, width: u32) -> Stage {
    let port = free_port();
    let files = tempfile::tempdir().unwrap();
    let config = files.path().join("mock.toml");
    let certificate = myinfo_fixtures::keys::CLIENT_CERT_PEM;
    let callback = format!("http://localhost:{port}/callback");
    std::fs::write(
        &config,
        format!(
            "[[client]]\nid = 'TESTBED-CLIENT'\nname = 'Testbed client'\nv3.secret = 'testbed-client-secret'\nredirect_uris = ['{callback}']\nv3.certificate = '''{certificate}'''\n\
             [[client]]\nid = '{FAPI_CLIENT}'\nname = 'Testbed app'\nredirect_uris = ['{callback}']\nfapi.app = 'myinfo'\nfapi.jwks = '''{CLIENT_JWKS}'''"
        ),
    )
    .unwrap();
    let ready = |line: &str| line.starts_with("ready ");
    let (mock, line) =
        Program::start(own("myinfo-mock").args(["--http", "127.0.0.1:0", "--config"]).arg(&config), ready);
    let mock_url = line.trim_start_matches("ready ").to_owned();
    let mut serve = own("myinfo-connector");
    serve.args(["serve", "--http", &format!("127.0.0.1:{port}")]);
    match protocol {
        Protocol::V3 => serve.args(["--base-url", &mock_url, "--redirect-url", &callback]),
        Protocol::Fapi => {
            let keys = files.path().join("client-jwks-private.json");
            std::fs::write(&keys, CLIENT_JWKS_PRIVATE).unwrap();
            serve.args([
                "--profile",
                "fapi",
                "--fapi-issuer",
                &format!("{mock_url}/fapi"),
                "--fapi-client-id",
                FAPI_CLIENT,
            ]);
            serve.args(["--fapi-redirect-url", &callback, "--fapi-scope", "openid uinfin name regadd", "--fapi-keys"]);
            serve.arg(keys)
        }
    };
    let (connector, _) = Program::start(&mut serve, ready);
    let driver_port = free_port();
    let (driver, _) = Program::start(Command::new("chromedriver").arg(format!("--port={driver_port}")), |line| {
        line.contains("started successfully")
    });
    let browser = headless(&files.path().join("profile"), driver_port, width).await;
    Stage {
        home: format!("http://localhost:{port}/"),
        mock: mock_url,
        browser,
        _programs: vec![mock, connector, driver],
        _files: files,
    }
}

/// Below this many pixels a screen is a phone.
const PHONE: u32 = 500;

/// Chromium without a window, of this width: a phone prefers dark pages, a desktop light ones.
async fn headless(profile: &Path, driver_port: u16, width: u32) -> Client {
    let mut capabilities = Capabilities::new();
    let mut options = json!({"args": [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--lang=en",
        format!("--window-size={width},900"), format!("--user-data-dir={}", profile.display()),
        format!("--blink-settings=preferredColorScheme={}", u8::from(width >= PHONE)),
    ]});
    if width < PHONE {
        // a window cannot be so narrow; a phone can
        options["mobileEmulation"] =
            json!({"deviceMetrics": {"width": width, "height": 844, "pixelRatio": 1, "touch": true}});
    }
    capabilities.insert("goog:chromeOptions".to_owned(), options);
    let browser = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
        .capabilities(capabilities)
        .connect(&format!("http://127.0.0.1:{driver_port}"))
        .await
        .unwrap();
    let is_dark = browser.execute("return matchMedia('(prefers-color-scheme: dark)').matches", vec![]).await.unwrap();
    assert_eq!(is_dark, width < PHONE, "Chromium takes the setting");
    browser
}

impl Stage {
    pub(crate) async fn click(&self, name: &str) {
        self.wait_for(name).await.click().await.unwrap();
    }

    /// Waits until the browser has left for an address with this part in it, so that nothing of the old page is touched.
    pub(crate) async fn arrive(&self, part: &str) {
        let patience = Duration::from_secs(20);
        let arrived = async {
            while !self.browser.current_url().await.unwrap().as_str().contains(part) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(patience, arrived).await.unwrap_or_else(|_| panic!("the browser did not get to {part}"));
    }

    pub(crate) async fn text(&self, name: &str) -> String {
        self.wait_for(name).await.text().await.unwrap()
    }

    pub(crate) async fn wait_for(&self, name: &str) -> fantoccini::elements::Element {
        let selector = format!("[data-test='{name}']");
        let wait = self.browser.wait().at_most(Duration::from_secs(20));
        wait.for_element(Locator::Css(&selector)).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Checks that nothing is cut off and that axe finds nothing; saves what the browser shows, where `MYINFO_SCREENSHOTS` names
    /// a directory.
    pub(crate) async fn look(&self, name: &str) {
        let overflow = self
            .browser
            .execute("return document.documentElement.scrollWidth - document.documentElement.clientWidth", vec![])
            .await
            .unwrap();
        assert!(overflow.as_i64().unwrap() <= 0, "{name} is {overflow} pixels wider than the window");
        assert_accessible(&self.browser, name).await;
        if let Some(directory) = std::env::var_os("MYINFO_SCREENSHOTS") {
            std::fs::create_dir_all(&directory).unwrap();
            let picture = self.browser.screenshot().await.unwrap();
            std::fs::write(PathBuf::from(directory).join(format!("{name}.png")), picture).unwrap();
        }
    }
}
