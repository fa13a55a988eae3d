//! What wrangler and our own API say about bindings and migrations, over the whole way but the network.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Value, json};
use skerry_protocol::WorkerVersion;
use tempfile::TempDir;

use crate::api::{Api, Tails};
use crate::blobs::BlobFolder;
use crate::control::{Checker, Control};
use crate::edges::Identity;
use crate::fuzzing::Answering;
use crate::meta::SqliteMeta;
use crate::seal::Keyring;

type Failure = Box<dyn std::error::Error>;

struct Anything;

#[async_trait]
impl Checker for Anything {
    async fn check(&self, _: &str, _: WorkerVersion) -> Result<u64, String> {
        Ok(1)
    }
}

struct Plane {
    api: Answering,
    account: String,
    token: String,
    _folder: TempDir,
}

impl Plane {
    async fn new() -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let blobs = Arc::new(BlobFolder::open(&folder.path().join("blobs"))?);
        let keys = Keyring::open(&folder.path().join("secrets.key"))?;
        let meta = Arc::new(SqliteMeta::in_memory()?);
        let control = Arc::new(Control::new(meta, blobs, keys, Arc::new(Anything), "localhost".to_owned()));
        let (account, token) = control.bootstrap().await?.ok_or("there was an account")?;
        let identity = Identity::open(&folder.path().join("identity.key"))?;
        let api = Answering::new(Api::new(control, Arc::<Tails>::default(), identity, None));
        Ok(Self { api, account, token, _folder: folder })
    }

    async fn call(&mut self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Result<(u16, Value), Failure> {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", kind)
            .body(Bytes::from(body))?;
        let (status, body) = self.api.answer(request).await;
        let value = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body)? };
        Ok((status.as_u16(), value))
    }

    /// A call within the account, as wrangler makes it: the status, the first code or 0, and the result.
    async fn account(&mut self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Result<(u16, u64, Value), Failure> {
        let path = format!("/client/v4/accounts/{}/workers/{path}", self.account);
        let (status, mut value) = self.call(method, &path, kind, body).await?;
        Ok((status, value["errors"][0]["code"].as_u64().unwrap_or_default(), value["result"].take()))
    }

    async fn get(&mut self, path: &str) -> Result<Value, Failure> {
        let (status, code, result) = self.account("GET", path, "", Vec::new()).await?;
        assert_eq!((status, code), (200, 0), "{path}");
        Ok(result)
    }

    /// Uploads as wrangler does.
    async fn upload(&mut self, method: &str, path: &str, more: Value) -> Result<(u16, u64, Value), Failure> {
        let mut metadata = json!({ "main_module": "index.js", "compatibility_flags": [] });
        metadata.as_object_mut().ok_or("an object")?.extend(more.as_object().cloned().unwrap_or_default());
        let part = "content-disposition: form-data; name=\"index.js\"; filename=\"index.js\"\r\ncontent-type: application/javascript+module";
        let body = format!(
            "--b\r\ncontent-disposition: form-data; name=\"metadata\"\r\n\r\n{metadata}\r\n--b\r\n{part}\r\n\r\nexport default {{}}\r\n--b--\r\n"
        );
        self.account(method, path, "multipart/form-data; boundary=b", body.into_bytes()).await
    }

    async fn put(&mut self, name: &str, more: Value) -> Result<(u16, u64), Failure> {
        let (status, code, _) = self.upload("PUT", &format!("scripts/{name}?excludeScript=true"), more).await?;
        Ok((status, code))
    }
}

const DONE: (u16, u64) = (200, 0);

fn room(name: &str) -> Value {
    json!({ "name": name, "type": "durable_object_namespace", "class_name": "Room" })
}

#[tokio::test]
async fn the_tag_of_the_last_migration_stands_where_wrangler_looks_for_it() -> Result<(), Failure> {
    let mut plane = Plane::new().await?;
    assert_eq!(plane.put("app", json!({})).await?, DONE);
    let tags = async |plane: &mut Plane| -> Result<(Value, Value), Failure> {
        let service = plane.get("services/app").await?;
        let scripts = plane.get("scripts").await?;
        let of = |script: &Value| script.get("migration_tag").cloned().unwrap_or(json!("absent"));
        Ok((of(&service["default_environment"]["script"]), of(&scripts[0])))
    };
    assert_eq!(tags(&mut plane).await?, (json!("absent"), json!("absent")));
    let migrations = json!({ "new_tag": "v1", "steps": [{ "new_sqlite_classes": ["Room"] }] });
    assert_eq!(plane.put("app", json!({ "bindings": [room("ROOM")], "migrations": migrations })).await?, DONE);
    assert_eq!(tags(&mut plane).await?, (json!("v1"), json!("v1")));
    assert_eq!(plane.put("app", json!({ "migrations": migrations })).await?, (412, 10079));
    // One step without a list, as others than wrangler send it.
    let single = json!({ "old_tag": "v1", "new_tag": "v2", "new_classes": ["Hall"], "deleted_classes": null });
    assert_eq!(plane.put("app", json!({ "bindings": [room("ROOM")], "migrations": single })).await?, DONE);
    assert_eq!(tags(&mut plane).await?.0, json!("v2"));
    let nothing = [json!({}), json!(null), json!({ "steps": [] })];
    for migrations in nothing {
        assert_eq!(
            plane.put("app", json!({ "bindings": [room("ROOM")], "migrations": migrations })).await?,
            DONE,
            "{migrations}"
        );
    }
    assert_eq!(tags(&mut plane).await?.0, json!("v2"));
    let (status, code, _) = plane
        .upload("POST", "scripts/app/versions", json!({ "migrations": { "old_tag": "v2", "new_tag": "v3", "steps": [] } }))
        .await?;
    assert_eq!((status, code), (400, 10211));
    for migrations in [
        json!([]),
        json!("v1"),
        json!({ "steps": {} }),
        json!({ "new_tag": 1 }),
        json!({ "new_classes": "Room" }),
        json!({ "old_tag": "v2", "new_tag": "v3", "steps": [{ "renamed_classes": [{ "from": "A" }] }] }),
        json!({ "old_tag": "v2", "new_tag": "v3", "steps": [], "new_classes": ["More"] }),
    ] {
        assert_eq!(plane.put("app", json!({ "migrations": migrations })).await?, (400, 10021), "{migrations}");
    }
    Ok(())
}

#[tokio::test]
async fn namespaces_bindings_and_who_refers_to_a_worker_are_shown() -> Result<(), Failure> {
    let mut plane = Plane::new().await?;
    let migrations = json!({ "new_tag": "v1", "steps": [{ "new_sqlite_classes": ["Room"] }] });
    assert_eq!(plane.put("rooms", json!({ "bindings": [room("ROOM")], "migrations": migrations })).await?, DONE);
    let listed = plane.get("durable_objects/namespaces?per_page=1000&page=1").await?;
    let id = listed[0]["id"].as_str().ok_or("there is none")?.to_owned();
    let expected = json!([{ "id": id, "name": "rooms_Room", "script": "rooms", "class": "Room", "use_sqlite": true }]);
    assert_eq!(listed, expected);
    let service = json!({ "name": "ROOMS", "type": "service", "service": "rooms", "entrypoint": "Admin", "props": { "a": 1 } });
    let mut theirs = room("THEIRS");
    theirs["script_name"] = json!("rooms");
    assert_eq!(plane.put("guest", json!({ "bindings": [service, theirs] })).await?, DONE);
    let shown = plane.get("scripts/guest/settings").await?["bindings"].take();
    theirs["namespace_id"] = json!(id);
    assert_eq!(shown, json!([service, theirs]));
    let version = plane.get("scripts/guest/versions").await?["items"][0].take();
    assert_eq!(version["resources"]["bindings"], shown);

    let references = plane.get("scripts/rooms/references").await?;
    assert_eq!(
        references["services"],
        json!({ "incoming": [{ "service": "guest", "environment": "production" }], "outgoing": [] })
    );
    let objects: Vec<_> = references["durable_objects"].as_array().into_iter().flatten().map(|one| &one["service"]).collect();
    assert_eq!(objects, [&json!("guest"), &json!("rooms")], "wrangler leaves itself out");
    assert_eq!(references["durable_objects"][0]["durable_object_namespace_name"], "rooms_Room");
    assert_eq!(plane.get("scripts/guest/references").await?["services"]["outgoing"][0]["service"], "rooms");

    for (path, expected) in
        [("services/rooms?force=false", (409, 10142)), ("scripts/rooms", (409, 10142)), ("services/rooms?force=true", (200, 0))]
    {
        let (status, code, _) = plane.account("DELETE", path, "", Vec::new()).await?;
        assert_eq!((status, code), expected, "{path}");
    }
    assert_eq!(plane.get("durable_objects/namespaces").await?, json!([]));
    Ok(())
}

#[tokio::test]
async fn our_own_api_takes_bindings_and_all_migrations_of_a_configuration() -> Result<(), Failure> {
    let mut plane = Plane::new().await?;
    let upload = async |plane: &mut Plane, deploy: bool, more: Value| -> Result<(u16, Value), Failure> {
        let module = json!({ "name": "index.js", "kind": "es_module", "content_base64": "ZXhwb3J0IGRlZmF1bHQge30=" });
        let mut body = json!({ "main_module": "index.js", "modules": [module], "vars": { "A": "text" } });
        body.as_object_mut().ok_or("an object")?.extend(more.as_object().cloned().unwrap_or_default());
        let path = format!("/v1/workers/app/versions?deploy={deploy}");
        plane.call("POST", &path, "application/json", body.to_string().into_bytes()).await
    };
    let first = json!({ "tag": "v1", "new_sqlite_classes": ["Room"] });
    let bound = json!({
        "services": [{ "binding": "SELF", "service": "app", "props": { "a": 1 } }],
        "durable_objects": [{ "binding": "ROOM", "class": "Room", "script": null }],
        "migrations": [first],
    });
    let (status, made) = upload(&mut plane, true, bound.clone()).await?;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["services"], bound["services"]);
    assert_eq!((&made["durable_objects"][0]["class"], &made["vars"]), (&json!("Room"), &json!({ "A": "text" })));
    let (status, _) = upload(&mut plane, false, bound.clone()).await?;
    assert_eq!(status, 201, "its migrations are applied already");
    let mut more = bound;
    more["migrations"] = json!([first, { "tag": "v2", "renamed_classes": [{ "from": "Room", "to": "Hall" }] }]);
    let (status, refused) = upload(&mut plane, true, more.clone()).await?;
    assert_eq!((status, &refused["errors"][0]["code"]), (400, &json!("invalid")), "the class that it binds is called otherwise");
    more["durable_objects"][0]["class"] = json!("Hall");
    assert_eq!(upload(&mut plane, true, more).await?.0, 201);
    let (_, worker) = plane.call("GET", "/v1/workers/app", "", Vec::new()).await?;
    assert_eq!(worker["migration_tag"], "v2");
    for wrong in [
        json!({ "services": [{ "binding": "A" }] }),
        json!({ "durable_objects": [{ "binding": "A", "class_name": "Room" }] }),
        json!({ "migrations": [{ "new_classes": [] }] }),
    ] {
        assert_eq!(upload(&mut plane, true, wrong.clone()).await?.0, 400, "{wrong}");
    }
    let (status, _) = plane.call("DELETE", "/v1/workers/app?force=false", "", Vec::new()).await?;
    assert_eq!(status, 204, "nobody else is bound to it");
    Ok(())
}
