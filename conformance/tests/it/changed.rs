//! The reference connector, except that what comes of its logins is changed before the suite hears of it.

use futures_util::future::BoxFuture;
use myinfo_conformance::connector::driver::reference::ReferenceDriver;
use myinfo_conformance::connector::driver::{Configured, Driver, DriverError, Drivers, Hello, Outcome, Started};
use myinfo_conformance::connector::setup::Setup;

/// Makes drivers that change every outcome in the same way.
pub(crate) struct Changed(pub(crate) fn(Outcome) -> Outcome);

struct ChangedDriver {
    reference: ReferenceDriver,
    change: fn(Outcome) -> Outcome,
}

impl Drivers for Changed {
    fn fresh(&self) -> BoxFuture<'_, Result<Box<dyn Driver>, DriverError>> {
        let driver = ChangedDriver { reference: ReferenceDriver::default(), change: self.0 };
        Box::pin(async { Ok(Box::new(driver) as Box<dyn Driver>) })
    }
}

impl Driver for ChangedDriver {
    fn hello(&self) -> &Hello {
        self.reference.hello()
    }
    fn configure<'a>(&'a mut self, setup: &'a Setup) -> BoxFuture<'a, Result<Configured, DriverError>> {
        self.reference.configure(setup)
    }
    fn start(&mut self) -> BoxFuture<'_, Result<Started, DriverError>> {
        self.reference.start()
    }
    fn callback<'a>(&'a mut self, session: &'a str, url: &'a str) -> BoxFuture<'a, Result<Outcome, DriverError>> {
        Box::pin(async move { self.reference.callback(session, url).await.map(self.change) })
    }
    fn reset(&mut self) -> BoxFuture<'_, Result<(), DriverError>> {
        self.reference.reset()
    }
}
