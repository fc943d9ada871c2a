//! The attribute catalogue: which names exist in which version, what they are called on a page, which one was meant.

use crate::text::nearest;
use myinfo_fixtures::Attribute;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The attribute catalogue, arranged for looking things up.
#[derive(Debug)]
pub(crate) struct Catalogue {
    items: Vec<Attribute>,
    scopes: BTreeMap<Version, BTreeSet<String>>,
    labels: BTreeMap<String, Label>,
    members: BTreeMap<String, String>,
}

/// A version of the data: what may be asked for differs, the record is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Version {
    V3,
    V4,
    V5,
}

impl Version {
    pub(crate) const ALL: [Self; 3] = [Self::V3, Self::V4, Self::V5];

    /// The name in the documents.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::V3 => "v3",
            Self::V4 => "v4",
            Self::V5 => "v5",
        }
    }

    /// Whether the documents of this version list the item.
    fn lists(self, item: &Attribute) -> bool {
        item.versions.iter().any(|version| version == self.name())
    }

    /// The members that this version addresses with a dot.
    fn members_of(self, item: &Attribute) -> &[String] {
        match self {
            // with what was added after the document of 2021, and is asked for
            Self::V3 | Self::V4 => &item.v3_scopes,
            Self::V5 => &item.v5_scopes,
        }
    }
}

/// How a consent page names an item.
#[derive(Debug, Clone, serde::Deserialize)]
pub(crate) struct Label {
    pub(crate) label: String,
    pub(crate) group: String,
}

impl Catalogue {
    /// The catalogue of the fixtures, read once; nothing where the embedded data do not parse, which a test rules out.
    pub(crate) fn embedded() -> Option<&'static Self> {
        static READ: LazyLock<Option<Catalogue>> = LazyLock::new(|| Catalogue::load().ok());
        READ.as_ref()
    }

    /// The catalogue of the fixtures.
    ///
    /// # Errors
    /// When the embedded data do not parse, which a test rules out.
    pub(crate) fn load() -> Result<Self, serde_json::Error> {
        let items: Vec<Attribute> = serde_json::from_str(myinfo_fixtures::CATALOGUE_JSON)?;
        let mut labels: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(myinfo_fixtures::LABELS_JSON)?;
        let members = labels.remove("_members").map(serde_json::from_value).transpose()?.unwrap_or_default();
        let scopes = Version::ALL.map(|version| {
            let listed = items.iter().filter(|item| version.lists(item));
            (version, listed.flat_map(|item| scopes_of(version, item)).collect())
        });
        Ok(Self { scopes: scopes.into(), labels: serde_json::from_value(labels.into())?, members, items })
    }

    /// The agencies that items come from.
    pub(crate) fn agencies(&self) -> BTreeSet<&str> {
        self.items.iter().flat_map(agencies_of).collect()
    }

    /// Whether the item of a scope comes from an agency.
    pub(crate) fn comes_from(&self, scope: &str, agency: &str) -> bool {
        let item = scope.split('.').next().and_then(|item| self.item(item));
        item.is_some_and(|item| agencies_of(item).any(|known| known == agency))
    }

    /// Whether `name` may be asked for in this version.
    ///
    /// In v3 the five families with dotted members have no scope of their own name (specification, Appendix A).
    pub(crate) fn is_scope(&self, version: Version, name: &str) -> bool {
        self.scopes.get(&version).is_some_and(|scopes| scopes.contains(name))
    }

    /// The scope names of this version nearest to `name`, best first.
    pub(crate) fn nearest_scopes(&self, version: Version, name: &str) -> Vec<&str> {
        let Some(scopes) = self.scopes.get(&version) else { return Vec::new() };
        let scopes = || scopes.iter().map(String::as_str);
        if self.item(name).is_some_and(|item| !version.members_of(item).is_empty()) {
            return scopes().filter(|scope| scope.starts_with(&format!("{name}."))).take(3).collect();
        }
        nearest(name, scopes())
    }

    /// What another version knows by this name, where it is none of this version's.
    pub(crate) fn elsewhere(&self, version: Version, name: &str) -> Option<String> {
        if self.is_scope(version, name) {
            return None;
        }
        let here = version.name();
        if let Some((_, new)) = OF_V2.iter().find(|(old, new)| *old == name && self.is_scope(version, new)) {
            return Some(format!("v2's `{name}` is `{new}` in {here}"));
        }
        if name == "openid" {
            return Some("`openid` belongs to FAPI".to_owned());
        }
        let knowing = Version::ALL.into_iter().filter(|other| self.is_scope(*other, name));
        let knowing: Vec<&str> = knowing.map(Version::name).collect();
        if knowing.is_empty() {
            return None;
        }
        let item = name.split('.').next().unwrap_or(name);
        let here = match self.nearest_scopes(version, item).first() {
            _ if self.is_scope(version, item) => format!("{here} has `{item}`"),
            Some(member) if member.starts_with(&format!("{item}.")) => format!("{here} has `{member}` and others"),
            Some(_) | None => format!("{here} has no such item"),
        };
        Some(format!("`{name}` is a {} name; {here}", knowing.join(" and ")))
    }

    /// The catalogue's entry for a top-level item.
    pub(crate) fn item(&self, name: &str) -> Option<&Attribute> {
        self.items.iter().find(|item| item.attribute == name)
    }

    /// The names of the items that a version lists.
    pub(crate) fn items_of(&self, version: Version) -> impl Iterator<Item = &str> {
        self.items.iter().filter(move |item| version.lists(item)).map(|item| item.attribute.as_str())
    }

    /// The names of all items.
    pub(crate) fn item_names(&self) -> impl Iterator<Item = &str> {
        self.items.iter().map(|item| item.attribute.as_str())
    }

    /// The items that the deprecated `person-basic` returns: all but those of CPF and IRAS.
    pub(crate) fn person_basic_scopes(&self) -> Vec<String> {
        self.items
            .iter()
            .filter(|item| item.person_basic == Some(true) && Version::V3.lists(item))
            .flat_map(|item| scopes_of(Version::V3, item))
            .collect()
    }

    /// The label of an item on a page, and the group in which it stands.
    pub(crate) fn label(&self, item: &str) -> Label {
        self.labels.get(item).cloned().unwrap_or_else(|| Label { label: item.to_owned(), group: "Other".to_owned() })
    }

    /// The label of a dotted member: each part by its own label.
    pub(crate) fn member_label(&self, path: &str) -> String {
        path.split('.').map(|part| self.members.get(part).map_or(part, String::as_str)).collect::<Vec<_>>().join(", ")
    }
}

/// Names of v2 that are others today.
const OF_V2: [(&str, &str); 1] = [("assessableincome", "noa-basic")];

/// The agencies of an item; several stand beside each other, or in one text with a slash.
fn agencies_of(item: &Attribute) -> impl Iterator<Item = &str> {
    item.agency.iter().flat_map(|agency| agency.split('/'))
}

fn scopes_of(version: Version, item: &Attribute) -> Vec<String> {
    let members = version.members_of(item);
    if members.is_empty() {
        return vec![item.attribute.clone()];
    }
    members.iter().map(|member| format!("{}.{member}", item.attribute)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_with_members_are_scopes_only_with_a_dot() {
        let catalogue = Catalogue::load().unwrap();
        assert!(catalogue.is_scope(Version::V3, "vehicles.vehicleno"));
        assert!(catalogue.is_scope(Version::V3, "drivinglicence.qdl.expirydate"));
        assert!(!catalogue.is_scope(Version::V3, "vehicles"));
        assert!(catalogue.is_scope(Version::V3, "cpfbalances"));
        assert!(!catalogue.is_scope(Version::V3, "chas"), "chas came with v4");
    }

    #[test]
    fn a_misspelt_attribute_finds_its_neighbour() {
        let catalogue = Catalogue::load().unwrap();
        assert_eq!(catalogue.nearest_scopes(Version::V3, "natonality").first(), Some(&"nationality"));
        assert!(catalogue.nearest_scopes(Version::V3, "vehicles").iter().all(|scope| scope.starts_with("vehicles.")));
        assert!(catalogue.nearest_scopes(Version::V3, "zzzzzz").is_empty());
    }

    #[test]
    fn person_basic_leaves_out_cpf_and_iras() {
        let scopes = Catalogue::load().unwrap().person_basic_scopes();
        assert!(scopes.iter().any(|scope| scope == "name"));
        assert!(
            !scopes.iter().any(|scope| scope.starts_with("cpf") || scope.starts_with("noa") || scope == "ownerprivate")
        );
    }
}
