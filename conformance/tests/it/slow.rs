//! Cases that give a connector a time limit, on a machine that is too busy for it.

use futures_util::future::{BoxFuture, join};
use myinfo_conformance::baseline::Baseline;
use myinfo_conformance::case::connector::fapi;
use myinfo_conformance::connector::driver::reference::ReferenceDriver;
use myinfo_conformance::connector::driver::{
    Class, Configured, Driver, DriverError, Drivers, Hello, Outcome, Started, Words,
};
use myinfo_conformance::connector::run::{Options, run};
use myinfo_conformance::connector::setup::Setup;

/// Makes drivers of the reference connector whose first logins, this many, meet their limit before they begin.
struct Slow(u32);

struct SlowDriver {
    reference: ReferenceDriver,
    slow: u32,
    /// How many logins more will not begin.
    late: u32,
}

impl Drivers for Slow {
    fn fresh(&self) -> BoxFuture<'_, Result<Box<dyn Driver>, DriverError>> {
        let driver = SlowDriver { reference: ReferenceDriver::default(), slow: self.0, late: 0 };
        Box::pin(async { Ok(Box::new(driver) as Box<dyn Driver>) })
    }
}

impl Driver for SlowDriver {
    fn hello(&self) -> &Hello {
        self.reference.hello()
    }
    fn configure<'a>(&'a mut self, setup: &'a Setup) -> BoxFuture<'a, Result<Configured, DriverError>> {
        Box::pin(async {
            let mut setup = setup.clone();
            let limited = setup.common.timeout_seconds.is_some();
            self.late = if limited { self.slow } else { 0 };
            // a connector may give up sooner than it has to, and the test with it
            setup.common.timeout_seconds = limited.then_some(1);
            self.reference.configure(&setup).await
        })
    }
    fn start(&mut self) -> BoxFuture<'_, Result<Started, DriverError>> {
        if self.late == 0 {
            return self.reference.start();
        }
        self.late -= 1;
        let message = "PAR did not answer in time".into();
        Box::pin(async { Ok(Started::Error { message, class: Class::Transport, native: Words::default() }) })
    }
    fn callback<'a>(&'a mut self, session: &'a str, url: &'a str) -> BoxFuture<'a, Result<Outcome, DriverError>> {
        self.reference.callback(session, url)
    }
    fn reset(&mut self) -> BoxFuture<'_, Result<(), DriverError>> {
        self.reference.reset()
    }
}

async fn judged(slow: u32) -> &'static str {
    let cases = fapi::cases().filter(|case| case.id == "fapi.token.stalled").collect();
    let options = Options { cases, strict: true, seed: 1, jobs: 1 };
    let outcome = run(&options, &Slow(slow), &Baseline::default(), |_| ()).await.unwrap();
    outcome.judged[0].verdict.name()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_met_its_limit_before_the_fault_is_begun_again_a_few_times() {
    let (at_times, always) = join(Box::pin(judged(2)), Box::pin(judged(u32::MAX))).await;
    assert_eq!((at_times, always), ("pass", "inconclusive"), "where none begins nothing was shown");
}
