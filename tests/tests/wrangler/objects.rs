//! Workers that are bound to others, and to Durable Objects: what `wrangler` sends of a configuration, and what comes of it.

use serde_json::{Value, json};
use skerry_tests::project::{answering, write};
use skerry_tests::wrangler::Control;

use crate::{Failure, config, deploy, result, worker};

/// Ids of namespaces by worker and class.
fn namespaces(control: &Control) -> Result<Vec<(String, String, String)>, Failure> {
    let listed = result(control, "/durable_objects/namespaces")?;
    let text = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    let mut all: Vec<_> =
        listed.as_array().into_iter().flatten().map(|one| (text(one, "script"), text(one, "class"), text(one, "id"))).collect();
    all.sort();
    Ok(all)
}

fn code(classes: &[&str]) -> String {
    let class = |name: &&str| format!("export class {name} extends DurableObject {{}}\n");
    let classes: String = classes.iter().map(class).collect();
    format!("import {{ DurableObject }} from 'cloudflare:workers';\n{classes}{}", answering("here"))
}

#[test]
fn migrations_of_a_configuration_are_applied_once_each() -> Result<(), Failure> {
    let control = Control::start()?;
    let configured = |class: &str, migrations: &Value| {
        json!({
            "durable_objects": { "bindings": [{ "name": "ROOM", "class_name": class }] },
            "migrations": migrations,
        })
    };
    let mut migrations = json!([{ "tag": "v1", "new_sqlite_classes": ["Room"] }]);
    let project = worker("rooms", &code(&["Room"]), configured("Room", &migrations))?;
    deploy(&control, &project)?.says(&["env.ROOM"])?;
    let first = namespaces(&control)?;
    assert_eq!(first.iter().map(|(script, class, _)| (&**script, &**class)).collect::<Vec<_>>(), [("rooms", "Room")]);
    let tag = |control: &Control| -> Result<Value, Failure> {
        Ok(result(control, "/services/rooms")?["default_environment"]["script"]["migration_tag"].take())
    };
    assert_eq!(tag(&control)?, json!("v1"));
    deploy(&control, &project)?;
    assert_eq!(namespaces(&control)?, first, "what was applied is not applied again");

    let renamed = json!({ "tag": "v2", "renamed_classes": [{ "from": "Room", "to": "Hall" }] });
    migrations.as_array_mut().ok_or("a list")?.push(renamed);
    write(project.path(), "wrangler.json", &config("rooms", configured("Hall", &migrations)))?;
    write(project.path(), "index.js", &code(&["Hall"]))?;
    control.wrangler(project.path(), &["versions", "upload"])?.failed()?;
    assert_eq!(tag(&control)?, json!("v1"), "a version that is kept brings no migrations");
    deploy(&control, &project)?;
    let expected = vec![("rooms".to_owned(), "Hall".to_owned(), first[0].2.clone())];
    assert_eq!((namespaces(&control)?, tag(&control)?), (expected, json!("v2")));
    Ok(())
}

#[test]
fn a_worker_is_bound_to_others_that_are_there_and_these_are_deleted_by_force() -> Result<(), Failure> {
    let control = Control::start()?;
    let bindings = json!({
        "services": [{ "binding": "ROOMS", "service": "rooms", "entrypoint": "Admin", "props": { "level": 1 } }],
        "durable_objects": { "bindings": [{ "name": "ROOM", "class_name": "Room", "script_name": "rooms" }] },
    });
    let guest = worker("guest", &answering("guest"), bindings)?;
    control.wrangler(guest.path(), &["deploy"])?.failed()?.says(&["'rooms'", "[code: 10143]"])?;
    let migrations = json!([{ "tag": "v1", "new_sqlite_classes": ["Room"] }]);
    let rooms = worker("rooms", &code(&["Room"]), json!({ "migrations": migrations }))?;
    deploy(&control, &rooms)?;
    deploy(&control, &guest)?;
    let shown = result(&control, "/scripts/guest/settings")?["bindings"].take();
    let by = |kind: &str| shown.as_array().into_iter().flatten().find(|one| one["type"] == kind).cloned().unwrap_or_default();
    assert_eq!((&by("service")["entrypoint"], &by("service")["props"]), (&json!("Admin"), &json!({ "level": 1 })));
    assert_eq!(by("durable_object_namespace")["namespace_id"], json!(namespaces(&control)?[0].2));

    // Off a terminal wrangler takes its own question, whether workers in use are to be deleted, for answered with yes.
    control.wrangler(rooms.path(), &["delete"])?.succeeded()?.says(&["Successfully deleted rooms"])?;
    assert_eq!(namespaces(&control)?, []);
    Ok(())
}

#[test]
fn a_worker_that_does_not_export_the_classes_of_its_objects_is_refused() -> Result<(), Failure> {
    let control = Control::start()?;
    let configured = json!({
        "durable_objects": { "bindings": [{ "name": "ROOM", "class_name": "Room" }] },
        "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Room"] }],
    });
    let project = worker("rooms", &code(&["Room"]), configured)?;
    deploy(&control, &project)?;
    let made = namespaces(&control)?;
    // Wrangler itself looks for what is bound alone.
    write(project.path(), "wrangler.json", &config("rooms", json!({})))?;
    write(project.path(), "index.js", &code(&[]))?;
    control.wrangler(project.path(), &["deploy"])?.failed()?.says(&["Objects of the class \"Room\"", "does not export it"])?;
    assert_eq!(namespaces(&control)?, made);
    let deleted = json!({ "migrations": [
        { "tag": "v1", "new_sqlite_classes": ["Room"] },
        { "tag": "v2", "deleted_classes": ["Room"] },
    ] });
    write(project.path(), "wrangler.json", &config("rooms", deleted))?;
    deploy(&control, &project)?;
    assert_eq!(namespaces(&control)?, []);
    Ok(())
}
