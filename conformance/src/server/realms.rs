//! The realms that were made at a running mock: what is left of them is taken away when a run is stopped.

use reqwest::Client;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The addresses of the realms that are there now.
#[derive(Debug, Clone, Default)]
pub struct Realms(Arc<Mutex<BTreeSet<String>>>);

impl Realms {
    fn open(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes one, by the address of the admin API that deletes it.
    pub(super) fn made(&self, address: &str) {
        self.open().insert(address.to_owned());
    }

    /// Takes one away.
    ///
    /// # Errors
    /// When the mock does not answer.
    pub(super) async fn end(&self, http: &Client, address: &str) -> reqwest::Result<()> {
        self.open().remove(address);
        http.delete(address).send().await?.error_for_status()?;
        Ok(())
    }

    /// Takes all of them away; a mock that is gone took them with it.
    pub async fn end_all(&self) {
        let left = std::mem::take(&mut *self.open());
        let Ok(http) = crate::http::client() else { return };
        for address in left {
            let _ = self.end(&http, &address).await;
        }
    }
}
