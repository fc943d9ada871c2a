//! Attribute names: which exist in v3, which member belongs to which item, which name was probably meant.

use myinfo_fixtures::Attribute;
use std::collections::{BTreeMap, BTreeSet};

/// The attribute catalogue, arranged for looking things up.
#[derive(Debug)]
pub(crate) struct Catalogue {
    items: Vec<Attribute>,
    v3_scopes: BTreeSet<String>,
    labels: BTreeMap<String, Label>,
    members: BTreeMap<String, String>,
}

/// How a consent page names an item.
#[derive(Debug, Clone, serde::Deserialize)]
pub(crate) struct Label {
    pub(crate) label: String,
    pub(crate) group: String,
}

impl Catalogue {
    /// The catalogue of the fixtures.
    ///
    /// # Errors
    /// When the embedded data do not parse, which a test rules out.
    pub(crate) fn load() -> Result<Self, serde_json::Error> {
        let items: Vec<Attribute> = serde_json::from_str(myinfo_fixtures::CATALOGUE_JSON)?;
        let mut labels: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(myinfo_fixtures::LABELS_JSON)?;
        let members = labels.remove("_members").map(serde_json::from_value).transpose()?.unwrap_or_default();
        let v3_scopes = items
            .iter()
            .filter(|item| item.versions.iter().any(|version| version == "v3"))
            .flat_map(scopes_of)
            .collect();
        Ok(Self { v3_scopes, labels: serde_json::from_value(labels.into())?, members, items })
    }

    /// Whether `name` may stand in the v3 parameter `attributes`.
    ///
    /// The five families with dotted members have no scope of their own name (specification, Appendix A).
    pub(crate) fn is_v3_scope(&self, name: &str) -> bool {
        self.v3_scopes.contains(name)
    }

    /// The v3 scope names nearest to `name`, best first.
    pub(crate) fn nearest_v3_scopes(&self, name: &str) -> Vec<&str> {
        if let Some(item) = self.item(name)
            && !item.v3_scopes.is_empty()
        {
            return self
                .v3_scopes
                .iter()
                .filter(|scope| scope.starts_with(&format!("{name}.")))
                .map(String::as_str)
                .take(3)
                .collect();
        }
        nearest(name, self.v3_scopes.iter().map(String::as_str))
    }

    /// The catalogue's entry for a top-level item.
    pub(crate) fn item(&self, name: &str) -> Option<&Attribute> {
        self.items.iter().find(|item| item.attribute == name)
    }

    /// The names of all items.
    pub(crate) fn item_names(&self) -> impl Iterator<Item = &str> {
        self.items.iter().map(|item| item.attribute.as_str())
    }

    /// The items that the deprecated `person-basic` returns: all but those of CPF and IRAS.
    pub(crate) fn person_basic_scopes(&self) -> Vec<String> {
        self.items
            .iter()
            .filter(|item| item.person_basic == Some(true) && item.versions.iter().any(|version| version == "v3"))
            .flat_map(scopes_of)
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

fn scopes_of(item: &Attribute) -> Vec<String> {
    if item.v3_scopes.is_empty() {
        return vec![item.attribute.clone()];
    }
    item.v3_scopes.iter().map(|member| format!("{}.{member}", item.attribute)).collect()
}

/// The candidates that look most like `name`: at most three, best first, none that is far off.
pub(crate) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = name.to_lowercase();
    let mut scored: Vec<(f64, &str)> = candidates
        .map(|candidate| (strsim::jaro_winkler(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(score, _)| *score > 0.8)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_with_members_are_scopes_only_with_a_dot() {
        let catalogue = Catalogue::load().unwrap();
        assert!(catalogue.is_v3_scope("vehicles.vehicleno"));
        assert!(catalogue.is_v3_scope("drivinglicence.qdl.expirydate"));
        assert!(!catalogue.is_v3_scope("vehicles"));
        assert!(catalogue.is_v3_scope("cpfbalances"));
        assert!(!catalogue.is_v3_scope("chas"), "chas came with v4");
    }

    #[test]
    fn a_misspelt_attribute_finds_its_neighbour() {
        let catalogue = Catalogue::load().unwrap();
        assert_eq!(catalogue.nearest_v3_scopes("natonality").first(), Some(&"nationality"));
        assert!(catalogue.nearest_v3_scopes("vehicles").iter().all(|scope| scope.starts_with("vehicles.")));
        assert!(catalogue.nearest_v3_scopes("zzzzzz").is_empty());
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
