//! What a case asked of the world, and what came back, in order: kept for a replay, which asks nobody.

use crate::connector::driver::{Configured, Driver, DriverError, Hello, Kind, Outcome, Started, Unstarted};
use crate::connector::setup::Setup;
use anyhow::{Context, Result, anyhow, bail};
use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What was asked, in a few words.
    pub asked: String,
    /// `Ok` or `Err`, and what came back.
    pub answer: Result<Value, Value>,
}

/// The tape of one case: written while it runs, or read in its place.
#[derive(Debug, Clone)]
pub struct Tape(Arc<Reel>);

#[derive(Debug)]
enum Reel {
    Written(Mutex<Vec<Entry>>),
    Played(Mutex<VecDeque<Entry>>),
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tape {
    /// An empty one, to be written.
    pub fn empty() -> Self {
        Self(Arc::new(Reel::Written(Mutex::default())))
    }

    /// One that was written, to be played.
    pub fn played(entries: Vec<Entry>) -> Self {
        Self(Arc::new(Reel::Played(Mutex::new(entries.into()))))
    }

    /// What was written so far.
    pub fn entries(&self) -> Vec<Entry> {
        match &*self.0 {
            Reel::Written(entries) => locked(entries).clone(),
            Reel::Played(rest) => locked(rest).iter().cloned().collect(),
        }
    }

    /// Whether it is played: nobody is there to be asked.
    pub fn is_played(&self) -> bool {
        matches!(*self.0, Reel::Played(_))
    }

    /// Keeps an answer.
    pub fn keep<T: Serialize, E: Serialize>(&self, asked: &str, answer: &Result<T, E>) {
        let Reel::Written(entries) = &*self.0 else { return };
        let value = |value: serde_json::Result<Value>| value.unwrap_or_default();
        let answer = match answer {
            Ok(answer) => Ok(value(serde_json::to_value(answer))),
            Err(error) => Err(value(serde_json::to_value(error))),
        };
        locked(entries).push(Entry { asked: asked.to_owned(), answer });
    }

    /// The next answer, which must be one to this question.
    ///
    /// # Errors
    /// When the tape is at its end, or something else was asked when it was written: the suite's cases are others today.
    pub fn next<T: DeserializeOwned, E: DeserializeOwned>(&self, asked: &str) -> Result<Result<T, E>> {
        let Reel::Played(entries) = &*self.0 else { bail!("the tape is being written") };
        let entry = locked(entries).pop_front();
        let entry = entry.with_context(|| format!("the replay file ends where the case asks for `{asked}`"))?;
        if entry.asked != asked {
            bail!(
                "the replay file does not fit this version: it has `{}` where the case asks for `{asked}`",
                entry.asked
            );
        }
        let unreadable = || format!("the replay file has something else as the answer to `{asked}`");
        Ok(match entry.answer {
            Ok(answer) => Ok(serde_json::from_value(answer).with_context(unreadable)?),
            Err(error) => Err(serde_json::from_value(error).with_context(unreadable)?),
        })
    }

    /// Asks the world, or the tape in its place.
    ///
    /// # Errors
    /// The world's, or those of [`Self::next`].
    pub async fn ask<T, F>(&self, asked: &str, live: F) -> Result<T>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<T>>,
    {
        if self.is_played() {
            return self.next::<T, String>(asked)?.map_err(|error| anyhow!(error));
        }
        let answer = live.await;
        self.keep(asked, &answer.as_ref().map_err(|error| format!("{error:#}")));
        answer
    }
}

/// A driver whose answers are written to a tape; or the tape in its place.
pub struct Taped<'d> {
    driver: Option<&'d mut dyn Driver>,
    hello: Hello,
    tape: Tape,
}

impl<'d> Taped<'d> {
    /// Writes what a driver answers.
    pub fn writing(driver: &'d mut dyn Driver, tape: Tape) -> Self {
        Self { hello: driver.hello().clone(), driver: Some(driver), tape }
    }

    /// Answers as the tape says.
    pub const fn playing(hello: Hello, tape: Tape) -> Self {
        Self { driver: None, hello, tape }
    }

    /// Gives the connector a callback, and waits for its answer no longer than a limit says.
    ///
    /// # Errors
    /// [`DriverError::Late`] when there is none by then; else those of the driver.
    pub async fn callback_within(&mut self, session: &str, url: &str, limit: Duration) -> Result<Outcome, DriverError> {
        let asked = format!("callback {session}");
        let Some(driver) = &mut self.driver else { return self.played(&asked) };
        let answer = tokio::time::timeout(limit, driver.callback(session, url)).await;
        let answer = answer.unwrap_or_else(|_| Err(DriverError::Late("callback".to_owned(), limit.as_secs())));
        self.tape.keep(&asked, &answer);
        answer
    }

    /// The answer out of the tape; one that does not fit is a driver that does not answer.
    fn played<T: DeserializeOwned>(&self, asked: &str) -> Result<T, DriverError> {
        let answer = self.tape.next(asked);
        answer.unwrap_or_else(|error| Err(DriverError::NotStarted(format!("{error:#}"))))
    }
}

impl Driver for Taped<'_> {
    fn hello(&self) -> &Hello {
        &self.hello
    }

    fn configure<'a>(&'a mut self, setup: &'a Setup) -> BoxFuture<'a, Result<Configured, DriverError>> {
        Box::pin(async move {
            let Some(driver) = &mut self.driver else { return self.played("configure") };
            let answer = driver.configure(setup).await;
            self.tape.keep("configure", &answer);
            answer
        })
    }

    fn start(&mut self) -> BoxFuture<'_, Result<Started, DriverError>> {
        Box::pin(async move {
            let Some(driver) = &mut self.driver else { return self.played("start") };
            let answer = driver.start().await;
            self.tape.keep("start", &answer);
            answer
        })
    }

    fn callback<'a>(&'a mut self, session: &'a str, url: &'a str) -> BoxFuture<'a, Result<Outcome, DriverError>> {
        Box::pin(async move {
            let asked = format!("callback {session}");
            let Some(driver) = &mut self.driver else { return self.played(&asked) };
            let answer = driver.callback(session, url).await;
            self.tape.keep(&asked, &answer);
            answer
        })
    }

    fn reset(&mut self) -> BoxFuture<'_, Result<(), DriverError>> {
        Box::pin(async move {
            match &mut self.driver {
                Some(driver) => driver.reset().await,
                None => Ok(()),
            }
        })
    }

    fn logs(&mut self) -> String {
        let Some(driver) = &mut self.driver else { return self.played("logs").unwrap_or_default() };
        let logs = driver.logs();
        self.tape.keep::<_, DriverError>("logs", &Ok(&logs));
        logs
    }

    fn kind(&self) -> Kind {
        self.driver.as_ref().map_or_else(Kind::default, |driver| driver.kind())
    }

    fn unstarted(&self) -> Option<Unstarted> {
        self.driver.as_ref()?.unstarted()
    }

    fn to_do(&self) -> Option<&'static str> {
        self.driver.as_ref()?.to_do()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_tape_gives_back_what_was_written_and_names_what_does_not_fit() {
        let tape = Tape::empty();
        assert_eq!(tape.ask("one", async { Ok(1) }).await.unwrap(), 1);
        assert!(tape.ask::<u8, _>("two", async { bail!("no") }).await.is_err());
        let text = serde_json::to_string(&tape.entries()).unwrap();
        let tape = Tape::played(serde_json::from_str(&text).unwrap());
        let nobody = async { bail!("nobody is asked") };
        assert_eq!(tape.ask::<u8, _>("one", nobody).await.unwrap(), 1);
        assert_eq!(tape.ask::<u8, _>("two", async { Ok(9) }).await.unwrap_err().to_string(), "no");
        let end = tape.ask::<u8, _>("three", async { Ok(9) }).await.unwrap_err().to_string();
        assert!(end.contains("ends where the case asks for `three`"), "{end}");
        let other = Tape::played(vec![Entry { asked: "x".into(), answer: Ok(Value::Null) }]);
        let error = other.ask::<u8, _>("y", async { Ok(9) }).await.unwrap_err().to_string();
        assert!(error.contains("it has `x` where the case asks for `y`"), "{error}");
    }
}
