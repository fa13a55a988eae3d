//! The ops: each file belongs to the script in `js/` that calls it.

pub(crate) mod aes;
pub(crate) mod body;
pub(crate) mod data_url;
pub(crate) mod decompress;
pub(crate) mod digest;
pub mod event;
pub(crate) mod log;
pub(crate) mod multipart;
pub(crate) mod object;
pub(crate) mod object_id;
pub(crate) mod object_kv;
pub(crate) mod object_socket;
pub(crate) mod object_sql;
pub(crate) mod socket;
pub(crate) mod structured_clone;
pub(crate) mod subrequest;
pub(crate) mod time;
pub mod wasm;
