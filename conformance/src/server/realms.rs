//! The realms that were made at a running mock: what is left of them is taken away when a run is stopped.

use anyhow::{Context, Result};
use reqwest::{Client, RequestBuilder, Response};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

/// How many realms may be in the making at once.
const MAKING: u32 = 64;

/// The addresses of the realms that are there now, and leave to make more.
#[derive(Debug, Clone)]
pub struct Realms {
    there: Arc<Mutex<BTreeSet<String>>>,
    leave: Arc<Semaphore>,
}

impl Default for Realms {
    fn default() -> Self {
        Self { there: Arc::default(), leave: Arc::new(Semaphore::new(MAKING as usize)) }
    }
}

impl Realms {
    fn open(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.there.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes one by this request, and notes it by the address of the admin API that deletes it.
    ///
    /// The request is a task of its own: whoever is stopped while it is under way must not leave a realm that nobody knows.
    ///
    /// # Errors
    /// When the mock does not answer, or the run has been stopped.
    pub(super) async fn make(&self, address: &str, request: RequestBuilder) -> Result<Response> {
        let leave = Arc::clone(&self.leave).acquire_owned().await.context("the run was stopped")?;
        let (realms, address) = (self.clone(), address.to_owned());
        let making = tokio::spawn(async move {
            let made = request.send().await;
            if made.as_ref().is_ok_and(|answer| answer.status() == 201) {
                realms.open().insert(address);
            }
            drop(leave);
            made
        });
        making.await?.context("the mock's admin API does not answer")
    }

    /// Takes one away.
    ///
    /// # Errors
    /// When the mock does not answer.
    pub(super) async fn end(&self, http: &Client, address: &str) -> reqwest::Result<()> {
        http.delete(address).send().await?.error_for_status()?;
        self.open().remove(address);
        Ok(())
    }

    /// Takes all of them away, those in the making, too; none is made afterwards. A mock that is gone took them with it.
    pub async fn end_all(&self) {
        let _all = self.leave.acquire_many(MAKING).await;
        self.leave.close();
        let left = std::mem::take(&mut *self.open());
        let Ok(http) = crate::http::client() else { return };
        for address in left {
            let _ = self.end(&http, &address).await;
        }
    }
}
