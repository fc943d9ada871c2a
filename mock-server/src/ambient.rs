//! Time and chance: the only file that may ask the system for either.

use openssl::sha::Sha256;
use rand::rngs::{StdRng, SysRng};
use rand::{Rng, SeedableRng, TryRng};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// A moment, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// Whole seconds since the Unix epoch, as JWT claims want them.
    pub const fn seconds(self) -> u64 {
        self.0 / 1000
    }

    /// The moment as `2023-11-14T22:13:20.000Z`.
    pub(crate) fn rfc3339(self) -> String {
        use time::format_description::well_known::Rfc3339;
        let nanoseconds = i128::from(self.0) * 1_000_000;
        let moment = time::OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok();
        let text = moment.and_then(|moment| moment.replace_nanosecond(0).ok()?.format(&Rfc3339).ok());
        // three digits, always: the library leaves out what is zero
        text.map_or_else(|| self.0.to_string(), |text| text.replace('Z', &format!(".{:03}Z", self.0 % 1000)))
    }

    /// The moment `seconds` later.
    #[must_use]
    pub const fn plus_seconds(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }
}

/// Where the server reads the time: the system, or a clock that a test moves by hand.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that stands still until it is moved.
    Manual(ManualClock),
}

impl Clock {
    /// The present moment of this clock.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system's clock")]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp(
                SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX)),
            ),
            Self::Manual(clock) => Timestamp(clock.0.load(Ordering::Relaxed)),
        }
    }
}

/// A clock that stands still until it is moved; clones share the time.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// A clock that shows `start`.
    pub fn starting_at(start: Timestamp) -> Self {
        Self(Arc::new(AtomicU64::new(start.0)))
    }

    /// Moves the clock forward by `seconds`.
    pub fn advance_seconds(&self, seconds: u64) {
        self.0.fetch_add(seconds.saturating_mul(1000), Ordering::Relaxed);
    }
}

/// The clock of one realm: another clock, moved, stopped, and shown to clients with a difference.
///
/// What the checks use and what a client sees are apart: a client whose own clock is right must be able to meet a server
/// whose clock is wrong, and the other way round.
#[derive(Debug)]
pub(crate) struct RealmClock {
    base: Clock,
    setting: Mutex<ClockSetting>,
}

/// How a realm's clock differs from the one below it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ClockSetting {
    /// What is added to the clock below, in milliseconds.
    pub(crate) offset: i64,
    /// The moment at which the clock stands, where it does.
    pub(crate) frozen: Option<Timestamp>,
    /// What is added for clients to see, in milliseconds.
    pub(crate) skew: i64,
}

impl RealmClock {
    pub(crate) const fn new(base: Clock) -> Self {
        Self { base, setting: Mutex::new(ClockSetting { offset: 0, frozen: None, skew: 0 }) }
    }

    /// The moment by which requests are checked.
    pub(crate) fn now(&self) -> Timestamp {
        let setting = self.setting();
        setting.frozen.unwrap_or_else(|| Timestamp(self.base.now().0.saturating_add_signed(setting.offset)))
    }

    /// The moment that clients see: in tokens and in the `Date` header.
    pub(crate) fn shown(&self) -> Timestamp {
        Timestamp(self.now().0.saturating_add_signed(self.setting().skew))
    }

    /// Whether clients see the machine's time, so that the HTTP library's own `Date` header is right.
    pub(crate) fn shows_system_time(&self) -> bool {
        matches!(self.base, Clock::System) && self.setting() == ClockSetting::default()
    }

    /// A clock that begins like this one's base.
    pub(crate) fn base(&self) -> Clock {
        self.base.clone()
    }

    pub(crate) fn setting(&self) -> ClockSetting {
        *self.setting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the setting; `change` gets the present moment of the clock below.
    pub(crate) fn change(&self, change: impl FnOnce(&mut ClockSetting, Timestamp)) {
        let below = self.base.now();
        change(&mut self.setting.lock().unwrap_or_else(PoisonError::into_inner), below);
    }

    /// Puts the clock back to the one below.
    pub(crate) fn reset(&self) {
        self.change(|setting, _| *setting = ClockSetting::default());
    }
}

/// Where the server takes random values from: the system, or a seed that makes a run repeatable.
///
/// Codes, token ids, nonces, new keys, and all that is made by chance in a JWE come from here. What does not: the keys and
/// handshakes of TLS, the admin token, and the salt of RSASSA-PSS, which only a fault signs with.
#[derive(Debug)]
pub struct Entropy {
    generator: Mutex<StdRng>,
    /// What it began with, where it is to be repeated.
    seed: Option<u64>,
}

impl Entropy {
    /// A generator seeded by the operating system.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub fn system() -> std::io::Result<Self> {
        let mut seed = <StdRng as SeedableRng>::Seed::default();
        SysRng.try_fill_bytes(&mut seed).map_err(std::io::Error::other)?;
        Ok(Self { generator: Mutex::new(StdRng::from_seed(seed)), seed: None })
    }

    /// A generator that gives the same values for the same seed: for tests and repeatable transcripts.
    pub fn seeded(seed: u64) -> Self {
        Self { generator: Mutex::new(StdRng::seed_from_u64(seed)), seed: Some(seed) }
    }

    /// The generator of a realm of this name: by the seed where there is one, whatever was drawn in other realms before.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub(crate) fn of_realm(&self, name: &str) -> std::io::Result<Self> {
        let Some(seed) = self.seed else { return Self::system() };
        let mut hasher = Sha256::new();
        hasher.update(&seed.to_be_bytes());
        hasher.update(name.as_bytes());
        Ok(Self { generator: Mutex::new(StdRng::from_seed(hasher.finish())), seed: Some(seed) })
    }

    /// Whether the run is to be repeated.
    pub(crate) const fn repeats(&self) -> bool {
        self.seed.is_some()
    }

    /// So many bytes.
    pub(crate) fn bytes(&self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.generator.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }

    /// `length` lower-case hexadecimal digits.
    pub fn hex(&self, length: usize) -> String {
        self.pick(length, b"0123456789abcdef")
    }

    /// `length` letters and digits.
    pub fn alphanumeric(&self, length: usize) -> String {
        self.pick(length, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    }

    fn pick(&self, length: usize, alphabet: &[u8]) -> String {
        let mut rng = self.generator.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::with_capacity(length);
        while text.len() < length {
            // six bits a draw; draws outside the alphabet are thrown away so that no character is likelier
            let draw = (rng.next_u32() & 0x3f) as usize;
            if let Some(character) = alphabet.get(draw) {
                text.push(char::from(*character));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let manual = ManualClock::starting_at(Timestamp(5_000));
        let clock = Clock::Manual(manual.clone());
        assert_eq!(clock.now().seconds(), 5);
        manual.advance_seconds(600);
        assert_eq!(clock.now(), Timestamp(605_000));
    }

    #[test]
    fn the_same_seed_gives_the_same_values() {
        assert_eq!(Entropy::seeded(7).hex(40), Entropy::seeded(7).hex(40));
        assert_ne!(Entropy::seeded(7).hex(40), Entropy::seeded(8).hex(40));
        assert_eq!(Entropy::seeded(7).alphanumeric(40).len(), 40);
        assert_eq!(Entropy::seeded(7).bytes(40), Entropy::seeded(7).bytes(40));
    }

    #[test]
    fn a_realm_repeats_whatever_was_drawn_elsewhere_and_another_name_is_another_run() {
        let (fresh, used) = (Entropy::seeded(7), Entropy::seeded(7));
        used.hex(40);
        let of = |entropy: &Entropy, name: &str| entropy.of_realm(name).unwrap().hex(40);
        assert_eq!(of(&fresh, "a"), of(&used, "a"));
        assert_ne!(of(&fresh, "a"), of(&fresh, "b"));
        assert_ne!(of(&fresh, "a"), of(&Entropy::seeded(8), "a"));
        let system = Entropy::system().unwrap();
        assert_ne!(of(&system, "a"), of(&system, "a"));
    }
}
