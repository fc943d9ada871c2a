//! A real browser clicks through `myinfo-connector serve` and `myinfo-mock`: once Agree, once Cancel.
//!
//! Needs Debian's `chromium` and `chromium-driver`, and the programs built: run by `.ci/run` with `--features browser`.
#![cfg(feature = "browser")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of a test fail it by panicking"
)]

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
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
fn own(name: &str) -> Command {
    let test = std::env::current_exe().unwrap();
    let directory: PathBuf = test.ancestors().nth(2).unwrap().to_owned();
    Command::new(directory.join(name))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The mock, the connector that uses it, and a browser.
struct Stage {
    home: String,
    browser: Client,
    _programs: Vec<Program>,
    _files: tempfile::TempDir,
}

async fn stage(width: u32) -> Stage {
    let port = free_port();
    let files = tempfile::tempdir().unwrap();
    let config = files.path().join("mock.toml");
    let certificate = myinfo_fixtures::keys::CLIENT_CERT_PEM;
    let callback = format!("http://localhost:{port}/callback");
    std::fs::write(
        &config,
        format!("[[client]]\nid = 'TESTBED-CLIENT'\nname = 'Testbed client'\nsecret = 'testbed-client-secret'\nredirect_uris = ['{callback}']\ncertificate = '''{certificate}'''"),
    )
    .unwrap();
    let ready = |line: &str| line.starts_with("ready ");
    let (mock, line) =
        Program::start(own("myinfo-mock").args(["--http", "127.0.0.1:0", "--config"]).arg(&config), ready);
    let mock_url = line.trim_start_matches("ready ").to_owned();
    let mut serve = own("myinfo-connector");
    serve.args(["serve", "--http", &format!("127.0.0.1:{port}"), "--base-url", &mock_url, "--redirect-url", &callback]);
    let (connector, _) = Program::start(&mut serve, ready);
    let driver_port = free_port();
    let (driver, _) = Program::start(Command::new("chromedriver").arg(format!("--port={driver_port}")), |line| {
        line.contains("started successfully")
    });
    let mut capabilities = Capabilities::new();
    let profile = files.path().join("profile");
    let mut options = json!({"args": [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--lang=en",
        format!("--window-size={width},900"), format!("--user-data-dir={}", profile.display()),
    ]});
    if width < 500 {
        // a window cannot be narrower than 500 pixels; a phone can
        options["mobileEmulation"] =
            json!({"deviceMetrics": {"width": width, "height": 844, "pixelRatio": 1, "touch": true}});
    }
    capabilities.insert("goog:chromeOptions".to_owned(), options);
    let browser = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
        .capabilities(capabilities)
        .connect(&format!("http://127.0.0.1:{driver_port}"))
        .await
        .unwrap();
    Stage {
        home: format!("http://localhost:{port}/"),
        browser,
        _programs: vec![mock, connector, driver],
        _files: files,
    }
}

impl Stage {
    async fn click(&self, name: &str) {
        self.wait_for(name).await.click().await.unwrap();
    }

    /// Waits until the browser has left for an address with this part in it, so that nothing of the old page is touched.
    async fn arrive(&self, part: &str) {
        let patience = Duration::from_secs(20);
        let arrived = async {
            while !self.browser.current_url().await.unwrap().as_str().contains(part) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(patience, arrived).await.unwrap_or_else(|_| panic!("the browser did not get to {part}"));
    }

    async fn text(&self, name: &str) -> String {
        self.wait_for(name).await.text().await.unwrap()
    }

    async fn wait_for(&self, name: &str) -> fantoccini::elements::Element {
        let selector = format!("[data-test='{name}']");
        let wait = self.browser.wait().at_most(Duration::from_secs(20));
        wait.for_element(Locator::Css(&selector)).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Saves what the browser shows, where `MYINFO_SCREENSHOTS` names a directory; checks that nothing is cut off.
    async fn look(&self, name: &str) {
        let overflow = self
            .browser
            .execute("return document.documentElement.scrollWidth - window.innerWidth", vec![])
            .await
            .unwrap();
        assert!(overflow.as_i64().unwrap() <= 0, "{name} is {overflow} pixels wider than the window");
        if let Some(directory) = std::env::var_os("MYINFO_SCREENSHOTS") {
            std::fs::create_dir_all(&directory).unwrap();
            let picture = self.browser.screenshot().await.unwrap();
            std::fs::write(PathBuf::from(directory).join(format!("{name}.png")), picture).unwrap();
        }
    }
}

#[tokio::test]
async fn a_person_logs_in_agrees_and_sees_the_data() {
    for width in [1280, 390] {
        let stage = stage(width).await;
        stage.browser.goto(&stage.home).await.unwrap();
        stage.look(&format!("{width}-1-start")).await;
        stage.click("login").await;
        stage.arrive("/v3/login").await;
        stage.wait_for("search").await.send_keys("andy lau").await.unwrap();
        stage.look(&format!("{width}-2-login")).await;
        stage.click("search-submit").await;
        stage.arrive("&q=andy").await;
        stage.click("persona-S6005048A").await;
        stage.arrive("/consent").await;
        assert_eq!(stage.text("application").await, "Testbed client");
        assert!(stage.text("item-regadd").await.contains("319 ANCHORVALE DRIVE #38-10"));
        stage.look(&format!("{width}-3-consent")).await;
        stage.click("agree").await;
        stage.arrive("/callback").await;
        assert_eq!(stage.text("name").await, "ANDY LAU");
        assert_eq!(stage.text("uinfin").await, "S6005048A");
        assert_eq!(stage.text("dob").await, "1988-10-06");
        assert_eq!(stage.text("regadd").await, "319 ANCHORVALE DRIVE #38-10, SINGAPORE 542319");
        let address = stage.browser.current_url().await.unwrap();
        assert_eq!(address.query(), None, "the code has left the address bar");
        stage.look(&format!("{width}-4-result")).await;
        stage.browser.clone().close().await.unwrap();
    }
}

#[tokio::test]
async fn a_person_cancels_and_is_told_so() {
    let stage = stage(390).await;
    stage.browser.goto(&stage.home).await.unwrap();
    stage.click("login").await;
    stage.arrive("/v3/login").await;
    stage.click("persona-S6005048A").await;
    stage.arrive("/consent").await;
    stage.click("cancel").await;
    stage.arrive("/callback").await;
    assert_eq!(stage.text("code").await, "access_denied");
    stage.look("390-5-cancelled").await;
    stage.browser.clone().close().await.unwrap();
}
