use serde_json::{Map, Value, json};

use super::endpoint::Endpoint;

/// The OpenAPI 3.1 document of a table of endpoints.
pub fn of(table: &[Endpoint]) -> Value {
    let mut paths = Map::new();
    for endpoint in table {
        let path = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        path[endpoint.method] = operation(endpoint);
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Skerry", "version": env!("CARGO_PKG_VERSION") },
        "servers": [{ "url": "/v1" }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": { "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } }, "schemas": schemas() },
    })
}

fn operation(endpoint: &Endpoint) -> Value {
    let parameter = |place: &str, name: &str, kind: &str| {
        let is_required = place == "path";
        json!({ "name": name, "in": place, "required": is_required, "schema": { "type": kind } })
    };
    let in_path = endpoint.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = in_path.map(|name| parameter("path", name, "string")).collect();
    parameters.extend(endpoint.query.iter().map(|(name, kind)| parameter("query", name, kind)));
    parameters.extend(endpoint.headers.iter().map(|name| parameter("header", name, "string")));
    let done = match endpoint.status {
        204 => json!({ "description": "Done" }),
        _ => json!({ "description": "Done", "content": { "application/json": { "schema": answer(endpoint) } } }),
    };
    let refused = json!({ "description": "Refused", "content": { "application/json": { "schema": reference("Errors") } } });
    let mut operation = json!({
        "summary": endpoint.summary,
        "parameters": parameters,
        "responses": { endpoint.status.to_string(): done, "default": refused },
    });
    if let Some(body) = endpoint.body {
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": reference(body) } } });
    }
    operation
}

fn answer(endpoint: &Endpoint) -> Value {
    let schema = endpoint.answer.map_or_else(|| json!({ "type": "object" }), reference);
    match endpoint.list {
        // `next` is for `after`; null at the end.
        Some(list) => object(json!({ list: list_of(schema), "next": { "type": ["string", "null"] } }), &[]),
        None => schema,
    }
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn object(properties: Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required })
}

fn list_of(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn schemas() -> Value {
    let (text, number, flag) = (json!({ "type": "string" }), json!({ "type": "number" }), json!({ "type": "boolean" }));
    let maybe = json!({ "type": ["string", "null"] });
    let (texts, anything) = (list_of(text.clone()), json!({ "type": "object" }));
    let scope = json!({ "enum": ["read", "deploy", "admin"] });
    let share = object(json!({ "version_id": text, "percentage": number }), &["version_id", "percentage"]);
    let kind = json!({ "enum": ["es_module", "text", "data", "json", "wasm"] });
    let limits = object(json!({ "cpu_ms": { "type": "integer" }, "subrequests": { "type": "integer" } }), &[]);
    let module = object(
        json!({ "name": text, "kind": kind, "content_base64": text, "source_map": maybe }),
        &["name", "kind", "content_base64"],
    );
    // What edges have to serve for a change to be everywhere.
    let revision = json!({ "type": "integer" });
    let triggers =
        object(json!({ "routes": texts, "domains": texts, "crons": texts, "enabled": flag, "previews_enabled": flag }), &[]);
    let edge = object(
        json!({
            "id": text, "name": text, "created": maybe, "is_revoked": flag, "revision": { "type": ["integer", "null"] },
            "newest_revision": number, "heard_seconds_ago": { "type": ["integer", "null"] },
            "is_waiting": flag, "workers_waiting": number,
        }),
        &["name", "revision", "heard_seconds_ago"],
    );
    let service = object(
        json!({ "binding": text, "service": text, "entrypoint": maybe, "props": { "type": ["object", "null"] } }),
        &["binding", "service"],
    );
    let objects = object(json!({ "binding": text, "class": text, "namespace": text }), &["binding", "class", "namespace"]);
    let new_objects = object(json!({ "binding": text, "class": text, "script": maybe }), &["binding", "class"]);
    let renamed = object(json!({ "from": text, "to": text }), &["from", "to"]);
    let transferred = object(json!({ "from": text, "from_script": text, "to": text }), &["from", "from_script", "to"]);
    let migration = object(
        json!({
            "tag": text, "new_sqlite_classes": texts, "new_classes": texts, "deleted_classes": texts,
            "renamed_classes": list_of(renamed), "transferred_classes": list_of(transferred),
        }),
        &["tag"],
    );
    let error = object(json!({ "code": text, "message": text }), &["code", "message"]);
    let expires = json!({ "type": ["string", "null"], "format": "date-time" });
    let bounds = json!({
        "description": "When the newest version is taken back by itself. `false`: never. Without it the usual bounds, if several versions share the requests",
        "type": ["boolean", "object", "null"],
        "properties": {
            "errors_percent": { "type": "number", "default": 10, "description": "Percentage points of failed requests above the version before" },
            "cpu_factor": { "type": "number", "default": 3, "description": "Times the CPU time of a request with the version before" },
            "window_seconds": { "type": "integer", "default": 60 },
            "requests_min": { "type": "integer", "default": 50 },
            "watch_seconds": { "type": "integer", "default": 600, "description": "After a deployment with one version" },
        },
    });
    json!({
        "Errors": object(json!({ "errors": list_of(error) }), &["errors"]),
        "Token": object(json!({ "id": text, "name": text, "scope": scope, "created": text, "expires": maybe, "token": text }), &["id"]),
        "NewToken": object(
            json!({ "name": text, "scope": scope, "expires": expires, "expires_in_seconds": { "type": "integer" } }),
            &["name", "scope"],
        ),
        "Account": object(
            json!({ "id": text, "name": text, "subdomain": text, "created": text, "is_operator": flag, "token": text }),
            &["id", "name", "subdomain"],
        ),
        "NewAccount": object(json!({ "name": text, "subdomain": text }), &["name", "subdomain"]),
        "Edges": object(
            json!({ "edges": list_of(edge), "newest_revision": number, "up_seconds": { "type": "integer" } }),
            &["edges", "newest_revision", "up_seconds"],
        ),
        "NewEdge": object(json!({ "name": text }), &["name"]),
        "Enrolment": object(json!({ "token": text, "expires": text }), &["token", "expires"]),
        "Secret": object(json!({ "name": text, "version_id": text, "revision": revision }), &["name", "version_id"]),
        "Crons": object(json!({ "crons": texts, "revision": revision }), &["crons"]),
        "Worker": object(
            json!({
                "id": text, "name": text, "created": text, "modified": text, "url": maybe,
                "version_count": number, "latest_version": maybe,
                "deployed": list_of(share.clone()), "routes": texts, "domains": texts, "crons": texts, "migration_tag": maybe,
            }),
            &["id", "name"],
        ),
        "Hosts": object(json!({ "enabled": flag, "previews_enabled": flag, "url": maybe, "revision": revision }), &[]),
        "Version": object(
            json!({
                "id": text, "number": number, "created": text, "author": text, "source": text, "message": maybe, "tag": maybe, "alias_urls": texts,
                "main_module": text, "modules": list_of(anything.clone()), "compatibility_date": maybe,
                "compatibility_flags": texts, "vars": anything, "services": list_of(service.clone()), "durable_objects": list_of(objects),
                "secrets": texts, "limits": limits, "startup_ms": number,
                "preview_url": maybe, "revision": revision,
            }),
            &["id", "number"],
        ),
        "NewVersion": object(
            json!({
                "main_module": text, "modules": list_of(module), "compatibility_date": maybe, "compatibility_flags": texts,
                "vars": anything, "services": list_of(service), "durable_objects": list_of(new_objects), "migrations": list_of(migration),
                "limits": limits, "message": maybe, "tag": maybe, "alias": maybe, "keep_secrets": flag, "keep_vars": flag,
                "triggers": triggers,
            }),
            &["main_module", "modules"],
        ),
        "Deployment": object(
            json!({ "id": text, "created": text, "author": text, "source": text, "message": maybe, "versions": list_of(share.clone()), "revision": revision }),
            &["id", "versions"],
        ),
        "NewDeployment": object(json!({ "versions": list_of(share), "message": maybe, "rollback": bounds }), &["versions"]),
        "Rollback": object(json!({ "version_id": text, "message": maybe }), &[]),
        "NewSecret": object(json!({ "text": text }), &["text"]),
        "Routes": object(json!({ "routes": texts, "revision": revision }), &["routes"]),
        "Domains": object(json!({ "domains": texts, "revision": revision }), &["domains"]),
        "Tail": object(json!({ "id": text, "url": text, "expires_at": text }), &["id", "url"]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reference to a schema that is not there would break whoever makes a client of it.
    #[test]
    fn all_schemas_are_there_and_used() {
        let document = of(&super::super::endpoints());
        let text = document.to_string();
        let known = document["components"]["schemas"].as_object().expect("schemas");
        for part in text.split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap_or_default();
            assert!(known.contains_key(name), "{name} is not described");
        }
        for name in known.keys() {
            assert!(text.contains(&format!("#/components/schemas/{name}\"")), "nothing refers to {name}");
        }
    }
}
