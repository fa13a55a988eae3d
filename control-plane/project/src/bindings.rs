//! What a configuration binds a worker to besides variables: other workers, and Durable Objects.
//! <https://developers.cloudflare.com/workers/wrangler/configuration/#bindings>

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use skerry_protocol::{Migration, RenamedClass, ServiceBinding};

use crate::config::{string, wrong};

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bindings {
    pub services: Vec<ServiceBinding>,
    pub objects: Vec<ObjectClass>,
    /// In their order, each with a tag of its own.
    pub migrations: Vec<Migration>,
}

/// A binding to the Durable Objects of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectClass {
    /// Its name on `env`.
    pub binding: String,
    pub class: String,
    /// The worker that implements it, if it is another one.
    pub script: Option<String>,
}

impl Bindings {
    /// `name` is the worker's.
    pub(crate) fn of(keys: &Map<String, Value>, name: &str) -> Result<Self, String> {
        let services = services(keys)?;
        let objects = objects(keys, name)?;
        let names = services.iter().map(|service| &service.binding).chain(objects.iter().map(|object| &object.binding));
        let mut seen: BTreeSet<&String> = keys.get("vars").and_then(Value::as_object).into_iter().flat_map(Map::keys).collect();
        for name in names {
            if name.is_empty() {
                return Err("a binding of \"services\" or \"durable_objects\" has no name".to_owned());
            }
            if !seen.insert(name) {
                return Err(format!("\"{name}\" is the name of two bindings: give one of them another"));
            }
        }
        Ok(Self { services, objects, migrations: migrations(keys)? })
    }

    /// Warnings of classes that a control plane would not take as they are.
    pub(crate) fn without_migration(&self) -> Vec<String> {
        let steps = || self.migrations.iter().map(|migration| &migration.step);
        let is_made = |class: &String| {
            steps().any(|step| {
                let renamed = step.renamed_classes.iter().any(|renamed| renamed.to == *class);
                let transferred = step.transferred_classes.iter().any(|transferred| transferred.to == *class);
                step.new_sqlite_classes.contains(class) || step.new_classes.contains(class) || renamed || transferred
            })
        };
        let own = self.objects.iter().filter(|object| object.script.is_none()).map(|object| &object.class);
        let missing: BTreeSet<_> = own.filter(|class| !is_made(class)).collect();
        let warning = |class| {
            let migration = format!("{{ \"tag\": \"v{}\", \"new_sqlite_classes\": [\"{class}\"] }}", self.migrations.len() + 1);
            format!("no migration makes the class {class}, and it cannot be deployed without: add {migration} to \"migrations\"")
        };
        missing.into_iter().map(warning).collect()
    }

    /// What became of the worker's own classes of Durable Objects, as the migrations say and the bindings: where there is no control plane.
    pub fn classes(&self) -> Classes {
        let mut classes = Classes::default();
        let mut used = BTreeSet::new();
        for Migration { tag, step } in &self.migrations {
            for class in step.new_sqlite_classes.iter().chain(&step.new_classes) {
                let origin = if used.insert(class.as_str()) { class.clone() } else { format!("{class}@{tag}") };
                classes.there.insert(class.clone(), origin);
            }
            for RenamedClass { from, to } in &step.renamed_classes {
                used.insert(from);
                let origin = classes.there.remove(from).unwrap_or_else(|| from.clone());
                classes.there.insert(to.clone(), origin);
            }
            for transferred in &step.transferred_classes {
                classes.there.entry(transferred.to.clone()).or_insert_with(|| transferred.to.clone());
            }
            for class in &step.deleted_classes {
                let origin = classes.there.remove(class).unwrap_or_else(|| class.clone());
                classes.deleted.insert(class.clone(), origin);
            }
        }
        for object in self.objects.iter().filter(|object| object.script.is_none()) {
            classes.there.entry(object.class.clone()).or_insert_with(|| object.class.clone());
        }
        let there: BTreeSet<&String> = classes.there.values().collect();
        classes.deleted.retain(|_, origin| !there.contains(origin));
        classes
    }
}

/// Classes of Durable Objects by their names, with the names by which their objects are kept: those that they were made with. One that has the
/// name of another before it is kept by the tag of its migration, too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Classes {
    pub there: BTreeMap<String, String>,
    /// And nothing has made them again.
    pub deleted: BTreeMap<String, String>,
}

impl Classes {
    /// What the objects of a class are kept by.
    pub fn origin<'n>(&'n self, class: &'n str) -> &'n str {
        self.there.get(class).map_or(class, String::as_str)
    }
}

fn items<'k>(
    keys: &'k Map<String, Value>,
    key: &str,
    shown: &str,
    expected: &str,
) -> Result<Vec<&'k Map<String, Value>>, String> {
    let Some(value) = keys.get(key) else { return Ok(Vec::new()) };
    let list = value.as_array().and_then(|list| list.iter().map(Value::as_object).collect());
    list.ok_or_else(|| wrong(shown, expected))
}

fn services(keys: &Map<String, Value>) -> Result<Vec<ServiceBinding>, String> {
    let expected = "a list of { binding, service }, with an entrypoint and props where they are wanted";
    let all = items(keys, "services", "services", expected)?;
    let service = |item: &Map<String, Value>| {
        let binding = string(item, "binding")?.ok_or_else(|| wrong("services", expected))?;
        let service = string(item, "service")?.ok_or_else(|| wrong("services", expected))?;
        if let Some(environment) = string(item, "environment")?.filter(|name| name != "production") {
            return Err(format!(
                "the service \"{binding}\" has an \"environment\", which is not supported: each environment is a worker of its own, such as \"{service}-{environment}\""
            ));
        }
        if item.get("props").is_some_and(|props| !props.is_object()) {
            return Err(format!("the \"props\" of the service \"{binding}\" must be an object"));
        }
        Ok(ServiceBinding { binding, service, entrypoint: string(item, "entrypoint")?, props: item.get("props").cloned() })
    };
    all.into_iter().map(service).collect()
}

fn objects(keys: &Map<String, Value>, name: &str) -> Result<Vec<ObjectClass>, String> {
    let shown = "durable_objects.bindings";
    let expected = "a list of { name, class_name }, with a script_name where another worker implements the class";
    let Some(value) = keys.get("durable_objects") else { return Ok(Vec::new()) };
    let within = value.as_object().ok_or_else(|| wrong("durable_objects", "an object with \"bindings\""))?;
    let object = |item: &Map<String, Value>| {
        Ok(ObjectClass {
            binding: string(item, "name")?.ok_or_else(|| wrong(shown, expected))?,
            class: string(item, "class_name")?.filter(|class| !class.is_empty()).ok_or_else(|| wrong(shown, expected))?,
            // Its own name says the same as none.
            script: string(item, "script_name")?.filter(|script| script != name),
        })
    };
    items(within, "bindings", shown, expected)?.into_iter().map(object).collect()
}

fn migrations(keys: &Map<String, Value>) -> Result<Vec<Migration>, String> {
    let Some(value) = keys.get("migrations") else { return Ok(Vec::new()) };
    let expected = "a list of { tag, new_sqlite_classes, renamed_classes, deleted_classes, transferred_classes }";
    let all: Vec<Migration> =
        serde_json::from_value(value.clone()).map_err(|error| format!("{}: {error}", wrong("migrations", expected)))?;
    let mut seen = BTreeSet::new();
    for Migration { tag, .. } in &all {
        if tag.is_empty() || !seen.insert(tag) {
            return Err(format!("each of the \"migrations\" needs a tag of its own, and one has \"{tag}\""));
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use skerry_protocol::MigrationStep;

    use super::*;

    fn of(keys: Value) -> Result<Bindings, String> {
        Bindings::of(keys.as_object().expect("an object"), "app")
    }

    #[test]
    fn services_and_objects_are_read_with_all_they_may_have() {
        let all = of(json!({
            "services": [
                { "binding": "AUTH", "service": "auth", "environment": "production" },
                { "binding": "ADMIN", "service": "auth", "entrypoint": "Admin", "props": { "level": 1 } },
            ],
            "durable_objects": { "bindings": [
                { "name": "ROOM", "class_name": "Room" },
                { "name": "LOBBY", "class_name": "Room", "script_name": "app" },
                { "name": "COUNTER", "class_name": "Counter", "script_name": "counters" },
            ] },
            "migrations": [
                { "tag": "v1", "new_sqlite_classes": ["Chat"] },
                { "tag": "v2", "renamed_classes": [{ "from": "Chat", "to": "Room" }] },
            ],
        }));
        let all = all.expect("it is right");
        let admin = ServiceBinding {
            binding: "ADMIN".to_owned(),
            service: "auth".to_owned(),
            entrypoint: Some("Admin".to_owned()),
            props: Some(json!({ "level": 1 })),
        };
        assert_eq!((all.services.len(), &all.services[1]), (2, &admin));
        let scripts: Vec<_> = all.objects.iter().map(|object| object.script.as_deref()).collect();
        assert_eq!(scripts, [None, None, Some("counters")]);
        let own = [("Room".to_owned(), "Chat".to_owned())];
        assert_eq!(all.classes().there.into_iter().collect::<Vec<_>>(), own, "those of others are not its own");
        let renamed = RenamedClass { from: "Chat".to_owned(), to: "Room".to_owned() };
        let step = MigrationStep { renamed_classes: vec![renamed], ..MigrationStep::default() };
        assert_eq!(all.migrations[1], Migration { tag: "v2".to_owned(), step });
        assert_eq!(all.without_migration(), [""; 0]);
        assert_eq!(of(json!({ "durable_objects": {} })), Ok(Bindings::default()));
    }

    #[test]
    fn classes_keep_their_objects_by_the_names_they_were_made_with() {
        let migrations = json!([
            { "tag": "v1", "new_sqlite_classes": ["A", "B", "C", "D", "E"] },
            { "tag": "v2", "deleted_classes": ["A", "B", "C", "D", "F"] },
            { "tag": "v3", "new_classes": ["B", "G"], "renamed_classes": [{ "from": "E", "to": "C" }],
              "transferred_classes": [{ "from": "X", "from_script": "other", "to": "F" }] },
        ]);
        let of = |bound: &str| {
            of(json!({
                "migrations": migrations,
                "durable_objects": { "bindings": [{ "name": "ONE", "class_name": bound }] },
            }))
        };
        let told = |classes: &BTreeMap<String, String>| {
            classes.iter().map(|(class, origin)| format!("{class} {origin}")).collect::<Vec<_>>().join(", ")
        };
        let classes = of("H").expect("it is right").classes();
        assert_eq!(told(&classes.there), "B B@v3, C E, F F, G G, H H");
        assert_eq!(told(&classes.deleted), "A A, B B, C C, D D");
        assert_eq!((classes.origin("C"), classes.origin("other")), ("E", "other"));
        // One that is bound is there, and needs a migration.
        let bound = of("H").expect("it is right").without_migration();
        assert!(bound.len() == 1 && bound[0].contains("the class H") && bound[0].contains("\"v4\""), "{bound:?}");
        assert_eq!(of("C").expect("it is right").without_migration(), [""; 0]);
        let bound = of("A").expect("it is right").classes();
        assert_eq!((bound.origin("A"), told(&bound.deleted)), ("A", "B B, C C, D D".to_owned()));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let room = json!({ "name": "ROOM", "class_name": "Room" });
        for (wrong, says) in [
            (json!({ "services": {} }), "\"services\" must be a list"),
            (json!({ "services": ["auth"] }), "\"services\" must be a list"),
            (json!({ "services": [{ "binding": "A" }] }), "\"services\" must be a list"),
            (json!({ "services": [{ "binding": "A", "service": "a", "entrypoint": 1 }] }), "\"entrypoint\" must be a string"),
            (json!({ "services": [{ "binding": "A", "service": "a", "props": [] }] }), "\"props\""),
            (json!({ "services": [{ "binding": "A", "service": "a", "environment": "staging" }] }), "a-staging"),
            (json!({ "services": [{ "binding": "", "service": "a" }] }), "no name"),
            (json!({ "durable_objects": [room] }), "\"durable_objects\" must be an object"),
            (json!({ "durable_objects": { "bindings": room } }), "must be a list"),
            (json!({ "durable_objects": { "bindings": [{ "name": "A" }] } }), "must be a list"),
            (json!({ "durable_objects": { "bindings": [room, room] } }), "\"ROOM\" is the name of two bindings"),
            (json!({ "vars": { "ROOM": 1 }, "durable_objects": { "bindings": [room] } }), "\"ROOM\" is the name of two"),
            (json!({ "services": [{ "binding": "ROOM", "service": "a" }], "durable_objects": { "bindings": [room] } }), "two"),
            (json!({ "migrations": { "tag": "v1" } }), "\"migrations\" must be a list"),
            (json!({ "migrations": [{ "new_classes": ["A"] }] }), "missing field `tag`"),
            (json!({ "migrations": [{ "tag": "v1", "new_classes": "A" }] }), "\"migrations\" must be a list"),
            (json!({ "migrations": [{ "tag": "v1" }, { "tag": "v1" }] }), "one has \"v1\""),
            (json!({ "migrations": [{ "tag": "" }] }), "a tag of its own"),
        ] {
            let error = of(wrong.clone()).expect_err(&wrong.to_string());
            assert!(error.contains(says), "{wrong}: {error}");
        }
    }
}
