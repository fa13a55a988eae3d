//! HTTP towards clients: HTTP/1.1 and cleartext HTTP/2 on one port.

mod admin;
mod page;
pub(crate) mod request;
mod response;
mod serve;
mod server;
mod stream;
mod upgrade;

pub use admin::Admin;
pub use server::{Server, ServerOptions};
