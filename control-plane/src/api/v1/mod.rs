//! Our own API, as `openapi.json` describes it: the router and the description are made from one table, so that they cannot differ.

mod deployments;
mod endpoint;
mod identity;
mod once;
mod openapi;
mod page;
mod refusal;
mod secrets;
mod seen;
mod shapes;
mod triggers;
mod versions;
mod workers;

use std::sync::Arc;

use axum::middleware::map_response;
use axum::{Json, Router};
use serde_json::Value;

use super::{Api, unknown};
use crate::edges;
use crate::error::ControlError;
use endpoint::{Endpoint, delete, get, post, put};

pub(super) use once::Remembered;
pub(crate) use versions::Body as VersionBody;

/// Of an upload: 64 MB of modules and their source maps, in base64.
const UPLOAD_BYTES_MAX: usize = 192 << 20;

type Answered = Result<Json<Value>, ControlError>;

pub fn routes(api: &Arc<Api>) -> Router<Arc<Api>> {
    let table = endpoints();
    let description = Json(openapi::of(&table));
    let mut router = Router::new().route("/openapi.json", axum::routing::get(async move || description));
    for endpoint in table {
        router = router.route(endpoint.path, endpoint.served(api));
    }
    router.fallback(unknown).method_not_allowed_fallback(unknown).layer(map_response(refusal::reworded))
}

fn endpoints() -> Vec<Endpoint> {
    vec![
        get("/whoami", "Whose the token is", identity::whoami),
        get("/tokens", "Tokens of the account", identity::list).page_of("tokens", "Token"),
        post("/tokens", "Make a token, which is shown this once", identity::create).takes("NewToken").gives(201, "Token"),
        delete("/tokens/{id}", "Revoke a token", identity::revoke),
        get("/accounts", "All accounts, for the operator", identity::list_accounts).page_of("accounts", "Account"),
        post(
            "/accounts",
            "Make an account and a token for its administrator, which is shown this once",
            identity::create_account,
        )
        .takes("NewAccount")
        .gives(201, "Account"),
        get("/edges", "Edges and what they serve; the operator sees all of it", edges::list)
            .query("worker", "string")
            .gives(200, "Edges"),
        post("/edges/enrolments", "Make a token that lets an edge in, once, for the operator", edges::enrolment::invite)
            .takes("NewEdge")
            .gives(201, "Enrolment"),
        delete("/edges/{id}", "Throw an edge out, for the operator", edges::revoke),
        get("/workers", "Workers by name", workers::list).page_of("workers", "Worker"),
        get("/workers/{name}", "A worker; its ETag is for If-Match", workers::view).gives(200, "Worker"),
        delete("/workers/{name}", "Delete a worker, its versions, secrets, routes and Durable Objects", workers::delete)
            .query("force", "boolean"),
        get("/workers/{name}/hosts", "Whether it has a host of its own", triggers::hosts).gives(200, "Hosts"),
        put("/workers/{name}/hosts", "Give it a host of its own, or take it away", triggers::set_hosts)
            .takes("Hosts")
            .gives(200, "Hosts"),
        get("/workers/{name}/versions", "Versions, the newest first", versions::list).page_of("versions", "Version"),
        post("/workers/{name}/versions", "Upload a version; with deploy=true it serves all requests", versions::create)
            .query("deploy", "boolean")
            .takes("NewVersion")
            .gives(201, "Version")
            .limit(UPLOAD_BYTES_MAX),
        get("/workers/{name}/versions/{version}", "A version", versions::view).gives(200, "Version"),
        get("/workers/{name}/deployments", "Deployments, the newest, which serves, first", deployments::list)
            .page_of("deployments", "Deployment"),
        post("/workers/{name}/deployments", "Have versions serve, each its percentage", deployments::create)
            .takes("NewDeployment")
            .gives(201, "Deployment")
            .conditional(),
        post("/workers/{name}/rollback", "Have an earlier version serve all requests", deployments::rollback)
            .takes("Rollback")
            .gives(201, "Deployment")
            .conditional(),
        get("/workers/{name}/secrets", "Names of the secrets", secrets::list),
        put("/workers/{name}/secrets/{key}", "Set a secret, in a version that serves at once", secrets::put)
            .takes("NewSecret")
            .gives(200, "Secret"),
        delete("/workers/{name}/secrets/{key}", "Delete a secret", secrets::delete).gives(200, "Secret"),
        get("/workers/{name}/routes", "Its routes", triggers::routes).gives(200, "Routes"),
        put("/workers/{name}/routes", "Replace its routes", triggers::set_routes)
            .takes("Routes")
            .gives(200, "Routes")
            .conditional(),
        get("/workers/{name}/domains", "Its custom domains", triggers::domains).gives(200, "Domains"),
        put("/workers/{name}/domains", "Replace its custom domains", triggers::set_domains)
            .takes("Domains")
            .gives(200, "Domains")
            .conditional(),
        get("/workers/{name}/crons", "Its cron triggers", triggers::crons).gives(200, "Crons"),
        put("/workers/{name}/crons", "Replace its cron triggers", triggers::set_crons)
            .takes("Crons")
            .gives(200, "Crons")
            .conditional(),
        post("/workers/{name}/tails", "Open a live log; its url takes a WebSocket", workers::tail).gives(201, "Tail"),
        delete("/workers/{name}/tails/{tail}", "Close a live log", workers::end_tail),
    ]
}
