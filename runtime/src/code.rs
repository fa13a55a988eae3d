use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// The code of one worker version, ready to load.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkerCode {
    /// For messages only.
    pub name: String,
    /// For messages only; empty where it has none.
    pub version: String,
    /// Name of the module whose exports are the worker's.
    pub main: String,
    pub modules: Vec<Module>,
    /// The bindings on `env`, as the text of a JSON object.
    pub env: String,
    /// Other workers on `env`; the isolate knows them by their places.
    pub services: Vec<Service>,
    /// Durable Objects on `env`; the isolate knows these by their places as well.
    pub objects: Vec<ObjectBinding>,
    /// Classes of Durable Objects that are this worker's, which has to export them.
    pub namespaces: Vec<Namespace>,
}

/// A binding to the Durable Objects of a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectBinding {
    /// Its name on `env`.
    pub binding: String,
    /// By its id: 32 hex digits.
    pub namespace: String,
    /// For messages only.
    pub class: String,
}

/// A class whose instances are Durable Objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Namespace {
    /// 32 hex digits.
    pub id: Arc<str>,
    /// The name that it is exported by.
    pub class: Arc<str>,
}

/// A binding to another worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Its name on `env`.
    pub binding: String,
    /// The worker's name.
    pub service: Arc<str>,
    /// `None` is the default export.
    pub entrypoint: Option<String>,
    /// `ctx.props` there, as the text of a JSON object.
    pub props: Option<Arc<str>>,
}

/// A module by its name within the worker: a path such as `lib/greet.js`, without a leading `./`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    pub name: String,
    pub kind: ModuleKind,
    pub content: Bytes,
    /// The source map of a bundled ES module, as JSON text.
    pub source_map: Option<Bytes>,
}

/// What an import of the module gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ModuleKind {
    /// An ES module's exports.
    EsModule,
    /// A string as the default export.
    Text,
    /// An ArrayBuffer as the default export.
    Data,
    /// The parsed value as the default export.
    Json,
    /// A `WebAssembly.Module` as the default export.
    Wasm,
}
