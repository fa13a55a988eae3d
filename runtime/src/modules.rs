//! A worker's modules. Only what the worker brought, and what the platform provides by name, can be imported.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use deno_core::v8;
use skerry_js_api::node_module;

use crate::code::{Module, ModuleKind, WorkerCode};
use crate::code_cache::{Build, CodeCache, CodeKey};
use crate::compiled::Compiled;

thread_local! {
    /// Set while the host compiles a worker's Wasm module; worker code may not compile any (docs/security.md, "Isolate").
    static WASM_COMPILE_ALLOWED: Cell<bool> = const { Cell::new(false) };
    /// Modules that are linked or run, one within the other.
    static BUSY: Cell<u32> = const { Cell::new(0) };
}

/// While there is one, an import waits until there is none.
struct Busy;

impl Busy {
    fn begin() -> Self {
        BUSY.set(BUSY.get() + 1);
        Self
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        BUSY.set(BUSY.get() - 1);
    }
}

/// The modules of one isolate: sources by name, and the ones that V8 has seen so far.
pub(crate) struct ModuleMap {
    code: Arc<WorkerCode>,
    cache: Arc<CodeCache>,
    compiled: Option<Arc<Compiled>>,
    /// Compiled without the cache.
    uncached: RefCell<Vec<(CodeKey, v8::Global<v8::Module>)>>,
    builtin: v8::Global<v8::Object>,
    node: v8::Global<v8::Function>,
    loaded: RefCell<HashMap<String, v8::Global<v8::Module>>>,
    names: RefCell<Vec<(v8::Global<v8::Module>, String)>>,
    synthetic: RefCell<Vec<(v8::Global<v8::Module>, v8::Global<v8::Object>)>>,
}

impl ModuleMap {
    /// Makes the map and tells V8 to ask it for every import.
    pub fn install(
        scope: &mut v8::PinScope,
        code: Arc<WorkerCode>,
        (cache, compiled): (Arc<CodeCache>, Option<Arc<Compiled>>),
        (builtin, node): (v8::Global<v8::Object>, v8::Global<v8::Function>),
    ) -> Rc<Self> {
        let map = Rc::new(Self {
            code,
            cache,
            compiled,
            uncached: RefCell::default(),
            builtin,
            node,
            loaded: RefCell::default(),
            names: RefCell::default(),
            synthetic: RefCell::default(),
        });
        scope.set_slot(map.clone());
        scope.set_host_import_module_dynamically_callback(import_dynamically);
        scope.set_host_import_module_with_phase_dynamically_callback(import_in_phase);
        scope.set_host_initialize_import_meta_object_callback(initialize_import_meta);
        scope.set_allow_wasm_code_generation_callback(allow_wasm_code_generation);
        scope.get_current_context().set_allow_generation_from_strings(false);
        map
    }

    /// Compiles and links the main module with all it imports. An exception is pending where there is none.
    pub fn load_main<'s>(&self, scope: &mut v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Module>> {
        let _busy = Busy::begin();
        let main = self.load(scope, &self.code.main, "the worker")?;
        main.instantiate_module(scope, resolve)?;
        Some(main)
    }

    fn load<'s>(&self, scope: &mut v8::PinScope<'s, '_>, name: &str, referrer: &str) -> Option<v8::Local<'s, v8::Module>> {
        if let Some(module) = self.loaded.borrow().get(name) {
            return Some(v8::Local::new(scope, module));
        }
        let module = if let Some(place) = self.code.modules.iter().position(|module| module.name == name) {
            self.compile(scope, place)?
        } else if let Some(exports) = self.builtin_exports(scope, name) {
            self.synthetic_module(scope, name, exports)?
        } else if let Some(module) = node_module(name) {
            return self.load_node_module(scope, module);
        } else {
            let message = format!(
                "No such module \"{name}\", imported from \"{referrer}\": it is neither part of the worker nor provided by the platform"
            );
            throw(scope, &message);
            return None;
        };
        self.keep(scope, name, module);
        Some(module)
    }

    fn keep(&self, scope: &v8::PinScope, name: &str, module: v8::Local<v8::Module>) {
        let module = v8::Global::new(scope, module);
        self.names.borrow_mut().push((module.clone(), name.to_owned()));
        self.loaded.borrow_mut().insert(name.to_owned(), module);
    }

    fn compile<'s>(&self, scope: &mut v8::PinScope<'s, '_>, place: usize) -> Option<v8::Local<'s, v8::Module>> {
        let module = &self.code.modules[place];
        if module.kind == ModuleKind::EsModule {
            return self.compile_es_module(scope, module, place);
        }
        let value = asset_value(scope, module)?;
        let null = v8::null(scope).into();
        let name = v8::String::new(scope, "default")?;
        let exports = v8::Object::with_prototype_and_properties(scope, null, &[name.into()], &[value]);
        self.synthetic_module(scope, &module.name, exports)
    }

    fn compile_es_module<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        module: &Module,
        place: usize,
    ) -> Option<v8::Local<'s, v8::Module>> {
        let given = self.compiled.as_ref().and_then(|compiled| Some((compiled, compiled.of(place)?)));
        if let Some((compiled, bytes)) = given {
            let (loaded, was_taken) = compile_with(scope, module, bytes)?;
            if was_taken {
                self.cache.note_taken();
            } else {
                compiled.reject();
            }
            return Some(loaded);
        }
        let key = CodeKey::of(Build::of_process(), &self.code.name, &module.name, &module.content);
        if let Some(kept) = self.cache.get(key) {
            let (compiled, was_taken) = compile_with(scope, module, &kept)?;
            if was_taken {
                self.cache.note_taken();
            } else {
                self.cache.reject(key);
                self.uncached.borrow_mut().push((key, v8::Global::new(scope, compiled)));
            }
            return Some(compiled);
        }
        let compiled = compile_from_source(scope, module)?;
        self.uncached.borrow_mut().push((key, v8::Global::new(scope, compiled)));
        Some(compiled)
    }

    /// Puts what V8 has compiled by now into the cache.
    pub fn keep_code(&self, scope: &mut v8::PinScope) {
        for (key, module) in self.uncached.take() {
            let module = v8::Local::new(scope, module);
            if let Some(compiled) = module.get_unbound_module_script(scope).create_code_cache() {
                self.cache.put(key, &compiled);
            }
        }
    }

    fn builtin_exports<'s>(&self, scope: &mut v8::PinScope<'s, '_>, name: &str) -> Option<v8::Local<'s, v8::Object>> {
        let builtin = v8::Local::new(scope, &self.builtin);
        let name = v8::String::new(scope, name)?;
        builtin.get(scope, name.into())?.try_into().ok()
    }

    /// Its JavaScript runs now, if it has not yet: that throws where memory is short.
    fn load_node_module<'s>(&self, scope: &mut v8::PinScope<'s, '_>, module: &str) -> Option<v8::Local<'s, v8::Module>> {
        let name = format!("node:{module}");
        if let Some(module) = self.loaded.borrow().get(&name) {
            return Some(v8::Local::new(scope, module));
        }
        let node = v8::Local::new(scope, &self.node);
        let undefined = v8::undefined(scope).into();
        let argument = v8::String::new(scope, module)?.into();
        let exports = node.call(scope, undefined, &[argument])?.try_into().ok()?;
        let module = self.synthetic_module(scope, &name, exports)?;
        self.keep(scope, &name, module);
        Some(module)
    }

    fn synthetic_module<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        name: &str,
        exports: v8::Local<'s, v8::Object>,
    ) -> Option<v8::Local<'s, v8::Module>> {
        let names = exports.get_own_property_names(scope, v8::GetPropertyNamesArgs::default())?;
        let mut export_names = Vec::new();
        for index in 0..names.length() {
            export_names.push(v8::Local::<v8::String>::try_from(names.get_index(scope, index)?).ok()?);
        }
        let name = v8::String::new(scope, name)?;
        let module = v8::Module::create_synthetic_module(scope, name, &export_names, evaluate_synthetic);
        let entry = (v8::Global::new(scope, module), v8::Global::new(scope, exports));
        self.synthetic.borrow_mut().push(entry);
        Some(module)
    }

    fn name_of(&self, scope: &mut v8::PinScope, module: v8::Local<v8::Module>) -> Option<String> {
        let module = v8::Global::new(scope, module);
        self.names.borrow().iter().find(|(known, _)| *known == module).map(|(_, name)| name.clone())
    }

    fn synthetic_exports(&self, scope: &mut v8::PinScope, module: v8::Local<v8::Module>) -> Option<v8::Global<v8::Object>> {
        let module = v8::Global::new(scope, module);
        self.synthetic.borrow().iter().find(|(known, _)| *known == module).map(|(_, exports)| exports.clone())
    }
}

/// Text, and where it comes from.
fn source_of<'s>(scope: &mut v8::PinScope<'s, '_>, module: &Module) -> Option<(v8::Local<'s, v8::String>, v8::ScriptOrigin<'s>)> {
    let Ok(text) = std::str::from_utf8(&module.content) else {
        throw(scope, &format!("The module \"{}\" is not valid UTF-8", module.name));
        return None;
    };
    let name = v8::String::new(scope, &module.name)?;
    let origin = v8::ScriptOrigin::new(scope, name.into(), 0, 0, false, 0, None, false, false, true, None);
    Some((v8::String::new(scope, text)?, origin))
}

/// And whether V8 took what was compiled of it before.
fn compile_with<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    module: &Module,
    compiled: &[u8],
) -> Option<(v8::Local<'s, v8::Module>, bool)> {
    let (text, origin) = source_of(scope, module)?;
    let kept = v8::script_compiler::CachedData::new(compiled);
    let mut source = v8::script_compiler::Source::new_with_cached_data(text, Some(&origin), kept);
    let (options, reason) = (v8::script_compiler::CompileOptions::ConsumeCodeCache, v8::script_compiler::NoCacheReason::NoReason);
    let compiled = v8::script_compiler::compile_module2(scope, &mut source, options, reason)?;
    Some((compiled, !source.get_cached_data().is_some_and(v8::script_compiler::CachedData::rejected)))
}

/// Without running any of it.
pub(crate) fn compile_from_source<'s>(scope: &mut v8::PinScope<'s, '_>, module: &Module) -> Option<v8::Local<'s, v8::Module>> {
    let (text, origin) = source_of(scope, module)?;
    let mut source = v8::script_compiler::Source::new(text, Some(&origin));
    v8::script_compiler::compile_module(scope, &mut source)
}

fn asset_value<'s>(scope: &mut v8::PinScope<'s, '_>, module: &Module) -> Option<v8::Local<'s, v8::Value>> {
    match module.kind {
        ModuleKind::EsModule => None,
        ModuleKind::Text => {
            let text = String::from_utf8_lossy(&module.content);
            v8::String::new(scope, &text).map(Into::into)
        }
        ModuleKind::Data => {
            let store = v8::ArrayBuffer::new_backing_store_from_vec(module.content.to_vec()).make_shared();
            Some(v8::ArrayBuffer::with_backing_store(scope, &store).into())
        }
        ModuleKind::Json => {
            let text = String::from_utf8_lossy(&module.content);
            let text = v8::String::new(scope, text.trim_start_matches('\u{feff}'))?;
            let value = v8::json::parse(scope, text);
            if value.is_none() {
                throw(scope, &format!("The module \"{}\" is not valid JSON", module.name));
            }
            value
        }
        ModuleKind::Wasm => {
            WASM_COMPILE_ALLOWED.set(true);
            let compiled = v8::WasmModuleObject::compile(scope, &module.content);
            WASM_COMPILE_ALLOWED.set(false);
            if compiled.is_none() {
                throw(scope, &format!("The module \"{}\" is not valid WebAssembly", module.name));
            }
            compiled.map(Into::into)
        }
    }
}

/// The name that a specifier stands for. Relative ones are resolved against the module that imports them; bare ones name a
/// module of the worker or of the platform.
fn resolve_name(specifier: &str, referrer: &str) -> String {
    let path = match specifier.strip_prefix("file:///") {
        Some(path) => path.to_owned(),
        None if specifier.starts_with("./") || specifier.starts_with("../") => {
            let folder = referrer.rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{folder}/{specifier}")
        }
        None if specifier.starts_with('/') => specifier.to_owned(),
        None => return specifier.to_owned(),
    };
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn map_of(scope: &v8::PinScope) -> Option<Rc<ModuleMap>> {
    scope.get_slot::<Rc<ModuleMap>>().cloned()
}

fn throw(scope: &mut v8::PinScope, message: &str) {
    if let Some(message) = v8::String::new(scope, message) {
        let error = v8::Exception::error(scope, message);
        scope.throw_exception(error);
    }
}

fn resolve<'s>(
    context: v8::Local<'s, v8::Context>,
    specifier: v8::Local<'s, v8::String>,
    _attributes: v8::Local<'s, v8::FixedArray>,
    referrer: v8::Local<'s, v8::Module>,
) -> Option<v8::Local<'s, v8::Module>> {
    // SAFETY: V8 calls this with the context that the import happens in.
    v8::callback_scope!(unsafe scope, context);
    let map = map_of(scope)?;
    let referrer = map.name_of(scope, referrer)?;
    let name = resolve_name(&specifier.to_rust_string_lossy(scope), &referrer);
    map.load(scope, &name, &referrer)
}

fn evaluate_synthetic<'s>(
    context: v8::Local<'s, v8::Context>,
    module: v8::Local<'s, v8::Module>,
) -> Option<v8::Local<'s, v8::Value>> {
    // SAFETY: V8 calls this with the context that the module is evaluated in.
    v8::callback_scope!(unsafe scope, context);
    let map = map_of(scope)?;
    let exports = map.synthetic_exports(scope, module)?;
    let exports = v8::Local::new(scope, exports);
    let names = exports.get_own_property_names(scope, v8::GetPropertyNamesArgs::default())?;
    for index in 0..names.length() {
        let name = v8::Local::<v8::String>::try_from(names.get_index(scope, index)?).ok()?;
        let value = exports.get(scope, name.into())?;
        module.set_synthetic_module_export(scope, name, value)?;
    }
    let resolver = v8::PromiseResolver::new(scope)?;
    let undefined = v8::undefined(scope).into();
    resolver.resolve(scope, undefined)?;
    Some(resolver.get_promise(scope).into())
}

/// Runs a module's top level. V8 ends the process when one that is being evaluated is reached by another evaluation.
pub(crate) fn evaluate<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    module: v8::Local<'s, v8::Module>,
) -> Option<v8::Local<'s, v8::Value>> {
    let _busy = Busy::begin();
    module.evaluate(scope)
}

fn import_dynamically<'s, 'i>(
    scope: &mut v8::PinScope<'s, 'i>,
    _options: v8::Local<'s, v8::Data>,
    referrer: v8::Local<'s, v8::Value>,
    specifier: v8::Local<'s, v8::String>,
    _attributes: v8::Local<'s, v8::FixedArray>,
) -> Option<v8::Local<'s, v8::Promise>> {
    if BUSY.get() == 0 {
        return import_now(scope, referrer, specifier);
    }
    // When that is through.
    let ready = v8::PromiseResolver::new(scope)?;
    let undefined = v8::undefined(scope).into();
    ready.resolve(scope, undefined)?;
    let import = v8::Array::new_with_elements(scope, &[referrer, specifier.into()]);
    let later = v8::Function::builder(import_later).data(import.into()).build(scope)?;
    ready.get_promise(scope).then(scope, later)
}

fn import_later<'s, 'i>(
    scope: &mut v8::PinScope<'s, 'i>,
    args: v8::FunctionCallbackArguments<'s>,
    mut result: v8::ReturnValue<'s, v8::Value>,
) {
    let imported = v8::Local::<v8::Array>::try_from(args.data()).ok().and_then(|import| {
        let (referrer, specifier) = (import.get_index(scope, 0)?, import.get_index(scope, 1)?);
        import_now(scope, referrer, specifier.try_into().ok()?)
    });
    if let Some(imported) = imported {
        result.set(imported.into());
    }
}

fn import_now<'s, 'i>(
    scope: &mut v8::PinScope<'s, 'i>,
    referrer: v8::Local<'s, v8::Value>,
    specifier: v8::Local<'s, v8::String>,
) -> Option<v8::Local<'s, v8::Promise>> {
    let resolver = v8::PromiseResolver::new(scope)?;
    let promise = resolver.get_promise(scope);
    let referrer = referrer.to_rust_string_lossy(scope);
    let name = resolve_name(&specifier.to_rust_string_lossy(scope), &referrer);
    let map = map_of(scope)?;
    v8::tc_scope!(let scope, scope);
    let evaluated = load_and_link(scope, &map, &name, &referrer).and_then(|module| {
        let done = evaluate(scope, module)?;
        Some((module, done))
    });
    let Some((module, done)) = evaluated else {
        let exception = scope.exception()?;
        resolver.reject(scope, exception);
        return Some(promise);
    };
    let namespace = module.get_module_namespace();
    let done = v8::Local::<v8::Promise>::try_from(done).ok()?;
    let give_namespace =
        v8::Function::builder(|_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut result: v8::ReturnValue| {
            result.set(args.data());
        })
        .data(namespace)
        .build(scope)?;
    let loaded = done.then(scope, give_namespace)?;
    resolver.resolve(scope, loaded.into());
    Some(promise)
}

/// Modules of Node are made of scripts that run meanwhile, and worker code by them, which may import what is half linked.
fn load_and_link<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    map: &ModuleMap,
    name: &str,
    referrer: &str,
) -> Option<v8::Local<'s, v8::Module>> {
    let _busy = Busy::begin();
    let module = map.load(scope, name, referrer)?;
    module.instantiate_module(scope, resolve)?;
    Some(module)
}

/// Import phases (`import.source`, `import.defer`) give the module as an ordinary import does.
fn import_in_phase<'s, 'i>(
    scope: &mut v8::PinScope<'s, 'i>,
    options: v8::Local<'s, v8::Data>,
    referrer: v8::Local<'s, v8::Value>,
    specifier: v8::Local<'s, v8::String>,
    _phase: v8::ModuleImportPhase,
    attributes: v8::Local<'s, v8::FixedArray>,
) -> Option<v8::Local<'s, v8::Promise>> {
    import_dynamically(scope, options, referrer, specifier, attributes)
}

extern "C" fn initialize_import_meta(
    context: v8::Local<v8::Context>,
    module: v8::Local<v8::Module>,
    meta: v8::Local<v8::Object>,
) {
    // SAFETY: V8 calls this with the module's context.
    v8::callback_scope!(unsafe scope, context);
    let Some(name) = map_of(scope).and_then(|map| map.name_of(scope, module)) else { return };
    if let (Some(key), Some(url)) = (v8::String::new(scope, "url"), v8::String::new(scope, &format!("file:///{name}"))) {
        meta.create_data_property(scope, key.into(), url.into());
    }
}

unsafe extern "C" fn allow_wasm_code_generation(_context: v8::Local<v8::Context>, _source: v8::Local<v8::String>) -> bool {
    WASM_COMPILE_ALLOWED.get()
}

#[cfg(test)]
mod tests {
    use super::resolve_name;

    #[test]
    fn names_resolve_like_paths_within_the_worker() {
        assert_eq!(resolve_name("./b.js", "a.js"), "b.js");
        assert_eq!(resolve_name("../b.js", "lib/deep/a.js"), "lib/b.js");
        assert_eq!(resolve_name("./x/../b.js", "lib/a.js"), "lib/b.js");
        assert_eq!(resolve_name("file:///lib/b.js", "a.js"), "lib/b.js");
        assert_eq!(resolve_name("/lib/b.js", "x/a.js"), "lib/b.js");
    }

    #[test]
    fn bare_names_stay() {
        assert_eq!(resolve_name("cloudflare:workers", "a.js"), "cloudflare:workers");
        assert_eq!(resolve_name("ext:core/mod.js", "a.js"), "ext:core/mod.js");
    }

    #[test]
    fn no_path_leads_out_of_the_worker() {
        assert_eq!(resolve_name("../../../etc/passwd", "a.js"), "etc/passwd");
    }
}
