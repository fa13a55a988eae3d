use deno_core::{JsRuntime, v8};
use skerry_messages::{
    AlarmEvent, EventId, FetchEvent, Handler, ObjectEvent, RpcEvent, SocketEvent, SocketId, SocketMessage, text_of_object_id,
};

use crate::objects::{Broken, Objects, break_object, failure};
use crate::ops::event::{body_kind, bytes_to_js, method_code};
use crate::ports::Ports;

/// The functions of `js/dispatch.js` that the host calls, and the modules the platform provides.
pub struct Hooks {
    pub start: v8::Global<v8::Function>,
    bind: v8::Global<v8::Function>,
    on_fetch: v8::Global<v8::Function>,
    on_cancel: v8::Global<v8::Function>,
    on_expire: v8::Global<v8::Function>,
    on_object: v8::Global<v8::Function>,
    on_object_broken: v8::Global<v8::Function>,
    on_alarm: v8::Global<v8::Function>,
    on_object_socket: v8::Global<v8::Function>,
    on_rpc: v8::Global<v8::Function>,
    on_socket: v8::Global<v8::Function>,
    warm_up: v8::Global<v8::Function>,
    pub builtin_modules: v8::Global<v8::Object>,
    pub node_module: v8::Global<v8::Function>,
}

/// What the worker is bound to, and the classes of Durable Objects that it has to export.
pub struct Bound<'b> {
    /// Plain values, as the text of a JSON object.
    pub env: &'b str,
    /// Names on `env` of other workers.
    pub services: &'b [&'b str],
    /// Names on `env` of namespaces of objects.
    pub objects: &'b [&'b str],
    /// Names of classes that are the worker's own.
    pub classes: &'b [&'b str],
}

/// A step that needs something of V8 which only fails when the isolate is being torn down or out of memory.
pub type Step<T> = Option<T>;

impl Hooks {
    /// Takes the host's door from the global scope and closes it: `__skerry`, `Deno` and `__bootstrap` are gone afterwards.
    pub fn take(scope: &mut v8::PinScope) -> Step<Self> {
        let hooks = Self::make(scope, "restore")?;
        let global = scope.get_current_context().global(scope);
        for name in ["__skerry", "Deno", "__bootstrap"] {
            let name = v8::String::new(scope, name)?;
            global.delete(scope, name.into())?;
        }
        Some(hooks)
    }

    /// Hooks for the build of the snapshot: the door stays.
    pub fn rehearse(scope: &mut v8::PinScope) -> Step<Self> {
        Self::make(scope, "rehearse")
    }

    fn make(scope: &mut v8::PinScope, maker: &str) -> Step<Self> {
        let global = scope.get_current_context().global(scope);
        let door_name = v8::String::new(scope, "__skerry")?;
        let door: v8::Local<v8::Object> = global.get(scope, door_name.into())?.try_into().ok()?;
        let maker = function(scope, door, maker)?;
        let undefined = v8::undefined(scope).into();
        let hooks: v8::Local<v8::Object> = maker.call(scope, undefined, &[])?.try_into().ok()?;
        let mut hook = |name| function(scope, hooks, name).map(|function| v8::Global::new(scope, function));
        let (bind, start) = (hook("bind")?, hook("start")?);
        let (on_fetch, on_cancel) = (hook("onFetch")?, hook("onCancel")?);
        let (on_expire, on_socket) = (hook("onExpire")?, hook("onSocket")?);
        let (on_object, on_object_broken) = (hook("onObject")?, hook("onObjectBroken")?);
        let (on_rpc, on_alarm, warm_up) = (hook("onRpc")?, hook("onAlarm")?, hook("warmUp")?);
        let on_object_socket = hook("onObjectSocket")?;
        let builtin_name = v8::String::new(scope, "builtinModules")?;
        let builtin: v8::Local<v8::Object> = door.get(scope, builtin_name.into())?.try_into().ok()?;
        let builtin_modules = v8::Global::new(scope, builtin);
        let node_module = function(scope, door, "nodeModule")?;
        let node_module = v8::Global::new(scope, node_module);
        Some(Self {
            start,
            bind,
            on_fetch,
            on_cancel,
            on_expire,
            on_object,
            on_object_broken,
            on_alarm,
            on_object_socket,
            on_rpc,
            on_socket,
            warm_up,
            builtin_modules,
            node_module,
        })
    }

    /// Sets a worker of the platform's own up, until `start` is called with the real one.
    pub fn warm_up(&self, scope: &mut v8::PinScope) -> Step<()> {
        call(scope, &self.warm_up, &[])
    }

    /// Fills `env`, and says how many timers may run and how much native memory WebAssembly memories find room in.
    pub fn bind(&self, scope: &mut v8::PinScope, bound: &Bound<'_>, timers_max: u32, memory_bytes_max: usize) -> Step<()> {
        let env = v8::String::new(scope, bound.env)?.into();
        let (services, objects) = (names(scope, bound.services)?, names(scope, bound.objects)?);
        let classes = names(scope, bound.classes)?;
        let timers_max = v8::Integer::new_from_unsigned(scope, timers_max).into();
        let memory_bytes_max = v8::Number::new(scope, memory_bytes_max as f64).into();
        call(scope, &self.bind, &[env, services, objects, classes, timers_max, memory_bytes_max])
    }

    /// Calls the worker's handler with a fetch event.
    pub fn fetch(&self, js: &mut JsRuntime, id: EventId, event: FetchEvent) {
        let op_state = js.op_state();
        deno_core::scope!(scope, js);
        // The arguments are made before the event moves into the books, which worker code reads through ops.
        let args = prepare_fetch(scope, id, &event);
        op_state.borrow_mut().borrow_mut::<Ports>().begin_fetch(id, event);
        if let Some(args) = args {
            // An exception has been reported as the event's failure.
            let _called = call(scope, &self.on_fetch, &args);
        }
        scope.perform_microtask_checkpoint();
    }

    /// Opens a session in which another isolate calls methods, and hands it the first call.
    pub fn rpc(&self, js: &mut JsRuntime, id: EventId, event: RpcEvent) {
        let op_state = js.op_state();
        deno_core::scope!(scope, js);
        op_state.borrow_mut().borrow_mut::<Ports>().begin_other(id, event.handler.object());
        if let Some([entrypoint, props]) = handler(scope, &event.handler) {
            let id = v8::Integer::new_from_unsigned(scope, id).into();
            let first = if event.first.is_empty() { v8::null(scope).into() } else { bytes_to_js(scope, event.first) };
            let _called = call(scope, &self.on_rpc, &[id, first, entrypoint, props]);
        }
        scope.perform_microtask_checkpoint();
    }

    /// An object lives here from now on.
    pub fn object(&self, js: &mut JsRuntime, id: EventId, mut event: ObjectEvent) {
        {
            let op_state = js.op_state();
            let mut state = op_state.borrow_mut();
            state.borrow_mut::<Ports>().begin_object(id);
            if let Err(message) = state.borrow_mut::<Objects>().open(id, &mut event) {
                return break_object(&mut state, id, &failure(message));
            }
        }
        deno_core::scope!(scope, js);
        if let Some(args) = object_arguments(scope, id, &event) {
            let _called = call(scope, &self.on_object, &args);
        }
        scope.perform_microtask_checkpoint();
    }

    /// The time that an object has set has come.
    pub fn alarm(&self, js: &mut JsRuntime, id: EventId, event: &AlarmEvent) {
        let op_state = js.op_state();
        deno_core::scope!(scope, js);
        op_state.borrow_mut().borrow_mut::<Ports>().begin_other(id, Some(event.object));
        let id = v8::Integer::new_from_unsigned(scope, id).into();
        let object = v8::Integer::new_from_unsigned(scope, event.object).into();
        let scheduled_ms = v8::Number::new(scope, event.scheduled_ms as f64).into();
        let retries = v8::Integer::new_from_unsigned(scope, event.retries).into();
        let _called = call(scope, &self.on_alarm, &[id, object, scheduled_ms, retries]);
        scope.perform_microtask_checkpoint();
    }

    /// Something came on a WebSocket that an object has accepted.
    pub fn socket_event(&self, js: &mut JsRuntime, id: EventId, SocketEvent { object, number, message }: SocketEvent) {
        let op_state = js.op_state();
        deno_core::scope!(scope, js);
        op_state.borrow_mut().borrow_mut::<Ports>().begin_other(id, Some(object));
        let numbers = [id, object, number].map(|number| v8::Integer::new_from_unsigned(scope, number).into());
        if let Some(Some(message)) = socket_message(scope, message) {
            let _called = call(scope, &self.on_object_socket, &[numbers.as_slice(), &message].concat());
        }
        scope.perform_microtask_checkpoint();
    }

    /// The object cannot go on: its events fail, and what it has not committed is gone.
    pub fn break_object(&self, js: &mut JsRuntime, Broken { object, failure }: &Broken) {
        break_object(&mut js.op_state().borrow_mut(), *object, failure);
        deno_core::scope!(scope, js);
        let object = v8::Integer::new_from_unsigned(scope, *object).into();
        let _called = call(scope, &self.on_object_broken, &[object]);
    }

    pub fn cancel(&self, scope: &mut v8::PinScope, id: EventId) -> Step<()> {
        let id = v8::Integer::new_from_unsigned(scope, id).into();
        call(scope, &self.on_cancel, &[id])
    }

    /// Ends the event's `waitUntil` work.
    pub fn expire(&self, scope: &mut v8::PinScope, id: EventId) -> Step<()> {
        let id = v8::Integer::new_from_unsigned(scope, id).into();
        call(scope, &self.on_expire, &[id])
    }

    pub fn socket(&self, scope: &mut v8::PinScope, id: SocketId, message: SocketMessage) -> Step<()> {
        let id = v8::Integer::new_from_unsigned(scope, id).into();
        match socket_message(scope, message)? {
            Some([kind, data, code]) => call(scope, &self.on_socket, &[id, kind, data, code]),
            None => Some(()),
        }
    }
}

/// Kind (as in `js/websocket.js`), data and code; that of an error is its flags (`js/far_errors.js`). Nothing where there is nothing for worker code.
fn socket_message<'s>(scope: &mut v8::PinScope<'s, '_>, message: SocketMessage) -> Step<Option<[v8::Local<'s, v8::Value>; 3]>> {
    let (kind, data, code): (_, v8::Local<v8::Value>, _) = match message {
        SocketMessage::Text(text) => (0, v8::String::new(scope, &text)?.into(), 0),
        SocketMessage::Binary(bytes) => {
            let length = bytes.len();
            let store = v8::ArrayBuffer::new_backing_store_from_vec(bytes.into()).make_shared();
            let buffer = v8::ArrayBuffer::with_backing_store(scope, &store);
            (1, v8::Uint8Array::new(scope, buffer, 0, length)?.into(), 0)
        }
        SocketMessage::Close { code, reason } => (2, v8::String::new(scope, &reason)?.into(), code),
        SocketMessage::Error { message } => (3, v8::String::new(scope, &message)?.into(), 0),
        SocketMessage::Failed(error) => (3, v8::String::new(scope, &error.message)?.into(), error.kind.flags()),
        SocketMessage::Credit { .. } => return Some(None),
    };
    let kind = v8::Integer::new(scope, kind).into();
    let code = v8::Integer::new(scope, i32::from(code)).into();
    Some(Some([kind, data, code]))
}

/// The object's number, class, id and name.
fn object_arguments<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    number: EventId,
    event: &ObjectEvent,
) -> Step<[v8::Local<'s, v8::Value>; 4]> {
    let number = v8::Integer::new_from_unsigned(scope, number).into();
    let class = v8::String::new(scope, &event.class)?.into();
    let id = v8::String::new(scope, &text_of_object_id(&event.id))?.into();
    Some([number, class, id, optional_string(scope, event.name.as_deref())?])
}

/// The arguments of the call for a fetch event.
fn prepare_fetch<'s>(scope: &mut v8::PinScope<'s, '_>, id: EventId, event: &FetchEvent) -> Step<[v8::Local<'s, v8::Value>; 5]> {
    let id = v8::Integer::new_from_unsigned(scope, id).into();
    let method = v8::Integer::new(scope, i32::from(method_code(&event.request.method))).into();
    let body = v8::Integer::new(scope, i32::from(body_kind(&event.body))).into();
    let [entrypoint, props] = handler(scope, &event.handler)?;
    Some([id, method, body, entrypoint, props])
}

/// The entrypoint's name, and its props; of an object its number alone.
fn handler<'s>(scope: &mut v8::PinScope<'s, '_>, handler: &Handler) -> Step<[v8::Local<'s, v8::Value>; 2]> {
    match handler {
        Handler::Entrypoint { name, props } => {
            Some([optional_string(scope, name.as_deref())?, optional_string(scope, props.as_deref())?])
        }
        Handler::Object(object) => Some([v8::Integer::new_from_unsigned(scope, *object).into(), v8::undefined(scope).into()]),
    }
}

fn call(scope: &mut v8::PinScope, function: &v8::Global<v8::Function>, args: &[v8::Local<v8::Value>]) -> Step<()> {
    let function = v8::Local::new(scope, function);
    let undefined = v8::undefined(scope).into();
    function.call(scope, undefined, args)?;
    Some(())
}

fn function<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    name: &str,
) -> Step<v8::Local<'s, v8::Function>> {
    let name = v8::String::new(scope, name)?;
    object.get(scope, name.into())?.try_into().ok()
}

fn names<'s>(scope: &mut v8::PinScope<'s, '_>, names: &[&str]) -> Step<v8::Local<'s, v8::Value>> {
    let names = names.iter().map(|name| v8::String::new(scope, name).map(Into::into)).collect::<Step<Vec<_>>>()?;
    Some(v8::Array::new_with_elements(scope, &names).into())
}

fn optional_string<'s>(scope: &mut v8::PinScope<'s, '_>, text: Option<&str>) -> Step<v8::Local<'s, v8::Value>> {
    match text {
        Some(text) => v8::String::new(scope, text).map(Into::into),
        None => Some(v8::undefined(scope).into()),
    }
}
