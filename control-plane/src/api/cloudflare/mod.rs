//! Cloudflare's API, as far as `wrangler` asks for it (`control-plane/wrangler.md`).

mod deployments;
mod identity;
mod scripts;
mod secrets;
mod shapes;
#[cfg(test)]
mod tests;
mod triggers;
mod upload;
mod versions;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, patch, post, put};

use super::Api;
pub(crate) use upload::read as read_form;

/// Of an upload: 64 MB of modules, their source maps, and what stands around them.
const UPLOAD_BYTES_MAX: usize = 192 << 20;

pub fn routes() -> Router<Arc<Api>> {
    let large = DefaultBodyLimit::max(UPLOAD_BYTES_MAX);
    let workers = Router::new()
        .route("/services/{name}", get(scripts::service).delete(scripts::delete))
        .route("/scripts", get(scripts::list))
        .route("/scripts/{name}", put(upload::put_script).delete(scripts::delete).layer(large))
        .route("/scripts/{name}/versions", get(versions::list).post(upload::post_version).layer(large))
        .route("/scripts/{name}/versions/{version}", get(versions::view))
        .route("/scripts/{name}/deployments", get(deployments::list).post(deployments::create))
        .route("/scripts/{name}/settings", get(scripts::settings))
        .route("/scripts/{name}/script-settings", get(scripts::script_settings).patch(scripts::change_settings))
        .route("/scripts/{name}/subdomain", get(scripts::hosts).post(scripts::change_hosts))
        .route("/scripts/{name}/secrets", get(secrets::list).put(secrets::put))
        .route("/scripts/{name}/secrets/{secret}", delete(secrets::delete))
        .route("/scripts/{name}/secrets-bulk", patch(secrets::bulk))
        .route("/scripts/{name}/routes", put(triggers::routes))
        .route("/scripts/{name}/schedules", get(triggers::schedules).put(triggers::set_schedules))
        .route("/scripts/{name}/domains/changeset", post(triggers::domains_changeset))
        .route("/scripts/{name}/domains/records", put(triggers::domains))
        .route("/scripts/{name}/tails", post(super::tails::create))
        .route("/scripts/{name}/tails/{tail}", delete(super::tails::end))
        .route("/scripts/{name}/references", get(scripts::references))
        .route("/tails/by-consumer/{name}", get(scripts::nothing))
        .route("/workers/{name}", get(scripts::worker))
        .route("/workers/{name}/versions/latest", patch(secrets::patch_latest))
        .route("/subdomain", get(scripts::subdomain).put(scripts::subdomain))
        .route("/durable_objects/namespaces", get(scripts::namespaces));
    Router::new()
        .route("/user/tokens/verify", get(identity::verify))
        .route("/user", get(identity::user))
        .route("/accounts", get(identity::accounts))
        .route("/memberships", get(identity::memberships))
        .route("/zones", get(identity::zones))
        .route("/zones/{zone}/workers/routes", get(identity::zone_routes))
        .route("/accounts/{account}/storage/kv/namespaces", get(scripts::nothing))
        .nest("/accounts/{account}/workers", workers)
}
