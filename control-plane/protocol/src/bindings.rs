//! What a worker is bound to besides its variables: other workers of its account, and Durable Objects.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Another worker of the same account on `env`, or the worker itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServiceBinding {
    /// Its name on `env`.
    pub binding: String,
    /// The other worker's name.
    pub service: String,
    /// The class that the other exports; without it, its default export.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entrypoint: Option<String>,
    /// What the other finds as `ctx.props`: an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub props: Option<Value>,
}

/// A namespace of Durable Objects on `env`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectBinding {
    /// Its name on `env`.
    pub binding: String,
    /// The class as its worker has it now. Which worker that is says [`ObjectNamespace`]: the one that has this namespace among its own.
    pub class: String,
    /// The namespace's id. It stays when the class is renamed, or goes to another worker.
    pub namespace: String,
}

/// The objects of one class that a worker implements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectNamespace {
    /// 32 hexadecimal digits.
    pub id: String,
    /// By which name the main module exports it.
    pub class: String,
}

/// What happened to a worker's classes of Durable Objects with one version, under the tag by which it is known whether that was done.
/// <https://developers.cloudflare.com/durable-objects/reference/durable-objects-migrations/>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migration {
    pub tag: String,
    #[serde(flatten)]
    pub step: MigrationStep,
}

/// Changes that are made at once. A list that is null is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MigrationStep {
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub new_sqlite_classes: Vec<String>,
    /// The same as `new_sqlite_classes`: all objects have SQLite here, and the key-value storage in it.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub new_classes: Vec<String>,
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub renamed_classes: Vec<RenamedClass>,
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub deleted_classes: Vec<String>,
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub transferred_classes: Vec<TransferredClass>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenamedClass {
    pub from: String,
    pub to: String,
}

/// From another worker of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferredClass {
    pub from: String,
    pub from_script: String,
    pub to: String,
}

impl MigrationStep {
    /// How many classes it names.
    pub fn count(&self) -> usize {
        let plain = self.new_sqlite_classes.len() + self.new_classes.len() + self.deleted_classes.len();
        plain + self.renamed_classes.len() + self.transferred_classes.len()
    }
}

fn list<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn migrations_are_read_as_configurations_have_them() {
        let text = json!({
            "tag": "v2", "new_sqlite_classes": ["Room"], "new_classes": null, "deleted_classes": [],
            "renamed_classes": [{ "from": "A", "to": "B" }],
        });
        let read: Migration = serde_json::from_value(text).expect("it is one");
        assert_eq!((read.tag.as_str(), read.step.count()), ("v2", 2));
        let written = json!({ "tag": "v2", "new_sqlite_classes": ["Room"], "renamed_classes": [{ "from": "A", "to": "B" }] });
        assert_eq!(serde_json::to_value(&read).ok(), Some(written));
        for wrong in [json!({}), json!({ "tag": 1 }), json!({ "tag": "v1", "new_classes": "Room" })] {
            assert!(serde_json::from_value::<Migration>(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
