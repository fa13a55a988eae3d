//! Node's modules, made when a worker asks for the first of them: an isolate whose worker asks for none has nothing of them in its heap but
//! one function that loads (`js/node/loader.js`).

mod bytes;
mod domains;
mod natives;
mod objects;
mod script;

pub(crate) use natives::op_node_natives;
pub(crate) use script::op_node_script;
pub use script::{OwnScripts, keep_node_scripts, node_module};
