//! What differs between two documents of one person, leaf by leaf.

use serde_json::{Map, Value};

/// The differences: what only the one has, what only the other has, and what stands there with another value.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Differences {
    pub(crate) only_one: Vec<String>,
    pub(crate) only_other: Vec<String>,
    pub(crate) changed: Vec<String>,
}

impl Differences {
    /// Compares two documents; where a whole object is missing, its path alone is told.
    pub(crate) fn between(one: &Map<String, Value>, other: &Map<String, Value>) -> Self {
        let mut differences = Self::default();
        differences.objects("", one, other);
        differences
    }

    fn objects(&mut self, path: &str, one: &Map<String, Value>, other: &Map<String, Value>) {
        for (name, value) in one {
            match other.get(name) {
                Some(also) => self.values(&below(path, name), value, also),
                None => self.only_one.push(below(path, name)),
            }
        }
        let new = other.keys().filter(|name| !one.contains_key(*name));
        self.only_other.extend(new.map(|name| below(path, name)));
    }

    fn values(&mut self, path: &str, one: &Value, other: &Value) {
        match (one, other) {
            (Value::Object(one), Value::Object(other)) => self.objects(path, one, other),
            (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
                for (place, (one, other)) in one.iter().zip(other).enumerate() {
                    self.values(&format!("{path}[{place}]"), one, other);
                }
            }
            _ if one == other => {}
            _ => self.changed.push(format!("{path}: {} → {}", told(one), told(other))),
        }
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn told(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(_) => "an object".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_kind_of_difference_is_told_with_its_path() {
        let one = json!({"a": {"x": 1, "y": [1, {"z": true}]}, "gone": {}, "list": [1], "same": "s"});
        let other = json!({"a": {"x": "1", "y": [1, {"z": false}]}, "list": [1, 2], "same": "s", "new": 7});
        let found = Differences::between(one.as_object().unwrap(), other.as_object().unwrap());
        assert_eq!(found.only_one, ["gone"]);
        assert_eq!(found.only_other, ["new"]);
        assert_eq!(found.changed, ["a.x: 1 → \"1\"", "a.y[1].z: true → false", "list: a list of 1 → a list of 2"]);
        assert_eq!(Differences::between(&Map::new(), &Map::new()), Differences::default());
    }
}
