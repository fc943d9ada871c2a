//! At most one value of each type: what profiles keep in a place that knows no profile.

use std::any::Any;
use std::sync::Arc;

/// What each profile remembers between requests.
#[derive(Default)]
pub(crate) struct Parts(Vec<Box<dyn Any + Send>>);

impl Parts {
    /// The value of this type; it is made when it is asked for the first time.
    pub(crate) fn of<T: Any + Send + Default>(&mut self) -> &mut T {
        let place = self.0.iter().position(|part| part.is::<T>()).unwrap_or_else(|| {
            self.0.push(Box::new(T::default()));
            self.0.len() - 1
        });
        let part = self.0.get_mut(place).and_then(|part| part.downcast_mut());
        #[expect(clippy::expect_used, reason = "the place was found by this type, or filled with it, a line above")]
        part.expect("the part that was found is of this type")
    }
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Parts({})", self.0.len())
    }
}

/// What each profile was configured with: read at the start, and only read from then on.
#[derive(Clone, Default)]
pub(crate) struct Settings(Vec<Arc<dyn Any + Send + Sync>>);

impl Settings {
    /// The value of this type, if there is one.
    pub(crate) fn get<T: Any>(&self) -> Option<&T> {
        self.0.iter().find_map(|part| part.downcast_ref())
    }

    /// Puts a value in, in place of the one of its type.
    pub(crate) fn put<T: Any + Send + Sync>(&mut self, value: T) {
        self.0.retain(|part| !part.is::<T>());
        self.0.push(Arc::new(value));
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // settings may hold secrets; each profile shows its own
        write!(formatter, "Settings({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_a_value_of_its_own_that_stays() {
        let mut parts = Parts::default();
        *parts.of::<u32>() = 7;
        parts.of::<String>().push('x');
        assert_eq!((*parts.of::<u32>(), parts.of::<String>().as_str()), (7, "x"));
    }

    #[test]
    fn a_setting_takes_the_place_of_the_one_of_its_type() {
        let mut settings = Settings::default();
        settings.put(1_u8);
        settings.put("text");
        settings.put(2_u8);
        assert_eq!((settings.get(), settings.get(), settings.get::<u16>()), (Some(&2_u8), Some(&"text"), None));
    }
}
