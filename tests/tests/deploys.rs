//! Faults and attacks on `skerry serve`: crashes, damaged data, hostile uploads and routes. Whatever one client sends, the others' workers
//! are served, and their deploys too.

#[path = "deploys/crashes.rs"]
mod crashes;
#[path = "deploys/damage.rs"]
mod damage;
#[path = "deploys/guests.rs"]
mod guests;
#[path = "deploys/routes.rs"]
mod routes;
#[path = "deploys/secrets.rs"]
mod secrets;
#[path = "deploys/uploads.rs"]
mod uploads;

type Failure = Box<dyn std::error::Error + Send + Sync>;
