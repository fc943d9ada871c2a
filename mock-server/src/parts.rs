//! At most one value of each type: what profiles keep in a place that knows no profile.

use std::any::Any;

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
}
